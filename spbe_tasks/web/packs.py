"""The self-assessment: what the government will claim and upload, indicator by indicator, and its package."""

from collections.abc import Iterable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Agency, BuildKind
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.services import built_files, pack_entries, pack_sheets, packs
from spbe_tasks.services.pack_entries import EntryKey
from spbe_tasks.services.pack_sheets import PackSheet
from spbe_tasks.services.queries import packs as queries
from spbe_tasks.services.queries import people
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import requires, scope
from spbe_tasks.web.errors import answer_form
from spbe_tasks.web.forms.packs import AttachForm, EntryForm, NoteForm, entry_form, said_in
from spbe_tasks.web.navigation import selected_plan

blueprint = Blueprint("packs", __name__, url_prefix="/self-assessment")
# What the list of indicators can be narrowed to.
MISSING = ("evidence", "texts", "unready")


@blueprint.get("")
@requires(Capability.VIEW_TASKS)
def index() -> ResponseReturnValue:
    """The self-assessment that judges the work of the chosen plan, or the door to begin it."""
    plan = selected_plan()
    if plan is not None:
        pack = queries.find_pack(db.session(), scope(), plan.instrument_id, plan.year + 1)
        if pack is not None:
            return _whole(pack.id)
    return render_template("packs/begin.html", plan=plan)


@blueprint.post("/begin/<int:plan_id>")
@requires(Capability.MANAGE_PLANS)
def begin(plan_id: int) -> ResponseReturnValue:
    """Begin the self-assessment of the year after a plan's."""
    with transaction() as work:
        pack_id = packs.begin(work, scope(), plan_id, now=clock.now()).id
    return redirect(url_for(".show", pack_id=pack_id))


@blueprint.get("/<int:pack_id>")
@requires(Capability.VIEW_TASKS)
def show(pack_id: int) -> ResponseReturnValue:
    """All indicators: what is claimed, and what is missing until upload day."""
    return _whole(pack_id)


def _whole(pack_id: int) -> str:
    pack = queries.get_pack(db.session(), scope(), pack_id)
    sheet = packs.read(db.session(), scope(), pack)
    missing = request.args.get("missing", "")
    return render_template(
        "packs/show.html",
        pack=pack,
        sheet=sheet,
        entries=[each for each in sheet.entries if _is_wanted(each, missing)],
        missing=missing if missing in MISSING else "",
    )


def _is_wanted(entry: pack_sheets.EntrySheet, missing: str) -> bool:
    lacks = {
        "evidence": not entry.claimed.has_evidence,
        "texts": not entry.has_texts,
        "unready": not entry.is_ready,
    }
    return lacks.get(missing, True)


@blueprint.get("/<int:pack_id>/<int:number>")
@requires(Capability.VIEW_TASKS)
def entry(pack_id: int, number: int) -> ResponseReturnValue:
    """One indicator: the level claimed, its criteria with their evidence, facts and analysis."""
    return _entry_page(pack_id, number)


@blueprint.post("/<int:pack_id>/<int:number>")
@requires(Capability.WORK_ON_TASKS)
def write(pack_id: int, number: int) -> ResponseReturnValue:
    """Store what is claimed and written about an indicator."""
    sheet = _read(pack_id, number)
    form = entry_form(sheet.instrument, sheet.entries[0])
    return answer_form(form, lambda: _store(form, sheet), lambda: _entry_page(pack_id, number, form))


def _store(form: EntryForm, sheet: PackSheet) -> ResponseReturnValue:
    at = EntryKey(sheet.pack.id, sheet.entries[0].indicator.number)
    with transaction() as work:
        said = said_in(form, sheet.entries[0].indicator)
        pack_entries.write(work, scope(), at, said, version=form.version.data or 0, now=clock.now())
    flash(_("Stored."), "success")
    return _to_entry(at.pack_id, at.number)


def _entry_page(
    pack_id: int,
    number: int,
    form: EntryForm | None = None,
    *,
    attaching: AttachForm | None = None,
    noting: NoteForm | None = None,
) -> str:
    sheet = _read(pack_id, number)
    entry = sheet.entries[0]
    form = form or entry_form(sheet.instrument, entry)
    form.carry(entry.version)
    agencies = people.list_agencies(db.session(), scope(), active_only=True)
    return render_template(
        "packs/entry.html",
        pack=sheet.pack,
        instrument=sheet.instrument,
        entry=entry,
        form=form,
        attaching=attaching or _attach_form(entry),
        noting=noting or _note_form(entry, agencies),
        may_write=sheet.pack.closed_at is None and pack_sheets.may_change(scope(), entry),
        keeper_id=scope().agency_id
        or next((each.id for each in agencies if each.id in entry.agency_ids), None),
    )


@blueprint.post("/<int:pack_id>/<int:number>/attach")
@requires(Capability.WORK_ON_TASKS)
def attach(pack_id: int, number: int) -> ResponseReturnValue:
    """Let an evidence of the library show criteria."""
    form = _attach_form(_read(pack_id, number).entries[0])
    return answer_form(
        form,
        lambda: _attach(form, EntryKey(pack_id, number)),
        lambda: _entry_page(pack_id, number, attaching=form),
    )


def _attach(form: AttachForm, at: EntryKey) -> ResponseReturnValue:
    with transaction() as work:
        pack_entries.attach(
            work, scope(), at, form.places, evidence_id=form.evidence_id.data, now=clock.now()
        )
    flash(_("The evidence was attached."), "success")
    return _to_entry(at.pack_id, at.number)


@blueprint.post("/<int:pack_id>/<int:number>/detach/<int:evidence_id>")
@requires(Capability.WORK_ON_TASKS)
def detach(pack_id: int, number: int, evidence_id: int) -> ResponseReturnValue:
    """Take an evidence away that was attached here."""
    with transaction() as work:
        pack_entries.detach(
            work, scope(), EntryKey(pack_id, number), evidence_id=evidence_id, now=clock.now()
        )
    flash(_("The evidence was taken away. It stays in the library."), "success")
    return _to_entry(pack_id, number)


@blueprint.post("/<int:pack_id>/<int:number>/note")
@requires(Capability.MANAGE_PLANS)
def note(pack_id: int, number: int) -> ResponseReturnValue:
    """A note of the assessors becomes a task."""
    entry = _read(pack_id, number).entries[0]
    agencies = people.list_agencies(db.session(), scope(), active_only=True)
    form = _note_form(entry, agencies)
    return answer_form(
        form,
        lambda: _note(form, EntryKey(pack_id, number)),
        lambda: _entry_page(pack_id, number, noting=form),
    )


def _note(form: NoteForm, at: EntryKey) -> ResponseReturnValue:
    with transaction() as work:
        task_id = pack_entries.note(
            work,
            scope(),
            at,
            form.note.data,
            agency_id=form.agency_id.data,
            due_on=form.due_on.data,
            now=clock.now(),
        ).id
    flash(_("The agency has it as a task now."), "success")
    return redirect(url_for("tasks.show", task_id=task_id))


@blueprint.post("/<int:pack_id>/close")
@requires(Capability.MANAGE_PLANS)
def close(pack_id: int) -> ResponseReturnValue:
    """It was handed in: nothing changes any more."""
    with transaction() as work:
        packs.close(work, scope(), pack_id, now=clock.now())
    flash(_("The self-assessment is closed."), "success")
    return redirect(url_for(".show", pack_id=pack_id))


@blueprint.post("/<int:pack_id>/reopen")
@requires(Capability.MANAGE_PLANS)
def reopen(pack_id: int) -> ResponseReturnValue:
    """Open it again, for corrections."""
    with transaction() as work:
        packs.reopen(work, scope(), pack_id, now=clock.now())
    flash(_("The self-assessment is open again."), "success")
    return redirect(url_for(".show", pack_id=pack_id))


@blueprint.post("/<int:pack_id>/package")
@requires(Capability.EXPORT_TASKS)
def package(pack_id: int) -> ResponseReturnValue:
    """Have the upload package built: of all indicators, or of the one in the form."""
    number = request.form.get("number", type=int)
    pack = _read(pack_id, number).pack
    subject = {"pack_id": pack.id, "year": pack.year}
    with transaction() as work:
        wanted = subject if number is None else subject | {"number": number}
        built_files.ask(work, scope(), BuildKind.EVIDENCE_PACKAGE, wanted, now=clock.now())
    return redirect(url_for("built_files.index"))


def _read(pack_id: int, number: int | None) -> PackSheet:
    """The pack with that indicator; raises NotFoundError for one out of sight."""
    pack = queries.get_pack(db.session(), scope(), pack_id)
    sheet = packs.read(db.session(), scope(), pack, number=number)
    if not sheet.entries:
        raise NotFoundError("pack.not_yours")
    return sheet


def _attach_form(entry: pack_sheets.EntrySheet) -> AttachForm:
    return AttachForm.of(entry, queries.list_choosable(db.session(), scope(), entry.agency_ids))


def _note_form(entry: pack_sheets.EntrySheet, agencies: Iterable[Agency]) -> NoteForm:
    return NoteForm.of([(each.id, each.short_name) for each in agencies if each.id in entry.agency_ids])


def _to_entry(pack_id: int, number: int) -> ResponseReturnValue:
    return redirect(url_for(".entry", pack_id=pack_id, number=number))
