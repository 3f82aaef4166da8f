"""Selects of self-assessment packs: the pack, and everything about its indicators in one statement."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Account,
    Agency,
    AssessorNote,
    CriterionClaim,
    Evidence,
    EvidenceUse,
    EvidenceVersion,
    LevelText,
    Ownership,
    Pack,
    PackClaim,
    PackEntry,
    PackText,
    PackUse,
    Plan,
    Scan,
    Score,
    Submission,
    Task,
)
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.rules.workflow import OPEN_STATES, State
from spbe_tasks.services.queries import bundle, evidence
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows

# A longer list to choose from is a search: the library's.
MOST_CHOOSABLE = 500


def get_pack(session: Session, scope: Scope, pack_id: int, *, for_update: bool = False) -> Pack:
    """A pack of the scope's government. Raises NotFoundError for any other."""
    wanted = select(Pack).where(Pack.id == pack_id, Pack.government_id == scope.government_id)
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise NotFoundError("pack.not_found")
    return found


def find_pack(session: Session, scope: Scope, instrument_id: str, year: int) -> Pack | None:
    """The pack of an instrument and year; None before it was begun."""
    return session.scalar(
        select(Pack).where(
            Pack.government_id == scope.government_id,
            Pack.instrument_id == instrument_id,
            Pack.year == year,
        )
    )


def rows(session: Session, scope: Scope, pack: Pack, *, number: int | None = None) -> Mapping[str, JsonRows]:
    """All that is known about the pack's indicators, or about one of them. One statement.

    ``tasks`` are those of the pack's plan that were handed to an agency and neither withdrawn nor cancelled, each
    agency's rounds in their order, with ``contents`` of the latest submission; ``claims``, ``texts`` and ``uses`` are
    theirs. Those of the pack itself begin with ``pack_``.
    """
    return bundle.fetch(
        session,
        scores=_of(select(Score.indicator_number, Score.level), Score, number).where(
            Score.revision_id
            == select(Plan.baseline_revision_id).where(Plan.id == pack.plan_id).scalar_subquery()
        ),
        owners=_of(
            select(Ownership.indicator_number, Ownership.is_lead, Agency.id, Agency.short_name),
            Ownership,
            number,
        )
        .join(Agency, Agency.id == Ownership.agency_id)
        .where(Ownership.government_id == scope.government_id, Ownership.instrument_id == pack.instrument_id)
        .order_by(Ownership.indicator_number, Ownership.is_lead.desc(), Agency.short_name),
        tasks=_tasks(pack, number),
        claims=_joined(CriterionClaim, pack, number),
        texts=_joined(LevelText, pack, number),
        uses=evidence.ITEMS.add_columns(
            Task.indicator_number, Task.id.label("task_id"), EvidenceUse.level, EvidenceUse.letter
        )
        .join(EvidenceUse, EvidenceUse.evidence_id == Evidence.id)
        .join(Task, Task.id == EvidenceUse.task_id)
        .where(_counting(pack, number))
        .order_by(EvidenceUse.id),
        pack_entries=_own(PackEntry, pack, number),
        pack_claims=_own(PackClaim, pack, number),
        pack_texts=_own(PackText, pack, number),
        pack_uses=evidence.ITEMS.add_columns(PackUse.indicator_number, PackUse.level, PackUse.letter)
        .join(PackUse, PackUse.evidence_id == Evidence.id)
        .where(PackUse.pack_id == pack.id, true() if number is None else PackUse.indicator_number == number)
        .order_by(PackUse.id),
        notes=_notes(pack, number),
    )


def list_choosable(
    session: Session, scope: Scope, agency_ids: Collection[int]
) -> Sequence[evidence.EvidenceItem]:
    """Evidence of these agencies that the scope sees and that can show something, by title."""
    items = evidence.ITEMS.where(
        evidence.visible(scope),
        Evidence.agency_id.in_(agency_ids),
        Evidence.removed_at.is_(None),
        EvidenceVersion.scan != Scan.INFECTED,
    )
    rows = session.execute(items.order_by(Evidence.title, Evidence.id).limit(MOST_CHOOSABLE))
    return [evidence.EvidenceItem(*row) for row in rows]


def lock_open_task(session: Session, pack: Pack, number: int, agency_id: int) -> Task | None:
    """The agency's task on this indicator in the pack's plan that is not closed, locked; None without one."""
    rows = select(Task).where(
        Task.plan_id == pack.plan_id,
        Task.indicator_number == number,
        Task.agency_id == agency_id,
        Task.state.in_(OPEN_STATES),
    )
    return session.scalar(rows.with_for_update().execution_options(populate_existing=True))


def _of(wanted: AnySelect, model: type, number: int | None) -> AnySelect:
    return wanted if number is None else wanted.where(model.indicator_number == number)  # type: ignore[attr-defined]


def _own(model: type, pack: Pack, number: int | None) -> AnySelect:
    return _of(select(model.__table__), model, number).where(model.pack_id == pack.id)  # type: ignore[attr-defined]


def _counting(pack: Pack, number: int | None) -> ColumnElement[bool]:
    is_counting = (
        (Task.plan_id == pack.plan_id)
        & Task.published_at.is_not(None)
        & Task.state.not_in((State.WITHDRAWN, State.CANCELLED))
    )
    return is_counting if number is None else is_counting & (Task.indicator_number == number)


def _tasks(pack: Pack, number: int | None) -> AnySelect:
    contents = (
        select(Submission.contents)
        .where(Submission.task_id == Task.id)
        .order_by(Submission.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            Task.id,
            Task.indicator_number,
            Task.agency_id,
            Agency.short_name.label("agency_name"),
            Task.state,
            Task.round,
            Task.baseline_level,
            Task.target_level,
            Task.reached_level,
            contents.label("contents"),
        )
        .join(Agency, Agency.id == Task.agency_id)
        .where(_counting(pack, number))
        .order_by(Task.indicator_number, Agency.short_name, Task.agency_id, Task.round)
    )


def _joined(model: type, pack: Pack, number: int | None) -> AnySelect:
    """The rows that hang on those tasks; each carries its task's id."""
    rows = select(model.__table__).join(Task, Task.id == model.task_id)  # type: ignore[attr-defined]
    return rows.where(_counting(pack, number))


def _notes(pack: Pack, number: int | None) -> AnySelect:
    notes = (
        select(
            AssessorNote.id,
            AssessorNote.indicator_number,
            AssessorNote.note,
            AssessorNote.due_on,
            AssessorNote.task_id,
            AssessorNote.made_at,
            Task.state.label("task_state"),
            Task.agency_id,
            Account.name.label("made_by_name"),
        )
        .outerjoin(Task, Task.id == AssessorNote.task_id)
        .join(Account, Account.id == AssessorNote.made_by_id)
        .where(AssessorNote.pack_id == pack.id)
        .order_by(AssessorNote.id)
    )
    return _of(notes, AssessorNote, number)
