"""Everything a government has, as of one moment, for an archive: ``building/government_archive`` writes it down."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.orm import Session

from spbe_tasks.instruments.loader import read_shipped
from spbe_tasks.models import Account
from spbe_tasks.services import trail
from spbe_tasks.services.queries import archives as queries
from spbe_tasks.services.queries.archives import StoredFile
from spbe_tasks.services.trail import Verification


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A government as it stands at one moment, however long reading it takes."""

    connection: Connection
    government_id: int

    @property
    def government(self) -> Mapping[str, object]:
        """Its id, slug, name and zone."""
        return queries.get_name(self.connection, self.government_id)

    @property
    def tables(self) -> Sequence[Table]:
        """Every table that can hold rows of it."""
        return queries.list_tables()

    def rows(self, table: Table) -> Iterator[str]:
        """Its rows of a table, as lines of JSON without the columns that are kept back."""
        return queries.rows(self.connection, table, self.government_id)

    @property
    def files(self) -> Sequence[StoredFile]:
        """Its stored files under readable paths."""
        return queries.list_files(self.connection, self.government_id)

    @property
    def instruments(self) -> Mapping[str, bytes]:
        """The files of all instruments it uses, by id; its own first of all."""
        found = queries.list_instruments(self.connection, self.government_id)
        return {each: content or read_shipped(each) for each, content in found.items()}

    @property
    def outsiders(self) -> Sequence[Mapping[str, object]]:
        """The administrators named in its trail."""
        return queries.list_outsiders(self.connection, self.government_id)

    def verify_trail(self) -> Verification:
        """Its hash chain, recomputed."""
        return trail.verify(Session(self.connection), self.government_id)


@contextmanager
def snapshot(engine: Engine, government_id: int) -> Iterator[Snapshot]:
    """The government as of now, on a connection of its own that sees nothing of what others commit meanwhile.

    It reads and writes nothing. Whoever reads holds up nobody, a long time of reading only the tidying of old rows.
    """
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        yield Snapshot(connection, government_id)


def name_of(session: Session, account_id: int | None) -> Mapping[str, object] | None:
    """Who has it made; None: whoever holds the machine."""
    if account_id is None:
        return None
    account = session.get_one(Account, account_id)
    return {"id": account.id, "name": account.name, "email": account.email}
