"""Where templates and migrations lie: inside the installed package, or beside it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
CHECKOUT = _PACKAGE.parent


def folder(name: str) -> Path:
    """The folder ``templates`` or ``migrations``; raises ``FileNotFoundError`` naming both places looked at."""
    inside, beside = _PACKAGE / name, CHECKOUT / name
    if inside.is_dir():
        return inside
    if (CHECKOUT / "pyproject.toml").is_file() and beside.is_dir():
        return beside
    raise FileNotFoundError(f"no folder {name!r}: looked for {inside} and, in a checkout, {beside}")
