"""The end of nearly every mail, in one statement: the server took it. Sending waits for it between any two mails."""

from datetime import datetime

from sqlalchemy import BindParameter, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from spbe_tasks.models import DeliveryAttempt, Message, MessageState, News, ReminderIntent
from spbe_tasks.models.base import Model
from spbe_tasks.rules.delivery import HandOver
from spbe_tasks.rules.ledger import IntentState

_messages, _attempts, _intents, _news = (
    Model.metadata.tables[each.__tablename__] for each in (Message, DeliveryAttempt, ReminderIntent, News)
)
_ID: BindParameter[int] = bindparam("the_id")
_NOW: BindParameter[datetime] = bindparam("the_time", type_=_messages.c.finished_at.type)
_ANSWER: BindParameter[str] = bindparam("the_answer", type_=_messages.c.server_answer.type)

_ended = (
    update(_messages)
    .where(_messages.c.id == _ID, _messages.c.state == MessageState.HANDING_OVER)
    .values(state=MessageState.SENT, reason=None, finished_at=_NOW, server_answer=func.nullif(_ANSWER, ""))
    .returning(_messages.c.id, _messages.c.attempts, _messages.c.government_id)
    .cte("ended")
)
_noted = (
    insert(_attempts)
    .from_select(
        ["message_id", "number", "government_id", "outcome", "answer", "at"],
        select(
            _ended.c.id,
            _ended.c.attempts,
            _ended.c.government_id,
            bindparam("the_outcome", HandOver.ACCEPTED, type_=_attempts.c.outcome.type),
            _ANSWER,
            _NOW,
        ),
    )
    .cte("noted")
)
_told = (
    update(_intents)
    .where(_intents.c.message_id.in_(select(_ended.c.id)), _intents.c.state == IntentState.CARRIED)
    .values(state=IntentState.SENT, reason=None, ended_at=_NOW)
    .cte("told")
)
_said = update(_news).where(_news.c.message_id.in_(select(_ended.c.id))).values(told_at=_NOW).cte("said")
_STATEMENT = select(_ended.c.id).add_cte(_noted, _told, _said)


def write_down(session: Session, message_id: int, answer: str, *, now: datetime) -> bool:
    """End a mail that is being handed over as sent, with its attempt and what it carries; False: it is not."""
    given = {"the_id": message_id, "the_time": now, "the_answer": answer}
    return session.scalar(_STATEMENT, given) is not None
