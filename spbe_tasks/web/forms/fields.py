"""Pieces of forms: what every text field checks and tidies, choices with words, the version of what is edited."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, IntegerField, PasswordField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from spbe_tasks.labels import label
from spbe_tasks.rules.passwords import MINIMUM_LENGTH
from spbe_tasks.web.forms.words import Form
from spbe_tasks.web.locale import current_locale

NAME_LENGTH = 200
ADDRESS_LENGTH = 254
PASSWORD_LENGTH = 1_000  # far above what is accepted, so that the rule and not the form says it


def id_or_none(value: object) -> int | None:
    """What was chosen as the id of something; None for the empty choice and for what is no id."""
    text = str(value)
    return int(text) if text.isdecimal() else None


def required() -> InputRequired:
    """The field must be filled in."""
    return InputRequired(_l("Please fill this in."))


def not_blank() -> DataRequired:
    """The field must hold something that can be seen."""
    return DataRequired(_l("Please fill this in."))


def at_most(limit: int) -> Length:
    """The text has no more than ``limit`` characters."""
    return Length(max=limit, message=_l("At most %(max)d characters fit here."))


def one_line(text: str | None) -> str:
    """``text`` without what cannot be seen: control characters gone, white space single."""
    printable = "".join(each if each.isprintable() else " " for each in text or "")
    return " ".join(printable.split())


def several_lines(text: str | None) -> str | None:
    """``text`` with plain line ends and no blanks around it."""
    return text.replace("\r\n", "\n").strip() if text else text


def line(words: Any, *, is_required: bool = True, limit: int = NAME_LENGTH, **options: Any) -> StringField:
    """A field for one line of text."""
    presence = not_blank() if is_required else Optional()
    return StringField(words, validators=[presence, at_most(limit)], filters=[one_line], **options)


def address(words: Any, *, is_required: bool = True, **options: Any) -> EmailField:
    """A field for an e-mail address; whether it is one, the service says."""
    presence = not_blank() if is_required else Optional()
    return EmailField(words, validators=[presence, at_most(ADDRESS_LENGTH)], filters=[one_line], **options)


def password(words: Any, *checks: EqualTo, **options: Any) -> PasswordField:
    """A field for a password."""
    return PasswordField(words, validators=[required(), at_most(PASSWORD_LENGTH), *checks], **options)


def repeated_password(words: Any) -> PasswordField:
    """A field for the same password as in the field ``password``."""
    return password(words, EqualTo("password", _l("The two passwords differ. Type the same one twice.")))


def new_password(words: Any) -> PasswordField:
    """A field for a password to be; it says what is asked of one."""
    return password(words, description=_l("At least %(minimum)s characters.", minimum=MINIMUM_LENGTH))


def choices(members: Iterable[str]) -> list[SelectChoice]:
    """Each member with its word, for a select field."""
    return [SelectChoice(str(member), label(member, current_locale())) for member in members]


class VersionedForm(Form):
    """A form about a row that others may change too: it carries the version that was looked at."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])

    def carry(self, version: int) -> None:
        """Take the row's version: at first, and after a clash, when storing again is deciding to overwrite.

        A form that was refused for its own mistakes keeps the version it was opened with.
        """
        if not self.is_submitted() or not self.errors:
            self.version.data, self.version.raw_data = version, None
