"""The production files, checked without an engine: compose against its schema, the Dockerfile by hadolint."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
COMPOSE = ROOT / "docker-compose.yml"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def services() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def test_compose_file_follows_the_compose_specification() -> None:
    answer = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_dockerfile_pleases_hadolint() -> None:
    answer = run(BIN / "hadolint", ROOT / "Dockerfile")
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_long_running_service_has_a_health_check() -> None:
    assert {name for name, service in services().items() if "healthcheck" not in service} == {"migrate"}


def test_no_secret_has_a_default() -> None:
    secrets = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET)\w*)([^}]*)\}", COMPOSE.read_text())
    assert {name for name, _ in secrets} == {"DATABASE_PASSWORD", "DATABASE_OWNER_PASSWORD", "SECRET_KEY"}
    assert [name for name, rest in secrets if not rest.startswith(":?")] == []


def test_only_the_migrate_step_and_the_database_know_the_owners_password() -> None:
    knowing = {name for name, service in services().items() if "OWNER" in str(service)}
    assert knowing == {"migrate", "postgres"}


def test_every_setting_of_the_compose_file_is_one_of_the_example_file() -> None:
    known = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    environment = services()["web"]["environment"]
    assert isinstance(environment, dict)
    assert set(environment) <= known
