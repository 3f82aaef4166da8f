"""All tables of the product; import models from here."""

from spbe_tasks.models.account import Account, Agency, AgencySuccession, Ownership
from spbe_tasks.models.acting import ActingKind, ActingOfficer
from spbe_tasks.models.assessment import (
    Assessment,
    AssessmentDraft,
    AssessmentKind,
    AssessmentRevision,
    LevelPin,
    RevisionCause,
    Score,
)
from spbe_tasks.models.built_file import BuildKind, BuildState, BuiltFile
from spbe_tasks.models.discussion import Comment, CommentMention, News
from spbe_tasks.models.evidence import Evidence, EvidenceUse, EvidenceVersion, Scan, Upload, UploadPiece
from spbe_tasks.models.government import (
    EvaluationCalendar,
    Government,
    GovernmentKind,
    Heartbeat,
    IndexTarget,
    LocalHoliday,
)
from spbe_tasks.models.instrument import InstrumentDocument
from spbe_tasks.models.mail_rules import (
    MailFeedback,
    MailPreference,
    ReminderPolicyVersion,
    Suppression,
    SuppressionReason,
)
from spbe_tasks.models.pack import (
    AssessorNote,
    Pack,
    PackClaim,
    PackEntry,
    PackText,
    PackUse,
)
from spbe_tasks.models.plan import Plan, PolicyVersion, Projection, ProjectionRequest, ProjectionSnapshot
from spbe_tasks.models.reminder import (
    DeliveryAttempt,
    MailHold,
    MailStop,
    Message,
    MessageKind,
    MessageState,
    ReminderIntent,
)
from spbe_tasks.models.scenario import Scenario
from spbe_tasks.models.task import CriterionClaim, Event, KeptConflict, Submission, Task, TaskAncestor
from spbe_tasks.models.task_part import TaskPart
from spbe_tasks.models.task_work import (
    BudgetLine,
    BulkRun,
    CriterionVerdict,
    Extension,
    ExtensionState,
    LevelText,
    Milestone,
    SavedView,
    TaskLabel,
    TypedDraft,
)
from spbe_tasks.rules.news import NewsKind
from spbe_tasks.rules.requirements import ReturnReason

__all__ = [
    "Account",
    "ActingKind",
    "ActingOfficer",
    "Agency",
    "AgencySuccession",
    "Assessment",
    "AssessmentDraft",
    "AssessmentKind",
    "AssessmentRevision",
    "AssessorNote",
    "BudgetLine",
    "BuildKind",
    "BuildState",
    "BuiltFile",
    "BulkRun",
    "Comment",
    "CommentMention",
    "CriterionClaim",
    "CriterionVerdict",
    "DeliveryAttempt",
    "EvaluationCalendar",
    "Event",
    "Evidence",
    "EvidenceUse",
    "EvidenceVersion",
    "Extension",
    "ExtensionState",
    "Government",
    "GovernmentKind",
    "Heartbeat",
    "IndexTarget",
    "InstrumentDocument",
    "KeptConflict",
    "LevelPin",
    "LevelText",
    "LocalHoliday",
    "MailFeedback",
    "MailHold",
    "MailPreference",
    "MailStop",
    "Message",
    "MessageKind",
    "MessageState",
    "Milestone",
    "News",
    "NewsKind",
    "Ownership",
    "Pack",
    "PackClaim",
    "PackEntry",
    "PackText",
    "PackUse",
    "Plan",
    "PolicyVersion",
    "Projection",
    "ProjectionRequest",
    "ProjectionSnapshot",
    "ReminderIntent",
    "ReminderPolicyVersion",
    "ReturnReason",
    "RevisionCause",
    "SavedView",
    "Scan",
    "Scenario",
    "Score",
    "Submission",
    "Suppression",
    "SuppressionReason",
    "Task",
    "TaskAncestor",
    "TaskLabel",
    "TaskPart",
    "TypedDraft",
    "Upload",
    "UploadPiece",
]
