"""Starting and stopping child processes so that none outlives its parent, with an explicit environment."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from tools.layout import ROOT, SetupError

# What a child may inherit. Everything else (DATABASE_URL, PG*, CELERY_*, PYTHON*) would change
# what the product or its tests do from one machine to the next.
KEPT = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "TMPDIR", "CI", "DISPLAY", "NO_COLOR")
KEPT_PREFIXES = ("LC_", "XDG_")
# Proxies, certificates and package clients' own settings: needed to install, by nothing else.
NETWORK_WORDS = ("PROXY", "_CA_", "CERT", "PIP_", "UV_", "NPM_CONFIG_", "PLAYWRIGHT_", "DEBIAN_FRONTEND")

PR_SET_PDEATHSIG = 1


def clean_environment(extra: Mapping[str, str] | None = None, *, network: bool = False) -> dict[str, str]:
    """The environment of a child: a short list of inherited names plus what is given."""
    words = NETWORK_WORDS if network else ()
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or name.startswith(KEPT_PREFIXES) or any(word in name.upper() for word in words)
    }
    return kept | dict(extra or {})


def _die_with_parent(death_signal: int) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork
    parent = os.getpid()

    def set_up() -> None:
        prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return set_up


def spawn(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    output: IO[bytes] | int | None = None,
    account: str | None = None,
    death_signal: int = signal.SIGTERM,
    keep_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """A started child in its own session, told to stop by the kernel if this process is killed.

    `account` is the user it runs as (only root may ask); `keep_open` are file descriptors it inherits.
    """
    entry = pwd.getpwnam(account) if account else None
    return subprocess.Popen(
        [str(part) for part in command],
        cwd="/" if account else ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        user=entry.pw_uid if entry else None,
        group=entry.pw_gid if entry else None,
        extra_groups=[] if entry else None,
        preexec_fn=_die_with_parent(death_signal),  # noqa: PLW1509 - callers have one thread
        pass_fds=tuple(keep_open),
    )


def run(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    account: str | None = None,
    text: str = "",
) -> subprocess.CompletedProcess[str]:
    """A short command, finished, with what it printed; the caller looks at its exit status."""
    return subprocess.run(
        [str(part) for part in command],
        cwd="/" if account else ROOT,
        env=clean_environment() if environment is None else dict(environment),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        user=account,
        extra_groups=[] if account else None,
    )


def stop(process: subprocess.Popen[bytes], *, by: int = signal.SIGTERM, grace: float = 10.0) -> None:
    """Ask the child to stop, wait `grace` seconds, then kill whatever is left of its process group."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
    kill_group(process)
    process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill every process left in the child's group, the child included."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # nothing left; macOS answers "permission" for zombies
        return


def wait_until(
    ready: Callable[[], bool], *, process: subprocess.Popen[bytes], name: str, seconds: float = 30.0
) -> None:
    """Return once `ready()` is true; raises SetupError when the child ends first or time runs out."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise SetupError(f"{name} ended while starting (exit status {process.returncode}).")
        if time.monotonic() > deadline:
            raise SetupError(f"{name} was not ready within {seconds:.0f} seconds.")
        time.sleep(0.05)
