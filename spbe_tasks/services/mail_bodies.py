"""What a mail has to tell by its kind, what it thereby carries, and what becomes of that when it cannot be sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Message, MessageKind, News, ReminderIntent
from spbe_tasks.models.base import Model
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services import briefs, digests, monthly_briefs, news_mail, task_titles
from spbe_tasks.services.briefs import Brief
from spbe_tasks.services.digests import Digest
from spbe_tasks.services.escalations import EscalatedAgency
from spbe_tasks.services.letters import Body, Hold
from spbe_tasks.services.monthly_briefs import MonthlyBrief
from spbe_tasks.services.queries.digest_lines import NewsLine
from spbe_tasks.services.send_round import Standing
from spbe_tasks.work import Work

WITH_BODY = frozenset(
    {MessageKind.DIGEST, MessageKind.NEWS, MessageKind.BRIEF, MessageKind.MONTHLY, MessageKind.ALERT}
)
_TELLS_INTENTS = frozenset({MessageKind.DIGEST, MessageKind.BRIEF})
_intents, _news_items = (Model.metadata.tables[each.__tablename__] for each in (ReminderIntent, News))
# Built once: they are run for every mail.
_CARRY_INTENTS = (
    update(_intents)
    .where(
        _intents.c.id.in_(bindparam("the_ids", expanding=True)),
        _intents.c.state == IntentState.OPEN,
    )
    .values(state=IntentState.CARRIED, message_id=bindparam("the_message"))
)
_CARRY_NEWS = (
    update(_news_items)
    .where(_news_items.c.id.in_(bindparam("the_ids", expanding=True)), _news_items.c.message_id.is_(None))
    .values(message_id=bindparam("the_message"))
)


def build(
    session: Session, message: Message, account: Account, standing: Standing, *, now: datetime
) -> Body | None:
    """What a mail has to tell as things stand; None or empty: nothing."""
    match message.kind:
        case MessageKind.DIGEST:
            return digests.build(session, account, today=standing.today, ground=standing.ground)
        case MessageKind.BRIEF:
            return briefs.build(session, account, today=standing.today, ground=standing.ground)
        case MessageKind.MONTHLY:
            return monthly_briefs.build(session, account, ground=standing.ground, now=now)
        case MessageKind.NEWS:
            return news_mail.lines(session, account, standing.policy)
        case _:
            return Hold(message.local_date, standing.policy.daily_cap)


def carry(work: Work, message: Message, body: Body) -> None:
    """Have ``message`` carry the intents and news it tells, so that no other mail does."""
    if isinstance(body, Digest | Brief) and body.intent_ids:
        work.session.execute(_CARRY_INTENTS, {"the_message": message.id, "the_ids": body.intent_ids})
    news_ids = [line.news_id for line in _news(body)]
    if news_ids:
        work.session.execute(_CARRY_NEWS, {"the_message": message.id, "the_ids": news_ids})


def suppress(work: Work, message: Message, *, now: datetime) -> None:
    """End what waits to be told to somebody whose address is not written to; planned again once it is released."""
    if message.kind in _TELLS_INTENTS:
        work.session.execute(
            update(ReminderIntent)
            .where(
                ReminderIntent.government_id == message.government_id,
                ReminderIntent.account_id == message.account_id,
                ReminderIntent.state == IntentState.OPEN,
            )
            .values(state=IntentState.SUPPRESSED, ended_at=now)
            .execution_options(synchronize_session=False)
        )


def titles(session: Session, account: Account, body: Body | None) -> Mapping[int, str]:
    """The titles of the tasks in ``body`` that the reader knows by another name than the stored one."""
    if body is None or account.government_id is None:
        return {}
    return task_titles.in_language(session, account.government_id, _task_ids(body), account.locale)


def _task_ids(body: Body) -> Sequence[int]:
    found = [line.task_id for line in _news(body) if line.task_id is not None]
    if isinstance(body, Digest):
        found += [line.task_id for lines in body.groups.values() for line in lines]
        found += [line.task_id for line in body.reviews]
    for agency in _agencies(body):
        found += [task.task_id for task in agency.tasks]
    return found


def _agencies(body: Body) -> Sequence[EscalatedAgency]:
    if isinstance(body, Digest):
        return body.escalations
    return body.agencies if isinstance(body, Brief) else ()


def _news(body: Body) -> Sequence[NewsLine]:
    if isinstance(body, Digest):
        return body.news
    return () if isinstance(body, Brief | MonthlyBrief | Hold) else body
