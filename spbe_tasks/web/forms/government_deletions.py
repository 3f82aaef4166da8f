"""The forms of deleting a government: asking for it, and confirming it as the second person."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.closing import REASON_LENGTH
from spbe_tasks.web.forms.words import Form


class ConfirmForm(Form):
    """That the person means this government: its short name, typed."""

    slug = fields.line(_l("Its short name, typed"))


class AskForm(ConfirmForm):
    """The same, and why."""

    reason = TextAreaField(_l("Reason"), validators=[fields.not_blank(), fields.at_most(REASON_LENGTH)])
