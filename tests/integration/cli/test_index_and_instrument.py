"""The commands that need no database: the figures they print, and how they refuse a file."""

import json

import pytest

from spbe_tasks.cli import main
from tests.unit.instruments.small_instrument import SMALL, changed
from tests.unit.rules import published

SPBE = "permenpanrb-59-2020"


@pytest.fixture
def run(capsys):
    """Runs a command; gives its exit code, output and error lines."""

    def run_command(*arguments):
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return caught.value.code, captured.out, captured.err.splitlines()

    return run_command


def write(folder, levels, name="levels.csv"):
    file = folder / name
    file.write_text("nomor;tingkat\n" + "".join(f"{number};{level}\n" for number, level in levels.items()))
    return file


@pytest.mark.parametrize("case", published.with_levels(), ids=lambda case: case.name)
def test_index_prints_the_published_figures(run, tmp_path, case):
    code, output, _ = run("index", "--instrument", SPBE, write(tmp_path, case.levels), "--json")
    printed = json.loads(output)
    assert code == 0
    assert printed["index"] == case.facts["published"]["index"]
    assert float(printed["index_exact"]) == float(case.facts["recomputed"]["index_exact"])
    assert printed["predicate"] == case.facts["published"]["predicate"]
    assert {part["number"]: part["value"] for part in printed["domains"]} == case.facts["published"][
        "domains"
    ]
    assert {part["number"]: part["value"] for part in printed["aspects"]} == case.facts["recomputed"][
        "aspects"
    ]


def test_index_as_text_shows_both_figures_and_the_predicate(run, tmp_path):
    file = write(tmp_path, published.read("bandar-lampung-2024").levels)
    code, output, _ = run("index", "--instrument", SPBE, file)
    assert code == 0
    assert "2.98 (exact 2.9795)" in output
    assert "Baik (Good), from the unrounded index" in output


def test_pemdi_has_aspects_but_shows_no_domain(run, tmp_path):
    file = write(tmp_path, dict.fromkeys(range(1, 21), "2,5"))
    code, output, _ = run("index", "--instrument", "permenpanrb-8-2026", file, "--json")
    assert code == 0
    assert json.loads(output)["domains"] == []
    assert json.loads(output)["index"] == "2.50"


def test_index_of_an_instrument_file_is_computed_with_its_weights(run, tmp_path):
    instrument = tmp_path / "small.yaml"
    instrument.write_text(SMALL)
    _, output, _ = run("index", "--instrument", instrument, write(tmp_path, {1: 2, 2: 1}), "--json")
    assert json.loads(output)["index_exact"] == "1.333"


def test_every_problem_is_one_line_on_the_error_output(run, tmp_path):
    levels = published.read("papua-selatan-2023").levels | {3: "9", 5: "x"}
    code, output, errors = run("index", "--instrument", SPBE, write(tmp_path, levels))
    assert (code, output) == (1, "")
    assert [error.split(":")[1].strip() for error in errors] == ["row 4, column B", "row 6, column B"]


def test_wrong_instrument_is_named(run, tmp_path):
    code, _, errors = run("index", "--instrument", SPBE, write(tmp_path, dict.fromkeys(range(1, 21), "2")))
    assert code == 1
    assert len(errors) == 1
    assert "permenpanrb-8-2026" in errors[0]


def test_missing_file_and_unknown_instrument_are_refused_in_one_line(run, tmp_path):
    file = tmp_path / "none.csv"
    assert run("index", "--instrument", SPBE, file)[2] == [
        f"error: The file {file} cannot be read: No such file or directory."
    ]
    code, _, errors = run("index", "--instrument", "unknown", file)
    assert code == 1
    assert len(errors) == 1


def test_wrong_usage_ends_with_2(run):
    assert run("index")[0] == 2


def test_instruments_are_listed(run):
    code, output, _ = run("instrument", "list", "--json")
    assert code == 0
    assert [(one["id"], one["indicators"]) for one in json.loads(output)] == [
        (SPBE, 47),
        ("permenpanrb-8-2026", 20),
    ]


def test_instrument_is_shown_with_its_weights(run):
    code, output, _ = run("instrument", "show", SPBE, "--json")
    shown = json.loads(output)
    assert code == 0
    assert [domain["weight"] for domain in shown["domains"]] == ["13.00", "25.00", "16.50", "45.50"]
    assert shown["indicator_list"][46] == {
        "number": 47,
        "name": "Tingkat Kematangan Layanan Publik Sektor 3",
        "weight": "3.00",
        "aspect": 8,
        "external_source": None,
    }


def test_valid_instrument_file_passes_the_check(run, tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(SMALL)
    code, output, _ = run("instrument", "check", file)
    assert code == 0
    assert output.startswith("ok: small")


def test_check_names_the_line_of_each_mistake(run, tmp_path):
    file = tmp_path / "small.yaml"
    file.write_bytes(changed("weight: 33.3", "weight: 33.4"))
    code, _, errors = run("instrument", "check", file)
    assert code == 1
    assert errors == ["error: row 39, domains[0].aspects[0].weight: The weights add up to 100.1, not to 100."]


def test_huge_file_is_refused(run, tmp_path):
    file = tmp_path / "huge.csv"
    with file.open("wb") as sparse:
        sparse.truncate(50_000_000)
    code, _, errors = run("index", "--instrument", SPBE, file)
    assert code == 1
    assert "larger than 10 MB" in errors[0]
