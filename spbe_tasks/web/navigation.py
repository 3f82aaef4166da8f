"""The frame around every page: which doors this person has, which year is shown, what the templates may ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

from flask import Flask, g, request, session, url_for
from flask_login import current_user

from spbe_tasks.extensions import db
from spbe_tasks.labels import label
from spbe_tasks.messages import translate
from spbe_tasks.models import Plan
from spbe_tasks.rules.access import Capability
from spbe_tasks.services.queries import plans
from spbe_tasks.web import access
from spbe_tasks.web.locale import current_locale


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Door:
    """An entry of the menu; ``is_primary`` ones stand in the phone's bottom bar.

    One that ``needs_agency`` is only for people who belong to an agency.
    """

    endpoint: str
    label: str
    icon: str
    capability: Capability
    is_primary: bool = False
    needs_agency: bool = False
    covers: frozenset[str] = frozenset()

    def leads_to(self, endpoint: str) -> bool:
        """Whether ``endpoint`` lies behind this door: itself, its blueprint's pages, those of blueprints it covers."""
        here = endpoint.partition(".")[0]
        own = self.endpoint.partition(".")[0]
        return (
            endpoint == self.endpoint or here in self.covers or (here == own and here not in _SEVERAL_DOORS)
        )


CHOSEN_YEAR = "year"
# Blueprints with more than one door: each stands for its own page only.
_SEVERAL_DOORS = frozenset({"tasks", "governments"})
DOORS = (
    Door(
        "dashboard.show",
        _("Home"),
        "house",
        Capability.VIEW_DASHBOARD,
        True,
        covers=frozenset({"forecasts", "indicators", "national"}),
    ),
    Door("agency_points.index", _("Agency points"), "activity", Capability.VIEW_AGENCY_FIGURES),
    Door(
        "tasks.index",
        _("Tasks"),
        "list-task",
        Capability.VIEW_TASKS,
        True,
        covers=frozenset({"boards", "budget_lines", "bulk", "milestones", "saved_views"}),
    ),
    Door("evidence.index", _("Evidence"), "folder", Capability.VIEW_TASKS),
    Door("tasks.review", _("Review"), "clipboard-check", Capability.REVIEW_TASKS, True),
    Door("extensions.index", _("Requests for more time"), "clock-fill", Capability.MANAGE_PLANS),
    Door(
        "plans.index",
        _("Plan"),
        "signpost-split",
        Capability.MANAGE_PLANS,
        True,
        covers=frozenset({"closing", "consistency"}),
    ),
    Door("scenarios.index", _("Scenarios"), "sliders", Capability.VIEW_AGENCY_FIGURES),
    Door("tasks.mine", _("My tasks"), "check2-square", Capability.WORK_ON_TASKS, True, True),
    Door("packs.index", _("Self-assessment"), "upload", Capability.VIEW_TASKS),
    Door(
        "reports.index",
        _("Reports"),
        "file-earmark-bar-graph",
        Capability.HAVE_FILES_BUILT,
        covers=frozenset({"built_files", "calibrations", "follow_ups"}),
    ),
    Door(
        "assessments.index",
        _("Assessments"),
        "bar-chart-steps",
        Capability.IMPORT_ASSESSMENTS,
        covers=frozenset({"imports", "instruments"}),
    ),
    Door("ownership.show", _("Ownership matrix"), "grid-3x3", Capability.MANAGE_OWNERSHIP),
    Door(
        "agencies.index",
        _("Agencies"),
        "building",
        Capability.MANAGE_AGENCIES,
        True,
        covers=frozenset({"succession"}),
    ),
    Door("people.index", _("People"), "people", Capability.MANAGE_PEOPLE, True, covers=frozenset({"acting"})),
    Door(
        "reminders.tomorrow",
        _("Reminders"),
        "envelope",
        Capability.VIEW_OUTBOX,
        covers=frozenset({"outbox", "suppressions"}),
    ),
    Door(
        "governments.settings",
        _("Settings"),
        "gear",
        Capability.MANAGE_GOVERNMENT,
        covers=frozenset({"calendars", "government_deletions"}),
    ),
    Door("governments.index", _("Governments"), "buildings", Capability.MANAGE_GOVERNMENTS, True),
    Door("system.show", _("System"), "activity", Capability.VIEW_SYSTEM),
)


def selected_plan() -> Plan | None:
    """The plan of the year in the address, else of the year last chosen, else the newest; None before any."""
    rows = plans_here()
    asked = request.args.get("year", type=int)
    if asked is not None and any(plan.year == asked for plan in rows):
        session[CHOSEN_YEAR] = asked
    chosen = next((plan for plan in rows if plan.year == session.get(CHOSEN_YEAR)), None)
    return chosen or (rows[0] if rows else None)


def plans_here() -> Sequence[Plan]:
    """The plans of the government, newest year first; read once in a request."""
    if "plans" not in g:
        g.plans = plans.list_plans(db.session(), access.scope()) if access.current_government() else ()
    return g.plans


def _frame() -> dict[str, Any]:
    """What base.html needs; nothing is read from the database for a stranger, or on a page without this frame."""
    if g.get("is_broken") or g.get("is_for_everybody"):
        return {"locale": current_locale(), "navigation": (), "current_user": current_user}
    government = access.current_government()
    plan = selected_plan()
    return {
        "current_user": current_user,  # asked for when it is used
        "navigation": _doors(has_government=government is not None),
        "current_government": government,
        **_person(),
        "year_choices": [each.year for each in plans_here()],
        "selected_year": plan.year if plan else None,
        "locale": current_locale(),
        "may": access.may_here,
        "Capability": Capability,
        "app_version": _app_version(),
    }


@cache
def _app_version() -> str:
    return version("spbe-tasks")  # reads a file of the installed package: once is enough


def _person() -> dict[str, Any]:
    if not current_user.is_authenticated:
        return {}
    government = access.current_government()
    key = government.logo_key if government else None
    return {
        "role_label": label(access.role(), current_locale()),
        "positions": access.positions(),
        "acting_for": access.acting_for(),
        "own_agency_id": _agency_id(),
        "profile_url": url_for("profile.show"),
        "logo_url": url_for("governments.logo", key=key) if key else None,
    }


def _agency_id() -> int | None:
    taken = access.acting_for()
    return taken.agency_id if taken else access.person().agency_id


def _doors(*, has_government: bool) -> list[dict[str, Any]]:
    if not current_user.is_authenticated:
        return []
    has_agency, locale = _agency_id() is not None, current_locale()
    return [
        {
            "endpoint": door.endpoint,
            "label": translate(door.label, locale),
            "icon": door.icon,
            "is_primary": door.is_primary,
            "is_current": door.leads_to(request.endpoint or ""),
        }
        for door in DOORS
        if access.may_here(door.capability)
        and (has_agency or not door.needs_agency)
        and (has_government or door.capability in (Capability.MANAGE_GOVERNMENTS, Capability.VIEW_SYSTEM))
    ]


def init_app(app: Flask) -> None:
    """Give every template the frame's words."""
    app.context_processor(_frame)
