"""Selects about files on their way in: only their own person goes on with them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import Session

from spbe_tasks.models import Upload, UploadPiece
from spbe_tasks.rules.access import Scope
from spbe_tasks.rules.errors import NotFoundError


def get_upload(session: Session, scope: Scope, upload_id: int, *, for_update: bool = False) -> Upload:
    """One upload of this person. Raises NotFoundError for anybody else's."""
    wanted = select(Upload).where(
        Upload.id == upload_id,
        Upload.government_id == scope.government_id,
        Upload.account_id == scope.account_id,
    )
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise NotFoundError("upload.not_found")
    return found


def count_under_way(session: Session, scope: Scope) -> int:
    """How many files this person has on their way."""
    mine = (Upload.government_id == scope.government_id, Upload.account_id == scope.account_id)
    rows = select(func.count()).select_from(Upload).where(*mine, Upload.evidence_id.is_(None))
    return session.scalar(rows) or 0


def find_piece(session: Session, upload: Upload, offset: int) -> UploadPiece | None:
    """The piece that begins at this byte; None when none does."""
    return session.get(UploadPiece, (upload.id, offset))


def list_piece_keys(session: Session, upload: Upload) -> Sequence[str]:
    """Where the pieces are stored, in their order."""
    rows = select(UploadPiece.file_key).where(UploadPiece.upload_id == upload.id)
    return session.scalars(rows.order_by(UploadPiece.offset_bytes)).all()


def delete_pieces(session: Session, upload: Upload) -> None:
    """Forget the pieces; the sweep removes their files."""
    session.execute(delete(UploadPiece).where(UploadPiece.upload_id == upload.id))


def delete_untouched(session: Session, touched_before: datetime) -> int:
    """Forget the uploads of all governments that nothing came of, or that came to an end, before then."""
    result = session.execute(delete(Upload).where(Upload.touched_at < touched_before))
    assert isinstance(result, CursorResult)
    return result.rowcount
