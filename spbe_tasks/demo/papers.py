"""Small invented documents that the demo's agencies bring as evidence: drawn and stored before anything is loaded."""

from collections.abc import Iterator, Mapping
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from spbe_tasks.adapters.storage import Storage
from spbe_tasks.demo.content import History
from spbe_tasks.services.evidence import StoredFile

_LINES = (
    "Dokumen contoh. Isinya dikarang untuk memperlihatkan cara kerja SPBE Tasks,",
    "dan bukan dokumen pemerintah mana pun.",
)


def keep_all(storage: Storage, history: History) -> Mapping[str, StoredFile]:
    """Every document that the history attaches, by title. Storing the same again changes nothing."""
    return {title: _keep(storage, title) for title in _titles(history)}


def _titles(history: History) -> Iterator[str]:
    return (step.given["title"] for day in history.days for step in day.steps if step.do == "attach")


def _keep(storage: Storage, title: str) -> StoredFile:
    data = draw(title)
    return StoredFile(storage.put(data), f"{title}.pdf", "application/pdf", len(data))


def draw(title: str) -> bytes:
    """One page that says its title and that it is invented; the same title gives the same bytes."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    _, height = A4
    canvas.setTitle(title)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(60, height - 90, title)
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(_LINES):
        canvas.drawString(60, height - 130 - 18 * number, line)
    canvas.save()
    return out.getvalue()
