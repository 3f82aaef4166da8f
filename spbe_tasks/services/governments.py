"""Governments: opening one, its settings, its logo."""

import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime, time

from sqlalchemy.exc import IntegrityError

from spbe_tasks.models import Government, GovernmentKind
from spbe_tasks.rules.calendar import SendWindow, zone_label
from spbe_tasks.rules.errors import ConflictError, InvalidInputError
from spbe_tasks.rules.monthly import FIRST_DAY, LAST_DAY
from spbe_tasks.services import national, projections, trail
from spbe_tasks.services.accounts import check_name, checked_address
from spbe_tasks.services.people_trail import changes
from spbe_tasks.services.queries import governments as queries
from spbe_tasks.work import Work

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LENGTH = 60
# Words that every government's name begins with and that tell none from another.
_LEADING = ("pemerintah-", "pemkab-", "pemkot-", "pemprov-")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a government decides about itself; times are local.

    ``national_name`` is its name in the published results; None leaves it to be found by its own name. From the day
    ``monthly_brief_day`` (1 to 28) of every month on leaders are mailed the brief of the month; None: never.
    """

    name: str
    timezone: str
    sender_name: str
    reply_to: str | None
    send_opens_at: time
    send_closes_at: time
    is_mail_paused: bool
    national_name: str | None = None
    monthly_brief_day: int | None = None
    is_public: bool = False


def propose_slug(name: str) -> str:
    """A slug made of the name's letters and digits: ``Pemerintah Kabupaten Ketapang`` → ``kabupaten-ketapang``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    for word in _LEADING:
        slug = slug.removeprefix(word)
    return slug[:SLUG_LENGTH].strip("-")


def check_slug(slug: str) -> None:
    """Raises InvalidInputError unless ``slug`` is small letters and digits joined by single hyphens."""
    if not SLUG.fullmatch(slug) or len(slug) > SLUG_LENGTH:
        raise InvalidInputError.of("slug.bad", "slug", limit=SLUG_LENGTH)


def create(
    work: Work,
    name: str,
    kind: GovernmentKind,
    *,
    timezone: str,
    slug: str = "",
    actor_id: int | None,
    now: datetime,
) -> Government:
    """Open a government; without a slug it gets one from its name. Mail may leave in usual office hours.

    Raises InvalidInputError for a bad or taken slug and a zone outside Indonesia.
    """
    check_name(name)
    slug = slug or propose_slug(name)
    check_slug(slug)
    zone_label(timezone)
    window = SendWindow()
    government = Government(
        slug=slug,
        name=name,
        kind=kind,
        timezone=timezone,
        sender_name=f"SPBE Tasks {name}",
        send_opens_at=window.opens,
        send_closes_at=window.closes,
    )
    try:
        with work.session.begin_nested():
            work.session.add(government)
    except IntegrityError:
        raise InvalidInputError.of("slug.taken", "slug") from None
    _record(work, "create_government", government, {"name": name, "slug": slug}, actor_id=actor_id, now=now)
    return government


def change_settings(
    work: Work,
    government_id: int,
    settings: Settings,
    *,
    version: int | None,
    actor_id: int | None,
    now: datetime,
) -> Government:
    """Store the settings; a new zone moves the government's days, so its figures are rebuilt.

    Raises InvalidInputError (zone, window, reply address, a name that the national results do not have, a day that not
    every month has) and ConflictError ("government.stale_version").
    """
    government = queries.get_government(work.session, government_id)
    _check_version(government, version)
    zone_label(settings.timezone)
    SendWindow(settings.send_opens_at, settings.send_closes_at)
    national.check_name(government, settings.national_name)
    _check_day(settings.monthly_brief_day)
    after = asdict(settings) | {"reply_to": _reply_address(settings.reply_to)}
    changed = changes({name: getattr(government, name) for name in after}, after)
    for name, value in after.items():
        setattr(government, name, value)
    if "timezone" in changed:
        projections.request_all(work, government.id)
    if changed:
        _record(work, "change_settings", government, changed, actor_id=actor_id, now=now)
    return government


def set_logo(
    work: Work, government_id: int, logo_key: str | None, *, actor_id: int | None, now: datetime
) -> Government:
    """Refer to a stored picture (its SHA-256), or to none: then pages show the product's own mark."""
    government = queries.get_government(work.session, government_id)
    if government.logo_key != logo_key:
        government.logo_key = logo_key
        action = "set_logo" if logo_key else "remove_logo"
        _record(work, action, government, {"key": logo_key}, actor_id=actor_id, now=now)
    return government


def _check_day(day: int | None) -> None:
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise InvalidInputError.of(
            "government.bad_brief_day", "monthly_brief_day", earliest=FIRST_DAY, latest=LAST_DAY
        )


def _check_version(government: Government, version: int | None) -> None:
    if version is not None and government.version != version:
        raise ConflictError("government.stale_version")


def _reply_address(address: str | None) -> str | None:
    if not address:
        return None
    try:
        return checked_address(address)
    except InvalidInputError:
        raise InvalidInputError.of("account.bad_email", "reply_to") from None


def _record(
    work: Work,
    action: str,
    government: Government,
    data: dict[str, object],
    *,
    actor_id: int | None,
    now: datetime,
) -> None:
    trail.record(
        work,
        action,
        ("government", government.id),
        government_id=government.id,
        actor_id=actor_id,
        at=now,
        data=data,
    )
