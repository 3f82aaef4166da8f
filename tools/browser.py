"""A Chromium for the browser tests: one on the PATH, else Playwright's own, else Debian's."""

import os
import shutil
from pathlib import Path

from tools import debian
from tools.environment import install
from tools.layout import BIN, SetupError
from tools.processes import run
from tools.terminal import say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHT = BIN / "playwright"
_WHO = "The browser tests"
CACHES = (".cache/ms-playwright", "Library/Caches/ms-playwright")


def find() -> str | None:
    """The Chromium on the PATH; None when there is none (Playwright then uses its own)."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def ensure() -> None:
    """Make a browser available, asking nobody when there is one; raises SetupError when none can be had."""
    if run([PLAYWRIGHT, "--version"]).returncode:  # its driver needs a library a minimal Debian lacks
        debian.install_package("libatomic1", needed_by=_WHO)
    if find() or _has_playwrights_own():
        return
    say("Installing a browser for the tests ...")
    try:
        install([PLAYWRIGHT, "install", "chromium"], purpose="Installing Playwright's Chromium")
    except SetupError as problem:
        say(str(problem).splitlines()[0])
    if not _has_playwrights_own():  # not downloaded, or without the libraries it needs
        debian.install_package("chromium", needed_by=_WHO)


def _has_playwrights_own() -> bool:
    """Whether Playwright's Chromium is there and starts."""
    told = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    places = [Path(told)] if told else [Path.home() / cache for cache in CACHES]
    programs = (program for place in places for program in place.glob("chromium-*/chrome-*/chrome"))
    return any(run([program, "--version", "--no-sandbox"]).returncode == 0 for program in programs)
