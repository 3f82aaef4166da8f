"""What the set-up says on the terminal."""

from contextlib import suppress


def say(message: str) -> None:
    """One line of progress, if there still is a terminal to show it."""
    with suppress(OSError):
        print(message, flush=True)
