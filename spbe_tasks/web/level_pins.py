"""Pinning a level with a reason, and releasing it: each makes a revision of the assessment."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.formatting import level as level_words
from spbe_tasks.readers.written import read_level
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.rules.index import Level
from spbe_tasks.rules.instrument import Indicator, Instrument
from spbe_tasks.services import assessment_sheets, level_pins
from spbe_tasks.services.assessment_sheets import Sheet
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.assessment_files import blueprint
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.assessments import PinForm, ReleaseForm
from spbe_tasks.web.locale import current_locale

__all__ = ["blueprint"]  # the assessments' blueprint, with these routes added


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a pin sits: the newest revision and the indicator."""

    sheet: Sheet
    indicator: Indicator

    @property
    def instrument(self) -> Instrument:
        return self.sheet.instrument


@blueprint.route("/<int:assessment_id>/indicators/<int:number>/pin", methods=["GET", "POST"])
@requires(Capability.IMPORT_ASSESSMENTS)
def pin(assessment_id: int, number: int) -> ResponseReturnValue:
    """The level that counts instead of the one read, and why."""
    place = _place(assessment_id, number)
    form = PinForm()
    return answer_form(form, lambda: _pin(form, place), lambda: _page(form, assessment_id, number))


@blueprint.post("/<int:assessment_id>/indicators/<int:number>/release")
@requires(Capability.IMPORT_ASSESSMENTS)
def release(assessment_id: int, number: int) -> ResponseReturnValue:
    """Let the level read count again."""
    form = ReleaseForm()
    return answer_form(
        form,
        lambda: _release(form, assessment_id, number),
        lambda: _page(PinForm(formdata=None), assessment_id, number),
    )


def _place(assessment_id: int, number: int) -> _Place:
    sheet = assessment_sheets.open_sheet(db.session(), scope(), assessment_id)
    return _Place(sheet, sheet.instrument.indicator(number))


def _page(form: PinForm, assessment_id: int, number: int) -> str:
    place = _place(assessment_id, number)
    newest, standing = place.sheet.revision.number, place.sheet.pins.get(number)
    form.revision.data, form.revision.raw_data = newest, None
    if not form.is_submitted() and standing:
        form.level.data, form.reason.data = (
            level_words(standing.pin.level, current_locale()),
            standing.pin.reason,
        )
    release_form = ReleaseForm(formdata=None, revision=newest)
    return render_template(
        "assessments/pin.html",
        sheet=place.sheet,
        indicator=place.indicator,
        line=place.sheet.lines[number],
        standing=standing,
        form=form,
        release_form=release_form,
    )


def _pin(form: PinForm, place: _Place) -> ResponseReturnValue:
    assessment_id, number = place.sheet.assessment.id, place.indicator.number
    level = _level(form.level.data or "", place.instrument)
    with transaction() as work:
        made = level_pins.pin(
            work,
            scope(),
            assessment_id,
            number,
            level=level,
            reason=form.reason.data.strip(),
            seen_number=form.revision.data,
            now=clock.now(),
        ).number
    flash(_("The level is pinned; it is revision %(number)s now.", number=made), "success")
    return _back(assessment_id)


def _release(form: ReleaseForm, assessment_id: int, number: int) -> ResponseReturnValue:
    with transaction() as work:
        made = level_pins.release(
            work, scope(), assessment_id, number, seen_number=form.revision.data, now=clock.now()
        ).number
    flash(_("The level of the file counts again; it is revision %(number)s now.", number=made), "success")
    return _back(assessment_id)


def _level(text: str, instrument: Instrument) -> Level:
    """What was typed, as a level. Raises InvalidInputError for what is neither a number nor "not assessed"."""
    tidy = text.strip()
    if tidy.casefold() in {token.casefold() for token in instrument.not_assessed_tokens}:
        return None
    level = read_level(tidy)
    if level is None:
        raise InvalidInputError.of("task.level_not_a_number", "level", value=tidy)
    return level


def _back(assessment_id: int) -> ResponseReturnValue:
    return redirect(url_for("assessments.show", assessment_id=assessment_id))
