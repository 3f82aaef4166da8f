"""What a person's digest says today: everything that waits for them, and which of it they are told of now."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from spbe_tasks.models import Account
from spbe_tasks.rules.cadence import wants_digest
from spbe_tasks.rules.climbs import Climb, Day, climbs_of_evidence, climbs_of_task
from spbe_tasks.rules.digest import DigestGroup, digest_groups
from spbe_tasks.rules.ladder import PUBLISHED, LadderName, Level
from spbe_tasks.rules.recipients import OpenTask, People, recipients
from spbe_tasks.rules.reminders import LedgerEntry
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import digest_news, escalations, reminder_facts
from spbe_tasks.services.escalations import EscalatedAgency
from spbe_tasks.services.queries import digest_lines
from spbe_tasks.services.queries import reminders as queries
from spbe_tasks.services.queries.digest_lines import NewsLine, ToldTask
from spbe_tasks.services.reminder_facts import Ground


@dataclass(frozen=True, slots=True)
class Line:
    """One task in a digest. ``points``: index points; ``is_reminded``: a rung of it is told in this mail."""

    task_id: int
    indicator_number: int
    title: str
    state: State
    due_on: date
    points: Decimal
    is_reminded: bool
    kind: TaskKind = TaskKind.GAP


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A submission that waits for its reader, since ``submitted_on``; ``working_days`` have gone by."""

    task_id: int
    indicator_number: int
    title: str
    agency_name: str
    submitted_on: date
    working_days: int
    points: Decimal
    is_reminded: bool


@dataclass(frozen=True, slots=True)
class ExpiringLine:
    """An evidence in use, and the day from which it no longer counts."""

    evidence_id: int
    title: str
    agency_name: str
    expires_on: date
    is_reminded: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest says, as of ``today`` (local), and the ids of the intents and the news it tells.

    ``groups``: the person's own tasks under their headings. ``escalations``: late tasks brought before them.
    ``reviews``: submissions that wait for them, the longest first. ``expiring``: evidence, the nearest end first.
    """

    today: date
    groups: Mapping[DigestGroup, tuple[Line, ...]]
    intent_ids: tuple[int, ...]
    escalations: tuple[EscalatedAgency, ...] = ()
    reviews: tuple[ReviewLine, ...] = ()
    expiring: tuple[ExpiringLine, ...] = ()
    news: tuple[NewsLine, ...] = ()

    @property
    def count(self) -> int:
        """How many things it lists."""
        escalated = sum(len(each.tasks) for each in self.escalations)
        return sum(map(len, self.groups.values())) + escalated + len(self.reviews) + len(self.expiring)

    @property
    def news_ids(self) -> tuple[int, ...]:
        """The ids of the news it tells."""
        return tuple(each.news_id for each in self.news)

    @property
    def points(self) -> Decimal:
        """Index points at stake in the person's own tasks."""
        return sum((line.points for lines in self.groups.values() for line in lines), Decimal(0))


def build(session: Session, account: Account, *, today: date, ground: Ground | None = None) -> Digest | None:
    """The digest of an active ``account`` from the facts as they stand; None when there is nothing to tell today.

    An open intent counts only while it still stands on its ladder and is still this person's. What the person chose
    how often to hear is left out on other days than the chosen; escalations never are, unless a brief of today tells
    them. Besides what is new, it lists everything else that waits for the person in the same part. ``ground`` of the
    same day may be given, for many mails of one government.
    """
    if account.government_id is None:
        return None
    ground = ground or reminder_facts.ground(session, account.government_id, today)
    waiting = queries.list_open_entries(session, ground.government_id, account_id=account.id)
    news = digest_news.untold(session, account, ground)
    if not waiting and not news:
        return None
    return _Desk(session, account, ground).digest(waiting, news)


@dataclass(frozen=True, slots=True)
class _Desk:
    """One person on one day."""

    session: Session
    account: Account
    ground: Ground

    @property
    def day(self) -> Day:
        return self.ground.day

    @property
    def people(self) -> People:
        return self.ground.people

    def digest(self, waiting: Sequence[queries.Entry], news: Sequence[NewsLine]) -> Digest | None:
        told: list[queries.Entry] = []
        groups: Mapping[DigestGroup, tuple[Line, ...]] = {}
        reviews: tuple[ReviewLine, ...] = ()
        expiring: tuple[ExpiringLine, ...] = ()
        cadence = self.ground.preference(self.account.id).cadence
        is_chosen = wants_digest(cadence, self.day.today, self.day.calendar)
        if is_chosen:
            own = self._own_tasks()
            told += _standing(waiting, LadderName.DUE, self._climbs(each.task for each in own))
            reviews, of_reviews = self._reviews(waiting)
            expiring, of_expiring = self._expiring(waiting)
            told += [*of_reviews, *of_expiring]
            groups = self._groups(own, told)
        escalated, of_escalation = self._escalations(waiting)
        told += of_escalation
        if not told and not (is_chosen and news):
            return None
        return Digest(
            self.day.today,
            groups,
            tuple(sorted(each.intent_id for each in told)),
            escalations=escalated,
            reviews=reviews,
            expiring=expiring,
            news=tuple(news) if is_chosen else (),
        )

    def _own_tasks(self) -> list[ToldTask]:
        absent = [each for each in self.people.stand_ins if self.people.present(each) == self.account.id]
        found = digest_lines.list_own_tasks(
            self.session,
            self.ground.government_id,
            [self.account.id, *absent],
            self.people,
            self.ground.zone,
        )
        return [each for each in found if self.account.id in dict(recipients(each.task, self.people))]

    def _climbs(self, tasks: Iterable[OpenTask]) -> list[Climb]:
        """Where these tasks stand, as far as this person is told of it."""
        climbs = (climb for task in tasks for climb in climbs_of_task(task, self.people, self.day))
        return [climb for climb in climbs if self.account.id in dict(climb.to)]

    def _groups(
        self, own: Sequence[ToldTask], told: Sequence[queries.Entry]
    ) -> Mapping[DigestGroup, tuple[Line, ...]]:
        reminded = {each.entry.task_id for each in told}
        lines = [_line(each, is_reminded=each.task.task_id in reminded) for each in own]
        return digest_groups(lines, self.day.today)

    def _reviews(
        self, waiting: Sequence[queries.Entry]
    ) -> tuple[tuple[ReviewLine, ...], list[queries.Entry]]:
        if not _has(waiting, LadderName.REVIEW):
            return (), []
        submitted = queries.list_in_review(self.session, self.ground.government_id, self.ground.zone)
        climbs = self._climbs(submitted)
        told = _standing(waiting, LadderName.REVIEW, climbs)
        if not told:
            return (), []
        reminded = {each.entry.task_id for each in told}
        mine = {climb.task_id for climb in climbs if climb.task_id is not None}
        since = {task.task_id: task.submission.submitted_on for task in submitted if task.submission}
        zone = self.ground.zone
        lines = [
            ReviewLine(
                task_id=each.task.task_id,
                indicator_number=each.indicator_number,
                title=each.title,
                agency_name=each.agency_name,
                submitted_on=since[each.task.task_id],
                working_days=self.day.calendar.working_days_between(since[each.task.task_id], self.day.today),
                points=each.points,
                is_reminded=each.task.task_id in reminded,
            )
            for each in digest_lines.list_tasks(self.session, self.ground.government_id, mine, zone)
        ]
        in_order = sorted(lines, key=lambda line: (line.submitted_on, line.indicator_number, line.task_id))
        return tuple(in_order), told

    def _expiring(
        self, waiting: Sequence[queries.Entry]
    ) -> tuple[tuple[ExpiringLine, ...], list[queries.Entry]]:
        if not _has(waiting, LadderName.EXPIRY):
            return (), []
        found = {each.evidence_id: each for each in reminder_facts.list_expiring(self.session, self.ground)}
        climbs = [
            climb
            for climb in climbs_of_evidence(found.values(), self.people, self.day)
            if climb.rung is not None and self.account.id in dict(climb.to)
        ]
        told = _standing(waiting, LadderName.EXPIRY, climbs)
        if not told:
            return (), []
        reminded = {each.entry.evidence_id for each in told}
        mine = [found[climb.evidence_id] for climb in climbs if climb.evidence_id is not None]
        titles = queries.list_evidence_titles(
            self.session, self.ground.government_id, [each.evidence_id for each in mine]
        )
        agencies = queries.list_agency_names(
            self.session, self.ground.government_id, {each.agency_id for each in mine}
        )
        lines = [
            ExpiringLine(
                each.evidence_id,
                titles[each.evidence_id],
                agencies[each.agency_id],
                each.expires_on,
                each.evidence_id in reminded,
            )
            for each in mine
        ]
        return tuple(sorted(lines, key=lambda line: (line.expires_on, line.evidence_id))), told

    def _escalations(
        self, waiting: Sequence[queries.Entry]
    ) -> tuple[tuple[EscalatedAgency, ...], list[queries.Entry]]:
        told = [
            each
            for each in waiting
            if each.entry.rung.ladder is LadderName.ESCALATION and each.entry.rung.step < Level.EXECUTIVE
        ]
        if not told or digest_lines.has_brief(self.session, self.account, self.day.today):
            return (), []
        ids = {each.entry.task_id for each in told if each.entry.task_id is not None}
        tasks = queries.list_by_id(self.session, self.ground.government_id, ids, self.ground.zone)
        told = _standing(told, LadderName.ESCALATION, self._climbs(tasks))
        new_ids = {each.entry.task_id for each in told if each.entry.task_id is not None}
        standing = [task for task in tasks if task.task_id in new_ids]
        agencies = escalations.by_agency(
            self.session, self.ground.government_id, standing, self.day, new_ids=new_ids
        )
        return agencies, told


def _has(waiting: Sequence[queries.Entry], ladder: LadderName) -> bool:
    return any(each.entry.rung.ladder is ladder for each in waiting)


def _standing(
    waiting: Sequence[queries.Entry], ladder: LadderName, climbs: Collection[Climb]
) -> list[queries.Entry]:
    """The entries of a ladder that still stand on it; that a task was published stays news whatever its date."""
    places = {climb.place: climb for climb in climbs}

    def stands(entry: LedgerEntry) -> bool:
        climb = places.get((entry.task_id or 0, entry.evidence_id or 0, ladder))
        if climb is None:
            return False
        is_same = (entry.due_version, entry.episode) == (climb.due_version, climb.episode)
        return is_same or entry.rung == PUBLISHED

    return [each for each in waiting if each.entry.rung.ladder is ladder and stands(each.entry)]


def _line(found: ToldTask, *, is_reminded: bool) -> Line:
    task = found.task
    return Line(
        task_id=task.task_id,
        indicator_number=found.indicator_number,
        title=found.title,
        state=task.state,
        due_on=task.due_on,
        points=found.points,
        is_reminded=is_reminded,
        kind=found.kind,
    )
