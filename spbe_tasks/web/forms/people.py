"""The forms of people: inviting, editing, one's own profile."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from spbe_tasks.models import Agency
from spbe_tasks.rules.access import Role
from spbe_tasks.services.accounts import Details
from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.words import Form

# An administrator belongs to the installation and is made on its command line.
ROLES = tuple(role for role in Role if role is not Role.ADMINISTRATOR)
LANGUAGES = (SelectChoice("id", "Bahasa Indonesia"), SelectChoice("en", "English"))


def _number(text: str | None) -> int | None:
    return int(text) if text else None


class _PersonForm(Form):
    name = fields.line(_l("Name"))
    position = fields.line(_l("Position"), is_required=False)
    role = SelectField(_l("Role"), validators=[fields.required()])
    agency_id = SelectField(
        _l("Agency"),
        coerce=_number,
        validators=[Optional()],
        description=_l("Needed for focal points and heads of agencies."),
    )

    def __init__(self, agencies: Sequence[Agency], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.role.choices = fields.choices(ROLES)
        self.agency_id.choices = [
            SelectChoice("", _("No agency")),
            *(SelectChoice(str(each.id), each.name) for each in agencies),
        ]

    @property
    def details(self) -> Details:
        """What was typed, as the service takes it."""
        return Details(
            name=self.name.data,
            role=Role(self.role.data),
            position=self.position.data or None,
            agency_id=self.agency_id.data,
        )


class InviteForm(_PersonForm):
    """A new person."""

    email = fields.address(_l("E-mail address"), description=_l("The invitation goes there."))


class EditPersonForm(fields.VersionedForm, _PersonForm):
    """What is said about a person."""


class ProfileForm(fields.VersionedForm):
    """One's own name and language."""

    name = fields.line(_l("Name"))
    locale = SelectField(_l("Language"), choices=LANGUAGES, validators=[fields.required()])
