"""The draft of a nota dinas to the head of an agency about what came before the leaders, as a Word document."""

from collections.abc import Sequence
from io import BytesIO

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt
from docx.table import Table

from spbe_tasks import formatting
from spbe_tasks.labels import label
from spbe_tasks.messages import translate
from spbe_tasks.models import ActingKind
from spbe_tasks.services.escalations import EscalatedTask
from spbe_tasks.services.official_notes import Officer, OfficialNote


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is written."""
    return text


FONT, SIZE = "Times New Roman", Pt(12)
_TITLE = _("OFFICIAL NOTE")
_TO = _("Head of %(agency)s")
_SUBJECT = _("Overdue follow-up of the SPBE evaluation")
_PLACE_OF_NUMBER = _("(number)")
_OPENING = _(
    "Of the follow-up of the SPBE evaluation, %(count)s tasks of %(agency)s have been overdue for so long that, as of "
    "%(day)s, they stand before the leaders. They hold %(points)s index points of %(government)s, which count only "
    "when they are accepted."
)
_REQUEST = _(
    "We ask you to have these tasks completed and submitted, or to name the obstacle and ask for an extension with a "
    "new date, within three working days."
)
_CLOSING = _("Thank you for your attention.")
_COPY = _("Copy to:")
_COLUMNS = (_("No."), _("Indicator"), _("Task"), _("Due date"), _("Working days late"), _("Index points"))
_WIDTHS = (Cm(1.0), Cm(1.9), Cm(6.6), Cm(3.4), Cm(1.9), Cm(1.9))


def write(note: OfficialNote, locale: str, *, sender: str) -> bytes:
    """The draft as DOCX, in ``locale``; from the position ``sender``. Number and signature are left open."""
    paper = Document()
    style = paper.styles["Normal"]
    style.font.name, style.font.size = FONT, SIZE
    for section in paper.sections:
        section.left_margin = section.right_margin = Cm(2.5)
    _heading(paper, note, locale)
    _address(paper, note, locale, sender)
    facts = {
        "count": len(note.agency.tasks),
        "agency": note.agency.name,
        "government": note.government_name,
        "day": formatting.date_long(note.today, locale),
        "points": formatting.points(note.agency.points, locale),
    }
    _paragraph(paper, translate(_OPENING, locale, **facts))
    _table(paper, note.agency.tasks, locale)
    _paragraph(paper, translate(_REQUEST, locale))
    _paragraph(paper, translate(_CLOSING, locale))
    signature = paper.add_paragraph(f"{sender},\n\n\n\n(……………………………………)")
    signature.paragraph_format.left_indent = Cm(9)
    if note.leaders:
        copies = [_with_name(_position(each, locale), each) for each in note.leaders]
        paper.add_paragraph("\n".join([translate(_COPY, locale), *copies]))
    target = BytesIO()
    paper.save(target)
    return target.getvalue()


def stands_in(kind: ActingKind | None, position: str, locale: str) -> str:
    """A position as it is signed: with "Plt." or "Plh." before it where somebody stands in for its holder."""
    return f"{label(kind, locale)} {position}" if kind else position


def _position(officer: Officer, locale: str) -> str:
    return stands_in(officer.kind, officer.position or label(officer.role, locale), locale)


def _with_name(position: str, officer: Officer) -> str:
    return f"{position} ({officer.name})"


def _heading(paper: Paper, note: OfficialNote, locale: str) -> None:
    for words in (note.government_name.upper(), translate(_TITLE, locale)):
        line = paper.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.add_run(words).bold = True


def _address(paper: Paper, note: OfficialNote, locale: str, sender: str) -> None:
    to = translate(_TO, locale, agency=note.agency.name)
    heads = [_with_name(stands_in(head.kind, to, locale), head) for head in note.heads]
    rows = (
        (_("To"), "\n".join(heads) or to),
        (_("Sender"), sender),
        (_("Date"), formatting.date_long(note.today, locale)),
        (_("Number"), translate(_PLACE_OF_NUMBER, locale)),
        (_("Subject"), translate(_SUBJECT, locale)),
    )
    table = paper.add_table(rows=0, cols=2)
    for label_words, value in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = translate(label_words, locale), f": {value}"
    _set_widths(table, (Cm(3), Cm(13)))
    paper.add_paragraph()


def _table(paper: Paper, tasks: Sequence[EscalatedTask], locale: str) -> None:
    table = paper.add_table(rows=1, cols=len(_COLUMNS))
    table.style = "Table Grid"
    for cell, words in zip(table.rows[0].cells, _COLUMNS, strict=True):
        cell.paragraphs[0].add_run(translate(words, locale)).bold = True
    for number, line in enumerate(tasks, start=1):
        values = (
            str(number),
            str(line.indicator_number),
            line.title,
            formatting.date_long(line.due_on, locale),
            str(line.working_days),
            formatting.points(line.points, locale),
        )
        for cell, value in zip(table.add_row().cells, values, strict=True):
            cell.text = value
    _set_widths(table, _WIDTHS)
    for row in table.rows:
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                for run in paragraph.runs:
                    run.font.size = Pt(10)
    paper.add_paragraph()


def _set_widths(table: Table, widths: tuple[Cm, ...]) -> None:
    table.autofit = False
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def _paragraph(paper: Paper, words: str) -> None:
    paper.add_paragraph(words).alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
