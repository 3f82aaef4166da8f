"""Plans made before there were versions of a policy: each goes on by a version that says what stood in the plan."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session, joinedload

from spbe_tasks import create_app
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument
from spbe_tasks.models import Plan, PolicyVersion, Task
from spbe_tasks.rules.access import Role, Scope
from spbe_tasks.rules.policy import Policy
from spbe_tasks.services import plans, policies
from tests.factories import NOW, SPBE
from tests.services import PostgresServer
from tests.settings import make_settings

TITLE = get_instrument(SPBE).indicator(33).short_name("id")
# Two governments; the first has plans of two years with a task each, the second one plan.
BEFORE = """
INSERT INTO government (slug, name, kind, timezone, sender_name, send_opens_at, send_closes_at, is_mail_paused,
                        is_illustrative, version)
  SELECT 'g' || n, 'Kabupaten ' || n, 'kabupaten', 'Asia/Pontianak', 'SPBE', '07:30', '16:00', false, false, 1
  FROM generate_series(1, 2) n;
INSERT INTO agency (government_id, slug, name, short_name, is_active, version)
  SELECT id, 'kominfo', 'Diskominfo', 'Diskominfo', true, 1 FROM government;
INSERT INTO assessment (government_id, instrument_id, year, kind, predicate_basis, is_illustrative)
  SELECT g.id, 'permenpanrb-59-2020', y, 'official', 'unrounded', false
  FROM government g, generate_series(2023, 2024) y WHERE g.slug = 'g1' OR y = 2024;
INSERT INTO assessment_revision (government_id, assessment_id, number, file_name, file_sha256, imported_at, index_value)
  SELECT government_id, id, 1, 'nilai.csv', repeat('0', 64), now(), 2 FROM assessment;
INSERT INTO score (revision_id, indicator_number, government_id, level)
  SELECT id, n, government_id, 2 FROM assessment_revision, generate_series(1, 47) n;
INSERT INTO ownership (government_id, instrument_id, indicator_number, agency_id, is_lead)
  SELECT government_id, 'permenpanrb-59-2020', 33, id, true FROM agency;
INSERT INTO plan (government_id, instrument_id, year, baseline_revision_id, threshold, target_level, due_on,
                  created_at, version)
  SELECT a.government_id, a.instrument_id, a.year, r.id, 2.50 + (a.year - 2023) * 0.5, 3 + (a.year - 2023),
         make_date(a.year + 1, 6, 30), make_timestamptz(a.year + 1, 3, 3, 0, 0, 0, 'UTC'), 1
  FROM assessment a JOIN assessment_revision r ON r.assessment_id = a.id;
INSERT INTO task (government_id, plan_id, indicator_number, agency_id, round, state, title, baseline_level,
                  target_level, share_numerator, share_denominator, points, due_on, due_version, is_due_by_hand,
                  state_changed_at, version)
  SELECT p.government_id, p.id, 33, a.id, 1, 'planned', :title, 2, p.target_level, 1, 1, 0.0275, p.due_on, 1,
         false, now(), 1
  FROM plan p JOIN agency a ON a.government_id = p.government_id;
"""


@pytest.fixture
def older(postgres: PostgresServer, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database with rows that stands at the migration before."""
    name = f"older_{uuid4().hex[:8]}"
    postgres.create_database(name)
    app = create_app(make_settings(postgres, name, tmp_path))
    with app.app_context():
        flask_migrate.upgrade(revision="0002")
        with db.engine.begin() as connection:
            for statement in BEFORE.strip().removesuffix(";").split(";"):
                connection.execute(text(statement), {"title": TITLE} if ":title" in statement else {})
        yield app
        db.session.remove()
        db.engine.dispose()
    postgres.drop_database(name)


def versions(session: Session) -> dict[tuple[int, int], PolicyVersion]:
    return {(row.government_id, row.number): row for row in session.scalars(select(PolicyVersion))}


def test_every_plan_goes_on_by_a_version_with_its_present_values(older: Flask) -> None:
    flask_migrate.upgrade()
    session = db.session()
    found = [
        (plan.year, version.number, version.row.year, version.policy, plan.counted_from_on)
        for plan in session.scalars(select(Plan).order_by(Plan.government_id, Plan.year))
        for version in [policies.current(session, Scope(plan.government_id, None, Role.COORDINATOR), plan)]
    ]
    first = Policy.simple(Decimal("2.5"), Decimal(3), date(2024, 6, 30))
    second = Policy.simple(Decimal(3), Decimal(4), date(2025, 6, 30))
    assert found == [
        (2023, 1, 2023, first, date(2024, 3, 3)),
        (2024, 2, 2024, second, date(2025, 3, 3)),
        (2024, 1, 2024, second, date(2025, 3, 3)),
    ]
    assert all(task.policy_id == task.plan.policy_id for task in _tasks(session))


def test_generating_after_the_upgrade_changes_nothing(older: Flask) -> None:
    flask_migrate.upgrade()
    session = db.session()
    for plan in session.scalars(select(Plan).where(Plan.year == 2024)):
        scope = Scope(plan.government_id, None, Role.COORDINATOR)
        seen = plans.preview_plan(session, scope, plan, now=NOW)
        assert not seen.changes_anything
        assert (seen.unchanged, seen.settled.stored is not None) == (1, True)


def test_the_upgrade_can_be_taken_back(older: Flask) -> None:
    flask_migrate.upgrade()
    db.session.remove()
    flask_migrate.downgrade(revision="0002")
    with db.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT year, threshold, target_level, due_on FROM plan ORDER BY id")
        ).all()
    assert sorted(tuple(row) for row in rows) == [
        (2023, Decimal("2.50"), Decimal(3), date(2024, 6, 30)),
        (2024, Decimal("3.00"), Decimal(4), date(2025, 6, 30)),
        (2024, Decimal("3.00"), Decimal(4), date(2025, 6, 30)),
    ]


def _tasks(session: Session) -> list[Task]:
    return list(session.scalars(select(Task).options(joinedload(Task.plan))))
