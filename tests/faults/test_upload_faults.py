"""A connection that breaks, and a web server that is killed, within an upload: it goes on, or leaves nothing."""

import json
import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import func, select

from spbe_tasks import clock, create_app, stored_files
from spbe_tasks.extensions import db
from spbe_tasks.models import Evidence, Upload, UploadPiece
from spbe_tasks.rules.access import Role
from spbe_tasks.services import uploads
from spbe_tasks.transaction import transaction
from tests import factories, services
from tests.product import HOST, Product, settings_for
from tests.services import PostgresServer
from tests.settings import make_settings

PIECE = 100_000
CONTENT = b"%PDF-1.7\n" + bytes(range(256)) * 1_200 + b"\n%%EOF\n"


@pytest.fixture
def product(postgres: PostgresServer, migrated: str, tmp_path: Path) -> Iterator[Product]:
    database = f"upload_{uuid4().hex[:8]}"
    postgres.create_database(database, template=migrated)
    folder = services.new_folder()
    valkey = services.start_valkey(folder)
    running = Product(settings_for(postgres, database, valkey, smtp_port=1, folder=tmp_path), tmp_path)
    app: Flask = create_app(make_settings(postgres, database, tmp_path, redis_url=SecretStr(valkey.url)))
    with app.app_context():
        yield running
        running.stop()
        db.session.remove()
        db.engine.dispose()
    valkey.stop()
    shutil.rmtree(folder)
    postgres.drop_database(database)


@dataclass(frozen=True)
class Answer:
    status: int
    body: str

    @property
    def json(self) -> dict[str, Any]:
        assert self.status == 200, self.body
        told: dict[str, Any] = json.loads(self.body)
        return told


class Phone:
    """The focal point's browser, down to the bytes that travel."""

    def __init__(self, product: Product) -> None:
        with transaction() as work:
            government = factories.government(work.session)
            agency = factories.agency(work.session, government)
            person = factories.account(work.session, government, Role.FOCAL_POINT, agency)
            self.agency_id, email = agency.id, person.email
        self.product = product
        self.cookie = ""
        self.token = self._token("/login")
        answer = self.post("/login", {"email": email, "password": factories.PASSWORD})
        assert answer.status == 302, answer.body
        self.token = self._token("/evidence/new")

    def _token(self, address: str) -> str:
        page = self._ask("GET", address, b"", {}).body
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
        assert found is not None, page
        return found[1]

    def post(self, address: str, fields: dict[str, object]) -> Answer:
        body = urlencode(fields | {"csrf_token": self.token}).encode()
        return self._ask("POST", address, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def _ask(self, method: str, address: str, body: bytes, headers: dict[str, str]) -> Answer:
        connection = HTTPConnection(HOST, self.product.port, timeout=20)
        connection.request(
            method,
            address,
            body,
            {
                "Cookie": self.cookie,
                "X-CSRFToken": getattr(self, "token", ""),
                "Accept": "application/json, text/html",
                **headers,
            },
        )
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.startswith("session="):
                self.cookie = value.partition(";")[0]
        told = Answer(answer.status, answer.read().decode())
        connection.close()
        return told

    def begin(self) -> str:
        fields = {"agency": self.agency_id, "name": "SK.pdf", "size": len(CONTENT)}
        return str(self.post("/evidence/uploads", fields).json["address"])

    def received(self, address: str) -> int:
        return int(self._ask("GET", address, b"", {}).json["received"])

    def send_piece(self, address: str, offset: int) -> int:
        headers = {"Content-Type": "application/octet-stream"}
        piece = CONTENT[offset : offset + PIECE]
        return int(self._ask("POST", f"{address}/pieces?offset={offset}", piece, headers).json["received"])

    def send_half_a_piece(self, address: str, offset: int) -> socket.socket:
        """Begin a piece, stop in its middle, and leave the connection open."""
        piece = CONTENT[offset : offset + PIECE]
        head = (
            f"POST {address}/pieces?offset={offset} HTTP/1.1\r\nHost: {urlsplit(self.product.url).netloc}\r\n"
            f"Cookie: {self.cookie}\r\nX-CSRFToken: {self.token}\r\n"
            f"Content-Type: application/octet-stream\r\nContent-Length: {len(piece)}\r\n\r\n"
        )
        connection = socket.create_connection((HOST, self.product.port), timeout=20)
        connection.sendall(head.encode() + piece[: PIECE // 2])
        return connection


def _counts() -> list[int]:
    db.session.rollback()
    counted = (Upload, UploadPiece, Evidence)
    return [db.session.scalar(select(func.count()).select_from(each)) or 0 for each in counted]


def _files(product: Product) -> list[Path]:
    return [path for path in (product.folder / "storage").rglob("*") if path.is_file()]


def _sweep_later() -> None:
    later = clock.now() + uploads.KEPT_FOR + timedelta(hours=1)
    with transaction() as work:
        uploads.sweep(work, now=later)
    stored_files.sweep(now=later)


def test_an_upload_goes_on_where_it_stopped_after_a_broken_connection_and_a_killed_server(
    product: Product,
) -> None:
    product.start("web")
    product.wait_healthy()
    phone = Phone(product)
    address = phone.begin()
    phone.send_piece(address, 0)
    phone.send_half_a_piece(address, PIECE).close()  # the line breaks
    assert phone.received(address) == PIECE
    open_connection = phone.send_half_a_piece(address, PIECE)
    product.kill("web")
    open_connection.close()
    product.start("web")
    product.wait_healthy()
    received = phone.received(address)
    assert received == PIECE
    while received < len(CONTENT):
        received = phone.send_piece(address, received)
    assert phone.post(f"{address}/finish", {"title": "SK Tim"}).json["title"] == "SK Tim"
    assert _counts() == [1, 0, 1]
    _sweep_later()
    (kept,) = _files(product)
    assert kept.read_bytes() == CONTENT
    assert _counts() == [0, 0, 1]


def test_an_upload_that_breaks_off_for_good_leaves_neither_row_nor_file(product: Product) -> None:
    product.start("web")
    product.wait_healthy()
    phone = Phone(product)
    address = phone.begin()
    phone.send_piece(address, 0)
    open_connection = phone.send_half_a_piece(address, PIECE)
    product.kill("web")
    open_connection.close()
    assert _counts() == [1, 1, 0]
    assert _files(product) != []
    _sweep_later()
    assert _counts() == [0, 0, 0]
    assert _files(product) == []
