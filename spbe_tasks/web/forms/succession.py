"""The forms of agencies that merge or divide. What a division says about each indicator and person is named by rows."""

from collections.abc import Sequence
from typing import Self

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, SubmitField

from spbe_tasks.models import Account, Agency
from spbe_tasks.rules.succession import SuccessionKind
from spbe_tasks.services.succession import Seen
from spbe_tasks.services.succession_order import NEW, Order, Place, mover_field, taker_field
from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.agencies import SHORT_NAME_LENGTH
from spbe_tasks.web.forms.ownership import MultiCheckboxField
from spbe_tasks.web.forms.words import Form

NOBODY_YET = -1


class _SuccessionForm(Form):
    seen = HiddenField()
    preview = SubmitField(_l("See what this does"))
    store = SubmitField(_l("Carry it out"))

    def carry(self, seen: Seen) -> None:
        """Remember which preview is on the page."""
        self.seen.data, self.seen.raw_data = seen.fingerprint, None


class MergeForm(_SuccessionForm):
    """Agencies that become one, and which one: an open one, or a new one with its names."""

    source_ids = MultiCheckboxField(_l("Agencies that end"), coerce=int)
    successor_id = SelectField(_l("They become"), coerce=int)
    new_name = fields.line(_l("Full name of the new agency"), is_required=False)
    new_short_name = fields.line(
        _l("Short name of the new agency"), is_required=False, limit=SHORT_NAME_LENGTH
    )

    @classmethod
    def of(cls, agencies: Sequence[Agency], source_id: int | None) -> Self:
        """The form for these open agencies, with one of them ticked already."""
        form = cls(source_ids=[] if source_id is None else [source_id], successor_id=NOBODY_YET)
        offered = [(each.id, each.short_name) for each in agencies]
        form.source_ids.choices = offered
        choose, new = (NOBODY_YET, _("Choose …")), (NEW, _("a new agency, named below"))
        form.successor_id.choices = [choose, new, *offered]
        return form

    def order(self) -> Order:
        """What was asked for."""
        return Order(
            SuccessionKind.MERGE,
            tuple(self.source_ids.data or ()),
            None if self.successor_id.data == NOBODY_YET else self.successor_id.data,
            new_name=self.new_name.data or "",
            new_short_name=self.new_short_name.data or "",
        )


class DivideForm(_SuccessionForm):
    """Who takes which indicator of one agency, and where its people go; one agency may take whatever is not said."""

    default_id = SelectField(_l("Everything that is not chosen below goes to"), coerce=int)

    @classmethod
    def of(cls, agency: Agency, agencies: Sequence[Agency]) -> Self:
        """The form for one agency and those that can take over."""
        form = cls(default_id=NOBODY_YET)
        others = [(each.id, each.short_name) for each in agencies if each.id != agency.id]
        stays = (agency.id, _("stays with %(name)s", name=agency.short_name))
        form.takers = [stays, *others]
        form.default_id.choices = [(NOBODY_YET, _("nobody: each is chosen below")), *form.takers]
        return form

    takers: list[tuple[int, str]]

    def order(self, agency: Agency, places: Sequence[Place], people: Sequence[Account]) -> Order:
        """What was asked for; who was not chosen and has no default is left out."""
        takers = {place: self.chosen(taker_field(*place)) for place in places}
        movers = {person.id: self.chosen(mover_field(person.id)) for person in people}
        return Order(
            SuccessionKind.SPLIT,
            (agency.id,),
            takers={place: taker for place, taker in takers.items() if taker != NOBODY_YET},
            movers={person_id: taker for person_id, taker in movers.items() if taker != NOBODY_YET},
        )

    def chosen(self, name: str) -> int:
        """The agency chosen in a row, else the one that takes what is not said, else ``NOBODY_YET``."""
        typed = request.form.get(name, NOBODY_YET, type=int)
        return self.default_id.data if typed == NOBODY_YET else typed

    def typed(self, name: str) -> int:
        """What stands in a row of the form itself."""
        return request.form.get(name, NOBODY_YET, type=int)
