"""Selects about evidence: one's own agency's, and what the tasks one sees are to be shown by."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Evidence, EvidenceUse, EvidenceVersion, Scan, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.instrument import Place
from spbe_tasks.services.queries import tasks
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """An evidence in its newest version: a file (``file_name``, ``media_type``, ``size_bytes``) or a link (``url``).

    ``is_removed``: nobody finds it any more, but what was handed in keeps it. ``is_infected``: nobody gets it.
    """

    id: int
    agency_id: int
    title: str
    dated_on: date | None
    expires_on: date | None
    is_removed: bool
    number: int
    file_name: str | None
    media_type: str | None
    size_bytes: int | None
    url: str | None
    is_infected: bool

    def is_expired(self, today: date) -> bool:
        """Whether it no longer counts on this day, in the government's zone."""
        return self.expires_on is not None and self.expires_on <= today


_ITEM_COLUMNS = tuple(each.name for each in fields(EvidenceItem))


def newest() -> ColumnElement[bool]:
    """The condition that joins an evidence with its newest version."""
    inner = EvidenceVersion.__table__.alias("each_version")
    number = (
        select(func.max(inner.c.number))
        .where(inner.c.evidence_id == Evidence.id)
        .correlate(Evidence)
        .scalar_subquery()
    )
    return and_(EvidenceVersion.evidence_id == Evidence.id, EvidenceVersion.number == number)


# Built once: every list is a few conditions more.
ITEMS: AnySelect = (
    select(
        Evidence.id,
        Evidence.agency_id,
        Evidence.title,
        Evidence.dated_on,
        Evidence.expires_on,
        Evidence.removed_at.is_not(None).label("is_removed"),
        EvidenceVersion.number,
        EvidenceVersion.file_name,
        EvidenceVersion.media_type,
        EvidenceVersion.size_bytes,
        EvidenceVersion.url,
        (EvidenceVersion.scan == Scan.INFECTED).label("is_infected"),
    )
    .select_from(Evidence)
    .join(EvidenceVersion, newest())
)


def visible(scope: Scope) -> ColumnElement[bool]:
    """The condition every query carries: one government; for agency roles what is theirs or shows a task they see.

    A task may have come from another agency, with its evidence: its people go on with both.
    """
    inside = Evidence.government_id == scope.government_id
    if scope.sees_all_agencies:
        return inside
    if scope.agency_id is None:
        return false()
    shows = exists().where(
        EvidenceUse.evidence_id == Evidence.id, EvidenceUse.task_id == Task.id, tasks.visible(scope)
    )
    return inside & or_(Evidence.agency_id == scope.agency_id, shows)


def get_evidence(session: Session, scope: Scope, evidence_id: int, *, for_update: bool = False) -> Evidence:
    """One evidence, removed or not, locked when it is about to change. Raises NotFoundError when out of sight."""
    wanted = select(Evidence).where(Evidence.id == evidence_id, visible(scope))
    if for_update:
        wanted = wanted.with_for_update(of=Evidence).execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise NotFoundError("evidence.not_found")
    return found


def get_item(session: Session, scope: Scope, evidence_id: int) -> EvidenceItem:
    """One evidence in its newest version. Raises NotFoundError when out of sight."""
    row = session.execute(ITEMS.where(Evidence.id == evidence_id, visible(scope))).one_or_none()
    if row is None:
        raise NotFoundError("evidence.not_found")
    return EvidenceItem(*row)


def list_versions(session: Session, evidence_id: int) -> Sequence[EvidenceVersion]:
    """The versions of an evidence that was got through a scope, newest first."""
    rows = select(EvidenceVersion).where(EvidenceVersion.evidence_id == evidence_id)
    return session.scalars(rows.order_by(EvidenceVersion.number.desc())).all()


def get_version(session: Session, evidence_id: int, number: int) -> EvidenceVersion:
    """One version of an evidence that was got through a scope. Raises NotFoundError for a number there is not."""
    wanted = (EvidenceVersion.evidence_id == evidence_id, EvidenceVersion.number == number)
    found = session.scalar(select(EvidenceVersion).where(*wanted))
    if found is None:
        raise NotFoundError("evidence.not_found")
    return found


def get_file(session: Session, evidence_id: int, number: int) -> EvidenceVersion:
    """The same with a file that may be had. Raises NotFoundError for a link, too, and for what is in quarantine."""
    found = get_version(session, evidence_id, number)
    if found.file_key is None or found.scan is Scan.INFECTED:
        raise NotFoundError("evidence.not_found")
    return found


def find_by_content(session: Session, scope: Scope, agency_id: int, file_key: str) -> Evidence | None:
    """The agency's evidence whose newest version is this very file; None when there is none to be used."""
    return session.scalar(_same(scope, agency_id).where(EvidenceVersion.file_key == file_key))


def find_by_address(session: Session, scope: Scope, agency_id: int, url: str) -> Evidence | None:
    """The agency's evidence whose newest version is this very link; None when there is none."""
    return session.scalar(_same(scope, agency_id).where(EvidenceVersion.url == url))


def _same(scope: Scope, agency_id: int) -> Select[Evidence]:
    return (
        select(Evidence)
        .join(EvidenceVersion, newest())
        .where(
            Evidence.government_id == scope.government_id,
            Evidence.agency_id == agency_id,
            Evidence.removed_at.is_(None),
            EvidenceVersion.scan != Scan.INFECTED,
        )
        .order_by(Evidence.id)
        .limit(1)
    )


def list_uses(session: Session, task_id: int, evidence_id: int) -> Sequence[EvidenceUse]:
    """Where one evidence stands in a task that was got through a scope."""
    rows = select(EvidenceUse).where(EvidenceUse.task_id == task_id, EvidenceUse.evidence_id == evidence_id)
    return session.scalars(rows.order_by(EvidenceUse.level, EvidenceUse.letter)).all()


def of_task(task_id: int) -> AnySelect:
    """The evidence of a task that was got through a scope, for a bundle; ``by_place`` reads what comes back."""
    return (
        ITEMS.add_columns(EvidenceUse.level, EvidenceUse.letter)
        .join(EvidenceUse, EvidenceUse.evidence_id == Evidence.id)
        .where(EvidenceUse.task_id == task_id)
        .order_by(EvidenceUse.level, EvidenceUse.letter, EvidenceUse.id)
    )


def by_place(rows: JsonRows) -> Mapping[Place, tuple[EvidenceItem, ...]]:
    """The rows of ``of_task`` by criterion, each in the order it was added; a criterion without any is left out."""
    found: defaultdict[Place, list[EvidenceItem]] = defaultdict(list)
    for row in rows:
        found[row["level"], row["letter"]].append(item_from_row(row))
    return {place: tuple(items) for place, items in found.items()}


def item_from_row(row: Mapping[str, Any]) -> EvidenceItem:
    """A row of ``ITEMS`` from a bundle; further columns are left out."""
    values = {name: row[name] for name in _ITEM_COLUMNS}
    for name in ("dated_on", "expires_on"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    return EvidenceItem(**values)


def versions_of(
    session: Session, wanted: Collection[tuple[int, int]]
) -> Mapping[tuple[int, int], EvidenceVersion]:
    """Versions by (evidence, number); the evidence has been got through a scope."""
    keys = set(wanted)
    ids = {evidence_id for evidence_id, _ in keys}
    rows = session.scalars(select(EvidenceVersion).where(EvidenceVersion.evidence_id.in_(ids)))
    return {key: row for row in rows if (key := (row.evidence_id, row.number)) in keys}
