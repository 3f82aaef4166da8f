"""Which indicators of an older instrument the indicators of a newer one follow. Levels never cross over: tasks do."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """From one instrument to the one after it.

    ``followed`` has every indicator number of the new instrument, with the numbers of the old one it follows (none
    for what was never asked before). ``dropped`` are the old ones that nothing follows. ``is_official`` is False
    where no regulation says so and the table was drawn by subject matter.
    """

    from_id: str
    to_id: str
    is_official: bool
    followed: Mapping[int, tuple[int, ...]]
    dropped: tuple[int, ...]

    def sources_of(self, number: int) -> tuple[int, ...]:
        """The old indicators that the new indicator of that number follows, by number."""
        return self.followed.get(number, ())

    def targets_of(self, number: int) -> tuple[int, ...]:
        """The new indicators that follow the old indicator of that number, by number."""
        return tuple(new for new, old in sorted(self.followed.items()) if number in old)
