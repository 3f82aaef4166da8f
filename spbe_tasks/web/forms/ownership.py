"""The forms of the ownership matrix: the owners of one indicator, and one lead for a whole aspect."""

import base64
from dataclasses import replace
from fractions import Fraction
from typing import Self

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, SubmitField
from wtforms.widgets import CheckboxInput, ListWidget

from spbe_tasks.rules.errors import InvalidInputError, Problem
from spbe_tasks.rules.ownership import parse_share
from spbe_tasks.services.ownership import Matrix, Row
from spbe_tasks.web.forms.words import Form


class MultiCheckboxField(SelectMultipleField):
    """Any number of a short list, each with its own box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class OwnersForm(Form):
    """One lead, or nobody yet, and any contributors, each with a share. An agency named as both is the lead.

    Shares are typed as text; those of contributors come in fields named after their agency.
    """

    lead_id = SelectField(_l("Lead"), coerce=int)
    lead_share = StringField(
        _l("Share of the lead"),
        description=_l("For example 1/3 or 0.5. Leave all shares empty for equal parts."),
    )
    contributor_ids = MultiCheckboxField(_l("Contributors"), coerce=int)
    store = SubmitField(_l("Store"))
    store_and_next = SubmitField(_l("Store and next indicator"))

    @classmethod
    def of(cls, matrix: Matrix, row: Row) -> Self:
        """The form as the row stands; closed agencies are offered only where they are owners already."""
        typed = {each: str(row.share(each)) if row.has_shares else "" for each in row.parts}
        form = cls(
            lead_id=row.lead_id or 0,
            lead_share=typed.get(row.lead_id or 0, ""),
            contributor_ids=list(row.contributor_ids),
        )
        offered = [
            (each.id, f"{each.short_name}: {each.name}" if each.short_name != each.name else each.name)
            for each in matrix.agencies
            if each.is_active or each.id in row.cells
        ]
        form.lead_id.choices = [(0, _("Nobody yet")), *offered]
        # Those who are on it come first: on a phone the list of all agencies is long.
        form.contributor_ids.choices = sorted(offered, key=lambda each: each[0] not in row.parts)
        form.typed_shares = {
            each: request.form.get(share_field(each), "") if form.is_submitted() else typed.get(each, "")
            for each, _name in offered
        }
        return form

    typed_shares: dict[int, str]

    def shares(self) -> dict[int, Fraction | None]:
        """The shares of the owners who are named, by agency id. Raises InvalidInputError with every unreadable one."""
        texts = {each: self.typed_shares.get(each, "") for each in self.contributor_ids.data or ()}
        if self.lead_id.data:
            texts[self.lead_id.data] = self.lead_share.data or ""
        found: dict[int, Fraction | None] = {}
        problems: list[Problem] = []
        for agency_id, text in texts.items():
            try:
                found[agency_id] = parse_share(text)
            except InvalidInputError as error:
                is_lead = agency_id == self.lead_id.data
                field = "lead_share" if is_lead else "contributor_ids"
                problems += [replace(each, field=field) for each in error.problems]
        if problems:
            raise InvalidInputError(problems)
        return found


def share_field(agency_id: int) -> str:
    """The name of the field that holds a contributor's share."""
    return f"share-{agency_id}"


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


class OwnersFileForm(Form):
    """A workbook of owners; once looked at, it travels with the page until it is stored."""

    file = FileField(_l("Workbook"))
    content = HiddenField()
    seen = HiddenField()
    preview = SubmitField(_l("See what changes"))
    store = SubmitField(_l("Store"))

    def data_bytes(self) -> bytes:
        """The file that was chosen, else the one that was looked at. Raises InvalidInputError for neither."""
        if self.file.data:
            return bytes(self.file.data.read())
        try:
            content = base64.b64decode(self.content.data or "", validate=True)
        except ValueError:
            content = b""
        if not content:
            raise InvalidInputError.of("owners.no_file", "file")
        return content

    def carry(self, data: bytes, fingerprint: str) -> None:
        """Take along what was looked at."""
        self.content.data, self.seen.data = base64.b64encode(data).decode(), fingerprint
