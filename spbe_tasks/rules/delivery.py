"""Handing a mail to the mail server: how it can come out, when to try again, when to stop believing in it."""

from datetime import datetime, timedelta
from enum import StrEnum


class HandOver(StrEnum):
    """What is known after the mail server was spoken to.

    UNKNOWN is only the gap between the start of the mail's content and the server's answer to its end: the server
    may have taken it. Everything before that gap, and every answer after it, is certain.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATER = "later"
    UNKNOWN = "unknown"


# Waits after the first, second, ... failed attempt; the last one goes on.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
# About a day. A digest never gets there: the next day's takes its place.
MOST_ATTEMPTS = 10
# When a mail whose hand-over was never answered is repeated, where the government wants that.
REPEAT_AFTER = timedelta(minutes=15)
# Longer than any job can live (the hard limit of jobs is half of it): whoever held the mail is dead.
LEASE = timedelta(minutes=10)


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after ``attempts`` failed ones (1 and up); None: give up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return now + WAITS[min(attempts, len(WAITS)) - 1]
