"""``python -m bench``: the product's pages beside the floor, at several numbers of tasks."""

import argparse
import json
import sys
from pathlib import Path

from bench import report
from bench.installation import installation, services
from bench.measure import Result, measure


def main() -> None:
    """Measure, print the table, and write the document when asked."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--tasks", default="1000,100000", help="numbers of tasks, with commas (%(default)s)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one run (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything to this file")
    given = parser.parse_args()
    sizes: dict[int, list[Result]] = {}
    with services() as running:
        for tasks in map(int, given.tasks.split(",")):
            print(f"{tasks:,} tasks: filling and measuring …", file=sys.stderr)
            with installation(running, tasks) as place:
                sizes[tasks] = measure(place, given.seconds)
                postgres = str(place.read(b"SHOW server_version")[0][0])
    found = report.document(sizes, seconds=given.seconds, postgres=postgres)
    print(report.text(found))
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
