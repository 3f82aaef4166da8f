"""Planning: versioned policies, scenarios, succession of agencies, upkeep, closing a year.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _shares()
    _succession()


def _shares() -> None:
    op.add_column("ownership", sa.Column("share_numerator", sa.Integer()))
    op.add_column("ownership", sa.Column("share_denominator", sa.Integer()))
    op.create_check_constraint(
        "share_is_a_part",
        "ownership",
        "(share_numerator IS NULL) = (share_denominator IS NULL) "
        "AND share_numerator >= 0 AND share_numerator <= share_denominator AND share_denominator > 0",
    )


def _succession() -> None:
    op.create_table(
        "agency_succession",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("government_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("successor_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("merge", "split", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["government_id"],
            ["government.id"],
            name=op.f("fk_agency_succession_government_id_government"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"],
            ["agency.id"],
            name=op.f("fk_agency_succession_agency_id_agency"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["agency.id"],
            name=op.f("fk_agency_succession_successor_id_agency"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_succession")),
    )
    op.create_index("ix_agency_succession_agency", "agency_succession", ["government_id", "agency_id"])
    op.add_column("task", sa.Column("merged_into_id", sa.BigInteger()))
    op.create_foreign_key(
        op.f("fk_task_merged_into_id_task"), "task", "task", ["merged_into_id"], ["id"], ondelete="RESTRICT"
    )
    op.create_index(
        "ix_task_merged_into", "task", ["merged_into_id"], postgresql_where="merged_into_id IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_column("task", "merged_into_id")
    op.drop_table("agency_succession")
    op.drop_constraint(op.f("ck_ownership_share_is_a_part"), "ownership")
    op.drop_column("ownership", "share_denominator")
    op.drop_column("ownership", "share_numerator")
