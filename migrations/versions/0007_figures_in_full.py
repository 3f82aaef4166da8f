"""Figures that are forecast, proved, published and read by programs; the monthly brief; deleting a government.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _figures()
    _leaders()
    _programs()
    _deletion()


def _figures() -> None:
    op.create_table(
        "plan_forecast",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("as_of_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_plan_forecast_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_forecast_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plan_forecast")),
    )
    op.create_index(op.f("ix_plan_forecast_government_id"), "plan_forecast", ["government_id"], unique=False)
    op.create_table(
        "projection_proof",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("difference", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_projection_proof_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_projection_proof_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_projection_proof")),
    )
    op.create_index(
        op.f("ix_projection_proof_government_id"), "projection_proof", ["government_id"], unique=False
    )
    op.add_column(
        "projection_snapshot", sa.Column("levels", postgresql.JSONB(astext_type=sa.Text()), nullable=True)
    )
    op.add_column("projection", sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True))


def _leaders() -> None:
    op.add_column(
        "government", sa.Column("is_public", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("government", sa.Column("monthly_brief_day", sa.SmallInteger(), nullable=True))
    op.create_check_constraint("day_of_every_month", "government", "monthly_brief_day BETWEEN 1 AND 28")
    op.add_column(
        "mail_preference",
        sa.Column("wants_monthly", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.drop_constraint(op.f("ck_message_kind"), "message", type_="check")
    op.create_check_constraint(
        "kind",
        "message",
        "kind IN ('digest', 'news', 'brief', 'monthly', 'alert', 'test', 'invite', 'password_reset')",
    )
    op.create_index(
        "uq_message_one_monthly",
        "message",
        [
            "government_id",
            "account_id",
            sa.text("date_part('year', local_date::timestamp)"),
            sa.text("date_part('month', local_date::timestamp)"),
        ],
        unique=True,
        postgresql_where="kind = 'monthly'",
    )


def _programs() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_api_key_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_api_key_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
    )
    op.create_index(op.f("ix_api_key_account_id"), "api_key", ["account_id"], unique=False)


def _deletion() -> None:
    op.create_table(
        "government_deletion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("government_slug", sa.Text(), nullable=False),
        sa.Column("government_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.BigInteger(), nullable=True),
        sa.Column("archive_sha256", sa.Text(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_id IS NULL)",
            name=op.f("ck_government_deletion_confirmed_by_somebody"),
        ),
        sa.CheckConstraint("confirmed_by_id <> asked_by_id", name=op.f("ck_government_deletion_four_eyes")),
        sa.CheckConstraint(
            "deleted_at IS NULL OR confirmed_at IS NOT NULL",
            name=op.f("ck_government_deletion_confirmed_before_deleted"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["account.id"],
            name=op.f("fk_government_deletion_asked_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"],
            ["account.id"],
            name=op.f("fk_government_deletion_confirmed_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"],
            ["account.id"],
            name=op.f("fk_government_deletion_withdrawn_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_government_deletion")),
    )
    op.create_index(
        "uq_government_deletion_standing",
        "government_deletion",
        ["government_id"],
        unique=True,
        postgresql_where="withdrawn_at IS NULL AND deleted_at IS NULL",
    )


# The former schema has no place for mails of this kind; what they carried they carry no more.
WITHOUT_A_PLACE = (
    "DELETE FROM delivery_attempt USING message WHERE message.id = message_id AND message.kind = 'monthly'",
    "DELETE FROM mail_feedback USING message WHERE message.id = message_id AND message.kind = 'monthly'",
    "DELETE FROM message WHERE kind = 'monthly'",
)


def downgrade() -> None:
    for table in ("government_deletion", "api_key", "projection_proof", "plan_forecast"):
        op.drop_table(table)
    op.drop_column("projection", "rests_until")
    op.drop_column("projection_snapshot", "levels")
    for statement in WITHOUT_A_PLACE:
        op.execute(statement)
    op.drop_index("uq_message_one_monthly", "message")
    op.drop_constraint(op.f("ck_message_kind"), "message", type_="check")
    op.create_check_constraint(
        "kind", "message", "kind IN ('digest', 'news', 'brief', 'alert', 'test', 'invite', 'password_reset')"
    )
    op.drop_column("mail_preference", "wants_monthly")
    op.drop_constraint(op.f("ck_government_day_of_every_month"), "government", type_="check")
    op.drop_column("government", "monthly_brief_day")
    op.drop_column("government", "is_public")
