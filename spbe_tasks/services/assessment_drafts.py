"""Imports under way: the file as it was read and what people typed over it, until it is stored or discarded."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from spbe_tasks.models import AssessmentDraft, AssessmentKind, AssessmentRevision
from spbe_tasks.readers import document_json
from spbe_tasks.readers.corrections import Corrections, rows_by_number
from spbe_tasks.readers.document import Document, Format
from spbe_tasks.readers.written import read_number
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.rules.instrument import Instrument
from spbe_tasks.services import assessments, instruments, trail
from spbe_tasks.services.assessment_revisions import Source
from spbe_tasks.services.assessments import Preview
from spbe_tasks.services.queries import assessments as queries
from spbe_tasks.services.readouts import Wanted
from spbe_tasks.work import Work

# An import that nobody has touched for so long is forgotten; the file can be uploaded again.
KEPT_FOR = timedelta(days=14)
_EMPTY_DIGEST = hashlib.sha256(b"").hexdigest()
MAX_TYPED = 40  # characters; longer than any level and any token for "not assessed"


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing an import came to. ``is_repeat``: the revision was there already and nothing was written."""

    revision: AssessmentRevision
    is_repeat: bool


def recognise(
    document: Document, known: Sequence[Instrument], *, kind: AssessmentKind, now: datetime
) -> Wanted:
    """What the file says it is, completed by what most imports are: the latest year its instrument was used in.

    Where several instruments fit, it is the usual one of them.
    """
    last_year = now.year - 1
    alike = _by_numbers(document, known) or known
    found = named(document, known) or instruments.usual(alike, document.year or last_year)
    usual = max(last_year, found.valid_from_year)
    return Wanted(found.id, document.year or min(usual, found.valid_to_year or usual), kind)


def named(document: Document, known: Sequence[Instrument]) -> Instrument | None:
    """The instrument that the file names, else the only one that has exactly its numbers."""
    by_numbers = _by_numbers(document, known)
    by_name = [each for each in known if each.id == document.instrument_id]
    return next(iter(by_name or by_numbers), None) if by_name or len(by_numbers) == 1 else None


def open_draft(
    work: Work,
    scope: Scope,
    wanted: Wanted,
    document: Document,
    *,
    file_name: str,
    digest: str,
    file_key: str | None,
    now: datetime,
) -> AssessmentDraft:
    """Keep a file that was read as an import under way. Nothing is checked yet but that there is the instrument."""
    instruments.hold(work.session, scope.government_id, wanted.instrument_id)
    draft = AssessmentDraft(
        government_id=scope.government_id,
        made_by_id=scope.account_id,
        made_at=now,
        changed_at=now,
        file_name=assessments.clean_name(file_name),
        file_sha256=digest,
        file_key=file_key,
        format=document.format,
        instrument_id=wanted.instrument_id,
        year=wanted.year,
        kind=wanted.kind,
        document=document_json.encode(document),
        corrections={},
    )
    work.session.add(draft)
    work.session.flush()
    _record(work, scope, draft, "open_import", now)
    return draft


def open_grid(work: Work, scope: Scope, wanted: Wanted, *, file_name: str, now: datetime) -> AssessmentDraft:
    """An import without a file: every level is typed by hand."""
    empty = Document(Format.GRID, ())
    return open_draft(
        work, scope, wanted, empty, file_name=file_name, digest=_EMPTY_DIGEST, file_key=None, now=now
    )


def change(
    work: Work,
    scope: Scope,
    draft_id: int,
    wanted: Wanted,
    typed: Mapping[int, str],
    *,
    leaves_out_unknown: bool,
    version: int | None,
    now: datetime,
) -> AssessmentDraft:
    """Keep what the file is said to be and what was typed over its levels, right or wrong.

    ``typed`` is keyed by indicator number; a text equal to what the file says corrects nothing. Raises
    ConflictError ("assessment.draft_stale") when somebody else changed the draft since ``version``.
    """
    draft = _open(work.session, scope, draft_id, version)
    instrument = instruments.hold(work.session, scope.government_id, wanted.instrument_id)
    said = as_read(document_of(draft), instrument)
    corrections = {
        str(number): text[:MAX_TYPED]
        for number, text in sorted(typed.items())
        if instrument.has(number) and text.strip() != said.get(number, "")
    }
    after = (wanted.instrument_id, wanted.year, wanted.kind, corrections, leaves_out_unknown)
    if after != (draft.instrument_id, draft.year, draft.kind, draft.corrections, draft.leaves_out_unknown):
        draft.instrument_id, draft.year, draft.kind, draft.corrections, draft.leaves_out_unknown = after
        draft.changed_at = now
        work.session.flush()
    return draft


def preview(session: Session, scope: Scope, draft: AssessmentDraft, *, now: datetime) -> Preview:
    """What storing a draft that was got through the scope would keep; raises what ``assessments.preview`` raises."""
    document = document_of(draft)
    source = Source.read(draft.file_name, draft.file_sha256, document, key=draft.file_key)
    corrections = corrections_of(draft)
    # A person has confirmed what the file is; where it says otherwise, its page has warned about that.
    return assessments.preview(
        session, scope, wanted_of(draft), source, document.unclaimed, corrections=corrections, now=now
    )


def find_preview(session: Session, scope: Scope, draft: AssessmentDraft, *, now: datetime) -> Preview | None:
    """As ``preview``, but None while something still needs mending."""
    try:
        return preview(session, scope, draft, now=now)
    except InvalidInputError:
        return None


def commit(
    work: Work, scope: Scope, draft_id: int, *, version: int | None, seen_number: int | None, now: datetime
) -> Stored:
    """Store the import as a revision and end it.

    ``version`` is the draft's and ``seen_number`` the newest revision's (None: there is none) that were looked
    at. Raises ConflictError when either has moved on, and what ``assessments.preview`` raises.
    """
    draft = _open(work.session, scope, draft_id, version)
    seen = preview(work.session, scope, draft, now=now)
    if seen.former_number != seen_number:
        raise ConflictError("assessment.moved_on")
    revision = assessments.store(work, scope, seen, now=now)
    work.session.delete(draft)
    return Stored(revision, seen.is_repeat)


def discard(work: Work, scope: Scope, draft_id: int, *, now: datetime) -> None:
    """End an import without storing it."""
    draft = queries.get_draft(work.session, scope, draft_id, for_update=True)
    _record(work, scope, draft, "discard_import", now)
    work.session.delete(draft)


def sweep(work: Work, *, now: datetime) -> int:
    """End the imports of all governments that nobody has touched for ``KEPT_FOR``; returns how many."""
    stale = queries.list_stale_drafts(work.session, now - KEPT_FOR)
    for draft in stale:
        trail.record(
            work,
            "expire_import",
            ("assessment_draft", draft.id),
            government_id=draft.government_id,
            actor_id=None,
            at=now,
            data={"file_name": draft.file_name},
        )
        work.session.delete(draft)
    return len(stale)


def document_of(draft: AssessmentDraft) -> Document:
    """The file as it was read."""
    return document_json.decode(draft.document)


def wanted_of(draft: AssessmentDraft) -> Wanted:
    """Which assessment it is said to be."""
    return Wanted(draft.instrument_id, draft.year, draft.kind)


def corrections_of(draft: AssessmentDraft) -> Corrections:
    """What people typed over it."""
    typed = {int(number): text for number, text in draft.corrections.items()}
    return Corrections(typed, draft.leaves_out_unknown)


def as_read(document: Document, instrument: Instrument) -> dict[int, str]:
    """What the file says of each indicator that it has exactly once; of two rows neither is right by itself."""
    rows = rows_by_number(document, instrument)
    return {number: found[0].level.strip() for number, found in rows.items() if len(found) == 1}


def _by_numbers(document: Document, known: Sequence[Instrument]) -> list[Instrument]:
    """The instruments that have exactly the document's numbers."""
    numbers = {read_number(row.number) for row in document.rows}
    return [each for each in known if numbers == {i.number for i in each.indicators}]


def _open(session: Session, scope: Scope, draft_id: int, version: int | None) -> AssessmentDraft:
    draft = queries.get_draft(session, scope, draft_id, for_update=True)
    if version is not None and draft.version != version:
        raise ConflictError("assessment.draft_stale")
    return draft


def _record(work: Work, scope: Scope, draft: AssessmentDraft, action: str, now: datetime) -> None:
    trail.record_by(
        work,
        scope,
        action,
        ("assessment_draft", draft.id),
        now=now,
        data={"file_name": draft.file_name, "sha256": draft.file_sha256, "format": draft.format.value},
    )
