"""Assessments in full: drafts of imports, pinned levels, what a report printed, own instruments.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FORMATS = ("pdf", "xlsx", "xls", "ods", "csv", "pasted", "grid")
KINDS = ("self", "document", "interview", "official")
CAUSES = ("import", "pin", "release")

# A pin is released once, and nothing else about it ever changes.
KEEP_PINS = """
DO $$
DECLARE app text := current_setting('spbe.app_role');
BEGIN
  IF app <> current_user THEN
    EXECUTE format('REVOKE UPDATE, DELETE ON level_pin FROM %I', app);
    EXECUTE format('GRANT UPDATE (released_by_id, released_at) ON level_pin TO %I', app);
  END IF;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("government", sa.Column("national_name", sa.Text(), nullable=True))
    _pins()
    _revisions()
    _drafts()
    _own_instruments()


def _pins() -> None:
    op.create_table(
        "level_pin",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("assessment_id", sa.BigInteger(), nullable=False),
        sa.Column("indicator_number", sa.Integer(), nullable=False),
        sa.Column("level", sa.Numeric(precision=4, scale=2), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("pinned_by_id", sa.BigInteger(), nullable=True),
        sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by_id", sa.BigInteger(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        _refers("level_pin", "government_id", "government"),
        _refers("level_pin", "assessment_id", "assessment"),
        _refers("level_pin", "pinned_by_id", "account"),
        _refers("level_pin", "released_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_pin")),
    )
    op.create_index(
        "uq_level_pin_active",
        "level_pin",
        ["assessment_id", "indicator_number"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.execute(KEEP_PINS)


def _revisions() -> None:
    revision_table = "assessment_revision"
    op.add_column(
        revision_table, sa.Column("cause", _words("cause", CAUSES), server_default="import", nullable=False)
    )
    op.add_column(revision_table, sa.Column("file_key", sa.Text(), nullable=True))
    op.add_column(revision_table, sa.Column("format", _words("format", FORMATS), nullable=True))
    op.add_column(
        revision_table, sa.Column("printed", postgresql.JSONB(astext_type=sa.Text()), nullable=True)
    )
    op.create_check_constraint("cause", revision_table, _one_of("cause", CAUSES))
    op.create_check_constraint("format", revision_table, _one_of("format", FORMATS))
    op.add_column("score", sa.Column("pin_id", sa.BigInteger(), nullable=True))
    op.add_column("score", sa.Column("read_level", sa.Numeric(precision=4, scale=2), nullable=True))
    op.add_column("score", sa.Column("corrected_from", sa.Text(), nullable=True))
    op.add_column("score", sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.create_foreign_key(
        op.f("fk_score_pin_id_level_pin"), "score", "level_pin", ["pin_id"], ["id"], ondelete="RESTRICT"
    )
    op.create_check_constraint(
        "read_level_only_under_a_pin", "score", "pin_id IS NOT NULL OR read_level IS NULL"
    )


def _drafts() -> None:
    op.create_table(
        "assessment_draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("format", _words("format", FORMATS, is_checked=True), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", _words("kind", KINDS, is_checked=True), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("corrections", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("leaves_out_unknown", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _refers("assessment_draft", "government_id", "government"),
        _refers("assessment_draft", "made_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_draft")),
    )
    op.create_index(op.f("ix_assessment_draft_government_id"), "assessment_draft", ["government_id"])


def _own_instruments() -> None:
    op.create_table(
        "instrument_document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by_id", sa.BigInteger(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        _refers("instrument_document", "government_id", "government"),
        _refers("instrument_document", "uploaded_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrument_document")),
        sa.UniqueConstraint(
            "government_id", "instrument_id", name=op.f("uq_instrument_document_government_id_instrument_id")
        ),
    )


def _words(name: str, values: tuple[str, ...], *, is_checked: bool = False) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=is_checked, length=32)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _refers(table: str, name: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [name], [f"{to}.id"], name=op.f(f"fk_{table}_{name}_{to}"), ondelete="RESTRICT"
    )


def downgrade() -> None:
    op.drop_table("instrument_document")
    op.drop_table("assessment_draft")
    op.drop_constraint(op.f("ck_score_read_level_only_under_a_pin"), "score")
    op.drop_constraint(op.f("fk_score_pin_id_level_pin"), "score")
    for name in ("pin_id", "read_level", "corrected_from", "note"):
        op.drop_column("score", name)
    for name in ("cause", "file_key", "format", "printed"):
        op.drop_column("assessment_revision", name)
    op.drop_table("level_pin")
    op.drop_column("government", "national_name")
