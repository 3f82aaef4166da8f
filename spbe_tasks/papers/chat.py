"""The list of an agency as plain text, for the chat group where it is really read."""

from collections.abc import Callable, Iterator, Mapping

from spbe_tasks import formatting
from spbe_tasks.messages import translate
from spbe_tasks.rules.digest import DigestGroup
from spbe_tasks.services.agency_lists import AgencyList, Line


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is shown."""
    return text


HEADINGS: Mapping[DigestGroup, str] = {
    DigestGroup.OVERDUE: _("Overdue"),
    DigestGroup.DUE_TODAY: _("Due today"),
    DigestGroup.THIS_WEEK: _("Due this week"),
    DigestGroup.LATER: _("Due later"),
}
_TITLE = _("SPBE tasks of %(agency)s, %(day)s")
_NOTHING = _("Nothing is open.")
_DUE = _("due %(day)s")
_LATE = _("working days late: %(days)s")
_POINTS = _("%(points)s index points")


def write(wanted: AgencyList, locale: str, url_of: Callable[[int], str]) -> str:
    """The list in ``locale``; ``url_of`` is the full address of a task. Stars are bold in the chat programs."""
    return "\n".join(_lines(wanted, locale, url_of)) + "\n"


def _lines(wanted: AgencyList, locale: str, url_of: Callable[[int], str]) -> Iterator[str]:
    day = formatting.date_long(wanted.today, locale)
    yield f"*{translate(_TITLE, locale, agency=wanted.agency_name, day=day)}*"
    if not wanted.groups:
        yield ""
        yield translate(_NOTHING, locale)
    for group, lines in wanted.groups.items():
        yield ""
        yield f"*{translate(HEADINGS[group], locale)} ({len(lines)})*"
        for line in lines:
            yield f"• {line.indicator_number}. {line.title}"
            yield f"  {_facts(line, locale)}"
            yield f"  {url_of(line.task_id)}"


def _facts(line: Line, locale: str) -> str:
    facts = [translate(_DUE, locale, day=formatting.date_long(line.due_on, locale))]
    if line.days_late:
        facts.append(translate(_LATE, locale, days=line.days_late))
    if line.points:
        facts.append(translate(_POINTS, locale, points=formatting.points(line.points, locale)))
    return "; ".join(facts)
