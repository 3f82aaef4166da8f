"""Mail in full: rules and preferences, feedback, every attempt, ladders beside that of the due date.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What was decided or said is never rewritten.
WRITTEN_ONCE = """
DO $$
DECLARE app text := current_setting('spbe.app_role');
BEGIN
  IF app <> current_user THEN
    EXECUTE format('REVOKE UPDATE, DELETE ON reminder_policy, mail_feedback, delivery_attempt FROM %I', app);
  END IF;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _rules()
    _feedback()
    _mails()
    _brakes()
    _intents()
    op.execute(WRITTEN_ONCE)


def _rules() -> None:
    op.create_table(
        "reminder_policy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_reminder_policy_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["account.id"],
            name=op.f("fk_reminder_policy_made_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_policy")),
        sa.UniqueConstraint("government_id", "number", name=op.f("uq_reminder_policy_government_id_number")),
    )
    op.create_table(
        "mail_preference",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "cadence",
            sa.Enum(
                "daily",
                "weekly",
                "never",
                name="cadence",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("news", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_mail_preference_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_mail_preference_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_mail_preference")),
    )


def _feedback() -> None:
    op.create_table(
        "suppression",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "bounced",
                "complained",
                "by_hand",
                name="suppression_reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("address = lower(address)", name=op.f("ck_suppression_address_in_lower_case")),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_suppression_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["account.id"],
            name=op.f("fk_suppression_made_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["released_by_id"],
            ["account.id"],
            name=op.f("fk_suppression_released_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
    )
    op.create_index(
        "uq_suppression_standing",
        "suppression",
        ["address"],
        unique=True,
        postgresql_where="released_at IS NULL",
    )
    op.create_table(
        "mail_feedback",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bounced",
                "delayed",
                "complained",
                "other",
                name="feedback_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_mail_feedback_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_mail_feedback_message_id_message"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_feedback")),
        sa.UniqueConstraint("source_key", name=op.f("uq_mail_feedback_source_key")),
    )
    op.create_index(
        "ix_mail_feedback_message",
        "mail_feedback",
        ["message_id"],
        unique=False,
        postgresql_where="message_id IS NOT NULL",
    )


def _mails() -> None:
    op.add_column(
        "message", sa.Column("is_in_trail", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_index(
        "ix_message_not_in_trail",
        "message",
        ["id"],
        unique=False,
        postgresql_where="finished_at IS NOT NULL AND NOT is_in_trail",
    )
    op.drop_constraint(op.f("ck_message_kind"), "message", type_="check")
    op.create_check_constraint(
        "kind", "message", "kind IN ('digest', 'news', 'brief', 'alert', 'test', 'invite', 'password_reset')"
    )
    op.create_index(
        "uq_message_one_brief",
        "message",
        ["government_id", "account_id", "local_date"],
        unique=True,
        postgresql_where="kind = 'brief'",
    )
    op.create_index(
        "uq_message_one_pending_news",
        "message",
        ["account_id"],
        unique=True,
        postgresql_where="kind = 'news' AND state = 'pending' AND attempts = 0",
    )
    op.create_index("ix_message_handed_over", "message", ["government_id", "handed_over_at"], unique=False)
    op.create_table(
        "delivery_attempt",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "accepted",
                "refused",
                "later",
                "unknown",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_delivery_attempt_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_delivery_attempt_message_id_message"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("message_id", "number", name=op.f("pk_delivery_attempt")),
    )


def _brakes() -> None:
    """What holds mail: a day's most messages of a government, and a stop of the whole installation."""
    op.create_table(
        "mail_hold",
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_mail_hold_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["released_by_id"],
            ["account.id"],
            name=op.f("fk_mail_hold_released_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("government_id", "on", name=op.f("pk_mail_hold")),
    )
    op.create_table(
        "mail_stop",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_by_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["stopped_by_id"],
            ["account.id"],
            name=op.f("fk_mail_stop_stopped_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"],
            ["account.id"],
            name=op.f("fk_mail_stop_ended_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_stop")),
    )
    op.create_index(
        "uq_mail_stop_standing",
        "mail_stop",
        [sa.literal_column("(true)")],
        unique=True,
        postgresql_where="ended_at IS NULL",
    )


def _intents() -> None:
    """One ledger for all ladders: of tasks and of evidence."""
    op.add_column("reminder_intent", sa.Column("evidence_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "reminder_intent", sa.Column("episode", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.alter_column("reminder_intent", "task_id", existing_type=sa.BIGINT(), nullable=True)
    op.drop_constraint(
        op.f("uq_reminder_intent_task_id_due_version_rung_account_id"), "reminder_intent", type_="unique"
    )
    op.create_index(
        "uq_reminder_intent_evidence",
        "reminder_intent",
        ["evidence_id", "rung", "account_id", "episode"],
        unique=True,
        postgresql_where="evidence_id IS NOT NULL",
    )
    op.create_index(
        "uq_reminder_intent_task",
        "reminder_intent",
        ["task_id", "due_version", "rung", "account_id", "episode"],
        unique=True,
        postgresql_where="task_id IS NOT NULL",
    )
    op.create_foreign_key(
        op.f("fk_reminder_intent_evidence_id_evidence"),
        "reminder_intent",
        "evidence",
        ["evidence_id"],
        ["id"],
        ondelete="RESTRICT",
    )
    op.create_check_constraint(
        "task_or_evidence", "reminder_intent", "(task_id IS NULL) <> (evidence_id IS NULL)"
    )


# What the former schema has no place for goes: reminders of further ladders, mails of further kinds.
WITHOUT_A_PLACE = (
    "DELETE FROM reminder_intent WHERE evidence_id IS NOT NULL OR episode <> 0",
    "UPDATE reminder_intent SET message_id = NULL FROM message "
    "WHERE message.id = message_id AND kind NOT IN ('digest', 'invite', 'password_reset')",
    "UPDATE news SET message_id = NULL",
    "DELETE FROM message WHERE kind NOT IN ('digest', 'invite', 'password_reset')",
)


def downgrade() -> None:
    for table in (
        "mail_stop",
        "mail_hold",
        "delivery_attempt",
        "mail_feedback",
        "suppression",
        "mail_preference",
        "reminder_policy",
    ):
        op.drop_table(table)
    for statement in WITHOUT_A_PLACE:
        op.execute(statement)
    op.drop_constraint(op.f("ck_reminder_intent_task_or_evidence"), "reminder_intent", type_="check")
    op.drop_index("uq_reminder_intent_task", "reminder_intent")
    op.drop_index("uq_reminder_intent_evidence", "reminder_intent")
    op.drop_column("reminder_intent", "episode")
    op.drop_column("reminder_intent", "evidence_id")
    op.alter_column("reminder_intent", "task_id", existing_type=sa.BIGINT(), nullable=False)
    op.create_unique_constraint(
        op.f("uq_reminder_intent_task_id_due_version_rung_account_id"),
        "reminder_intent",
        ["task_id", "due_version", "rung", "account_id"],
    )
    for index in (
        "ix_message_not_in_trail",
        "uq_message_one_brief",
        "uq_message_one_pending_news",
        "ix_message_handed_over",
    ):
        op.drop_index(index, "message")
    op.drop_column("message", "is_in_trail")
    op.drop_constraint(op.f("ck_message_kind"), "message", type_="check")
    op.create_check_constraint("kind", "message", "kind IN ('digest', 'invite', 'password_reset')")
