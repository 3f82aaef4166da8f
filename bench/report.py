"""What was measured, as a table for people and as a document for programs."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from bench.measure import ROUNDS, Result

# PRODUCT's bars: the least share of the floor's requests per second, and the most SQL statements.
BARS = {
    "list": (0.5, 4),
    "further page": (0.5, 4),
    "search": (0.5, 4),
    "task page": (0.3, 6),
    "dashboard": (0.5, 4),
    "status change": (0.25, 6),
}
HEAD = (
    "",
    "requests/s",
    "of the floor",
    "bar",
    "web CPU ms",
    "database CPU ms",
    "of the floor by CPU",
    "SQL",
    "bar",
)
PACKAGES = ("flask", "jinja2", "sqlalchemy", "psycopg", "gunicorn")


def document(sizes: Mapping[int, Sequence[Result]], *, seconds: float, postgres: str) -> dict[str, Any]:
    """Everything, by number of tasks and page; rates are requests per second, medians of the runs."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine(),
        "versions": {"python": platform.python_version(), "postgresql": postgres}
        | {name: version(name) for name in PACKAGES},
        "rounds": ROUNDS,
        "seconds_per_run": seconds,
        "sizes": {
            str(tasks): {each.name: _figures(each, results[0]) for each in results}
            for tasks, results in sizes.items()
        },
    }


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores ({(models or ['unknown'])[0]}), {memory:.0f} GiB"


def _figures(result: Result, floor: Result) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "requests_per_second": round(result.middle("rate"), 1),
        "of_the_floor": round(result.middle("rate") / floor.middle("rate"), 3),
        "web_cpu_ms": round(result.middle("web_ms"), 3),
        "database_cpu_ms": round(result.middle("database_ms"), 3),
        "of_the_floor_by_cpu": round(_cpu(floor) / _cpu(result), 3),
        "generator_share_of_a_core": round(result.middle("generator_share"), 3),
        "statements": result.statements,
        "all_requests_per_second": [round(run.rate, 1) for run in result.runs],
    }
    if result.weights:
        plain, sent, files = result.weights
        figures |= {"bytes": {"page": plain, "page_sent": sent, "files_sent": files}}
    return figures


def _cpu(result: Result) -> float:
    return result.middle("web_ms") + result.middle("database_ms")


def text(found: Mapping[str, Any]) -> str:
    """The document as Markdown tables, one for each number of tasks."""
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    parts = [f"{found['measured_at']}; {found['machine']}; {versions}."]
    parts.append(
        f"Medians of {found['rounds']} runs of {found['seconds_per_run']:g} s on 4 keep-alive connections."
    )
    for tasks, pages in found["sizes"].items():
        parts += ["", f"{int(tasks):,} tasks", "", _table(pages), "", *_weights(pages)]
    return "\n".join(parts + _growth(found["sizes"]))


def _table(pages: Mapping[str, Any]) -> str:
    rows = [_row(HEAD), _row(["---", *["---:"] * (len(HEAD) - 1)])]
    for name, page in pages.items():
        share, statements = BARS.get(name, ("", ""))
        cells = (
            name,
            f"{page['requests_per_second']:.0f}",
            f"{page['of_the_floor']:.2f}",
            share,
            f"{page['web_cpu_ms']:.2f}",
            f"{page['database_cpu_ms']:.2f}",
            f"{page['of_the_floor_by_cpu']:.2f}",
            "" if page["statements"] is None else page["statements"],
            statements,
        )
        rows.append(_row(cells))
    return "\n".join(rows)


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _weights(pages: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, page in pages.items():
        if "bytes" in page:
            kib = {key: value / 1000 for key, value in page["bytes"].items()}
            first = kib["page_sent"] + kib["files_sent"]
            lines.append(
                f"- {name}: {kib['page']:.1f} kB, sent as {kib['page_sent']:.1f} kB; first view {first:.1f} kB"
            )
    busiest = max(page["generator_share_of_a_core"] for page in pages.values())
    return [*lines, f"- the load generator took at most {busiest:.0%} of a core"]


def _growth(sizes: Mapping[str, Any]) -> list[str]:
    """How much dearer each page is with the most tasks than with the fewest."""
    if len(sizes) < 2:
        return []
    fewest, most = (sizes[str(number)] for number in (min(map(int, sizes)), max(map(int, sizes))))
    lines = []
    for name in BARS:
        share = fewest[name]["of_the_floor"] / most[name]["of_the_floor"]
        cpu = fewest[name]["of_the_floor_by_cpu"] / most[name]["of_the_floor_by_cpu"]
        lines.append(f"- {name}: {share:.2f} times by requests, {cpu:.2f} times by CPU")
    return [
        "",
        "How much the share of the floor falls from the fewest to the most tasks (bar: at most 1.3):",
        *lines,
    ]
