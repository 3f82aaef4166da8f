"""The small forms of a plan: its target, and confirmations."""

from collections.abc import Sequence
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from spbe_tasks.extensions import db
from spbe_tasks.formatting import level as figure_words
from spbe_tasks.models import Plan
from spbe_tasks.services import instruments
from spbe_tasks.services.conflicts import Decision
from spbe_tasks.web.forms.fields import at_most, required
from spbe_tasks.web.forms.figures import FigureField
from spbe_tasks.web.forms.words import Form
from spbe_tasks.web.locale import current_locale

REASON_LENGTH = 2_000


class TargetForm(Form):
    """The index a plan is to reach; empty takes the target away."""

    target_index = FigureField(_l("Target index"), validators=[Optional()])

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """The form as the plan stands, with the lowest index of each predicate as help."""
        form = cls(obj=plan)
        locale = current_locale()
        bounds: list[Any] = [
            f"{bound.name(locale)} ≥ {figure_words(bound.lower_bound, locale)}"
            for bound in instruments.of(db.session(), plan).predicates
        ]
        form.target_index.description = "; ".join(bounds)
        return form


class ConflictForm(Form):
    """What becomes of the chosen tasks that no longer fit the plan."""

    tasks = SelectMultipleField(_l("Tasks"), coerce=int, widget=ListWidget(), option_widget=CheckboxInput())
    decision = RadioField(
        _l("Decision"),
        choices=[
            SelectChoice(Decision.KEEP.value, _l("Leave them as they are")),
            SelectChoice(Decision.ADOPT.value, _l("Take over what the plan now asks for")),
            SelectChoice(Decision.NOT_NEEDED.value, _l("Cancel: not needed any more")),
            SelectChoice(Decision.GIVEN_UP.value, _l("Cancel: given up")),
        ],
        validators=[required()],
    )
    reason = TextAreaField(_l("Reason"), validators=[Optional(), at_most(REASON_LENGTH)])

    @classmethod
    def of(cls, task_ids: Sequence[int]) -> Self:
        """The form with the tasks to choose from."""
        form = cls()
        form.tasks.choices = [SelectChoice(each, "") for each in task_ids]
        return form


class ConfirmForm(Form):
    """A confirmation: nothing but the button."""
