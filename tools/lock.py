"""Makes the locks: `python -m tools.lock [--upgrade]`. Needs uv and npm; installing from them does not."""

import json
import subprocess
import sys

from tools.layout import ROOT

# What each lock holds. The first is a superset of the next two, whose versions follow it.
LOCKS = {
    "dev": ("pyproject.toml", "--extra=local", "--extra=s3", "--group=setup", "--group=dev"),
    "local": ("pyproject.toml", "--extra=local", "--group=setup"),
    "runtime": ("pyproject.toml", "--extra=s3"),  # the image can keep its files in either
    "npm": ("--group=npm",),
}
# Hashes pin what is installed; where it comes from is the machine's own setting, never the lock's.
OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
)


def main(arguments: list[str]) -> int:
    """Write the locks; `--upgrade` moves every package to its newest allowed version."""
    for name, parts in LOCKS.items():
        target = f"requirements/{name}.txt"
        command = ["uv", "pip", "compile", *OPTIONS, *parts, "--output-file", target]
        if name in ("local", "runtime"):
            command += ["--constraint", "requirements/dev.txt"]
        subprocess.run([*command, *arguments], cwd=ROOT, check=True)
    lock_frontend("update" if "--upgrade" in arguments else "install")
    return 0


def lock_frontend(action: str) -> None:
    """Write package-lock.json without the packages' appeals for funding, which are addresses too."""
    subprocess.run(["npm", action, "--package-lock-only", "--ignore-scripts"], cwd=ROOT, check=True)
    path = ROOT / "package-lock.json"
    lock = json.loads(path.read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2) + "\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
