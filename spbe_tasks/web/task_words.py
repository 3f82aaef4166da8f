"""What the actions on a task are called on its page, and what is said afterwards."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from spbe_tasks.rules.workflow import Action, State
from spbe_tasks.services.task_titles import title_of

__all__ = ["DONE", "LABELS", "TURNS", "title_of"]

# On the button.
LABELS: Mapping[Action, Any] = {
    Action.PUBLISH: _l("Publish to the agency"),
    Action.START: _l("Start work"),
    Action.SUBMIT: _l("Submit for review"),
    Action.ACCEPT: _l("Accept"),
    Action.RETURN: _l("Return"),
    Action.UNBLOCK: _l("Go on working"),
    Action.BLOCK: _l("Report an obstacle"),
    Action.RECALL: _l("Take the submission back"),
    Action.ASSIGN: _l("Change the person in charge"),
    Action.ASK_EXTENSION: _l("Ask for more time"),
    Action.GRANT_EXTENSION: _l("Grant more time"),
    Action.REFUSE_EXTENSION: _l("Refuse more time"),
    Action.TAKE_BACK_EXTENSION: _l("Take the request back"),
    Action.RESCHEDULE: _l("Change the due date"),
    Action.REOPEN: _l("Reopen"),
    Action.CANCEL: _l("Cancel the task"),
}

# Once it is done.
DONE: Mapping[Action, Any] = {
    Action.PUBLISH: _l("The agency now sees this task."),
    Action.START: _l("The task is in progress."),
    Action.SUBMIT: _l("The task is submitted and waits for review."),
    Action.ACCEPT: _l("The task is accepted. The projected index is being recomputed."),
    Action.RETURN: _l("The task is returned to the agency with your reason."),
    Action.UNBLOCK: _l("The task is in progress again."),
    Action.BLOCK: _l("The obstacle is noted; the coordinator sees it."),
    Action.RECALL: _l("The submission is taken back; the task is in progress."),
    Action.ASSIGN: _l("The person in charge is changed."),
    Action.ASK_EXTENSION: _l(
        "More time is asked for; the coordinator decides. Until then the old date counts."
    ),
    Action.GRANT_EXTENSION: _l("More time is granted: the due date is moved."),
    Action.REFUSE_EXTENSION: _l("More time is refused: the due date stays."),
    Action.TAKE_BACK_EXTENSION: _l("The request for more time is taken back."),
    Action.RESCHEDULE: _l("The due date is changed."),
    Action.REOPEN: _l("The task is open again; the level reached before no longer counts."),
    Action.CANCEL: _l("The task is cancelled."),
}

# For a reader who has no next step: whose turn it is.
TURNS: Mapping[State, Any] = {
    State.PLANNED: _l("The coordinator has not published this task yet."),
    State.ASSIGNED: _l("The agency has not begun yet."),
    State.IN_PROGRESS: _l("The agency is working on it."),
    State.BLOCKED: _l("The agency has met an obstacle."),
    State.SUBMITTED: _l("It waits for a reviewer."),
    State.RETURNED: _l("The agency has to improve it."),
    State.ACCEPTED: _l("The work is accepted; nothing is left to do here."),
    State.CANCELLED: _l("The task was cancelled."),
    State.WITHDRAWN: _l("The task was withdrawn, because the plan no longer asks for it."),
}
