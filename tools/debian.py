"""Programs the tests need that no package of Python brings: from Debian, where that can be done without asking."""

import shutil

from tools.environment import install
from tools.layout import SetupError, is_root


def install_package(package: str, *, needed_by: str) -> None:
    """Install a package of Debian's; raises SetupError with what to do where that is not possible."""
    if not (is_root() and shutil.which("apt-get")):
        raise SetupError(f"{needed_by} need {package} (Debian: apt-get install {package}).")
    install(["apt-get", "update", "-q"], purpose="Reading Debian's package lists")
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", package]
    install(command, purpose=f"Installing {package} from Debian")
