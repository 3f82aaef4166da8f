"""A person's due dates for their own calendar program: the address, and what it answers."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.config import Settings
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Capability, Scope
from spbe_tasks.services import feeds, instruments
from spbe_tasks.transaction import transaction
from spbe_tasks.web import limits
from spbe_tasks.web.access import person, positions_on, public, requires, scope
from spbe_tasks.web.calendar_file import Writer

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/calendar/<secret>.ics")
@public  # a calendar program has no session: the secret is the permission
@limits.reads_of_one_address("60/minute")
def show(secret: str) -> ResponseReturnValue:
    """The calendar of whoever was given this address."""
    account, appointments = feeds.get_reader(db.session(), secret)
    assert account.government is not None  # administrators are given none
    own = Scope(account.government.id, account.id, account.role, account.agency_id)
    positions = positions_on(clock.today(account.government.timezone), appointments)
    taken = [each.scope(account.government.id, account.id) for each in positions]
    writer = Writer(
        public_url=_public_url(),
        instrument_of=instruments.finder(db.session(), account.government.id),
        locale=account.locale,
        now=clock.now(),
    )
    with force_locale(account.locale):
        content = writer.file(account, feeds.read(db.session(), own, taken))
    return Response(content, content_type="text/calendar; charset=utf-8")


@blueprint.get("/profile/calendar")
@requires(Capability.VIEW_TASKS)
def manage() -> ResponseReturnValue:
    """Whether there is an address, and what it would show."""
    return _page()


@blueprint.post("/profile/calendar/new")
@requires(Capability.VIEW_TASKS)
def give_address() -> ResponseReturnValue:
    """A new address, shown on this page only; an earlier one ends."""
    with transaction() as work:
        secret = feeds.give_address(work, scope(), now=clock.now())
    return _page(address=_public_url().rstrip("/") + url_for("feeds.show", secret=secret))


@blueprint.post("/profile/calendar/end")
@requires(Capability.VIEW_TASKS)
def take_address_back() -> ResponseReturnValue:
    """End the address."""
    with transaction() as work:
        feeds.take_address_back(work, scope(), now=clock.now())
    flash(_("The address shows nothing any more."), "success")
    return redirect(url_for("feeds.manage"))


def _page(**values: Any) -> str:
    db.session().refresh(person(), ("calendar_digest",))
    return render_template(
        "profile/calendar.html", has_address=person().calendar_digest is not None, **values
    )


def _public_url() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.public_url
