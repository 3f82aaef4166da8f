"""Selects about stored files: which keys rows of all governments refer to."""

from collections.abc import Set

from sqlalchemy import select, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from spbe_tasks.models import (
    AssessmentDraft,
    AssessmentRevision,
    BuiltFile,
    EvidenceVersion,
    Government,
    UploadPiece,
)

# Whoever stores files under a further column enters it here, or the sweep takes them for forgotten.
REFERRING: tuple[InstrumentedAttribute[str | None], ...] = (
    AssessmentRevision.file_key,
    AssessmentDraft.file_key,
    BuiltFile.file_key,
    EvidenceVersion.file_key,
    Government.logo_key,
    UploadPiece.file_key,
)


def list_used(session: Session) -> Set[str]:
    """The keys of all files that something refers to, as of one moment."""
    keys = union(*(select(column).where(column.is_not(None)) for column in REFERRING))
    return set(session.scalars(keys))
