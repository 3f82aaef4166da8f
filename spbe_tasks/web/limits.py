"""How often a stranger may try. Counted per account and address together, so that one office never locks out itself."""

from collections.abc import Callable
from typing import Any

from flask import request
from flask_limiter.util import get_remote_address

from spbe_tasks.extensions import limiter

View = Callable[..., Any]
KEY_LENGTH = 254


def of_one_account(limit: str) -> Callable[[View], View]:
    """No more than ``limit`` posts about one e-mail address from one network address."""
    return limiter.limit(limit, key_func=_account_and_address, methods=["POST"])


def of_one_recipient(limit: str) -> Callable[[View], View]:
    """No more than ``limit`` posts about one e-mail address from anywhere: nobody's inbox is flooded."""
    return limiter.limit(limit, key_func=_account, methods=["POST"])


def of_one_address(limit: str) -> Callable[[View], View]:
    """No more than ``limit`` posts from one network address: a whole office may stand behind it."""
    return limiter.limit(limit, key_func=get_remote_address, methods=["POST"])


def reads_of_one_address(limit: str) -> Callable[[View], View]:
    """No more than ``limit`` readings from one network address: nobody tries out secrets."""
    return limiter.limit(limit, key_func=get_remote_address)


def _account() -> str:
    return request.form.get("email", "").strip().lower()[:KEY_LENGTH] or "-"


def _account_and_address() -> str:
    return f"{_account()} {get_remote_address()}"
