"""Two governments, two agencies in the first, a person in every role; and one request by any of them."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from spbe_tasks import clock
from spbe_tasks.adapters.storage import FolderStorage
from spbe_tasks.extensions import db
from spbe_tasks.models import (
    Account,
    Agency,
    AssessmentRevision,
    BuildKind,
    Government,
    LocalHoliday,
    MessageKind,
    MessageState,
    Plan,
    Scan,
    Submission,
    Task,
)
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.calendar import HolidayKind
from spbe_tasks.rules.government_deletion import WAIT
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import government_deletions, level_pins, own_instruments, packs, projections
from spbe_tasks.web.access import CHOSEN_GOVERNMENT
from spbe_tasks.work import Work
from tests import factories
from tests.factories import NOW
from tests.integration.web.access.table import ADMIN, EXECUTIVE, FOCAL, REVIEWER, Place
from tests.unit.instruments.small_instrument import SMALL

Typed = dict[str, str | bytes]
Visit = Callable[..., TestResponse]
Enter = Callable[[Role], FlaskClient]
# Words that stand in every name of another agency and of another government: no answer may hold them.
NEIGHBOUR, OUTSIDE = "TETANGGA", "LUARPAGAR"
# The other government was assessed in another year, so that its figures can be told apart too.
THEIR_YEAR = 2021


def _photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "PNG")
    return file.getvalue()


PHOTO = _photo()
PHOTO_KEY = hashlib.sha256(PHOTO).hexdigest()


@dataclass(frozen=True, slots=True)
class World:
    """Ids of what there is, by place, and the people by role, as session keys."""

    government_id: int
    things: dict[Place, dict[str, int]]
    sessions: dict[Role, str]


@pytest.fixture
def world(work: Work, app: Flask) -> World:
    session, storage = work.session, FolderStorage(app.extensions["settings"].storage_dir)
    home = factories.government(session, name="Pemerintah Sendiri", slug="sendiri")
    abroad = factories.government(session, name=f"Pemerintah {OUTSIDE}", sender_name=OUTSIDE)
    file_key = storage.put(b"isi")
    storage.put(PHOTO)
    ours_then = factories.revision(session, home, file_key=file_key)
    plan = factories.plan(session, home, baseline=ours_then)
    theirs_then = factories.revision(session, abroad, level=4, year=THEIR_YEAR, file_key=file_key)
    their_plan = factories.plan(session, abroad, year=THEIR_YEAR, baseline=theirs_then)
    mine = factories.agency(session, home, name="Dinas Sendiri", short_name="Sendiri")
    next_door = factories.agency(session, home, name=f"Dinas {NEIGHBOUR}", short_name=NEIGHBOUR)
    theirs = factories.agency(session, abroad, name=f"Dinas {OUTSIDE}", short_name=OUTSIDE)
    people = {
        role: factories.account(
            session,
            None if role is ADMIN else home,
            role,
            None if role in {ADMIN, REVIEWER, EXECUTIVE} else mine,
            name=f"Orang {role.value}",
            locale="en",
        )
        for role in Role
    }
    things = {
        Place.OWN: _things(session, home, plan, mine, people[FOCAL]),
        Place.NEIGHBOUR: _things(
            session,
            home,
            plan,
            next_door,
            factories.account(session, home, FOCAL, next_door, name=f"Orang {NEIGHBOUR}"),
        ),
        Place.OUTSIDE: _things(
            session,
            abroad,
            their_plan,
            theirs,
            factories.account(session, abroad, FOCAL, theirs, name=f"Orang {OUTSIDE}"),
        ),
    }
    session.flush()
    for each in (plan, their_plan):
        projections.rebuild(work, each.id, now=NOW)
    session.commit()
    return World(home.id, things, {role: person.get_id() for role, person in people.items()})


def _things(
    session: Session, government: Government, plan: Plan, agency: Agency, person: Account
) -> dict[str, int]:
    indicator = 33 if agency.short_name == "Sendiri" else 34
    task = factories.task(session, plan, agency, indicator, state_note=f"alasan {agency.short_name}")
    submitted = _submit(session, plan, agency, person)
    factories.extension(
        session, submitted, person, wanted_on=date(2027, 12, 1), reason=f"butuh {agency.name}"
    )
    idle = factories.agency(session, government, name=f"Dinas Lain {agency.short_name}")
    invited = factories.account(
        session, government, FOCAL, agency, name=f"Diundang {agency.short_name}", password_hash=None
    )
    holiday = LocalHoliday(
        government_id=government.id,
        on=date(2025, 8, indicator % 28 + 1),
        name=f"Libur {government.name}",
        kind=HolidayKind.LOCAL,
    )
    message = factories.message(
        session,
        person,
        kind=MessageKind.INVITE,
        state=MessageState.SENT,
        to_address=person.email,
        subject=f"Undangan {government.name}",
        body_text="isi",
        body_html="<p>isi</p>",
    )
    session.add(holiday)
    session.flush()
    baseline = session.get_one(AssessmentRevision, plan.baseline_revision_id)
    draft = factories.draft(
        session, government, file_key=baseline.file_key, file_name=f"impor {government.name}"
    )
    _pin(session, baseline, indicator)
    _bring_instrument(session, government, agency)
    scenario, beside = (
        factories.scenario(session, government, name=f"Skenario {government.name}", year=plan.year)
        for _ in range(2)
    )
    closed = factories.plan(
        session,
        government,
        year=1980 + indicator,
        baseline=baseline,
        closed_at=NOW,
        closing_reason="Selesai.",
    )
    # In a plan of its own, so that what is counted in the year's lists stays what the tests count.
    other_plan = factories.plan(session, government, year=1900 + indicator, baseline=baseline)
    made = factories.task(
        session, other_plan, agency, indicator, kind=TaskKind.HAND_MADE, state=State.PLANNED
    )
    file_key = baseline.file_key or ""
    return {
        "task": task.id,
        "made": made.id,
        "evidence": factories.evidence(session, person, file_key, title=f"Bukti {agency.short_name}").id,
        "drawn": factories.evidence(
            session, person, PHOTO_KEY, title=f"Foto {agency.short_name}", media_type="image/png"
        ).id,
        "infected": factories.evidence(
            session, person, file_key, title=f"Virus {agency.short_name}", scan=Scan.INFECTED, threat="Eicar"
        ).id,
        "upload": factories.upload(session, person, file_key, file_name="berkas.txt").id,
        "sending": factories.upload(session, person, size_bytes=1_000).id,
        "part": factories.part(session, task, f"Bagian {agency.short_name}").id,
        "comment": factories.comment(
            session, task, person, f"Kata {agency.short_name}", written_at=clock.now()
        ).id,
        "agency": agency.id,
        "idle": idle.id,
        "account": person.id,
        "invited": invited.id,
        "submitted": submitted.id,
        "milestone": factories.milestone(session, task, f"Langkah {agency.short_name}").id,
        "line": factories.budget_line(session, task, name=f"Anggaran {agency.short_name}").id,
        "acting_officer": factories.acting_officer(session, invited, person).id,
        "assessment": baseline.assessment_id,
        "plan": plan.id,
        "closed": closed.id,
        "revision": baseline.id,
        "holiday": holiday.id,
        "target": factories.index_target(session, government, source=f"RPJMD {government.name}").id,
        "message": message.id,
        "key": factories.api_key(session, person).id,
        "suppression": factories.suppression(session, invited).id,
        "draft": draft.id,
        "scenario": scenario.id,
        "beside": beside.id,
        "pinned": indicator,
        "view": factories.saved_view(session, person, name=f"Tampilan {agency.short_name}").id,
        "run": factories.bulk_run(session, person, task).id,
        "pack": packs.begin(Work(session), Scope(government.id, None, Role.COORDINATOR), plan.id, now=NOW).id,
        "built": factories.built_file(
            session, person, file_key=baseline.file_key, file_name=f"berkas {government.name}.zip"
        ).id,
        "government": government.id,
    }


def own_instrument(agency_id: int) -> str:
    """The id of the instrument that stands beside an agency in its government."""
    return f"own-{agency_id}"


def ask_for_deletions(world: World) -> None:
    """Have both governments wait for a second administrator; then nobody can ask anew."""
    work = Work(db.session())
    asker = factories.administrator(work.session, name="Administrator Lain")
    asked_at = clock.now() - WAIT
    for things in world.things.values():
        government = work.session.get_one(Government, things["government"])
        scope = Scope(government.id, asker.id, Role.ADMINISTRATOR)
        if government.deletion_asked_at is None:
            government_deletions.ask(work, scope, slug=government.slug, reason="Uji coba.", now=asked_at)
            person = work.session.get_one(Account, things["account"])
            archive = {"kind": BuildKind.GOVERNMENT_ARCHIVE, "finished_at": clock.now()}
            factories.built_file(work.session, person, **archive)
        things["deletion"] = government_deletions.look(work.session, scope, now=asked_at).deletion.id  # type: ignore[union-attr]
    work.session.commit()


def _bring_instrument(session: Session, government: Government, agency: Agency) -> None:
    machine = Scope(government.id, None, Role.COORDINATOR)
    content = SMALL.replace("id: small", f"id: {own_instrument(agency.id)}")
    own_instruments.store(Work(session), machine, content.encode(), now=NOW)


def _pin(session: Session, baseline: AssessmentRevision, indicator: int) -> None:
    machine = Scope(baseline.government_id, None, Role.COORDINATOR)
    level_pins.pin(
        Work(session),
        machine,
        baseline.assessment_id,
        indicator,
        level=Decimal(3),
        reason="Berita acara.",
        seen_number=None,
        now=NOW,
    )


def _submit(session: Session, plan: Plan, agency: Agency, person: Account) -> Task:
    title = f"Diajukan {agency.short_name}"
    task = factories.task(session, plan, agency, 42, state=State.SUBMITTED, title=title)
    handed_in = Submission(
        government_id=plan.government_id,
        task_id=task.id,
        number=1,
        note=f"catatan {agency.short_name}",
        submitted_by_id=person.id,
        submitted_at=NOW,
    )
    session.add(handed_in)
    return task


@pytest.fixture
def enter(app: Flask, world: World) -> Enter:
    """A browser in which the person of a role has signed in."""

    def go(role: Role) -> FlaskClient:
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = world.sessions[role]
            if role is ADMIN:
                session[CHOSEN_GOVERNMENT] = world.government_id
        return client

    return go


@pytest.fixture
def visit(app: Flask, enter: Enter) -> Visit:
    """One request by a person of a role, or a stranger; everything it changed is undone afterwards."""

    def go(role: Role | None, method: str, address: str, typed: Typed | None = None) -> TestResponse:
        db.session.remove()  # its open savepoint would end with the request, and ours with it
        undo = db.engine.begin_nested()  # type: ignore[attr-defined]
        client = app.test_client() if role is None else enter(role)
        answer = client.open(address, method=method, data=_as_form(typed) if method == "POST" else None)
        db.session.remove()
        undo.rollback()
        return answer

    return go


def _as_form(typed: Typed | None) -> dict[str, object]:
    return {
        name: (io.BytesIO(value), "logo.png") if isinstance(value, bytes) else value
        for name, value in (typed or {}).items()
    }
