"""A Chromium for the browser tests: one on the PATH, else Playwright's own, else Debian's."""

import shutil
from pathlib import Path

from tools.environment import install
from tools.layout import BIN, SetupError, is_root
from tools.processes import run
from tools.terminal import say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The driver of Playwright needs libatomic1, which a minimal Debian lacks.
DEBIAN_PACKAGES = ("chromium", "libatomic1")
MISSING = "No Chromium was found for the browser tests (Debian: apt-get install chromium libatomic1)."


def find() -> str | None:
    """The Chromium on the PATH; None when there is none (Playwright then uses its own)."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def ensure() -> None:
    """Make a browser available, asking nobody when there is one; raises SetupError when none can be had."""
    if find() or _has_playwrights_own():
        return
    say("Installing a browser for the tests ...")
    try:
        install([BIN / "playwright", "install", "chromium"], purpose="Installing Chromium")
    except SetupError as problem:
        if not (is_root() and shutil.which("apt-get")):
            raise SetupError(f"{MISSING}\n{problem}") from problem
    else:
        if _has_playwrights_own():
            return
    _install_debians()


def _install_debians() -> None:
    """Debian's own Chromium, which brings the libraries it needs."""
    if not (is_root() and shutil.which("apt-get")):
        raise SetupError(MISSING)
    install(["apt-get", "update", "-q"], purpose="Reading Debian's package lists")
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *DEBIAN_PACKAGES]
    install(command, purpose="Installing Chromium from Debian")


def _has_playwrights_own() -> bool:
    """Whether Playwright's Chromium is there and starts: it is often downloaded without its libraries."""
    places = [Path.home() / ".cache" / "ms-playwright", Path.home() / "Library" / "Caches" / "ms-playwright"]
    for place in places:
        for program in place.glob("chromium-*/chrome-*/chrome"):
            if run([program, "--version", "--no-sandbox"]).returncode == 0:
                return True
    return False
