"""What a round of sending knows of each government while it lasts: calendar, policy, people, how much has left."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from spbe_tasks.models import Government
from spbe_tasks.rules.calendar import WorkCalendar, local_date
from spbe_tasks.rules.pacing import SPAN, free_at
from spbe_tasks.rules.reminder_policy import ReminderPolicy
from spbe_tasks.services import calendars, reminder_facts
from spbe_tasks.services.letters import Sender
from spbe_tasks.services.outbox import DEFAULT_ZONE
from spbe_tasks.services.queries import sending as queries
from spbe_tasks.services.reminder_facts import Ground

PRODUCT = "SPBE Tasks"
NO_GOVERNMENT = Sender(PRODUCT, PRODUCT, DEFAULT_ZONE, reply_to=None, contact=None)


@dataclass
class Standing:
    """One government on one local day. ``left`` counts the mails handed over; by domain, when that was."""

    ground: Ground
    sender: Sender
    left: int
    lately: dict[str, list[datetime]]
    is_released: bool = False
    put_off: dict[str, int] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The government's local day."""
        return self.ground.day.today

    @property
    def calendar(self) -> WorkCalendar:
        """Its working days."""
        return self.ground.day.calendar

    @property
    def policy(self) -> ReminderPolicy:
        """Its rules for reminders and mail."""
        return self.ground.day.policy

    @property
    def is_full(self) -> bool:
        """Whether the day's most messages have left and nobody has released the rest."""
        return self.left >= self.policy.daily_cap and not self.is_released

    def wait_for(self, domain: str, now: datetime) -> datetime | None:
        """When a mail to ``domain`` may leave that may not now, after those put off before it; None: it may."""
        per_minute = self.policy.per_domain_per_minute
        free = free_at(self.lately.get(domain, ()), per_minute, now)
        if free <= now or per_minute is None:
            return None
        before = self.put_off.get(domain, 0)
        self.put_off[domain] = before + 1
        return free + SPAN * (before // per_minute)

    def count(self, domain: str, now: datetime) -> None:
        """Note that a mail leaves."""
        self.left += 1
        self.lately.setdefault(domain, []).append(now)


@dataclass
class Round:
    """What is read once and then holds for the whole round, which is to be short: at most about a minute."""

    governments: dict[tuple[int, date], Standing] = field(default_factory=dict)

    def standing(self, session: Session, government: Government, now: datetime) -> Standing:
        """The government on the local day of ``now``."""
        key = (government.id, local_date(now, government.timezone))
        if key not in self.governments:
            self.governments[key] = _load(session, government, key[1], now)
        return self.governments[key]


def domain_of(address: str) -> str:
    """Where mail to ``address`` goes."""
    return address.rpartition("@")[2].lower()


def _load(session: Session, government: Government, today: date, now: datetime) -> Standing:
    midnight = datetime.combine(today, time.min, ZoneInfo(government.timezone))
    ground = reminder_facts.ground(session, government.id, today, calendars.load(session, government))
    policy = ground.day.policy
    hold = queries.find_hold(session, government.id, today)
    lately: dict[str, Sequence[datetime]] = {}
    if policy.per_domain_per_minute is not None:
        lately = dict(queries.list_handed_over(session, government.id, now - timedelta(minutes=1)))
    return Standing(
        ground=ground,
        sender=sender_of(session, government),
        left=queries.count_handed_over(session, government.id, midnight),
        lately={domain: list(times) for domain, times in lately.items()},
        is_released=hold is not None and hold.released_at is not None,
    )


def sender_of(session: Session, government: Government) -> Sender:
    """On whose behalf a government's mail goes out, and whom people may ask."""
    contact = queries.find_contact(session, government.id)
    words = f"{contact.name} ({government.reply_to or contact.email})" if contact else government.reply_to
    return Sender(
        government_name=government.name,
        name=government.sender_name,
        zone=government.timezone,
        reply_to=government.reply_to,
        contact=words,
    )
