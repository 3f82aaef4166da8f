"""SPBE Tasks: low-scoring indicators become tasks per agency, with reminders and a projected index."""

from flask import Flask

from spbe_tasks import clock, failpoints, resources
from spbe_tasks.adapters import broker, mail
from spbe_tasks.config import Settings, load_settings
from spbe_tasks.extensions import babel, csrf, db, limiter, login_manager, migrate
from spbe_tasks.log import configure_logging
from spbe_tasks.web import app as web
from spbe_tasks.web.locale import current_locale

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """The Flask application for ``settings`` (default: read from the environment). Raises ``ConfigError``."""
    settings = settings or load_settings()
    configure_logging(settings.log_level, settings.log_format)
    clock.set_offset(settings.clock_offset)
    failpoints.arm(settings.failpoint)
    app = Flask("spbe_tasks", template_folder=str(resources.folder("templates")))
    app.config.from_mapping(web.flask_config(settings))
    app.extensions["settings"] = settings
    app.extensions["broker"] = broker.connect(settings)
    app.extensions["mail"] = mail.Connection(settings)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(resources.folder("migrations")))
    # The frame hands the person to the templates: a page that asks for nobody then leaves the session alone.
    login_manager.init_app(app, add_context_processor=False)
    csrf.init_app(app)
    limiter.init_app(app)
    babel.init_app(app, locale_selector=current_locale)
    web.init_app(app)
    return app
