"""The form of a part of a task."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectField
from wtforms.validators import Optional

from spbe_tasks.models import TaskPart
from spbe_tasks.services.parts import PartWords
from spbe_tasks.services.task_sheets import TaskSheet
from spbe_tasks.web.forms import fields


class PartForm(fields.VersionedForm):
    """What is to be done, by whom and by when."""

    title = fields.line(_l("What is to be done"))
    # Who works for the agency, the service says.
    assignee_id = SelectField(_l("Person in charge"), coerce=fields.id_or_none, validate_choice=False)
    due_on = DateField(_l("Due date"), validators=[Optional()])

    @classmethod
    def of(cls, sheet: TaskSheet, part: TaskPart | None = None) -> "PartForm":
        """The form with the people of the task's agency to choose from."""
        form = cls(obj=part)
        people = ((str(account_id), name) for account_id, name in sheet.people)
        form.assignee_id.choices = [("", _("Nobody yet")), *people]
        return form

    @property
    def said(self) -> PartWords:
        """What was typed, as the service takes it."""
        return PartWords(self.title.data or "", self.assignee_id.data, self.due_on.data)


class TickForm(fields.VersionedForm):
    """One part done, or not done after all."""

    is_done = BooleanField()
