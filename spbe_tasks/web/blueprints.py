"""The list of blueprints, one per subject."""

from spbe_tasks.web import auth, health

BLUEPRINTS = (auth.blueprint, health.blueprint)
