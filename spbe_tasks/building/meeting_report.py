"""The report for the meeting: the figures of a plan as a PDF to print and hand round."""

from pathlib import Path

from sqlalchemy.orm import Session

from spbe_tasks import clock
from spbe_tasks.building.builder import Progress, Written
from spbe_tasks.papers import meeting_report
from spbe_tasks.rules.package import safe_title
from spbe_tasks.services import meeting_reports
from spbe_tasks.services.built_files import Order
from spbe_tasks.stored_files import storage

PDF = "application/pdf"


def build(session: Session, order: Order, path: Path, progress: Progress) -> Written:
    """Write the report of ``plan_id`` as the person may see it."""
    plan_id = order.subject["plan_id"]
    assert isinstance(plan_id, int)
    report = meeting_reports.collect(session, order.scope, plan_id, order.locale, now=clock.now())
    key = report.government.logo_key
    path.write_bytes(meeting_report.write(report, storage().read(key) if key else None))
    progress(1, 1)
    name = safe_title(f"{report.government.slug}-{report.overview.plan.year}")
    return Written(f"Laporan_rapat_{name}_{report.today.isoformat()}.pdf", PDF)
