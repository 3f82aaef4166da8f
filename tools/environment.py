"""The Python environment of a clone: made once, installed from a lock with hashes when that changed."""

import fcntl
import hashlib
import json
import shutil
import sys
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.layout import BIN, ROOT, VAR, VENV, SetupError
from tools.processes import clean_environment, run
from tools.terminal import say

PYTHON = BIN / "python"
STAMP = VENV / "installed.json"
# Installing a lock also satisfies the ones it contains.
CONTAINS = {"dev": ("dev", "local"), "local": ("local",), "npm": ("npm",)}


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold off a second set-up of the same clone until this one is done."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "setup.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def ensure(lock: str) -> None:
    """Bring the environment to a lock and install the clone itself; asks nobody when nothing changed."""
    _ensure_venv()
    _ensure_lock(lock)
    _ensure_clone()


def npm() -> list[str | Path]:
    """The command that runs npm: the machine's own, else one installed into the environment."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    _ensure_lock("npm")
    return [BIN / "npm"]


def install(command: Sequence[str | Path], *, purpose: str) -> None:
    """Run a set-up command quietly; raises SetupError with what it printed when it fails."""
    path = f"{BIN}:{clean_environment()['PATH']}"
    answer = run(command, environment=clean_environment({"PATH": path}, network=True))
    if answer.returncode:
        raise SetupError(f"{purpose} failed:\n{answer.stdout.strip()}\n{answer.stderr.strip()}")


def digest(*paths: Path) -> str:
    """A short digest of the files' contents, to notice that they changed."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def _ensure_venv() -> None:
    if _stamps().get("python") == sys.version and PYTHON.exists():
        return
    say(f"Making the environment with Python {sys.version.split()[0]} ...")
    venv.create(VENV, with_pip=True, clear=_is_broken(), symlinks=True)
    _stamp(python=sys.version)


def _is_broken() -> bool:
    """Whether the environment belongs to a Python that is gone or has another minor version."""
    try:
        wanted = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
        return run([PYTHON, "-c", wanted]).returncode != 0
    except OSError:
        return True


def _ensure_lock(lock: str) -> None:
    path = ROOT / "requirements" / f"{lock}.txt"
    if _stamps().get(lock) == digest(path):
        return
    say(f"Installing Python packages ({path.relative_to(ROOT)}) ...")
    if uv := shutil.which("uv"):
        command: list[str | Path] = [uv, "pip", "install", "--python", PYTHON, "--compile-bytecode"]
    else:
        command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
    # The lock is complete: pip's resolver would ask for the newest of what another package wants with an extra.
    command += ["--quiet", "--no-deps", "--require-hashes", "-r", path]
    install(command, purpose="Installing Python packages")
    _stamp(**{name: digest(path.with_name(f"{name}.txt")) for name in CONTAINS[lock]})


def _ensure_clone() -> None:
    """Make the clone importable and give it its command; asks no index, the build backend is installed."""
    current = digest(ROOT / "pyproject.toml")
    if _stamps().get("clone") == current and (BIN / "spbe-tasks").exists():
        return
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--no-deps", "--no-index", "--no-build-isolation", "-e", ROOT]
    install(pip, purpose="Installing the clone")
    _stamp(clone=current)


def _stamps() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except FileNotFoundError:
        return {}


def _stamp(**entries: str) -> None:
    STAMP.write_text(json.dumps(_stamps() | entries, indent=1))
