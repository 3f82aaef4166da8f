"""The evidence library (data dukung): the list, one evidence with its versions and uses, keeping it, downloads."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Row

from spbe_tasks import clock, uploading
from spbe_tasks.extensions import db
from spbe_tasks.models import Scan
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.calendar import local_date
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import evidence, evidence_keeping, instruments
from spbe_tasks.services.queries import evidence as queries
from spbe_tasks.services.queries import evidence_library as library
from spbe_tasks.services.queries.evidence_library import LibraryFilter, Shown
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.file_answers import stream
from spbe_tasks.web.forms.evidence import WordsForm
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.paging import page_number
from spbe_tasks.web.task_words import title_of

blueprint = Blueprint("evidence", __name__, url_prefix="/evidence")


@blueprint.get("")
@requires(Capability.VIEW_TASKS)
def index() -> ResponseReturnValue:
    """The library of everything this person may see, newest first."""
    return render_template("evidence/index.html", **library_page())


def library_page(**fixed: Any) -> dict[str, Any]:
    """What a list of the library needs; ``fixed`` replaces what the address says."""
    args = request.args
    wanted = LibraryFilter(
        shown=fixed.get("shown") or args.get("show", Shown.USABLE, type=Shown),
        agency_id=fixed.get("agency_id") or args.get("agency", type=int),
        year=args.get("year_of", type=int),
        text=args.get("q", "")[:100],
    )
    today, page = _today(), page_number()
    around = library.list_surroundings(db.session(), scope(), wanted, today=today)
    rows = library.list_evidence(db.session(), scope(), wanted, today=today, page=page)
    return {
        "rows": rows,
        "wanted": wanted,
        "around": around,
        "shown": list(Shown),
        "page": page,
        "per_page": library.PAGE_SIZE,
        "args": {name: values for name, values in args.lists() if name != "page"},
        "today": today,
    }


@blueprint.get("/<int:evidence_id>")
@requires(Capability.VIEW_TASKS)
def show(evidence_id: int) -> ResponseReturnValue:
    """One evidence: what it is, its versions, where it is used."""
    item = queries.get_item(db.session(), scope(), evidence_id)
    uses = library.list_where_used(db.session(), scope(), evidence_id)
    return render_template(
        "evidence/show.html",
        item=item,
        row=queries.get_evidence(db.session(), scope(), evidence_id),
        versions=library.list_version_rows(db.session(), evidence_id),
        uses=[(use, _task_title(use)) for use in uses],
        suggestion=evidence_keeping.suggest_expiry(db.session(), scope(), item, uses),
        may_change=evidence.may_change(scope(), item.agency_id) and not item.is_removed,
        today=_today(),
    )


@blueprint.route("/<int:evidence_id>/edit", methods=["GET", "POST"])
@requires(Capability.WORK_ON_TASKS)
def edit(evidence_id: int) -> ResponseReturnValue:
    """What it is called, and how long it counts; ``expires`` in the address proposes a date."""
    row = queries.get_evidence(db.session(), scope(), evidence_id)
    evidence.check_may_change(scope(), row)
    form = WordsForm(obj=row)
    proposed = request.args.get("expires", type=date.fromisoformat)
    if not form.is_submitted() and proposed:
        form.expires_on.data = proposed
    return answer_form(form, lambda: _change(form, evidence_id), lambda: _edit_page(form, evidence_id))


def _change(form: WordsForm, evidence_id: int) -> ResponseReturnValue:
    with transaction() as work:
        evidence_keeping.change(
            work,
            scope(),
            evidence_id,
            title=form.title.data or "",
            dated_on=form.dated_on.data,
            expires_on=form.expires_on.data,
            version=form.version.data,
            now=clock.now(),
        )
    flash(_("The evidence is changed."), "success")
    return redirect(url_for("evidence.show", evidence_id=evidence_id))


def _edit_page(form: WordsForm, evidence_id: int) -> str:
    row = queries.get_evidence(db.session(), scope(), evidence_id)
    form.carry(row.version)
    return render_template("evidence/edit.html", form=form, row=row)


@blueprint.post("/<int:evidence_id>/remove")
@requires(Capability.WORK_ON_TASKS)
def remove(evidence_id: int) -> ResponseReturnValue:
    """Take it away; what was handed in keeps it."""
    with transaction() as work:
        is_gone = evidence_keeping.remove(work, scope(), evidence_id, now=clock.now())
    if is_gone:
        flash(_("The evidence is removed."), "success")
    else:
        flash(_("The evidence is hidden. What was handed in with it keeps it."), "success")
    return redirect(url_for("evidence.index"))


@blueprint.post("/<int:evidence_id>/scan")
@requires(Capability.WORK_ON_TASKS)
def scan(evidence_id: int) -> ResponseReturnValue:
    """Let the scanner look at a quarantined file again, once its knowledge is newer."""
    item = queries.get_item(db.session(), scope(), evidence_id)
    evidence.check_may_change(scope(), queries.get_evidence(db.session(), scope(), evidence_id))
    key = queries.get_version(db.session(), evidence_id, item.number).file_key
    if key is None or not item.is_infected:
        raise NotFoundError("evidence.not_found")
    threat, verdict = uploading.look_again(key, item.file_name or "")
    if verdict is Scan.NOT_SCANNED:
        flash(_("No scanner is set up here, so it stays in quarantine. Ask the administrator."), "warning")
        return redirect(url_for("evidence.show", evidence_id=evidence_id))
    with transaction() as work:
        evidence_keeping.settle_scan(work, scope(), evidence_id, threat, file_key=key, now=clock.now())
    if threat:
        flash(_("Still infected (%(threat)s): it stays in quarantine.", threat=threat), "warning")
    else:
        flash(_("The scanner finds nothing any more. It can be used now."), "success")
    return redirect(url_for("evidence.show", evidence_id=evidence_id))


@blueprint.get("/<int:evidence_id>/versions/<int:number>")
@requires(Capability.VIEW_TASKS)
def download(evidence_id: int, number: int) -> ResponseReturnValue:
    """A version's file, to keep. An infected one nobody gets; a link has none."""
    row = queries.get_evidence(db.session(), scope(), evidence_id)
    version = queries.get_file(db.session(), row.id, number)
    return stream(
        version.file_key or "",
        version.file_name or "file",
        media_type=version.media_type or "application/octet-stream",
        size_bytes=version.size_bytes or 0,
    )


def _task_title(use: Row[Any]) -> str:
    instrument = instruments.get(db.session(), scope().government_id, use.instrument_id)
    return title_of(use.title, instrument.indicator(use.indicator_number), current_locale())


def _today() -> date:
    return local_date(clock.now(), government().timezone)
