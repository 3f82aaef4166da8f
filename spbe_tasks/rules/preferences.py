"""What a person wants mailed, and when: a matter of choice for digests and news, never for escalations."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from spbe_tasks.rules.news import UNREFUSABLE


class Cadence(StrEnum):
    """How often a person wants the digest; escalations and briefs are not a matter of choice."""

    DAILY = "daily"
    WEEKLY = "weekly"  # on the first working day of the week
    NEVER = "never"


class NewsWish(StrEnum):
    """How a person wants to be mailed one kind of news; the bell shows it in any case."""

    AT_ONCE = "at_once"
    DIGEST = "digest"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Preference:
    """What one person chose. ``news`` holds the kinds of news they chose for; the others follow the government.

    ``wants_monthly`` counts for leaders, who alone are sent the brief of the month.
    """

    cadence: Cadence = Cadence.DAILY
    news: Mapping[str, NewsWish] = field(default_factory=lambda: MappingProxyType({}))
    wants_monthly: bool = True

    def wish(self, kind: str, at_once: Collection[str]) -> NewsWish:
        """How news of ``kind`` (a ``NewsKind``'s value) is to be mailed; ``at_once`` are those of the government.

        What would stand in the digest is not mailed to who wants no digest. Some news is not a matter of choice.
        """
        if kind in UNREFUSABLE:
            return NewsWish.AT_ONCE
        usual = NewsWish.AT_ONCE if kind in at_once else NewsWish.DIGEST
        wish = self.news.get(kind, usual)
        return NewsWish.NEVER if wish is NewsWish.DIGEST and self.cadence is Cadence.NEVER else wish

    def to_settings(self) -> dict[str, object]:
        """The choice as JSON; ``from_settings`` reads it back."""
        news = {kind: wish.value for kind, wish in self.news.items()}
        return {"cadence": self.cadence.value, "news": news, "wants_monthly": self.wants_monthly}

    @classmethod
    def from_settings(cls, raw: Mapping[str, Any]) -> "Preference":
        """What ``to_settings`` made; an earlier version of it did not speak of the brief of the month."""
        news = {kind: NewsWish(wish) for kind, wish in raw["news"].items()}
        return cls(Cadence(raw["cadence"]), news, raw.get("wants_monthly", True))


# What counts for whoever chose nothing.
USUAL = Preference()
