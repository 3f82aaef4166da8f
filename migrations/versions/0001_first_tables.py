"""The first tables: governments, people, assessments, plans, tasks, the trail, reminders and the outbox.

Revision ID: 0001
Revises:

Before it lands: does the old code run on the new schema? Add column, fill, then require: three migrations.
Never import models or services here: state the few columns you need. Schema and data changes in separate files.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    op.create_table(
        "government",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "kabupaten",
                "kota",
                "provinsi",
                "kementerian",
                "lembaga",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("logo_key", sa.Text(), nullable=True),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.Column("send_opens_at", sa.Time(), nullable=False),
        sa.Column("send_closes_at", sa.Time(), nullable=False),
        sa.Column("is_mail_paused", sa.Boolean(), nullable=False),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_government")),
        sa.UniqueConstraint("slug", name=op.f("uq_government_slug")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "agency",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_agency_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("government_id", "slug", name=op.f("uq_agency_government_id_slug")),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "self",
                "document",
                "interview",
                "official",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "predicate_basis",
            sa.Enum(
                "rounded",
                "unrounded",
                name="predicate_basis",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_assessment_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint(
            "government_id",
            "instrument_id",
            "year",
            "kind",
            name=op.f("uq_assessment_government_id_instrument_id_year_kind"),
        ),
    )
    op.create_table(
        "evaluation_calendar",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("self_assessment_opens_on", sa.Date(), nullable=True),
        sa.Column("self_assessment_closes_on", sa.Date(), nullable=True),
        sa.Column("interviews_on", sa.Date(), nullable=True),
        sa.Column("result_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_evaluation_calendar_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_calendar")),
        sa.UniqueConstraint("government_id", "year", name=op.f("uq_evaluation_calendar_government_id_year")),
    )
    op.create_table(
        "local_holiday",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "public",
                "joint_leave",
                "local",
                "working_day_override",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("decree", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_local_holiday_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_holiday")),
        sa.UniqueConstraint("government_id", "on", name=op.f("uq_local_holiday_government_id_on")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=True),
        sa.Column("agency_id", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "administrator",
                "coordinator",
                "reviewer",
                "focal_point",
                "agency_head",
                "executive",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_illustrative", sa.Boolean(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(role = 'administrator') = (government_id IS NULL)",
            name=op.f("ck_account_administrator_has_no_government"),
        ),
        sa.CheckConstraint(
            "role NOT IN ('focal_point', 'agency_head') OR agency_id IS NOT NULL",
            name=op.f("ck_account_agency_role_has_agency"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_account_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_account_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index("ix_account_government_agency", "account", ["government_id", "agency_id"], unique=False)
    op.create_index("uq_account_email_lower", "account", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "ownership",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("indicator_number", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_ownership_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_ownership_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownership")),
        sa.UniqueConstraint(
            "government_id",
            "instrument_id",
            "indicator_number",
            "agency_id",
            name=op.f("uq_ownership_government_id_instrument_id_indicator_number_agency_id"),
        ),
    )
    op.create_index(op.f("ix_ownership_agency_id"), "ownership", ["agency_id"], unique=False)
    op.create_index(
        "uq_ownership_one_lead",
        "ownership",
        ["government_id", "instrument_id", "indicator_number"],
        unique=True,
        postgresql_where="is_lead",
    )
    op.create_table(
        "assessment_revision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("assessment_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("imported_by_id", sa.BigInteger(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("index_value", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_assessment_revision_assessment_id_assessment"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_assessment_revision_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["imported_by_id"],
            ["account.id"],
            name=op.f("fk_assessment_revision_imported_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_revision")),
        sa.UniqueConstraint(
            "assessment_id", "number", name=op.f("uq_assessment_revision_assessment_id_number")
        ),
    )
    op.create_index(
        op.f("ix_assessment_revision_government_id"), "assessment_revision", ["government_id"], unique=False
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("chain_position", sa.Integer(), nullable=True),
        sa.Column("chain_digest", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_event_actor_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_event_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint(
            "government_id", "chain_position", name=op.f("uq_event_government_id_chain_position")
        ),
    )
    op.create_index(
        "ix_event_subject", "event", ["government_id", "subject_type", "subject_id", "id"], unique=False
    )
    op.create_index(
        "ix_event_unsealed",
        "event",
        ["government_id", "id"],
        unique=False,
        postgresql_where="chain_position IS NULL",
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "digest",
                "invite",
                "password_reset",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "handing_over",
                "sent",
                "uncertain",
                "cancelled",
                "failed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("to_address", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("body_text", sa.Text(), nullable=True),
        sa.Column("body_html", sa.Text(), nullable=True),
        sa.Column("server_answer", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_message_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_message_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(
        "ix_message_due", "message", ["next_attempt_at"], unique=False, postgresql_where="state = 'pending'"
    )
    op.create_index(
        "ix_message_handing_over",
        "message",
        ["handed_over_at"],
        unique=False,
        postgresql_where="state = 'handing_over'",
    )
    op.create_index("ix_message_list", "message", ["government_id", "id"], unique=False)
    op.create_index(
        "uq_message_one_digest",
        "message",
        ["government_id", "account_id", "local_date"],
        unique=True,
        postgresql_where="kind = 'digest'",
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("baseline_revision_id", sa.BigInteger(), nullable=False),
        sa.Column("threshold", sa.Numeric(precision=4, scale=2), nullable=False),
        sa.Column("target_level", sa.Numeric(precision=4, scale=2), nullable=False),
        sa.Column("target_index", sa.Numeric(precision=4, scale=2), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["baseline_revision_id"],
            ["assessment_revision.id"],
            name=op.f("fk_plan_baseline_revision_id_assessment_revision"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_plan_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint(
            "government_id", "instrument_id", "year", name=op.f("uq_plan_government_id_instrument_id_year")
        ),
    )
    op.create_table(
        "score",
        sa.Column("revision_id", sa.BigInteger(), nullable=False),
        sa.Column("indicator_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Numeric(precision=4, scale=2), nullable=True),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_score_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["assessment_revision.id"],
            name=op.f("fk_score_revision_id_assessment_revision"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("revision_id", "indicator_number", name=op.f("pk_score")),
    )
    op.create_table(
        "projection",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("rebuilt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of_on", sa.Date(), nullable=False),
        sa.Column("baseline", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("secured", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("expected", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("potential", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_projection_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_projection_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_projection")),
    )
    op.create_index(op.f("ix_projection_government_id"), "projection", ["government_id"], unique=False)
    op.create_table(
        "projection_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_projection_request_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projection_request")),
    )
    op.create_index(op.f("ix_projection_request_plan_id"), "projection_request", ["plan_id"], unique=False)
    op.create_table(
        "projection_snapshot",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("baseline", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("secured", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("expected", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("potential", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_projection_snapshot_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_projection_snapshot_plan_id_plan"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", "on", name=op.f("pk_projection_snapshot")),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("indicator_number", sa.SmallInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "assigned",
                "in_progress",
                "blocked",
                "submitted",
                "returned",
                "accepted",
                "cancelled",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("baseline_level", sa.Numeric(precision=4, scale=2), nullable=False),
        sa.Column("target_level", sa.Numeric(precision=4, scale=2), nullable=False),
        sa.Column("share_numerator", sa.Integer(), nullable=False),
        sa.Column("share_denominator", sa.Integer(), nullable=False),
        sa.Column("points", sa.Numeric(precision=24, scale=12), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_version", sa.Integer(), nullable=False),
        sa.Column("is_due_by_hand", sa.Boolean(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("reached_level", sa.Numeric(precision=4, scale=2), nullable=True),
        sa.Column(
            "cancel_kind",
            sa.Enum(
                "not_needed",
                "given_up",
                name="cancel_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("state_note", sa.Text(), nullable=True),
        sa.Column("state_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'accepted') = (reached_level IS NOT NULL)", name=op.f("ck_task_reached_when_accepted")
        ),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancel_kind IS NOT NULL)", name=op.f("ck_task_kind_when_cancelled")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_task_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["account.id"], name=op.f("fk_task_assignee_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_task_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_task_plan_id_plan"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint(
            "plan_id",
            "indicator_number",
            "agency_id",
            "round",
            name=op.f("uq_task_plan_id_indicator_number_agency_id_round"),
        ),
    )
    op.create_index(
        "ix_task_agency_list", "task", ["government_id", "agency_id", "due_on", "id"], unique=False
    )
    op.create_index(
        "ix_task_assignee", "task", ["assignee_id"], unique=False, postgresql_where="assignee_id IS NOT NULL"
    )
    op.create_index("ix_task_list", "task", ["government_id", "plan_id", "due_on", "id"], unique=False)
    op.create_index(
        "ix_task_open_due",
        "task",
        ["government_id", "due_on"],
        unique=False,
        postgresql_where="state NOT IN ('accepted', 'cancelled', 'withdrawn')",
    )
    op.create_index(
        "uq_task_one_open_round",
        "task",
        ["plan_id", "indicator_number", "agency_id"],
        unique=True,
        postgresql_where="state NOT IN ('accepted', 'cancelled', 'withdrawn')",
    )
    op.create_table(
        "criterion_claim",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("is_met", sa.Boolean(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("claimed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["claimed_by_id"],
            ["account.id"],
            name=op.f("fk_criterion_claim_claimed_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_criterion_claim_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_criterion_claim_task_id_task"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_id", "level", "letter", name=op.f("pk_criterion_claim")),
    )
    op.create_table(
        "reminder_intent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("due_version", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "carried",
                "sent",
                "superseded",
                "cancelled",
                "suppressed",
                "failed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_reminder_intent_account_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_reminder_intent_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_reminder_intent_message_id_message"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_reminder_intent_task_id_task"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_intent")),
        sa.UniqueConstraint(
            "task_id",
            "due_version",
            "rung",
            "account_id",
            name=op.f("uq_reminder_intent_task_id_due_version_rung_account_id"),
        ),
    )
    op.create_index(op.f("ix_reminder_intent_message_id"), "reminder_intent", ["message_id"], unique=False)
    op.create_index(
        "ix_reminder_intent_open",
        "reminder_intent",
        ["government_id", "account_id"],
        unique=False,
        postgresql_where="state = 'open'",
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("submitted_by_id", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_submission_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"],
            ["account.id"],
            name=op.f("fk_submission_submitted_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_submission_task_id_task"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("task_id", "number", name=op.f("uq_submission_task_id_number")),
    )


def downgrade() -> None:
    op.drop_table("submission")
    op.drop_index("ix_reminder_intent_open", table_name="reminder_intent", postgresql_where="state = 'open'")
    op.drop_index(op.f("ix_reminder_intent_message_id"), table_name="reminder_intent")
    op.drop_table("reminder_intent")
    op.drop_table("criterion_claim")
    op.drop_index(
        "uq_task_one_open_round",
        table_name="task",
        postgresql_where="state NOT IN ('accepted', 'cancelled', 'withdrawn')",
    )
    op.drop_index(
        "ix_task_open_due",
        table_name="task",
        postgresql_where="state NOT IN ('accepted', 'cancelled', 'withdrawn')",
    )
    op.drop_index("ix_task_list", table_name="task")
    op.drop_index("ix_task_assignee", table_name="task", postgresql_where="assignee_id IS NOT NULL")
    op.drop_index("ix_task_agency_list", table_name="task")
    op.drop_table("task")
    op.drop_table("projection_snapshot")
    op.drop_index(op.f("ix_projection_request_plan_id"), table_name="projection_request")
    op.drop_table("projection_request")
    op.drop_index(op.f("ix_projection_government_id"), table_name="projection")
    op.drop_table("projection")
    op.drop_table("score")
    op.drop_table("plan")
    op.drop_index("uq_message_one_digest", table_name="message", postgresql_where="kind = 'digest'")
    op.drop_index("ix_message_list", table_name="message")
    op.drop_index("ix_message_handing_over", table_name="message", postgresql_where="state = 'handing_over'")
    op.drop_index("ix_message_due", table_name="message", postgresql_where="state = 'pending'")
    op.drop_table("message")
    op.drop_index("ix_event_unsealed", table_name="event", postgresql_where="chain_position IS NULL")
    op.drop_index("ix_event_subject", table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_assessment_revision_government_id"), table_name="assessment_revision")
    op.drop_table("assessment_revision")
    op.drop_index("uq_ownership_one_lead", table_name="ownership", postgresql_where="is_lead")
    op.drop_index(op.f("ix_ownership_agency_id"), table_name="ownership")
    op.drop_table("ownership")
    op.drop_index("uq_account_email_lower", table_name="account")
    op.drop_index("ix_account_government_agency", table_name="account")
    op.drop_table("account")
    op.drop_table("local_holiday")
    op.drop_table("evaluation_calendar")
    op.drop_table("assessment")
    op.drop_table("agency")
    op.drop_table("heartbeat")
    op.drop_table("government")
