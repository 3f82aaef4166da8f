"""What a person is told as news, apart from reminders of dates, and whom it concerns."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from spbe_tasks.rules.workflow import Action


class NewsKind(StrEnum):
    """One kind of news; preferences and the policy of a government decide by it."""

    RETURNED = "returned"
    ACCEPTED = "accepted"
    MENTIONED = "mentioned"
    COMMENTED = "commented"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_ANSWERED = "extension_answered"
    ASSIGNED = "assigned"
    SUBMITTED = "submitted"
    FILE_READY = "file_ready"
    DELETION_ASKED = "deletion_asked"
    DELETION_WITHDRAWN = "deletion_withdrawn"


class Audience(StrEnum):
    """Whom a piece of news about a task concerns."""

    SUBMITTERS = "submitters"  # whoever handed in this round
    IN_CHARGE = "in_charge"  # the assignee; while there is none, the agency's focal points
    ASSIGNEE = "assignee"  # only the assignee
    COMMENTERS = "commenters"  # whoever has said something about the task
    REVIEWERS = "reviewers"  # whoever may review


# What doing an action tells, and whom each piece of news concerns; what stands in neither table is told elsewhere
# (mentions by name, extensions and files by their services), or is only seen in the trail.
TOLD_BY: Mapping[Action, NewsKind] = MappingProxyType(
    {
        Action.SUBMIT: NewsKind.SUBMITTED,
        Action.RETURN: NewsKind.RETURNED,
        Action.ACCEPT: NewsKind.ACCEPTED,
        Action.ASSIGN: NewsKind.ASSIGNED,
    }
)
CONCERNS: Mapping[NewsKind, frozenset[Audience]] = MappingProxyType(
    {
        NewsKind.SUBMITTED: frozenset({Audience.REVIEWERS}),
        NewsKind.RETURNED: frozenset({Audience.SUBMITTERS, Audience.IN_CHARGE}),
        NewsKind.ACCEPTED: frozenset({Audience.SUBMITTERS, Audience.IN_CHARGE}),
        NewsKind.ASSIGNED: frozenset({Audience.ASSIGNEE}),
        NewsKind.COMMENTED: frozenset({Audience.IN_CHARGE, Audience.SUBMITTERS, Audience.COMMENTERS}),
    }
)
# What these actions make out of date: nobody has to look any more at what waited for a reviewer.
SETTLES: Mapping[Action, NewsKind] = MappingProxyType(
    {each: NewsKind.SUBMITTED for each in (Action.ACCEPT, Action.RETURN, Action.RECALL)}
)
# Mailed at once whatever somebody chose: it is about everything they have here.
UNREFUSABLE = frozenset({NewsKind.DELETION_ASKED, NewsKind.DELETION_WITHDRAWN})
# Only at the bell: reviewers have a queue of their own, and a ladder of reminders for what waits too long.
NEVER_MAILED = frozenset({NewsKind.SUBMITTED})
