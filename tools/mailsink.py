"""The mail server of ./run: takes every message, logs it and keeps the newest; delivers nothing.

Started with the environment's Python, because the SMTP part is the package aiosmtpd.
"""

import asyncio
import email
import email.policy
import signal
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

KEPT_MESSAGES = 200


class Keeper:
    """Writes each message to a file of its own, named so that names sort by arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it by this name
        """Keep the message and say so on the log."""
        content = envelope.original_content or b""
        path = self.folder / f"{time.time_ns()}.eml"
        path.write_bytes(content)
        message = email.message_from_bytes(content, policy=email.policy.default)
        print(f"{path.name} to {', '.join(envelope.rcpt_tos)}: {message['subject']}", flush=True)
        for old in sorted(self.folder.glob("*.eml"))[:-KEPT_MESSAGES]:
            old.unlink(missing_ok=True)
        return "250 kept"


async def serve(host: str, port: int, folder: Path) -> None:
    """Take mail until asked to stop."""
    folder.mkdir(parents=True, exist_ok=True)
    loop = asyncio.get_running_loop()
    keeper = Keeper(folder)
    server = await loop.create_server(lambda: SMTP(keeper, hostname="localhost"), host, port)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
