"""Evidence (data dukung): the files and links of an agency, and their versions. What they show: ``evidence_uses``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from spbe_tasks.models import Evidence, EvidenceVersion, Scan
from spbe_tasks.rules import evidence as rules
from spbe_tasks.rules.access import Capability, Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from spbe_tasks.services import trail
from spbe_tasks.services.queries import evidence as queries
from spbe_tasks.services.queries import people
from spbe_tasks.work import Work

# Our own figure: versions are told in one list.
MOST_VERSIONS = 100


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that was judged, scanned and stored already: its key there, and what its content proved it to be."""

    key: str
    name: str
    media_type: str
    size_bytes: int
    scan: Scan = Scan.NOT_SCANNED
    threat: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """The evidence that holds what was given. ``is_new`` False: the agency had it already, under ``item``'s title."""

    item: Evidence
    is_new: bool


def add_file(
    work: Work,
    scope: Scope,
    *,
    agency_id: int,
    stored: StoredFile,
    title: str = "",
    dated_on: date | None = None,
    expires_on: date | None = None,
    now: datetime,
) -> Added:
    """Keep a stored file as evidence of an agency, titled by its name unless it has a title.

    What the agency has already, as the newest version of something, is not kept twice: that one comes back. An infected
    file becomes an evidence of its own that nobody gets.

    Raises ForbiddenError for whoever does not work on tasks, NotFoundError for another agency than one's own, and
    InvalidInputError with everything that is wrong in title and dates.
    """
    _lock_agency(work, scope, agency_id)
    if stored.scan is not Scan.INFECTED:
        known = queries.find_by_content(work.session, scope, agency_id, stored.key)
        if known is not None:
            return Added(known, is_new=False)
    version = EvidenceVersion(
        file_key=stored.key,
        file_name=stored.name,
        media_type=stored.media_type,
        size_bytes=stored.size_bytes,
        scan=stored.scan,
        threat=stored.threat,
    )
    row = _new(
        scope,
        agency_id,
        title.strip() or rules.title_of(stored.name),
        dated_on=dated_on,
        expires_on=expires_on,
        now=now,
    )
    return _add(work, scope, row, version, now=now)


def add_link(
    work: Work,
    scope: Scope,
    *,
    agency_id: int,
    url: str,
    title: str,
    dated_on: date | None = None,
    expires_on: date | None = None,
    now: datetime,
) -> Added:
    """Keep an http or https address as evidence of an agency; one it has already comes back. Raises as ``add_file``."""
    _lock_agency(work, scope, agency_id)
    problem = rules.address_problem(url)
    if problem is not None:
        raise InvalidInputError([problem])
    known = queries.find_by_address(work.session, scope, agency_id, url)
    if known is not None:
        return Added(known, is_new=False)
    row = _new(scope, agency_id, title.strip(), dated_on=dated_on, expires_on=expires_on, now=now)
    return _add(work, scope, row, EvidenceVersion(url=url), now=now)


def add_version(
    work: Work,
    scope: Scope,
    evidence_id: int,
    new: StoredFile | str,
    *,
    version: int | None = None,
    now: datetime,
) -> EvidenceVersion:
    """Put a newer file, or a link, in the place of an evidence; what was handed in keeps the version it had.

    The same content again is no new version: the newest one comes back. Raises NotFoundError when out of sight or
    removed, ForbiddenError for whoever may not change it, ConflictError for a stale ``version``, and InvalidInputError
    for a bad address, too many versions, or an infected file (which ``add_file`` takes into quarantine).
    """
    row = get_changeable(work, scope, evidence_id, version)
    versions = queries.list_versions(work.session, row.id)
    newest = versions[0]
    made = _version_of(new)
    if (made.file_key, made.url) == (newest.file_key, newest.url):
        return newest
    if len(versions) >= MOST_VERSIONS:
        raise InvalidInputError.of("evidence.too_many_versions", maximum=MOST_VERSIONS)
    made.number = newest.number + 1
    _store_version(work, scope, row, made, now=now)
    _record(work, scope, row, "add_evidence_version", now=now, data=_said(made))
    return made


def get_changeable(work: Work, scope: Scope, evidence_id: int, version: int | None) -> Evidence:
    """An evidence, locked, that this person may change: their own agency's, and not removed.

    Raises NotFoundError when out of sight or removed, ForbiddenError when it is another agency's or they do not work on
    tasks, and ConflictError ("evidence.stale_version") when somebody else changed it.
    """
    row = queries.get_evidence(work.session, scope, evidence_id, for_update=True)
    check_may_change(scope, row)
    if version is not None and row.version != version:
        raise ConflictError("evidence.stale_version")
    return row


def may_change(scope: Scope, agency_id: int) -> bool:
    """Whether the person keeps the evidence of this agency: works on tasks there, or coordinates."""
    return scope.may(Capability.WORK_ON_TASKS) and (scope.sees_all_agencies or scope.agency_id == agency_id)


def check_may_change(scope: Scope, row: Evidence) -> None:
    """Raise ForbiddenError unless this person keeps the evidence; NotFoundError when it was removed."""
    if not may_change(scope, row.agency_id):
        raise ForbiddenError("evidence.not_yours")
    if row.removed_at is not None:
        raise NotFoundError("evidence.not_found")


def check_words(row: Evidence) -> None:
    """Raise InvalidInputError with everything that is wrong in title and dates."""
    found = (rules.title_problem(row.title), rules.dates_problem(row.dated_on, row.expires_on))
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise InvalidInputError(problems)


def _lock_agency(work: Work, scope: Scope, agency_id: int) -> None:
    """Two people of one agency who bring the same content at once make one evidence of it."""
    if not scope.may(Capability.WORK_ON_TASKS):
        raise ForbiddenError
    if not may_change(scope, agency_id):
        raise NotFoundError("agency.not_found")
    people.lock_agency(work.session, scope, agency_id)


def _new(
    scope: Scope, agency_id: int, title: str, *, dated_on: date | None, expires_on: date | None, now: datetime
) -> Evidence:
    assert scope.account_id is not None  # evidence is brought by a person
    row = Evidence(
        government_id=scope.government_id,
        agency_id=agency_id,
        title=title,
        dated_on=dated_on,
        expires_on=expires_on,
        created_by_id=scope.account_id,
        created_at=now,
    )
    check_words(row)
    return row


def _add(work: Work, scope: Scope, row: Evidence, version: EvidenceVersion, *, now: datetime) -> Added:
    work.session.add(row)
    work.session.flush()
    version.number = 1
    _store_version(work, scope, row, version, now=now)
    is_infected = version.scan is Scan.INFECTED
    action = "quarantine_evidence" if is_infected else "add_evidence"
    _record(work, scope, row, action, now=now, data={"title": row.title, **_said(version)})
    return Added(row, is_new=True)


def _version_of(new: StoredFile | str) -> EvidenceVersion:
    if isinstance(new, str):
        problem = rules.address_problem(new)
        if problem is not None:
            raise InvalidInputError([problem])
        return EvidenceVersion(url=new)
    if new.scan is Scan.INFECTED:
        raise InvalidInputError.of("evidence.infected", name=new.name, threat=new.threat or "?")
    return EvidenceVersion(
        file_key=new.key,
        file_name=new.name,
        media_type=new.media_type,
        size_bytes=new.size_bytes,
        scan=new.scan,
    )


def _store_version(
    work: Work, scope: Scope, row: Evidence, version: EvidenceVersion, *, now: datetime
) -> None:
    assert scope.account_id is not None
    version.government_id, version.evidence_id = row.government_id, row.id
    version.added_by_id, version.added_at = scope.account_id, now
    work.session.add(version)
    work.session.flush()


def _said(version: EvidenceVersion) -> dict[str, object]:
    said = {
        "number": version.number,
        "file_name": version.file_name,
        "sha256": version.file_key,
        "size_bytes": version.size_bytes,
        "url": version.url,
        "threat": version.threat,
    }
    return {name: value for name, value in said.items() if value is not None}


def _record(
    work: Work, scope: Scope, row: Evidence, action: str, *, now: datetime, data: Mapping[str, object]
) -> None:
    trail.record_by(work, scope, action, ("evidence", row.id), now=now, data=data)
