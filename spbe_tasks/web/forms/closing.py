"""The form of closing a plan, and of reopening it: why."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField

from spbe_tasks.web.forms.fields import at_most, not_blank
from spbe_tasks.web.forms.words import Form

REASON_LENGTH = 2_000


class ReasonForm(Form):
    """Why a plan is closed or reopened."""

    reason = TextAreaField(_l("Reason"), validators=[not_blank(), at_most(REASON_LENGTH)])
