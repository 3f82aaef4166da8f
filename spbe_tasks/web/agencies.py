"""The agencies of a government."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Agency
from spbe_tasks.rules.access import Capability
from spbe_tasks.services import agencies, official_notes, suppressions, task_titles
from spbe_tasks.services.queries import people as queries
from spbe_tasks.services.queries import succession
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.agencies import AgencyForm, EditAgencyForm
from spbe_tasks.web.locale import current_locale

blueprint = Blueprint("agencies", __name__, url_prefix="/agencies")


@blueprint.get("")
@requires(Capability.MANAGE_AGENCIES)
def index() -> ResponseReturnValue:
    """All agencies with their people and open tasks."""
    return render_template(
        "agencies/index.html",
        rows=queries.list_agency_rows(db.session(), scope()),
        successors=succession.successor_names(db.session(), scope()),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Capability.MANAGE_AGENCIES)
def create() -> ResponseReturnValue:
    """Open an agency; the next one can be typed at once."""
    form = AgencyForm()
    return answer_form(form, lambda: _create(form), lambda: render_template("agencies/new.html", form=form))


def _create(form: AgencyForm) -> ResponseReturnValue:
    with transaction() as work:
        agencies.create(work, scope(), form.name.data, form.short_name.data, now=clock.now())
    flash(_("%(name)s is entered.", name=form.short_name.data), "success")
    return redirect(url_for("agencies.index"))


@blueprint.route("/<int:agency_id>", methods=["GET", "POST"])
@requires(Capability.MANAGE_AGENCIES)
def edit(agency_id: int) -> ResponseReturnValue:
    """Rename an agency, close it or open it again."""
    agency = queries.get_agency(db.session(), scope(), agency_id)
    form = EditAgencyForm(obj=agency)
    return answer_form(form, lambda: _store(form, agency_id), lambda: _show(form, agency))


def _show(form: EditAgencyForm, agency: Agency) -> str:
    form.carry(agency.version)
    open_tasks = queries.list_open_tasks(db.session(), scope(), agency.id)
    return render_template(
        "agencies/edit.html",
        form=form,
        agency=agency,
        open_tasks=open_tasks,
        titles=task_titles.in_language(
            db.session(), agency.government_id, [task.id for task in open_tasks], current_locale()
        ),
        has_note=official_notes.is_called_for(db.session(), scope(), agency.id, now=clock.now()),
        renamings=succession.list_renamings(db.session(), scope(), agency.id),
        successions=succession.list_successions(db.session(), scope(), agency.id),
        people=queries.list_accounts(db.session(), scope(), agency_id=agency.id),
        blocked=suppressions.standing(db.session(), scope().government_id),
    )


def _store(form: EditAgencyForm, agency_id: int) -> ResponseReturnValue:
    with transaction() as work:
        agencies.edit(
            work,
            scope(),
            agency_id,
            name=form.name.data,
            short_name=form.short_name.data,
            version=form.version.data,
            now=clock.now(),
        )
    flash(_("%(name)s is stored.", name=form.short_name.data), "success")
    return redirect(url_for("agencies.index"))


@blueprint.post("/<int:agency_id>/close")
@requires(Capability.MANAGE_AGENCIES)
def close(agency_id: int) -> ResponseReturnValue:
    """Close an agency without open tasks."""
    with transaction() as work:
        name = agencies.close(work, scope(), agency_id, now=clock.now()).short_name
    flash(_("%(name)s is closed. It gets no further tasks.", name=name), "success")
    return redirect(url_for("agencies.index"))


@blueprint.post("/<int:agency_id>/reopen")
@requires(Capability.MANAGE_AGENCIES)
def reopen(agency_id: int) -> ResponseReturnValue:
    """Let a closed agency take tasks again."""
    with transaction() as work:
        name = agencies.reopen(work, scope(), agency_id, now=clock.now()).short_name
    flash(_("%(name)s is open again.", name=name), "success")
    return redirect(url_for("agencies.index"))
