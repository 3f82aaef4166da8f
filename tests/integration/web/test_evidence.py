"""The library and the way files get into it: pages, plain forms, pieces, downloads."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from spbe_tasks.models import Evidence, EvidenceUse, EvidenceVersion, Upload
from spbe_tasks.services.queries import evidence as queries
from tests import factories
from tests.integration.conftest import SignIn
from tests.integration.web.conftest import World

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"
JSON = {"Accept": "application/json"}


@pytest.fixture
def focal(world: World, session: Session, sign_in: SignIn) -> FlaskClient:
    """The focal point of Diskominfo, who reads English."""
    world.focal.locale = "en"
    session.flush()
    return sign_in(world.focal)


def _send(client: FlaskClient, agency_id: int, *files: tuple[bytes, str], **fields: Any) -> TestResponse:
    data = {
        "agency_id": str(agency_id),
        "files": [(io.BytesIO(content), name) for content, name in files],
        **fields,
    }
    return client.post("/evidence/new", data=data, content_type="multipart/form-data")


def test_files_of_a_plain_form_are_stored_and_told_one_by_one(world: World, focal: FlaskClient) -> None:
    answer = _send(focal, world.kominfo.id, (PDF, "SK Tim.pdf"), (b"MZ program", "tim.pdf"))
    assert (answer.status_code, answer.location) == (302, "/evidence")
    page = focal.get("/evidence").text
    assert "SK Tim.pdf is stored." in page
    assert "tim.pdf is a program" in page
    assert page.count('class="row-title"') == 1
