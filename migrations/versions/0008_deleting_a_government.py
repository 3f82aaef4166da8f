"""A government is deleted by a function of the schema's owner, once two administrators have asked for it.

Revision ID: 0008
Revises: 0007

The application's role may not delete what is written once, and cannot touch the trail at all. It may ask this function,
which does as two different administrators have confirmed and nothing else: four eyes are kept by the database, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NEWS = (
    "returned",
    "accepted",
    "mentioned",
    "commented",
    "extension_asked",
    "extension_answered",
    "assigned",
    "submitted",
    "file_ready",
)
NEWS_OF_DELETION = ("deletion_asked", "deletion_withdrawn")

# The database looks for whatever still refers to a row before it lets it go. Without these it would read the rows of
# all governments for each person, task and so on that is deleted: hours, on a large installation.
LOOKED_FOR = (
    ("event", "actor_id"),
    ("criterion_claim", "claimed_by_id"),
    ("criterion_claim", "proposed_by_task_id"),
    ("submission", "submitted_by_id"),
    ("submission", "submitted_as_id"),
    ("evidence", "created_by_id"),
    ("evidence_version", "added_by_id"),
    ("evidence_use", "added_by_id"),
    ("message", "account_id"),
    ("reminder_intent", "account_id"),
    ("level_text", "written_by_id"),
    ("comment", "author_id"),
    ("news", "actor_id"),
    ("news", "task_id"),
    ("pack_claim", "claimed_by_id"),
    ("pack_use", "added_by_id"),
    ("assessor_note", "task_id"),
)

# What is asked, by whom and when never changes; that it was done only the function below writes.
RIGHTS = """
DO $$
DECLARE app text := current_setting('spbe.app_role');
BEGIN
  REVOKE ALL ON FUNCTION delete_government(bigint, timestamptz) FROM PUBLIC;
  EXECUTE format('GRANT EXECUTE ON FUNCTION delete_government(bigint, timestamptz) TO %I', app);
  IF app <> current_user THEN
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON government_deletion FROM %I', app);
    EXECUTE format('GRANT INSERT (government_id, government_slug, government_name, reason, asked_at, asked_by_id) '
                   'ON government_deletion TO %I', app);
    EXECUTE format('GRANT UPDATE (confirmed_at, confirmed_by_id, archive_sha256, withdrawn_at, withdrawn_by_id) '
                   'ON government_deletion TO %I', app);
  END IF;
END $$
"""
RIGHTS_BEFORE = """
DO $$
BEGIN
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON government_deletion TO %I',
                 current_setting('spbe.app_role'));
END $$
"""

# The trail gives way to nothing but the deletion of its whole government, confirmed and not done yet.
KEEP = """
CREATE OR REPLACE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.chain_position IS NULL
     AND (to_jsonb(OLD) - 'chain_position' - 'chain_digest') = (to_jsonb(NEW) - 'chain_position' - 'chain_digest') THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' AND EXISTS (
    SELECT FROM public.government_deletion d
    WHERE d.government_id = OLD.government_id AND d.confirmed_by_id <> d.asked_by_id
      AND d.withdrawn_at IS NULL AND d.deleted_at IS NULL
  ) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the event trail is append-only';
END $$
"""
KEEP_BEFORE = """
CREATE OR REPLACE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.chain_position IS NULL
     AND (to_jsonb(OLD) - 'chain_position' - 'chain_digest') = (to_jsonb(NEW) - 'chain_position' - 'chain_digest') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the event trail is append-only';
END $$
"""

# Every table with a government's number loses its rows, those that refer to others first: a table that comes later is
# not forgotten. Null: a mail is at the mail server just now, try again.
DELETE = """
CREATE FUNCTION delete_government(deletion bigint, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  doomed bigint;
  standing text[];
  free text[];
  each text;
  removed bigint;
  counts jsonb := '{}';
BEGIN
  SELECT d.government_id INTO doomed
  FROM government_deletion d
  JOIN account asker ON asker.id = d.asked_by_id AND asker.role = 'administrator'
  JOIN account second ON second.id = d.confirmed_by_id AND second.role = 'administrator'
  WHERE d.id = deletion AND asker.id <> second.id AND d.withdrawn_at IS NULL AND d.deleted_at IS NULL
  FOR UPDATE OF d;
  IF doomed IS NULL THEN
    RAISE EXCEPTION 'deletion % is not confirmed by two administrators, or is over', deletion;
  END IF;
  -- Senders in the middle of a mail are let finish while they still can.
  PERFORM FROM message WHERE government_id = doomed FOR UPDATE;
  -- Whoever is writing rows of it is waited for; whoever begins to is told afterwards that it is gone.
  PERFORM FROM government WHERE id = doomed FOR UPDATE;
  -- Senders pass by what is locked: none of its mails, the newest too, can be taken from here on.
  PERFORM FROM message WHERE government_id = doomed FOR UPDATE;
  IF EXISTS (SELECT FROM message WHERE government_id = doomed AND state = 'handing_over') THEN
    RETURN NULL;
  END IF;
  -- Requests that one of its coordinators withdrew stay, without the person.
  UPDATE government_deletion SET withdrawn_by_id = NULL
  WHERE withdrawn_by_id IN (SELECT id FROM account WHERE government_id = doomed);
  standing := ARRAY(
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'government_id' AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'government_deletion'
    ORDER BY c.relname
  );
  WHILE cardinality(standing) > 0 LOOP
    -- Those that no other table still holds on to.
    free := ARRAY(
      SELECT t FROM unnest(standing) t WHERE NOT EXISTS (
        SELECT FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
        WHERE f.contype = 'f' AND f.confrelid = t::regclass AND f.confdeltype <> 'n'
          AND f.conrelid <> f.confrelid AND c.relname = ANY (standing)
      )
    );
    IF cardinality(free) = 0 THEN
      RAISE EXCEPTION 'these tables refer to one another in a circle: %', standing;
    END IF;
    FOREACH each IN ARRAY free LOOP
      EXECUTE format('DELETE FROM %I WHERE government_id = $1', each) USING doomed;
      GET DIAGNOSTICS removed = ROW_COUNT;
      counts := counts || jsonb_build_object(each, removed);
    END LOOP;
    standing := ARRAY(SELECT unnest(standing) EXCEPT SELECT unnest(free));
  END LOOP;
  DELETE FROM government WHERE id = doomed;
  counts := counts || jsonb_build_object('government', 1);
  UPDATE government_deletion SET deleted_at = at, deleted = counts WHERE id = deletion;
  RETURN counts;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, column in LOOKED_FOR:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    _allow_news((*NEWS, *NEWS_OF_DELETION))
    op.execute(KEEP)
    op.execute(DELETE)
    op.execute(RIGHTS)


def _allow_news(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_news_news_kind"), "news", type_="check")
    op.create_check_constraint(op.f("ck_news_news_kind"), "news", sa.column("kind").in_(kinds))


def downgrade() -> None:
    op.execute("DROP FUNCTION delete_government(bigint, timestamptz)")
    op.execute(KEEP_BEFORE)
    op.execute(RIGHTS_BEFORE)
    # The former schema has no place for this news.
    op.execute(sa.text("DELETE FROM news WHERE kind IN ('deletion_asked', 'deletion_withdrawn')"))
    _allow_news(NEWS)
    for table, column in LOOKED_FOR:
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
