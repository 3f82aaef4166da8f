"""The reminders there were, held against the sealed trail; and all of them at once, for a file."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import InvalidInputError
from spbe_tasks.services import mail_trail
from spbe_tasks.services.queries import mail_proof as queries
from spbe_tasks.services.queries.mail_proof import Proof, ProofFilter

# A file that stopped short would prove nothing, so one that grows beyond these is not made. Setting a page of the paper
# takes a twentieth of a second, and the answer to a click has half a minute.
MOST_EXPORTED = 20_000
MOST_PRINTED = 3_000


def list_all(session: Session, scope: Scope, wanted: ProofFilter, zone: str, *, most: int) -> Sequence[Proof]:
    """Every reminder that was asked for, newest first. Raises InvalidInputError when there are more than ``most``."""
    count = queries.count_proofs(session, scope, wanted, zone)
    if count > most:
        raise InvalidInputError.of("proof.too_many", "until_on", count=count, most=most)
    return queries.list_proofs(session, scope, wanted, zone)


def compare(session: Session, rows: Sequence[Proof]) -> list[bool | None]:
    """Whether the mail of each reminder ended as the trail has it, in their order; None before it is written there.

    A mail that came back is written there a second time.
    """
    told = mail_trail.list_told(session, [row.message.id for row in rows if row.message])

    def is_proved(row: Proof) -> bool | None:
        if row.message is None or not row.message.is_in_trail:
            return None
        return row.event == mail_trail.facts(row.message, told[row.message.id])

    return [is_proved(row) for row in rows]
