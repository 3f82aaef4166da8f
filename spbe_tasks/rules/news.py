"""What a person is told as news, apart from reminders of dates, and when."""

from enum import StrEnum


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
