"""What the integration tests share: an authority for the run, server contexts of it, and disks."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.authority import Authority, Certificate
from tests.integration.disks import mount_ext4, mount_small


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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    yield from mount_small(tmp_path / "disk")


@pytest.fixture
def ext4_disk(tmp_path: Path) -> Iterator[Path]:
    yield from mount_ext4(tmp_path / "disk")


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
