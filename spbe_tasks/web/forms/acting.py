"""The form that appoints an acting officer."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField
from wtforms.validators import Optional

from spbe_tasks.labels import label
from spbe_tasks.models import Account, ActingKind
from spbe_tasks.services.acting import Appointment
from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.words import Form
from spbe_tasks.web.locale import current_locale


class ActingForm(Form):
    """Who takes whose position, from when to when."""

    # Whether the people are of this government and may sign in, the service says.
    absent_id = SelectField(
        _l("Whose position"), coerce=fields.id_or_none, validate_choice=False, validators=[fields.required()]
    )
    acting_id = SelectField(
        _l("Who takes it"), coerce=fields.id_or_none, validate_choice=False, validators=[fields.required()]
    )
    kind = RadioField(_l("Kind"), coerce=ActingKind, default=ActingKind.PLH, validators=[fields.required()])
    from_on = DateField(_l("From"), validators=[fields.required()])
    until_on = DateField(
        _l("Until (this day included)"),
        description=_l("May stay empty: then until you end it."),
        validators=[Optional()],
    )
    decree = fields.line(_l("Letter (number and date)"), is_required=False)

    def __init__(self, people: Sequence[Account], **options: Any) -> None:
        super().__init__(**options)
        locale = current_locale()
        choices = [
            (str(each.id), f"{each.name} ({each.position or label(each.role, locale)})")
            for each in people
            if each.is_active
        ]
        self.absent_id.choices = self.acting_id.choices = [("", _("Choose")), *choices]
        self.kind.choices = [
            (ActingKind.PLT, _("Plt.: the position is vacant")),
            (ActingKind.PLH, _("Plh.: its holder is away")),
        ]

    @property
    def said(self) -> Appointment:
        """What was typed, as the service takes it."""
        return Appointment(
            self.absent_id.data,
            self.acting_id.data,
            self.kind.data,
            self.from_on.data,
            self.until_on.data,
            self.decree.data or "",
        )
