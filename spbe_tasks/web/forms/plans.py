"""The forms of a plan: its policy, and its target alone."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import DateField, DecimalField, SelectField, SubmitField
from wtforms.validators import Optional
from wtforms.widgets import TextInput

from spbe_tasks.formatting import level as figure_words
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import AssessmentKind, Plan
from spbe_tasks.rules.policy import Policy
from spbe_tasks.services.baselines import Baseline
from spbe_tasks.services.orders import Order
from spbe_tasks.web.forms.fields import choices, required
from spbe_tasks.web.forms.words import Form
from spbe_tasks.web.locale import current_locale

# Levels 1 and 2 are "not yet by a standard"; most governments ask their agencies for level 3 first.
USUAL_THRESHOLD = Decimal(3)


class FigureField(DecimalField):
    """A level or an index, with a decimal comma or point; shown as the reader writes it."""

    # A number input takes the browser's decimal mark only, which need not be the reader's.
    widget = TextInput()

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed."""
        super().process_formdata([valuelist[0].strip().replace(",", ".")] if valuelist else valuelist)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else figure_words(self.data, current_locale())


class PolicyForm(Form):
    """What is low, where it is to go, and by when. What is left empty stays as the plan has it, or is the usual."""

    threshold = FigureField(_l("Levels below this are low"), validators=[required()])
    target_level = FigureField(_l("Level to reach"), validators=[Optional()])
    due_on = DateField(_l("Due date"), validators=[Optional()])
    target_index = FigureField(_l("Target index"), validators=[Optional()])
    baseline_kind = SelectField(_l("Start from"))
    preview = SubmitField(_l("Preview"))
    store = SubmitField(_l("Generate the tasks"))

    @classmethod
    def of(
        cls, plan: Plan | None, policy: Policy | None, possible: Sequence[Baseline], *, today: date
    ) -> Self:
        """The form as the policy stands; a new plan is asked where to start when there is a choice."""
        form = cls(obj=plan, threshold=policy.threshold.default if policy else USUAL_THRESHOLD)
        if policy is not None and not form.is_submitted():
            form.target_level.data = policy.target.default
            days = policy.due.fixed_on or {}
            # A day that has passed cannot be asked for again; left empty, the next one is proposed.
            form.due_on.data = next((day for day in days.values() if day >= today), None)
        if plan is not None or len(possible) < 2:
            del form.baseline_kind
        else:
            kinds = sorted((each.assessment.kind for each in possible), key=_official_first)
            form.baseline_kind.choices = choices(kinds)
            form.baseline_kind.data = form.baseline_kind.data or kinds[0].value
        return form

    def order(self, instrument_id: str, year: int) -> Order:
        """What the form asks for."""
        kind = self.baseline_kind.data if "baseline_kind" in self else None
        return Order(
            instrument_id=instrument_id,
            year=year,
            threshold=self.threshold.data,
            target_level=self.target_level.data,
            target_index=self.target_index.data,
            due_on=self.due_on.data,
            baseline_kind=AssessmentKind(kind) if kind else None,
        )


class TargetForm(Form):
    """The index a plan is to reach; empty takes the target away."""

    target_index = FigureField(_l("Target index"), validators=[Optional()])

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """The form as the plan stands, with the lowest index of each predicate as help."""
        form = cls(obj=plan)
        locale = current_locale()
        bounds: list[Any] = [
            f"{bound.name(locale)} ≥ {figure_words(bound.lower_bound, locale)}"
            for bound in get_instrument(plan.instrument_id).predicates
        ]
        form.target_index.description = "; ".join(bounds)
        return form


class ConfirmForm(Form):
    """A confirmation: nothing but the button."""


def _official_first(kind: AssessmentKind) -> tuple[bool, str]:
    return kind is not AssessmentKind.OFFICIAL, kind.value
