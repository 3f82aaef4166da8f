"""Puts the HTTP side together: Flask's settings, blueprints, guard, error pages, headers, template words."""

from datetime import timedelta
from uuid import uuid4

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from spbe_tasks.config import Settings
from spbe_tasks.log import correlation_id
from spbe_tasks.web import access, errors, evidence_words, formatting, live, navigation, news, sessions, words
from spbe_tasks.web.blueprints import BLUEPRINTS

MAX_UPLOAD_BYTES = 10 * 1024 * 1024
CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def flask_config(settings: Settings) -> dict[str, object]:
    """What Flask and its extensions are told, derived from our settings and nowhere else."""
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "SQLALCHEMY_DATABASE_URI": settings.database_url.get_secret_value(),
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_pre_ping": False,
            "pool_size": 8,
            "max_overflow": 4,
            "connect_args": {"connect_timeout": 5, "options": "-c timezone=UTC"},
        },
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SECURE": settings.is_https,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "MAX_CONTENT_LENGTH": MAX_UPLOAD_BYTES,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,  # a pasted table, or the levels of a draft
        "WTF_CSRF_TIME_LIMIT": None,  # a form left open over lunch still works; it dies with the session
        "RATELIMIT_STORAGE_URI": _limits_address(settings.redis_url.get_secret_value()),
        # A broker that hangs delays one attempt in many by this much; then each process counts for itself.
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": False,
        "BABEL_DEFAULT_LOCALE": "id",
    }


def _limits_address(redis_url: str) -> str:
    """The broker's address as the rate limits' library writes it: a socket has another scheme there."""
    for scheme in ("redis+socket://", "unix://"):
        if redis_url.startswith(scheme):
            return f"redis+unix://{redis_url.removeprefix(scheme)}".replace("virtual_host=", "db=")
    return redis_url


def init_app(app: Flask) -> None:
    """Register everything HTTP on ``app``."""
    settings: Settings = app.extensions["settings"]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    sessions.init_app(app)
    access.init_app(app)
    errors.init_app(app)
    formatting.init_app(app)
    words.init_app(app)
    navigation.init_app(app)
    live.init_app(app)
    evidence_words.init_app(app)
    news.init_app(app)
    app.before_request(_name_request)
    app.after_request(_add_headers)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=app.static_folder, prefix="static/", max_age=3600
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _name_request() -> None:
    g.request_id = uuid4().hex[:12]
    correlation_id.set(g.request_id)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-ID"] = g.get("request_id", "-")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
