"""One task's page, as it is read, and as it comes back when a form of it was refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe
from spbe_tasks.rules.deadlines import Deadlines
from spbe_tasks.rules.errors import Problem
from spbe_tasks.rules.workflow import EXTENSION_ACTIONS, Action, LegalAction
from spbe_tasks.services import instruments
from spbe_tasks.services.carry_over import Relative
from spbe_tasks.services.task_sheets import TaskSheet
from spbe_tasks.services.typed_drafts import Draft, DraftForm
from spbe_tasks.web.access import government
from spbe_tasks.web.forms.actions import FORMS, action_form
from spbe_tasks.web.forms.checklist import ChecklistForm, checklist_form, differences, from_draft
from spbe_tasks.web.forms.tasks import ActionForm
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.task_words import LABELS, TURNS, title_of

_BESIDE_THE_POINT = frozenset({"extension.none_asked", "extension.asked_already", "extension.not_yours"})
# The steps that move the work on; the first of these that is offered is the page's one clear button.
STEPS = frozenset({Action.PUBLISH, Action.START, Action.SUBMIT, Action.ACCEPT, Action.UNBLOCK})


@dataclass(frozen=True, slots=True)
class Offer:
    """An action as the page shows it. ``obstacle`` are the words for why it cannot be done now."""

    action: Action
    label: Any
    form: ActionForm
    obstacle: str | None


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed that is not stored: a form that was refused, or drafts they take up again."""

    action: ActionForm | None = None
    checklist: ChecklistForm | None = None
    taken_up: Draft | None = None

    @property
    def refused(self) -> FlaskForm | None:
        """The form that was refused, if any."""
        return None if self.taken_up else self.action or self.checklist


NOTHING = Typed()


def show(sheet: TaskSheet, typed: Typed = NOTHING) -> str:
    """The task's page; with a refused form, that form as it was typed."""
    form = typed.action or typed.checklist
    is_stale = form is not None and form.version.data != sheet.task.version
    offers = [_offer(sheet, legal, typed.action) for legal in sheet.actions if _is_shown(legal)]
    checklist = _checklist(sheet, typed.checklist)
    return render_template(
        "tasks/show.html",
        sheet=sheet,
        title=title_of(sheet.task.title, sheet.indicator, current_locale()),
        relative_title=_relative_title,
        deadlines=Deadlines(sheet.calendar, clock.today(government().timezone)),
        offers=[each for each in offers if each.action not in EXTENSION_ACTIONS],
        time_offers=[each for each in offers if each.action in EXTENSION_ACTIONS],
        next_step=next((each for each in offers if each.action in STEPS), None),
        turn=TURNS[sheet.task.state],
        checklist=checklist,
        refused=typed.refused,
        is_stale=is_stale,
        clash=differences(checklist) if is_stale and typed.checklist and checklist else {},
        taken_up=typed.taken_up,
        drafts=_other_drafts(sheet, typed),
        lost_words=_lost_words(sheet, offers, typed),
    )


def _is_shown(legal: LegalAction) -> bool:
    """Whether the page has it: not what is about a request for more time that nobody made, or made already."""
    return legal.action in FORMS and legal.obstacle_code not in _BESIDE_THE_POINT


def _relative_title(relative: Relative) -> str:
    """What a task of another plan is called, in the reader's language."""
    instrument = instruments.get(db.session(), government().id, relative.instrument_id)
    return title_of(relative.title, instrument.indicator(relative.indicator_number), current_locale())


def take_up(sheet: TaskSheet, wanted: str | None) -> Typed:
    """The reader's draft of the form of that name, as typed; nothing when there is none, or its form is gone."""
    draft = next((each for each in sheet.drafts.values() if each.form == wanted), None)
    if draft is None:
        return NOTHING
    if draft.form is DraftForm.CHECKLIST and sheet.may_claim:
        return Typed(checklist=from_draft(sheet, draft), taken_up=draft)
    if draft.form is DraftForm.SUBMIT:
        return Typed(action=_action_draft(Action.SUBMIT, draft), taken_up=draft)
    return NOTHING


def _action_draft(action: Action, draft: Draft) -> ActionForm:
    form = FORMS[action](action, formdata=None, data=dict(draft.fields))
    form.version.data = draft.version
    return form


def _other_drafts(sheet: TaskSheet, typed: Typed) -> Mapping[str, Draft]:
    """The drafts to tell about: not of a form that already shows what was typed, nor of one that is not here."""
    shown = {DraftForm.CHECKLIST: typed.checklist, DraftForm.SUBMIT: typed.action}
    return {
        form: draft
        for form, draft in sheet.drafts.items()
        if shown.get(form) is None and (form is not DraftForm.CHECKLIST or sheet.may_claim)
    }


def _offer(sheet: TaskSheet, legal: LegalAction, typed: ActionForm | None) -> Offer:
    if typed is not None and typed.action is legal.action:
        form = typed
        form.offer(sheet)
    else:
        form = action_form(legal.action, sheet)
    return Offer(legal.action, LABELS[legal.action], form, _obstacle(sheet, legal))


def _obstacle(sheet: TaskSheet, legal: LegalAction) -> str | None:
    if legal.obstacle_code is None:
        return None
    return describe(Problem(legal.obstacle_code, params={"criteria": sheet.unshown}), current_locale())


def _checklist(sheet: TaskSheet, typed: ChecklistForm | None) -> ChecklistForm | None:
    """The form to fill in, when it is this person's turn to."""
    if not sheet.may_claim:
        return None
    if typed is None:
        return checklist_form(sheet, formdata=None)
    typed.version.raw_data, typed.version.data = None, sheet.task.version
    return typed


def _lost_words(sheet: TaskSheet, offers: list[Offer], typed: Typed) -> list[str]:
    """What was typed into a form that the page no longer has: shown, so that nobody types it twice."""
    form: FlaskForm | None = None
    if typed.action is not None and all(each.action is not typed.action.action for each in offers):
        form = typed.action
    elif typed.checklist is not None and not sheet.may_claim:
        form = typed.checklist
    if form is None:
        return []
    return [each.data for each in form if isinstance(each, TextAreaField) and each.data]
