"""The base of our forms: what WTForms says by itself is said in our words and languages."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

# WTForms has no Indonesian; these are all the sentences that its fields can say.
_WORDS = {
    "Not a valid choice.": _l("Choose one of the list."),
    "Invalid Choice: could not coerce.": _l("Choose one of the list."),
    "Not a valid integer value.": _l("Write a whole number in digits."),
    "Not a valid decimal value.": _l("Write a number."),
    "Not a valid date value.": _l("This is no date. Write it as year-month-day, for example 2026-11-30."),
    "Not a valid time value.": _l("This is no time. Write it as hours:minutes, for example 07:30."),
}


class _Translations:
    def gettext(self, text: str) -> str:
        return str(_WORDS.get(text) or gettext(text))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return singular if number == 1 else plural


class Form(FlaskForm):
    """A form with a CSRF token that speaks the reader's language."""

    class Meta(FlaskForm.Meta):
        """Where WTForms looks for its words."""

        def get_translations(self, form: Any) -> _Translations:
            """Ours, for every field of ``form``."""
            return _Translations()
