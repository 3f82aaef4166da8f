"""Agencies (perangkat daerah): opening, renaming, closing. One with open tasks stays open."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from spbe_tasks.models import Agency
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.services import accounts, projections, trail
from spbe_tasks.services.governments import check_slug, propose_slug
from spbe_tasks.services.people_trail import changes
from spbe_tasks.services.queries import people as queries
from spbe_tasks.work import Work

NAMED_TASKS = 3


def create(work: Work, scope: Scope, name: str, short_name: str, *, slug: str = "", now: datetime) -> Agency:
    """Open an agency; without a slug it gets one from its short name. Raises InvalidInputError for a taken slug."""
    accounts.check_name(name)
    slug = slug or propose_slug(short_name)
    check_slug(slug)
    agency = Agency(government_id=scope.government_id, slug=slug, name=name, short_name=short_name)
    try:
        with work.session.begin_nested():
            work.session.add(agency)
    except IntegrityError:
        raise InvalidInputError.of("agency.taken", "short_name") from None
    _record(work, scope, "create_agency", agency, now=now, data={"name": name, "slug": slug})
    return agency


def edit(
    work: Work,
    scope: Scope,
    agency_id: int,
    *,
    name: str,
    short_name: str,
    version: int | None,
    now: datetime,
) -> Agency:
    """Rename an agency; the slug stays, because files and links name it. The figures by agency are rebuilt.

    Raises NotFoundError and ConflictError ("agency.stale_version").
    """
    agency = queries.get_agency(work.session, scope, agency_id)
    if version is not None and agency.version != version:
        raise ConflictError("agency.stale_version")
    changed = changes(
        {"name": agency.name, "short_name": agency.short_name}, {"name": name, "short_name": short_name}
    )
    agency.name, agency.short_name = name, short_name
    if changed:
        projections.request_all(work, agency.government_id)
        _record(work, scope, "edit_agency", agency, now=now, data=changed)
    return agency


def close(work: Work, scope: Scope, agency_id: int, *, now: datetime) -> Agency:
    """Close an agency: it gets no further tasks. Closing it twice changes nothing more.

    Raises NotFoundError, and ConflictError ("agency.has_open_tasks", naming the first of them).
    """
    agency = queries.get_agency(work.session, scope, agency_id)
    open_tasks = queries.list_open_tasks(work.session, scope, agency_id)
    if open_tasks:
        named = ", ".join(f"{task.indicator_number} {task.title}" for task in open_tasks[:NAMED_TASKS])
        more = len(open_tasks) - NAMED_TASKS
        raise ConflictError(
            "agency.has_open_tasks", count=len(open_tasks), tasks=f"{named}, …" if more > 0 else named
        )
    if agency.is_active:
        agency.is_active = False
        _record(work, scope, "close_agency", agency, now=now)
    return agency


def reopen(work: Work, scope: Scope, agency_id: int, *, now: datetime) -> Agency:
    """Let a closed agency take tasks again. Raises NotFoundError."""
    agency = queries.get_agency(work.session, scope, agency_id)
    if not agency.is_active:
        agency.is_active = True
        _record(work, scope, "reopen_agency", agency, now=now)
    return agency


def _record(
    work: Work,
    scope: Scope,
    action: str,
    agency: Agency,
    *,
    now: datetime,
    data: dict[str, object] | None = None,
) -> None:
    trail.record_by(
        work,
        scope,
        action,
        ("agency", agency.id),
        now=now,
        data=data,
    )
