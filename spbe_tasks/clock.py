"""The only reads of the wall clock. Entry points read it once and pass it down."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_offset = timedelta(0)


def set_offset(seconds: int) -> None:
    """Move the product's clock, for tests and demos; ``Settings`` refuses it when mail could leave the machine."""
    global _offset  # noqa: PLW0603 - one clock per process
    _offset = timedelta(seconds=seconds)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) + _offset


def today(zone: str) -> date:
    """The date it is now in ``zone`` (an IANA name such as ``Asia/Pontianak``)."""
    return now().astimezone(ZoneInfo(zone)).date()
