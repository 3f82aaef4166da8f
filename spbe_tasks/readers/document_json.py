"""A document as plain JSON values and back: how it leaves the confined child, and how a draft is kept."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from spbe_tasks.readers.document import Document, Format, Place, Printed, Row

Json = Mapping[str, Any]


def encode(document: Document) -> dict[str, Any]:
    """The document as values that ``json`` takes; figures as text, so that nothing is rounded."""
    return {
        "format": document.format.value,
        "rows": [_encode_row(row) for row in document.rows],
        "instrument_id": document.instrument_id,
        "year": document.year,
        "previous_year": document.previous_year,
        "body": document.body,
        "printed": encode_printed(document.printed),
    }


def decode(values: Json) -> Document:
    """The document that ``encode`` was given."""
    return Document(
        format=Format(values["format"]),
        rows=tuple(_decode_row(row) for row in values["rows"]),
        instrument_id=values["instrument_id"],
        year=values["year"],
        previous_year=values["previous_year"],
        body=values["body"],
        printed=decode_printed(values["printed"]),
    )


def encode_printed(printed: Printed) -> dict[str, Any]:
    """The figures of a report as JSON values."""
    return {
        "index": None if printed.index is None else str(printed.index),
        "predicate": printed.predicate,
        "domains": {str(number): str(value) for number, value in printed.domains.items()},
        "aspects": {str(number): str(value) for number, value in printed.aspects.items()},
    }


def decode_printed(values: Json) -> Printed:
    """The figures that ``encode_printed`` was given."""
    return Printed(
        index=None if values["index"] is None else Decimal(values["index"]),
        predicate=values["predicate"],
        domains={int(number): Decimal(value) for number, value in values["domains"].items()},
        aspects={int(number): Decimal(value) for number, value in values["aspects"].items()},
    )


def _encode_row(row: Row) -> dict[str, Any]:
    place = row.place
    return {
        "number": row.number,
        "level": row.level,
        "name": row.name,
        "previous": row.previous,
        "note": row.note,
        "place": {"page": place.page, "sheet": place.sheet, "row": place.row, "column": place.column},
    }


def _decode_row(values: Json) -> Row:
    return Row(
        number=values["number"],
        level=values["level"],
        name=values["name"],
        previous=values["previous"],
        note=values["note"],
        place=Place(**values["place"]),
    )
