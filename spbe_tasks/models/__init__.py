"""All tables of the product; import models from here."""

from spbe_tasks.models.account import Account, Agency, AgencySuccession, Ownership
from spbe_tasks.models.assessment import (
    Assessment,
    AssessmentDraft,
    AssessmentKind,
    AssessmentRevision,
    LevelPin,
    RevisionCause,
    Score,
)
from spbe_tasks.models.government import (
    EvaluationCalendar,
    Government,
    GovernmentKind,
    Heartbeat,
    IndexTarget,
    LocalHoliday,
)
from spbe_tasks.models.instrument import InstrumentDocument
from spbe_tasks.models.plan import Plan, PolicyVersion, Projection, ProjectionRequest, ProjectionSnapshot
from spbe_tasks.models.reminder import Message, MessageKind, MessageState, ReminderIntent
from spbe_tasks.models.scenario import Scenario
from spbe_tasks.models.task import CriterionClaim, Event, KeptConflict, Submission, Task, TaskAncestor
from spbe_tasks.models.task_part import TaskPart

__all__ = [
    "Account",
    "Agency",
    "AgencySuccession",
    "Assessment",
    "AssessmentDraft",
    "AssessmentKind",
    "AssessmentRevision",
    "CriterionClaim",
    "EvaluationCalendar",
    "Event",
    "Government",
    "GovernmentKind",
    "Heartbeat",
    "IndexTarget",
    "InstrumentDocument",
    "KeptConflict",
    "LevelPin",
    "LocalHoliday",
    "Message",
    "MessageKind",
    "MessageState",
    "Ownership",
    "Plan",
    "PolicyVersion",
    "Projection",
    "ProjectionRequest",
    "ProjectionSnapshot",
    "ReminderIntent",
    "RevisionCause",
    "Scenario",
    "Score",
    "Submission",
    "Task",
    "TaskAncestor",
    "TaskPart",
]
