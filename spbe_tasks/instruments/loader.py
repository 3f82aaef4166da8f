"""Finds the shipped instruments and reads instrument files; what comes out has passed every check."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from spbe_tasks.instruments import tree
from spbe_tasks.instruments.build import build
from spbe_tasks.instruments.section import Section
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError, Problem
from spbe_tasks.rules.instrument import Instrument

_SUFFIX = ".yaml"


def is_shipped(instrument_id: str) -> bool:
    """Whether the product brings an instrument of that id."""
    return instrument_id in _shipped_ids()


def get_instrument(instrument_id: str) -> Instrument:
    """The shipped instrument of that id, read once per process; raises NotFoundError.

    Whoever has a session asks ``services.instruments``, which knows a government's own instruments, too.
    """
    if not is_shipped(instrument_id):
        raise NotFoundError("instrument.not_found", id=instrument_id, known=", ".join(_shipped_ids()))
    return _shipped(instrument_id)


def list_instruments() -> tuple[Instrument, ...]:
    """Every shipped instrument, oldest regulation first."""
    return tuple(
        sorted(map(_shipped, _shipped_ids()), key=lambda instrument: (instrument.year, instrument.id))
    )


def read_shipped(instrument_id: str) -> bytes:
    """The file of a shipped instrument, to start an own one from; raises NotFoundError."""
    if not is_shipped(instrument_id):
        raise NotFoundError("instrument.not_found", id=instrument_id, known=", ".join(_shipped_ids()))
    return _path(instrument_id).read_bytes()


def load_file(path: Path) -> Instrument:
    """The instrument described by a file outside the package.

    Raises InvalidInputError with every problem of the file at once, each with its place and line, and
    ``file.not_readable`` when the file cannot be opened.
    """
    return load_bytes(read_limited(path, tree.MAX_BYTES))


def load_bytes(data: bytes) -> Instrument:
    """The instrument described by the content of a file; raises InvalidInputError with every problem."""
    problems: list[Problem] = []
    instrument = build(Section(tree.parse(data, problems), "", problems))
    if problems:
        raise InvalidInputError(sorted(problems, key=lambda problem: problem.row or 0), "instrument.invalid")
    return instrument


def read_limited(path: Path, limit: int) -> bytes:
    """At most one byte more than ``limit``: enough to refuse a huge file without loading all of it."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InvalidInputError.of("file.not_readable", path=str(path), reason=reason) from error


@cache
def _shipped_ids() -> tuple[str, ...]:
    names = (entry.name for entry in resources.files("spbe_tasks.instruments").iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


@cache
def _shipped(instrument_id: str) -> Instrument:
    return load_bytes(_path(instrument_id).read_bytes())


def _path(instrument_id: str) -> Traversable:
    return resources.files("spbe_tasks.instruments").joinpath(instrument_id + _SUFFIX)
