"""A real clamd for tests, which knows one virus: the test file that every scanner knows (EICAR)."""

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from spbe_tasks.adapters.clamd import Clamd, ScannerError
from tests.services import new_folder
from tools import scanner
from tools.layout import SetupError
from tools.processes import clean_environment, spawn, stop

# In two halves, so that no scanner takes this file away.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD" + rb"-ANTIVIRUS-TEST-FILE!$H+H*"
THREAT = "Eicar-Test"
STARTS_WITHIN = 30.0
STREAM_MB = 3


@dataclass(frozen=True, slots=True)
class Scanner:
    """A running clamd at ``address`` (a unix socket); takes at most ``STREAM_MB``."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Stop it, and forget its files."""
        stop(self.process)
        shutil.rmtree(self.folder)


def start() -> Scanner:
    """A clamd of its own in a temporary folder; raises SetupError without a program."""
    program = scanner.find()
    if program is None:
        raise SetupError("There is no clamd: run ./test, or install clamav-daemon.")
    folder = new_folder()
    signatures = folder / "signatures"
    signatures.mkdir()
    (signatures / "own.ndb").write_text(f"{THREAT}:0:*:{EICAR.hex()}\n")
    socket = folder / "socket"
    settings = [
        f"DatabaseDirectory {signatures}",
        f"LocalSocket {socket}",
        f"StreamMaxLength {STREAM_MB}M",
        "Foreground yes",
        "SelfCheck 0",
    ]
    (folder / "clamd.conf").write_text("\n".join(settings) + "\n")
    log = (folder / "log").open("wb")
    process = spawn(
        [program, "--config-file", folder / "clamd.conf"], environment=clean_environment(), output=log
    )
    log.close()
    started = Scanner(str(socket), folder, process)
    _wait(started)
    return started


def _wait(started: Scanner) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            return Clamd(started.address).ping()
        except ScannerError as error:
            if started.process.poll() is not None or time.monotonic() > until:
                said = (started.folder / "log").read_text()
                started.stop()
                raise SetupError(f"clamd does not start: {error}\n{said}") from error
            time.sleep(0.05)
