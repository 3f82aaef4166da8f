"""The report for the meeting: the dashboard's figures on paper, whoever reads it and whatever the names."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from spbe_tasks.building import run
from spbe_tasks.formatting import points
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.messages import translate
from spbe_tasks.models import Account, Agency, BuildKind, BuildState, Government, Heartbeat, Plan
from spbe_tasks.papers import meeting_report
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import built_files, forecasts, meeting_reports, projections
from spbe_tasks.services.system import HEARTBEAT
from spbe_tasks.stored_files import storage
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW, PEMDI, SPBE
from tests.integration.conftest import SignIn

HOSTILE = "Dinas <b>R&D</b> 100% &amp;"
NUMBERS = [indicator.number for indicator in get_instrument(SPBE).indicators]


@dataclass
class World:
    government: Government
    plan: Plan
    mine: Agency
    other: Agency
    executive: Account


@pytest.fixture
def world(work: Work) -> World:
    session = work.session
    government = factories.government(session, name="Pemerintah Kabupaten Ketapang")
    mine = factories.agency(session, government, short_name="Milikku")
    other = factories.agency(session, government, short_name=HOSTILE)
    plan = factories.plan(session, government, target_index=Decimal("3.50"))
    factories.task(session, plan, mine, 33, state=State.ACCEPTED, reached_level=Decimal(3))
    factories.task(session, plan, mine, 40, state=State.IN_PROGRESS, due_on=date(2025, 2, 20))
    factories.task(session, plan, mine, 12, state=State.SUBMITTED)
    factories.task(session, plan, other, 34, state=State.BLOCKED, state_note="anggaran <i>belum</i> cair")
    factories.task(session, plan, other, 5, due_on=date(2025, 3, 10))
    executive = factories.account(session, government, Role.EXECUTIVE, locale="en")
    session.flush()
    projections.rebuild(work, plan.id, now=NOW)
    return World(government, plan, mine, other, executive)


def _pdf(
    session: Session, person: Account, plan: Plan, logo: bytes | None = None, now: datetime = NOW
) -> pypdfium2.PdfDocument:
    report = meeting_reports.collect(session, factories.scope(person), plan.id, person.locale, now=now)
    return pypdfium2.PdfDocument(meeting_report.write(report, logo))


def _pages(pdf: pypdfium2.PdfDocument) -> list[str]:
    """The text of each page, with any run of spaces and breaks as one space."""
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pdf]


def test_the_first_page_says_what_the_leaders_page_says(
    session: Session, world: World, sign_in: SignIn
) -> None:
    first = _pages(_pdf(session, world.executive, world.plan))[0]
    page = sign_in(world.executive).get("/dashboard").text
    headline = re.findall(r'<strong class="number"[^>]*>([\d.]+)</strong>', page)[:4]
    assert headline[0] == "2.00"
    assert headline[3] == "3.50"
    for figure in headline:
        assert figure in first
    still = re.findall(r'<td class="number">(\d\.\d{3})</td>', page)
    assert len(still) == 2
    for words in (*still, "Result 2024"):
        assert words in first
    missing = re.search(r"[\d.]+ points from the secured index", page)
    assert missing
    assert missing.group() in first
    assert "The date of the next evaluation is not known" in first


def test_the_first_page_says_who_is_late_what_is_due_and_why_something_is_blocked(
    session: Session, world: World
) -> None:
    first = _pages(_pdf(session, world.executive, world.plan))[0]
    instrument = get_instrument(SPBE)
    assert f"5 {instrument.indicator(5).short_name('en')} {HOSTILE} · 10 Mar 2025" in first
    assert f"34 {instrument.indicator(34).short_name('en')} {HOSTILE} · " in first
    assert "anggaran <i>belum</i> cair" in first
    assert re.search(r"Milikku 0\.\d{3} 1 ", first)  # points, and one late task


def test_the_first_page_says_the_forecast_in_the_words_of_its_page(
    work: Work, world: World, sign_in: SignIn
) -> None:
    first = _pages(_pdf(work.session, world.executive, world.plan))[0]
    assert forecasts.make(work, world.plan.id, now=NOW)
    with_forecast = _pages(_pdf(work.session, world.executive, world.plan))[0]
    page = sign_in(world.executive).get(f"/forecast?year={world.plan.year}").text
    said = re.search(r'<p class="headline">([^<]+)</p>', page)
    assert said
    assert unescape(said.group(1).strip()) in with_forecast
    assert unescape(said.group(1).strip()) not in first


def test_the_tables_hold_every_agency_and_their_sums(session: Session, world: World) -> None:
    text = " ".join(_pages(_pdf(session, world.executive, world.plan))[1:])
    seen = meeting_reports.collect(
        session, factories.scope(world.executive), world.plan.id, "en", now=NOW
    ).standings
    assert seen is not None
    assert f"Together {points(seen.total('points_undelivered') + seen.unowned_points, 'en')}" in text
    assert f"{points(seen.gap, 'en')} index points between the assessed level" in text
    assert f"{HOSTILE} (2)" in text
    assert "20 Feb 2025 · late" in text
    assert "No owner yet" in text


def test_an_agency_reads_of_its_own_row_and_tasks_only(session: Session, world: World) -> None:
    head = factories.account(session, world.government, Role.AGENCY_HEAD, world.mine, locale="en")
    text = " ".join(_pages(_pdf(session, head, world.plan)))
    assert "Your agency" in text
    assert "Milikku (2)" in text
    assert HOSTILE not in text
    assert "belum" not in text


def test_every_page_is_numbered_and_dated_in_the_readers_language(session: Session, world: World) -> None:
    world.executive.locale = "id"
    pages = _pages(_pdf(session, world.executive, world.plan))
    assert len(pages) > 1
    for number, text in enumerate(pages, start=1):
        assert translate("Page %(page)s of %(pages)s", "id", page=number, pages=len(pages)) in text
        assert "Pemerintah Kabupaten Ketapang · Angka per 3 Mar 2025 10.00 WIB" in text


def test_figures_that_may_be_old_are_called_so_on_every_page(session: Session, world: World) -> None:
    heard = Heartbeat(name=HEARTBEAT, seen_at=NOW)
    session.add(heard)
    session.flush()
    assert "may be older" not in " ".join(_pages(_pdf(session, world.executive, world.plan)))
    heard.seen_at = NOW - timedelta(hours=2)
    session.flush()
    pages = _pages(_pdf(session, world.executive, world.plan))
    assert all("10:00 WIB (may be older than the facts)" in text for text in pages)


def test_the_document_is_named_and_has_bookmarks(session: Session, world: World) -> None:
    pdf = _pdf(session, world.executive, world.plan)
    assert pdf.get_metadata_dict()["Title"] == "Where the index stands · Pemerintah Kabupaten Ketapang"
    parts = [each.get_title() for each in pdf.get_toc()]
    assert parts[0] == "Where the index stands"
    assert parts[-1] == "How these figures are made"
    assert [each.get_dest().get_index() for each in pdf.get_toc()][:2] == [0, 1]
    report = meeting_reports.collect(session, factories.scope(world.executive), world.plan.id, "en", now=NOW)
    assert b"/Lang (en)" in meeting_report.write(report)


def test_a_government_of_many_agencies_has_its_tables_over_several_pages(work: Work, world: World) -> None:
    session = work.session
    names = ["W" * 120, "Dinas 🚀 Ṭāhā", *(f"Dinas Nomor {number}" for number in range(33))]
    for at, name in enumerate(names):
        agency = factories.agency(session, world.government, short_name=name)
        for number in range(6):
            factories.task(
                session,
                world.plan,
                agency,
                NUMBERS[(6 * at + number) % len(NUMBERS)],
                state=State.BLOCKED,
                state_note="sangat panjang " * 200,
                title="Judul " + "x" * 200,
            )
    large = factories.agency(session, world.government, short_name="Dinas Besar")
    for number in NUMBERS:
        factories.task(session, world.plan, large, number)
    session.flush()
    projections.rebuild(work, world.plan.id, now=NOW)
    pages = _pages(_pdf(session, world.executive, world.plan))
    assert len(pages) > 8
    assert all(f"Page {number} of {len(pages)}" in text for number, text in enumerate(pages, start=1))
    assert "Trend" in pages[0]  # a page is a page, however much there is to say
    text = " ".join(pages)
    assert "W" * 120 in text.replace(" ", "")
    assert "Dinas ? Taha" in text
    assert "others lost their accents" in text
    for number in range(33):
        assert f"Dinas Nomor {number} (6)" in text
    assert len([each for each in pages if "Dinas Besar (47) State Due date Points" in each]) > 1


def test_the_logo_of_the_government_stands_at_the_top(session: Session, world: World) -> None:
    picture = BytesIO()
    Image.new("RGBA", (300, 200), (180, 20, 20, 255)).save(picture, "PNG")
    with_logo = _pdf(session, world.executive, world.plan, picture.getvalue())
    without = _pdf(session, world.executive, world.plan)
    assert [len(list(pdf[0].get_objects([pdfium.FPDF_PAGEOBJ_IMAGE]))) for pdf in (with_logo, without)] == [
        1,
        0,
    ]


def test_an_instrument_without_domains_and_a_plan_without_target_have_a_report(work: Work) -> None:
    session = work.session
    government = factories.government(session)
    baseline = factories.revision(session, government, {3: Decimal("3.25")}, year=2026, instrument_id=PEMDI)
    policy = factories.policy(session, government, instrument_id=PEMDI, year=2026)
    plan = factories.plan(
        session, government, instrument_id=PEMDI, year=2026, policy_id=policy.id, baseline=baseline
    )
    person = factories.account(session, government, locale="en")
    session.flush()
    later = NOW.replace(year=2027)
    projections.rebuild(work, plan.id, now=later)
    pages = _pages(_pdf(session, person, plan, now=later))
    assert "not set" in pages[0]
    assert "Domain" not in " ".join(pages).replace("by aspect, domain and index", "")
    assert "No task is open." in " ".join(pages)
    assert "National average" not in " ".join(pages)
    assert "No agency has a task that counts yet." in pages[0]


def test_before_the_first_figures_there_is_no_report(session: Session) -> None:
    government = factories.government(session)
    plan = factories.plan(session, government)
    person = factories.account(session, government)
    with pytest.raises(NotFoundError) as refused:
        meeting_reports.collect(session, factories.scope(person), plan.id, "id", now=NOW)
    assert refused.value.code == "plan.no_figures"


def test_a_worker_builds_it_with_the_logo_of_the_government(app: Flask, work: Work, world: World) -> None:
    picture = BytesIO()
    Image.new("RGB", (40, 40), (10, 20, 30)).save(picture, "JPEG")
    world.government.logo_key = storage().put(picture.getvalue())
    subject = {"plan_id": world.plan.id, "year": world.plan.year}
    built = built_files.ask(
        work, factories.scope(world.executive), BuildKind.MEETING_REPORT, subject, now=NOW
    )
    run.build(built.id)
    work.session.refresh(built)
    assert (built.state, built.problem) == (BuildState.READY, None)
    assert built.file_name is not None
    assert built.file_name.endswith(".pdf")
    pdf = pypdfium2.PdfDocument(storage().read(built.file_key or ""))
    assert len(list(pdf[0].get_objects([pdfium.FPDF_PAGEOBJ_IMAGE]))) == 1
