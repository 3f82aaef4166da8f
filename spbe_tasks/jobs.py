"""The names of all background jobs. The functions behind them are in ``workers/jobs.py``."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType


class Job(StrEnum):
    """A job's name on the queue; it outlives any renaming of code."""

    REBUILD_PROJECTION = "projections.rebuild"
    SWEEP_PROJECTIONS = "projections.sweep"
    PROVE_PROJECTIONS = "projections.prove"
    MAKE_FORECAST = "forecasts.make"
    SWEEP_FORECASTS = "forecasts.sweep"
    PLAN_REMINDERS = "reminders.plan"
    PLAN_GOVERNMENT = "reminders.plan_government"
    ASK_FOR_NEWS = "news.ask"
    SWEEP_OUTBOX = "outbox.sweep"
    READ_FEEDBACK = "mail.read_feedback"
    SEAL_EVENTS = "events.seal"
    SWEEP_DRAFTS = "assessments.sweep_drafts"
    BUILD_FILE = "files.build"
    SWEEP_BUILDS = "files.sweep"
    DELETE_GOVERNMENT = "governments.delete"
    SWEEP_DELETIONS = "governments.sweep"
    RECORD_HEARTBEAT = "system.heartbeat"


# Dropped when it has waited this long: by then it was asked for again. Without it a slow planner's queue only grows.
EXPIRES: Mapping[Job, timedelta] = MappingProxyType(
    {Job.PLAN_GOVERNMENT: timedelta(minutes=1), Job.MAKE_FORECAST: timedelta(minutes=5)}
)
