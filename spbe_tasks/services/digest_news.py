"""News that people want in their digest rather than at once."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from spbe_tasks.models import Account
from spbe_tasks.rules.news import NewsKind
from spbe_tasks.rules.preferences import NewsWish
from spbe_tasks.services.queries import digest_lines as queries
from spbe_tasks.services.queries.digest_lines import NewsLine
from spbe_tasks.services.reminder_facts import Ground


def readers(session: Session, ground: Ground) -> frozenset[int]:
    """Whose digest has news to tell that stands in no mail yet."""
    at_once = ground.day.policy.news_at_once
    return frozenset(
        account_id
        for account_id, kind in queries.list_untold_kinds(session, ground.government_id)
        if ground.preference(account_id).wish(kind, at_once) is NewsWish.DIGEST
    )


def untold(session: Session, account: Account, ground: Ground) -> Sequence[NewsLine]:
    """The news a person's digest has to tell, oldest first."""
    preference, at_once = ground.preference(account.id), ground.day.policy.news_at_once
    kinds = [kind for kind in NewsKind if preference.wish(kind, at_once) is NewsWish.DIGEST]
    return queries.list_untold(session, account, kinds)
