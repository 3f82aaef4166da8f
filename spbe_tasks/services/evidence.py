"""Evidence (data dukung): files and links of an agency, their versions, and the criteria of tasks they are to show."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from spbe_tasks.models import Evidence, EvidenceUse, EvidenceVersion, Scan, Task
from spbe_tasks.rules import evidence as rules
from spbe_tasks.rules.access import Capability, Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, Problem
from spbe_tasks.rules.evidence import Place
from spbe_tasks.rules.workflow import Action, transition
from spbe_tasks.services import criteria, instruments, trail
from spbe_tasks.services.queries import evidence as queries
from spbe_tasks.services.queries import people
from spbe_tasks.services.queries import tasks as task_queries
from spbe_tasks.services.queries.evidence import EvidenceItem
from spbe_tasks.services.tasks import actor_of, facts_of
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


def attach(
    work: Work, scope: Scope, task_id: int, places: Collection[Place], evidence_id: int, *, now: datetime
) -> int:
    """Let an evidence show criteria (level, letter) of a task; returns for how many it did not already.

    The task's version does not rise: evidence is added beside what others type, never over it. The task is locked, so
    that what is handed in has it whole or not at all.

    Raises NotFoundError for a task or an evidence out of sight, the errors of ``workflow.transition`` when it is not
    this person's turn, ConflictError ("plan.closed"), and InvalidInputError for a criterion the task does not ask for
    or an evidence that is infected or removed.
    """
    task = _task_at_work(work, scope, task_id)
    row = queries.get_evidence(work.session, scope, evidence_id, for_update=True)
    _check_places(work.session, task, places)
    check_usable(work.session, row)
    standing = {(use.level, use.letter) for use in queries.list_uses(work.session, task.id, row.id)}
    wanted = sorted(set(places) - standing)
    assert scope.account_id is not None  # only people of the agency attach
    for level, letter in wanted:
        work.session.add(
            EvidenceUse(
                government_id=task.government_id,
                task_id=task.id,
                level=level,
                letter=letter,
                evidence_id=row.id,
                added_by_id=scope.account_id,
                added_at=now,
            )
        )
    if wanted:
        work.session.flush()
        _record_on_task(work, scope, task, "attach_evidence", row=row, places=wanted, now=now)
    return len(wanted)


def detach(
    work: Work, scope: Scope, task_id: int, places: Collection[Place], evidence_id: int, *, now: datetime
) -> int:
    """Take an evidence away from criteria of a task; returns from how many. It stays in the library.

    Raises NotFoundError for a task or an evidence out of sight, and as ``attach`` when it is not this person's turn.
    """
    task = _task_at_work(work, scope, task_id)
    row = queries.get_evidence(work.session, scope, evidence_id)
    wanted = set(places)
    uses = [
        use for use in queries.list_uses(work.session, task.id, row.id) if (use.level, use.letter) in wanted
    ]
    for use in uses:
        work.session.delete(use)
    taken = [(use.level, use.letter) for use in uses]
    if uses:
        work.session.flush()
        _record_on_task(work, scope, task, "detach_evidence", row=row, places=taken, now=now)
    return len(uses)


def of_task(session: Session, task: Task) -> Mapping[Place, tuple[EvidenceItem, ...]]:
    """The evidence of a task that was got through a scope, by criterion; one without any is left out.

    A page that reads more takes ``queries.evidence.of_task`` into its bundle, and ``by_place``.
    """
    return queries.read_task(session, task.id)


def get_changeable(work: Work, scope: Scope, evidence_id: int, version: int | None) -> Evidence:
    """An evidence, locked, that this person may change: their own agency's, and not removed.

    Raises NotFoundError when out of sight or removed, ForbiddenError when it is another agency's or they do not work on
    tasks, and ConflictError ("evidence.stale_version") when somebody else changed it.
    """
    row = queries.get_evidence(work.session, scope, evidence_id, for_update=True)
    if not may_change(scope, row.agency_id):
        raise ForbiddenError("evidence.not_yours")
    if row.removed_at is not None:
        raise NotFoundError("evidence.not_found")
    if version is not None and row.version != version:
        raise ConflictError("evidence.stale_version")
    return row


def may_change(scope: Scope, agency_id: int) -> bool:
    """Whether the person keeps the evidence of this agency: works on tasks there, or coordinates."""
    return scope.may(Capability.WORK_ON_TASKS) and (scope.sees_all_agencies or scope.agency_id == agency_id)


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


def _task_at_work(work: Work, scope: Scope, task_id: int) -> Task:
    """The task, locked, while its agency may say what shows its criteria."""
    task = task_queries.get_task(work.session, scope, task_id, for_update=True)
    facts = facts_of(work.session, task, instruments.of(work.session, task.plan))
    transition(facts, Action.CLAIM, actor_of(scope), given={})
    return task


def _check_places(session: Session, task: Task, places: Collection[Place]) -> None:
    asked = criteria.asked_places(task, instruments.of(session, task.plan))
    strangers = [
        Problem("criterion.not_asked", params={"level": level, "letter": letter})
        for level, letter in sorted(set(places) - asked)
    ]
    if strangers:
        raise InvalidInputError(strangers)


def check_usable(session: Session, row: Evidence) -> None:
    """Raise InvalidInputError when an evidence was removed, or is infected: neither shows anything."""
    if row.removed_at is not None:
        raise InvalidInputError.of("evidence.removed", "evidence_id")
    newest = queries.list_versions(session, row.id)[0]
    if newest.scan is Scan.INFECTED:
        raise InvalidInputError.of(
            "evidence.infected", "evidence_id", name=newest.file_name or "?", threat=newest.threat or "?"
        )


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


def _record_on_task(
    work: Work,
    scope: Scope,
    task: Task,
    action: str,
    *,
    row: Evidence,
    places: Collection[Place],
    now: datetime,
) -> None:
    data = {
        "evidence": row.id,
        "title": row.title,
        "criteria": ", ".join(f"{level}.{letter}" for level, letter in places),
    }
    trail.record_by(work, scope, action, ("task", task.id), now=now, data=data)
