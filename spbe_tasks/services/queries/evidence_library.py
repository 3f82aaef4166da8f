"""Selects of the evidence library: the list, what it is narrowed to, and where one evidence is used."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, cast, exists, extract, func, or_, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Account,
    Agency,
    Evidence,
    EvidenceUse,
    EvidenceVersion,
    PackUse,
    Plan,
    Scan,
    Submission,
    Task,
)
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.workflow import AGENCY_STATES
from spbe_tasks.services.queries import bundle, tasks
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows
from spbe_tasks.services.queries.closing import in_open_plan
from spbe_tasks.services.queries.evidence import ITEMS, newest, visible

PAGE_SIZE = 25
# Our own figure: a quarter is time to get a review done again.
SOON = timedelta(days=90)
MAX_NUMBER_DIGITS = 4
_USES = (
    select(func.count(func.distinct(EvidenceUse.task_id)))
    .where(EvidenceUse.evidence_id == Evidence.id)
    .scalar_subquery()
)
_year_of = extract(
    "year", func.coalesce(Evidence.dated_on, cast(Evidence.created_at, Evidence.dated_on.type))
)


class Shown(StrEnum):
    """Which part of the library a list shows."""

    USABLE = "usable"
    EXPIRING = "expiring"  # no longer counts, or soon
    UNUSED = "unused"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class LibraryFilter:
    """What the library is narrowed to. ``text``: words of titles, parts of file names, or an indicator's number."""

    shown: Shown = Shown.USABLE
    agency_id: int | None = None
    year: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the list: its exact number, agencies (id, short_name) and years to choose from."""

    total: int
    agencies: JsonRows
    years: tuple[int, ...]


def list_evidence(
    session: Session, scope: Scope, wanted: LibraryFilter, *, today: date, page: int = 1
) -> Sequence[Row[Any]]:
    """One page of the library, newest first: the columns of ``EvidenceItem``, ``agency_name``, ``added_at``, ``uses``,
    ``threat``.
    """
    rows = _rows(scope, wanted, today)
    return session.execute(rows.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()


def list_all_evidence(
    session: Session, scope: Scope, wanted: LibraryFilter, *, today: date
) -> Sequence[Row[Any]]:
    """The same, whole: for the command line."""
    return session.execute(_rows(scope, wanted, today)).all()


def _rows(scope: Scope, wanted: LibraryFilter, today: date) -> AnySelect:
    return (
        ITEMS.add_columns(
            Agency.short_name.label("agency_name"),
            EvidenceVersion.added_at,
            _USES.label("uses"),
            EvidenceVersion.threat,
        )
        .join(Agency, Agency.id == Evidence.agency_id)
        .where(_matching(scope, wanted, today))
        .order_by(EvidenceVersion.added_at.desc(), Evidence.id.desc())
    )


def list_surroundings(session: Session, scope: Scope, wanted: LibraryFilter, *, today: date) -> Surroundings:
    """What stands around such a list, in one statement."""
    agencies = select(Agency.id, Agency.short_name).where(Agency.government_id == scope.government_id)
    if not scope.sees_all_agencies:
        agencies = agencies.where(Agency.id == scope.agency_id)
    years = select(_year_of.label("year")).where(visible(scope), Evidence.removed_at.is_(None)).distinct()
    total = select(func.count().label("number")).select_from(Evidence).join(EvidenceVersion, newest())
    found = bundle.fetch(
        session,
        total=total.where(_matching(scope, wanted, today)),
        agencies=agencies.order_by(Agency.short_name, Agency.id),
        years=years.order_by(_year_of.desc()),
    )
    return Surroundings(
        found["total"][0]["number"], found["agencies"], tuple(int(row["year"]) for row in found["years"])
    )


def list_where_used(session: Session, scope: Scope, evidence_id: int) -> Sequence[Row[Any]]:
    """The tasks a person sees that an evidence shows criteria of, newest plan first: ``task_id``, ``indicator_number``,
    ``title``, ``state``, ``year``, ``instrument_id``, ``agency_name`` and ``places`` ("3.a, 4.b").
    """
    place = func.concat(EvidenceUse.level, ".", EvidenceUse.letter)
    rows = (
        select(
            Task.id.label("task_id"),
            Task.indicator_number,
            Task.title,
            Task.state,
            Plan.year,
            Plan.instrument_id,
            Agency.short_name.label("agency_name"),
            func.string_agg(place, ", ").label("places"),
        )
        .join(EvidenceUse, EvidenceUse.task_id == Task.id)
        .join(Plan, Plan.id == Task.plan_id)
        .join(Agency, Agency.id == Task.agency_id)
        .where(EvidenceUse.evidence_id == evidence_id, tasks.visible(scope))
        .group_by(Task.id, Plan.id, Agency.id)
    )
    return session.execute(rows.order_by(Plan.year.desc(), Task.indicator_number, Task.id)).all()


def list_version_rows(session: Session, evidence_id: int) -> "Sequence[Row[EvidenceVersion, str]]":
    """The versions of an evidence that was got through a scope, newest first: (EvidenceVersion, ``added_by``)."""
    rows = (
        select(EvidenceVersion, Account.name.label("added_by"))
        .join(Account, Account.id == EvidenceVersion.added_by_id)
        .where(EvidenceVersion.evidence_id == evidence_id)
    )
    return session.execute(rows.order_by(EvidenceVersion.number.desc())).all()


def lock_tasks_at_work(session: Session, evidence_id: int) -> frozenset[int]:
    """Lock the tasks that it shows something of and that it is the agency's turn to work on; returns their ids."""
    shows = exists().where(EvidenceUse.task_id == Task.id, EvidenceUse.evidence_id == evidence_id)
    rows = select(Task.id).where(shows, _at_work()).order_by(Task.id)
    return frozenset(session.scalars(rows.with_for_update()))


def list_uses_at_work(session: Session, evidence_id: int) -> Sequence[EvidenceUse]:
    """Its uses in such tasks: those that may be taken away."""
    rows = select(EvidenceUse).join(Task, Task.id == EvidenceUse.task_id)
    rows = rows.where(EvidenceUse.evidence_id == evidence_id, _at_work())
    return session.scalars(rows.order_by(EvidenceUse.task_id, EvidenceUse.level, EvidenceUse.letter)).all()


def _at_work() -> ColumnElement[bool]:
    return Task.state.in_(AGENCY_STATES) & in_open_plan()


def is_relied_on(session: Session, evidence: Evidence) -> bool:
    """Whether a task, a submission or a self-assessment pack still refers to it."""
    handed_in = {"claims": [{"evidence": [{"id": evidence.id}]}]}
    in_submission = exists().where(
        Submission.government_id == evidence.government_id, Submission.contents.contains(handed_in)
    )
    in_task = exists().where(EvidenceUse.evidence_id == evidence.id)
    in_pack = exists().where(PackUse.evidence_id == evidence.id)
    return bool(session.scalar(select(or_(in_submission, in_task, in_pack))))


def _matching(scope: Scope, wanted: LibraryFilter, today: date) -> ColumnElement[bool]:
    is_infected = EvidenceVersion.scan == Scan.INFECTED
    conditions: list[ColumnElement[bool]] = [
        visible(scope),
        Evidence.removed_at.is_(None),
        is_infected if wanted.shown is Shown.QUARANTINED else ~is_infected,
    ]
    if wanted.shown is Shown.EXPIRING:
        conditions.append(and_(Evidence.expires_on <= today + SOON))
    if wanted.shown is Shown.UNUSED:
        conditions.append(~exists().where(EvidenceUse.evidence_id == Evidence.id))
        conditions.append(~exists().where(PackUse.evidence_id == Evidence.id))
    if wanted.agency_id is not None:
        conditions.append(Evidence.agency_id == wanted.agency_id)
    if wanted.year is not None:
        conditions.append(_year_of == wanted.year)
    if wanted.text.strip():
        conditions.append(_containing(wanted.text.strip()))
    return and_(*conditions)


def _containing(text: str) -> ColumnElement[bool]:
    columns = (Evidence.title, EvidenceVersion.file_name, EvidenceVersion.url)
    found = or_(*(each.icontains(text, autoescape=True) for each in columns))
    words = re.findall(r"\w+", text)
    if words:
        # Stems of Indonesian words; the last may be half typed.
        stems = func.to_tsquery("indonesian", " & ".join(f"{word}:*" for word in words), type_=TSQUERY)
        found |= Evidence.search_words.op("@@")(stems)
    if text.isascii() and text.isdigit() and len(text) <= MAX_NUMBER_DIGITS:
        shows = (EvidenceUse.evidence_id == Evidence.id, EvidenceUse.task_id == Task.id)
        found |= exists().where(*shows, Task.indicator_number == int(text))
    return found
