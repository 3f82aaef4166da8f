"""News: what a person is told apart from dates, at the bell at once and in one mail."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert

from spbe_tasks.models import News, NewsKind
from spbe_tasks.work import Work

LONGEST_WORDS = 200


def tell(
    work: Work,
    kind: NewsKind,
    account_ids: Iterable[int],
    *,
    government_id: int,
    actor_id: int | None,
    now: datetime,
    task_id: int | None = None,
    words: str = "",
) -> None:
    """Tell these people, each once and never the one whose doing it is; ``words`` is cut to a line."""
    line = " ".join(words.split())
    if len(line) > LONGEST_WORDS:
        line = line[: LONGEST_WORDS - 1] + "…"
    rows = [
        {
            "government_id": government_id,
            "account_id": account_id,
            "kind": kind,
            "task_id": task_id,
            "actor_id": actor_id,
            "words": line,
            "at": now,
        }
        for account_id in sorted(set(account_ids) - {actor_id})
    ]
    if rows:
        work.session.execute(insert(News), rows)
