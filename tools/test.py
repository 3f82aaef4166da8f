"""./test: installs what the tests need, then hands over to pytest with a clean environment."""

import os
import sys

from tools import browser, environment, frontend, scanner
from tools.layout import BIN, ROOT, SetupError
from tools.processes import clean_environment

# Two workers fit the smallest machine; tests that need the whole machine share a group.
IN_PARALLEL = ("-n", "2", "--dist", "loadgroup")


def main(arguments: list[str]) -> int:
    """Set up and run pytest with the arguments; does not return when that works."""
    try:
        with environment.one_at_a_time():
            environment.ensure("dev")
            frontend.ensure()
            if needs(arguments, "e2e"):
                browser.ensure()
            if needs(arguments, "integration"):
                scanner.ensure()
    except SetupError as problem:
        print(problem, file=sys.stderr)
        return 1
    os.chdir(ROOT)
    command = [str(BIN / "pytest"), *options(arguments), *arguments]
    # Tests that build and install the wheel need the package clients' own settings.
    return os.execve(command[0], command, clean_environment(network=True))  # noqa: S606 - no shell is meant


def options(arguments: list[str]) -> tuple[str, ...]:
    """Run in parallel unless the caller decides, or wants to debug."""
    decided = ("-n", "--numprocesses", "--dist", "-p", "--pdb", "--collect-only", "--co", "-s")
    return () if any(argument.startswith(decided) for argument in arguments) else IN_PARALLEL


def needs(arguments: list[str], folder: str) -> bool:
    """Whether tests of this folder may be among those asked for."""
    paths = [name for argument in arguments if (ROOT / (name := argument.split("::")[0])).exists()]
    folders = [(ROOT / path).resolve() for path in paths] or [ROOT]
    wanted = ROOT / "tests" / folder
    return any(each.is_relative_to(wanted) or wanted.is_relative_to(each) for each in folders)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
