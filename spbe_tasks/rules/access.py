"""Who may do what: the one table from role to capabilities, and the scope every query is limited by."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a person is to the government; the administrator alone belongs to the installation."""

    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    REVIEWER = "reviewer"
    FOCAL_POINT = "focal_point"
    AGENCY_HEAD = "agency_head"
    EXECUTIVE = "executive"


class Capability(StrEnum):
    """One kind of thing a person may do. What a task's state adds to that is said in ``workflow``."""

    MANAGE_GOVERNMENTS = "manage_governments"
    MANAGE_GOVERNMENT = "manage_government"
    MANAGE_AGENCIES = "manage_agencies"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_OWNERSHIP = "manage_ownership"
    IMPORT_ASSESSMENTS = "import_assessments"
    MANAGE_PLANS = "manage_plans"
    VIEW_DASHBOARD = "view_dashboard"
    VIEW_AGENCY_FIGURES = "view_agency_figures"
    VIEW_REVIEWER_FIGURES = "view_reviewer_figures"
    VIEW_TASKS = "view_tasks"
    WORK_ON_TASKS = "work_on_tasks"
    REVIEW_TASKS = "review_tasks"
    ASSIGN_TASKS = "assign_tasks"
    EXPORT_TASKS = "export_tasks"
    HAVE_FILES_BUILT = "have_files_built"
    VIEW_OUTBOX = "view_outbox"
    SEND_REMINDERS = "send_reminders"
    VIEW_SYSTEM = "view_system"
    OWN_PROFILE = "own_profile"


# Which files those are, each kind's terms say.
_EVERYBODY = frozenset({Capability.OWN_PROFILE, Capability.VIEW_DASHBOARD, Capability.HAVE_FILES_BUILT})
_READS_TASKS = _EVERYBODY | {Capability.VIEW_TASKS, Capability.EXPORT_TASKS}

# VIEW_SYSTEM speaks of the whole installation, so it is the administrator's: nothing crosses a government.
CAPABILITIES: Mapping[Role, frozenset[Capability]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: _EVERYBODY
        | {
            Capability.MANAGE_GOVERNMENTS,
            Capability.MANAGE_GOVERNMENT,
            Capability.MANAGE_AGENCIES,
            Capability.MANAGE_PEOPLE,
            Capability.VIEW_OUTBOX,
            Capability.VIEW_SYSTEM,
        },
        Role.COORDINATOR: frozenset(Capability) - {Capability.MANAGE_GOVERNMENTS, Capability.VIEW_SYSTEM},
        Role.REVIEWER: _READS_TASKS | {Capability.VIEW_AGENCY_FIGURES, Capability.REVIEW_TASKS},
        Role.FOCAL_POINT: _READS_TASKS | {Capability.WORK_ON_TASKS, Capability.ASSIGN_TASKS},
        Role.AGENCY_HEAD: _READS_TASKS,
        Role.EXECUTIVE: _READS_TASKS | {Capability.VIEW_AGENCY_FIGURES, Capability.VIEW_REVIEWER_FIGURES},
    }
)

_OWN_AGENCY_ONLY = frozenset({Role.FOCAL_POINT, Role.AGENCY_HEAD})


def may(role: Role, capability: Capability) -> bool:
    """Whether the role holds the capability; on which rows, ``Scope`` and (for a task) ``workflow`` say."""
    return capability in CAPABILITIES[role]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose eyes a query looks through: one government, and in it every agency or only the person's own.

    ``account_id`` None is whoever holds the machine: the command line acts without being anybody in particular.
    An acting officer (Plt/Plh) keeps the own ``account_id`` and has role and agency of ``acting_for_id``, the person
    whose position they take.
    """

    government_id: int
    account_id: int | None
    role: Role
    agency_id: int | None = None
    acting_for_id: int | None = None

    @property
    def person_ids(self) -> frozenset[int]:
        """The person, and the one whose position they take: what is put to either is theirs to do."""
        return frozenset(each for each in (self.account_id, self.acting_for_id) if each is not None)

    @property
    def sees_all_agencies(self) -> bool:
        """False for focal points and agency heads: they see ``agency_id`` only, nothing when it is None."""
        return self.role not in _OWN_AGENCY_ONLY

    def may(self, capability: Capability) -> bool:
        """Whether the person holds the capability inside this scope."""
        return may(self.role, capability)
