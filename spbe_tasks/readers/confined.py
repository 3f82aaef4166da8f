"""Reads files that nobody vouches for in a child process with limits on time and memory, and an empty environment.

Only PDF, spreadsheets and web pages go this way: in all of them a small file can ask for a great deal.
"""

import json
import logging
import pickle
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spbe_tasks.readers.document import Document
from spbe_tasks.readers.document_json import decode
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.instrument import Instrument

PDF = "spbe_tasks.readers.lhe:read_report"
SPREADSHEET = "spbe_tasks.readers.sheets:read_workbook"
WEB_PAGE = "spbe_tasks.readers.web_page:read_page"

SECONDS = 5
MEMORY_MB = 256

_CHILD = Path(__file__).with_name("confined_child.py")
_OUT_OF_TIME = frozenset({-signal.SIGXCPU, -signal.SIGKILL})
_LOGGED_CHARACTERS = 4000

logger = logging.getLogger(__name__)


def run(reader: str, data: bytes, instruments: Sequence[Instrument] = ()) -> Document:
    """What ``reader`` ("module:function" of data and instruments) makes of a file, within the limits.

    Raises InvalidInputError as the reader does, and ``file.too_slow``, ``file.too_big_inside`` or
    ``file.broken`` when it ran out of time or memory, or fell. RuntimeError: the child could not even start,
    which is a fault of the installation and not of the file.
    """
    order = pickle.dumps((reader, data, tuple(instruments)))
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter and script
            _command(), input=order, capture_output=True, env={}, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _too_slow() from error
    return _document(child)


def _command() -> list[str]:
    """Isolated, without site: the child looks for modules exactly where this process does."""
    places = [str(Path(place).resolve()) for place in sys.path if place]
    return [sys.executable, "-I", "-S", str(_CHILD), str(SECONDS), str(MEMORY_MB), *places]


def _document(child: subprocess.CompletedProcess[bytes]) -> Document:
    if child.returncode in _OUT_OF_TIME:
        raise _too_slow()
    if child.returncode != 0:
        raise _fallen(child)
    answer = json.loads(child.stdout[1:])
    if "error" in answer:
        raise _error(answer["error"])
    return decode(answer["document"])


def _fallen(child: subprocess.CompletedProcess[bytes]) -> Exception:
    """What it means that the child fell: before its ready mark it is our fault, afterwards the file's."""
    last_words = child.stderr.decode(errors="replace")[-_LOGGED_CHARACTERS:]
    if not child.stdout:
        return RuntimeError(f"the reader of files does not start (status {child.returncode}): {last_words}")
    logger.error("A reader fell over a file (status %s): %s", child.returncode, last_words)
    return InvalidInputError.of("file.broken")


def _too_slow() -> InvalidInputError:
    return InvalidInputError.of("file.too_slow", seconds=SECONDS)


def _error(values: Mapping[str, Any]) -> InvalidInputError:
    problems = tuple(Problem(**problem) for problem in values["problems"])
    return InvalidInputError(problems, values["code"], **values["params"])
