"""Where invented data may be: on a machine that nobody else reaches, and never beside a real government."""

from sqlalchemy.orm import Session

from spbe_tasks.rules.errors import ConflictError
from spbe_tasks.services.queries import governments


def check_allowed(session: Session, *, is_local: bool) -> None:
    """Raises ConflictError unless the product is reached from this machine only and holds no real government."""
    if not is_local:
        raise ConflictError("demo.not_local")
    real = [each for each in governments.list_governments(session) if not each.is_illustrative]
    if real:
        raise ConflictError("demo.real_government", name=real[0].name)
