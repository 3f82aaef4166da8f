"""Makes the files that the readers of tables are tried with: XLSX by a library, ODS and XLS by hand."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from xlsxwriter import Workbook

Cell = str | int | float | None
Rows = Sequence[Sequence[Cell]]

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_SECTOR = 512
_END, _FREE, _FAT_SECTOR = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def levels(
    numbers: Sequence[int], level: Cell = 3, heading: Sequence[Cell] = ("No", "Tingkat")
) -> list[list[Cell]]:
    """A heading and a row per number, all at the same level."""
    return [list(heading), *([number, level] for number in numbers)]


def csv(rows: Rows, separator: str = ",") -> bytes:
    """The rows as text, unquoted."""
    return "\n".join(
        separator.join("" if cell is None else str(cell) for cell in row) for row in rows
    ).encode()


def xlsx(sheets: Mapping[str, Rows], hidden: Sequence[str] = (), top: int = 0, left: int = 0) -> bytes:
    """A workbook; the rows of each sheet begin ``top`` rows down and ``left`` columns to the right."""
    stream = io.BytesIO()
    with Workbook(stream, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows, start=top):
                for column, cell in enumerate(cells, start=left):
                    sheet.write(row, column, cell)
            if name in hidden:
                sheet.hide()
        if hidden:
            book.worksheets()[-1].activate()
    return stream.getvalue()


def ods(sheets: Mapping[str, Rows], manifest: str = "") -> bytes:
    """An OpenDocument spreadsheet with nothing but its cells."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">{"".join(map(_ods_row, rows))}</table:table>'
        for name, rows in sheets.items()
    )
    names = " ".join(f'xmlns:{part}="{_OFFICE}:{part}:1.0"' for part in ("office", "table", "text"))
    content = f"<office:document-content {names}><office:body><office:spreadsheet>{tables}"
    content += "</office:spreadsheet></office:body></office:document-content>"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{_OFFICE}:manifest:1.0">{manifest}'
            "</manifest:manifest>",
        }
    )


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip archive with these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def xls(rows: Rows, sheet: str = "Sheet1") -> bytes:
    """A BIFF8 workbook of one sheet, as Excel 97 wrote it."""
    name = sheet.encode("latin-1")
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    bound = struct.pack("<IBBBB", 0, 0, 0, len(name), 0) + name
    offset = len(start) + len(_record(0x0085, bound)) + 4
    bound = struct.pack("<I", offset) + bound[4:]
    book = start + _record(0x0085, bound) + _record(0x000A, b"")
    book += _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            book += _biff_cell(row, column, cell)
    return ole({"Workbook": book + _record(0x000A, b"")})


def ole(streams: Mapping[str, bytes]) -> bytes:
    """An OLE container; every stream is padded so that none is kept among the small ones."""
    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    padded = {name: data.ljust(-(-len(data) // _SECTOR) * _SECTOR, b"\0") for name, data in padded.items()}
    fat, entries, position = [_FAT_SECTOR, _END], [], 2
    for name, data in padded.items():
        count = len(data) // _SECTOR
        entries.append(_ole_entry(name, kind=2, first=position, size=len(data)))
        fat += [*range(position + 1, position + count), _END]
        position += count
    assert len(fat) <= 128
    fat += [_FREE] * (128 - len(fat))
    root = _ole_entry("Root Entry", kind=5, first=_END, size=0, child=1)
    directory = (root + b"".join(entries)).ljust(_SECTOR, b"\0")
    return _ole_header() + struct.pack("<128I", *fat) + directory + b"".join(padded.values())


def _ole_header() -> bytes:
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    return header + struct.pack("<109I", 0, *[_FREE] * 108)


def _ole_entry(name: str, *, kind: int, first: int, size: int, child: int = _FREE) -> bytes:
    text = name.encode("utf-16-le")
    entry = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
    entry += struct.pack("<III", _FREE, _FREE, child) + bytes(36)
    return entry + struct.pack("<IQ", first, size)


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _biff_cell(row: int, column: int, cell: Cell) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if cell is None:
        return b""
    if isinstance(cell, str):
        text = cell.encode("utf-16-le")
        return _record(0x0204, place + struct.pack("<HB", len(cell), 1) + text)
    return _record(0x0203, place + struct.pack("<d", cell))


def _ods_row(cells: Sequence[Cell]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, cells))}</table:table-row>"


def _ods_cell(cell: Cell) -> str:
    if cell is None:
        return "<table:table-cell/>"
    text = f"<text:p>{escape(str(cell))}</text:p>"
    if isinstance(cell, str):
        return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{cell}">{text}</table:table-cell>'
