"""Deleting a government with everything in it: asked for by one administrator, confirmed by another, done by a job.

Who may do what is in ``rules/government_deletion``; the database keeps the two people once more.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job
from spbe_tasks.models import Account, BuiltFile, Government, GovernmentDeletion, NewsKind
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import ConflictError, ForbiddenError, InvalidInputError, Problem
from spbe_tasks.rules.government_deletion import Facts, Request, Step, obstacles
from spbe_tasks.services import news, trail
from spbe_tasks.services.queries import government_deletions as queries
from spbe_tasks.services.queries import governments
from spbe_tasks.work import Work

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the deletion of a government stands for one person. ``archive`` is the newest one, however old."""

    facts: Facts
    deletion: GovernmentDeletion | None
    asker: Account | None
    archive: BuiltFile | None
    administrators: int

    def obstacles(self, step: str) -> tuple[str, ...]:
        """The codes of what keeps the person from a step; empty: they may take it."""
        return obstacles(Step(step), self.facts)


def look(session: Session, scope: Scope, *, now: datetime) -> Standing:
    """How it stands, for the page."""
    deletion = queries.find_standing(session, scope)
    return Standing(
        facts=_facts(session, scope, deletion, now),
        deletion=deletion,
        asker=queries.get_asker(session, deletion) if deletion else None,
        archive=queries.find_archive(session, scope),
        administrators=queries.count_administrators(session),
    )


def ask(work: Work, scope: Scope, *, slug: str, reason: str, now: datetime) -> None:
    """Ask for the deletion of the scope's government; its coordinators are told at once.

    Raises ForbiddenError, ConflictError ("deletion.stands_already"), and InvalidInputError when ``slug``, typed by the
    person, is not the government's, or the reason is blank.
    """
    deletion = queries.find_standing(work.session, scope, is_locked=True)
    _check(Step.ASK, _facts(work.session, scope, deletion, now))
    government = governments.get_government(work.session, scope.government_id)
    problems = _problems_of(slug, government)
    if not reason.strip():
        problems.append(Problem("field.required", "reason"))
    if problems:
        raise InvalidInputError(problems)
    values = {
        "government_id": government.id,
        "government_slug": government.slug,
        "government_name": government.name,
        "reason": reason.strip(),
        "asked_at": now,
        "asked_by_id": scope.account_id,
    }
    # Not through the session, which would name the columns that this role must not fill.
    work.session.execute(insert(GovernmentDeletion).values(values))
    work.session.expire(government, ["deletion_asked_at"])
    _record(work, scope, "ask_for_deletion", now, reason=reason.strip())
    _tell(work, scope, NewsKind.DELETION_ASKED, reason, now)


def confirm(work: Work, scope: Scope, deletion_id: int, *, slug: str, now: datetime) -> None:
    """Confirm as the second person: a job deletes the government as soon as this is stored.

    Asks for ``DELETE_GOVERNMENT``. Raises NotFoundError, ForbiddenError, InvalidInputError when ``slug`` is not the
    government's, and ConflictError with what is in the way: the own request, an asker whose account is closed, too
    early, no archive of the last days.
    """
    deletion = queries.lock_standing(work.session, scope, deletion_id)
    _check(Step.CONFIRM, _facts(work.session, scope, deletion, now))
    if problems := _problems_of(slug, governments.get_government(work.session, scope.government_id)):
        raise InvalidInputError(problems)
    archive = queries.find_archive(work.session, scope)
    assert archive is not None  # the rule asked for one
    deletion.confirmed_at, deletion.confirmed_by_id = now, scope.account_id
    deletion.archive_sha256 = archive.file_key  # a stored file's name is its digest
    _record(work, scope, "confirm_deletion", now, archive_sha256=archive.file_key)
    work.after_commit(Job.DELETE_GOVERNMENT, deletion.id)


def withdraw(work: Work, scope: Scope, deletion_id: int, *, now: datetime) -> None:
    """Take the request back, also a confirmed one that is not done yet; coordinators are told.

    Raises NotFoundError and ForbiddenError.
    """
    deletion = queries.lock_standing(work.session, scope, deletion_id)
    _check(Step.WITHDRAW, _facts(work.session, scope, deletion, now))
    deletion.withdrawn_at, deletion.withdrawn_by_id = now, scope.account_id
    work.session.flush()
    work.session.expire(governments.get_government(work.session, scope.government_id), ["deletion_asked_at"])
    _record(work, scope, "withdraw_deletion", now)
    _tell(work, scope, NewsKind.DELETION_WITHDRAWN, "", now)


def sweep(work: Work) -> None:
    """Ask again for confirmed deletions whose job was lost, or that met a mail on its way."""
    for deletion_id in queries.list_confirmed(work.session):
        work.after_commit(Job.DELETE_GOVERNMENT, deletion_id)


def carry_out(work: Work, deletion_id: int, *, now: datetime) -> bool:
    """Delete every row of the government at once, mails that wait among them; whether it is done now.

    False when somebody withdrew it, it is done already, another worker is at it, or a mail is at the mail server just
    now: the sweep asks again. Stored files go later, when nothing refers to them any more.
    """
    deletion = queries.lock_confirmed(work.session, deletion_id)
    if deletion is None:
        return False
    slug = deletion.government_slug
    counts = queries.delete_rows(work.session, deletion_id, now)
    work.session.expire_all()  # whatever the session has read of the government is gone
    if counts is None:
        log.info("government %s is deleted later: a mail of it is on its way", slug)
        return False
    log.warning("government %s is deleted: %s rows", slug, sum(counts.values()))
    return True


def _facts(session: Session, scope: Scope, deletion: GovernmentDeletion | None, now: datetime) -> Facts:
    archive = queries.find_archive(session, scope)
    request = None
    if deletion is not None:
        asker = queries.get_asker(session, deletion)
        request = Request(asker.id, deletion.asked_at, asker.is_active, deletion.confirmed_at is not None)
    archived_at = archive.finished_at if archive else None
    return Facts(scope.role, scope.account_id, request, archived_at, now)


def _problems_of(slug: str, government: Government) -> list[Problem]:
    if slug.strip() == government.slug:
        return []
    return [Problem("deletion.slug_differs", "slug", params={"slug": government.slug})]


def _check(step: Step, facts: Facts) -> None:
    found = obstacles(step, facts)
    if "forbidden" in found:
        raise ForbiddenError
    if found:
        raise ConflictError(found[0])


def _record(work: Work, scope: Scope, action: str, now: datetime, **data: object) -> None:
    trail.record_by(work, scope, action, ("government", scope.government_id), now=now, data=data)


def _tell(work: Work, scope: Scope, kind: NewsKind, words: str, now: datetime) -> None:
    news.tell(
        work,
        kind,
        queries.list_coordinators(work.session, scope),
        government_id=scope.government_id,
        actor_id=scope.account_id,
        now=now,
        words=words,
    )
