"""Loads the demo once: the government with its people and assessments, then the history of its plan."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from spbe_tasks.demo.content import Ketapang, Person, read_history, read_ketapang
from spbe_tasks.demo.history import Stage, play
from spbe_tasks.demo.moments import Moments
from spbe_tasks.models import Account, Assessment, AssessmentKind, Government
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.calendar import WorkCalendar, local_date
from spbe_tasks.services import accounts, agencies, assessments, governments, ownership, trail
from spbe_tasks.services.accounts import Details
from spbe_tasks.services.evidence import StoredFile
from spbe_tasks.services.queries import governments as queries
from spbe_tasks.work import Work

COORDINATOR = "koordinator"
# So that whoever tries the product sees one, whatever day it is.
MONTHLY_BRIEF_DAY = 1


def is_loaded(session: Session) -> bool:
    """Whether the demo's government exists."""
    return queries.is_illustrative(session, read_ketapang().slug)


def load(work: Work, papers: Mapping[str, StoredFile], *, now: datetime) -> Government:
    """Load the demo so that its history ends today: everything is done by the services that people use.

    ``papers`` are the documents of ``papers.keep_all``, stored already.

    ``guard.check_allowed`` and ``is_loaded`` have been asked before. All rows are marked as illustrative.
    """
    content, history = read_ketapang(), read_history()
    today = local_date(now, content.timezone)
    moments = Moments(WorkCalendar(zone=content.timezone), today)
    opened = moments.at(history.opened_ago)
    government = _open_government(work, content, now=opened)
    operator = Scope(government.id, account_id=None, role=Role.COORDINATOR)
    agency_ids = _agencies(work, operator, content, now=opened)
    scopes = {
        person.id: _scope(government, account)
        for person in content.people
        for account in (_open_account(work, operator, person, content.password, agency_ids, now=opened),)
    }
    _own(work, operator, content, agency_ids, now=opened)
    _import(work, scopes[COORDINATOR], content, now=opened)
    play(Stage(work, content, history, moments, scopes, agency_ids, papers), coordinator=COORDINATOR, now=now)
    trail.seal(work)
    return government


def _open_government(work: Work, content: Ketapang, *, now: datetime) -> Government:
    government = governments.create(
        work, content.name, content.kind, timezone=content.timezone, slug=content.slug, actor_id=None, now=now
    )
    government.is_illustrative = True
    government.monthly_brief_day = MONTHLY_BRIEF_DAY
    return government


def _agencies(work: Work, operator: Scope, content: Ketapang, *, now: datetime) -> Mapping[str, int]:
    return {
        each["slug"]: agencies.create(
            work, operator, each["name"], each["short_name"], slug=each["slug"], now=now
        ).id
        for each in content.agencies
    }


def _open_account(
    work: Work,
    operator: Scope,
    person: Person,
    password: str,
    agency_ids: Mapping[str, int],
    *,
    now: datetime,
) -> Account:
    if person.role is Role.ADMINISTRATOR:
        account = accounts.add_administrator(work, person.email, person.name, password, now=now)
    else:
        agency_id = agency_ids[person.agency] if person.agency else None
        details = Details(person.name, person.role, person.position, agency_id)
        account = accounts.add_with_password(work, operator, person.email, details, password, now=now)
    account.is_illustrative = True
    return account


def _scope(government: Government, account: Account) -> Scope:
    return Scope(government.id, account.id, account.role, account.agency_id)


def _own(
    work: Work, operator: Scope, content: Ketapang, agency_ids: Mapping[str, int], *, now: datetime
) -> None:
    for number, (lead, *contributors) in content.owners.items():
        ownership.set_row(
            work,
            operator,
            instrument_id=content.instrument_id,
            indicator_number=number,
            lead_id=agency_ids[lead],
            contributor_ids=[agency_ids[slug] for slug in contributors],
            now=now,
        )


def _import(work: Work, coordinator: Scope, content: Ketapang, *, now: datetime) -> None:
    for year, file in content.score_files.items():
        revision = assessments.import_scores(
            work,
            coordinator,
            instrument_id=content.instrument_id,
            year=year,
            kind=AssessmentKind.OFFICIAL,
            file_name=file.name,
            data=file.read_bytes(),
            now=now,
        )
        work.session.get_one(Assessment, revision.assessment_id).is_illustrative = True
