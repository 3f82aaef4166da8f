"""Readers that misbehave, for the tests of ``confined``: each is named there as "module:function"."""

import os
import sys
import time
from collections.abc import Sequence
from decimal import Decimal

from spbe_tasks.readers.document import Document, Format, Place, Printed, Row
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.instrument import Instrument


def _document(*levels: str) -> Document:
    rows = tuple(Row(str(number), level, Place(page=1)) for number, level in enumerate(levels, start=1))
    return Document(Format.PDF, rows)


def echoes(data: bytes, instruments: Sequence[Instrument]) -> Document:
    """Says what came in: the data as body, the instruments in the name of a row."""
    row = Row("1", "3,00", Place(page=2), name=" ".join(i.id for i in instruments), previous="2", note="n")
    printed = Printed(Decimal("2.98"), "Baik", {1: Decimal("2.90")}, {8: Decimal("2.83")})
    return Document(Format.PDF, (row,), "an-id", 2024, 2023, data.decode(), printed)


def refuses(data: bytes, instruments: Sequence[Instrument]) -> Document:
    raise InvalidInputError.of("file.no_level_table", heading="Perolehan", bound=Decimal("1.5"))


def waits(data: bytes, instruments: Sequence[Instrument]) -> Document:
    time.sleep(60)
    return _document()


def counts_forever(data: bytes, instruments: Sequence[Instrument]) -> Document:
    while True:
        pass


def paints_forever(data: bytes) -> bytes:
    while True:
        pass


def takes_all_memory(data: bytes, instruments: Sequence[Instrument]) -> Document:
    hoard = [bytearray(1024 * 1024)]
    while True:
        hoard.append(bytearray(1024 * 1024))


def says_too_much(data: bytes, instruments: Sequence[Instrument]) -> Document:
    return _document("x" * 9_000_000)


def aborts(data: bytes, instruments: Sequence[Instrument]) -> Document:
    os.abort()


def stumbles(data: bytes, instruments: Sequence[Instrument]) -> Document:
    raise ZeroDivisionError


def tells_its_surroundings(data: bytes, instruments: Sequence[Instrument]) -> Document:
    """The environment and the loaded modules, one level each."""
    return _document(*map(str, os.environ), *sys.modules)
