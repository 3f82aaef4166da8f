"""The form of each action on one task: most are the same for all tasks, that of a return names the task's criteria."""

from collections.abc import Callable, Mapping

from spbe_tasks.rules.workflow import Action
from spbe_tasks.services.task_sheets import TaskSheet
from spbe_tasks.web.forms import tasks
from spbe_tasks.web.forms.review import ReturnForm, return_form
from spbe_tasks.web.forms.tasks import ActionForm

FORMS: Mapping[Action, type[ActionForm]] = {**tasks.FORMS, Action.RETURN: ReturnForm}


def action_form(action: Action, sheet: TaskSheet) -> ActionForm:
    """An empty form of an action, to show on the task's page."""
    form = (
        return_form(sheet, formdata=None) if action is Action.RETURN else FORMS[action](action, formdata=None)
    )
    form.offer(sheet)
    return form


def posted_form(action: Action, read: Callable[[], TaskSheet]) -> ActionForm:
    """The form that was sent for an action; ``read`` the task's sheet only where the form depends on it."""
    return return_form(read()) if action is Action.RETURN else FORMS[action](action)
