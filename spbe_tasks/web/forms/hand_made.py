"""The form of a task that is made by hand."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from spbe_tasks.models import Agency
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services.hand_made import HandMade
from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.figures import FigureField
from spbe_tasks.web.forms.words import Form
from spbe_tasks.web.locale import current_locale

MAX_NOTE = 4000


def _title() -> StringField:
    words = _l("Left empty, it is the indicator’s name.")
    return fields.line(_l("Title"), is_required=False, description=words)


def _note() -> TextAreaField:
    return TextAreaField(
        _l("What is to be done"),
        validators=[Optional(), fields.at_most(MAX_NOTE)],
        filters=[fields.several_lines],
    )


class WordingForm(fields.VersionedForm):
    """What a hand-made task is called, and what is to be done."""

    title = _title()
    note = _note()


class HandMadeForm(Form):
    """What is asked of whom, and by when."""

    indicator_number = SelectField(_l("Indicator"), coerce=int)
    agency_id = SelectField(_l("Agency"), coerce=int)
    title = _title()
    target_level = FigureField(_l("Level to reach"), validators=[fields.required()])
    due_on = DateField(_l("Due date"), validators=[fields.required()])
    note = _note()

    @classmethod
    def of(cls, instrument: Instrument, agencies: Sequence[Agency], number: int | None) -> "HandMadeForm":
        """The form; ``number`` is the indicator it was asked for from."""
        form = cls(data={"indicator_number": number})
        locale = current_locale()
        form.indicator_number.choices = [
            (each.number, f"{each.number}. {each.short_name(locale)}") for each in instrument.indicators
        ]
        form.agency_id.choices = [(each.id, each.short_name) for each in agencies]
        return form

    @property
    def said(self) -> HandMade:
        """What was typed, as the service takes it."""
        return HandMade(
            indicator_number=self.indicator_number.data,
            agency_id=self.agency_id.data,
            target_level=self.target_level.data,
            due_on=self.due_on.data,
            title=self.title.data or "",
            note=self.note.data or "",
        )
