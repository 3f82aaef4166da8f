"""Cells of an XLSX that only seem to be empty: formulas that failed or were never computed.

The library reads them as empty, and an empty level would pass for "not assessed".
"""

import re
from collections.abc import Iterator
from io import BytesIO
from xml.sax.saxutils import unescape
from zipfile import ZipFile

from spbe_tasks.readers.grid import column_position

FAULT = "#ERROR"

# A cell with something in it; one that ends in "/>" is really empty.
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*[^>/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v>[^<]")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')


def find_faults(data: bytes) -> dict[str, set[tuple[int, int]]]:
    """The cells, as (row, column) counted from 0, of each sheet by its name."""
    with ZipFile(BytesIO(data)) as archive:
        names = set(archive.namelist())
        return {
            sheet: set(_faults(archive.read(path)))
            for sheet, path in _sheets(archive, names)
            if path in names
        }


def _sheets(archive: ZipFile, names: set[str]) -> Iterator[tuple[str, str]]:
    """Each sheet's name and the file that holds it."""
    book, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if not {book, relations} <= names:
        return
    paths = {
        values.get("Id", ""): values.get("Target", "")
        for values in _attributes(_RELATION, archive.read(relations))
    }
    for values in _attributes(_SHEET, archive.read(book)):
        target = paths.get(values.get("r:id", ""), "")
        yield values.get("name", ""), target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _attributes(tag: re.Pattern[str], xml: bytes) -> Iterator[dict[str, str]]:
    for match in tag.finditer(xml.decode(errors="replace")):
        yield {name: unescape(text, {"&quot;": '"'}) for name, text in _ATTRIBUTE.findall(match[1])}


def _faults(xml: bytes) -> Iterator[tuple[int, int]]:
    for attributes, content in _CELL.findall(xml):
        place = _REFERENCE.search(b" " + attributes)
        is_failed = b't="e"' in attributes
        # A formula may well give an empty text: then the cell says that it holds text.
        is_text = b't="str"' in attributes
        is_uncomputed = not is_text and _FORMULA.search(content) and not _VALUE.search(content)
        if place and (is_failed or is_uncomputed):
            yield int(place[2]) - 1, column_position(place[1].decode())
