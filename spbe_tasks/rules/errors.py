"""What the rules and services refuse: one tree, told apart by a stable code. No words for people here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in what was given, with the place where it can be mended.

    ``row`` is the line of the file (the first is 1), ``field`` the form field or column, ``value`` what stood there.
    """

    code: str
    field: str | None = None
    row: int | None = None
    value: str | None = None
    params: Mapping[str, object] = dataclass_field(default_factory=dict)


class SpbeError(Exception):
    """Base of everything the product refuses on purpose; ``code`` is stable and has words in ``messages.py``."""

    default_code = "error"

    def __init__(self, code: str | None = None, **params: object) -> None:
        self.code = code or self.default_code
        self.params: dict[str, object] = params
        super().__init__(self.code)


class NotFoundError(SpbeError):
    """The thing does not exist, or this person may not know that it does."""

    default_code = "not_found"


class ForbiddenError(SpbeError):
    """The person is known and may see the thing, but not do this."""

    default_code = "forbidden"


class InvalidTransitionError(SpbeError):
    """The task's present state does not allow this action."""

    default_code = "task.illegal_transition"


class ConflictError(SpbeError):
    """Somebody else was there first: a stale version or a clash of unique keys."""

    default_code = "conflict"


class UnavailableError(SpbeError):
    """Something the product needs does not answer just now; nothing is lost, and the same again works later."""

    default_code = "unavailable"


class InvalidInputError(SpbeError):
    """What was typed or uploaded cannot be taken; every problem is listed at once."""

    default_code = "invalid_input"

    def __init__(self, problems: Sequence[Problem], code: str | None = None, **params: object) -> None:
        super().__init__(code, **params)
        self.problems = tuple(problems)

    @classmethod
    def of(cls, code: str, field: str | None = None, **params: object) -> "InvalidInputError":
        """An error with a single problem, for the common case of one wrong field."""
        return cls((Problem(code, field=field, params=params),))
