"""Colours, type and lines of the meeting report: the product's, chosen so that grey print keeps them apart."""

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm

from spbe_tasks.papers.letters import BOLD, PLAIN

# As in static/css/theme.css.
INK, QUIET = HexColor("#1b2729"), HexColor("#4f6164")
ACCENT, DONE, ALARM = HexColor("#0b5a63"), HexColor("#1f7a43"), HexColor("#b3261e")
LINE, LINE_STRONG = HexColor("#d7e0e1"), HexColor("#7f9193")
SURFACE, TRACK, PAPER = HexColor("#f5f8f8"), HexColor("#e3eaea"), white
BANDS: tuple[Color, ...] = tuple(
    HexColor(each) for each in ("#eef2f2", "#dfe9e9", "#cbdfe0", "#b1d2d4", "#93c2c5")
)

PAGE_WIDTH, PAGE_HEIGHT = A4
SIDE, TOP, BOTTOM = 15 * mm, 13 * mm, 17 * mm
WIDTH, HEIGHT = PAGE_WIDTH - 2 * SIDE, PAGE_HEIGHT - TOP - BOTTOM

TEXT = ParagraphStyle("text", fontName=PLAIN, fontSize=8, leading=11, textColor=INK)
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=7, leading=9.2, textColor=QUIET)
CELL = ParagraphStyle("cell", parent=TEXT, fontSize=7.2, leading=9.2)
CELL_QUIET = ParagraphStyle("cell-quiet", parent=CELL, textColor=QUIET)
STRONG = ParagraphStyle("strong", parent=CELL, fontName=BOLD)
NUMBER = ParagraphStyle("number", parent=CELL, alignment=TA_RIGHT)
NUMBER_STRONG = ParagraphStyle("number-strong", parent=STRONG, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", parent=CELL, fontName=BOLD, fontSize=6.6, leading=8.4, textColor=QUIET)
HEAD_NUMBER = ParagraphStyle("head-number", parent=HEAD, alignment=TA_RIGHT)
TITLE = ParagraphStyle("title", parent=TEXT, fontName=BOLD, fontSize=14, leading=17)
SECTION = ParagraphStyle(
    "section", parent=TEXT, fontName=BOLD, fontSize=11, leading=14, textColor=ACCENT, spaceAfter=4
)
PART = ParagraphStyle("part", parent=SECTION, fontSize=9, leading=12, spaceBefore=2, spaceAfter=2)
FIGURE = ParagraphStyle("figure", parent=TEXT, fontName=BOLD, fontSize=19, leading=23)

# Commands of a table whose first row is its heading.
ROWS = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, 0), 0.8, LINE_STRONG),
    ("LINEBELOW", (0, 1), (-1, -1), 0.3, LINE),
    ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
    ("LEFTPADDING", (0, 0), (-1, -1), 1.5),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
]
BARE = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]
