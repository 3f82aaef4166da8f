"""The application's role reads and writes rows but owns nothing; the trail can only grow.

Revision ID: 0002
Revises: 0001

``env.py`` puts the application's role into ``spbe.app_role``; with one role for both the grants change nothing and
the trigger still keeps the trail.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RIGHTS = """
DO $$
DECLARE app text := current_setting('spbe.app_role');
BEGIN
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', app);
  EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO %I', app);
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', app);
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO %I', app);
  IF app <> current_user THEN
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM %I', app);
    EXECUTE format('REVOKE UPDATE, DELETE ON event, assessment_revision, score FROM %I', app);
    EXECUTE format('GRANT UPDATE (chain_position, chain_digest) ON event TO %I', app);
  END IF;
END $$
"""

# An event may receive its seal, once; nothing else about it ever changes.
KEEP = """
CREATE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.chain_position IS NULL
     AND (to_jsonb(OLD) - 'chain_position' - 'chain_digest') = (to_jsonb(NEW) - 'chain_position' - 'chain_digest') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the event trail is append-only';
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(RIGHTS)
    op.execute(KEEP)
    op.execute(
        "CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE ON event "
        "FOR EACH ROW EXECUTE FUNCTION event_is_append_only()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER event_is_append_only ON event")
    op.execute("DROP FUNCTION event_is_append_only()")
