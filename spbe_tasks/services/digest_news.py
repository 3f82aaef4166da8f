"""News that people want in their digest rather than at once."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from spbe_tasks.models import Account
from spbe_tasks.rules.news import NewsKind
from spbe_tasks.rules.preferences import USUAL, NewsWish
from spbe_tasks.rules.reminder_policy import ReminderPolicy
from spbe_tasks.services import mail_preferences
from spbe_tasks.services.queries import digest_lines as queries
from spbe_tasks.services.queries.digest_lines import NewsLine


def readers(session: Session, government_id: int, policy: ReminderPolicy) -> frozenset[int]:
    """Whose digest has news to tell that stands in no mail yet."""
    wishes = mail_preferences.of(session, government_id)
    return frozenset(
        account_id
        for account_id, kind in queries.list_untold_kinds(session, government_id)
        if wishes.get(account_id, USUAL).wish(kind, policy.news_at_once) is NewsWish.DIGEST
    )


def untold(session: Session, account: Account, policy: ReminderPolicy) -> Sequence[NewsLine]:
    """The news a person's digest has to tell, oldest first."""
    preference = mail_preferences.get(session, account.id)
    kinds = [kind for kind in NewsKind if preference.wish(kind, policy.news_at_once) is NewsWish.DIGEST]
    return queries.list_untold(session, account, kinds)
