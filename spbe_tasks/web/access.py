"""What each route needs, declared on the route; a route that declares nothing is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from flask import Flask, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe
from spbe_tasks.models import Account, ActingKind, Government
from spbe_tasks.rules.access import Capability, Role, Scope, may
from spbe_tasks.rules.errors import ForbiddenError, SpbeError
from spbe_tasks.services import api_keys
from spbe_tasks.services.queries import governments
from spbe_tasks.services.queries.bundle import JsonRows
from spbe_tasks.web.locale import current_locale

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
CHOSEN_GOVERNMENT = "government_id"
ACTING_FOR = "acting_for"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a route asks of its visitor. ``capability`` None with ``is_public`` False: being signed in is enough."""

    capability: Capability | None = None
    is_public: bool = False
    needs_government: bool = True
    needs_key: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """What an absent person is, for whoever may take their place today."""

    account_id: int
    name: str
    position: str | None
    role: Role
    agency_id: int | None
    kind: ActingKind

    def scope(self, government_id: int, account_id: int) -> Scope:
        """What ``account_id`` may see in this position."""
        return Scope(government_id, account_id, self.role, self.agency_id, acting_for_id=self.account_id)


def requires(capability: Capability, *, needs_government: bool = True) -> Callable[[View], View]:
    """Only for signed-in people whose role has ``capability``."""
    return _declare(Requirement(capability, needs_government=needs_government))


def signed_in(view: View) -> View:
    """For everybody who is signed in: their own profile, signing out."""
    return _declare(Requirement(needs_government=False))(view)


def public(view: View) -> View:
    """For everybody. The access test holds the short list of these."""
    return _declare(Requirement(is_public=True))(view)


def requires_key(capability: Capability) -> Callable[[View], View]:
    """Only for programs that show the key of a person whose role has ``capability``; a session opens nothing here."""
    return _declare(Requirement(capability, needs_key=True))


def _declare(requirement: Requirement) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.requirement = requirement  # type: ignore[attr-defined]
        return view

    return mark


def requirement_of(endpoint: str) -> Requirement | None:
    """What ``endpoint`` declared, or None."""
    if endpoint == "static":
        return Requirement(is_public=True)
    return getattr(current_app.view_functions[endpoint], "requirement", None)


def guard() -> ResponseReturnValue | None:
    """Runs before every request: turn away who may not come in."""
    if request.endpoint is None:
        return None  # no such page: the 404 handler answers
    requirement = requirement_of(request.endpoint)
    if requirement is None:
        raise ForbiddenError("route.undeclared")
    if requirement.is_public:
        return None
    return _let_program_in(requirement) if requirement.needs_key else _let_person_in(requirement)


def _let_person_in(requirement: Requirement) -> ResponseReturnValue | None:
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    if ACTING_FOR in session and acting_for() is None:
        return _back_in_ones_own_position()
    if requirement.capability and not may(role(), requirement.capability):
        raise ForbiddenError
    if requirement.needs_government and current_government() is None:
        return redirect(url_for("governments.index"))
    return None


def _let_program_in(requirement: Requirement) -> ResponseReturnValue | None:
    """Read through the eyes of whoever made the key that is shown as ``Authorization: Bearer``."""
    shown = request.authorization
    secret = shown.token if shown is not None and shown.type == "bearer" else None
    found = api_keys.find_reader(db.session(), secret) if secret else None
    if found is None:
        refusal = {"error": "key.unknown", "messages": [describe(SpbeError("key.unknown"), current_locale())]}
        return refusal, 401, {"WWW-Authenticate": "Bearer"}
    key, account = found
    g.api_key_id, g.api_key_used_on = key.id, key.last_used_on
    g.locale = account.locale
    g.government = governments.get_government(db.session(), key.government_id)
    g.program = Scope(key.government_id, account.id, account.role, account.agency_id)
    if requirement.capability and not g.program.may(requirement.capability):
        raise ForbiddenError
    return None


def person() -> Account:
    """The signed-in person."""
    account: Account = current_user._get_current_object()
    return account


def positions() -> Sequence[Position]:
    """The positions this person may take today, by the government's own date; they came along with the person."""
    if "positions" not in g:
        home = current_government()
        standing_in = g.get("standing_in", ()) if person().government_id else ()
        g.positions = positions_on(clock.today(home.timezone), standing_in) if home else []
    return g.positions


def positions_on(today: date, appointments: JsonRows) -> Sequence[Position]:
    """Those of a person's appointments (``queries.acting.positions_of``) that hold on a day."""
    return [
        Position(
            each["account_id"],
            each["name"],
            each["position"],
            Role(each["role"]),
            each["agency_id"],
            ActingKind(each["kind"]),
        )
        for each in appointments
        if _holds(each["from_on"], each["until_on"], today)
    ]


def _holds(from_on: str, until_on: str | None, today: date) -> bool:
    return from_on <= today.isoformat() and (until_on is None or today.isoformat() <= until_on)


def acting_for() -> Position | None:
    """The position the person took in this session, as long as it is theirs to take; None: they are in their own."""
    chosen = session.get(ACTING_FOR)
    return next((each for each in positions() if each.account_id == chosen), None) if chosen else None


def _back_in_ones_own_position() -> ResponseReturnValue:
    # Whatever was asked for was asked in the name of somebody else: it is not done in one's own.
    session.pop(ACTING_FOR)
    flash(describe(SpbeError("acting.over"), current_locale()), "warning")
    return redirect(url_for("auth.home"))


def role() -> Role:
    """The role of this request: that of the position taken, else the person's own."""
    taken = acting_for()
    return taken.role if taken else person().role


def current_government() -> Government | None:
    """The government the person works in: their own, or the one an administrator chose; None when none is chosen."""
    if "government" not in g:
        g.government = _find_government()
    return g.government


def _find_government() -> Government | None:
    if not current_user.is_authenticated:
        return None
    # By its id and not along the relationship, which a rolled-back form has made the session forget.
    own = person().role is not Role.ADMINISTRATOR
    chosen = person().government_id if own else session.get(CHOSEN_GOVERNMENT)
    return governments.find_government(db.session(), chosen) if chosen else None


def government() -> Government:
    """The government of this request; only for routes that need one."""
    found = current_government()
    if found is None:
        raise ForbiddenError("government.not_chosen")
    return found


def scope() -> Scope:
    """What this person may see, for every query of this request; of a program, the person whose key it shows."""
    if "program" in g:
        program: Scope = g.program
        return program
    me, taken = person(), acting_for()
    if taken is None:
        return Scope(government_id=government().id, account_id=me.id, role=me.role, agency_id=me.agency_id)
    return taken.scope(government().id, me.id)


def may_here(capability: Capability) -> bool:
    """For templates: whether to show a door at all."""
    return current_user.is_authenticated and may(role(), capability)


def init_app(app: Flask) -> None:
    """Put the guard before every request."""
    app.before_request(guard)
