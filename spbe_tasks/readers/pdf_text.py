"""The text layer of a PDF as words with their places. Only for the confined child and tests: it loads PDFium."""

import unicodedata
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from spbe_tasks.readers.page_text import Line, Word, lines_of
from spbe_tasks.rules.errors import InvalidInputError

MAX_PAGES = 300
MAX_CHARACTERS = 600_000

# Below this many characters per page on average there are only pictures, with a stamp or a page number.
_CHARACTERS_OF_A_PICTURE = 60

_ENCRYPTED = frozenset({pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY})
_END_MARK = b"%%EOF"
_END_MARK_WITHIN = 2048

# What PDFium says instead of a hyphen at the end of a line.
_HYPHENS = {0x02: "-", 0xAD: "-", 0xFFFE: "-"}

Box = tuple[float, float, float, float]


def read_lines(data: bytes) -> list[tuple[Line, ...]]:
    """The lines of every page, in page order.

    Raises InvalidInputError: ``file.encrypted``, ``file.truncated``, ``file.broken``, ``file.too_many_pages``,
    ``file.too_big_inside``, and ``file.scanned`` when the pages are pictures.
    """
    document = _open(data)
    count = len(document)
    if count > MAX_PAGES:
        raise InvalidInputError.of("file.too_many_pages", pages=count, limit=MAX_PAGES)
    room = MAX_CHARACTERS
    pages = []
    for number in range(1, count + 1):
        words, characters = _page(document, number, room)
        room -= characters
        pages.append(lines_of(number, words))
    if MAX_CHARACTERS - room < _CHARACTERS_OF_A_PICTURE * max(count, 1):
        raise InvalidInputError.of("file.scanned")
    return pages


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in _ENCRYPTED:
            raise InvalidInputError.of("file.encrypted") from error
        is_whole = _END_MARK in data[-_END_MARK_WITHIN:]
        raise InvalidInputError.of("file.broken" if is_whole else "file.truncated") from error


def _page(document: pdfium.PdfDocument, number: int, room: int) -> tuple[list[Word], int]:
    """The words of a page, and how many characters it has."""
    try:
        page = document[number - 1]
        text = page.get_textpage()
    except pdfium.PdfiumError as error:
        raise InvalidInputError.of("file.broken") from error
    count = text.count_chars()
    if count > room:
        raise InvalidInputError.of("file.too_big_inside")
    words = list(_words(text, count, page.get_rotation()))
    text.close()
    page.close()
    return words, count


def _words(text: pdfium.PdfTextPage, count: int, rotation: int) -> Iterator[Word]:
    """Runs of characters without a space, a jump or a new line between them."""
    run: list[tuple[str, Box]] = []
    for index in range(count):
        character = _character(text, index)
        box = _turned(text.get_charbox(index, loose=True), rotation)
        if run and (not character or _is_apart(run[-1][1], box)):
            yield _word(run)
            run = []
        if character:
            run.append((character, box))
    if run:
        yield _word(run)


def _character(text: pdfium.PdfTextPage, index: int) -> str:
    """The character, ligatures taken apart; empty for spaces and whatever cannot be printed."""
    code = pdfium_c.FPDFText_GetUnicode(text, index)
    if code in _HYPHENS:
        return _HYPHENS[code]
    if not 0x20 < code < 0x110000 or 0xD800 <= code < 0xE000:
        return ""
    return "".join(unicodedata.normalize("NFKC", chr(code)).split())


def _turned(box: Box, rotation: int) -> Box:
    """Left, top, right, bottom as seen, down the page, of a box in the page's own upward coordinates."""
    left, bottom, right, top = box
    if rotation == 90:
        return bottom, left, top, right
    if rotation == 180:
        return -right, bottom, -left, top
    if rotation == 270:
        return -top, -right, -bottom, -left
    return left, -top, right, -bottom


def _is_apart(last: Box, box: Box) -> bool:
    """Whether a character starts a new word although no space stands before it."""
    height = max(last[3] - last[1], 1.0)
    is_on_line = abs((last[1] + last[3]) - (box[1] + box[3])) < height
    return not is_on_line or not -height < box[0] - last[2] < height


def _word(run: list[tuple[str, Box]]) -> Word:
    boxes = [box for _, box in run]
    return Word(
        text="".join(character for character, _ in run),
        left=min(box[0] for box in boxes),
        right=max(box[2] for box in boxes),
        top=min(box[1] for box in boxes),
        bottom=max(box[3] for box in boxes),
    )
