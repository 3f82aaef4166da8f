"""Builds the wheel with everything browsers need in it: `python -m tools.wheel [FOLDER]`, default dist/."""

import sys
from pathlib import Path

from tools import environment, frontend
from tools.environment import PYTHON, install
from tools.layout import ROOT, SetupError


def main(arguments: list[str]) -> int:
    """Set up the build environment, fill static/vendor and build."""
    folder = Path(arguments[0]) if arguments else ROOT / "dist"
    try:
        with environment.one_at_a_time():
            environment.ensure("local")
            frontend.ensure()
            build: list[str | Path] = [
                PYTHON,
                "-m",
                "pip",
                "wheel",
                "--no-deps",
                "--no-index",
                "--no-build-isolation",
            ]
            install([*build, "--wheel-dir", folder, ROOT], purpose="Building the wheel")
    except SetupError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
