"""How many mails may go to one domain in a minute: when there is room for the next."""

from collections.abc import Sequence
from datetime import datetime, timedelta

SPAN = timedelta(minutes=1)


def free_at(sent: Sequence[datetime], per_minute: int | None, now: datetime) -> datetime:
    """The first instant from ``now`` on at which one more mail may leave.

    ``sent`` are the earlier ones to the domain, oldest first; ``per_minute`` (1 and up) may leave in any span of a
    minute, None: any number. What lies ahead of ``now``, since a clock was set back, does not hold anything up.
    """
    if per_minute is None:
        return now
    lately = [each for each in sent if now - SPAN < each <= now]
    return now if len(lately) < per_minute else lately[-per_minute] + SPAN
