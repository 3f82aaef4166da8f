"""The checklist of a task as one form: a tick and an explanation per criterion, facts and analysis per level."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, IntegerField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from spbe_tasks.rules.submission_changes import Words
from spbe_tasks.services.criteria import ChecklistItem, ChecklistStep, Claims
from spbe_tasks.services.level_texts import MAX_LENGTH, Texts
from spbe_tasks.services.task_sheets import TaskSheet
from spbe_tasks.services.typed_drafts import Draft
from spbe_tasks.web.forms.fields import at_most, several_lines
from spbe_tasks.web.forms.tasks import MAX_TEXT
from spbe_tasks.web.locale import current_locale


class ChecklistForm(FlaskForm):
    """What every checklist sends along; ``checklist_form`` adds the fields of the task's criteria and levels.

    ``take`` names the fields in which, after a clash, what is stored is to stay.
    """

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    take = SelectMultipleField(validate_choice=False)


def checklist_form(sheet: TaskSheet, **options: Any) -> ChecklistForm:
    """The form for the levels this task has to climb, filled with what was said before."""
    fields: dict[str, Field] = {}
    for step in sheet.steps:
        for place, item in _items((step,)):
            fields[f"met_{place}"] = BooleanField(item.criterion.text(current_locale()), default=item.is_met)
            fields[f"explanation_{place}"] = _text(_l("Explanation"), MAX_TEXT, item.explanation)
        level = step.step.level
        fields[f"facts_{level}"] = _text(_l("Facts (FAKTA)"), MAX_LENGTH, step.words.facts)
        fields[f"analysis_{level}"] = _text(_l("Analysis (ANALISIS)"), MAX_LENGTH, step.words.analysis)
    kind = type("ThisChecklistForm", (ChecklistForm,), fields)
    form: ChecklistForm = kind(data={"version": sheet.task.version}, **options)
    for name in form.take.data or ():
        if name in fields:
            form[name].data, form[name].raw_data = form[name].default, None
    return form


def from_draft(sheet: TaskSheet, draft: Draft) -> ChecklistForm:
    """The form as it was typed and kept, with the version of the task that was looked at then."""
    return checklist_form(sheet, formdata=MultiDict({**draft.fields, "version": str(draft.version)}))


def claims_of(form: ChecklistForm, steps: Sequence[ChecklistStep]) -> Claims:
    """What the form says, by (level, letter)."""
    return {
        (item.level, item.criterion.letter): (
            form[f"met_{place}"].data,
            form[f"explanation_{place}"].data or "",
        )
        for place, item in _items(steps)
    }


def texts_of(form: ChecklistForm, steps: Sequence[ChecklistStep]) -> Texts:
    """What it says about the levels."""
    levels = (step.step.level for step in steps)
    return {
        level: Words(form[f"facts_{level}"].data or "", form[f"analysis_{level}"].data or "")
        for level in levels
    }


def differences(form: ChecklistForm) -> Mapping[str, tuple[Any, Any]]:
    """Where what was typed is not what is stored now: field -> (typed, stored), in the order of the page."""
    return {
        each.short_name: (each.data, each.default)
        for each in form
        if each.short_name.startswith(("met_", "explanation_", "facts_", "analysis_"))
        and (each.data or each.default)
        and each.data != each.default
    }


def _text(label: str, limit: int, default: str) -> TextAreaField:
    return TextAreaField(label, default=default, validators=[at_most(limit)], filters=[several_lines])


def _items(steps: Sequence[ChecklistStep]) -> Iterator[tuple[str, ChecklistItem]]:
    return ((f"{item.level}_{item.criterion.letter}", item) for step in steps for item in step.items)
