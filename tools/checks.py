"""The checks beside the tests: `python -m tools.checks [NAME ...]`, all of them by default."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
CHECKS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "arch": ["lint-imports"],
    "translations": ["python", "-m", "tools.translations", "--check"],
}


def main(names: list[str]) -> int:
    """Run the named checks, all of them even when one fails; the exit status is 1 when any failed."""
    if unknown := set(names) - set(CHECKS):
        print(f"No such check: {', '.join(sorted(unknown))}. There are: {', '.join(CHECKS)}.")
        return 2
    failed = [name for name in names or CHECKS if not passes(name)]
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def passes(name: str) -> bool:
    """Whether the check is content; it prints what it found."""
    program, *arguments = CHECKS[name]
    print(f"-- {name}: {program} {' '.join(arguments)}", flush=True)
    return subprocess.run([BIN / program, *arguments], cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
