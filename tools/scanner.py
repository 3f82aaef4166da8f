"""A clamd for the tests of scanning: one on the PATH, else Debian's. They bring signatures of their own."""

import os
import shutil

from tools import debian
from tools.terminal import say

# Where Debian keeps it; not on everybody's PATH.
_SYSTEM = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"


def find() -> str | None:
    """The clamd of this machine; None when there is none."""
    return shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:{_SYSTEM}")


def ensure() -> None:
    """Make a clamd available, asking nobody when there is one; raises SetupError when none can be had."""
    if find() is None:
        say("Installing a virus scanner for the tests ...")
        debian.install_package("clamav-daemon", needed_by="The tests of scanning")
