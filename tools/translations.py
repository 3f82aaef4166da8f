"""The catalogues: `python -m tools.translations --check` tells what is missing, `--update` adds it.

Started with the environment's Python, because it reads catalogues with the package babel.
"""

import argparse
import io
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tools.layout import BIN, ROOT

TRANSLATIONS = ROOT / "spbe_tasks" / "translations"
LANGUAGES = ("id",)  # the sources are written in English
KEYWORDS = ("-k", "_l", "-k", "lazy_gettext", "-k", "N_")


def main(arguments: list[str]) -> int:
    """Check or update; the exit status is 1 when a catalogue is not complete."""
    parser = argparse.ArgumentParser(prog="python -m tools.translations")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--check", action="store_true", help="say which words lack a translation")
    action.add_argument(
        "--update", action="store_true", help="add new words to the catalogues, drop old ones"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        template = extract(Path(folder) / "messages.pot")
        if options.update:
            update(template)
            return 0
        return check(template)


def extract(template: Path) -> Path:
    """Write every word of the sources into a template."""
    # By default pybabel skips folders that begin with an underscore: the macros would stay English.
    options = ["--ignore-dirs", ".*", "--sort-by-file", "-o", str(template)]
    pybabel("extract", "-F", "tools/babel.cfg", *KEYWORDS, *options, ".")
    return template


def update(template: Path) -> None:
    """Merge the template into the catalogues, guessing nothing; a new language begins empty."""
    for language in LANGUAGES:
        path = catalogue_path(language)
        action = "update" if path.exists() else "init"
        options = ["--no-fuzzy-matching", "--ignore-obsolete"] if action == "update" else []
        pybabel(action, "-i", str(template), "-o", str(path), "-l", language, *options)


def catalogue_path(language: str) -> Path:
    """Where the translations of a language stand."""
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def check(template: Path) -> int:
    """Print what each catalogue lacks or no longer needs."""
    wanted = {key(message) for message in read(template) if message.id}
    problems = 0
    for language in LANGUAGES:
        path = catalogue_path(language)
        catalogue = [message for message in read(path) if message.id]
        done = {key(message) for message in catalogue if is_translated(message)}
        problems += report(path, "lacks", wanted - done)
        problems += report(path, "no longer needs", {key(message) for message in catalogue} - wanted)
    return 1 if problems else 0


def report(path: Path, what: str, messages: set[str]) -> int:
    """Print one line per message; how many there were."""
    for message in sorted(messages):
        print(f"{path.relative_to(ROOT)} {what}: {message!r}")
    return len(messages)


def key(message: Message) -> str:
    """What identifies a message: its English words, with the context when it has one."""
    words = message.id if isinstance(message.id, str) else message.id[0]
    return f"{message.context}: {words}" if message.context else words


def is_translated(message: Message) -> bool:
    """Whether every form has words and nobody marked them as a guess."""
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return all(forms) and not message.fuzzy


def read(path: Path) -> Catalog:
    """The catalogue in a file; an empty one when there is no file."""
    return read_po(io.BytesIO(path.read_bytes())) if path.exists() else Catalog()


def pybabel(*arguments: str) -> None:
    """Run pybabel quietly."""
    subprocess.run([BIN / "pybabel", "-q", *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
