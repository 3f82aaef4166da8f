"""The form of a what-if: a level for every indicator, and the name it may be kept under."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.validators import Optional

from spbe_tasks.models import Scenario
from spbe_tasks.rules.index import Level
from spbe_tasks.services.scenarios import Ground
from spbe_tasks.web.forms.fields import VersionedForm, line
from spbe_tasks.web.forms.figures import FigureField


class ScenarioForm(VersionedForm):
    """What every what-if has; ``scenario_form`` adds the levels. A level that is left out stays as it is."""

    name = line(_l("Name of the scenario"), is_required=False)
    is_shared = BooleanField(
        _l("Shared: coordinators, reviewers and executives of your government see it, too")
    )
    store = SubmitField(_l("Store the scenario"))
    compute = SubmitField(_l("Compute"))

    def levels(self, found: Ground) -> dict[int, Level]:
        """The level of every indicator as it was chosen; one that is empty or no number stays as it is."""
        present = found.present.levels
        return {number: _level(self[f"level_{number}"].data, present[number]) for number in present}


def scenario_form(
    found: Ground, scenario: Scenario | None = None, *, from_plan: bool = False
) -> ScenarioForm:
    """The form with the present levels, those of a scenario, or those that the plan would bring."""
    levels = dict(found.planned if from_plan else found.present.levels)
    levels |= found.wanted(scenario) if scenario else {}
    data: dict[str, object] = {f"level_{number}": level for number, level in levels.items()}
    if scenario is not None:
        data |= {"name": scenario.name, "is_shared": scenario.is_shared}
    form: ScenarioForm = type("FullScenarioForm", (ScenarioForm,), dict(_levels(found)))(data=data)
    return form


def _levels(found: Ground) -> "Iterator[tuple[str, UnboundField[Any]]]":
    scale = found.instrument.scale
    whole = [SelectChoice(str(level), str(level)) for level in scale.whole_levels]
    for number, level in found.present.levels.items():
        words = _l("Indicator %(number)s", number=number)
        if scale.is_integer:
            none_yet = [SelectChoice("", "–")] if level is None else []
            yield f"level_{number}", SelectField(words, choices=none_yet + whole, coerce=_text)
        else:
            yield f"level_{number}", FigureField(words, validators=[Optional()])


def _text(value: object) -> str:
    """A level as the value of a choice."""
    return "" if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _level(chosen: str | Decimal | None, present: Level) -> Level:
    if chosen is None or chosen == "":
        return present
    return Decimal(chosen)
