"""What the integration tests share: an authority for the run, and server contexts of its certificates."""

import ssl
from pathlib import Path

import pytest

from tests.integration.authority import Authority, Certificate


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> Certificate:
    """Good for 127.0.0.1 and the first virtual host."""
    return authority.issue("one.test", "localhost", "127.0.0.1", "::1")


@pytest.fixture(scope="session")
def server_tls(certificate: Certificate) -> ssl.SSLContext:
    return server_context(certificate.certificate, certificate.key)


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
