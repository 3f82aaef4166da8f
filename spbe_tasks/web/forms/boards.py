"""What a card's button on the board sends."""

from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired

from spbe_tasks.rules.workflow import Action
from spbe_tasks.web.forms.fields import VersionedForm

# Moves that need nothing typed: the board itself makes them.
FREE = (Action.PUBLISH, Action.START, Action.UNBLOCK, Action.RECALL)


class MoveForm(VersionedForm):
    """Which card, and which action of the transition table."""

    task = IntegerField(validators=[InputRequired()])
    action = SelectField(choices=[each.value for each in FREE], validators=[InputRequired()])
