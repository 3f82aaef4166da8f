"""What a person's digest says today: everything that waits for them, and which of it they are told of now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from spbe_tasks.models import Account
from spbe_tasks.rules.cadence import wants_digest
from spbe_tasks.rules.digest import DigestGroup, digest_groups
from spbe_tasks.rules.ladder import LadderName
from spbe_tasks.rules.recipients import recipients
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services import digest_news, reminder_facts
from spbe_tasks.services import digest_parts as parts
from spbe_tasks.services.digest_parts import ExpiringLine, Reader, ReviewLine
from spbe_tasks.services.escalations import EscalatedAgency
from spbe_tasks.services.queries import digest_lines, reminder_entries
from spbe_tasks.services.queries.digest_lines import NewsLine, ToldTask
from spbe_tasks.services.queries.reminder_entries import Entry
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
    waiting = reminder_entries.list_open_entries(session, ground.government_id, account_id=account.id)
    news = digest_news.untold(session, account, ground)
    if not waiting and not news:
        return None
    return _digest(Reader(session, account, ground), waiting, news)


def _digest(reader: Reader, waiting: Sequence[Entry], news: Sequence[NewsLine]) -> Digest | None:
    told: list[Entry] = []
    groups: Mapping[DigestGroup, tuple[Line, ...]] = {}
    reviews: tuple[ReviewLine, ...] = ()
    expiring: tuple[ExpiringLine, ...] = ()
    cadence = reader.ground.preference(reader.account.id).cadence
    is_chosen = wants_digest(cadence, reader.day.today, reader.day.calendar)
    if is_chosen:
        own = _own_tasks(reader)
        told += parts.standing(waiting, LadderName.DUE, reader.climbs(each.task for each in own))
        groups = _groups(own, told, reader.day.today)
        reviews, of_reviews = parts.reviews(reader, waiting)
        expiring, of_expiring = parts.expiring(reader, waiting)
        told += [*of_reviews, *of_expiring]
    escalated, of_escalation = parts.escalated(reader, waiting)
    told += of_escalation
    if not told and not (is_chosen and news):
        return None
    return Digest(
        reader.day.today,
        groups,
        tuple(sorted(each.intent_id for each in told)),
        escalations=escalated,
        reviews=reviews,
        expiring=expiring,
        news=tuple(news) if is_chosen else (),
    )


def _own_tasks(reader: Reader) -> list[ToldTask]:
    """What the person is to be reminded of, their own and that of those they stand in for."""
    people, mine = reader.people, reader.account.id
    absent = [each for each in people.stand_ins if people.present(each) == mine]
    found = digest_lines.list_own_tasks(
        reader.session, reader.ground.government_id, [mine, *absent], people, reader.ground.zone
    )
    return [each for each in found if mine in dict(recipients(each.task, people))]


def _groups(
    own: Sequence[ToldTask], told: Sequence[Entry], today: date
) -> Mapping[DigestGroup, tuple[Line, ...]]:
    reminded = {each.entry.task_id for each in told}
    return digest_groups([_line(each, is_reminded=each.task.task_id in reminded) for each in own], today)


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
