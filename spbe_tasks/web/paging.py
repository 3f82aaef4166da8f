"""Which page of a list is asked for."""

from flask import request

# As far as a list is ever turned; beyond it the database could not count the rows to skip.
LAST_PAGE = 1_000_000


def page_number() -> int:
    """The page named in the address, from 1 to ``LAST_PAGE``; 1 for what is no number."""
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
