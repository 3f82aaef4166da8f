"""The archive of the chosen government and its deletion: asked for, confirmed by a second administrator, withdrawn."""

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe
from spbe_tasks.models import BuildKind
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import Problem
from spbe_tasks.rules.government_deletion import Step, may
from spbe_tasks.services import built_files, government_deletions
from spbe_tasks.services.queries import built_files as files
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import CHOSEN_GOVERNMENT, requires, role, scope
from spbe_tasks.web.built_files import shelf
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.government_deletions import AskForm, ConfirmForm
from spbe_tasks.web.locale import current_locale

blueprint = Blueprint("government_deletions", __name__, url_prefix="/settings/deletion")


@blueprint.get("")
@requires(Capability.MANAGE_GOVERNMENT)
def show() -> ResponseReturnValue:
    """The archives of the person, and how the deletion stands."""
    return _page(AskForm(formdata=None), ConfirmForm(formdata=None))


def _page(ask_form: AskForm, confirm_form: ConfirmForm) -> str:
    standing = government_deletions.look(db.session(), scope(), now=clock.now())
    in_the_way = standing.obstacles(Step.CONFIRM) if standing.deletion else ()
    return render_template(
        "government_deletions/show.html",
        standing=standing,
        files=shelf(files.list_own(db.session(), scope(), kinds=(BuildKind.GOVERNMENT_ARCHIVE,))),
        in_the_way=[describe(Problem(code), current_locale()) for code in in_the_way],
        steps={step.value: may(step, role()) for step in Step},
        ask_form=ask_form,
        confirm_form=confirm_form,
    )


@blueprint.post("/archive")
@requires(Capability.MANAGE_GOVERNMENT)
def build_archive() -> ResponseReturnValue:
    """Have a worker build an archive of everything."""
    with transaction() as work:
        built_files.ask(work, scope(), BuildKind.GOVERNMENT_ARCHIVE, {}, now=clock.now())
    return redirect(url_for(".show"))


@blueprint.post("")
@requires(Capability.MANAGE_GOVERNMENTS)
def ask() -> ResponseReturnValue:
    """Ask for the deletion."""
    form = AskForm()
    return answer_form(form, lambda: _ask(form), lambda: _page(form, ConfirmForm(formdata=None)))


def _ask(form: AskForm) -> ResponseReturnValue:
    with transaction() as work:
        government_deletions.ask(
            work, scope(), slug=form.slug.data, reason=form.reason.data or "", now=clock.now()
        )
    flash(_("The deletion is asked for, and the coordinators are told."), "success")
    return redirect(url_for(".show"))


@blueprint.post("/<int:deletion_id>/confirm")
@requires(Capability.MANAGE_GOVERNMENTS)
def confirm(deletion_id: int) -> ResponseReturnValue:
    """Confirm it as the second person; the government is gone within minutes."""
    form = ConfirmForm()
    return answer_form(form, lambda: _confirm(form, deletion_id), lambda: _page(AskForm(formdata=None), form))


def _confirm(form: ConfirmForm, deletion_id: int) -> ResponseReturnValue:
    with transaction() as work:
        government_deletions.confirm(work, scope(), deletion_id, slug=form.slug.data, now=clock.now())
    session.pop(CHOSEN_GOVERNMENT, None)
    flash(_("The deletion is confirmed. A worker is doing it; the record appears here."), "success")
    return redirect(url_for("governments.deleted"))


@blueprint.post("/<int:deletion_id>/withdraw")
@requires(Capability.MANAGE_GOVERNMENT)
def withdraw(deletion_id: int) -> ResponseReturnValue:
    """Take the request back."""
    with transaction() as work:
        government_deletions.withdraw(work, scope(), deletion_id, now=clock.now())
    flash(_("The request is withdrawn. Nothing is deleted."), "success")
    return redirect(url_for(".show"))
