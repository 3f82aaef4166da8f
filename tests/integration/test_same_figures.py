"""One figure, one number: wherever a plan's figures are shown they are the same, and those of the oracle."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from spbe_tasks import rendering
from spbe_tasks.building import run
from spbe_tasks.mail_headers import Office
from spbe_tasks.models import Account, Agency, BuildKind, BuildState, Government, MessageKind, Plan
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import built_files, dispatch, projections
from spbe_tasks.services.letters import Letter, Mail
from spbe_tasks.services.queries import sending
from spbe_tasks.services.send_round import Round
from spbe_tasks.stored_files import storage
from spbe_tasks.work import Work
from tests import factories, oracle
from tests.factories import NOW
from tests.integration.conftest import SignIn

TODAY = NOW.date()
KEY = "spbe_kunci"
TARGET = Decimal("3.50")
SHOWN = ("baseline", "secured", "expected", "target")
"""What every place for leaders shows; the public page leaves out what may become of open work."""


@dataclass
class Scene:
    """A plan whose secured index is 2.165: shown as 2.17 only by whoever rounds a half upwards."""

    government: Government
    plan: Plan
    agencies: Mapping[str, Agency]
    leader: Account


@pytest.fixture
def scene(session: Session, work: Work) -> Scene:
    government = factories.government(session, is_public=True, monthly_brief_day=1)
    agencies = {
        name: factories.agency(session, government, short_name=name) for name in ("Satu", "Dua", "Tiga")
    }
    plan = factories.plan(session, government, target_index=TARGET, published_at=NOW)
    one, two, three = agencies.values()
    for number in (33, 34, 35):
        factories.task(
            session, plan, one, number, state=State.ACCEPTED, reached_level=Decimal(4), target_level=4
        )
    factories.task(session, plan, one, 36, state=State.SUBMITTED, target_level=Decimal(4))
    factories.task(session, plan, two, 37, state=State.BLOCKED, target_level=Decimal(5))
    factories.task(session, plan, two, 38, due_on=TODAY - timedelta(days=9))
    third = {"share_numerator": 1, "share_denominator": 3}
    factories.task(session, plan, three, 39, due_on=TODAY + timedelta(days=5), **third)
    factories.task(session, plan, two, 39, share_numerator=2, share_denominator=3)
    leader = factories.account(session, government, Role.EXECUTIVE, locale="en")
    factories.api_key(session, leader, KEY)
    session.flush()
    projections.rebuild(work, plan.id, now=NOW, is_forced=True)
    session.commit()
    return Scene(government, plan, agencies, leader)


def _rounded(value: Decimal | Fraction, places: str = "0.01") -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else value
    return exact.quantize(Decimal(places), ROUND_HALF_UP)


def _numbers(words: str, decimals: int = 2) -> list[Decimal]:
    return [Decimal(found) for found in re.findall(rf"(?<![\d.])\d\.\d{{{decimals}}}(?!\d)", words)]


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@dataclass
class Places:
    """Every place that shows figures, as its reader meets it."""

    app: Flask
    work: Work
    scene: Scene
    browser: FlaskClient
    stranger: FlaskClient

    def dashboard(self) -> str:
        return self.browser.get("/dashboard").text

    def api(self, what: str) -> dict[str, Any]:
        address = f"/api/v1/plans/{self.scene.plan.id}/{what}"
        answer = self.stranger.get(address, headers={"Authorization": f"Bearer {KEY}"})
        assert answer.status_code == 200
        return dict(answer.json or {})

    def public(self) -> str:
        return self.stranger.get(f"/public/{self.scene.government.slug}?lang=en").text

    def mail(self) -> str:
        """The text of the month's brief, made as the sender makes it."""
        session = self.work.session
        message = factories.message(session, self.scene.leader, kind=MessageKind.MONTHLY, local_date=TODAY)
        office = Office(
            "https://spbe.example", "a-secret-that-only-tests-know-0123456789", "spbe@spbe.example"
        )
        written: list[str] = []

        def render(letter: Letter) -> Mail:
            mail = rendering.render(letter, office)
            written.append(mail.kept_text)
            return mail

        waiting = sending.lock_due(session, message.id, NOW)
        assert waiting is not None
        dispatch.claim(self.work, waiting, render, known=Round(), now=NOW)
        return written[0]

    def _built(self, kind: BuildKind) -> bytes:
        subject = {"plan_id": self.scene.plan.id, "year": self.scene.plan.year}
        built = built_files.ask(self.work, factories.scope(self.scene.leader), kind, subject, now=NOW)
        self.work.session.commit()
        run.build(built.id)
        self.work.session.refresh(built)
        assert (built.state, built.problem) == (BuildState.READY, None)
        return storage().read(built.file_key or "")

    def paper(self) -> str:
        """The words of the report for the meeting, page after page."""
        pdf = pypdfium2.PdfDocument(self._built(BuildKind.MEETING_REPORT))
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)

    def workbook(self) -> list[list[Any]]:
        """The rows of the workbook's summary."""
        book = CalamineWorkbook.from_filelike(BytesIO(self._built(BuildKind.PLAN_WORKBOOK)))
        return book.get_sheet_by_index(0).to_python()


@pytest.fixture
def places(app: Flask, work: Work, scene: Scene, sign_in: SignIn, client: FlaskClient) -> Places:
    return Places(app, work, scene, sign_in(scene.leader), client)


@pytest.fixture
def truth(session: Session, scene: Scene) -> oracle.Answer:
    """What plain SQL says of the plan, which shares no rule with the product."""
    return oracle.ask(session, scene.plan.id, today=TODAY, evaluation_on=None)


def test_the_index_is_the_same_on_page_paper_sheet_mail_public_page_and_for_programs(
    places: Places, truth: oracle.Answer
) -> None:
    exact = {**truth.figures, "target": TARGET}
    assert exact["secured"] == Decimal("2.165")
    shown = [_rounded(exact[name]) for name in SHOWN]
    steps = re.search(r'class="index-steps">(.*?)</ol>', places.dashboard(), re.DOTALL)
    assert steps
    assert _numbers(_words(steps[1])) == shown
    first = places.paper().partition("Poor")[0]
    assert _numbers(first) == shown
    assert [_rounded(Decimal(str(row[1]))) for row in _below(places.workbook(), "Figure")] == [
        _rounded(exact[name]) for name in (*oracle.FIGURES, "target")
    ]
    lines = re.findall(r"^[^:]+: (\d\.\d\d) [A-Z]", places.mail(), re.MULTILINE)
    assert [Decimal(line) for line in lines] == shown
    headline = re.search(r'class="index-steps">(.*?)</ol>', places.public(), re.DOTALL)
    assert headline
    assert _numbers(_words(headline[1])) == [
        _rounded(exact[name]) for name in ("baseline", "secured", "target")
    ]
    document = places.api("figures")
    told = {**document["figures"], "target": document["target"]}
    assert {name: Fraction(each["exact"]) for name, each in told.items()} == {
        name: Fraction(value) for name, value in exact.items()
    }
    assert {name: Decimal(each["index"]) for name, each in told.items()} == {
        name: _rounded(value) for name, value in exact.items()
    }


def test_the_points_of_every_agency_are_the_same(places: Places, scene: Scene, truth: oracle.Answer) -> None:
    undelivered = {name: _undelivered(truth, agency.id) for name, agency in scene.agencies.items()}
    order = sorted(undelivered, key=lambda name: -undelivered[name])
    shown = [(name, _rounded(undelivered[name], "0.001")) for name in order]
    assert _named_points(places.dashboard(), order) == shown
    assert _named_points(places.browser.get("/agency-points").text, order) == shown
    all_agencies = places.paper().partition("Late tasks")[2]
    assert _named_points(all_agencies, order) == shown
    *sheet, _together = _below(places.workbook(), "Agency")
    assert [(row[0], _rounded(Decimal(str(row[6])), "0.001")) for row in sheet] == shown
    assert _named_points(places.mail().partition("Most points")[2], order) == shown
    csv = places.browser.get("/agency-points/export.csv").get_data().decode("utf-8-sig")
    rows = [line.split(";") for line in csv.splitlines()[1:]]
    assert [(row[0], Decimal(row[1])) for row in rows if row[0] in order] == shown
    told = places.api("agencies")["agencies"]
    for row in told:
        assert abs(Fraction(row["points_undelivered"]) - undelivered[row["name"]]) < oracle.NEAR
    assert [row["name"] for row in told] == order


def test_late_waiting_and_blocked_work_is_counted_alike(
    places: Places, scene: Scene, truth: oracle.Answer
) -> None:
    overdue = sum(each["overdue"] for each in truth.counts.values())
    waiting = sum(each["submitted"] for each in truth.counts.values())
    assert (overdue, waiting) == (1, 1)
    assert "Late tasks: 1. Waiting for review: 1. Blocked: 1." in places.mail()
    page, paper = _words(places.dashboard()), places.paper()
    assert "Waiting for review 1 task " in page
    assert "Blocked 1 task " in page
    assert "Waiting for review (1)" in paper
    assert "Blocked (1)" in paper
    assert _below(places.workbook(), "Agency")[-1][5] == overdue
    assert sum(row["tasks_overdue"] for row in places.api("agencies")["agencies"]) == overdue


def test_every_domain_is_the_same(places: Places, scene: Scene) -> None:
    domains = {
        each["name"]: [Decimal(each[name]["index"]) for name in oracle.FIGURES]
        for each in places.api("figures")["domains"]
    }
    assert domains["SPBE services"][1] == _rounded(Decimal(2) + Decimal("16.5") / Decimal("45.5"))
    page, public, paper = _words(places.dashboard()), _words(places.public()), places.paper()
    sheet = {row[0]: row[2:6] for row in _below(places.workbook(), "Domain or aspect")}
    for name, values in domains.items():
        assert [_rounded(Decimal(str(value))) for value in sheet[name]] == values
        said = " ".join(str(value) for value in values)
        assert re.search(rf"{re.escape(name)} (?:National average .{{0,80}}?\) )?{said}", page), name
        assert f"{name} {said}" in paper
        assert f"{name} {values[0]} {values[1]}" in public


def _undelivered(truth: oracle.Answer, agency_id: int) -> Fraction:
    points = truth.points[agency_id]
    return points["at_stake"] - points["secured"] - points["waiting"]


def _below(rows: list[list[Any]], heading: str) -> list[list[Any]]:
    first = next(number for number, row in enumerate(rows) if row[0] == heading) + 1
    last = next((number for number in range(first, len(rows)) if not any(rows[number])), len(rows))
    return rows[first:last]


def _named_points(text: str, names: list[str]) -> list[tuple[str, Decimal]]:
    """Each name with the first number of three decimals after it, in the order they stand in."""
    found = re.findall(rf"\b({'|'.join(names)})\b[^.]*?(\d\.\d{{3}})(?!\d)", _words(text))
    first: dict[str, Decimal] = {}
    for name, points in found:
        first.setdefault(name, Decimal(points))
    return list(first.items())
