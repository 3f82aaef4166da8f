"""The forms of a self-assessment pack: an indicator, evidence from the library, a note of the assessors."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, Field, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from spbe_tasks.formatting import level as level_words
from spbe_tasks.rules.instrument import Indicator, Instrument, Place
from spbe_tasks.rules.submission_changes import Words
from spbe_tasks.services.level_texts import MAX_LENGTH
from spbe_tasks.services.pack_entries import EntrySaid
from spbe_tasks.services.pack_sheets import EntrySheet
from spbe_tasks.services.queries.evidence import EvidenceItem
from spbe_tasks.web.evidence_words import places_of
from spbe_tasks.web.forms import fields
from spbe_tasks.web.forms.ownership import MultiCheckboxField
from spbe_tasks.web.forms.words import Form
from spbe_tasks.web.locale import current_locale

AS_TOLD, MET, NOT_MET = "", "met", "not_met"
NOTE_LENGTH = 2_000


class EntryForm(fields.VersionedForm):
    """What every indicator has; ``entry_form`` adds the fields of its criteria and levels."""

    claimed_level = SelectField(_l("Level claimed"), coerce=lambda value: Decimal(value) if value else None)
    is_ready = BooleanField(_l("Ready for upload"))


def entry_form(instrument: Instrument, sheet: EntrySheet) -> EntryForm:
    """The form of one indicator, filled with what is stored."""
    made: dict[str, Field] = {}
    for place, key in _places(sheet.indicator):
        own = sheet.own_claims.get(key)
        made[f"claim_{place}"] = SelectField(
            _l("Is it met?"),
            choices=[
                SelectChoice(AS_TOLD, _("as said elsewhere")),
                SelectChoice(MET, _("met")),
                SelectChoice(NOT_MET, _("not met")),
            ],
            default=AS_TOLD if own is None else MET if own else NOT_MET,
        )
    for step in sheet.indicator.levels:
        words = sheet.own_text(step.level)
        made[f"facts_{step.level}"] = _text(_l("Facts (FAKTA)"), words.facts)
        made[f"analysis_{step.level}"] = _text(_l("Analysis (ANALISIS)"), words.analysis)
    kind = type("ThisEntryForm", (EntryForm,), made)
    typed = sheet.claimed.level if sheet.claimed.is_typed else None
    form: EntryForm = kind(data={"claimed_level": typed, "is_ready": sheet.is_ready})
    form.claimed_level.choices = _levels(instrument, sheet)
    return form


def said_in(form: EntryForm, indicator: Indicator) -> EntrySaid:
    """What was typed, as the service takes it."""
    answers = {AS_TOLD: None, MET: True, NOT_MET: False}
    return EntrySaid(
        claimed_level=form.claimed_level.data,
        is_ready=form.is_ready.data,
        claims={key: answers[form[f"claim_{place}"].data] for place, key in _places(indicator)},
        texts={
            step.level: Words(
                form[f"facts_{step.level}"].data or "", form[f"analysis_{step.level}"].data or ""
            )
            for step in indicator.levels
        },
    )


class AttachForm(Form):
    """An evidence of the library, and the criteria it is to show."""

    evidence_id = SelectField(_l("Evidence of the library"), coerce=int)
    criteria = MultiCheckboxField(_l("Shows these criteria"))

    @classmethod
    def of(cls, sheet: EntrySheet, items: Iterable[EvidenceItem]) -> "AttachForm":
        """The form with what can be chosen."""
        form, locale = cls(), current_locale()
        form.evidence_id.choices = [SelectChoice(each.id, each.title) for each in items]
        form.criteria.choices = [
            SelectChoice(f"{step.level}.{each.letter}", f"{step.level}.{each.letter} {each.text(locale)}")
            for step in sheet.indicator.levels
            for each in step.criteria
        ]
        return form

    @property
    def places(self) -> tuple[Place, ...]:
        """The criteria chosen."""
        return places_of(self.criteria.data)


class NoteForm(Form):
    """What the assessors asked to have corrected, by whom and by when."""

    note = TextAreaField(
        _l("What the assessors asked"),
        validators=[fields.not_blank(), fields.at_most(NOTE_LENGTH)],
        filters=[fields.several_lines],
    )
    agency_id = SelectField(_l("Agency"), coerce=int)
    due_on = DateField(_l("Due date"), validators=[fields.required()])

    @classmethod
    def of(cls, agencies: Iterable[tuple[int, str]], **options: Any) -> "NoteForm":
        """The form with the agencies that can be asked."""
        form = cls(**options)
        form.agency_id.choices = [SelectChoice(*each) for each in agencies]
        return form


def _levels(instrument: Instrument, sheet: EntrySheet) -> list[SelectChoice]:
    proposed = level_words(sheet.proposed, current_locale())
    found = [SelectChoice("", _("as proposed: %(level)s", level=proposed))]
    scale = instrument.scale
    whole = [Decimal(number) for number in range(int(scale.minimum), int(scale.maximum) + 1)]
    typed = sheet.claimed.level
    if sheet.claimed.is_typed and typed is not None and typed not in whole:
        whole = sorted([*whole, typed])
    return [*found, *(SelectChoice(str(each), level_words(each, current_locale())) for each in whole)]


def _places(indicator: Indicator) -> list[tuple[str, Place]]:
    return [
        (f"{step.level}_{each.letter}", (step.level, each.letter))
        for step in indicator.levels
        for each in step.criteria
    ]


def _text(label: Any, default: str) -> TextAreaField:
    return TextAreaField(
        label,
        default=default,
        validators=[Optional(), fields.at_most(MAX_LENGTH)],
        filters=[fields.several_lines],
    )
