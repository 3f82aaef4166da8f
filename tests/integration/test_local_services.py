"""The embedded servers behave the same whoever brings the binaries, and end with whoever asked for them."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests import services
from tools import valkey
from tools.layout import ROOT
from tools.postgres import Cluster
from tools.postgres_binaries import OLDEST_MAJOR, find_binaries, major_version, system_binaries

PATIENCE = 60
SERVERS = [find_binaries(), *(path for path in system_binaries() if major_version(path) >= OLDEST_MAJOR)]


@pytest.fixture
def folder() -> Iterator[Path]:
    path = services.new_folder()
    yield path
    shutil.rmtree(path)


@pytest.mark.parametrize("binaries", SERVERS, ids=lambda path: f"{major_version(path)}")
def test_every_server_sorts_by_code_point_and_keeps_the_roles_apart(folder: Path, binaries: Path) -> None:
    server = services.start_postgres(folder, binaries=binaries)
    try:
        server.create_database("one")
        with psycopg.connect(_libpq(server.owner_url("one"))) as owner:
            owner.execute("CREATE TABLE kept AS SELECT unnest(ARRAY['b', 'A', 'a', 'É']) AS name")
            names = owner.execute("SELECT string_agg(lower(name), '' ORDER BY name) FROM kept").fetchone()
            assert names == ("aabé",)
            assert owner.execute("SELECT similarity('tugas', 'tugas')").fetchone() == (1.0,)
        with (
            psycopg.connect(_libpq(server.app_url("one"))) as application,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            application.execute("DROP TABLE kept")
    finally:
        server.stop()


def test_data_of_a_server_survive_its_being_killed(folder: Path) -> None:
    server = services.start_postgres(folder)
    server.create_database("one")
    server.kill()
    again = services.start_postgres(folder)
    try:
        assert again.cluster.sql("SELECT 1", database="one") == "1"
    finally:
        again.stop()


def test_a_copied_database_holds_what_its_template_held(postgres: services.PostgresServer) -> None:
    postgres.create_database("pattern")
    postgres.cluster.sql("CREATE TABLE kept AS SELECT 7 AS answer", database="pattern")
    postgres.create_database("copy", template="pattern")
    try:
        assert postgres.cluster.sql("SELECT answer FROM kept", database="copy") == "7"
    finally:
        postgres.drop_database("copy")
        postgres.drop_database("pattern")


def test_the_queue_keeps_what_it_took_and_wants_its_password(folder: Path) -> None:
    server = services.start_valkey(folder)
    redis.Redis.from_url(server.url).rpush("jobs", "one")
    server.stop()
    again = services.start_valkey(folder, again=server)
    try:
        client = redis.Redis.from_url(again.url, decode_responses=True)
        assert client.lrange("jobs", 0, -1) == ["one"]
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(host=valkey.HOST, port=again.broker.port, retry=Retry(NoBackoff(), 0)).ping()
    finally:
        again.stop()


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells children of a killed parent"
)
def test_a_server_ends_when_the_process_that_started_it_is_killed(folder: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from tests.services import start_postgres\n"
        "print(start_postgres(Path(sys.argv[1])).process.pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", script, str(folder)]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True)
    assert parent.stdout
    server = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    server.wait(PATIENCE)
    assert not Cluster(folder / "postgres", find_binaries()).answers()


def _libpq(url: str) -> str:
    return url.replace("+psycopg", "")


def test_processes_that_need_a_copy_of_the_server_at_once_make_it_once(tmp_path: Path) -> None:
    copy = (
        "import sys; from pathlib import Path; from tools import postgres_binaries as binaries;"
        "binaries.SYSTEM_DATA = Path(sys.argv[1]);"
        "print(binaries._reachable_copy(binaries.site_packages() / binaries.PACKAGE))"
    )
    command = [sys.executable, "-c", copy, str(tmp_path)]
    racing = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = {process.communicate()[0].strip() for process in racing}
    assert all(process.returncode == 0 for process in racing)
    assert len(answers) == 1
    assert (Path(answers.pop()) / "pginstall" / "bin" / "postgres").is_file()
