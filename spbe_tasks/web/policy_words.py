"""What two versions of a policy say differently, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from spbe_tasks.formatting import NOTHING, date_long, exact
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.rules.policy import LowRule, Priority
from spbe_tasks.rules.policy_review import Difference
from spbe_tasks.web.locale import current_locale

# What a difference is about; %(key)s is the indicator with its name, the domain, the level, the priority, the agency.
_WHAT: Mapping[str, Any] = {
    "low_rule": _l("Which indicators are low"),
    "threshold": _l("Levels below this are low"),
    "threshold_domain": _l("Levels below this are low in %(key)s"),
    "threshold_indicator": _l("Levels below this are low for %(key)s"),
    "target": _l("Level to reach"),
    "target_domain": _l("Level to reach in %(key)s"),
    "target_indicator": _l("Level to reach for %(key)s"),
    "due_on": _l("Due date of %(key)s"),
    "due_days": _l("Working days for %(key)s"),
    "high_from": _l("High priority from (index points)"),
    "middle_from": _l("Middle priority from (index points)"),
    "effort": _l("Person-days per level"),
    "effort_step": _l("Person-days to level %(key)s"),
    "effort_indicator": _l("Person-days per level for %(key)s"),
    "capacity": _l("Capacity of %(key)s in person-days"),
    "upkeep": _l("Upkeep tasks"),
}
RULES: Mapping[LowRule, Any] = {
    LowRule.BELOW_LEVEL: _l("below a level"),
    LowRule.BELOW_TARGET: _l("below the level to reach"),
    LowRule.LISTED_ONLY: _l("only those with a level of their own"),
}
PRIORITIES: Mapping[Priority, Any] = {
    Priority.HIGH: _l("high priority"),
    Priority.MIDDLE: _l("middle priority"),
    Priority.LOW: _l("low priority"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A difference as it is shown; a dash stands for nothing."""

    what: str
    before: str
    after: str


def difference_words(difference: Difference, instrument: Instrument, agencies: Mapping[str, str]) -> Words:
    """The difference for the reader; ``agencies`` are short names by slug."""
    key = _key(difference, instrument, agencies)
    return Words(
        str(_WHAT[difference.what]) % {"key": key}, _value(difference.before), _value(difference.after)
    )


def _key(difference: Difference, instrument: Instrument, agencies: Mapping[str, str]) -> str:
    key, locale = difference.key or "", current_locale()
    if difference.what.endswith("_indicator"):
        return f"{key} {instrument.indicator(int(key)).short_name(locale)}"
    if difference.what.endswith("_domain"):
        names = {str(each.number): each.name(locale) for each in instrument.domains}
        return names.get(key, key)
    if difference.what in ("due_on", "due_days"):
        return str(PRIORITIES[Priority(key)])
    return agencies.get(key, key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(_l("yes") if value else _l("no"))
    if isinstance(value, LowRule):
        return str(RULES[value])
    if isinstance(value, date):
        return date_long(value, current_locale())
    if isinstance(value, Decimal):
        return exact(value, current_locale())
    return NOTHING if value is None else str(value)
