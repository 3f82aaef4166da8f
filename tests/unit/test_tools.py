"""The decisions of the set-up that need no machine: which browser tests, which environment, which icons."""

import re
from pathlib import Path

import pytest

from tools import local_settings, processes, translations
from tools import test as test_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], True),
        (["-k", "login"], True),
        (["tests"], True),
        (["tests/e2e/test_main_journey.py::test_it"], True),
        (["tests/unit"], False),
        (["tests/unit", "tests/e2e"], True),
        (["-x", "tests/integration", "tests/unit/test_locks.py"], False),
    ],
)
def test_a_browser_is_installed_only_when_browser_tests_may_run(arguments: list[str], expected: bool) -> None:
    assert test_command.needs(arguments, "e2e") is expected


def test_tests_run_in_parallel_unless_the_caller_decides() -> None:
    assert test_command.options(["tests/unit", "-x"]) == test_command.IN_PARALLEL
    for arguments in (["-n", "0"], ["-n4"], ["--pdb"], ["-p", "no:xdist"]):
        assert test_command.options(arguments) == ()


def test_a_childs_environment_holds_nothing_of_the_callers_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "PGPORT", "CELERY_BROKER_URL", "PYTHONDONTWRITEBYTECODE", "SECRET_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("HTTPS_PROXY", "x")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    inherited = processes.clean_environment({"GIVEN": "1"})
    assert inherited["GIVEN"] == "1"
    assert inherited["LC_ALL"] == "C.UTF-8"
    assert set(inherited) - {"GIVEN"} <= {
        *processes.KEPT,
        *(n for n in inherited if n.startswith(("LC_", "XDG_"))),
    }
    assert "HTTPS_PROXY" in processes.clean_environment(network=True)


def test_local_settings_read_back_as_they_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "local.env"
    monkeypatch.setattr(local_settings, "LOCAL_ENV", path)
    settings = {"MAIL_FROM": "SPBE Tasks <spbe@example.go.id>", "SECRET_KEY": "a#b$c=d"}
    local_settings.write(settings)
    assert local_settings.read() == settings
    assert path.stat().st_mode & 0o077 == 0


def test_every_setting_of_the_example_file_can_be_given_to_run() -> None:
    names = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert names - {"DEVELOPMENT"} == set(local_settings.OVERRIDABLE)


def test_every_icon_that_pages_name_is_in_the_sprite() -> None:
    listed = (ROOT / "tools" / "icons.txt").read_text().split()
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "spbe_tasks" / "web").rglob("*.py")]
    text = "\n".join(path.read_text() for path in sources)
    named = re.findall(r"""\bicon(?:_name)?(?:\(|=)\s*['"]([a-z0-9-]+)['"]""", text)
    in_the_menu = re.findall(r'Door\(\s*"[^"]+",[^,]+,\s*"([a-z0-9-]+)"', text)
    assert len(named) > 10
    assert len(in_the_menu) > 5
    assert {*named, *in_the_menu} <= set(listed)
    assert listed == sorted(set(listed))


def test_the_catalogues_checked_are_the_languages_beside_english() -> None:
    found = {path.parent.parent.name for path in translations.TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")}
    assert found == set(translations.LANGUAGES)
