"""A Chromium for the browser tests: one on the PATH, else Playwright's own, else Debian's."""

import os
import shutil
from pathlib import Path

from tools.environment import install
from tools.layout import BIN, SetupError, is_root
from tools.processes import run
from tools.terminal import say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHT = BIN / "playwright"
CACHES = (".cache/ms-playwright", "Library/Caches/ms-playwright")


def find() -> str | None:
    """The Chromium on the PATH; None when there is none (Playwright then uses its own)."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def ensure() -> None:
    """Make a browser available, asking nobody when there is one; raises SetupError when none can be had."""
    if run([PLAYWRIGHT, "--version"]).returncode:  # its driver needs a library a minimal Debian lacks
        _install_from_debian("libatomic1")
    if find() or _has_playwrights_own():
        return
    say("Installing a browser for the tests ...")
    try:
        install([PLAYWRIGHT, "install", "chromium"], purpose="Installing Playwright's Chromium")
    except SetupError as problem:
        say(str(problem).splitlines()[0])
    if not _has_playwrights_own():  # not downloaded, or without the libraries it needs
        _install_from_debian("chromium")


def _install_from_debian(package: str) -> None:
    if not (is_root() and shutil.which("apt-get")):
        raise SetupError(f"The browser tests need {package} (Debian: apt-get install {package}).")
    install(["apt-get", "update", "-q"], purpose="Reading Debian's package lists")
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", package]
    install(command, purpose=f"Installing {package} from Debian")


def _has_playwrights_own() -> bool:
    """Whether Playwright's Chromium is there and starts."""
    told = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    places = [Path(told)] if told else [Path.home() / cache for cache in CACHES]
    programs = (program for place in places for program in place.glob("chromium-*/chrome-*/chrome"))
    return any(run([program, "--version", "--no-sandbox"]).returncode == 0 for program in programs)
