"""The beat table. Every entry asks the database what is due; none is tied to an hour of the day."""

from datetime import timedelta
from typing import Any

from spbe_tasks.jobs import Job


def _every(job: Job, interval: timedelta) -> dict[str, Any]:
    # An entry that waited longer than its interval has a successor already: let it expire.
    return {"task": str(job), "schedule": interval, "options": {"expires": interval.total_seconds()}}


BEAT: dict[str, dict[str, Any]] = {
    "heartbeat": _every(Job.RECORD_HEARTBEAT, timedelta(seconds=15)),
    "sweep-projections": _every(Job.SWEEP_PROJECTIONS, timedelta(seconds=3)),
    "prove-projections": _every(Job.PROVE_PROJECTIONS, timedelta(minutes=1)),
    "sweep-forecasts": _every(Job.SWEEP_FORECASTS, timedelta(minutes=5)),
    "plan-reminders": _every(Job.PLAN_REMINDERS, timedelta(minutes=1)),
    "ask-for-news": _every(Job.ASK_FOR_NEWS, timedelta(seconds=30)),
    "sweep-outbox": _every(Job.SWEEP_OUTBOX, timedelta(seconds=30)),
    "sweep-drafts": _every(Job.SWEEP_DRAFTS, timedelta(minutes=60)),
    "sweep-builds": _every(Job.SWEEP_BUILDS, timedelta(minutes=1)),
    "sweep-deletions": _every(Job.SWEEP_DELETIONS, timedelta(minutes=1)),
    "read-feedback": _every(Job.READ_FEEDBACK, timedelta(minutes=5)),
    "seal-events": _every(Job.SEAL_EVENTS, timedelta(minutes=1)),
}
