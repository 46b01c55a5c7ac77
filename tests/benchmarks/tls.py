"""HTTPS, verified, one HEAD to each of very many hosts: a fresh handshake each, and a certificate of its own.

nginx has one ECDSA P-256 certificate an address, all of one authority that the clients are given to trust. It
loads them for each handshake, which takes it longer than the clients take: wall time is its own, and CPU is
what is compared. The clients check the chain, and the address against the certificate's; masthead records the
certificate's facts as well. The limit is C with the system's OpenSSL (Debian: `apt-get install libssl-dev`).
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.benchmarks import peers
from tests.benchmarks.compare import ROUNDS, compare
from tests.benchmarks.measure import machine
from tests.benchmarks.options import Options
from tests.benchmarks.table import Table
from tests.benchmarks.targets import address, nginx, write_addresses

HOSTS = 20_000
LASTS = timedelta(days=90)
DIRECTIVES = """
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate {folder}/$server_addr.pem; ssl_certificate_key {folder}/key.pem;
"""


def measure(options: Options) -> Table:
    hosts, rounds = options.hosts or HOSTS, options.rounds or ROUNDS
    with tempfile.TemporaryDirectory() as name, tls_nginx(Path(name), hosts) as (port, authority):
        # OpenSSL's and Go's word for the roots; it reaches the memo and Go, which are not told otherwise.
        trust = ("env", f"SSL_CERT_FILE={authority}")
        work = peers.Work(Path(name), Path(name, "urls"), hosts, within=trust)
        write_addresses(work.urls, hosts, port, "https")
        roots = ("--ca-file", str(authority))
        measured = (
            peers.masthead(work, *roots),
            peers.masthead(work, *roots, name="masthead again"),
            peers.limit(work, "limit_tls.c", str(authority), libraries=("-lssl", "-lcrypto")),
            peers.curl(work, "--cacert", str(authority)),
            peers.go(work),
            peers.memo(work),
        )
        title = f"HEAD to {hosts:,} hosts over TLS, verified, {work.concurrency} at once"
        return compare(
            f"{title}, {rounds} rounds, {machine()}", [peer for peer in measured if peer], hosts, rounds
        )


@contextmanager
def tls_nginx(folder: Path, hosts: int) -> Iterator[tuple[int, Path]]:
    """Runs nginx with certificates for the first `hosts` addresses; yields its port, and the file of the
    authority that signed them."""
    # Certificates named by a variable are read by nginx's workers, which are not root where their master is.
    folder.chmod(0o755)
    certificates = folder / "certificates"
    certificates.mkdir()
    authority = write_certificates(certificates, map(address, range(hosts)))
    with nginx(folder, listen="ssl", more=DIRECTIVES.format(folder=certificates)) as port:
        yield port, authority


def write_certificates(folder: Path, addresses: Iterable[str]) -> Path:
    """A file for each address, as PEM, and `key.pem`, which is the key of them all; returns the file of the
    authority that signed them."""
    key, signing_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name("Bench Authority")
    root = (
        _builder(issuer, issuer, signing_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(signing_key, hashes.SHA256())
    )
    for each in addresses:
        certificate = (
            _builder(_name(each), issuer, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False
            )
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(each))]), critical=False)
            .sign(signing_key, hashes.SHA256())
        )
        (folder / f"{each}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    authority = folder / "authority.pem"
    authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    return authority


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
