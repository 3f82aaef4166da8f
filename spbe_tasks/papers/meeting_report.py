"""The report for the meeting as PDF: the one-minute page first, then the tables it rests on and how they are made."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepInFrame,
    PageBreak,
    PageTemplate,
    Spacer,
)

from spbe_tasks.papers.letters import PLAIN, printable
from spbe_tasks.papers.meeting_first_page import first_page
from spbe_tasks.papers.meeting_headline import TITLE_WORDS, as_of
from spbe_tasks.papers.meeting_method import method
from spbe_tasks.papers.meeting_pen import Pen
from spbe_tasks.papers.meeting_style import (
    BOTTOM,
    HEIGHT,
    LINE,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    QUIET,
    SECTION,
    SIDE,
    WIDTH,
)
from spbe_tasks.papers.meeting_tables import agencies, domains, open_tasks
from spbe_tasks.services.meeting_reports import MeetingReport


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is written."""
    return text


_PAGE = _("Page %(page)s of %(pages)s")
SIZE = 7
# A heading does not stand at the foot of a page with less than this below it.
LEAST = 30 * mm


def write(report: MeetingReport, logo: bytes | None = None) -> bytes:
    """The report as PDF, in its own locale. ``logo``: PNG or JPEG of the government, else the product's mark.

    It is laid out twice: how many pages there are is known only afterwards.
    """
    pages = _written(report, logo, 0).page
    return bytes(_written(report, logo, pages).target.getvalue())


class _Paper(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no types
    """A document whose headings become bookmarks."""

    def __init__(self, target: BytesIO, **options: Any) -> None:
        super().__init__(target, **options)
        self.target = target

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - reportlab calls it by this name
        if getattr(flowable, "style", None) is SECTION:
            self.mark(flowable.getPlainText())

    def mark(self, words: str) -> None:
        """A bookmark on the present page."""
        key = f"part-{self.page}-{words}"
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(words, key)


def _written(report: MeetingReport, logo: bytes | None, pages: int) -> _Paper:
    pen = Pen(report.locale, report.government.timezone)
    title = f"{pen.t(TITLE_WORDS)} · {report.government.name}"
    paper = _Paper(
        BytesIO(),
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        title=title,
        author=report.government.name,
        subject=pen.t(_("Plan %(year)s"), year=report.overview.plan.year),
        lang=report.locale,
        creator="SPBE Tasks",
    )
    frame = Frame(SIDE, BOTTOM, WIDTH, HEIGHT, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    foot = partial(_foot, report=report, pen=pen, pages=pages)
    begin = partial(_begin, words=pen.t(TITLE_WORDS))
    paper.addPageTemplates([PageTemplate("page", [frame], onPage=begin, onPageEnd=foot)])
    paper.build(_story(report, pen, logo))
    return paper


def _story(report: MeetingReport, pen: Pen, logo: bytes | None) -> list[Flowable]:
    # One page is one minute: what is too long for it is written smaller, not carried over.
    minute = KeepInFrame(WIDTH, HEIGHT - 1, first_page(report, pen, logo), mode="shrink")
    parts: list[Callable[[MeetingReport, Pen], list[Flowable]]] = [domains, agencies, open_tasks, method]
    story: list[Flowable] = [minute, PageBreak()]
    for number, part in enumerate(parts):
        story += [*([Spacer(1, 14), CondPageBreak(LEAST)] if number else []), *part(report, pen)]
    return story


def _begin(canvas: Canvas, paper: _Paper, *, words: str) -> None:
    if paper.page == 1:
        paper.mark(words)


def _foot(canvas: Canvas, paper: _Paper, *, report: MeetingReport, pen: Pen, pages: int) -> None:
    canvas.setStrokeColor(LINE)
    canvas.line(SIDE, BOTTOM - 8, PAGE_WIDTH - SIDE, BOTTOM - 8)
    canvas.setFillColor(QUIET)
    canvas.setFont(PLAIN, SIZE)
    figures = printable(f" · {as_of(report, pen)}")
    numbered = printable(pen.t(_PAGE, page=paper.page, pages=pages))
    room = WIDTH - stringWidth(f"{figures}{numbered}   ", PLAIN, SIZE)
    whose = simpleSplit(printable(report.government.name), PLAIN, SIZE, room)[0]
    canvas.drawString(SIDE, BOTTOM - 18, f"{whose}{figures}")
    canvas.drawRightString(PAGE_WIDTH - SIDE, BOTTOM - 18, numbered)
