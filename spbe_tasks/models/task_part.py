"""Parts of a task: who of its people does which piece, and by when."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, government_fk


class TaskPart(Model):
    """One piece of a task, in the order of ``position``. ``done_by_id`` and ``done_at`` are given once it is done."""

    __tablename__ = "task_part"
    __table_args__ = (
        CheckConstraint("is_done = (done_at IS NOT NULL)", name="done_at_when_done"),
        Index("ix_task_part_task", "task_id", "position"),
        Index("ix_task_part_open", "government_id", "assignee_id", postgresql_where="NOT is_done"),
    )

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="RESTRICT"))
    position: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[str]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    due_on: Mapped[date | None]
    is_done: Mapped[bool] = mapped_column(default=False)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    done_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
