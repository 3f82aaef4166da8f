"""Writing a revision of an assessment: its row, its scores, its event. What the levels are is decided elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Assessment, AssessmentRevision, RevisionCause, Score
from spbe_tasks.readers.document import Document, Format
from spbe_tasks.readers.document_json import encode_printed
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, NotFoundError
from spbe_tasks.rules.index import STORED_DECIMALS, Level, as_decimal, compute
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.printed import Printed
from spbe_tasks.services import trail
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class Source:
    """The file that levels were read from. ``key`` is where the storage keeps it, None when nothing was kept.

    ``printed`` is what it printed around its levels, as ``document_json`` writes it.
    """

    name: str
    digest: str
    format: Format | None = None
    key: str | None = None
    printed: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, name: str, digest: str, document: Document, *, key: str | None = None) -> "Source":
        """A file that was just read as ``document``."""
        has_printed = document.printed != Printed()
        printed = encode_printed(document.printed) if has_printed else None
        return cls(name, digest, document.format, key, printed)

    @classmethod
    def of(cls, revision: AssessmentRevision) -> "Source":
        """The file behind a revision."""
        return cls(
            revision.file_name, revision.file_sha256, revision.format, revision.file_key, revision.printed
        )


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One indicator of a revision. Under a pin ``read_level`` is what the pinned ``level`` stands in for."""

    indicator_number: int
    level: Level
    pin_id: int | None = None
    read_level: Level = None
    corrected_from: str | None = None
    note: str = ""

    @property
    def level_without_pin(self) -> Level:
        """What the level is, or would be without its pin."""
        return self.level if self.pin_id is None else self.read_level


@dataclass(frozen=True, slots=True)
class Happening:
    """What made the revision, for the trail: who did it is the scope's; ``told`` goes into the event."""

    cause: RevisionCause
    action: str
    at: datetime
    told: Mapping[str, object]


def lock(session: Session, scope: Scope, assessment_id: int) -> Assessment:
    """The assessment, held until the end of the work: revisions come one after another. Raises NotFoundError."""
    wanted = select(Assessment).where(
        Assessment.id == assessment_id, Assessment.government_id == scope.government_id
    )
    found = session.scalar(wanted.with_for_update())
    if found is None:
        raise NotFoundError("assessment.not_found")
    return found


def check_newest(newest: AssessmentRevision | None, seen_number: int | None) -> None:
    """Raises ConflictError unless the newest revision still is the one that was looked at (None: there was none)."""
    if (newest.number if newest else None) != seen_number:
        raise ConflictError("assessment.moved_on")


def lines_of(session: Session, revision_id: int) -> tuple[ScoreLine, ...]:
    """The scores of a revision that was got through a scope, by indicator number."""
    return tuple(
        ScoreLine(row.indicator_number, row.level, row.pin_id, row.read_level, row.corrected_from, row.note)
        for row in queries.list_scores(session, revision_id)
    )


def write(
    work: Work,
    scope: Scope,
    assessment: Assessment,
    instrument: Instrument,
    *,
    former: AssessmentRevision | None,
    source: Source,
    lines: Sequence[ScoreLine],
    happening: Happening,
) -> AssessmentRevision:
    """The next revision of a locked assessment. Plans stay on the revision they name.

    Raises InvalidInputError for levels that cannot be counted.
    """
    result = compute(instrument, {line.indicator_number: line.level for line in lines})
    revision = AssessmentRevision(
        government_id=scope.government_id,
        assessment_id=assessment.id,
        number=former.number + 1 if former else 1,
        cause=happening.cause,
        file_name=source.name,
        file_sha256=source.digest,
        file_key=source.key,
        format=source.format,
        printed=dict(source.printed) if source.printed else None,
        imported_by_id=scope.account_id,
        imported_at=happening.at,
        index_value=as_decimal(result.index, STORED_DECIMALS),
    )
    work.session.add(revision)
    work.session.flush()
    kept = {"revision_id": revision.id, "government_id": scope.government_id}
    work.session.execute(insert(Score), [kept | asdict(line) for line in lines])
    told = {"revision": revision.number, "index": str(revision.index_value), **happening.told}
    trail.record_by(
        work,
        scope,
        happening.action,
        ("assessment", assessment.id),
        now=happening.at,
        data=told,
    )
    return revision
