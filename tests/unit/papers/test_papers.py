"""Lists, notes and proofs on paper: what they say, also of names that a markup could trip over."""

import io
from datetime import date
from decimal import Decimal

import pypdfium2
from docx import Document
from docx.document import Document as Paper

from spbe_tasks.models import ActingKind
from spbe_tasks.papers import chat, official_note, proof_pdf
from spbe_tasks.papers.proof_pdf import ProofPaper
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.digest import DigestGroup
from spbe_tasks.rules.ladder import Level
from spbe_tasks.services.agency_lists import AgencyList, Line
from spbe_tasks.services.escalations import EscalatedAgency, EscalatedTask
from spbe_tasks.services.official_notes import Officer, OfficialNote

NAME = "Dinas <b>R&D</b> 100% ≥ baik"


def _line(number: int, points: str, late: int) -> Line:
    return Line(number, number, f"Tugas {number}", date(2026, 11, 30), late, Decimal(points))


LIST = AgencyList(
    agency_id=7,
    agency_name=NAME,
    today=date(2026, 12, 3),
    groups={
        DigestGroup.OVERDUE: (_line(5, "0.01", 3), _line(33, "0.055", 3)),
        DigestGroup.LATER: (_line(40, "0", 0),),
    },
)
NOTHING = AgencyList(7, NAME, date(2026, 12, 3), {})


def _url(task_id: int) -> str:
    return f"https://spbe.example/tasks/{task_id}"


def test_a_list_for_chat_has_headings_facts_and_links() -> None:
    assert chat.write(LIST, "en", _url).splitlines() == [
        f"*SPBE tasks of {NAME}, Thursday, 3 December 2026*",
        "",
        "*Overdue (2)*",
        "• 5. Tugas 5",
        "  due Monday, 30 November 2026; working days late: 3; 0.010 index points",
        "  https://spbe.example/tasks/5",
        "• 33. Tugas 33",
        "  due Monday, 30 November 2026; working days late: 3; 0.055 index points",
        "  https://spbe.example/tasks/33",
        "",
        "*Due later (1)*",
        "• 40. Tugas 40",
        "  due Monday, 30 November 2026",
        "  https://spbe.example/tasks/40",
    ]


def test_an_agency_without_open_tasks_is_told_so() -> None:
    assert chat.write(NOTHING, "en", _url).splitlines()[-1] == "Nothing is open."


def _late(number: int, points: str, days: int) -> EscalatedTask:
    due_on = date(2026, 11, 2)
    return EscalatedTask(number, number, f"Tugas {number}", due_on, Level.EXECUTIVE, days, Decimal(points))


def _note(**officers: tuple[Officer, ...]) -> OfficialNote:
    late = EscalatedAgency(7, NAME, (_late(33, "0.055", 23), _late(5, "0.01", 14)))
    told = {"heads": (), "leaders": ()} | officers
    return OfficialNote("Pemerintah Kabupaten Ketapang", date(2026, 12, 3), late, **told)


def _written(note: OfficialNote, locale: str = "en") -> Paper:
    return Document(io.BytesIO(official_note.write(note, locale, sender="Coordinator")))


def _text(paper: Paper) -> str:
    return "\n".join(paragraph.text for paragraph in paper.paragraphs)


def test_a_note_lists_what_stands_at_the_top_with_its_days_and_points() -> None:
    paper = _written(_note())
    address, tasks = paper.tables
    assert address.rows[0].cells[1].text == f": Head of {NAME}"
    assert [row.cells[1].text for row in tasks.rows] == ["Indicator", "33", "5"]
    assert [row.cells[4].text for row in tasks.rows[1:]] == ["23", "14"]
    assert [row.cells[5].text for row in tasks.rows[1:]] == ["0.055", "0.010"]
    assert "0.065" in _text(paper)
    assert "Copy to" not in _text(paper)


def test_a_note_names_who_stands_in_as_such() -> None:
    head = Officer("Rina", Role.AGENCY_HEAD, "Kepala Dinas", ActingKind.PLT)
    leaders = (
        Officer("Budi", Role.EXECUTIVE, "Sekretaris Daerah", ActingKind.PLH),
        Officer("Ana", Role.EXECUTIVE, None),
    )
    paper = _written(_note(heads=(head,), leaders=leaders), "id")
    assert paper.tables[0].rows[0].cells[1].text.startswith(": Plt. ")
    assert paper.tables[0].rows[0].cells[1].text.endswith(f"{NAME} (Rina)")
    assert "Plh. Sekretaris Daerah (Budi)\nPimpinan (Ana)" in _text(paper)


def test_every_page_of_a_proof_has_its_number_and_shows_odd_names() -> None:
    rows = [
        ["3 Dec 2026", NAME, "x" * 400, "on the day", "told", "250 <ok> & kept", f"#{n}"] for n in range(80)
    ]
    paper = ProofPaper(
        title="Proof",
        government=NAME,
        notes=["head of the chain"],
        columns=["When", "To", "Of what", "Step", "Ended as", "Answer", "Trail"],
        rows=rows,
        foot="Proof",
        page_words="page %(page)s of %(pages)s",
        lost_words="Some letters are others.",
    )
    pages = _pages(paper)
    assert len(pages) > 2
    for number, text in enumerate(pages, start=1):
        assert f"page {number} of {len(pages)}" in text
        assert "When" in text
        assert NAME in text
    assert "250 <ok> & kept" in " ".join("".join(pages).split())
    assert "Some letters" not in "".join(pages)


def _pages(paper: ProofPaper) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(proof_pdf.write(paper))]


def test_letters_the_paper_has_not_lose_their_accents_and_that_is_said() -> None:
    row = ["Łukasz Šimon Ğ ƒ “ya” ≥", "Ṭāhā Ḥasan", "Ганна → 5"] + [""] * 4
    paper = ProofPaper("Proof", "Ketapang", [], ["When"] * 7, [row], "", "", "Some letters are others.")
    text = " ".join("".join(_pages(paper)).split())
    for words in ("Łukasz Šimon Ğ ƒ “ya” ≥", "Taha Hasan", "????? ? 5", "Some letters are others."):
        assert words in text


def test_a_proof_of_nothing_is_one_page() -> None:
    paper = ProofPaper("Proof", "Ketapang", [], ["When"] * 7, [], "Proof", "page %(page)s of %(pages)s", "")
    assert len(pypdfium2.PdfDocument(proof_pdf.write(paper))) == 1
