"""Letters with invented contents, one of every sort: for the gallery, and whoever changes a template."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from spbe_tasks.models import MessageKind
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.digest import digest_groups
from spbe_tasks.rules.forecast import Forecast, Outcome, Span
from spbe_tasks.rules.ladder import Level
from spbe_tasks.rules.news import NewsKind
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.briefs import Brief
from spbe_tasks.services.digest_parts import ExpiringLine, ReviewLine
from spbe_tasks.services.digests import Digest, Line
from spbe_tasks.services.escalations import EscalatedAgency, EscalatedTask
from spbe_tasks.services.forecast_record import StoredForecast
from spbe_tasks.services.letters import Body, Hold, Letter, Person, Sender
from spbe_tasks.services.monthly_briefs import Change, MonthlyBrief, ToldAgency, ToldFigure
from spbe_tasks.services.queries.digest_lines import NewsLine


@dataclass(frozen=True, slots=True)
class Sample:
    """A sort of mail: what makes it differ from the others of its kind stands in ``body``."""

    kind: MessageKind
    role: Role
    body: Callable[[datetime, date], Body | None]


def letter(name: str, sender: Sender, locale: str, *, now: datetime, today: date) -> Letter:
    """The sample ``name`` of ``SAMPLES`` as ``sender`` would send it at ``now``, to somebody of this language."""
    sample = SAMPLES[name]
    agency = "Dinas Kesehatan" if sample.role in {Role.FOCAL_POINT, Role.AGENCY_HEAD} else None
    return Letter(
        message_id=0,
        kind=sample.kind,
        at=now,
        person=Person(0, 0, "Sari Wulandari", "sari.wulandari@contoh.example", locale, sample.role, agency),
        sender=sender,
        body=sample.body(now, today),
    )


def _digest(_now: datetime, today: date) -> Digest:
    lines = (
        Line(
            1, 33, "Audit Keamanan SPBE", State.IN_PROGRESS, today - timedelta(days=3), Decimal("0.055"), True
        ),
        Line(2, 1, "Kebijakan Internal Arsitektur SPBE", State.RETURNED, today, Decimal("0.013"), True),
        Line(
            3,
            8,
            "Kebijakan Internal Manajemen Keamanan Informasi",
            State.ASSIGNED,
            today + timedelta(days=2),
            Decimal("0.026"),
            False,
        ),
        Line(
            4,
            21,
            "Penerapan Manajemen Risiko SPBE",
            State.BLOCKED,
            today + timedelta(days=40),
            Decimal("0.03"),
            False,
        ),
    )
    return Digest(today, digest_groups(lines, today), (), news=_news(_now, today)[2:])


def _reviewer_digest(_now: datetime, today: date) -> Digest:
    reviews = (
        ReviewLine(
            5,
            12,
            "Penerapan Peta Rencana SPBE",
            "Badan Perencanaan Pembangunan Daerah",
            today - timedelta(days=7),
            5,
            Decimal("0.055"),
            True,
        ),
        ReviewLine(
            6,
            40,
            "Layanan Kearsipan Dinamis",
            "Dinas Perpustakaan dan Arsip",
            today - timedelta(days=3),
            3,
            Decimal("0.0275"),
            False,
        ),
    )
    expiring = (
        ExpiringLine(1, "SK Tim Koordinasi SPBE 2024", "Dinas Kominfo", today + timedelta(days=30), True),
    )
    return Digest(today, {}, (), escalations=_agencies(today)[:1], reviews=reviews, expiring=expiring)


def _brief(_now: datetime, today: date) -> Brief:
    return Brief(today, _agencies(today), ())


def _monthly(now: datetime, today: date) -> MonthlyBrief:
    return MonthlyBrief(
        today=today,
        figures=(
            ToldFigure("baseline", "Hasil 2024", Fraction("3.06"), "Baik"),
            ToldFigure("secured", "Terkunci", Fraction("3.21"), "Baik"),
            ToldFigure("expected", "Perkiraan", Fraction("3.44"), "Baik"),
            ToldFigure("target", "Target", Fraction("3.5"), "Sangat Baik"),
        ),
        change=Change(today - timedelta(days=30), Fraction("0.05")),
        agencies=(
            ToldAgency("Dinas Kominfo", Fraction("0.175")),
            ToldAgency("Inspektorat", Fraction("0.05")),
            ToldAgency("Badan Kepegawaian", Fraction("0.0275")),
        ),
        overdue=3,
        waiting=4,
        blocked=1,
        rebuilt_at=now - timedelta(minutes=5),
        is_stale=False,
        forecast=_forecast(now, today),
    )


def _forecast(now: datetime, today: date) -> StoredForecast:
    reached = Span(60, 85, 130)
    outcome = Outcome(ceiling=Fraction("3.62"), reached=reached, by_horizon=None, index=None)
    return StoredForecast(
        plan_id=0,
        as_of_on=today,
        made_at=now,
        target=Fraction("3.5"),
        window_on=None,
        discount=None,
        finished=40,
        open=20,
        forecast=Forecast(accepted=outcome, recognised=None, closing=reached, late=None, agencies=()),
        names={},
    )


def _agencies(today: date) -> tuple[EscalatedAgency, ...]:
    return (
        EscalatedAgency(
            1,
            "Inspektorat",
            (
                EscalatedTask(
                    7,
                    33,
                    "Audit Keamanan SPBE",
                    today - timedelta(days=24),
                    Level.EXECUTIVE,
                    17,
                    Decimal("0.055"),
                    True,
                ),
                EscalatedTask(
                    8,
                    31,
                    "Audit Infrastruktur SPBE",
                    today - timedelta(days=22),
                    Level.EXECUTIVE,
                    15,
                    Decimal("0.045"),
                ),
            ),
        ),
        EscalatedAgency(
            2,
            "Badan Kepegawaian",
            (
                EscalatedTask(
                    9,
                    35,
                    "Layanan Kepegawaian",
                    today - timedelta(days=21),
                    Level.EXECUTIVE,
                    14,
                    Decimal("0.0275"),
                ),
            ),
        ),
    )


def _news(now: datetime, _today: date) -> tuple[NewsLine, ...]:
    return (
        NewsLine(
            1,
            NewsKind.RETURNED,
            now - timedelta(hours=2),
            "Tanda tangan pada halaman 3 belum ada.",
            "Budi Santoso",
            2,
            1,
            "Kebijakan Internal Arsitektur SPBE",
        ),
        NewsLine(
            2,
            NewsKind.MENTIONED,
            now - timedelta(hours=1),
            "Mohon dilihat lampirannya.",
            "Rina Kartika",
            3,
            8,
            "Kebijakan Internal Manajemen Keamanan Informasi",
        ),
        NewsLine(
            3,
            NewsKind.EXTENSION_ANSWERED,
            now - timedelta(minutes=20),
            "Disetujui sampai akhir bulan.",
            "Budi Santoso",
            1,
            33,
            "Audit Keamanan SPBE",
        ),
    )


def _hold(_now: datetime, today: date) -> Hold:
    return Hold(today, 1_000)


def _nothing(_now: datetime, _today: date) -> None:
    return None


SAMPLES: Mapping[str, Sample] = MappingProxyType(
    {
        "digest": Sample(MessageKind.DIGEST, Role.FOCAL_POINT, _digest),
        "digest-reviewer": Sample(MessageKind.DIGEST, Role.COORDINATOR, _reviewer_digest),
        "news": Sample(MessageKind.NEWS, Role.FOCAL_POINT, _news),
        "brief": Sample(MessageKind.BRIEF, Role.EXECUTIVE, _brief),
        "monthly": Sample(MessageKind.MONTHLY, Role.EXECUTIVE, _monthly),
        "alert": Sample(MessageKind.ALERT, Role.COORDINATOR, _hold),
        "test": Sample(MessageKind.TEST, Role.COORDINATOR, _nothing),
        "invite": Sample(MessageKind.INVITE, Role.FOCAL_POINT, _nothing),
        "password-reset": Sample(MessageKind.PASSWORD_RESET, Role.FOCAL_POINT, _nothing),
    }
)
