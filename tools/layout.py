"""Where things lie in a clone: the environment, the local settings and the data of ./run."""

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
VAR = ROOT / "var"
LOCAL_ENV = VAR / "local.env"
LOGS = VAR / "logs"

# Data of clones whose ./run was started as root; the database server then runs as another user,
# who often cannot reach a clone under a home folder.
SYSTEM_DATA = Path("/var/lib/spbe-tasks")


class SetupError(Exception):
    """Something the machine lacks; the message is one line that says what to do."""


def is_root() -> bool:
    """Whether this process runs as root."""
    return os.geteuid() == 0


def data_folder() -> Path:
    """The folder that holds this clone's database, queue and files."""
    if not is_root():
        return VAR / "data"
    return SYSTEM_DATA / hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]


def site_packages() -> Path:
    """The folder of the packages installed into the environment."""
    found = sorted(VENV.glob("lib/python3.*/site-packages"))
    if not found:
        raise SetupError("The environment is missing; run ./run --setup-only first.")
    return found[-1]
