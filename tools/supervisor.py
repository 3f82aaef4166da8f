"""Runs a set of programs together: restarts one that died, loudly, and stops all of them at the end."""

import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from tools.processes import kill_group
from tools.terminal import say

RESTARTS_PER_MINUTE = 3
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LONGEST_LOG = 5_000_000  # bytes; an older log is set aside at the next start
Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Program:
    """One child: how it starts, how one knows it is ready, how it stops."""

    name: str
    start: Callable[[IO[bytes]], Process]
    ready: Callable[[Process], None] | None = None
    stop_by: int = signal.SIGTERM
    grace: float = 10.0  # seconds between the request to stop and the kill
    is_service: bool = False  # others depend on it: it stops after them


@dataclass(slots=True)
class Child:
    """A program that runs now, and when it was restarted of late."""

    program: Program
    process: Process
    restarts: deque[float] = field(default_factory=deque)


class Supervisor:
    """Owns the children from their start to their end; use as a context manager, which stops them all."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.children: list[Child] = []
        self._asked_to_stop = 0
        self._is_interruptible = True

    def __enter__(self) -> "Supervisor":
        for number in STOP_SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup ./run
                signal.signal(number, self._on_signal)
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_interruptible = False
        self.stop_all()

    def start(self, program: Program) -> None:
        """Start the program and wait until it is ready."""
        self._set_old_log_aside(program)
        self._is_interruptible = False  # a signal now must not lose sight of the new child
        child = Child(program, self._spawn(program))
        self.children.append(child)
        self._is_interruptible = True
        if self._asked_to_stop:
            raise KeyboardInterrupt
        self._wait_ready(child)

    def watch(self) -> int:
        """Restart what dies until asked to stop; the exit status: 0, or 1 when a program dies too often."""
        try:
            while self.check():
                time.sleep(0.2)
        except KeyboardInterrupt:
            return 0
        return 1

    def check(self) -> bool:
        """Restart each child that died; false when one has died too often."""
        return all(self._restart(child) for child in self.children if child.process.poll() is not None)

    def stop_all(self) -> None:
        """Stop what depends on services, then the services; a second request to stop kills at once."""
        for are_services in (False, True):
            self._stop([child for child in self.children if child.program.is_service is are_services])

    def log_path(self, program: Program) -> Path:
        """The file that holds what the program prints."""
        return self.logs / f"{program.name}.log"

    def _restart(self, child: Child) -> bool:
        name, now = child.program.name, time.monotonic()
        say(f"!! {name} stopped unexpectedly ({_how_it_ended(child.process)}); its last words:")
        say(self._last_lines(child.program))
        kill_group(child.process)
        while child.restarts and child.restarts[0] < now - 60:
            child.restarts.popleft()
        if len(child.restarts) >= RESTARTS_PER_MINUTE:
            say(f"!! {name} died more than {RESTARTS_PER_MINUTE} times within a minute: stopping everything.")
            return False
        child.restarts.append(now)
        say(f"!! Starting {name} again ({len(child.restarts)} of {RESTARTS_PER_MINUTE} this minute).")
        time.sleep(0.5)  # what it left behind (connections, shared memory) goes away first
        child.process = self._spawn(child.program)
        return True

    def _spawn(self, program: Program) -> Process:
        with self.log_path(program).open("ab") as log:
            return program.start(log)

    def _wait_ready(self, child: Child) -> None:
        if child.program.ready:
            child.program.ready(child.process)

    def _stop(self, children: list[Child]) -> None:
        for child in children:
            if child.process.poll() is None:
                child.process.send_signal(child.program.stop_by)
        deadline = time.monotonic() + max((child.program.grace for child in children), default=0)
        patience = max(self._asked_to_stop, 1)
        for child in children:
            while child.process.poll() is None and self._asked_to_stop <= patience:
                if time.monotonic() > deadline:
                    say(f"!! {child.program.name} did not stop in time: killing it.")
                    break
                time.sleep(0.05)
            kill_group(child.process)
            child.process.wait()

    def _set_old_log_aside(self, program: Program) -> None:
        path = self.log_path(program)
        if path.exists() and path.stat().st_size > LONGEST_LOG:
            path.replace(path.with_suffix(".old.log"))

    def _last_lines(self, program: Program, count: int = 15) -> str:
        lines = self.log_path(program).read_text(errors="replace").splitlines()[-count:]
        return "\n".join(f"   | {line}" for line in lines)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._asked_to_stop += 1
        if self._is_interruptible:
            self._is_interruptible = False
            raise KeyboardInterrupt


def _how_it_ended(process: Process) -> str:
    if process.returncode < 0:
        return f"killed by {signal.Signals(-process.returncode).name}"
    return f"exit status {process.returncode}"
