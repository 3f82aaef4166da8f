"""The child process that reads files nobody vouches for: its limits, and how each end of it is told."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from spbe_tasks import messages
from spbe_tasks.instruments.loader import list_instruments
from spbe_tasks.readers import confined
from spbe_tasks.rules.errors import InvalidInputError
from tests.unit.readers import hostile

LIMITS = (confined.SECONDS, confined.MEMORY_MB)  # as they are in the product
_HOSTILE = "tests.unit.readers.hostile:"
# What is said here is not about speed: on a loaded machine even a child with nothing to do takes seconds to start.
_PATIENT = 120


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "SECONDS", _PATIENT)


def test_the_limits_are_those_that_are_promised() -> None:
    assert LIMITS[0] <= 5
    assert LIMITS[1] <= 300


def _refusal(reader: str) -> str:
    with pytest.raises(InvalidInputError) as refused:
        confined.run(_HOSTILE + reader, b"")
    return refused.value.problems[0].code


def test_what_the_child_reads_comes_back_unchanged() -> None:
    instruments = list_instruments()
    data = "sebuah berkas – ".encode() * 100_000
    assert confined.run(_HOSTILE + "echoes", data, instruments) == hostile.echoes(data, instruments)


def test_a_refusal_of_the_reader_comes_back_with_its_parameters() -> None:
    with pytest.raises(InvalidInputError) as refused:
        confined.run(_HOSTILE + "refuses", b"")
    assert refused.value.code == "invalid_input"
    problem = refused.value.problems[0]
    assert (problem.code, problem.params) == ("file.no_level_table", {"heading": "Perolehan", "bound": "1.5"})


@pytest.mark.parametrize(
    ("reader", "code"),
    [
        ("takes_all_memory", "file.too_big_inside"),
        ("says_too_much", "file.too_big_inside"),
        ("aborts", "file.broken"),
        ("stumbles", "file.broken"),
    ],
)
def test_every_fall_of_the_child_is_told_with_words(reader: str, code: str) -> None:
    assert _refusal(reader) == code
    assert code in messages.WORDS


@pytest.mark.parametrize("reader", ["waits", "counts_forever"])
def test_a_reader_that_does_not_end_is_ended(reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "SECONDS", 1)
    assert _refusal(reader) == "file.too_slow"


def test_the_child_sees_no_environment_and_loads_no_framework(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for readers")
    told = {row.level for row in confined.run(_HOSTILE + "tells_its_surroundings", b"").rows}
    assert "spbe_tasks.readers.document" in told
    assert not told & {"flask", "sqlalchemy", "numpy", "yaml", "SECRET_KEY", "PATH", "HOME"}


def test_a_child_that_cannot_start_is_our_fault_and_not_the_files() -> None:
    with pytest.raises(RuntimeError, match="no_such_module"):
        confined.run("no_such_module:read", b"")


def test_it_works_from_a_process_that_was_started_elsewhere_without_an_environment(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        f"from spbe_tasks.readers import confined\nconfined.SECONDS = {_PATIENT}\n"
        f"print(confined.run('{_HOSTILE}echoes', b'from elsewhere').body)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "from elsewhere"


def test_no_child_is_left_over() -> None:
    before = set(psutil.Process().children())  # the servers of other tests are children of this process, too
    confined.run(_HOSTILE + "echoes", b"")
    assert set(psutil.Process().children()) <= before
