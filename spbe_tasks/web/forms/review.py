"""The form by which a reviewer returns a task: a reason for each criterion that was not taken, and one for all."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from spbe_tasks.labels import label
from spbe_tasks.rules.requirements import Field, ReturnReason, Verdict
from spbe_tasks.rules.workflow import Action
from spbe_tasks.services.task_sheets import TaskSheet
from spbe_tasks.web.forms.fields import at_most, one_line, several_lines
from spbe_tasks.web.forms.tasks import MAX_TEXT, ActionForm
from spbe_tasks.web.locale import current_locale

MAX_NOTE = 500


def _reason_or_none(value: object) -> str:
    return str(value) if value in tuple(ReturnReason) else ""


class ReturnForm(ActionForm):
    """Return the task; what is said about criteria makes the general reason needless. See ``return_form``."""

    reason = TextAreaField(
        _l("Reason for returning"),
        description=_l("May stay empty when criteria say why."),
        validators=[Optional(), at_most(MAX_TEXT)],
        filters=[several_lines],
    )

    @property
    def given(self) -> dict[str, object]:
        """The values by ``workflow.Field``; words without a reason chosen are another reason."""
        said = {}
        for each in self:
            kind, _, place = each.short_name.partition("_")
            level, _, letter = place.partition("_")
            if kind != "verdict":
                continue
            note = self[f"note_{place}"].data or ""
            if each.data or note:
                said[int(level), letter] = Verdict(ReturnReason(each.data or ReturnReason.OTHER), note)
        return {Field.REASON: self.reason.data, Field.CRITERIA: said}


def return_form(sheet: TaskSheet, **options: Any) -> ReturnForm:
    """The form with a reason and a line of words for every criterion the task asks for."""
    reasons = [SelectChoice(each.value, label(each, current_locale())) for each in ReturnReason]
    fields: dict[str, Any] = {}
    for step in sheet.steps:
        for item in step.items:
            place = f"{item.level}_{item.criterion.letter}"
            fields[f"verdict_{place}"] = SelectField(
                _l("Why it is not taken"),
                choices=[SelectChoice("", _l("No objection")), *reasons],
                coerce=_reason_or_none,
                validate_choice=False,
            )
            fields[f"note_{place}"] = StringField(
                _l("In words"), validators=[Optional(), at_most(MAX_NOTE)], filters=[one_line]
            )
    form: ReturnForm = type("ThisReturnForm", (ReturnForm,), fields)(Action.RETURN, **options)
    return form
