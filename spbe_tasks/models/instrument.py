"""Instruments that a government brought along; the shipped ones are files of the product."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spbe_tasks.models.base import Model, big_id, government_fk


class InstrumentDocument(Model):
    """The file of a government's own instrument. Only one that no assessment uses is replaced or taken away."""

    __tablename__ = "instrument_document"
    __table_args__ = (UniqueConstraint("government_id", "instrument_id"),)

    id: Mapped[big_id]
    government_id: Mapped[int] = government_fk()
    instrument_id: Mapped[str]
    digest: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="RESTRICT"))
    uploaded_at: Mapped[datetime]
