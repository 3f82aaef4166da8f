"""Reads and draws files that nobody vouches for in a child process: limited in time and memory, no environment.

Only PDF, spreadsheets, web pages and pictures go this way: in all of them a small file can ask for a great deal.
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

from spbe_tasks.readers.confined_work import REFUSAL
from spbe_tasks.readers.document import Document
from spbe_tasks.readers.document_json import decode
from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.instrument import Instrument

PDF = "spbe_tasks.readers.lhe:read_report"
SPREADSHEET = "spbe_tasks.readers.sheets:read_workbook"
WEB_PAGE = "spbe_tasks.readers.web_page:read_page"
PAGES = "spbe_tasks.readers.page_pictures:count_pages"
PAGE = "spbe_tasks.readers.page_pictures:draw_page"
PICTURE = "spbe_tasks.readers.page_pictures:draw_picture"

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
    answer = json.loads(_answer(reader, data, tuple(instruments)))
    return decode(answer["document"])


def draw(painter: str, data: bytes, *arguments: int) -> bytes:
    """What ``painter`` ("module:function" of data and arguments) makes of a file; limits and errors as ``run``."""
    return _answer(painter, data, *arguments)


def _answer(function: str, data: bytes, *arguments: object) -> bytes:
    order = pickle.dumps((function, data, arguments))
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter and script
            _command(), input=order, capture_output=True, env={}, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _too_slow() from error
    return _said(child)


def _command() -> list[str]:
    """Isolated, without site: the child looks for modules exactly where this process does."""
    places = [str(Path(place).resolve()) for place in sys.path if place]
    return [sys.executable, "-I", "-S", str(_CHILD), str(SECONDS), str(MEMORY_MB), *places]


def _said(child: subprocess.CompletedProcess[bytes]) -> bytes:
    if child.returncode in _OUT_OF_TIME:
        raise _too_slow()
    if child.returncode != 0:
        raise _fallen(child)
    answer = child.stdout[1:]
    if answer.startswith(REFUSAL):
        raise _error(json.loads(answer.removeprefix(REFUSAL)))
    return answer


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
