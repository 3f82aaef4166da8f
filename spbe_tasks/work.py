"""``Work``: what a writing service is given. Opened, committed and closed by ``transaction()`` alone."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from spbe_tasks.jobs import Job

JobArguments = tuple[str | int, ...]


@dataclass
class Work:
    """What a service may use while it works: the session, and a list of jobs to send once all is stored."""

    session: Session
    jobs: dict[tuple[Job, JobArguments], None] = field(default_factory=dict)

    def after_commit(self, job: Job, *args: str | int) -> None:
        """Ask for ``job`` once this work is stored. Asking twice for the same is asking once."""
        self.jobs[job, args] = None
