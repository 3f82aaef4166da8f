"""The names of all background jobs. The functions behind them are in ``workers/jobs.py``."""

from enum import StrEnum


class Job(StrEnum):
    """A job's name on the queue; it outlives any renaming of code."""

    REBUILD_PROJECTION = "projections.rebuild"
    SWEEP_PROJECTIONS = "projections.sweep"
    PLAN_REMINDERS = "reminders.plan"
    SEND_MESSAGE = "outbox.send"
    SWEEP_OUTBOX = "outbox.sweep"
    SEAL_EVENTS = "events.seal"
    RECORD_HEARTBEAT = "system.heartbeat"
