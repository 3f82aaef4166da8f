"""Pinned levels: a person puts a level in the place of the one read, with a reason, and it outlives further imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from spbe_tasks.models import Assessment, AssessmentRevision, LevelPin, RevisionCause
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError, NotFoundError
from spbe_tasks.rules.index import Level, check_level
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services import assessment_revisions, instruments
from spbe_tasks.services.assessment_revisions import Happening, ScoreLine, Source
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class KeptPin:
    """A pin that an import leaves in force: ``level`` counts, ``read_level`` is what the file says."""

    number: int
    level: Level
    read_level: Level

    @property
    def differs(self) -> bool:
        """Whether the file says something else."""
        return self.level != self.read_level


@dataclass(frozen=True, slots=True)
class _Newest:
    """A locked assessment with its newest revision, about to get another."""

    assessment: Assessment
    instrument: Instrument
    revision: AssessmentRevision
    lines: tuple[ScoreLine, ...]

    def line(self, number: int) -> ScoreLine:
        return next(line for line in self.lines if line.indicator_number == number)


def pin(
    work: Work,
    scope: Scope,
    assessment_id: int,
    number: int,
    *,
    level: Level,
    reason: str,
    seen_number: int | None,
    now: datetime,
) -> AssessmentRevision:
    """Put ``level`` (None: not assessed) in the place of the one read; makes a revision, which is returned.

    A pin that stands is replaced; the very same again changes nothing. ``seen_number`` is the revision that was
    looked at, None for whichever is the newest. Raises NotFoundError for a foreign assessment or unknown
    indicator, InvalidInputError for a level off the scale or a missing reason, ConflictError when another
    revision was made meanwhile.
    """
    newest = _open(work, scope, assessment_id, number, seen_number)
    _check(newest.instrument, number, level, reason)
    standing = queries.find_pin(work.session, assessment_id, number)
    if standing and (standing.level, standing.reason) == (level, reason):
        return newest.revision
    if standing:
        _end(standing, scope, now)
    work.session.flush()
    made = LevelPin(
        government_id=scope.government_id,
        assessment_id=assessment_id,
        indicator_number=number,
        level=level,
        reason=reason,
        pinned_by_id=scope.account_id,
        pinned_at=now,
    )
    work.session.add(made)
    work.session.flush()
    before = newest.line(number)
    after = replace(before, level=level, pin_id=made.id, read_level=before.level_without_pin)
    told = {"indicator": number, "before": _text(before.level), "after": _text(level), "reason": reason}
    return _next(work, scope, newest, after, Happening(RevisionCause.PIN, "pin_level", now, told))


def release(
    work: Work, scope: Scope, assessment_id: int, number: int, *, seen_number: int | None, now: datetime
) -> AssessmentRevision:
    """Let the level read count again; makes a revision, which is returned.

    Raises NotFoundError ("assessment.not_pinned") when no pin is in force, else as ``pin``.
    """
    newest = _open(work, scope, assessment_id, number, seen_number)
    standing = queries.find_pin(work.session, assessment_id, number)
    if standing is None:
        raise NotFoundError("assessment.not_pinned", number=number)
    before = newest.line(number)
    # What was read may have no place in the scale: a blank under an instrument that refuses blanks.
    _check(newest.instrument, number, before.level_without_pin, standing.reason)
    _end(standing, scope, now)
    after = replace(before, level=before.level_without_pin, pin_id=None, read_level=None)
    told = {"indicator": number, "before": _text(before.level), "after": _text(after.level)}
    return _next(work, scope, newest, after, Happening(RevisionCause.RELEASE, "release_level", now, told))


def apply(
    pins: Sequence[LevelPin], levels: Mapping[int, Level]
) -> tuple[dict[int, Level], tuple[KeptPin, ...]]:
    """The levels with those pinned in their places, and what the pins stand in for, by indicator number."""
    kept = tuple(KeptPin(p.indicator_number, p.level, levels[p.indicator_number]) for p in pins)
    return {**levels, **{each.number: each.level for each in kept}}, kept


def _open(work: Work, scope: Scope, assessment_id: int, number: int, seen_number: int | None) -> _Newest:
    assessment = assessment_revisions.lock(work.session, scope, assessment_id)
    instrument = instruments.of(work.session, assessment)
    instrument.indicator(number)
    revision = queries.find_newest_revision(work.session, assessment.id)
    if revision is None:
        raise NotFoundError("assessment.revision_not_found")
    if seen_number is not None:
        assessment_revisions.check_newest(revision, seen_number)
    lines = assessment_revisions.lines_of(work.session, revision.id)
    return _Newest(assessment, instrument, revision, lines)


def _check(instrument: Instrument, number: int, level: Level, reason: str) -> None:
    problem = check_level(instrument, number, level)
    if problem:
        raise InvalidInputError((replace(problem, field="level"),))
    if not reason.strip():
        raise InvalidInputError.of("field.required", "reason")


def _end(standing: LevelPin, scope: Scope, now: datetime) -> None:
    standing.released_by_id, standing.released_at = scope.account_id, now


def _next(
    work: Work, scope: Scope, newest: _Newest, changed: ScoreLine, happening: Happening
) -> AssessmentRevision:
    lines = [changed if line.indicator_number == changed.indicator_number else line for line in newest.lines]
    return assessment_revisions.write(
        work,
        scope,
        newest.assessment,
        newest.instrument,
        former=newest.revision,
        source=Source.of(newest.revision),
        lines=lines,
        happening=happening,
    )


def _text(level: Level) -> str | None:
    return None if level is None else f"{level.normalize():f}"
