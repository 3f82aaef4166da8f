"""A government's own instrument, brought along on the command line."""

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Run
from tests.integration.cli.test_assessment_and_plan import SLUG, government
from tests.unit.instruments.small_instrument import SMALL, changed

pytestmark = [pytest.mark.own_database, pytest.mark.usefixtures("government")]
__all__ = ["government"]


def test_an_instrument_is_added_once_and_listed_for_its_government_only(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "kecil.yaml"
    file.write_text(SMALL)
    code, output, errors = run("instrument", "add", file, "--government", SLUG)
    assert (code, errors) == (0, [])
    assert output.startswith("Stored: small ")
    again = json.loads(run("instrument", "add", file, "--government", SLUG, "--json")[1])
    assert again["is_new"] is False
    assert "small " in run("instrument", "list", "--government", SLUG)[1]
    assert "small " not in run("instrument", "list")[1]


def test_every_mistake_is_told_with_its_line_and_nothing_is_stored(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "salah.yaml"
    file.write_bytes(changed("weight: 66.7", "weight: 60").replace(b"year: 2024", b"yaer: 2024"))
    code, _output, errors = run("instrument", "add", file, "--government", SLUG)
    assert code != 0
    assert any("yaer" in line for line in errors)
    assert any("weight" in line for line in errors)
    assert "small " not in run("instrument", "list", "--government", SLUG)[1]
