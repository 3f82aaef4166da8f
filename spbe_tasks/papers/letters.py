"""The letters of our PDFs: fonts that lie in the file itself, and text put into what they can print."""

from unicodedata import normalize
from xml.sax.saxutils import escape

from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

# They come with reportlab, and have the letters of western Europe, most of central Europe, and signs such as ≥.
_PLAIN, _BOLD = TTFont("Vera", "Vera.ttf"), TTFont("Vera-Bold", "VeraBd.ttf")
registerFont(_PLAIN)
registerFont(_BOLD)
PLAIN: str = _PLAIN.fontName
BOLD: str = _BOLD.fontName


def words(text: str) -> str:
    """The text for a paragraph: shown as typed, whatever it holds."""
    return escape(printable(text))


def printable(text: str) -> str:
    """The text in letters that the fonts have: others lose their accents, or become a question mark."""
    return "".join(letter if ord(letter) in _LETTERS else _nearest(letter) for letter in text)


def _nearest(letter: str) -> str:
    plain = "".join(part for part in normalize("NFKD", letter) if ord(part) in _LETTERS)
    return plain or "?"


# Breaks and tabs are spaces in a paragraph; the fonts need not have them.
_LETTERS = frozenset(_PLAIN.face.charToGlyph) & frozenset(_BOLD.face.charToGlyph) | set(map(ord, "\t\n\r"))
