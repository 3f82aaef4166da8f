"""What is asked of the product and of the floor: for each connection the requests that it repeats."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.installation import Installation
from bench.load import Plan
from bench.visitor import Visitor, csrf_token
from spbe_tasks.demo.content import read_ketapang
from spbe_tasks.demo.volume_ground import slug
from tests.product import Product

CONNECTIONS = 4
STATIC = "/static/vendor/bootstrap.min.css"
SEARCHED = "layanan+kebijak"  # two words, the last one not typed to its end
PAGES_TURNED = 20
NEXT = re.compile(r'rel="next" href="([^"]+)"')
LARGEST = b"""
    SELECT plan.government_id, plan.id FROM plan JOIN government ON government.id = plan.government_id
    WHERE slug = %s ORDER BY year DESC LIMIT 1
"""
IN_HAND = b"""
    SELECT task.id FROM task JOIN account ON account.id = assignee_id
    WHERE plan_id = %s AND email = %s AND state IN ('assigned', 'returned', 'in_progress', 'blocked') ORDER BY task.id
"""


@dataclass(frozen=True, slots=True)
class Page:
    """One thing to measure. ``prepare`` returns the plan of its next run of so many seconds."""

    name: str
    server: Product
    prepare: Callable[[float], Plan]
    path: str | None = None  # of a page whose bytes are counted


@dataclass(frozen=True, slots=True)
class Desk:
    """The largest government's coordinator, the focal point, and the tasks of the focal point."""

    coordinator: Visitor
    focal_point: Visitor
    government_id: object
    plan_id: object
    task_ids: Sequence[object]


def sit_down(place: Installation) -> Desk:
    """Sign both people of the largest government in; raises LookupError when too few tasks are in hand."""
    password = read_ketapang().password
    coordinator, focal_point = Visitor(place.product.url), Visitor(place.product.url)
    coordinator.sign_in(f"koordinator@{slug(1)}.example", password)
    focal_point.sign_in(email := f"pic@{slug(1)}.example", password)
    government_id, plan_id = place.read(LARGEST, slug(1))[0]
    task_ids = [task_id for (task_id,) in place.read(IN_HAND, plan_id, email)]
    if len(task_ids) < CONNECTIONS:
        raise LookupError(
            "The focal point of the largest government has too few tasks: ask for more --tasks."
        )
    return Desk(coordinator, focal_point, government_id, plan_id, task_ids[:CONNECTIONS])


def pages(place: Installation, desk: Desk) -> list[Page]:
    """Everything that is measured, the floor first."""
    product, rows = place.product, f"/?government={desk.government_id}&plan={desk.plan_id}"
    someone = desk.coordinator
    nobody = Visitor(place.floor.url)
    task = f"/tasks/{place.read(b'SELECT max(id) FROM task WHERE plan_id = %s', desk.plan_id)[0][0]}"
    return [
        Page("floor", place.floor, _repeat(place.floor, nobody, rows)),
        Page("list", product, _repeat(product, someone, "/tasks"), "/tasks"),
        Page("further page", product, _repeat(product, someone, _further_page(someone))),
        Page("search", product, _repeat(product, someone, f"/tasks?q={SEARCHED}")),
        Page("task page", product, _repeat(product, someone, task), task),
        Page("dashboard", product, _repeat(product, someone, "/dashboard"), "/dashboard"),
        Page("status change", product, _changes(product, desk)),
        Page("static file", product, _repeat(product, Visitor(product.url), STATIC)),
    ]


def _further_page(someone: Visitor) -> str:
    """The page that twenty turns of the list lead to, or its last one."""
    path = "/tasks"
    for _ in range(PAGES_TURNED):
        found = NEXT.search(someone.get(path))
        if found is None:
            return path  # a small list ends before
        path = html.unescape(found[1])
    return path


def _repeat(server: Product, visitor: Visitor, path: str) -> Callable[[float], Plan]:
    script = [{"head": visitor.head("GET", path)}]
    versions = [0] * CONNECTIONS
    return lambda seconds: Plan(server.port, seconds, 200, [script] * CONNECTIONS, versions)


def _changes(server: Product, desk: Desk) -> Callable[[float], Plan]:
    def prepare(seconds: float) -> Plan:
        # A run may end between blocking and unblocking: each begins with the task as it stands now.
        started = [_change_script(desk, task_id) for task_id in desk.task_ids]
        return Plan(server.port, seconds, 302, [script for script, _ in started], [v for _, v in started])

    return prepare


def _change_script(desk: Desk, task_id: object) -> tuple[list[dict[str, str]], int]:
    """Blocking and unblocking in turn, beginning with what the task's state allows; and its version."""
    someone, path = desk.focal_point, f"/tasks/{task_id}"
    page = someone.get(path)
    if 'id="act-start"' in page:
        page = someone.post(f"{path}/act/start", page, version=_version(page))
    token = {"csrf_token": csrf_token(page), "version": "VERSION"}
    bodies = {"block": {**token, "reason": "Menunggu anggaran."}, "unblock": token}
    names = ("unblock", "block") if 'id="act-unblock"' in page else ("block", "unblock")
    return [
        {
            "head": someone.head("POST", f"{path}/act/{name}"),
            "body": urlencode(bodies[name]).replace("VERSION", "{version}"),
        }
        for name in names
    ], _version(page)


def _version(page: str) -> int:
    return int(page.partition('name="version"')[2].partition('value="')[2].partition('"')[0])
