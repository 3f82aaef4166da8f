"""Mail over TLS with a password, against a real server that takes nothing else."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from spbe_tasks.adapters import mail
from spbe_tasks.config import Settings
from spbe_tasks.rules.delivery import HandOver
from tests import smtp
from tests.smtp import Mailbox, Protected

CONTENT = b"Message-ID: <1@x>\r\nSubject: tes\r\n\r\nisi\r\n"
USERS = {"spbe": "sandi-surel"}
# The server does not see the TLS that is around it from the first byte.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of this machine that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, smtp.HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(smtp.HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "mail.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@contextmanager
def _server(certificate: Path, security: str) -> Iterator[Mailbox]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with smtp.serving(Protected(context, is_asked_for=security == "starttls", users=USERS)) as box:
        yield box


@contextmanager
def _connection(box: Mailbox, folder: Path, security: str, password: str) -> Iterator[mail.Connection]:
    settings = Settings(
        _env_file=None,
        database_url=SecretStr("postgresql+psycopg://nowhere/x"),
        redis_url=SecretStr("redis://127.0.0.1:1/0"),
        secret_key=SecretStr("a-secret-that-only-tests-know-0123456789"),
        smtp_port=box.port,
        smtp_security=security,  # type: ignore[arg-type]
        smtp_username="spbe",
        smtp_password=SecretStr(password),
        storage_dir=folder,
        mail_from="spbe@ketapang.example",
    )
    connection = mail.Connection(settings)
    try:
        yield connection
    finally:
        connection.close()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_leaves_over_tls_with_a_password_and_again_after_the_connection_was_lost(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        _server(certificate, security) as box,
        _connection(box, tmp_path, security, USERS["spbe"]) as connection,
    ):
        for drop in (None, None, "mail"):
            box.drop = drop
            assert connection.hand_over("sari@ketapang.example", CONTENT).outcome is HandOver.ACCEPTED
        assert (len(box.received), box.connections) == (3, 2)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_whose_certificate_nobody_vouches_for_gets_no_mail_and_no_password(
    certificate: Path, tmp_path: Path, security: str
) -> None:
    with (
        _server(certificate, security) as box,
        _connection(box, tmp_path, security, USERS["spbe"]) as connection,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        connection.ensure()
    assert box.received == []


def test_a_wrong_password_is_no_servers_fault_and_means_later(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        _server(certificate, "starttls") as box,
        _connection(box, tmp_path, "starttls", "salah") as connection,
    ):
        reply = connection.hand_over("sari@ketapang.example", CONTENT)
    assert reply.outcome is HandOver.LATER
    assert reply.words.startswith("535")
