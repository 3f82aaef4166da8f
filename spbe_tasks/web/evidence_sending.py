"""Bringing evidence: files in one go (for pages without a script), links, newer versions; choosing what is there."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from spbe_tasks import clock, uploading
from spbe_tasks.extensions import db
from spbe_tasks.messages import describe, describe_all
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import InvalidInputError, SpbeError, UnavailableError
from spbe_tasks.services import evidence, evidence_uses, instruments
from spbe_tasks.services.evidence import Added
from spbe_tasks.services.queries import evidence as queries
from spbe_tasks.services.queries import tasks as task_queries
from spbe_tasks.services.uploads import Target
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form, status_of
from spbe_tasks.web.evidence import blueprint, library_page
from spbe_tasks.web.evidence_words import agencies_to_keep, largest, places_of
from spbe_tasks.web.forms.evidence import LinkForm, NewAddressForm
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.task_words import title_of

__all__ = ["blueprint"]  # the library's blueprint, with these routes added here
# Whole files in one request, for a page without a script: as many as this of the largest.
FILES_AT_ONCE = 4


@blueprint.url_value_preprocessor
def _allow_files(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    # Before anything reads the request's body.
    request.max_content_length = FILES_AT_ONCE * largest() + 1024 * 1024


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Capability.WORK_ON_TASKS)
def add() -> ResponseReturnValue:
    """Bring files; with ``task`` and ``criterion`` they show criteria of it at once."""
    if request.method == "GET":
        return _add_page()
    task_id, places = request.form.get("task", type=int), places_of(request.form.getlist("criterion"))
    sent, failure = _receive(_agency_id(), Target(task_id=task_id, places=places))
    if not sent:
        return _add_page(), status_of(failure) if failure else 422
    if task_id is not None:
        return redirect(url_for("tasks.show", task_id=task_id, _anchor="criteria"))
    if len(sent) == 1 and failure is None:
        return redirect(url_for("evidence.show", evidence_id=sent[0]))
    return redirect(url_for("evidence.index"))


def _agency_id() -> int:
    agency_id = request.form.get("agency_id", type=int)
    if agency_id is None:
        raise InvalidInputError.of("field.required", "agency_id")
    return agency_id


def _receive(agency_id: int, target: Target) -> tuple[list[int], SpbeError | None]:
    """Take the files of the request one after the other: one that is refused does not cost the others."""
    sent, failure = [], None
    for file in request.files.getlist("files"):
        if not file.filename:
            continue  # a field left empty
        try:
            added = uploading.receive(scope(), agency_id, file.read(), file.filename, target, now=clock.now())
        except (InvalidInputError, UnavailableError) as error:
            failure = error
            flash(" ".join(describe_all(error, current_locale())), "danger")
            continue
        sent.append(added.item.id)
        _tell(added, file)
    if not sent and failure is None:
        flash(_("Choose a file first."), "danger")
    return sent, failure


def _tell(added: Added, file: FileStorage) -> None:
    if added.is_new:
        flash(_("%(name)s is stored.", name=file.filename), "success")
    else:
        words = _("You have %(name)s already, as “%(title)s”. That one is used.")
        flash(words % {"name": file.filename, "title": added.item.title}, "success")


def _add_page() -> str:
    agencies = agencies_to_keep(scope())
    asked = request.values.get("agency_id", scope().agency_id, type=int)
    chosen = next(
        (each for each in agencies if each.id == asked), agencies[0] if len(agencies) == 1 else None
    )
    return render_template("evidence/new.html", agencies=agencies, chosen=chosen)


@blueprint.route("/new/link", methods=["GET", "POST"])
@requires(Capability.WORK_ON_TASKS)
def add_link() -> ResponseReturnValue:
    """Bring the address of a page; with ``task`` and ``criterion`` in the address it shows criteria of it at once."""
    task_id = request.args.get("task", type=int)
    if task_id is not None and "criterion" not in request.args:
        return _back_to_say_what(task_id)
    form = LinkForm(
        agencies_to_keep(scope()), agency_id=request.args.get("agency_id", scope().agency_id, type=int)
    )
    task_id = request.args.get("task", type=int)
    back = url_for("evidence.index") if task_id is None else url_for("tasks.show", task_id=task_id)
    return answer_form(
        form,
        lambda: _add_link(form),
        lambda: render_template("evidence/link.html", form=form, back=back, for_task=task_id is not None),
    )


def _add_link(form: LinkForm) -> ResponseReturnValue:
    task_id, places = request.args.get("task", type=int), places_of(request.args.getlist("criterion"))
    with transaction() as work:
        added = evidence.add_link(
            work,
            scope(),
            agency_id=form.agency_id.data,
            url=form.url.data or "",
            title=form.title.data or "",
            dated_on=form.dated_on.data,
            expires_on=form.expires_on.data,
            now=clock.now(),
        )
        evidence_id, title = added.item.id, added.item.title
        if task_id is not None:
            evidence_uses.attach(work, scope(), task_id, places, evidence_id, now=clock.now())
    if added.is_new:
        flash(_("The link is stored."), "success")
    else:
        flash(_("You have this link already, as “%(title)s”. That one is used.", title=title), "success")
    if task_id is not None:
        return redirect(url_for("tasks.show", task_id=task_id, _anchor="criteria"))
    return redirect(url_for("evidence.show", evidence_id=evidence_id))


@blueprint.route("/<int:evidence_id>/version", methods=["GET", "POST"])
@requires(Capability.WORK_ON_TASKS)
def add_version(evidence_id: int) -> ResponseReturnValue:
    """Put a newer file in the place of an evidence."""
    item = queries.get_item(db.session(), scope(), evidence_id)
    evidence.check_may_change(scope(), queries.get_evidence(db.session(), scope(), evidence_id))
    if request.method == "GET":
        return _version_page(evidence_id)
    sent, failure = _receive(item.agency_id, Target(evidence_id=evidence_id))
    if not sent:
        return _version_page(evidence_id), status_of(failure) if failure else 422
    return redirect(url_for("evidence.show", evidence_id=evidence_id))


def _version_page(evidence_id: int, form: NewAddressForm | None = None) -> str:
    item = queries.get_item(db.session(), scope(), evidence_id)
    form = form or NewAddressForm(formdata=None, url=item.url)
    return render_template("evidence/version.html", item=item, form=form)


@blueprint.post("/<int:evidence_id>/address")
@requires(Capability.WORK_ON_TASKS)
def change_address(evidence_id: int) -> ResponseReturnValue:
    """Put a newer address in the place of an evidence."""
    form = NewAddressForm()
    return answer_form(
        form, lambda: _change_address(form, evidence_id), lambda: _version_page(evidence_id, form)
    )


def _change_address(form: NewAddressForm, evidence_id: int) -> ResponseReturnValue:
    with transaction() as work:
        evidence.add_version(work, scope(), evidence_id, form.url.data or "", now=clock.now())
    flash(_("The newer address is stored."), "success")
    return redirect(url_for("evidence.show", evidence_id=evidence_id))


@blueprint.get("/choose")
@requires(Capability.WORK_ON_TASKS)
def choose() -> ResponseReturnValue:
    """What the agency has already, to choose for criteria of a task: ``task`` and ``criterion`` in the address."""
    task = task_queries.get_task(db.session(), scope(), request.args.get("task", 0, type=int))
    if "criterion" not in request.args:
        return _back_to_say_what(task.id)
    indicator = instruments.of(db.session(), task.plan).indicator(task.indicator_number)
    return render_template(
        "evidence/choose.html",
        task=task,
        task_title=title_of(task.title, indicator, current_locale()),
        criteria=request.args.getlist("criterion"),
        **library_page(agency_id=task.agency_id),
    )


def _back_to_say_what(task_id: int) -> ResponseReturnValue:
    # The ways to here can be gone before a criterion is ticked.
    flash(describe(SpbeError("evidence.no_criterion"), current_locale()), "warning")
    return redirect(url_for("tasks.show", task_id=task_id, _anchor="evidence"))


@blueprint.post("/<int:evidence_id>/attach")
@requires(Capability.WORK_ON_TASKS)
def attach(evidence_id: int) -> ResponseReturnValue:
    """Let it show criteria of a task: ``task`` and ``criterion`` in the form."""
    task_id, places = request.form.get("task", 0, type=int), places_of(request.form.getlist("criterion"))
    with transaction() as work:
        evidence_uses.attach(work, scope(), task_id, places, evidence_id, now=clock.now())
    flash(_("The evidence is attached."), "success")
    return redirect(url_for("tasks.show", task_id=task_id, _anchor="criteria"))


@blueprint.post("/<int:evidence_id>/detach")
@requires(Capability.WORK_ON_TASKS)
def detach(evidence_id: int) -> ResponseReturnValue:
    """Take it away from criteria of a task; it stays in the library."""
    task_id, places = request.form.get("task", 0, type=int), places_of(request.form.getlist("criterion"))
    with transaction() as work:
        evidence_uses.detach(work, scope(), task_id, places, evidence_id, now=clock.now())
    flash(_("The evidence is taken away from the criterion. It stays in the library."), "success")
    return redirect(url_for("tasks.show", task_id=task_id, _anchor="criteria"))
