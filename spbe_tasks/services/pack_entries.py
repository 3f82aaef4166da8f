"""Writing on one indicator of a self-assessment pack: the level claimed, texts, evidence, the assessors' notes."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from spbe_tasks.models import AssessorNote, Pack, PackClaim, PackEntry, PackText, PackUse, Task
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, Problem
from spbe_tasks.rules.instrument import Indicator, Instrument, Place
from spbe_tasks.rules.news import NewsKind
from spbe_tasks.rules.requirements import not_asked
from spbe_tasks.rules.submission_changes import Words
from spbe_tasks.rules.workflow import Action, Field
from spbe_tasks.services import (
    comments,
    evidence_uses,
    hand_made,
    level_texts,
    news,
    packs,
    reminders,
    tasks,
    trail,
)
from spbe_tasks.services.comments import CommentWords
from spbe_tasks.services.hand_made import HandMade
from spbe_tasks.services.pack_sheets import EntrySheet, may_change
from spbe_tasks.services.queries import evidence as evidence_queries
from spbe_tasks.services.queries import packs as queries
from spbe_tasks.work import Work


@dataclass(frozen=True, slots=True)
class EntryKey:
    """Which indicator of which pack."""

    pack_id: int
    number: int


@dataclass(frozen=True, slots=True)
class EntrySaid:
    """What a person says about one indicator: None as level leaves it to what is met.

    ``claims`` hold True, False, or None for "as the tasks say"; levels and criteria not named stay as they are.
    """

    claimed_level: Decimal | None
    is_ready: bool
    claims: Mapping[Place, bool | None] = field(default_factory=dict)
    texts: Mapping[int, Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Writing:
    """One indicator being written on: the pack's row is locked, and the person may."""

    work: Work
    scope: Scope
    pack: Pack
    instrument: Instrument
    sheet: EntrySheet
    now: datetime

    @property
    def number(self) -> int:
        return self.sheet.indicator.number

    @property
    def person_id(self) -> int:
        assert self.scope.account_id is not None  # only people write in a pack
        return self.scope.account_id

    def record(self, action: str, **data: object) -> None:
        """Write the event."""
        said = {"indicator": self.number, **data}
        trail.record_by(self.work, self.scope, action, ("pack", self.pack.id), now=self.now, data=said)


def write(work: Work, scope: Scope, at: EntryKey, said: EntrySaid, *, version: int, now: datetime) -> None:
    """Store what is said about one indicator; ``version`` is that of the entry that was looked at (0: none stored).

    Raises NotFoundError out of sight, ForbiddenError for whoever does not write here, ConflictError for a closed pack
    ("pack.closed") or when somebody else changed the entry meanwhile ("pack.stale_version"), and InvalidInputError with
    everything that is wrong.
    """
    writing = _begin(work, scope, at, now=now)
    if writing.sheet.version != version:
        raise ConflictError("pack.stale_version")
    problems = (
        *_level_problems(writing.instrument, said),
        *level_texts.problems_of(said.texts),
        *_place_problems(writing.sheet.indicator, said.claims),
    )
    if problems:
        raise InvalidInputError(problems)
    _store_entry(writing, said)
    _store_claims(writing, said.claims)
    _store_texts(writing, said.texts)
    writing.record("write", level=str(said.claimed_level or ""), ready=said.is_ready)


def attach(
    work: Work, scope: Scope, at: EntryKey, keys: Collection[Place], *, evidence_id: int, now: datetime
) -> None:
    """Let an evidence show criteria. Raises as ``write``, and NotFoundError for evidence out of sight."""
    writing = _begin(work, scope, at, now=now)
    if not keys:
        raise InvalidInputError.of("pack.no_criterion", "criteria")
    problems = tuple(_place_problems(writing.sheet.indicator, keys))
    if problems:
        raise InvalidInputError(problems)
    item = evidence_queries.get_evidence(work.session, scope, evidence_id)
    evidence_uses.check_usable(work.session, item)
    common = {
        "government_id": scope.government_id,
        "pack_id": writing.pack.id,
        "indicator_number": at.number,
        "evidence_id": item.id,
        "added_by_id": writing.person_id,
        "added_at": now,
    }
    rows = [{**common, "level": level, "letter": letter} for level, letter in keys]
    work.session.execute(insert(PackUse).on_conflict_do_nothing(), rows)
    writing.record("attach", evidence=item.id, title=item.title)


def detach(work: Work, scope: Scope, at: EntryKey, *, evidence_id: int, now: datetime) -> None:
    """Take away an evidence that was attached in the pack; those of tasks stay.

    Raises as ``write``, and NotFoundError for evidence the person does not see: it is another agency's to take away.
    """
    writing = _begin(work, scope, at, now=now)
    if not all(each.is_shown for each in writing.sheet.attached if each.item.id == evidence_id):
        raise NotFoundError("evidence.not_found")
    is_meant = (PackUse.pack_id == at.pack_id) & (PackUse.indicator_number == at.number)
    work.session.execute(delete(PackUse).where(is_meant, PackUse.evidence_id == evidence_id))
    writing.record("detach", evidence=evidence_id)


def note(
    work: Work, scope: Scope, at: EntryKey, words: str, *, agency_id: int, due_on: date, now: datetime
) -> Task:
    """What the assessors asked to have corrected becomes a task of an agency at once; returns it.

    A task of the agency on this indicator that is still open takes the note as a comment to who is in charge and, where
    that is sooner, its due date; a planned one is published.

    Raises NotFoundError, ConflictError and InvalidInputError as ``hand_made.make``.
    """
    writing = _begin(work, scope, at, now=now)
    words = words.strip()
    if not words:
        raise InvalidInputError.of("field.required", "note")
    task = queries.lock_open_task(writing.work.session, writing.pack, writing.number, agency_id)
    if task is None:
        task = _correction(writing, words, agency_id, due_on)
    else:
        _take_note(writing, task, words, due_on)
    work.session.add(
        AssessorNote(
            government_id=scope.government_id,
            pack_id=at.pack_id,
            indicator_number=at.number,
            note=words,
            due_on=due_on,
            task_id=task.id,
            made_by_id=writing.person_id,
            made_at=now,
        )
    )
    writing.record("note", task=task.id)
    return task


def _begin(work: Work, scope: Scope, at: EntryKey, *, now: datetime) -> _Writing:
    """Locked, so that two writers of one pack come one after the other."""
    pack = queries.get_pack(work.session, scope, at.pack_id, for_update=True)
    seen = packs.read(work.session, scope, pack, number=at.number)
    if not seen.entries:
        raise NotFoundError("pack.not_yours")
    if not may_change(scope, seen.entries[0]):
        raise ForbiddenError
    if pack.closed_at is not None:
        raise ConflictError("pack.closed")
    return _Writing(work, scope, pack, seen.instrument, seen.entries[0], now)


def _store_entry(writing: _Writing, said: EntrySaid) -> None:
    session, key = writing.work.session, (writing.pack.id, writing.number)
    entry = session.get(PackEntry, key)
    if entry is None:
        entry = PackEntry(
            pack_id=writing.pack.id, indicator_number=writing.number, government_id=writing.pack.government_id
        )
        session.add(entry)
    entry.claimed_level, entry.is_ready = said.claimed_level, said.is_ready
    entry.changed_by_id, entry.changed_at = writing.person_id, writing.now
    session.flush()


def _store_claims(writing: _Writing, claims: Mapping[Place, bool | None]) -> None:
    session, own = writing.work.session, writing.sheet.own_claims
    for (level, letter), is_met in claims.items():
        if is_met == own.get((level, letter)):
            continue
        if is_met is None:
            session.delete(session.get_one(PackClaim, (writing.pack.id, writing.number, level, letter)))
            continue
        session.merge(
            PackClaim(
                pack_id=writing.pack.id,
                indicator_number=writing.number,
                level=level,
                letter=letter,
                government_id=writing.pack.government_id,
                is_met=is_met,
                claimed_by_id=writing.person_id,
                claimed_at=writing.now,
            )
        )


def _store_texts(writing: _Writing, texts: Mapping[int, Words]) -> None:
    for level, words in texts.items():
        if words == writing.sheet.own_text(level):
            continue
        writing.work.session.merge(
            PackText(
                pack_id=writing.pack.id,
                indicator_number=writing.number,
                level=level,
                government_id=writing.pack.government_id,
                facts=words.facts,
                analysis=words.analysis,
                written_by_id=writing.person_id,
                written_at=writing.now,
            )
        )


def _correction(writing: _Writing, words: str, agency_id: int, due_on: date) -> Task:
    work, scope, now = writing.work, writing.scope, writing.now
    wanted = HandMade(
        indicator_number=writing.number,
        agency_id=agency_id,
        target_level=writing.sheet.claimed.level or writing.instrument.scale.minimum,
        due_on=due_on,
        note=words,
    )
    task = hand_made.make(work, scope, writing.pack.plan_id, wanted, now=now)
    _publish(writing, task)
    return task


def _publish(writing: _Writing, task: Task) -> None:
    work, scope, now = writing.work, writing.scope, writing.now
    tasks.act(work, scope, task.id, Action.PUBLISH, {}, version=None, now=now)
    reminders.announce(work, scope.government_id, [task.id], now=now)


def _take_note(writing: _Writing, task: Task, words: str, due_on: date) -> None:
    work, scope, now = writing.work, writing.scope, writing.now
    if task.published_at is None:
        _publish(writing, task)
    # Addressed to them: while nobody is in charge, a mere comment would reach nobody in the agency.
    people = news.audience(work.session, task, NewsKind.RETURNED)
    comments.write(work, scope, task.id, CommentWords(words, people), now=now)
    if due_on < task.due_on:
        tasks.act(work, scope, task.id, Action.RESCHEDULE, {Field.DUE_ON: due_on}, version=None, now=now)


def _level_problems(instrument: Instrument, said: EntrySaid) -> Iterator[Problem]:
    scale, level = instrument.scale, said.claimed_level
    if level is not None and not scale.holds(level):
        limits = {"minimum": scale.minimum, "maximum": scale.maximum}
        yield Problem("pack.level_off_scale", "claimed_level", value=str(level), params=limits)


def _place_problems(indicator: Indicator, places: Collection[Place]) -> Iterator[Problem]:
    known = {(step.level, each.letter) for step in indicator.levels for each in step.criteria}
    yield from not_asked(places, known)
