"""The question about a path to the target: a form whose address can be shared, so it is sent by GET."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import DateField, SelectField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.validators import Optional

from spbe_tasks.formatting import decimal2, exact
from spbe_tasks.rules.path import external_indicators
from spbe_tasks.services.paths import NEXT, Wish
from spbe_tasks.services.scenarios import Ground
from spbe_tasks.web.forms.fields import line
from spbe_tasks.web.forms.figures import FigureField
from spbe_tasks.web.forms.words import Form
from spbe_tasks.web.locale import current_locale

INDEX = "index"
LEFT_OUT = "out"
TARGET_LENGTH = 20


class PathForm(Form):
    """What every question has; ``path_form`` adds a capacity per agency and a choice per indicator."""

    class Meta(Form.Meta):
        """Nothing is stored, and a secret has no place in an address that is shared."""

        csrf = False

    goal = SelectField(_l("Target"))
    target = line(_l("Index to reach"), is_required=False, limit=TARGET_LENGTH)
    until = DateField(_l("Work until"), validators=[Optional()])
    ask = SubmitField(_l("Find the path"))

    def is_submitted(self) -> bool:
        """A path is always asked for: where the address says nothing, by the usual figures."""
        return True

    def wish(self) -> Wish:
        """What is asked for. A capacity that is empty lifts the policy's cap."""
        chosen = {int(name): choice for name, choice in self._given("fixed_") if choice}
        return Wish(
            target=self.target.data or "" if self.goal.data == INDEX else self.goal.data,
            capacities=dict(self._given("capacity_")),
            excluded=frozenset(number for number, choice in chosen.items() if choice == LEFT_OUT),
            fixed={number: Decimal(choice) for number, choice in chosen.items() if choice != LEFT_OUT},
        )

    def count(self, prefix: str) -> int:
        """How many of the fields whose names begin so hold something: told while they are folded."""
        return sum(bool(value) or value == 0 for _, value in self._given(prefix))

    def is_wrong(self, prefix: str) -> bool:
        """Whether something is wrong among the fields whose names begin so: then they are unfolded."""
        return any(name.startswith(prefix) and field.errors for name, field in self._fields.items())

    def _given(self, prefix: str) -> Iterator[tuple[str, Any]]:
        for name, field in self._fields.items():
            if name.startswith(prefix):
                yield name.removeprefix(prefix), field.data


def path_form(found: Ground, usual: str, address: "MultiDict[str, str]") -> PathForm:
    """The form as the address says; what it does not say is as usual: that target, and the policy's capacities."""
    kind = type("FullPathForm", (PathForm,), {**dict(_capacities(found)), **dict(_indicators(found))})
    form: PathForm = kind(formdata=address or None, data=dict(_usual(found, usual)))
    form.goal.choices = list(_goals(found))
    return form


def _goals(found: Ground) -> Iterator[SelectChoice]:
    locale = current_locale()
    yield SelectChoice(INDEX, str(_l("An index")))
    yield SelectChoice(NEXT, str(_l("The next predicate")))
    for bound in found.instrument.predicates:
        words = _l(
            "%(name)s (from %(bound)s)", name=bound.name(locale), bound=decimal2(bound.lower_bound, locale)
        )
        yield SelectChoice(bound.name_id, str(words))


def owner_slugs(found: Ground) -> list[str]:
    """The agencies that can raise anything, by their short names."""
    slugs = {owner.agency_slug for owner in found.present.owners}
    return sorted(slugs, key=lambda slug: found.agencies[slug].casefold())


def _capacities(found: Ground) -> "Iterator[tuple[str, UnboundField[Any]]]":
    for slug in owner_slugs(found):
        yield f"capacity_{slug}", FigureField(found.agencies[slug], validators=[Optional()])


def _indicators(found: Ground) -> "Iterator[tuple[str, UnboundField[Any]]]":
    levels = found.instrument.scale.whole_levels
    for number, present in found.present.levels.items():
        higher = [level for level in levels if present is None or level > present]
        choices = [
            SelectChoice("", str(_l("free"))),
            SelectChoice(LEFT_OUT, str(_l("stays as it is"))),
            *(SelectChoice(str(level), str(_l("ends at level %(level)s", level=level))) for level in higher),
        ]
        yield f"fixed_{number}", SelectField(_l("Indicator %(number)s", number=number), choices=choices)


def _usual(found: Ground, target: str) -> Iterator[tuple[str, object]]:
    yield "goal", NEXT if target == NEXT else INDEX
    yield "target", "" if target == NEXT else exact(Decimal(target), current_locale())
    for slug, days in found.present.capacities.items():
        yield f"capacity_{slug}", days
    external = external_indicators(found.instrument)
    for number in found.present.levels:
        yield f"fixed_{number}", LEFT_OUT if number in external else ""
