"""Selects about instruments that governments brought along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import (
    Assessment,
    AssessmentDraft,
    Government,
    InstrumentDocument,
    Ownership,
    PolicyVersion,
)
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Uses:
    """How many things of one government were made with an instrument."""

    assessments: int
    imports: int
    owners: int
    policies: int

    @property
    def total(self) -> int:
        """All of them: zero means that the instrument can go."""
        return self.assessments + self.imports + self.owners + self.policies


def find_digest(session: Session, government_id: int, instrument_id: str) -> str | None:
    """The digest of the government's own instrument of that id; None when it has none."""
    return session.scalar(
        select(InstrumentDocument.digest).where(
            InstrumentDocument.government_id == government_id,
            InstrumentDocument.instrument_id == instrument_id,
        )
    )


def list_digests(session: Session, government_id: int) -> Sequence[str]:
    """The digests of all own instruments of a government, in the order of their ids."""
    return session.scalars(
        select(InstrumentDocument.digest)
        .where(InstrumentDocument.government_id == government_id)
        .order_by(InstrumentDocument.instrument_id)
    ).all()


def read_content(session: Session, government_id: int, digest: str) -> bytes:
    """The file of that digest."""
    return session.scalars(
        select(InstrumentDocument.content)
        .where(InstrumentDocument.government_id == government_id, InstrumentDocument.digest == digest)
        .limit(1)
    ).one()


def find_document(session: Session, scope: Scope, instrument_id: str) -> InstrumentDocument | None:
    """The row of the government's own instrument of that id; None when it has none."""
    return session.scalar(
        select(InstrumentDocument).where(
            InstrumentDocument.government_id == scope.government_id,
            InstrumentDocument.instrument_id == instrument_id,
        )
    )


def get_document(session: Session, scope: Scope, instrument_id: str) -> InstrumentDocument:
    """The same; raises NotFoundError when there is none."""
    row = find_document(session, scope, instrument_id)
    if row is None:
        raise NotFoundError
    return row


def count_uses(session: Session, scope: Scope, instrument_id: str) -> Uses:
    """What the government has made with an instrument, in one statement."""
    counts = [
        select(func.count())
        .where(model.government_id == scope.government_id, model.instrument_id == instrument_id)
        .scalar_subquery()
        for model in (Assessment, AssessmentDraft, Ownership, PolicyVersion)
    ]
    return Uses(*session.execute(select(*counts)).one())


def count_assessments(session: Session, scope: Scope) -> Mapping[str, int]:
    """How many assessments of the government each instrument has; those without are left out."""
    rows = session.execute(
        select(Assessment.instrument_id, func.count())
        .where(Assessment.government_id == scope.government_id)
        .group_by(Assessment.instrument_id)
    )
    return {instrument_id: number for instrument_id, number in rows}


def hold(session: Session, government_id: int) -> None:
    """Keep a government's instruments as they are until the end of the work: ``lock`` waits, other holders do not."""
    wanted = select(Government.id).where(Government.id == government_id)
    session.execute(wanted.with_for_update(read=True, key_share=True))


def lock(session: Session, scope: Scope) -> None:
    """Let changes of a government's instruments come one after another."""
    session.execute(select(Government.id).where(Government.id == scope.government_id).with_for_update())
