"""Who of a government can be told something, by role and agency. Limited by the government's id."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Account, Message, MessageKind, MessageState
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.recipients import People
from spbe_tasks.services.queries.people import ASSIGNABLE_ROLES


def load_roles(session: Session, government_id: int) -> People:
    """Everybody whose account is open, by what they are; nothing yet of absence, addresses and choices."""
    rows = session.execute(
        select(Account.id, Account.role, Account.agency_id)
        .where(Account.government_id == government_id, Account.is_active)
        .order_by(Account.id)
    )
    assignable: dict[int, set[int]] = defaultdict(set)
    of_agency: dict[tuple[Role, int], list[int]] = defaultdict(list)
    of_government: dict[Role, list[int]] = defaultdict(list)
    for account_id, role, agency_id in rows:
        of_government[role].append(account_id)
        if agency_id is not None:
            of_agency[role, agency_id].append(account_id)
            if role in ASSIGNABLE_ROLES:
                assignable[agency_id].add(account_id)
    return People(
        assignable={agency_id: frozenset(ids) for agency_id, ids in assignable.items()},
        focal_points=_by_agency(of_agency, Role.FOCAL_POINT),
        agency_heads=_by_agency(of_agency, Role.AGENCY_HEAD),
        coordinators=tuple(of_government[Role.COORDINATOR]),
        executives=tuple(of_government[Role.EXECUTIVE]),
        reviewers=tuple(of_government[Role.REVIEWER]),
    )


def _by_agency(of_agency: Mapping[tuple[Role, int], list[int]], wanted: Role) -> dict[int, tuple[int, ...]]:
    return {agency_id: tuple(ids) for (role, agency_id), ids in of_agency.items() if role is wanted}


def list_briefed(session: Session, government_id: int) -> Mapping[int, date]:
    """On which local day each person was last made a weekly brief that was not cancelled since."""
    rows = session.execute(
        select(Message.account_id, func.max(Message.local_date))
        .where(
            Message.government_id == government_id,
            Message.kind == MessageKind.BRIEF,
            Message.state != MessageState.CANCELLED,
        )
        .group_by(Message.account_id)
    )
    return {account_id: last for account_id, last in rows}
