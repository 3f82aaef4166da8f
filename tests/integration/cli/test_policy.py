import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Run
from tests.integration.cli.test_assessment_and_plan import SLUG, generated, government, imported, table

pytestmark = [pytest.mark.own_database, pytest.mark.usefixtures("government")]
__all__ = ["government"]
OPTIONS = ("--government", SLUG, "--year", 2024)


def show(run: Run, *more: object) -> str:
    code, output, errors = run("plan", "policy", "show", *OPTIONS, *more)
    assert (code, errors) == (0, [])
    return output


@pytest.fixture
def plan(run: Run, government: None, tmp_path: Path) -> None:
    """A plan by the first version."""
    imported(run, table(tmp_path, {1: "2"}))
    assert generated(run, "--due", "2028-06-30")["policy"] == 1


@pytest.mark.usefixtures("plan")
def test_what_is_shown_can_be_changed_and_set_and_then_generated_by(run: Run, tmp_path: Path) -> None:
    shown = show(run)
    assert shown.startswith("# Version 1, for the plan of 2024")
    file = tmp_path / "kebijakan.yaml"
    file.write_text(shown.replace("default: '3'\n  domains: {}\n  indicators: {}\ndue", "default: 4\ndue"))
    answer = run("plan", "policy", "set", file, *OPTIONS, "--note", "Menuju Sangat Baik")
    assert answer == (0, "Stored as version 2 of the policy, for the plan of 2024\n", [])
    again = json.loads(run("plan", "policy", "set", file, *OPTIONS, "--json")[1])
    assert (again["number"], again["is_new"], again["note"]) == (2, False, "Menuju Sangat Baik")
    assert json.loads(show(run, "--json", "--number", 2))["settings"]["target"]["default"] == "4"
    code, output, _ = run("plan", "generate", *OPTIONS, "--json")
    done = json.loads(output)
    assert (code, done["updated"], done["policy"], done["due_on"]) == (0, 1, 2, "2028-06-30")
    assert generated(run)["unchanged"] == 1, "the threshold it has already changes nothing"


@pytest.mark.usefixtures("plan")
def test_every_mistake_of_a_file_is_told_and_nothing_stored(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "salah.yaml"
    file.write_text("threshold: {default: tiga}\ntarget:\n  default: 4\n  indicator: {}\ncapacities:\n")
    code, _, errors = run("plan", "policy", "set", file, *OPTIONS)
    assert code != 0
    assert len([line for line in errors if "threshold.default" in line or "target.indicator" in line]) == 2
    assert any("due" in line for line in errors)
    file.write_text(show(run).replace("capacities: {}", "capacities: {bkpsdm: 10}"))
    code, _, errors = run("plan", "policy", "set", file, *OPTIONS)
    assert code != 0
    assert "bkpsdm" in " ".join(errors)
    assert "Version 1," in show(run)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a: [", b"a: 1\na: 2", b"- 1", b"a: &x 1\nb: *x"])
def test_what_is_no_policy_file_is_refused_in_one_line(run: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bukan.yaml"
    file.write_bytes(content)
    code, output, errors = run("plan", "policy", "set", file, *OPTIONS)
    assert (code != 0, output) == (True, "")
    assert errors
    assert not any("Traceback" in line for line in errors)


def test_before_the_first_version_the_command_says_how_to_make_one(run: Run) -> None:
    code, _, errors = run("plan", "policy", "show", *OPTIONS)
    assert code != 0
    assert "spbe-tasks plan policy set" in " ".join(errors)
    assert run("plan", "policy", "show", *OPTIONS, "--number", 7)[0] != 0
