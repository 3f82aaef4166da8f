"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}

Before it lands: does the old code run on the new schema? Add column, fill, then require: three migrations.
Never import models or services here: state the few columns you need. Schema and data changes in separate files.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = '10min'")
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
