"""Selects of what an agency says in a task: claims, texts of the levels, evidence, and what is typed but not stored."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import CriterionClaim, LevelText, TypedDraft
from spbe_tasks.services.queries import bundle, evidence
from spbe_tasks.services.queries.bundle import AnySelect, JsonRows

# Built once: every page is a condition more.
_CLAIMS: AnySelect = select(
    CriterionClaim.level,
    CriterionClaim.letter,
    CriterionClaim.is_met,
    CriterionClaim.explanation,
    CriterionClaim.proposed_by_task_id.is_not(None).label("is_proposed"),
)
_TEXTS: AnySelect = select(LevelText.level, LevelText.facts, LevelText.analysis)
_DRAFTS: AnySelect = select(TypedDraft.form, TypedDraft.version, TypedDraft.fields, TypedDraft.saved_at)


def rows_of(task_id: int) -> Mapping[str, AnySelect]:
    """``claims``, ``texts`` and ``evidence`` of a task that was got through a scope, for a bundle."""
    return {
        "claims": _CLAIMS.where(CriterionClaim.task_id == task_id),
        "texts": _TEXTS.where(LevelText.task_id == task_id),
        "evidence": evidence.of_task(task_id),
    }


def read(session: Session, task_id: int) -> Mapping[str, JsonRows]:
    """The same rows, in one statement."""
    return bundle.fetch(session, **rows_of(task_id))


def list_claims(session: Session, task_id: int) -> Sequence[CriterionClaim]:
    """What the agency has said about the criteria of such a task."""
    return session.scalars(select(CriterionClaim).where(CriterionClaim.task_id == task_id)).all()


def list_texts(session: Session, task_id: int) -> Sequence[LevelText]:
    """What it has written about its levels."""
    return session.scalars(select(LevelText).where(LevelText.task_id == task_id)).all()


def drafts_of(task_id: int, account_id: int | None) -> AnySelect:
    """What this person typed into the forms of such a task and has not stored; for a bundle."""
    return _DRAFTS.where(TypedDraft.task_id == task_id, TypedDraft.account_id == account_id)
