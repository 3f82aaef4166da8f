"""Task work: evidence, submissions in full, extensions, comments, lists, acting officers, the self-assessment pack.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# What was decided or said is never rewritten.
WRITTEN_ONCE = """
DO $$
DECLARE app text := current_setting('spbe.app_role');
BEGIN
  IF app <> current_user THEN
    EXECUTE format('REVOKE UPDATE, DELETE ON criterion_verdict FROM %I', app);
  END IF;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _evidence()
    _texts_and_drafts()
    _verdicts()
    _extensions_and_steps()
    _lists()
    _discussion()
    _acting_officers()
    _packs()
    _built_files()
    _calendar_addresses()
    op.execute(WRITTEN_ONCE)


def _evidence() -> None:
    """Files and links of agencies, their versions, and the criteria they are to show."""
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "search_words",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('indonesian', title)", persisted=True),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_evidence_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["account.id"],
            name=op.f("fk_evidence_created_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_evidence_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_agency", "evidence", ["government_id", "agency_id", "id"], unique=False)
    op.create_index(
        "ix_evidence_expires",
        "evidence",
        ["government_id", "expires_on"],
        unique=False,
        postgresql_where="expires_on IS NOT NULL AND removed_at IS NULL",
    )
    op.create_index("ix_evidence_search", "evidence", ["search_words"], unique=False, postgresql_using="gin")
    op.create_table(
        "evidence_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column(
            "scan",
            sa.Enum(
                "not_scanned",
                "clean",
                "infected",
                name="scan",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("threat", sa.Text(), nullable=True),
        sa.Column("added_by_id", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(file_key IS NULL) <> (url IS NULL)", name=op.f("ck_evidence_version_file_or_link")
        ),
        sa.ForeignKeyConstraint(
            ["added_by_id"],
            ["account.id"],
            name=op.f("fk_evidence_version_added_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["evidence.id"],
            name=op.f("fk_evidence_version_evidence_id_evidence"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_evidence_version_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_version")),
        sa.UniqueConstraint("evidence_id", "number", name=op.f("uq_evidence_version_evidence_id_number")),
    )
    op.create_index(
        "ix_evidence_version_file",
        "evidence_version",
        ["file_key"],
        unique=False,
        postgresql_where="file_key IS NOT NULL",
    )
    op.create_table(
        "evidence_use",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=False),
        sa.Column("added_by_id", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"],
            ["account.id"],
            name=op.f("fk_evidence_use_added_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["evidence.id"],
            name=op.f("fk_evidence_use_evidence_id_evidence"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_evidence_use_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_evidence_use_task_id_task"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_use")),
        sa.UniqueConstraint(
            "task_id",
            "level",
            "letter",
            "evidence_id",
            name=op.f("uq_evidence_use_task_id_level_letter_evidence_id"),
        ),
    )
    op.create_index("ix_evidence_use_evidence", "evidence_use", ["evidence_id"], unique=False)
    op.create_table(
        "upload",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("received_bytes", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_upload_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_upload_agency_id_agency"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_upload_evidence_id_evidence"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_upload_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index("ix_upload_touched", "upload", ["touched_at"], unique=False)
    op.create_table(
        "upload_piece",
        sa.Column("upload_id", sa.BigInteger(), nullable=False),
        sa.Column("offset_bytes", sa.Integer(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_upload_piece_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_upload_piece_upload_id_upload"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("upload_id", "offset_bytes", name=op.f("pk_upload_piece")),
    )


def _texts_and_drafts() -> None:
    op.create_table(
        "level_text",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("analysis", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_level_text_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_level_text_task_id_task"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"],
            ["account.id"],
            name=op.f("fk_level_text_written_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("task_id", "level", name=op.f("pk_level_text")),
    )
    op.create_table(
        "typed_draft",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_typed_draft_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_typed_draft_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_typed_draft_task_id_task"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_id", "account_id", "form", name=op.f("pk_typed_draft")),
    )
    op.create_index("ix_typed_draft_saved", "typed_draft", ["saved_at"], unique=False)


def _verdicts() -> None:
    op.add_column("submission", sa.Column("submitted_as_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "submission",
        sa.Column(
            "contents",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.create_foreign_key(
        op.f("fk_submission_submitted_as_id_account"),
        "submission",
        "account",
        ["submitted_as_id"],
        ["id"],
        ondelete="RESTRICT",
    )
    op.create_table(
        "criterion_verdict",
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "wrong_document",
                "not_uploaded",
                "outdated",
                "unsigned",
                "incomplete",
                "other",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_criterion_verdict_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_criterion_verdict_submission_id_submission"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("submission_id", "level", "letter", name=op.f("pk_criterion_verdict")),
    )


def _extensions_and_steps() -> None:
    op.add_column(
        "task",
        sa.Column(
            "obstacle",
            sa.Enum(
                "no_budget",
                "no_people",
                "waits_for_others",
                "unclear",
                "other",
                name="obstacle",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
    )
    op.create_table(
        "extension",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "granted",
                "refused",
                "taken_back",
                "void",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("previous_on", sa.Date(), nullable=False),
        sa.Column("wanted_on", sa.Date(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_as_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'asked') = (answered_at IS NULL)", name=op.f("ck_extension_answered_at_when_answered")
        ),
        sa.CheckConstraint(
            "(state = 'granted') = (granted_on IS NOT NULL)",
            name=op.f("ck_extension_granted_on_when_granted"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"],
            ["account.id"],
            name=op.f("fk_extension_answered_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["asked_as_id"],
            ["account.id"],
            name=op.f("fk_extension_asked_as_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["account.id"],
            name=op.f("fk_extension_asked_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_extension_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_extension_task_id_task"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    op.create_index(
        "ix_extension_asked",
        "extension",
        ["government_id", "id"],
        unique=False,
        postgresql_where="state = 'asked'",
    )
    op.create_index("ix_extension_task", "extension", ["task_id", "id"], unique=False)
    op.create_index(
        "uq_extension_one_asked", "extension", ["task_id"], unique=True, postgresql_where="state = 'asked'"
    )
    op.create_table(
        "milestone",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["done_by_id"], ["account.id"], name=op.f("fk_milestone_done_by_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_milestone_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_milestone_task_id_task"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
    )
    op.create_index("ix_milestone_task", "milestone", ["task_id", "due_on"], unique=False)
    op.create_table(
        "budget_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_budget_line_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_budget_line_task_id_task"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
    )
    op.create_index("ix_budget_line_task", "budget_line", ["task_id"], unique=False)


def _lists() -> None:
    """The generated column rewrites the table of tasks once."""
    op.add_column(
        "task",
        sa.Column(
            "search_words",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('indonesian', title || ' ' || coalesce(note, ''))", persisted=True),
            nullable=False,
        ),
    )
    op.create_table(
        "task_label",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_task_label_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_task_label_task_id_task"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("task_id", "label", name=op.f("pk_task_label")),
    )
    op.create_index("ix_task_label_label", "task_label", ["government_id", "label"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_saved_view_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["account.id"], name=op.f("fk_saved_view_owner_id_account"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index("ix_saved_view_owner", "saved_view", ["government_id", "owner_id"], unique=False)
    op.create_table(
        "bulk_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_bulk_run_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_bulk_run_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run")),
    )
    op.create_index("ix_bulk_run_account", "bulk_run", ["government_id", "account_id", "id"], unique=False)


def _discussion() -> None:
    op.create_table(
        "comment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["account.id"], name=op.f("fk_comment_author_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_comment_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_comment_task_id_task"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index("ix_comment_task", "comment", ["task_id", "id"], unique=False)
    op.create_table(
        "comment_mention",
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_comment_mention_account_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comment.id"],
            name=op.f("fk_comment_mention_comment_id_comment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_comment_mention_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("comment_id", "account_id", name=op.f("pk_comment_mention")),
    )
    op.create_table(
        "news",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "returned",
                "accepted",
                "mentioned",
                "commented",
                "extension_asked",
                "extension_answered",
                "assigned",
                "submitted",
                "file_ready",
                name="news_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_news_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_news_actor_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_news_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_news_message_id_message"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_news_task_id_task"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news")),
    )
    op.create_index("ix_news_account", "news", ["account_id", "id"], unique=False)
    op.create_index(
        "ix_news_message", "news", ["message_id"], unique=False, postgresql_where="message_id IS NOT NULL"
    )
    op.create_index(
        "ix_news_unseen", "news", ["account_id"], unique=False, postgresql_where="seen_at IS NULL"
    )
    op.create_index(
        "ix_news_unseen_task", "news", ["task_id"], unique=False, postgresql_where="seen_at IS NULL"
    )
    op.create_index(
        "ix_news_untold",
        "news",
        ["government_id", "account_id"],
        unique=False,
        postgresql_where="message_id IS NULL AND told_at IS NULL",
    )


def _acting_officers() -> None:
    op.create_table(
        "acting_officer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("absent_id", sa.BigInteger(), nullable=False),
        sa.Column("acting_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("plt", "plh", name="acting_kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("decree", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("absent_id <> acting_id", name=op.f("ck_acting_officer_somebody_else")),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on", name=op.f("ck_acting_officer_until_after_from")
        ),
        sa.ForeignKeyConstraint(
            ["absent_id"],
            ["account.id"],
            name=op.f("fk_acting_officer_absent_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["acting_id"],
            ["account.id"],
            name=op.f("fk_acting_officer_acting_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_acting_officer_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["account.id"],
            name=op.f("fk_acting_officer_made_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acting_officer")),
    )
    op.create_index(
        "ix_acting_officer_absent",
        "acting_officer",
        ["absent_id"],
        unique=False,
        postgresql_where="ended_at IS NULL",
    )
    op.create_index(
        "ix_acting_officer_acting",
        "acting_officer",
        ["acting_id"],
        unique=False,
        postgresql_where="ended_at IS NULL",
    )
    op.create_index("ix_acting_officer_government", "acting_officer", ["government_id", "id"], unique=False)


def _packs() -> None:
    op.create_table(
        "pack",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contents", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_pack_created_by_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_pack_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_pack_plan_id_plan"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
        sa.UniqueConstraint(
            "government_id", "instrument_id", "year", name=op.f("uq_pack_government_id_instrument_id_year")
        ),
    )
    op.create_table(
        "pack_entry",
        sa.Column("pack_id", sa.BigInteger(), nullable=False),
        sa.Column("indicator_number", sa.SmallInteger(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("claimed_level", sa.Numeric(precision=4, scale=2), nullable=True),
        sa.Column("is_ready", sa.Boolean(), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"],
            ["account.id"],
            name=op.f("fk_pack_entry_changed_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_pack_entry_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["pack.id"], name=op.f("fk_pack_entry_pack_id_pack"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("pack_id", "indicator_number", name=op.f("pk_pack_entry")),
    )
    op.create_table(
        "pack_text",
        sa.Column("pack_id", sa.BigInteger(), nullable=False),
        sa.Column("indicator_number", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("analysis", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.BigInteger(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_pack_text_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["pack.id"], name=op.f("fk_pack_text_pack_id_pack"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"],
            ["account.id"],
            name=op.f("fk_pack_text_written_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("pack_id", "indicator_number", "level", name=op.f("pk_pack_text")),
    )
    op.create_table(
        "pack_claim",
        sa.Column("pack_id", sa.BigInteger(), nullable=False),
        sa.Column("indicator_number", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("is_met", sa.Boolean(), nullable=False),
        sa.Column("claimed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["claimed_by_id"],
            ["account.id"],
            name=op.f("fk_pack_claim_claimed_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_pack_claim_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["pack.id"], name=op.f("fk_pack_claim_pack_id_pack"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("pack_id", "indicator_number", "level", "letter", name=op.f("pk_pack_claim")),
    )
    op.create_table(
        "pack_use",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("pack_id", sa.BigInteger(), nullable=False),
        sa.Column("indicator_number", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=False),
        sa.Column("added_by_id", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["account.id"], name=op.f("fk_pack_use_added_by_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["evidence.id"],
            name=op.f("fk_pack_use_evidence_id_evidence"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_pack_use_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["pack.id"], name=op.f("fk_pack_use_pack_id_pack"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_use")),
        sa.UniqueConstraint(
            "pack_id",
            "indicator_number",
            "level",
            "letter",
            "evidence_id",
            name=op.f("uq_pack_use_pack_id_indicator_number_level_letter_evidence_id"),
        ),
    )
    op.create_index("ix_pack_use_evidence", "pack_use", ["evidence_id"], unique=False)
    op.create_table(
        "assessor_note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("pack_id", sa.BigInteger(), nullable=False),
        sa.Column("indicator_number", sa.SmallInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_assessor_note_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["account.id"],
            name=op.f("fk_assessor_note_made_by_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["pack.id"], name=op.f("fk_assessor_note_pack_id_pack"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_assessor_note_task_id_task"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessor_note")),
    )
    op.create_index("ix_assessor_note_pack", "assessor_note", ["pack_id", "indicator_number"], unique=False)


def _built_files() -> None:
    op.create_table(
        "built_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("acting_for_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "ready",
                "failed",
                name="build_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'ready') = (file_key IS NOT NULL)", name=op.f("ck_built_file_file_when_ready")
        ),
        sa.ForeignKeyConstraint(
            ["acting_for_id"],
            ["account.id"],
            name=op.f("fk_built_file_acting_for_id_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_built_file_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_built_file_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_built_file")),
    )
    op.create_index(
        "ix_built_file_account", "built_file", ["government_id", "account_id", "id"], unique=False
    )
    op.create_index(
        "ix_built_file_unfinished",
        "built_file",
        ["touched_at"],
        unique=False,
        postgresql_where="state IN ('waiting', 'running')",
    )


def _calendar_addresses() -> None:
    op.add_column("account", sa.Column("calendar_digest", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_account_calendar_digest"), "account", ["calendar_digest"])
    op.add_column("account", sa.Column("default_view_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_account_default_view_id_saved_view"),
        "account",
        "saved_view",
        ["default_view_id"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    op.drop_column("account", "default_view_id")
    op.drop_column("account", "calendar_digest")
    for table in (
        "built_file",
        "assessor_note",
        "pack_use",
        "pack_claim",
        "pack_text",
        "pack_entry",
        "pack",
        "acting_officer",
        "news",
        "comment_mention",
        "comment",
        "bulk_run",
        "saved_view",
        "task_label",
        "budget_line",
        "milestone",
        "extension",
        "criterion_verdict",
        "typed_draft",
        "level_text",
        "upload_piece",
        "upload",
        "evidence_use",
        "evidence_version",
        "evidence",
    ):
        op.drop_table(table)
    for column in ("search_words", "obstacle"):
        op.drop_column("task", column)
    for column in ("contents", "submitted_as_id"):
        op.drop_column("submission", column)
