"""``spbe-tasks index``: the index of a score file, without a database."""

from fractions import Fraction
from pathlib import Path

import click

from spbe_tasks.cli.context import as_json, show
from spbe_tasks.cli.instrument import find_instrument
from spbe_tasks.instruments.loader import list_instruments, read_limited
from spbe_tasks.readers import check, reading
from spbe_tasks.rules import index
from spbe_tasks.rules.instrument import Aspect, Domain, Instrument, PredicateBasis

Figures = dict[str, object]


@click.command("index")
@click.option(
    "--instrument", "wanted", required=True, help="Id of a shipped instrument, or an instrument file."
)
@click.option(
    "--basis",
    type=click.Choice([each.value for each in PredicateBasis]),
    help="Read the predicate from the exact or the printed index (default: as the instrument says).",
)
@click.argument("file", type=click.Path(path_type=Path))
@as_json
def index_command(wanted: str, basis: str | None, file: Path, as_json: bool) -> None:
    """Print aspects, domains, index and predicate of FILE: a report (PDF), a workbook or a text table."""
    instrument = find_instrument(wanted)
    known = list_instruments()
    document = reading.read_document(read_limited(file, reading.MAX_BYTES), file.name, (*known, instrument))
    levels = check.require(document, instrument, known).levels
    result = index.compute(instrument, levels)
    chosen = PredicateBasis(basis) if basis else instrument.predicate_basis
    bound = index.predicate(instrument, result.index, chosen)
    figures = {
        "instrument": instrument.id,
        "is_provisional": instrument.is_provisional,
        "aspects": [_part(aspect, result.aspects[aspect.number]) for aspect in instrument.aspects],
        "domains": [_part(domain, result.domains[domain.number]) for domain in _real_domains(instrument)],
        "index": str(index.display(result.index)),
        "index_exact": exact(result.index),
        "predicate": bound.name_id,
        "predicate_en": bound.name_en,
        "predicate_basis": chosen.value,
        "not_assessed": [number for number, level in levels.items() if level is None],
    }
    show(figures, as_json=as_json, text=lambda: _text(figures))


def exact(value: Fraction) -> str:
    """All digits of a figure where they end (``2.9795``), else the fraction (``7/3``)."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return str(value)
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    return f"{index.as_decimal(value, places):f}"


def _real_domains(instrument: Instrument) -> list[Domain]:
    return [domain for domain in instrument.domains if not domain.is_synthetic]


def _part(part: Aspect | Domain, value: Fraction) -> Figures:
    return {
        "number": part.number,
        "name": part.name_id,
        "value": str(index.display(value)),
        "exact": exact(value),
    }


def _text(document: Figures) -> str:
    lines = [f"Instrument  {document['instrument']}"]
    if document["is_provisional"]:
        lines.append("Provisional: not yet compared with the text of the regulation")
    for title, key in (("Aspects", "aspects"), ("Domains", "domains")):
        parts = document[key]
        if isinstance(parts, list) and parts:
            lines += [title, *(f"  {p['number']:>2}  {p['value']}  {p['name']}" for p in parts)]
    predicate = f"{document['predicate']} ({document['predicate_en']})"
    lines += [
        f"Index      {document['index']} (exact {document['index_exact']})",
        f"Predicate  {predicate}, from the {document['predicate_basis']} index",
    ]
    if document["not_assessed"]:
        lines.append(f"Not assessed, counted as 0: {document['not_assessed']}")
    return "\n".join(lines)
