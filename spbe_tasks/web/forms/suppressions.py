"""The form that blocks the address of a person by hand."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from spbe_tasks.models import Account
from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.words import Form


class SuppressForm(Form):
    """Whose mail is to stop, and why."""

    account_id = SelectField(_l("Person"), coerce=int, validators=[fields.required()])
    detail = fields.line(_l("Why"))

    def offer(self, accounts: Sequence[Account]) -> None:
        """Fill the list of people."""
        self.account_id.choices = [
            SelectChoice(str(each.id), f"{each.name} ({each.email})") for each in accounts if each.is_active
        ]
