"""On which terms each kind of file is built: for whom, how long it is kept, whether the page of reports offers it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from spbe_tasks.models import BuildKind
from spbe_tasks.rules.access import Capability, Scope

_UPLOADED_SOON = timedelta(days=7)
# A report is cited a year later, when the next result is discussed.
_CITED_LATER = timedelta(days=400)
# It holds everything, so it does not lie about longer than it takes to carry it away.
_CARRIED_AWAY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Terms:
    """``needs``: who may ask for one. A report has a ``format`` people know, such as "XLSX"; what has none is asked for
    elsewhere. ``of_plan``: its subject names a plan and its year.
    """

    needs: Capability
    kept_for: timedelta
    format: str | None = None
    of_plan: bool = True


# Every kind that can be built, reports in the order of their page; ``building.run.BUILDERS`` has the same ones.
TERMS: Mapping[BuildKind, Terms] = MappingProxyType(
    {
        BuildKind.EVIDENCE_PACKAGE: Terms(Capability.EXPORT_TASKS, _UPLOADED_SOON, of_plan=False),
        BuildKind.MEETING_REPORT: Terms(Capability.EXPORT_TASKS, _CITED_LATER, "PDF"),
        BuildKind.PLAN_WORKBOOK: Terms(Capability.EXPORT_TASKS, _CITED_LATER, "XLSX"),
        BuildKind.FOLLOW_UP_SHEET: Terms(Capability.EXPORT_TASKS, _CITED_LATER, "XLSX"),
        BuildKind.GOVERNMENT_ARCHIVE: Terms(
            Capability.MANAGE_GOVERNMENT, _CARRIED_AWAY, "ZIP", of_plan=False
        ),
    }
)
REPORTS: Mapping[BuildKind, Terms] = MappingProxyType(
    {kind: terms for kind, terms in TERMS.items() if terms.format is not None}
)


def reports_for(scope: Scope) -> Mapping[BuildKind, Terms]:
    """The reports that a person may ask for, in order."""
    return {kind: terms for kind, terms in REPORTS.items() if scope.may(terms.needs)}
