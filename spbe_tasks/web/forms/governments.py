"""The forms of governments: opening one, settings, logo, evaluation dates, holidays."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, IntegerField, SelectField, TimeField
from wtforms.validators import Optional
from wtforms.widgets import TextInput

from spbe_tasks.models import GovernmentKind
from spbe_tasks.rules.calendar import ZONE_LABELS, HolidayKind
from spbe_tasks.rules.evaluation import EvaluationDates
from spbe_tasks.rules.monthly import FIRST_DAY, LAST_DAY
from spbe_tasks.services.governments import Settings
from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.figures import FigureField
from spbe_tasks.web.forms.words import Form


def _text_or_none(value: str | None) -> str | None:
    return value or None


def _day_or_none(value: str | int | None) -> int | None:
    return int(value) if value else None


class _ZoneForm(Form):
    timezone = SelectField(_l("Time zone"), validators=[fields.required()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timezone.choices = fields.choices(ZONE_LABELS)


class GovernmentForm(_ZoneForm):
    """A new government."""

    name = fields.line(
        _l("Name"), description=_l("As on letters, for example Pemerintah Kabupaten Ketapang.")
    )
    kind = SelectField(_l("Kind"), validators=[fields.required()])
    slug = fields.line(
        _l("Short name in addresses"),
        is_required=False,
        description=_l("Small letters, digits and hyphens. Left empty, it is made from the name."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = fields.choices(GovernmentKind)


class SettingsForm(fields.VersionedForm, _ZoneForm):
    """What a government decides about itself."""

    name = fields.line(_l("Name"))
    national_name = SelectField(
        _l("Name in the national results"),
        coerce=_text_or_none,
        description=_l(
            "Comparisons with other governments go by it. Choose one only if it is not found by itself."
        ),
    )
    sender_name = fields.line(_l("Sender of mails"), description=_l("The name people see in their inbox."))
    reply_to = fields.address(
        _l("Address for answers"),
        is_required=False,
        description=_l("Answers to mails go there. Left empty, they go to the address that sends."),
    )
    send_opens_at = TimeField(_l("Mails leave from"), validators=[fields.required()])
    send_closes_at = TimeField(_l("until"), validators=[fields.required()])
    monthly_brief_day = SelectField(
        _l("Monthly brief about the index"),
        coerce=_day_or_none,
        description=_l(
            "To every coordinator and leader who wants it: the figures, what changed since the month before, and which "
            "agencies have most to bring. It leaves on the first working day from this day on."
        ),
    )
    is_mail_paused = BooleanField(
        _l("Pause all mails"),
        description=_l(
            "Holds back every mail, also invitations and links to a new password. "
            "Nothing is lost: what still has a point leaves when the pause ends."
        ),
    )

    is_public = BooleanField(
        _l("Publish the progress of the index"),
        description=_l(
            "Anybody may then read the index, the target and the progress by domain. No names are shown."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = [
            (str(day), _("From day %(day)s of the month", day=day)) for day in range(FIRST_DAY, LAST_DAY + 1)
        ]
        self.monthly_brief_day.choices = [("", _("Never")), *days]

    def offer_names(self, names: Sequence[str]) -> None:
        """Let the person choose among the published names, or leave it to the government's own."""
        self.national_name.choices = [
            ("", _("Found by its own name")),
            *((name, name) for name in names),
        ]

    @property
    def settings(self) -> Settings:
        """What was typed, as the service takes it."""
        return Settings(**{each.name: self[each.name].data for each in dataclasses.fields(Settings)})


class LogoForm(Form):
    """A picture for the top of every page."""

    file = FileField(_l("Picture"))


class EvaluationForm(Form):
    """The dates of one evaluation."""

    self_assessment_opens_on = DateField(_l("Self-assessment opens"), validators=[Optional()])
    self_assessment_closes_on = DateField(_l("Self-assessment closes"), validators=[Optional()])
    interviews_on = DateField(_l("Interviews begin"), validators=[Optional()])
    result_on = DateField(_l("Result is announced"), validators=[Optional()])

    @property
    def dates(self) -> EvaluationDates:
        """What was typed, as the rules take it."""
        return EvaluationDates(**{name: self[name].data for name in EvaluationDates.__slots__})


class IndexTargetForm(Form):
    """The index of one year, and where it is written."""

    year = IntegerField(_l("Year"), validators=[fields.required()], widget=TextInput())
    value = FigureField(_l("Target index"), validators=[fields.required()])
    source = fields.line(_l("Source"), description=_l("Where it is written, for example RPJMD 2025–2029."))


class HolidayForm(Form):
    """A day off, or a working day after all."""

    on = DateField(_l("Date"), validators=[fields.required()])
    name = fields.line(_l("Name of the day"))
    kind = SelectField(_l("Kind"), validators=[fields.required()])
    decree = fields.line(
        _l("Number of the decision"),
        is_required=False,
        description=_l("For example a decision of the regent."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = fields.choices(
            (HolidayKind.LOCAL, HolidayKind.WORKING_DAY_OVERRIDE, HolidayKind.PUBLIC, HolidayKind.JOINT_LEAVE)
        )
