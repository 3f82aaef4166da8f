"""Stored files in a bucket, over HTTP: the same contract as in a folder, kept where a bucket has no lock."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from spbe_tasks import stored_files
from spbe_tasks.adapters.s3_storage import FORGOTTEN, Bucket, S3Storage
from spbe_tasks.adapters.storage import FolderStorage, Storage, StorageError
from spbe_tasks.extensions import db
from spbe_tasks.rules.access import Role
from tests import factories
from tests.integration.conftest import make_app
from tests.services import PostgresServer
from tests.settings import make_settings

NAME = "bukti"
TOMORROW = timedelta(days=1, hours=1)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def _bucket(endpoint: str, prefix: str = "spbe") -> Bucket:
    return Bucket(f"s3://{NAME}/{prefix}", endpoint, "us-east-1", "key", "secret")


@pytest.fixture
def client(endpoint: str) -> Iterator[object]:
    made = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    made.create_bucket(Bucket=NAME)
    yield made
    for each in made.list_objects_v2(Bucket=NAME).get("Contents", ()):
        made.delete_object(Bucket=NAME, Key=each["Key"])
    made.delete_bucket(Bucket=NAME)
    made.close()


def _names(client: object) -> set[str]:
    return {each["Key"] for each in client.list_objects_v2(Bucket=NAME).get("Contents", ())}  # type: ignore[attr-defined]


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return FolderStorage(tmp_path / "files")
    request.getfixturevalue("client")
    return S3Storage(_bucket(request.getfixturevalue("endpoint")))


def test_what_is_put_comes_back_whole_and_in_pieces(storage: Storage) -> None:
    content = bytes(range(256)) * 3_000
    key = storage.put(content)
    pieces = list(storage.stream(key))
    assert storage.read(key) == b"".join(pieces) == content
    assert len(pieces) > 1


def test_a_file_gets_the_key_of_its_content(storage: Storage, tmp_path: Path) -> None:
    path = tmp_path / "paket.zip"
    path.write_bytes(b"isi" * 100_000)
    assert storage.put_file(path) == storage.put(path.read_bytes())
    assert storage.read(storage.put_file(path)) == path.read_bytes()


def test_a_key_that_is_not_there_or_is_none_is_told_before_the_first_piece(storage: Storage) -> None:
    storage.put(b"x")
    for key in ("0" * 64, "../rahasia", ""):
        with pytest.raises(StorageError):
            storage.stream(key)


def test_nothing_is_swept_that_was_given_less_than_a_day_ago(storage: Storage) -> None:
    key = storage.put(b"baru")
    now = datetime.now(UTC)
    assert storage.sweep(set(), given_before=now - timedelta(days=1)) == 0
    assert storage.read(key) == b"baru"


def test_the_files_of_two_installations_in_one_bucket_do_not_meet(client: object, endpoint: str) -> None:
    ours, theirs = S3Storage(_bucket(endpoint, "")), S3Storage(_bucket(endpoint, "other"))
    key = theirs.put(b"x")
    client.put_object(Bucket=NAME, Key="catatan.txt", Body=b"")  # type: ignore[attr-defined]
    for _ in range(2):
        assert ours.sweep(set(), given_before=datetime.now(UTC) + TOMORROW) == 0
    assert _names(client) == {f"other/{key}", "catatan.txt"}


def test_what_nothing_refers_to_is_set_aside_and_removed_a_day_later(client: object, endpoint: str) -> None:
    storage = S3Storage(_bucket(endpoint))
    used, forgotten = storage.put(b"used"), storage.put(b"forgotten")
    long_after = datetime.now(UTC) + TOMORROW
    assert storage.sweep({used}, given_before=long_after) == 0
    assert _names(client) == {f"spbe/{used}", f"spbe/{FORGOTTEN}{forgotten}"}
    # Set aside just now: a sweep at the same hour leaves it.
    assert storage.sweep({used}, given_before=datetime.now(UTC) - timedelta(days=1)) == 0
    assert storage.sweep({used}, given_before=long_after) == 1
    assert _names(client) == {f"spbe/{used}"}


def test_content_that_is_given_again_while_a_sweep_takes_it_is_neither_lost_nor_out_of_reach(
    client: object, endpoint: str
) -> None:
    storage = S3Storage(_bucket(endpoint))
    key = storage.put(b"peta")
    # The sweep has looked already when somebody gives the same content, and takes it all the same.
    storage.sweep(set(), given_before=datetime.now(UTC) + TOMORROW)
    assert storage.read(key) == b"peta"
    storage.sweep({key}, given_before=datetime.now(UTC) + TOMORROW)
    assert _names(client) == {f"spbe/{key}"}
    assert storage.read(key) == b"peta"


def _away(call: Callable[[S3Storage], object]) -> None:
    storage = S3Storage(Bucket(f"s3://{NAME}", "http://127.0.0.1:1", "us-east-1", "key", "secret"))
    with pytest.raises(StorageError):
        call(storage)


def test_a_bucket_that_does_not_answer_is_told(tmp_path: Path) -> None:
    _away(lambda storage: storage.put(b"x"))
    _away(lambda storage: storage.read("0" * 64))
    _away(lambda storage: storage.sweep(set(), given_before=datetime.now(UTC)))


def test_the_secret_key_is_shown_nowhere() -> None:
    assert "secret" not in repr(_bucket("http://127.0.0.1:1"))


def test_an_installation_with_a_bucket_keeps_sends_and_sweeps_its_files_there(
    client: object, endpoint: str, postgres: PostgresServer, migrated: str, tmp_path: Path
) -> None:
    database = f"bucket_{uuid4().hex[:8]}"
    postgres.create_database(database, template=migrated)
    settings = {
        "storage_url": f"s3://{NAME}/spbe",
        "storage_endpoint": endpoint,
        "storage_region": "us-east-1",
        "storage_access_key": SecretStr("key"),
        "storage_secret_key": SecretStr("secret"),
    }
    app = make_app(make_settings(postgres, database, tmp_path, **settings))
    with app.app_context():
        session = db.session()
        government = factories.government(session)
        person = factories.account(
            session, government, Role.FOCAL_POINT, factories.agency(session, government)
        )
        session.commit()
        browser = app.test_client()
        browser.post("/login", data={"email": person.email, "password": factories.PASSWORD})
        forgotten = stored_files.storage().put(b"forgotten")
        sent = {"agency_id": person.agency_id, "files": (BytesIO(b"Keputusan"), "sk.txt")}
        address = browser.post("/evidence/new", data=sent, content_type="multipart/form-data").location
        assert browser.get(f"{address}/versions/1").data == b"Keputusan"
        key = hashlib.sha256(b"Keputusan").hexdigest()
        assert _names(client) == {f"spbe/{key}", f"spbe/{forgotten}"}
        assert [stored_files.sweep(now=datetime.now(UTC) + days * TOMORROW) for days in (2, 2)] == [0, 1]
        assert _names(client) == {f"spbe/{key}"}
        db.session.remove()
        db.engine.dispose()
    postgres.drop_database(database)
    assert not (tmp_path / "storage").exists()
