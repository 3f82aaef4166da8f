"""Selects about instruments that governments brought along."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from spbe_tasks.models import InstrumentDocument


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
