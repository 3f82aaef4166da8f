"""The command group: its sub-commands, and how an error of ours ends a command."""

import sys
from collections.abc import Sequence

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from spbe_tasks.cli.acting import acting_group
from spbe_tasks.cli.assessment import assessment_group
from spbe_tasks.cli.database import database_group
from spbe_tasks.cli.demo import demo_command
from spbe_tasks.cli.doctor import doctor_command
from spbe_tasks.cli.evidence import evidence_group
from spbe_tasks.cli.government import agency_group, government_group
from spbe_tasks.cli.index import index_command
from spbe_tasks.cli.instrument import instrument_group
from spbe_tasks.cli.pack import pack_group
from spbe_tasks.cli.path import path_command
from spbe_tasks.cli.plan import plan_group
from spbe_tasks.cli.projection import projection_group
from spbe_tasks.cli.read import read_command
from spbe_tasks.cli.reminder_checks import reminders_group
from spbe_tasks.cli.task import task_group
from spbe_tasks.cli.trail import trail_group
from spbe_tasks.cli.user import user_group
from spbe_tasks.config import ConfigError
from spbe_tasks.messages import describe_all
from spbe_tasks.rules.errors import SpbeError

LOCALE = "en"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="spbe-tasks", message="%(version)s")
def group() -> None:
    """SPBE Tasks: from assessment to tasks, reminders and the projected index."""


COMMANDS: tuple[click.Command, ...] = (
    acting_group,
    agency_group,
    assessment_group,
    database_group,
    demo_command,
    doctor_command,
    evidence_group,
    government_group,
    index_command,
    instrument_group,
    pack_group,
    path_command,
    plan_group,
    projection_group,
    read_command,
    reminders_group,
    task_group,
    trail_group,
    user_group,
)
for command in COMMANDS:
    group.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command. An error of ours is printed as sentences, one per problem, and exits with 1."""
    try:
        group.main(args=list(arguments) if arguments is not None else None, standalone_mode=True)
    except SpbeError as error:
        _fail(describe_all(error, LOCALE))
    except ConfigError as error:
        _fail([str(error)])
    except (OperationalError, ProgrammingError) as error:
        _fail([f"The database cannot be used: {str(error.orig).splitlines()[0]}", "Run: spbe-tasks doctor"])


def _fail(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        click.echo(f"error: {sentence}", err=True)
    sys.exit(1)
