import json
from pathlib import Path

import pytest
from flask import Flask

from spbe_tasks.extensions import db
from tests import factories
from tests.integration.cli.conftest import Run
from tests.integration.cli.test_assessment_and_plan import imported, table

SLUG = "kab-uji"
OPTIONS = ("--government", SLUG, "--year", 2024)
pytestmark = [pytest.mark.own_database, pytest.mark.usefixtures("assessed")]


@pytest.fixture
def assessed(own_app: Flask, run: Run, tmp_path: Path) -> None:
    """Every indicator at level 3; ``kominfo`` owns 1 and 2, shares 3 with ``arsip``; nobody owns the others."""
    with own_app.app_context():
        session = db.session()
        government = factories.government(session, slug=SLUG)
        kominfo = factories.agency(session, government, slug="kominfo")
        for number in (1, 2, 3):
            factories.ownership(session, kominfo, number)
        factories.ownership(session, factories.agency(session, government, slug="arsip"), 3, is_lead=False)
        session.commit()
    imported(run, table(tmp_path, {}))


def found(run: Run, *more: object) -> dict[str, object]:
    code, output, errors = run("path", *OPTIONS, "--json", *more)
    assert (code, errors) == (0, [])
    document = json.loads(output)
    assert isinstance(document, dict)
    return document


def test_the_cheapest_way_is_printed_with_exact_figures(run: Run) -> None:
    seen = found(run, "--target", "3.01")
    assert (seen["outcome"], seen["days"], seen["target_index"]) == ("found", "10", "3.01")
    assert seen["raises"] == [
        {
            "number": 1,
            "before": "3",
            "after": "4",
            "points": "0.013",
            "days": "10",
            "agencies": {"kominfo": "10"},
        }
    ]
    assert seen["agencies"] == [{"agency": "kominfo", "points": "0.013", "days": "10", "capacity": None}]
    assert seen["unowned"] == list(range(4, 48))
    _, output, _ = run("path", *OPTIONS, "--target", "3,01")
    assert output.startswith("Proved cheapest: 1 raises, 10 person-days, index 3.01 Baik (now 3.00)")
    assert "  1: 3 -> 4, 10 person-days, kominfo" in output


def test_indicators_are_left_out_and_fixed(run: Run) -> None:
    seen = found(run, "--target", "3.01", "--exclude", 1, "--exclude", 2)
    assert [each["number"] for each in seen["raises"]] == [3]  # type: ignore[attr-defined]
    assert [each["days"] for each in seen["agencies"]] == ["5", "5"]  # type: ignore[attr-defined]
    seen = found(run, "--target", "3.01", "--fix", "2=5")
    assert [(each["number"], each["after"]) for each in seen["raises"]] == [(2, "5")]  # type: ignore[attr-defined]


def test_without_a_target_the_next_predicate_is_asked_for_and_what_is_in_the_way_is_said(run: Run) -> None:
    seen = found(run)
    assert (seen["outcome"], seen["target_predicate"]) == ("out_of_reach", "Sangat Baik")
    assert seen["limit"] == {"agencies": [], "index": seen["index_exact"], "lacking": {}}


def test_a_file_of_capacities_binds_and_names_who_lacks_days(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "kapasitas.csv"
    file.write_text("perangkat daerah;hari\nkominfo;4,5\narsip;\n")
    options = ("--target", "3.01", "--capacity", file)
    seen = found(run, *options)
    assert (seen["outcome"], seen["raises"]) == ("out_of_reach", [])
    limit = seen["limit"]
    assert isinstance(limit, dict)
    assert (limit["agencies"], limit["lacking"]) == (["kominfo"], {"kominfo": "0.5"})
    _, output, _ = run("path", *OPTIONS, *options)
    assert "Lift the capacity of kominfo" in output
    assert "Lacking for the target, in person-days: kominfo 0.5" in output
    assert found(run, "--target", "2")["outcome"] == "already_there"


def test_every_bad_row_of_capacities_is_named_at_once(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "salah.csv"
    file.write_text("kominfo,ten\narsip,-1\nbkd,5\nkominfo\narsip,3\narsip,4\n")
    code, output, errors = run("path", *OPTIONS, "--capacity", file)
    assert (code, output) == (1, "")
    assert [line.split(":")[1].strip() for line in errors] == ["row 1", "row 2", "row 3", "row 4", "row 6"]
    for content in (b"", b"\xff\xfe\x00\x01", b"agency,days\n"):
        file.write_bytes(content)
        code, _, errors = run("path", *OPTIONS, "--capacity", file)
        assert (code, len(errors)) == (1, 1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--target", "5.5"), "the scale ends"),
        (("--target", "hebat"), "is no target"),
        (("--target", "1e99999999"), "is no target"),
        (("--target", "3.2", "--exclude", "99"), "no indicator 99"),
        (("--target", "3.2", "--fix", "9=4"), "nobody owns indicator 9"),
        (("--target", "3.2", "--fix", "1=2"), "already stands at level 3"),
        (("--target", "3.2", "--fix", "1=7"), "not on the scale"),
        (("--target", "3.2", "--fix", "1=4", "--exclude", "1"), "choose one of the two"),
        (("--target", "3.2", "--fix", "1=4", "--fix", "1=5"), "two levels"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(run: Run, options: tuple[str, ...], words: str) -> None:
    code, output, errors = run("path", *OPTIONS, *options)
    assert (code, output) == (1, "")
    assert words in " ".join(errors).lower()


def test_a_level_to_fix_must_be_written_as_one(run: Run) -> None:
    code, _, errors = run("path", *OPTIONS, "--fix", "1=tinggi")
    assert code == 2
    assert "12=4" in " ".join(errors)
