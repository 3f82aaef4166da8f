"""What the tasks of a measured government stand on: agencies, people, matrix, assessments and plans."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.demo.bulk import copy_rows, reserve_ids
from spbe_tasks.models import (
    Account,
    Agency,
    Assessment,
    AssessmentKind,
    AssessmentRevision,
    EvaluationCalendar,
    Government,
    GovernmentKind,
    Ownership,
    Plan,
    PolicyVersion,
    Score,
)
from spbe_tasks.models.base import Model
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.calendar import SendWindow, local_date
from spbe_tasks.rules.index import STORED_DECIMALS, as_decimal, compute
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.policy import Policy
from spbe_tasks.rules.policy_settings import settings_of

AGENCIES = 40
TARGET = Decimal(3)
# Levels below the target where there are tasks, and not below it where there are none.
LOW, HIGH = (Decimal(1), Decimal(2)), (Decimal(3), Decimal(3), Decimal(4), Decimal(5))
KINDS = (GovernmentKind.REGENCY, GovernmentKind.REGENCY, GovernmentKind.CITY, GovernmentKind.PROVINCE)
ZONES = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")
YEAR = timedelta(days=365)
PUBLISHED_BEFORE = timedelta(days=120)
DUE_AFTER = timedelta(days=120)
EVALUATED_AFTER = timedelta(days=150)

Cells = Sequence[tuple[int, int]]  # indicator number, agency id: one task each


@dataclass(frozen=True, slots=True)
class Ground:
    """A government being filled. ``random`` is its own, so that the number of others changes nothing in it."""

    session: Session
    instrument: Instrument
    random: Random
    government_id: int
    agency_ids: Sequence[int]
    focal_point_id: int
    today: date
    now: datetime

    def store(self, row: Model) -> None:
        """Keep one row, with its id from now on."""
        self.session.add(row)
        self.session.flush()


def slug(number: int) -> str:
    """The slug of the ``number``-th government."""
    return f"contoh-{number:04d}"


def prepare(
    session: Session,
    number: int,
    instrument: Instrument,
    *,
    random: Random,
    password_hash: str,
    now: datetime,
) -> Ground:
    """Open the government with its agencies and the two people who can sign in: coordinator and focal point."""
    window = SendWindow(time(7, 30), time(16, 0))
    government = Government(
        slug=slug(number),
        name=f"Pemerintah Contoh {number:04d}",
        kind=random.choice(KINDS),
        timezone=random.choice(ZONES),
        sender_name=f"SPBE Tasks Contoh {number:04d}",
        send_opens_at=window.opens,
        send_closes_at=window.closes,
        is_mail_paused=True,
        is_illustrative=True,
    )
    session.add(government)
    session.flush()
    agency_ids = _agencies(session, government)
    focal_point = _people(session, government, agency_ids[0], password_hash)
    today = local_date(now, government.timezone)
    return Ground(session, instrument, random, government.id, agency_ids, focal_point.id, today, now)


def deal(ground: Ground, count: int) -> Cells:
    """Deal ``count`` tasks to the indicators in turn, to a different agency each time round."""
    numbers = [each.number for each in ground.instrument.indicators]
    return [
        (numbers[place], ground.agency_ids[(turn + 7 * place) % AGENCIES])
        for turn, place in (divmod(each, len(numbers)) for each in range(count))
    ]


def own(ground: Ground, cells: Cells) -> None:
    """The matrix that these tasks follow from; the first agency of each indicator leads."""
    seen: set[int] = set()
    rows = []
    for number, agency_id in cells:
        is_lead = number not in seen
        rows.append((ground.government_id, ground.instrument.id, number, agency_id, is_lead))
        seen.add(number)
    columns = ("government_id", "instrument_id", "indicator_number", "agency_id", "is_lead")
    copy_rows(ground.session, Ownership, columns, rows)


def open_plan(ground: Ground, year: int, age: int, cells: Cells) -> tuple[Plan, Mapping[int, Decimal]]:
    """The official assessment of ``year`` and the published plan on it, ``age`` years back; with its levels."""
    owners = Counter(number for number, _ in cells)
    levels = {
        each.number: ground.random.choice(LOW if each.number in owners else HIGH)
        for each in ground.instrument.indicators
    }
    revision = _revision(ground, year, age, levels)
    ground.store(
        EvaluationCalendar(
            government_id=ground.government_id,
            year=year,
            self_assessment_opens_on=ground.today + EVALUATED_AFTER - age * YEAR,
        )
    )
    plan = Plan(
        government_id=ground.government_id,
        instrument_id=ground.instrument.id,
        year=year,
        baseline_revision_id=revision.id,
        policy_id=_policy(ground, year, age).id,
        counted_from_on=ground.today - PUBLISHED_BEFORE - age * YEAR,
        target_index=TARGET,
        published_at=ground.now - PUBLISHED_BEFORE - age * YEAR,
    )
    ground.store(plan)
    return plan, levels


def _policy(ground: Ground, year: int, age: int) -> PolicyVersion:
    """The version of that year; the oldest plan has the first."""
    policy = Policy.simple(TARGET, TARGET, ground.today + DUE_AFTER - age * YEAR)
    made = func.coalesce(func.max(PolicyVersion.number), 0) + 1
    number = ground.session.scalar(
        select(made).where(
            PolicyVersion.government_id == ground.government_id,
            PolicyVersion.instrument_id == ground.instrument.id,
        )
    )
    row = PolicyVersion(
        government_id=ground.government_id,
        instrument_id=ground.instrument.id,
        number=number,
        year=year,
        settings=settings_of(policy),
        made_at=ground.now - PUBLISHED_BEFORE - age * YEAR,
    )
    ground.store(row)
    return row


def _agencies(session: Session, government: Government) -> list[int]:
    agency_ids = reserve_ids(session, Agency, AGENCIES)
    columns = ("id", "government_id", "slug", "name", "short_name", "is_active", "version")
    rows = (
        (each, government.id, f"opd-{place:02d}", f"Dinas Contoh {place:02d}", f"Dinas {place:02d}", True, 1)
        for place, each in enumerate(agency_ids, 1)
    )
    copy_rows(session, Agency, columns, rows)
    return agency_ids


def _people(session: Session, government: Government, agency_id: int, password_hash: str) -> Account:
    """The coordinator and the focal point of one agency; returns the latter."""
    coordinator, focal_point = (
        Account(
            government_id=government.id,
            agency_id=agency_id,
            email=f"{name}@{government.slug}.example",
            name=f"{title} {government.name}",
            role=role,
            password_hash=password_hash,
            is_illustrative=True,
        )
        for name, title, role in (
            ("koordinator", "Koordinator", Role.COORDINATOR),
            ("pic", "PIC", Role.FOCAL_POINT),
        )
    )
    session.add_all((coordinator, focal_point))
    session.flush()
    return focal_point


def _revision(ground: Ground, year: int, age: int, levels: Mapping[int, Decimal]) -> AssessmentRevision:
    assessment = Assessment(
        government_id=ground.government_id,
        instrument_id=ground.instrument.id,
        year=year,
        kind=AssessmentKind.OFFICIAL,
        predicate_basis=ground.instrument.basis_for(year),
        is_illustrative=True,
    )
    ground.store(assessment)
    revision = AssessmentRevision(
        government_id=ground.government_id,
        assessment_id=assessment.id,
        number=1,
        file_name=f"contoh-{year}.csv",
        file_sha256=hashlib.sha256(repr(sorted(levels.items())).encode()).hexdigest(),
        imported_at=ground.now - PUBLISHED_BEFORE - age * YEAR,
        index_value=as_decimal(compute(ground.instrument, levels).index, STORED_DECIMALS),
    )
    ground.store(revision)
    rows = ((revision.id, number, ground.government_id, level) for number, level in levels.items())
    copy_rows(ground.session, Score, ("revision_id", "indicator_number", "government_id", "level"), rows)
    return revision
