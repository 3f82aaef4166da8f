"""``spbe-tasks demo``: invented data to look at, or in bulk to measure with; only on this machine."""

from dataclasses import asdict

import click
from flask import current_app

from spbe_tasks import clock
from spbe_tasks.cli.context import as_json, show, with_app
from spbe_tasks.config import Settings
from spbe_tasks.demo import bulk, guard, ketapang, papers, volume
from spbe_tasks.demo.content import Person, read_history, read_ketapang
from spbe_tasks.demo.volume import Amount
from spbe_tasks.extensions import db
from spbe_tasks.rules.errors import NotFoundError
from spbe_tasks.stored_files import storage
from spbe_tasks.transaction import transaction

count = click.IntRange(min=1)


@click.command("demo")
@click.option("--accounts", is_flag=True, help="Only print the demo's accounts again.")
@click.option("--governments", type=count, help="Instead of the demo: this many governments in bulk.")
@click.option("--tasks", type=count, help="With --governments: this many tasks in all, 5,000 in the largest.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same data.")
@as_json
@with_app
def demo_command(
    accounts: bool, governments: int | None, tasks: int | None, seed: int, as_json: bool
) -> None:
    """Load an invented Ketapang, once: agencies, people, assessments, and a plan with tasks in every state.

    Everything is marked as illustrative. Refused where PUBLIC_URL is not this machine, and beside real governments.
    """
    if (governments is None) != (tasks is None):
        raise click.UsageError("--governments and --tasks go together.")
    if accounts:
        _print_accounts(as_json=as_json)
    elif governments is None or tasks is None:
        _load_demo(as_json=as_json)
    else:
        _load_volume(Amount(governments, tasks, seed), as_json=as_json)


def _print_accounts(*, as_json: bool) -> None:
    if not ketapang.is_loaded(db.session()):
        raise NotFoundError("demo.not_loaded")
    show(_document(), as_json=as_json, text=_text)


def _load_demo(*, as_json: bool) -> None:
    guard.check_allowed(db.session(), is_local=_settings().is_local)
    is_new = not ketapang.is_loaded(db.session())
    if is_new:
        kept = papers.keep_all(storage(), read_history())
        with transaction() as work:
            ketapang.load(work, kept, now=clock.now())
    first = "The demo is loaded." if is_new else "The demo is already here; nothing was changed."
    show({"is_new": is_new, **_document()}, as_json=as_json, text=lambda: f"{first}\n{_text()}")


def _load_volume(amount: Amount, *, as_json: bool) -> None:
    guard.check_allowed(db.session(), is_local=_settings().is_local)
    with transaction() as work:
        volume.load(work, amount, now=clock.now())
    bulk.settle(_settings().owner_url)
    sentence = f"{amount.tasks} tasks of {amount.governments} governments are made (seed {amount.seed})."
    show(asdict(amount), as_json=as_json, text=lambda: sentence)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _document() -> dict[str, object]:
    content = read_ketapang()
    return {
        "government": content.name,
        "is_illustrative": True,
        "url": _settings().public_url,
        "password": content.password,
        "accounts": [_account(person) for person in content.people],
    }


def _account(person: Person) -> dict[str, object]:
    return {"email": person.email, "role": person.role.value, "name": person.name, "agency": person.agency}


def _text() -> str:
    content = read_ketapang()
    width = max(len(each.email) for each in content.people)
    lines = [
        f"  {each.email:{width}}  {each.role.value:13}  {each.agency or ''}".rstrip()
        for each in content.people
    ]
    return "\n".join(
        [
            f"{content.name}: people, levels of single indicators and history are invented.",
            f"Sign in at {_settings().public_url} with the password {content.password}",
            *lines,
        ]
    )
