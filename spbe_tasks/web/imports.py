"""The import wizard: a file becomes a draft, is checked and corrected in place, compared, and stored once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from spbe_tasks import clock
from spbe_tasks.extensions import db
from spbe_tasks.models import Assessment, AssessmentDraft, AssessmentKind
from spbe_tasks.readers import reading
from spbe_tasks.rules.access import Capability
from spbe_tasks.rules.errors import InvalidInputError, Problem, SpbeError
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services import assessment_drafts, assessments, draft_sheets, instruments
from spbe_tasks.services.assessments import Preview
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.services.queries import plans
from spbe_tasks.services.readouts import Wanted
from spbe_tasks.stored_files import storage
from spbe_tasks.transaction import transaction
from spbe_tasks.web.access import government, requires, scope
from spbe_tasks.web.errors import answer_form, show_problems
from spbe_tasks.web.file_answers import download, workbook
from spbe_tasks.web.forms.assessments import DraftForm, GridForm, StoreForm, UploadForm
from spbe_tasks.web.locale import current_locale
from spbe_tasks.web.problem_words import place_words, split_sentence
from spbe_tasks.workbooks.annotated import write_annotated

blueprint = Blueprint("imports", __name__, url_prefix="/assessments/import")


@blueprint.route("", methods=["GET", "POST"])
@requires(Capability.IMPORT_ASSESSMENTS)
def upload() -> ResponseReturnValue:
    """The first step: a file or a pasted table; it is read and kept as a draft.

    ``of`` in the address is the assessment of which it is to become the next revision, if that is known already.
    """
    form = UploadForm()
    known_of = _assessment_of()
    problems: list[Problem] = []
    return answer_form(
        form,
        lambda: _open(form, known_of),
        lambda: _upload_page(form=form, problems=problems, of=known_of),
        tell=lambda _form, error: _tell(form, error, problems),
    )


@blueprint.post("/grid")
@requires(Capability.IMPORT_ASSESSMENTS)
def grid() -> ResponseReturnValue:
    """The first step without a file: an empty table of one instrument, to be typed by hand."""
    form = GridForm(_instruments())
    return answer_form(form, lambda: _open_grid(form), lambda: _upload_page(grid_form=form))


@blueprint.route("/<int:draft_id>", methods=["GET", "POST"])
@requires(Capability.IMPORT_ASSESSMENTS)
def check(draft_id: int) -> ResponseReturnValue:
    """The second step: every level with what is wrong, corrected in place as often as it takes."""
    draft = queries.get_draft(db.session(), scope(), draft_id)
    form = DraftForm(_instruments(), obj=draft)
    return answer_form(form, lambda: _change(form, draft_id), lambda: _check_page(form, draft_id))


@blueprint.get("/<int:draft_id>/compare")
@requires(Capability.IMPORT_ASSESSMENTS)
def compare(draft_id: int) -> ResponseReturnValue:
    """The third step: what storing it changes."""
    draft = queries.get_draft(db.session(), scope(), draft_id)
    seen = assessment_drafts.find_preview(db.session(), scope(), draft, now=clock.now())
    if seen is None:
        flash(_("Some levels need mending before they can be compared."), "warning")
        return redirect(url_for("imports.check", draft_id=draft_id))
    return _compare_page(StoreForm(formdata=None), draft, seen)


@blueprint.post("/<int:draft_id>/store")
@requires(Capability.IMPORT_ASSESSMENTS)
def store(draft_id: int) -> ResponseReturnValue:
    """The last step: keep it as a revision."""
    form = StoreForm()
    return answer_form(form, lambda: _store(form, draft_id), lambda: _compare_again(form, draft_id))


@blueprint.post("/<int:draft_id>/discard")
@requires(Capability.IMPORT_ASSESSMENTS)
def discard(draft_id: int) -> ResponseReturnValue:
    """Forget an import that is not wanted."""
    with transaction() as work:
        assessment_drafts.discard(work, scope(), draft_id, now=clock.now())
    flash(_("The import is discarded. Nothing that was stored before has changed."), "success")
    return redirect(url_for("assessments.index"))


@blueprint.get("/<int:draft_id>/original")
@requires(Capability.IMPORT_ASSESSMENTS)
def original(draft_id: int) -> ResponseReturnValue:
    """The file as it came in."""
    draft = queries.get_draft(db.session(), scope(), draft_id)
    return download(draft.file_key, draft.file_name)


@blueprint.get("/<int:draft_id>/remarks.xlsx")
@requires(Capability.IMPORT_ASSESSMENTS)
def annotated(draft_id: int) -> ResponseReturnValue:
    """The levels as they stand with every remark where it belongs, to be mended in a spreadsheet."""
    sheet = draft_sheets.open_sheet(db.session(), scope(), government(), draft_id, now=clock.now())
    checked = sheet.checked
    content = write_annotated(sheet.corrected, checked.problems, checked.warnings, current_locale())
    return workbook(content, f"catatan-{sheet.draft.year}.xlsx")


def _assessment_of() -> Assessment | None:
    asked = request.args.get("of", type=int)
    return None if asked is None else queries.get_assessment(db.session(), scope(), asked)


def _open(form: UploadForm, of: Assessment | None) -> ResponseReturnValue:
    known = _instruments()
    if form.pasted is None:
        name, data = form.file.data.filename or "-", form.file.data.read()
        document = reading.read_document(data, name, known)
    else:
        name, data = _("pasted table"), form.pasted.encode()
        document = reading.read_pasted(form.pasted, known)
    key = storage().put(data)
    now = clock.now()
    if of is None:
        wanted = assessment_drafts.recognise(document, known, kind=AssessmentKind.OFFICIAL, now=now)
    else:
        wanted = Wanted(of.instrument_id, of.year, of.kind)
    with transaction() as work:
        draft = assessment_drafts.open_draft(
            work,
            scope(),
            wanted,
            document,
            file_name=name,
            digest=assessments.digest_of(data),
            file_key=key,
            now=now,
        )
        draft_id = draft.id
    return redirect(url_for("imports.check", draft_id=draft_id))


def _open_grid(form: GridForm) -> ResponseReturnValue:
    with transaction() as work:
        name, now = _("typed by hand"), clock.now()
        draft_id = assessment_drafts.open_grid(work, scope(), form.wanted, file_name=name, now=now).id
    return redirect(url_for("imports.check", draft_id=draft_id))


def _upload_page(
    *,
    form: UploadForm | None = None,
    grid_form: GridForm | None = None,
    problems: list[Problem] | None = None,
    of: Assessment | None = None,
) -> str:
    known = _instruments()
    return render_template(
        "assessments/upload.html",
        form=form or UploadForm(formdata=None),
        grid_form=grid_form or GridForm(known, formdata=None, **_usual(known)),
        problems=problems or [],
        of=of,
        split=split_sentence,
        place=place_words,
        drafts=queries.list_drafts(db.session(), scope()),
    )


def _instruments() -> Sequence[Instrument]:
    return instruments.list_all(db.session(), scope().government_id)


def _usual(known: Sequence[Instrument]) -> dict[str, Any]:
    """What is mostly typed by hand: the self-assessment of this year."""
    year = clock.now().year
    instrument = instruments.usual(known, year)
    return {"year": year, "kind": AssessmentKind.SELF.value, "instrument_id": instrument.id}


def _tell(form: UploadForm, error: SpbeError, problems: list[Problem]) -> None:
    """What is wrong with a file as a whole stands beside its field; places in it are listed."""
    if isinstance(error, InvalidInputError):
        problems.extend(each for each in error.problems if each.row is not None)
        beside = "file" if form.file.data else "text"
        whole = [
            each if each.field in form.data else replace(each, field=beside)
            for each in error.problems
            if each.row is None
        ]
        error = InvalidInputError(whole, error.code)
    show_problems(form, error)


def _change(form: DraftForm, draft_id: int) -> ResponseReturnValue:
    with transaction() as work:
        assessment_drafts.change(
            work,
            scope(),
            draft_id,
            form.wanted,
            form.typed,
            leaves_out_unknown=form.leaves_out_unknown.data,
            version=form.version.data,
            now=clock.now(),
        )
    step = "imports.compare" if form.compare.data else "imports.check"
    return redirect(url_for(step, draft_id=draft_id))


def _check_page(form: DraftForm, draft_id: int) -> str:
    sheet = draft_sheets.open_sheet(db.session(), scope(), government(), draft_id, now=clock.now())
    form.carry(sheet.draft.version)
    if not form.is_submitted():
        show_problems(form, InvalidInputError(sheet.about))
    return render_template(
        "assessments/check.html",
        sheet=sheet,
        form=form,
        typed=form.typed if form.is_submitted() else {},
        place=place_words,
        split=split_sentence,
    )


def _compare_again(form: StoreForm, draft_id: int) -> str:
    """After a clash: the comparison with what is the newest now, or the levels when some need mending now."""
    draft = queries.get_draft(db.session(), scope(), draft_id)
    seen = assessment_drafts.find_preview(db.session(), scope(), draft, now=clock.now())
    if seen is None:
        return _check_page(DraftForm(_instruments(), formdata=None, obj=draft), draft_id)
    return _compare_page(form, draft, seen)


def _compare_page(form: StoreForm, draft: AssessmentDraft, seen: Preview) -> str:
    form.look_at(draft.version, seen.former_number)
    plan = plans.find_plan(db.session(), scope().government_id, seen.instrument.id, seen.year)
    return render_template("assessments/compare.html", seen=seen, draft=draft, form=form, plan=plan)


def _store(form: StoreForm, draft_id: int) -> ResponseReturnValue:
    with transaction() as work:
        done = assessment_drafts.commit(
            work,
            scope(),
            draft_id,
            version=form.version.data,
            seen_number=form.former.data,
            now=clock.now(),
        )
        assessment_id, number = done.revision.assessment_id, done.revision.number
    if done.is_repeat:
        flash(_("This file is revision %(number)s already; nothing was changed.", number=number), "info")
    else:
        flash(_("Revision %(number)s is stored.", number=number), "success")
    return redirect(url_for("assessments.show", assessment_id=assessment_id))
