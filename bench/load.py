"""The load generator, a process of its own: keep-alive connections, each sending its next request when answered.

Reads a plan (JSON) from standard input and prints what it saw. One thread, no parsing beyond the status and the
length, so that it takes as little as possible of the processors it shares with the server.
"""

import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send. ``scripts``: for each connection the requests it repeats in turn.

    ``versions``: for each connection the number that stands for ``{version}`` in its first body; it grows by one
    with each request, as a task's version does.
    """

    port: int
    seconds: float
    expected_status: int
    scripts: Sequence[Sequence[dict[str, str]]]
    versions: Sequence[int]

    def as_json(self) -> str:
        """The plan as the process reads it."""
        return json.dumps(asdict(self))


@dataclass
class Connection:
    """One keep-alive connection and where it is in its script."""

    plan: Plan
    number: int
    sent: int = 0
    answered: int = 0
    buffer: bytes = b""
    link: socket.socket | None = None

    def connect(self, selector: selectors.BaseSelector) -> None:
        """Open the connection, and send the next request."""
        self.link = socket.create_connection(("127.0.0.1", self.plan.port), timeout=30)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(self.link, selectors.EVENT_READ, self)
        self.send()

    def send(self) -> None:
        """Send the next request of the script."""
        assert self.link is not None
        script = self.plan.scripts[self.number]
        request = script[self.sent % len(script)]
        body = request.get("body", "").replace("{version}", str(self.plan.versions[self.number] + self.sent))
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        self.link.sendall(f"{request['head']}{length}\r\n{body}".encode())
        self.sent += 1

    def receive(self) -> bool:
        """Take in what arrived; whether the answer is complete. Raises RuntimeError for an unexpected one."""
        assert self.link is not None
        part = self.link.recv(1 << 18)
        if not part:
            raise RuntimeError("the server closed the connection in the middle of an answer")
        self.buffer += part
        end = self.buffer.find(HEAD_END)
        if end < 0:
            return False
        head = self.buffer[:end].lower()
        if len(self.buffer) < end + len(HEAD_END) + int(head.split(b"content-length:")[1].split(b"\r\n")[0]):
            return False
        status = int(head[9:12])
        if status != self.plan.expected_status:
            raise RuntimeError(f"answer {status}: {self.buffer[:3000].decode(errors='replace')}")
        self.answered += 1
        return True

    def goes_on(self, selector: selectors.BaseSelector) -> None:
        """Send the next request, on a new connection when the server (a worker that retires) closes this one."""
        assert self.link is not None
        is_closing = b"connection: close" in self.buffer[: self.buffer.find(HEAD_END)].lower()
        self.buffer = b""
        if is_closing:
            selector.unregister(self.link)
            self.link.close()
            self.connect(selector)
        else:
            self.send()


def run(plan: Plan) -> dict[str, Any]:
    """Drive the plan; returns answers, seconds they took and processor seconds of this process."""
    selector = selectors.DefaultSelector()
    connections = [Connection(plan, number) for number in range(len(plan.scripts))]
    started, own = time.perf_counter(), time.process_time()
    for each in connections:
        each.connect(selector)
    while selector.get_map():
        for key, _ in selector.select(timeout=30):
            connection: Connection = key.data
            if not connection.receive():
                continue
            if time.perf_counter() - started < plan.seconds:
                connection.goes_on(selector)
            else:
                selector.unregister(key.fileobj)
    seconds = time.perf_counter() - started
    answers = sum(each.answered for each in connections)
    return {"answers": answers, "seconds": seconds, "own_cpu": time.process_time() - own}


if __name__ == "__main__":
    print(json.dumps(run(Plan(**json.load(sys.stdin)))))
