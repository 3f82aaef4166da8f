"""The wheel, built through the sdist and installed elsewhere, is the whole product: pages, migrations, jobs, words."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from uuid import uuid4

import pytest

from tests.services import PostgresServer
from tests.settings import SECRET
from tools.layout import ROOT
from tools.processes import clean_environment

PROOF = """
import pathlib, spbe_tasks
from spbe_tasks import create_app
from spbe_tasks.jobs import Job
from workers.celery_app import celery_app
app = create_app()
client = app.test_client()
page = client.get("/login", headers={"Accept-Language": "id"})
assert page.status_code == 200 and "Masuk" in page.text, page.text
assert client.get("/static/vendor/bootstrap.min.css").status_code == 200
assert client.get("/health/ready").status_code == 200
assert {str(job) for job in Job} <= set(celery_app.tasks)
print(pathlib.Path(spbe_tasks.__file__).parent)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture
def elsewhere(wheel: Path, tmp_path: Path) -> Path:
    """An environment with the wheel alone; its dependencies are borrowed from the one that runs the tests."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    site = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    install = [
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-index",
        "--quiet",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run([sys.executable, *install], env=clean_environment(), check=True)
    # A folder named here is searched, but its own .pth files (our editable checkout) are not read.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    empty = tmp_path / "empty"
    empty.mkdir()
    return tmp_path


def test_the_wheel_carries_everything_that_is_built(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "spbe_tasks/templates/base.html",
        "spbe_tasks/migrations/env.py",
        "spbe_tasks/migrations/versions/0001_first_tables.py",
        "spbe_tasks/static/vendor/bootstrap.min.css",
        "spbe_tasks/static/vendor/icons.svg",
        "spbe_tasks/translations/id/LC_MESSAGES/messages.mo",
        "spbe_tasks/instruments/permenpanrb-59-2020.yaml",
        "workers/celery_app.py",
    ):
        assert wanted in names
    assert not [name for name in names if name.startswith(("tests/", "tools/", "bench/"))]


def test_the_installed_wheel_runs_from_an_empty_folder(elsewhere: Path, postgres: PostgresServer) -> None:
    database = f"wheel_{uuid4().hex[:8]}"
    postgres.create_database(database)
    environment = clean_environment(
        {
            "DATABASE_URL": postgres.app_url(database),
            "DATABASE_OWNER_URL": postgres.owner_url(database),
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "SECRET_KEY": SECRET,
            "STORAGE_DIR": str(elsewhere / "storage"),
        }
    )
    python = elsewhere / "venv" / "bin" / "python"

    def run(code: str) -> str:
        done = subprocess.run(
            [python, "-c", code],
            cwd=elsewhere / "empty",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    run("from spbe_tasks.cli import main; main(['db', 'upgrade'])")
    assert run(PROOF).splitlines()[-1].startswith(str(elsewhere / "venv"))
    postgres.drop_database(database)
