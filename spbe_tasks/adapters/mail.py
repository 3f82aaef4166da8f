"""The mail server: one connection kept for as long as it lives, and what its answers mean."""

import smtplib
import ssl

from spbe_tasks.config import Settings

TIMEOUT_SECONDS = 20


def connect(settings: Settings) -> smtplib.SMTP:
    """A signed-in connection to the mail server. Raises ``OSError`` or ``smtplib.SMTPException``."""
    secret = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
    context = ssl.create_default_context()
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_SECONDS)
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
    if settings.smtp_username:
        server.login(settings.smtp_username, secret)
    return server


def check(settings: Settings) -> str:
    """One line about the server's answer to a greeting; raises ``OSError`` when it cannot be reached."""
    with connect(settings) as server:
        code, words = server.noop()
    return f"{settings.smtp_host}:{settings.smtp_port} answers {code} {words.decode(errors='replace')}"
