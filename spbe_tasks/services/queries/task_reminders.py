"""Selects of the reminders that were sent about one task, for its page."""

from sqlalchemy import func, select

from spbe_tasks.models import Account, Message, ReminderIntent, Task
from spbe_tasks.rules.ledger import IntentState
from spbe_tasks.services.queries.bundle import AnySelect

# Those that ended without anybody being told say nothing here: the outbox has them.
_TOLD = (IntentState.OPEN, IntentState.CARRIED, IntentState.SENT, IntentState.FAILED)
# Built once: every page is a condition more.
_ROWS: AnySelect = (
    select(
        ReminderIntent.rung,
        ReminderIntent.due_version,
        ReminderIntent.state,
        Account.name,
        func.coalesce(Message.finished_at, ReminderIntent.planned_at).label("at"),
    )
    .join(Account, Account.id == ReminderIntent.account_id)
    .outerjoin(Message, Message.id == ReminderIntent.message_id)
    .where(ReminderIntent.state.in_(_TOLD))
    .order_by(ReminderIntent.id.desc())
)


def of_task(task: Task) -> AnySelect:
    """Who was told, or is about to be, of which rung, when: the newest first, of a task got through a scope."""
    return _ROWS.where(ReminderIntent.task_id == task.id)
