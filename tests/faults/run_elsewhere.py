"""./run's own code on a folder of the test's: `python -m tests.faults.run_elsewhere FOLDER PORT`."""

import sys
from pathlib import Path

from tools import layout


def main(folder: Path, port: str) -> int:
    """Run the product with its data, logs and settings under `folder`, in the environment the tests use."""
    layout.VAR = folder / "var"
    layout.LOGS = layout.VAR / "logs"
    layout.LOCAL_ENV = layout.VAR / "local.env"
    layout.data_folder = lambda: folder / "data"
    # Imported only now: these take the folders over from `layout`.
    from tools import environment, frontend, run

    environment.ensure = lambda lock: None
    frontend.ensure = lambda: None
    return run.main(["--empty", "--port", port])


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2]))
