"""The list of blueprints, one per subject."""

from spbe_tasks.web import (
    agencies,
    assessments,
    auth,
    calendars,
    dashboard,
    governments,
    health,
    outbox,
    ownership,
    passwords,
    people,
    plan_conflicts,
    profile,
    setup,
    system,
    task_actions,
)

BLUEPRINTS = (
    agencies.blueprint,
    assessments.blueprint,
    auth.blueprint,
    calendars.blueprint,
    dashboard.blueprint,
    governments.blueprint,
    health.blueprint,
    outbox.blueprint,
    ownership.blueprint,
    passwords.blueprint,
    people.blueprint,
    plan_conflicts.blueprint,
    profile.blueprint,
    setup.blueprint,
    system.blueprint,
    task_actions.blueprint,
)
