"""``spbe-tasks instrument``: which instruments there are, what is in one, and whether a file is one."""

from pathlib import Path

import click

from spbe_tasks import clock
from spbe_tasks.cli.context import as_json, government_option, operator_scope, show, with_app
from spbe_tasks.extensions import db
from spbe_tasks.instruments.loader import get_instrument, list_instruments, load_file, read_limited
from spbe_tasks.instruments.tree import MAX_BYTES
from spbe_tasks.rules.instrument import Indicator, Instrument
from spbe_tasks.services import instruments, own_instruments
from spbe_tasks.transaction import transaction

Facts = dict[str, object]

_FILE_SUFFIXES = (".yaml", ".yml")


def find_instrument(wanted: str) -> Instrument:
    """The shipped instrument of an id, or the one in a YAML file; raises NotFoundError, InvalidInputError."""
    return load_file(Path(wanted)) if wanted.endswith(_FILE_SUFFIXES) else get_instrument(wanted)


@click.group("instrument")
def instrument_group() -> None:
    """Assessment instruments: shipped ones and files."""


@instrument_group.command("list")
@click.option("--government", "slug", help="A government's slug: its own instruments are listed, too.")
@as_json
def list_command(slug: str | None, as_json: bool) -> None:
    """List the shipped instruments, and with --government those it brought along."""
    known = _of_government(slug) if slug else list_instruments()
    show([_facts(one) for one in known], as_json=as_json, text=lambda: "\n".join(map(_line, known)))


@with_app
def _of_government(slug: str) -> tuple[Instrument, ...]:
    session = db.session()
    return instruments.list_all(session, operator_scope(session, slug).government_id)


@instrument_group.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@government_option
@as_json
@with_app
def add_command(file: Path, slug: str, as_json: bool) -> None:
    """Store FILE as a government's own instrument; the same content again changes nothing."""
    data = read_limited(file, MAX_BYTES)
    scope = operator_scope(db.session(), slug)
    with transaction() as work:
        offered = own_instruments.store(work, scope, data, now=clock.now())
    words = "Kept already" if offered.is_repeat else "Replaced" if offered.is_replacement else "Stored"
    show(
        {**_facts(offered.instrument), "is_new": not offered.is_repeat},
        as_json=as_json,
        text=lambda: f"{words}: {_line(offered.instrument)}",
    )


@instrument_group.command("show")
@click.argument("wanted", metavar="ID")
@as_json
def show_command(wanted: str, as_json: bool) -> None:
    """Show one instrument: bounds, domains, aspects, indicators and their weights."""
    instrument = find_instrument(wanted)
    show({**_facts(instrument), **_structure(instrument)}, as_json=as_json, text=lambda: _text(instrument))


@instrument_group.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@as_json
def check_command(file: Path, as_json: bool) -> None:
    """Check an instrument file; every problem is printed with its line, and the exit code is 1."""
    instrument = load_file(file)
    show(_facts(instrument), as_json=as_json, text=lambda: f"ok: {_line(instrument)}")


def _facts(instrument: Instrument) -> Facts:
    return {
        "id": instrument.id,
        "title": instrument.title_en,
        "title_id": instrument.title_id,
        "regulation": instrument.regulation,
        "status": instrument.status.value,
        "is_provisional": instrument.is_provisional,
        "valid_from_year": instrument.valid_from_year,
        "valid_to_year": instrument.valid_to_year,
        "indicators": len(instrument.indicators),
        "has_criteria": any(indicator.has_criteria for indicator in instrument.indicators),
    }


def _structure(instrument: Instrument) -> Facts:
    return {
        "scale": {
            "minimum": str(instrument.scale.minimum),
            "maximum": str(instrument.scale.maximum),
            "is_integer": instrument.scale.is_integer,
        },
        "not_assessed": instrument.not_assessed.value,
        "predicate_basis": instrument.predicate_basis.value,
        "predicates": [
            {"name": bound.name_id, "lower_bound": str(bound.lower_bound)} for bound in instrument.predicates
        ],
        "domains": [
            {"number": domain.number, "name": domain.name_id, "weight": str(domain.weight)}
            for domain in instrument.domains
            if not domain.is_synthetic
        ],
        "indicator_list": [_indicator(instrument, indicator) for indicator in instrument.indicators],
    }


def _indicator(instrument: Instrument, indicator: Indicator) -> Facts:
    return {
        "number": indicator.number,
        "name": indicator.name_id,
        "weight": str(indicator.weight),
        "aspect": instrument.aspect_of(indicator.number).number,
        "external_source": indicator.external_source,
    }


def _line(instrument: Instrument) -> str:
    until = instrument.valid_to_year or ""
    provisional = ", provisional" if instrument.is_provisional else ""
    return (
        f"{instrument.id}  {instrument.valid_from_year}-{until}  {len(instrument.indicators)} indicators, "
        f"{instrument.status.value.replace('_', ' ')}{provisional}  {instrument.title_en}"
    )


def _text(instrument: Instrument) -> str:
    lines = [_line(instrument), *filter(None, [instrument.note_en])]
    lines.append(
        "Predicates: " + ", ".join(f"{b.name_id} from {b.lower_bound}" for b in instrument.predicates)
    )
    for domain in instrument.domains:
        if not domain.is_synthetic:
            lines.append(f"{domain.name_id} ({domain.weight})")
        for aspect in domain.aspects:
            lines.append(f"  {aspect.name_id} ({aspect.weight})")
            lines += [f"    {i.number:>3}  {i.weight:>5}  {i.short_name('id')}" for i in aspect.indicators]
    return "\n".join(lines)
