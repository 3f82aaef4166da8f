"""Scenarios: named sets of levels to be looked at, compared and, perhaps, made the plan."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, government_fk


class Scenario(Model):
    """Levels by indicator number, as text, of those that differ from what stood when it was stored.

    Its maker sees it; everybody who sees the figures of all agencies, once it is shared.
    """

    __tablename__ = "scenario"

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk(index=True)
    instrument_id: Mapped[str]
    year: Mapped[int]
    name: Mapped[str]
    levels: Mapped[dict[str, str]] = mapped_column(JSONB)
    is_shared: Mapped[bool] = mapped_column(default=False)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
