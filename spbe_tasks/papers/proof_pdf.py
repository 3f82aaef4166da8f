"""The proof of reminders as a PDF to print and file: every page names the government and its number of all pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from spbe_tasks.papers.letters import BOLD, PLAIN, printable, words

MARGIN = 15 * mm
# Shares of the width, for the columns the caller gives.
_SHARES = (0.10, 0.19, 0.24, 0.11, 0.11, 0.17, 0.08)
_CELL = ParagraphStyle("cell", fontName=PLAIN, fontSize=7, leading=9)
_HEAD = ParagraphStyle("head", parent=_CELL, fontName=BOLD)
_TITLE = ParagraphStyle("title", fontName=BOLD, fontSize=14, leading=18)
_TEXT = ParagraphStyle("text", fontName=PLAIN, fontSize=8.5, leading=12)
_LINES = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.grey),
        ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ]
)


@dataclass(frozen=True, slots=True)
class ProofPaper:
    """What is printed, in words: ``notes`` under the title, ``foot`` at the left of every page; ``page_words`` makes
    "page 1 of 3"; seven columns. ``lost_words`` is a further note where a row has letters that are not printed as they
    are.
    """

    title: str
    government: str
    notes: Sequence[str]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    foot: str
    page_words: str
    lost_words: str


def write(paper: ProofPaper) -> bytes:
    """The paper as PDF, A4 across."""
    target = BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=landscape(A4),
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=paper.title,
        author=paper.government,
    )
    story: list[Any] = [Paragraph(words(paper.government), _TEXT), Paragraph(words(paper.title), _TITLE)]
    story += [Paragraph(words(note), _TEXT) for note in paper.notes]
    if any(printable(cell) != cell for row in paper.rows for cell in row):
        story.append(Paragraph(words(paper.lost_words), _TEXT))
    story.append(Spacer(1, 4 * mm))
    cells = [[Paragraph(words(each), _HEAD) for each in paper.columns]]
    cells += [[Paragraph(words(each), _CELL) for each in row] for row in paper.rows]
    table = LongTable(cells, colWidths=[share * document.width for share in _SHARES], repeatRows=1)
    table.setStyle(_LINES)
    story.append(table)
    document.build(story, canvasmaker=partial(_Numbered, paper=paper))
    return target.getvalue()


class _Numbered(Canvas):  # type: ignore[misc]  # reportlab has no types
    """Writes the foot of each page once all pages are known."""

    def __init__(self, *args: Any, paper: ProofPaper, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._paper, self._pages = paper, list[dict[str, Any]]()

    def showPage(self) -> None:  # noqa: N802 - reportlab calls it by this name
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        pages = self._pages
        for number, page in enumerate(pages, start=1):
            self.__dict__.update(page)
            self._foot(number, len(pages))
            super().showPage()
        super().save()

    def _foot(self, number: int, count: int) -> None:
        width, _height = landscape(A4)
        self.setFont(PLAIN, 7)
        self.drawString(MARGIN, 8 * mm, printable(f"{self._paper.government} · {self._paper.foot}"))
        self.drawRightString(
            width - MARGIN, 8 * mm, printable(self._paper.page_words % {"page": number, "pages": count})
        )
