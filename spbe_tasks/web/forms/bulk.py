"""The forms of an action on many tasks: one per action, asking for what each task's own form would ask for."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row
from wtforms import DateField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from spbe_tasks.services.bulk_steps import BulkAction
from spbe_tasks.services.labels import LONGEST_LABEL
from spbe_tasks.web.forms.fields import at_most, line, not_blank, required, several_lines
from spbe_tasks.web.forms.words import Form

MAX_TEXT = 4000


class BulkForm(Form):
    """Nothing to fill in: the action says it all."""

    @property
    def given(self) -> dict[str, object]:
        """What is typed, by the names the service knows."""
        return {name: value for name, value in self.data.items() if name != "csrf_token"}

    def offer(self, people: Sequence[Row[Any]], labels: Sequence[str]) -> None:
        """Fill in what depends on the chosen tasks."""


class AssignForm(BulkForm):
    """Who is put in charge."""

    assignee_id = SelectField(_l("Person in charge"), coerce=int, validators=[required()])

    def offer(self, people: Sequence[Row[Any]], labels: Sequence[str]) -> None:
        """The people of the tasks' agencies; those of another agency are refused row by row."""
        self.assignee_id.choices = [
            SelectChoice(str(each.id), f"{each.name} ({each.agency_name})") for each in people
        ]


class RescheduleForm(BulkForm):
    """A new due date for all of them, and why."""

    due_on = DateField(_l("Due date"), validators=[required()])
    reason = TextAreaField(_l("Reason"), validators=[not_blank(), at_most(MAX_TEXT)], filters=[several_lines])


class CommentForm(BulkForm):
    """The same comment on each."""

    note = TextAreaField(_l("Comment"), validators=[not_blank(), at_most(MAX_TEXT)], filters=[several_lines])


class LabelForm(BulkForm):
    """A label, one of those in use or a new one."""

    label = line(_l("Label"), limit=LONGEST_LABEL)
    known: Sequence[str] = ()

    def offer(self, people: Sequence[Row[Any]], labels: Sequence[str]) -> None:
        """The labels in use, to choose from while typing."""
        self.known = labels


FORMS: Mapping[BulkAction, type[BulkForm]] = {
    BulkAction.ASSIGN: AssignForm,
    BulkAction.RESCHEDULE: RescheduleForm,
    BulkAction.START: BulkForm,
    BulkAction.COMMENT: CommentForm,
    BulkAction.ADD_LABEL: LabelForm,
    BulkAction.REMOVE_LABEL: LabelForm,
}
