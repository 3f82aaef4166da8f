"""The list of blueprints, one per subject."""

from spbe_tasks.web import (
    agencies,
    auth,
    calendars,
    dashboard,
    governments,
    health,
    passwords,
    people,
    profile,
    setup,
    system,
    task_actions,
)

BLUEPRINTS = (
    agencies.blueprint,
    auth.blueprint,
    calendars.blueprint,
    dashboard.blueprint,
    governments.blueprint,
    health.blueprint,
    passwords.blueprint,
    people.blueprint,
    profile.blueprint,
    setup.blueprint,
    system.blueprint,
    task_actions.blueprint,
)
