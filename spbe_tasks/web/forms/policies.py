"""The form of a policy: a few figures, and behind them the exceptions by domain, indicator, step and agency."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput, TextInput

from spbe_tasks.models import Agency, AssessmentKind, Plan
from spbe_tasks.rules.instrument import Instrument, LevelScale
from spbe_tasks.rules.policy import (
    DEFAULT_EFFORT_DAYS_PER_LEVEL,
    HIGH_FROM,
    MIDDLE_FROM,
    DueRule,
    Effort,
    LevelRule,
    LowRule,
    Policy,
    Priority,
)
from spbe_tasks.services.baselines import Baseline
from spbe_tasks.services.orders import Order, target_for
from spbe_tasks.services.policies import Version
from spbe_tasks.web.forms.fields import at_most, choices, one_line, required
from spbe_tasks.web.forms.figures import FigureField
from spbe_tasks.web.forms.words import Form

# Our own proposal: a quarter, four months and half a year of working days.
USUAL_WORKING_DAYS = {Priority.HIGH: 60, Priority.MIDDLE: 85, Priority.LOW: 120}
FIXED, COUNTED = "fixed", "counted"
HIGH, MIDDLE, LOW = _l("High priority"), _l("Middle priority"), _l("Low priority")
NOTE_LENGTH = 500


class PolicyForm(Form):
    """What the form of every policy has; ``policy_form`` adds the exceptions. What is left empty is the usual."""

    baseline_kind = SelectField(_l("Start from"))
    low_rule = RadioField(
        _l("Which indicators are low"),
        choices=[
            SelectChoice(LowRule.BELOW_LEVEL.value, _l("Below a level")),
            SelectChoice(LowRule.BELOW_TARGET.value, _l("Below the level to reach")),
            SelectChoice(LowRule.LISTED_ONLY.value, _l("Only those with a level of their own (exceptions)")),
        ],
    )
    threshold = FigureField(_l("Levels below this are low"), validators=[required()])
    target_level = FigureField(_l("Level to reach"), validators=[Optional()])
    target_index = FigureField(_l("Target index"), validators=[Optional()])
    due_rule = RadioField(
        _l("When tasks are due"),
        choices=[
            SelectChoice(FIXED, _l("On a day")),
            SelectChoice(COUNTED, _l("So many working days after publishing")),
        ],
    )
    due_on = DateField(_l("Due date"), validators=[Optional()])
    due_on_high = DateField(HIGH, validators=[Optional()])
    due_on_middle = DateField(MIDDLE, validators=[Optional()])
    due_on_low = DateField(LOW, validators=[Optional()])
    due_days_high = IntegerField(HIGH, validators=[Optional()], widget=TextInput())
    due_days_middle = IntegerField(MIDDLE, validators=[Optional()], widget=TextInput())
    due_days_low = IntegerField(LOW, validators=[Optional()], widget=TextInput())
    high_from = FigureField(_l("High priority from"), validators=[Optional()])
    middle_from = FigureField(_l("Middle priority from"), validators=[Optional()])
    effort = FigureField(_l("Person-days per level"), validators=[Optional()])
    has_upkeep = BooleanField(_l("Also make upkeep tasks"))
    note = StringField(
        _l("Why this change"), validators=[Optional(), at_most(NOTE_LENGTH)], filters=[one_line]
    )
    seen_number = IntegerField(widget=HiddenInput(), validators=[Optional()])
    preview = SubmitField(_l("Preview"))
    store = SubmitField(_l("Generate the tasks"))
    store_only = SubmitField(_l("Store the policy only"))

    def figures(self, prefix: str) -> dict[str, Decimal]:
        """What was filled in among the fields whose names begin with ``prefix``, by the rest of the name."""
        return {
            name.removeprefix(prefix): field.data
            for name, field in self._fields.items()
            if name.startswith(prefix) and field.data is not None
        }

    def is_wrong(self, *prefixes: str) -> bool:
        """Whether something is wrong among the fields whose names begin so: then they are unfolded."""
        return any(name.startswith(prefixes) and field.errors for name, field in self._fields.items())

    def filled(self, *prefixes: str) -> int:
        """How many of the fields whose names begin so hold something: told while they are folded."""
        return sum(
            name.startswith(prefixes) and field.data is not None for name, field in self._fields.items()
        )

    def policy(self, instrument: Instrument) -> Policy:
        """The policy as it was filled in."""
        threshold = self.threshold.data
        target = self.target_level.data
        if target is None:
            target = target_for(instrument, threshold) if threshold.is_finite() else instrument.scale.maximum
        return Policy(
            low_rule=LowRule(self.low_rule.data),
            threshold=LevelRule(
                threshold, self._numbers("threshold_domain_"), self._numbers("threshold_indicator_")
            ),
            target=LevelRule(
                target, self._numbers("target_level_domain_"), self._numbers("target_level_indicator_")
            ),
            due=self._due(),
            effort=Effort(
                _or(self.effort.data, DEFAULT_EFFORT_DAYS_PER_LEVEL),
                self._numbers("effort_step_"),
                self._numbers("effort_indicator_"),
            ),
            capacities=self.figures("capacity_"),
            has_upkeep=self.has_upkeep.data,
        )

    def order(self, instrument: Instrument, year: int) -> Order:
        """What the form asks for."""
        kind = self.baseline_kind.data if "baseline_kind" in self else None
        return Order(
            instrument_id=instrument.id,
            year=year,
            policy=self.policy(instrument),
            target_index=self.target_index.data,
            baseline_kind=AssessmentKind(kind) if kind else None,
            seen_number=self.seen_number.data,
            note=self.note.data or "",
        )

    def follow(self, ground: "Ground") -> None:
        """After a clash, storing again is deciding to follow the newer version; a preview shows what that changes."""
        if self.is_submitted() and not self.errors:
            number = ground.before.number if ground.before else 0
            self.seen_number.data, self.seen_number.raw_data = number, None

    def _numbers(self, prefix: str) -> dict[int, Decimal]:
        return {int(name): value for name, value in self.figures(prefix).items()}

    def _due(self) -> DueRule:
        high_from, middle_from = _or(self.high_from.data, HIGH_FROM), _or(self.middle_from.data, MIDDLE_FROM)
        if self.due_rule.data == COUNTED:
            counts = {each: self[f"due_days_{each}"].data or 0 for each in Priority}
            return DueRule(None, counts, high_from, middle_from)
        days = {each: self[f"due_on_{each}"].data or self.due_on.data for each in Priority}
        # A day that is left empty is proposed.
        given = {each: day for each, day in days.items() if day is not None}
        return DueRule(given, None, high_from, middle_from)


@dataclass(frozen=True, slots=True)
class Adopted:
    """A scenario that is to become the plan: the level that each indicator it raises has to reach."""

    name: str
    targets: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the form of a policy stands on."""

    instrument: Instrument
    year: int
    plan: Plan | None
    before: Version | None
    possible: Sequence[Baseline]
    agencies: Sequence[Agency]
    today: date
    adopted: Adopted | None = None
    # What the government's development plan promises for the year in which this plan is evaluated.
    promised: Decimal | None = None


def policy_form(ground: Ground) -> PolicyForm:
    """The form as the policy stands, or as a scenario would have it; a new plan is asked where to start."""
    form: PolicyForm = type("FullPolicyForm", (PolicyForm,), dict(_exceptions(ground)))(
        data={**dict(_standing(ground)), **dict(_adopted(ground))}
    )
    if ground.plan is not None or len(ground.possible) < 2:
        del form.baseline_kind
    else:
        kinds = sorted((each.assessment.kind for each in ground.possible), key=_official_first)
        form.baseline_kind.choices = choices(kinds)
        form.baseline_kind.data = form.baseline_kind.data or kinds[0].value
    return form


def _exceptions(ground: Ground) -> "Iterator[tuple[str, UnboundField[Any]]]":
    instrument = ground.instrument
    for domain in instrument.domains:
        words = _l("Domain %(number)s", number=domain.number)
        for what in () if domain.is_synthetic else ("threshold", "target_level"):
            yield f"{what}_domain_{domain.number}", _optional(words)
    for indicator in instrument.indicators:
        words = _l("Indicator %(number)s", number=indicator.number)
        for what in ("threshold", "target_level", "effort"):
            yield f"{what}_indicator_{indicator.number}", _optional(words)
    for level in instrument.scale.whole_levels[1:]:
        yield f"effort_step_{level}", _optional(_l("To level %(level)s", level=level))
    for agency in (each for each in ground.agencies if each.is_active):
        yield f"capacity_{agency.slug}", _optional(agency.short_name)


def _optional(words: Any) -> "UnboundField[Any]":
    return FigureField(words, validators=[Optional()])


def _usual_threshold(scale: LevelScale) -> Decimal:
    """The whole level in the middle: of five, 1 and 2 are "not yet by a standard", and 3 is asked for first."""
    return ((scale.minimum + scale.maximum) / 2).to_integral_value(ROUND_CEILING)


def _standing(ground: Ground) -> Iterator[tuple[str, object]]:
    policy = ground.before.policy if ground.before else None
    yield "seen_number", ground.before.number if ground.before else 0
    yield "target_index", ground.plan.target_index if ground.plan else ground.promised
    yield "low_rule", policy.low_rule.value if policy else LowRule.BELOW_LEVEL.value
    yield "threshold", policy.threshold.default if policy else _usual_threshold(ground.instrument.scale)
    yield "target_level", policy.target.default if policy else None
    yield from _standing_due(policy.due if policy else DueRule(), ground.today)
    yield "effort", policy.effort.days_per_level if policy else DEFAULT_EFFORT_DAYS_PER_LEVEL
    yield "has_upkeep", policy.has_upkeep if policy else False
    if policy is not None:
        for what, rule in (("threshold", policy.threshold), ("target_level", policy.target)):
            for kind, number, level in rule.exceptions():
                yield f"{what}_{kind}_{number}", level
        yield from _keyed("effort_step_", policy.effort.by_step)
        yield from _keyed("effort_indicator_", policy.effort.by_indicator)
        yield from _keyed("capacity_", policy.capacities)


def _adopted(ground: Ground) -> Iterator[tuple[str, object]]:
    """Only the indicators that the scenario raises, each to its level; everything else as the policy stands."""
    if ground.adopted is None:
        return
    yield "low_rule", LowRule.LISTED_ONLY.value
    for indicator in ground.instrument.indicators:
        yield f"target_level_indicator_{indicator.number}", ground.adopted.targets.get(indicator.number)
    yield "note", str(_l("Scenario: %(name)s", name=ground.adopted.name))


def _standing_due(due: DueRule, today: date) -> Iterator[tuple[str, object]]:
    """A day that has passed cannot be asked for again; left empty, the next one is proposed."""
    yield "due_rule", FIXED if due.working_days is None else COUNTED
    days = {each: day for each, day in (due.fixed_on or {}).items() if day >= today}
    for_all = days.get(Priority.MIDDLE)
    yield "due_on", for_all
    for each in Priority:
        yield f"due_on_{each}", days[each] if each in days and days[each] != for_all else None
        yield f"due_days_{each}", (due.working_days or USUAL_WORKING_DAYS)[each]
    yield "high_from", due.high_from
    yield "middle_from", due.middle_from


def _keyed(prefix: str, values: Mapping[Any, Decimal]) -> Iterator[tuple[str, object]]:
    return ((f"{prefix}{key}", value) for key, value in values.items())


def _or(value: Decimal | None, usual: Decimal) -> Decimal:
    return usual if value is None else value


def _official_first(kind: AssessmentKind) -> tuple[bool, str]:
    return kind is not AssessmentKind.OFFICIAL, kind.value
