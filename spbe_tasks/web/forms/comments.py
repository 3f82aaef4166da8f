"""What is typed to say something about a task, or to say it better."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, TextAreaField

from spbe_tasks.rules.discussion import LONGEST_COMMENT
from spbe_tasks.services.comments import CommentWords
from spbe_tasks.web.forms.fields import VersionedForm, at_most, required, several_lines


class CommentForm(VersionedForm):
    """A comment, and whom it is addressed to besides those named in it."""

    body = TextAreaField(
        _l("Your comment"),
        validators=[required(), at_most(LONGEST_COMMENT)],
        filters=[several_lines],
    )
    mentioned_ids = SelectMultipleField(_l("They are told about it"), coerce=int, validate_choice=False)

    @property
    def said(self) -> CommentWords:
        """What was typed."""
        return CommentWords(self.body.data or "", frozenset(self.mentioned_ids.data or ()))
