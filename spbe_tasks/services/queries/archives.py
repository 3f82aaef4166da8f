"""Selects of everything a government has: the rows of every table, its stored files, the instruments it uses.

The tables come from the metadata, so that a new one is archived without a word here; what is kept back is said below.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    Table,
    cast,
    func,
    literal_column,
    select,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute

from spbe_tasks.extensions import db
from spbe_tasks.models import (
    Account,
    Agency,
    Assessment,
    AssessmentDraft,
    AssessmentRevision,
    BuiltFile,
    Event,
    Evidence,
    EvidenceVersion,
    Government,
    InstrumentDocument,
    UploadPiece,
)
from spbe_tasks.rules.package import safe_title
from spbe_tasks.services.queries.bundle import AnySelect

AT_A_TIME = 500
# Tables that are not of one government; a table that has no government's number and is not here fails a test.
KEPT_BACK: Mapping[str, str] = MappingProxyType(
    {
        "heartbeat": "when the installation's processes were last heard: not of a government",
        "mail_stop": "when the mail of the whole installation was stopped: not of a government",
        "projection_request": "a queue: which figures are to be computed again",
    }
)
# Secrets, and what stands elsewhere in the archive.
KEPT_BACK_COLUMNS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "account": {
            "password_hash": "secret",
            "session_version": "secret: part of what keeps somebody signed in",
            "calendar_digest": "secret: of the address of a calendar",
        },
        "api_key": {"digest": "secret: of a key for programs"},
        "instrument_document": {"content": "stands under instruments/ as a file"},
    }
)
# Columns that name a stored file which is not packed.
KEPT_BACK_FILES: Mapping[InstrumentedAttribute[Any], str] = MappingProxyType(
    {
        BuiltFile.file_key: "a copy: packages, reports and earlier archives",
        UploadPiece.file_key: "a part of an upload that was never finished",
    }
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file a row refers to: its name in the storage, which is its SHA-256, and its path in the archive."""

    key: str
    path: str


def list_tables() -> Sequence[Table]:
    """Every table that holds rows of a government, by name."""
    tables = (table for name, table in sorted(db.metadata.tables.items()) if name not in KEPT_BACK)
    return [table for table in tables if _is_of_government(table)]


def _is_of_government(table: Table) -> bool:
    return "government_id" in table.c or table is Government.__table__


def columns_of(table: Table) -> Sequence[str]:
    """The columns of a table that are archived, in their order."""
    kept_back = KEPT_BACK_COLUMNS.get(table.name, {})
    return [column.name for column in table.columns if column.name not in kept_back]


def of_government(table: Table, government_id: int) -> ColumnElement[bool]:
    """Which rows of a table are the government's."""
    number = table.c.id if table is Government.__table__ else table.c.government_id
    return number == government_id


def rows(connection: Connection, table: Table, government_id: int) -> Iterator[str]:
    """The rows of a table as lines of JSON, by primary key; the database writes them and sends them in pieces."""
    columns = [table.c[name] for name in columns_of(table)]
    inner = (
        select(*columns).where(of_government(table, government_id)).order_by(*table.primary_key).subquery("r")
    )
    # The whole row by the subquery's name: figures, dates and JSON come out as PostgreSQL has them, exactly.
    line = cast(func.row_to_json(literal_column("r")), String)
    yield from _streamed(connection, select(line).select_from(inner)).scalars()


def list_files(connection: Connection, government_id: int) -> Sequence[StoredFile]:
    """The files to pack, by path."""
    found = [each for find in _FILES.values() for each in find(connection, government_id)]
    return sorted(found, key=lambda each: each.path)


def _evidence_versions(connection: Connection, government_id: int) -> Iterator[StoredFile]:
    wanted = (
        select(
            EvidenceVersion.file_key,
            EvidenceVersion.file_name,
            EvidenceVersion.number,
            EvidenceVersion.evidence_id,
            Evidence.title,
            Agency.short_name,
        )
        .join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
        .join(Agency, Agency.id == Evidence.agency_id)
        .where(EvidenceVersion.government_id == government_id, EvidenceVersion.file_key.is_not(None))
    )
    for row in _streamed(connection, wanted):
        folder = f"{safe_title(row.short_name)}/{row.evidence_id}-{safe_title(row.title)}"
        yield StoredFile(row.file_key, f"files/evidence/{folder}/{row.number}-{_safe(row.file_name)}")


def _revisions(connection: Connection, government_id: int) -> Iterator[StoredFile]:
    revision = AssessmentRevision
    wanted = (
        select(revision.file_key, revision.file_name, revision.number, Assessment.id, Assessment.year)
        .join(Assessment, Assessment.id == revision.assessment_id)
        .where(revision.government_id == government_id, revision.file_key.is_not(None))
    )
    for row in _streamed(connection, wanted):
        folder = f"files/assessments/{row.year}-{row.id}"
        yield StoredFile(row.file_key, f"{folder}/{row.number}-{_safe(row.file_name)}")


def _drafts(connection: Connection, government_id: int) -> Iterator[StoredFile]:
    draft = AssessmentDraft
    wanted = select(draft.file_key, draft.file_name, draft.id).where(
        draft.government_id == government_id, draft.file_key.is_not(None)
    )
    for row in _streamed(connection, wanted):
        yield StoredFile(row.file_key, f"files/imports/{row.id}-{_safe(row.file_name)}")


def _logo(connection: Connection, government_id: int) -> Iterator[StoredFile]:
    wanted = select(Government.logo_key).where(
        Government.id == government_id, Government.logo_key.is_not(None)
    )
    for row in _streamed(connection, wanted):
        yield StoredFile(row.logo_key, "files/logo")


_FILES: Mapping[InstrumentedAttribute[Any], Any] = MappingProxyType(
    {
        EvidenceVersion.file_key: _evidence_versions,
        AssessmentRevision.file_key: _revisions,
        AssessmentDraft.file_key: _drafts,
        Government.logo_key: _logo,
    }
)
PACKED_FILES = frozenset(_FILES)


def list_instruments(connection: Connection, government_id: int) -> Mapping[str, bytes | None]:
    """The ids of all instruments its rows are about, in order; with the file of those it brought along itself."""
    used = union(
        *(
            select(table.c.instrument_id).where(of_government(table, government_id))
            for table in list_tables()
            if "instrument_id" in table.c
        )
    )
    own = select(InstrumentDocument.instrument_id, InstrumentDocument.content).where(
        InstrumentDocument.government_id == government_id
    )
    contents = {row.instrument_id: row.content for row in connection.execute(own)}
    return {each: contents.get(each) for each in sorted(connection.scalars(used))}


def list_outsiders(connection: Connection, government_id: int) -> Sequence[Mapping[str, object]]:
    """The administrators of the installation who did something here: their accounts are not of the government."""
    actors = select(Event.actor_id).where(Event.government_id == government_id)
    wanted = select(Account.id, Account.name).where(Account.government_id.is_(None), Account.id.in_(actors))
    return [dict(row._mapping) for row in connection.execute(wanted.order_by(Account.id))]


def get_name(connection: Connection, government_id: int) -> Mapping[str, object]:
    """What the government is called."""
    wanted = select(Government.id, Government.slug, Government.name, Government.timezone)
    return dict(connection.execute(wanted.where(Government.id == government_id)).one()._mapping)


def _streamed(connection: Connection, wanted: AnySelect) -> Any:
    return connection.execute(wanted, execution_options={"yield_per": AT_A_TIME})


def _safe(file_name: str | None) -> str:
    """A file's own name without anything that a computer might take for more than a name."""
    stem, dot, ending = (file_name or "").rpartition(".")
    return f"{safe_title(stem)}.{safe_title(ending)[:10].lower()}" if dot else safe_title(ending)
