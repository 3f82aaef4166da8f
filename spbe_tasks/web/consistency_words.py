"""What each finding of the consistency check means, and the page on which it is mended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from spbe_tasks.formatting import date_long, datetime_long, exact, level
from spbe_tasks.models import Plan
from spbe_tasks.rules.consistency import Finding, Kind
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services.consistency import Check
from spbe_tasks.web.access import government
from spbe_tasks.web.locale import current_locale

FIGURES: Mapping[str, Any] = {
    "baseline": _l("Starting point"),
    "secured": _l("Secured"),
    "expected": _l("Expected"),
    "potential": _l("Potential"),
}


@dataclass(frozen=True, slots=True)
class KindWords:
    """What is wrong, why it matters, and what the link that mends it says; None: the page has a button for it."""

    title: Any
    why: Any
    mend: Any = None


@dataclass(frozen=True, slots=True)
class Line:
    """One finding in words, with where it is mended."""

    words: str
    href: str | None


WORDS: Mapping[Kind, KindWords] = {
    Kind.FIGURES_DIFFER: KindWords(
        _l("Stored figures are not what the facts give"),
        _l(
            "Every page and report shows the stored ones. This must not happen: please tell whoever runs the system."
        ),
    ),
    Kind.PROOF_DIFFERS: KindWords(
        _l("The nightly proof found other figures"),
        _l(
            "The last sweep computed the stored figures anew and got others. Please tell whoever runs the system."
        ),
    ),
    Kind.UNOWNED: KindWords(
        _l("Low indicators without an owner"),
        _l("Nobody is asked to raise them, so their points stay lost."),
        _l("Name the owner"),
    ),
    Kind.UNPLANNED: KindWords(
        _l("Low indicators without a task"),
        _l("They have an owner, but no task: nobody works on them."),
        _l("Generate the tasks"),
    ),
    Kind.SHARES_NOT_ONE: KindWords(
        _l("Shares in the ownership matrix that are not 1 together"),
        _l("No task can be generated for these indicators, and their points are divided wrongly."),
        _l("Mend the shares"),
    ),
    Kind.AGENCY_CLOSED: KindWords(
        _l("Closed agencies with open tasks"),
        _l("Nobody can work on these tasks any more."),
        _l("Open the agency"),
    ),
    Kind.NO_FOCAL_POINT: KindWords(
        _l("Agencies without an active focal point"),
        _l("Nobody there sees the tasks; reminders go to the coordinator instead."),
        _l("Invite somebody"),
    ),
    Kind.ACCEPTED_WITHOUT_EVIDENCE: KindWords(
        _l("Accepted tasks without evidence"),
        _l("The evaluator will ask for it, and gives no level for what is not shown."),
        _l("Open the task"),
    ),
    Kind.EVIDENCE_EXPIRED: KindWords(
        _l("Evidence that no longer counts"),
        _l("It is attached to tasks, but the day until which it counts has passed."),
        _l("Renew the evidence"),
    ),
    Kind.PROOF_DIFFERED: KindWords(
        _l("A nightly proof found other figures; they are right again"),
        _l("They were computed anew since. Please tell whoever runs the system: this must not happen."),
    ),
    Kind.ADDRESS_BLOCKED: KindWords(
        _l("Focal points who get no mail"),
        _l("Mail to their address came back, so nothing is sent to it: no reminder reaches them."),
        _l("Look at the address"),
    ),
    Kind.TASK_SHARES_NOT_ONE: KindWords(
        _l("Tasks that do not divide their indicator as a whole"),
        _l("The matrix has changed since they were generated; points by agency do not add up to the gap."),
        _l("Generate the tasks"),
    ),
    Kind.NO_EVALUATION_DATES: KindWords(
        _l("The date of the evaluation is not known"),
        _l("“Expected” counts submitted work only, and no due date can be held against the evaluation."),
        _l("Enter the evaluation dates"),
    ),
    Kind.DUE_AFTER_EVALUATION: KindWords(
        _l("Due after the evaluation opens"),
        _l("What is finished then counts only in the year after."),
        _l("Move the date"),
    ),
    Kind.EVIDENCE_EXPIRES: KindWords(
        _l("Evidence that ends before it is judged"),
        _l("It counts today and no longer when the evaluator looks at it."),
        _l("Renew the evidence"),
    ),
    Kind.LEVEL_JUMP: KindWords(
        _l("Raises by more than one level"),
        _l(
            "Evaluators rarely confirm two levels in one year; make sure that the level between is shown, too."
        ),
        _l("Open the task"),
    ),
}


def lines(check: Check, instrument: Instrument) -> dict[Kind, list[Line]]:
    """Every finding in the reader's words, by kind."""
    return {
        kind: [Line(_words(each, check, instrument), _mend(each, check.plan)) for each in them]
        for kind, them in check.findings.items()
    }


def _words(finding: Finding, check: Check, instrument: Instrument) -> str:
    locale = current_locale()
    parts = []
    if finding.number is not None:
        parts.append(f"{finding.number}. {instrument.indicator(finding.number).short_name(locale)}")
    if finding.agency_id is not None:
        parts.append(check.agency_names[finding.agency_id])
    told = _TOLD.get(finding.kind)
    if told is not None and finding.words:
        parts.append(told(finding.words, locale))
    return " · ".join(parts)


def _figures_differ(words: tuple[Any, ...], locale: str) -> str:
    if len(words) == 1:
        return _("the figures agree, details behind them do not: %(places)s", places=words[0])
    name, stored, found = words
    shown = {"stored": exact(stored, locale), "found": exact(found, locale)}
    return _("%(figure)s: stored %(stored)s, computed %(found)s", figure=FIGURES[name], **shown)


def _proof(words: tuple[Any, ...], locale: str) -> str:
    return _("proof of %(at)s", at=datetime_long(words[0], locale, government().timezone))


def _count(words: tuple[Any, ...], _locale: str) -> str:
    return ngettext("%(num)s open task", "%(num)s open tasks", words[0])


def _name(words: tuple[Any, ...], _locale: str) -> str:
    return str(words[0])


def _ends(words: tuple[Any, ...], locale: str) -> str:
    return _("%(title)s counts until the day before %(day)s", title=words[0], day=date_long(words[1], locale))


def _due(words: tuple[Any, ...], locale: str) -> str:
    due_on, opens_on = (date_long(each, locale) for each in words)
    return _("due %(due)s, the evaluation opens %(opens)s", due=due_on, opens=opens_on)


def _jump(words: tuple[Any, ...], locale: str) -> str:
    start, end = (level(each, locale) for each in words)
    return _("from level %(start)s to %(end)s", start=start, end=end)


def _total(words: tuple[Any, ...], _locale: str) -> str:
    return _("together %(total)s instead of 1", total=str(words[0]))


_TOLD: Mapping[Kind, Callable[[tuple[Any, ...], str], str]] = {
    Kind.FIGURES_DIFFER: _figures_differ,
    Kind.PROOF_DIFFERS: _proof,
    Kind.PROOF_DIFFERED: _proof,
    Kind.AGENCY_CLOSED: _count,
    Kind.NO_FOCAL_POINT: _count,
    Kind.ADDRESS_BLOCKED: _name,
    Kind.EVIDENCE_EXPIRED: _ends,
    Kind.EVIDENCE_EXPIRES: _ends,
    Kind.DUE_AFTER_EVALUATION: _due,
    Kind.LEVEL_JUMP: _jump,
    Kind.TASK_SHARES_NOT_ONE: _total,
}


def _mend(finding: Finding, plan: Plan) -> str | None:
    """Where the finding is mended; None where only computing anew helps."""
    generate = ("plans.generate", {"instrument_id": plan.instrument_id, "year": plan.year})
    owner = ("ownership.edit", {"instrument_id": plan.instrument_id, "number": finding.number})
    task = ("tasks.show", {"task_id": finding.task_id})
    evidence = ("evidence.show", {"evidence_id": finding.evidence_id})
    places: Mapping[Kind, tuple[str, dict[str, Any]]] = {
        Kind.UNOWNED: owner,
        Kind.UNPLANNED: generate,
        Kind.SHARES_NOT_ONE: owner,
        Kind.AGENCY_CLOSED: ("agencies.edit", {"agency_id": finding.agency_id}),
        Kind.NO_FOCAL_POINT: ("people.invite", {"agency": finding.agency_id}),
        Kind.ACCEPTED_WITHOUT_EVIDENCE: task,
        Kind.EVIDENCE_EXPIRED: evidence,
        Kind.ADDRESS_BLOCKED: ("suppressions.index", {}),
        Kind.TASK_SHARES_NOT_ONE: generate,
        Kind.NO_EVALUATION_DATES: ("calendars.evaluation", {"year": plan.year}),
        Kind.DUE_AFTER_EVALUATION: task,
        Kind.EVIDENCE_EXPIRES: evidence,
        Kind.LEVEL_JUMP: task,
    }
    if finding.kind not in places:
        return None
    endpoint, values = places[finding.kind]
    return url_for(endpoint, **values)
