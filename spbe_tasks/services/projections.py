"""The projected index: asked for with every change that matters, rebuilt from facts by a worker."""

from spbe_tasks.jobs import Job
from spbe_tasks.models import ProjectionRequest
from spbe_tasks.work import Work


def request(work: Work, plan_id: int) -> None:
    """Say that facts of the plan changed: a row that the next rebuild takes away, and a job to do it soon."""
    work.session.add(ProjectionRequest(plan_id=plan_id))
    work.after_commit(Job.REBUILD_PROJECTION, plan_id)
