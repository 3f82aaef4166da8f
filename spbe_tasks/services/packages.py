"""What the upload package of a self-assessment pack holds: which stored file goes in under which name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from spbe_tasks.models import EvidenceVersion, Scan
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.evidence import ending_of
from spbe_tasks.rules.instrument import Indicator, Instrument
from spbe_tasks.rules.package import NamedDocument, Use, name_documents
from spbe_tasks.services import packs
from spbe_tasks.services.pack_sheets import Attached, EntrySheet
from spbe_tasks.services.queries import evidence as evidence_queries
from spbe_tasks.services.queries import packs as queries

_Versions = Mapping[tuple[int, int], EvidenceVersion]


class Remark(StrEnum):
    """Why a document of the index has no file beside it."""

    LINK = "link"
    INFECTED = "infected"
    OTHER_AGENCY = "other_agency"


@dataclass(frozen=True, slots=True)
class Document:
    """One document of one indicator: the file stored under ``file_key``; none where ``remark`` says why."""

    named: NamedDocument
    title: str
    file_key: str | None
    size_bytes: int
    url: str | None
    version: int
    remark: Remark | None


@dataclass(frozen=True, slots=True)
class Package:
    """Everything that goes into one ZIP; ``is_whole`` False: of one indicator only."""

    year: int
    instrument: Instrument
    entries: tuple[EntrySheet, ...]
    documents: tuple[Document, ...]
    is_whole: bool

    @property
    def files(self) -> tuple[Document, ...]:
        """Those that have a file."""
        return tuple(each for each in self.documents if each.file_key)

    def indicator(self, document: Document) -> Indicator:
        """The indicator a document is for."""
        return self.instrument.indicator(document.named.indicator_number)


def collect(session: Session, scope: Scope, pack_id: int, number: int | None) -> Package:
    """The package of a pack, or of one of its indicators, as far as the scope sees it.

    Raises NotFoundError for a foreign pack, or an indicator out of sight.
    """
    pack = queries.get_pack(session, scope, pack_id)
    sheet = packs.read(session, scope, pack, number=number)
    attached = [(entry, each) for entry in sheet.entries for each in entry.attached]
    versions = evidence_queries.versions_of(session, {(each.item.id, each.number) for _, each in attached})
    documents = tuple(_documents(attached, versions))
    return Package(pack.year, sheet.instrument, sheet.entries, documents, is_whole=number is None)


def _documents(attached: Sequence[tuple[EntrySheet, Attached]], versions: _Versions) -> Iterator[Document]:
    latest: dict[tuple[int, int], Attached] = {}
    uses = []
    for entry, each in attached:
        number, version = entry.indicator.number, versions[each.item.id, each.number]
        # Handed in by one task in an older version, and shown by another in a newer one: the newer one goes.
        before = latest.get((number, each.item.id))
        if before is None or before.number < each.number:
            latest[number, each.item.id] = each
        ending = ending_of(version.file_name) if version.file_name else None
        uses.append(Use(number, *each.key, each.item.id, each.item.title, ending))
    for named in name_documents(uses):
        each = latest[named.indicator_number, named.document_id]
        yield _document(named, each, versions[each.item.id, each.number])


def _document(named: NamedDocument, each: Attached, version: EvidenceVersion) -> Document:
    remark = _remark(each, version)
    return Document(
        named=named,
        title=each.item.title if each.is_shown else "",
        file_key=None if remark else version.file_key,
        size_bytes=version.size_bytes or 0,
        url=version.url if each.is_shown else None,
        version=each.number,
        remark=remark,
    )


def _remark(each: Attached, version: EvidenceVersion) -> Remark | None:
    if not each.is_shown:
        return Remark.OTHER_AGENCY
    if version.scan is Scan.INFECTED:
        return Remark.INFECTED
    return Remark.LINK if version.url else None
