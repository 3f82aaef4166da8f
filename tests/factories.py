"""One function per model: valid and boring by default, flushed, never committed. A test names what it is about."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import (
    Account,
    ActingKind,
    ActingOfficer,
    Agency,
    ApiKey,
    Assessment,
    AssessmentDraft,
    AssessmentKind,
    AssessmentRevision,
    BudgetLine,
    BuildKind,
    BuildState,
    BuiltFile,
    BulkRun,
    Comment,
    Evidence,
    EvidenceUse,
    EvidenceVersion,
    Extension,
    ExtensionState,
    Government,
    GovernmentKind,
    IndexTarget,
    Message,
    MessageKind,
    MessageState,
    Milestone,
    Ownership,
    Plan,
    PolicyVersion,
    ProjectionSnapshot,
    ReminderIntent,
    SavedView,
    Scenario,
    Score,
    Suppression,
    SuppressionReason,
    Task,
    TaskPart,
    Upload,
    UploadPiece,
)
from spbe_tasks.readers.document import Document, Format, Place, Row
from spbe_tasks.readers.document_json import encode
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.index import STORED_DECIMALS, as_decimal, compute
from spbe_tasks.rules.instrument import PredicateBasis
from spbe_tasks.rules.policy import Policy
from spbe_tasks.rules.policy_settings import settings_of
from spbe_tasks.rules.reminders import IntentState
from spbe_tasks.rules.task_kind import TaskKind, at_stake
from spbe_tasks.rules.workflow import State
from spbe_tasks.services.feeds import digest_of
from spbe_tasks.services.passwords import hash_password

SPBE = "permenpanrb-59-2020"
PEMDI = "permenpanrb-8-2026"
NOW = datetime(2025, 3, 3, 3, 0, tzinfo=UTC)  # a Monday, 10.00 in Ketapang
PASSWORD = "a long enough password"
_PASSWORD_HASH = hash_password(PASSWORD)
_numbers = count(1)
DUE_ON = date(2025, 6, 30)
# Levels below 3 are low and are to reach 3.
POLICY = Policy.simple(Decimal(3), Decimal(3), DUE_ON)


def _store(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def government(session: Session, **values: Any) -> Government:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "slug": f"ketapang-{number}",
        "name": f"Pemerintah Kabupaten Ketapang {number}",
        "kind": GovernmentKind.REGENCY,
        "timezone": "Asia/Pontianak",
        "sender_name": "SPBE Ketapang",
        "send_opens_at": time(7, 30),
        "send_closes_at": time(16, 0),
    }
    return _store(session, Government(**defaults | values))


def agency(session: Session, government: Government, **values: Any) -> Agency:
    number = next(_numbers)
    defaults = {"slug": f"opd-{number}", "name": f"Dinas Nomor {number}", "short_name": f"OPD {number}"}
    return _store(session, Agency(government_id=government.id, **defaults | values))


def account(
    session: Session,
    government: Government | None,
    role: Role = Role.COORDINATOR,
    agency: Agency | None = None,
    **values: Any,
) -> Account:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "email": f"orang{number}@ketapang.example",
        "name": f"Orang {number}",
        "password_hash": _PASSWORD_HASH,
    }
    owner = government.id if government else None
    agency_id = agency.id if agency else None
    return _store(session, Account(government_id=owner, agency_id=agency_id, role=role, **defaults | values))


def administrator(session: Session, **values: Any) -> Account:
    return account(session, None, Role.ADMINISTRATOR, **values)


def ownership(session: Session, agency: Agency, indicator_number: int, **values: Any) -> Ownership:
    defaults = {"instrument_id": SPBE, "is_lead": True}
    return _store(
        session,
        Ownership(
            government_id=agency.government_id,
            agency_id=agency.id,
            indicator_number=indicator_number,
            **defaults | values,
        ),
    )


def revision(
    session: Session,
    government: Government,
    levels: dict[int, int | Decimal | None] | None = None,
    *,
    level: int | Decimal = 2,
    year: int = 2024,
    instrument_id: str = SPBE,
    **values: Any,
) -> AssessmentRevision:
    """A revision of the official assessment with every indicator at ``level`` but those in ``levels``."""
    instrument = get_instrument(instrument_id)
    all_levels = {each.number: Decimal(level) for each in instrument.indicators}
    all_levels |= {n: None if v is None else Decimal(v) for n, v in (levels or {}).items()}  # type: ignore[misc]
    assessment = _store(
        session,
        Assessment(
            government_id=government.id,
            instrument_id=instrument_id,
            year=year,
            kind=AssessmentKind.OFFICIAL,
            predicate_basis=PredicateBasis.UNROUNDED,
        ),
    )
    defaults = {"number": 1, "file_name": "nilai.csv", "file_sha256": "0" * 64, "imported_at": NOW}
    row = _store(
        session,
        AssessmentRevision(
            government_id=government.id,
            assessment_id=assessment.id,
            index_value=as_decimal(compute(instrument, all_levels).index, STORED_DECIMALS),
            **defaults | values,
        ),
    )
    scores = [
        Score(revision_id=row.id, government_id=government.id, indicator_number=number, level=value)
        for number, value in all_levels.items()
    ]
    session.add_all(scores)
    session.flush()
    return row


def policy(session: Session, government: Government, policy: Policy = POLICY, **values: Any) -> PolicyVersion:
    """The next version of the government's policy, made for the plan of 2024."""
    newest = select(func.max(PolicyVersion.number)).where(PolicyVersion.government_id == government.id)
    defaults: dict[str, Any] = {
        "instrument_id": SPBE,
        "year": 2024,
        "number": (session.scalar(newest) or 0) + 1,
        "settings": settings_of(policy),
        "made_at": NOW,
    }
    return _store(session, PolicyVersion(government_id=government.id, **defaults | values))


def scenario(session: Session, government: Government, **values: Any) -> Scenario:
    """A shared scenario of 2024 that raises indicator 5 to level 4, made by nobody in particular."""
    defaults: dict[str, Any] = {
        "instrument_id": SPBE,
        "year": 2024,
        "name": "Coba",
        "levels": {"5": "4"},
        "is_shared": True,
        "changed_at": NOW,
    }
    return _store(session, Scenario(government_id=government.id, **defaults | values))


def draft(
    session: Session,
    government: Government,
    levels: dict[int, str] | None = None,
    *,
    rows: Sequence[Row] | None = None,
    **values: Any,
) -> AssessmentDraft:
    """An import under way of a CSV for the official assessment of 2023: every level "3" but those in ``levels``."""
    numbers = [each.number for each in get_instrument(SPBE).indicators]
    whole = [
        Row(str(number), (levels or {}).get(number, "3"), Place(row=number + 1, column="B"))
        for number in numbers
    ]
    document = Document(Format.CSV, tuple(whole if rows is None else rows), instrument_id=SPBE)
    defaults: dict[str, Any] = {
        "made_at": NOW,
        "changed_at": NOW,
        "file_name": "nilai.csv",
        "file_sha256": "1" * 64,
        "format": document.format,
        "instrument_id": SPBE,
        "year": 2023,
        "kind": AssessmentKind.OFFICIAL,
        "document": encode(document),
        "corrections": {},
    }
    return _store(session, AssessmentDraft(government_id=government.id, **defaults | values))


def plan(session: Session, government: Government, **values: Any) -> Plan:
    """A published plan on a revision with every indicator at level 2, by ``POLICY``."""
    baseline = values.pop("baseline", None) or revision(session, government)
    defaults: dict[str, Any] = {
        "instrument_id": SPBE,
        "year": 2024,
        "counted_from_on": NOW.date(),
        "published_at": NOW,
    }
    if "policy_id" not in values:
        year = values.get("year", defaults["year"])
        defaults["policy_id"] = policy(session, government, year=year).id
    return _store(
        session, Plan(government_id=government.id, baseline_revision_id=baseline.id, **defaults | values)
    )


def task(session: Session, plan: Plan, agency: Agency, indicator_number: int = 33, **values: Any) -> Task:
    """A task of the whole indicator from level 2 to 3, assigned; ``state`` and the rest as the test says."""
    indicator = get_instrument(SPBE).indicator(indicator_number)
    state = values.get("state", State.ASSIGNED)
    defaults: dict[str, Any] = {
        "state": state,
        "title": indicator.short_name("id"),
        "baseline_level": Decimal(2),
        "target_level": Decimal(3),
        "share_numerator": 1,
        "share_denominator": 1,
        "policy_id": plan.policy_id,
        "due_on": DUE_ON,
        "state_changed_at": NOW,
        "published_at": None if state is State.PLANNED else NOW,
    }
    defaults |= values
    defaults["points"] = as_decimal(
        at_stake(
            TaskKind.GAP,
            Fraction(1),
            indicator.weight,
            baseline=defaults["baseline_level"],
            target=defaults["target_level"],
        ),
        STORED_DECIMALS,
    )
    return _store(
        session,
        Task(
            government_id=plan.government_id,
            plan_id=plan.id,
            agency_id=agency.id,
            indicator_number=indicator_number,
            **defaults,
        ),
    )


def snapshot(
    session: Session, plan: Plan, on: date, secured: dict[int, int | Decimal | None], **values: Any
) -> ProjectionSnapshot:
    """A day's figures with every indicator secured and expected at level 2 but those in ``secured``."""
    instrument = get_instrument(plan.instrument_id)
    levels = {each.number: Decimal(2) for each in instrument.indicators}
    levels |= {n: None if v is None else Decimal(v) for n, v in secured.items()}  # type: ignore[misc]
    index = as_decimal(compute(instrument, levels).index, STORED_DECIMALS)
    stored = {str(n): None if level is None else str(level) for n, level in levels.items()}
    defaults: dict[str, Any] = dict.fromkeys(("baseline", "secured", "expected", "potential"), index)
    defaults["levels"] = {"secured": stored, "expected": stored}
    row = ProjectionSnapshot(plan_id=plan.id, on=on, government_id=plan.government_id, **defaults | values)
    return _store(session, row)


def part(session: Session, task: Task, title: str = "Menyusun draf", **values: Any) -> TaskPart:
    """An open part of a task that nobody is in charge of."""
    defaults: dict[str, Any] = {"position": 1, "is_done": False}
    row = TaskPart(government_id=task.government_id, task_id=task.id, title=title, **defaults | values)
    return _store(session, row)


def milestone(session: Session, task: Task, title: str = "Draf selesai", **values: Any) -> Milestone:
    """A step promised for the day on which the task is due."""
    defaults: dict[str, Any] = {"due_on": task.due_on, "first_due_on": task.due_on}
    row = Milestone(government_id=task.government_id, task_id=task.id, title=title, **defaults | values)
    return _store(session, row)


def budget_line(session: Session, task: Task, code: str = "2.16.02.2.03", **values: Any) -> BudgetLine:
    """Ten million rupiah of 2025."""
    defaults: dict[str, Any] = {"name": "Layanan SPBE", "amount": Decimal(10_000_000), "year": 2025}
    row = BudgetLine(government_id=task.government_id, task_id=task.id, code=code, **defaults | values)
    return _store(session, row)


def extension(session: Session, task: Task, asker: Account, **values: Any) -> Extension:
    """A request for a month more that waits for an answer."""
    defaults: dict[str, Any] = {
        "state": ExtensionState.ASKED,
        "reason": "Menunggu tanda tangan.",
        "previous_on": task.due_on,
        "wanted_on": task.due_on + timedelta(days=31),
        "asked_at": NOW,
    }
    row = Extension(
        government_id=task.government_id, task_id=task.id, asked_by_id=asker.id, **defaults | values
    )
    return _store(session, row)


def acting_officer(session: Session, absent: Account, acting: Account, **values: Any) -> ActingOfficer:
    """Plh from the day of ``NOW`` on, without an end."""
    defaults: dict[str, Any] = {"kind": ActingKind.PLH, "from_on": NOW.date(), "made_at": NOW}
    row = ActingOfficer(
        government_id=absent.government_id, absent_id=absent.id, acting_id=acting.id, **defaults | values
    )
    return _store(session, row)


def comment(
    session: Session, task: Task, author: Account, body: str = "Mohon dicek.", **values: Any
) -> Comment:
    """What somebody said about a task."""
    defaults: dict[str, Any] = {"author_id": author.id, "body": body, "written_at": NOW}
    return _store(session, Comment(government_id=task.government_id, task_id=task.id, **defaults | values))


def evidence(session: Session, account: Account, file_key: str, **values: Any) -> Evidence:
    """An evidence of the account's agency in one version: a file of three bytes of text, unless a ``url`` is given."""
    version: dict[str, Any] = {
        "file_key": file_key,
        "file_name": "sk.txt",
        "media_type": "text/plain",
        "size_bytes": 3,
    }
    if "url" in values:
        version = {}
    of_version = ("url", "scan", "threat", "file_name", "media_type")
    version |= {each: values.pop(each) for each in of_version if each in values}
    defaults = {"title": "SK Tim SPBE", "created_by_id": account.id, "created_at": NOW}
    owner = {"government_id": account.government_id, "agency_id": account.agency_id}
    row = _store(session, Evidence(**owner | defaults | values))
    made = {"number": 1, "added_by_id": account.id, "added_at": NOW}
    _store(session, EvidenceVersion(government_id=row.government_id, evidence_id=row.id, **version | made))
    return row


def evidence_use(session: Session, task: Task, row: Evidence, level: int, letter: str) -> EvidenceUse:
    """That an evidence is to show a criterion of a task."""
    return _store(
        session,
        EvidenceUse(
            government_id=task.government_id,
            task_id=task.id,
            level=level,
            letter=letter,
            evidence_id=row.id,
            added_by_id=row.created_by_id,
            added_at=NOW,
        ),
    )


def upload(session: Session, account: Account, *piece_keys: str, **values: Any) -> Upload:
    """A file of the account's agency on its way in; its pieces have three bytes each, and are all if there are any."""
    received = 3 * len(piece_keys)
    defaults = {"file_name": "laporan.pdf", "size_bytes": received or 10, "begun_at": NOW, "touched_at": NOW}
    owner = {"government_id": account.government_id, "account_id": account.id, "agency_id": account.agency_id}
    row = _store(session, Upload(received_bytes=received, **owner | defaults | values))
    for place, key in enumerate(piece_keys):
        at = {"upload_id": row.id, "offset_bytes": 3 * place, "government_id": row.government_id}
        _store(session, UploadPiece(file_key=key, size_bytes=3, **at))
    return row


def index_target(session: Session, government: Government, **values: Any) -> IndexTarget:
    """A target of 3.2, each of another year."""
    taken = select(func.max(IndexTarget.year)).where(IndexTarget.government_id == government.id)
    year = (session.scalar(taken) or 2024) + 1
    defaults: dict[str, Any] = {"year": year, "value": Decimal("3.2"), "source": "RPJMD 2025-2029"}
    return _store(session, IndexTarget(government_id=government.id, **defaults | values))


def intent(session: Session, task: Task, account: Account, **values: Any) -> ReminderIntent:
    """An open intent for the task's present due date, on the rung of the day itself."""
    defaults = {"due_version": task.due_version, "rung": "due", "state": IntentState.OPEN, "planned_at": NOW}
    return _store(
        session,
        ReminderIntent(
            government_id=task.government_id, task_id=task.id, account_id=account.id, **defaults | values
        ),
    )


def message(session: Session, account: Account, **values: Any) -> Message:
    """A digest of the day of ``NOW`` that waits to be sent."""
    defaults: dict[str, Any] = {
        "government_id": account.government_id,
        "kind": MessageKind.DIGEST,
        "local_date": NOW.date(),
        "state": MessageState.PENDING,
        "next_attempt_at": NOW,
    }
    return _store(session, Message(account_id=account.id, **defaults | values))


def suppression(session: Session, account: Account, **values: Any) -> Suppression:
    """That the account's address is not written to, because a mail to it came back."""
    defaults: dict[str, Any] = {
        "reason": SuppressionReason.BOUNCED,
        "detail": "550 5.1.1 no such user",
        "made_at": NOW,
    }
    return _store(
        session,
        Suppression(government_id=account.government_id, address=account.email.lower(), **defaults | values),
    )


def api_key(session: Session, account: Account, secret: str = "", **values: Any) -> ApiKey:
    """A key of a person for programs; without a ``secret`` it is one nobody knows."""
    defaults: dict[str, Any] = {
        "name": "Portal data",
        "digest": digest_of(secret or uuid4().hex),
        "made_at": NOW,
    }
    return _store(
        session,
        ApiKey(account_id=account.id, government_id=account.government_id, **defaults | values),
    )


def scope(account: Account) -> Scope:
    """What this person sees."""
    assert account.government_id is not None
    return Scope(account.government_id, account.id, account.role, account.agency_id)


def built_file(session: Session, account: Account, **values: Any) -> BuiltFile:
    """A package that is ready to be fetched."""
    defaults: dict[str, Any] = {
        "government_id": account.government_id,
        "kind": BuildKind.EVIDENCE_PACKAGE,
        "subject": {},
        "state": BuildState.READY,
        "file_key": "0" * 64,
        "file_name": "paket.zip",
        "media_type": "application/zip",
        "size_bytes": 1_234_567,
        "asked_at": NOW,
        "touched_at": NOW,
        "finished_at": NOW,
        "expires_at": NOW + timedelta(days=7),
    }
    return _store(session, BuiltFile(account_id=account.id, **defaults | values))


def saved_view(session: Session, account: Account, **values: Any) -> SavedView:
    """A view of the overdue tasks that the person keeps to themselves."""
    defaults: dict[str, Any] = {"name": "Terlambat", "query": {"due": "overdue"}, "created_at": NOW}
    return _store(
        session, SavedView(government_id=account.government_id, owner_id=account.id, **defaults | values)
    )


def bulk_run(session: Session, account: Account, task: Task, **values: Any) -> BulkRun:
    """A run that was refused for one task."""
    refused = {"task_id": task.id, "outcome": "refused", "problems": [["task.not_found", {}, None]]}
    defaults: dict[str, Any] = {"action": "comment", "rows": [refused], "at": NOW}
    return _store(
        session, BulkRun(government_id=account.government_id, account_id=account.id, **defaults | values)
    )
