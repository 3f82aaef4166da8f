"""The floor: the least a Flask page with the list's 25 rows can cost. One SQL statement, one template, nothing else."""

import os

import psycopg
from flask import Flask, request
from jinja2 import Environment
from psycopg.rows import namedtuple_row
from sqlalchemy.pool import QueuePool

# `ix_task_list` gives these rows in order, like the product's own list.
ROWS = """
    SELECT task.id, indicator_number, title, account.name AS assignee_name, agency.short_name AS agency_name,
           baseline_level, target_level, state, due_on, points
    FROM task JOIN agency ON agency.id = agency_id LEFT JOIN account ON account.id = assignee_id
    WHERE task.government_id = %s AND plan_id = %s
    ORDER BY due_on, task.id LIMIT 25
"""
PAGE = Environment(autoescape=True).from_string(
    "<!doctype html><title>Tasks</title><table>"
    "{% for row in rows %}<tr>"
    '<td><a href="/tasks/{{ row.id }}">{{ row.indicator_number }}. {{ row.title }}</a> {{ row.assignee_name }}</td>'
    "<td>{{ row.agency_name }}</td><td>{{ row.baseline_level }} → {{ row.target_level }}</td>"
    "<td>{{ row.state }}</td><td>{{ row.due_on }}</td><td>{{ row.points }}</td>"
    "</tr>{% endfor %}</table>"
)


def create_app() -> Flask:
    """The application; FLOOR_DATABASE is a libpq connection string."""
    app = Flask("floor")
    address = os.environ["FLOOR_DATABASE"]
    # A transaction of its own for a single SELECT would only add round trips.
    pool = QueuePool(
        lambda: psycopg.connect(address, autocommit=True, row_factory=namedtuple_row),  # type: ignore[arg-type]
        pool_size=8,
        reset_on_return=None,
    )

    @app.get("/")
    def index() -> str:
        connection = pool.connect()
        try:
            cursor = connection.cursor()
            cursor.execute(ROWS, (request.args["government"], request.args["plan"]))
            return PAGE.render(rows=cursor.fetchall())
        finally:
            connection.close()

    return app
