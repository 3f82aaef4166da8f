"""The forms of the ownership matrix: the owners of one indicator, and one lead for a whole aspect."""

from typing import Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, SubmitField
from wtforms.widgets import CheckboxInput, ListWidget

from spbe_tasks.services.ownership import Matrix, Row
from spbe_tasks.web.forms.words import Form


class MultiCheckboxField(SelectMultipleField):
    """Any number of a short list, each with its own box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class OwnersForm(Form):
    """One lead, or nobody yet, and any contributors. An agency named as both is the lead."""

    lead_id = SelectField(_l("Lead"), coerce=int)
    contributor_ids = MultiCheckboxField(_l("Contributors"), coerce=int)
    store = SubmitField(_l("Store"))
    store_and_next = SubmitField(_l("Store and next indicator"))

    @classmethod
    def of(cls, matrix: Matrix, row: Row) -> Self:
        """The form as the row stands; closed agencies are offered only where they are owners already."""
        form = cls(lead_id=row.lead_id or 0, contributor_ids=list(row.contributor_ids))
        offered = [
            (each.id, f"{each.short_name}: {each.name}" if each.short_name != each.name else each.name)
            for each in matrix.agencies
            if each.is_active or each.id in row.cells
        ]
        form.lead_id.choices = [(0, _("Nobody yet")), *offered]
        form.contributor_ids.choices = offered
        return form


class AspectLeadForm(Form):
    """An aspect, and the agency that is to lead on all of it."""

    aspect = SelectField(_l("Aspect"), coerce=int)
    agency_id = SelectField(_l("Lead"), coerce=int)

    @classmethod
    def of(cls, matrix: Matrix, locale: str) -> Self:
        """The form for a matrix."""
        form = cls()
        form.aspect.choices = [(each.number, each.name(locale)) for each in matrix.instrument.aspects]
        form.agency_id.choices = [(each.id, each.short_name) for each in matrix.agencies if each.is_active]
        return form
