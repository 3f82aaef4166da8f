"""What roles, states, kinds and zones are called, in the reader's language: for pages, mails and commands alike."""

from collections.abc import Mapping
from types import MappingProxyType

from spbe_tasks.messages import translate
from spbe_tasks.models import ActingKind, AssessmentKind, BuildKind, ExtensionState, GovernmentKind
from spbe_tasks.rules.access import Role
from spbe_tasks.rules.calendar import HolidayKind
from spbe_tasks.rules.carry_over import Lineage
from spbe_tasks.rules.criterion_evidence import CriterionEvidence
from spbe_tasks.rules.follow_up_status import FollowUp
from spbe_tasks.rules.requirements import Obstacle, ReturnReason
from spbe_tasks.rules.task_kind import TaskKind
from spbe_tasks.rules.workflow import State


def _(text: str) -> str:
    """Mark ``text`` for the catalogue; it is translated when it is shown."""
    return text


# The kinds of government are the regulation's own words in both languages' reports, so they carry a gloss.
LABELS: Mapping[str, str] = MappingProxyType(
    {
        Role.ADMINISTRATOR: _("Administrator"),
        Role.COORDINATOR: _("Coordinator"),
        Role.REVIEWER: _("Reviewer"),
        Role.FOCAL_POINT: _("Focal point"),
        Role.AGENCY_HEAD: _("Head of agency"),
        Role.EXECUTIVE: _("Executive"),
        GovernmentKind.REGENCY: _("Regency"),
        GovernmentKind.CITY: _("City"),
        GovernmentKind.PROVINCE: _("Province"),
        GovernmentKind.MINISTRY: _("Ministry"),
        GovernmentKind.INSTITUTION: _("Non-ministerial institution"),
        HolidayKind.PUBLIC: _("National holiday"),
        HolidayKind.JOINT_LEAVE: _("Joint leave"),
        HolidayKind.LOCAL: _("Local holiday"),
        HolidayKind.WORKING_DAY_OVERRIDE: _("Working day after all"),
        State.PLANNED: _("Planned"),
        State.ASSIGNED: _("Assigned"),
        State.IN_PROGRESS: _("In progress"),
        State.BLOCKED: _("Blocked"),
        State.SUBMITTED: _("Submitted"),
        State.RETURNED: _("Returned"),
        State.ACCEPTED: _("Accepted"),
        State.CANCELLED: _("Cancelled"),
        State.WITHDRAWN: _("Withdrawn"),
        TaskKind.GAP: _("Raise"),
        TaskKind.UPKEEP: _("Upkeep"),
        TaskKind.HAND_MADE: _("Made by hand"),
        Lineage.RECURRING: _("Recurring finding"),
        Lineage.CROSSWALK: _("From the former instrument"),
        Obstacle.NO_BUDGET: _("No budget"),
        Obstacle.NO_PEOPLE: _("Not enough people"),
        Obstacle.WAITS_FOR_OTHERS: _("Waits for somebody else"),
        Obstacle.UNCLEAR: _("Unclear what is asked"),
        Obstacle.OTHER: _("Something else"),
        ReturnReason.WRONG_DOCUMENT: _("Wrong document"),
        ReturnReason.NOT_UPLOADED: _("Not uploaded"),
        ReturnReason.OUTDATED: _("Outdated"),
        ReturnReason.UNSIGNED: _("Not signed"),
        ReturnReason.INCOMPLETE: _("Incomplete"),
        ActingKind.PLT: _("Plt."),
        ActingKind.PLH: _("Plh."),
        ExtensionState.ASKED: _("Waits for an answer"),
        ExtensionState.GRANTED: _("Granted"),
        ExtensionState.REFUSED: _("Refused"),
        ExtensionState.TAKEN_BACK: _("Taken back"),
        ExtensionState.VOID: _("No longer needed"),
        AssessmentKind.SELF: _("Self-assessment"),
        AssessmentKind.DOCUMENT: _("Document assessment"),
        AssessmentKind.INTERVIEW: _("Interview assessment"),
        AssessmentKind.OFFICIAL: _("Evaluation result"),
        FollowUp.CONFORMS: _("Conforms"),
        FollowUp.IN_PROCESS: _("In process"),
        FollowUp.NOT_BEGUN: _("Not followed up yet"),
        FollowUp.CANNOT: _("Cannot be followed up"),
        CriterionEvidence.SHOWN: _("Shown by evidence"),
        CriterionEvidence.EXPIRED: _("Evidence has expired"),
        CriterionEvidence.QUARANTINED: _("Evidence in quarantine"),
        CriterionEvidence.CLAIMED_ONLY: _("Claimed without evidence"),
        CriterionEvidence.MISSING: _("No evidence yet"),
        BuildKind.EVIDENCE_PACKAGE: _("Evidence package"),
        BuildKind.PLAN_WORKBOOK: _("Plan workbook"),
        BuildKind.FOLLOW_UP_SHEET: _("Follow-up status"),
        BuildKind.MEETING_REPORT: _("Report for the meeting"),
        BuildKind.GOVERNMENT_ARCHIVE: _("Archive of everything"),
        "Asia/Jakarta": _("WIB: Sumatra, Java"),
        "Asia/Pontianak": _("WIB: West and Central Kalimantan"),
        "Asia/Makassar": _("WITA: Bali, Nusa Tenggara, South, East and North Kalimantan, Sulawesi"),
        "Asia/Jayapura": _("WIT: Maluku, Papua"),
    }
)


def label(what: str, locale: str) -> str:
    """The word for a role, state, kind of government or holiday, or a zone (IANA name). Raises KeyError otherwise."""
    return translate(LABELS[what], locale)


def built_file(kind: str, subject: Mapping[str, object], locale: str) -> str:
    """What people call a file that was built for them: its kind, with the year and the indicator where it has them."""
    year, number = subject.get("year"), subject.get("number")
    what = translate(LABELS.get(kind, kind), locale)  # one of a former release is shown as it was called
    name = what if year is None else f"{what} {year}"
    if number is None:
        return name
    return translate(_("%(file)s, indicator %(number)s"), locale, file=name, number=number)


def baseline_label(kind: AssessmentKind, year: int, locale: str) -> str:
    """What a plan's starting point is called: only an official result is called the result."""
    words = {
        AssessmentKind.OFFICIAL: _("Result %(year)s"),
        AssessmentKind.SELF: _("Self-assessment %(year)s"),
        AssessmentKind.DOCUMENT: _("Document assessment %(year)s"),
        AssessmentKind.INTERVIEW: _("Interview assessment %(year)s"),
    }
    return translate(words[kind], locale, year=year)
