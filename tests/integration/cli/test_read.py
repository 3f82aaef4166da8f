"""``spbe-tasks read``: needs no database, and says of each level where it stood."""

import json

import pytest

from spbe_tasks.cli import main
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.workbooks.levels import Contents, write_levels
from tests.unit.instruments.small_instrument import SMALL
from tests.unit.readers import tables

SPBE = "permenpanrb-59-2020"


@pytest.fixture
def read(capsys, tmp_path):
    """Writes the content to a file and reads it; gives the exit code, the output and the error lines."""

    def run(content, *arguments):
        file = tmp_path / "nilai.csv"
        file.write_bytes(content)
        with pytest.raises(SystemExit) as caught:
            main(["read", str(file), *map(str, arguments)])
        captured = capsys.readouterr()
        return caught.value.code, captured.out, captured.err.splitlines()

    return run


def test_a_workbook_is_printed_with_the_cell_of_each_level(read):
    levels = {number: 3 for number in range(1, 48)}
    data = write_levels(
        get_instrument(SPBE), "id", year=2024, contents=Contents(levels, notes={7: "perlu bukti"})
    )
    code, output, _ = read(data, "--json")
    printed = json.loads(output)
    assert code == 0
    assert (printed["format"], printed["year"], printed["instrument_id"]) == ("xlsx", 2024, SPBE)
    assert (len(printed["rows"]), printed["problems"], printed["warnings"]) == (47, [], [])
    seventh = printed["rows"][6]
    assert (seventh["number"], seventh["level"], seventh["note"]) == ("7", "3", "perlu bukti")
    assert {name: seventh["place"][name] for name in ("row", "column")} == {"row": 13, "column": "D"}
    assert seventh["place"]["sheet"]


def test_problems_are_printed_beside_what_was_read_and_do_not_fail_the_command(read):
    rows = tables.levels(range(1, 48))
    rows[7][1] = "tujuh"
    code, output, _ = read(tables.csv(rows, ";"), "--json")
    assert code == 0
    (problem,) = json.loads(output)["problems"]
    assert (problem["code"], problem["row"], problem["column"], problem["value"]) == (
        "level.not_a_number",
        8,
        "B",
        "tujuh",
    )
    assert "Write a number" in problem["message"]


def test_the_text_is_for_people(read):
    rows = tables.levels(range(1, 48))
    rows[3][1] = 9
    _, output, _ = read(tables.xlsx({"Hasil": rows}))
    lines = output.splitlines()
    assert lines[0] == "Format      xlsx"
    assert f"checked against {SPBE}" in lines[3]
    assert "   3       9  sheet Hasil, row 4, column B" in lines
    assert any(line.startswith("  sheet Hasil, row 4, column B: Level 9 of indicator 3") for line in lines)
    assert read(tables.csv(tables.levels(range(1, 48))))[1].splitlines()[-1] == "No problems"


def test_the_instrument_is_the_one_whose_numbers_the_file_has_unless_another_is_chosen(read, tmp_path):
    data = tables.csv(tables.levels(range(1, 21)))
    assert json.loads(read(data, "--json")[1])["checked_against"] == "permenpanrb-8-2026"
    chosen = json.loads(read(data, "--instrument", SPBE, "--json")[1])
    assert [each["code"] for each in chosen["problems"]] == ["level.other_instrument"]
    own = tmp_path / "small.yaml"
    own.write_text(SMALL)
    assert (
        json.loads(read(tables.csv(tables.levels([1, 2], 2)), "--instrument", own, "--json")[1])["problems"]
        == []
    )


def test_a_file_that_cannot_be_read_is_one_line_and_fails_the_command(read):
    code, output, errors = read(tables.ole({"EncryptedPackage": b""}))
    assert (code, output, len(errors)) == (1, "", 1)
    assert "password" in errors[0]
