"""What all models share: the base class, column types and the columns every table of a government has."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from sqlalchemy import BigInteger, DateTime, Enum, ForeignKey, Identity, text
from sqlalchemy.orm import MappedColumn, mapped_column

from spbe_tasks.extensions import Base, db

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

big_id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
created_instant = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=text("now()"))]


def enum_column(enum: type[StrEnum], name: str) -> Enum:
    """A column type that stores the value (never the position) and checks it in the database."""
    return Enum(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


def government_fk(*, index: bool = False) -> MappedColumn[int]:
    """The column that ties a row to its government; every table inside a government has it."""
    return mapped_column(ForeignKey("government.id", ondelete="RESTRICT"), index=index)
