"""The forms of a task's page: one per action, asking for what the transition table asks for."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput, TextInput

from spbe_tasks.formatting import level as level_words
from spbe_tasks.labels import label
from spbe_tasks.rules.workflow import Action, CancelKind, Field, Obstacle
from spbe_tasks.services.task_sheets import TaskSheet
from spbe_tasks.web.forms.fields import at_most, required, several_lines
from spbe_tasks.web.locale import current_locale

MAX_TEXT = 4000


def _text(label: str, *, is_required: bool = True, help: str = "") -> TextAreaField:
    validators = [required() if is_required else Optional(), at_most(MAX_TEXT)]
    return TextAreaField(label, description=help, validators=validators, filters=[several_lines])


def _as_level(value: object) -> Decimal:
    try:
        return Decimal(str(value).strip().replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(value) from error


class LevelField(SelectField):
    """A level: chosen among the whole levels of the scale, or typed where the scale has decimals."""

    def __init__(self, label: str, **options: Any) -> None:
        # The transition table knows the scale and says in our words what is wrong with a level.
        super().__init__(label, coerce=_as_level, validate_choice=False, validators=[required()], **options)
        self.type = "SelectField"

    def take_any(self) -> None:
        """Show a line to type in instead of the choices."""
        self.widget, self.type = TextInput(), "DecimalField"

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else level_words(self.data, current_locale())


class ActionForm(FlaskForm):
    """What every action sends along: the version of the task that the person looked at.

    Several of these stand on one page, so each field's id starts with the action's name.
    """

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])

    def __init__(self, action: Action, **options: Any) -> None:
        super().__init__(**options)
        self.action = action
        for each in self:
            each.id = each.label.field_id = f"{action}-{each.short_name}"
            if each.process_errors:
                each.process_errors = [_l("This cannot be read. Check how it is written.")]

    def offer(self, sheet: TaskSheet) -> None:
        """Fill in what depends on the task, before the form is shown."""
        self.version.raw_data, self.version.data = None, sheet.task.version

    @property
    def given(self) -> dict[str, object]:
        """The values by ``workflow.Field``."""
        return {each.short_name: each.data for each in self if each.short_name in _GIVEN}


_GIVEN = frozenset(Field)


class SubmitForm(ActionForm):
    """Hand in for review."""

    note = _text(_l("What was done, and where the evidence is"))


class ReasonForm(ActionForm):
    """Anything that only needs its reason: reopening, refusing more time."""

    reason = _text(_l("Reason"))


class BlockForm(ActionForm):
    """Say what is in the way, and what kind of thing that is."""

    obstacle = SelectField(_l("What kind of obstacle"), validate_choice=False, validators=[Optional()])
    reason = _text(_l("What is in the way"))

    def offer(self, sheet: TaskSheet) -> None:
        """The kinds of obstacles, none chosen."""
        super().offer(sheet)
        locale = current_locale()
        kinds = (SelectChoice(each.value, label(each, locale)) for each in Obstacle)
        self.obstacle.choices = [SelectChoice("", _("Choose, if one fits")), *kinds]


class AskExtensionForm(ActionForm):
    """Ask for more time."""

    due_on = DateField(_l("Wanted until"), validators=[required()])
    reason = _text(_l("Why more time is needed"))


class GrantExtensionForm(ActionForm):
    """Give the time asked for, or another day."""

    due_on = DateField(_l("New due date"), validators=[Optional()])
    note = _text(_l("Note (may stay empty)"), is_required=False)

    def offer(self, sheet: TaskSheet) -> None:
        """The day asked for, to start from."""
        super().offer(sheet)
        asked = sheet.agreements.asked
        if self.due_on.raw_data is None and asked is not None:
            self.due_on.data = asked.wanted_on


class AcceptForm(ActionForm):
    """Accept with the level reached. A reason is needed only below the baseline; the table asks for it then."""

    reached_level = LevelField(_l("Level reached"))
    reason = _text(
        _l("Reason"),
        is_required=False,
        help=_l("Needed only when the level is below where the task started."),
    )

    def offer(self, sheet: TaskSheet) -> None:
        """The levels of the instrument, the target chosen."""
        super().offer(sheet)
        scale, locale = sheet.instrument.scale, current_locale()
        if self.reached_level.raw_data is None:
            self.reached_level.data = sheet.task.target_level
        if not scale.is_integer:
            low, high = (level_words(each, locale) for each in (scale.minimum, scale.maximum))
            self.reached_level.description = _l("From %(low)s to %(high)s.", low=low, high=high)
            self.reached_level.take_any()
            return
        names = {step.level: step.name(locale) for step in sheet.indicator.levels}
        self.reached_level.choices = [
            SelectChoice(str(each), f"{each} · {names[each]}" if each in names else str(each))
            for each in scale.whole_levels
        ]


class CancelForm(ActionForm):
    """Cancel, saying which kind: the two count differently."""

    cancel_kind = RadioField(
        _l("Why it is cancelled"),
        choices=[
            SelectChoice(CancelKind.NOT_NEEDED.value, _l("Not needed: the task leaves the projection")),
            SelectChoice(CancelKind.GIVEN_UP.value, _l("Given up: the indicator stays where it started")),
        ],
        validate_choice=False,
        validators=[required()],
    )
    reason = _text(_l("Reason"))


class RescheduleForm(ActionForm):
    """Move the due date."""

    due_on = DateField(_l("New due date"), validators=[required()])
    reason = _text(_l("Reason (may stay empty)"), is_required=False)

    def offer(self, sheet: TaskSheet) -> None:
        """The present date, to start from."""
        super().offer(sheet)
        if self.due_on.raw_data is None:
            self.due_on.data = sheet.task.due_on


class AssignForm(ActionForm):
    """Put a person of the agency in charge."""

    assignee_id = SelectField(
        _l("Person in charge"), coerce=int, validate_choice=False, validators=[required()]
    )

    def offer(self, sheet: TaskSheet) -> None:
        """The agency's people, the present one chosen."""
        super().offer(sheet)
        self.assignee_id.choices = [SelectChoice(str(account_id), name) for account_id, name in sheet.people]
        if self.assignee_id.raw_data is None:
            self.assignee_id.data = sheet.task.assignee_id


# All but returning, whose form depends on the task: see ``forms/actions.py``.
FORMS: Mapping[Action, type[ActionForm]] = {
    Action.PUBLISH: ActionForm,
    Action.START: ActionForm,
    Action.SUBMIT: SubmitForm,
    Action.ACCEPT: AcceptForm,
    Action.UNBLOCK: ActionForm,
    Action.BLOCK: BlockForm,
    Action.RECALL: ActionForm,
    Action.ASSIGN: AssignForm,
    Action.ASK_EXTENSION: AskExtensionForm,
    Action.GRANT_EXTENSION: GrantExtensionForm,
    Action.REFUSE_EXTENSION: ReasonForm,
    Action.TAKE_BACK_EXTENSION: ActionForm,
    Action.RESCHEDULE: RescheduleForm,
    Action.REOPEN: ReasonForm,
    Action.CANCEL: CancelForm,
}
