"""A certificate authority for one test run: what is presented on loopback is then known to the byte."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.service.inspection.certificates import SIGNS_CERTIFICATES

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """One issued certificate as files: `pair` holds the certificate and its key in one, as HAProxy reads."""

    names: tuple[str, ...]
    certificate: Path
    key: Path
    pair: Path
    sha256: str
    not_after: str


class Authority:
    """Issues certificates into a folder. `file` is its own certificate, for `--ca-file`."""

    def __init__(self, folder: Path, name: str = "Masthead's test authority") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name_of(name)
        at = now()
        builder = (
            _builder(self._name, self._name, self._key, self._key, at - DAY, at + 365 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(SIGNS_CERTIFICATES, critical=True)
        )
        self.file = folder / f"{name.replace(' ', '-').replace(chr(39), '')}.pem"
        self.file.write_bytes(_pem(builder.sign(self._key, hashes.SHA256())))

    def issue(
        self,
        *names: str,
        starts_in: timedelta = -DAY,
        ends_in: timedelta = 90 * DAY,
        self_signed: bool = False,
    ) -> Certificate:
        """A server's certificate for DNS names and IP addresses; signed by its own key if `self_signed`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name_of(names[0])
        at = now()
        issuer, signer = (subject, key) if self_signed else (self._name, self._key)
        builder = _builder(subject, issuer, key, signer, at + starts_in, at + ends_in).add_extension(
            x509.SubjectAlternativeName(_alternatives(names)), critical=False
        )
        issued = builder.sign(signer, hashes.SHA256())
        stem = self._folder / f"{names[0]}-{issued.serial_number:x}"
        key_pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        files = {".pem": _pem(issued), ".key": key_pem, ".pair": _pem(issued) + key_pem}
        for suffix, content in files.items():
            stem.with_name(stem.name + suffix).write_bytes(content)
        certificate, private, pair = (stem.with_name(stem.name + suffix) for suffix in files)
        return Certificate(
            names=names,
            certificate=certificate,
            key=private,
            pair=pair,
            sha256=issued.fingerprint(hashes.SHA256()).hex(),
            not_after=f"{issued.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
        )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    not_before: datetime,
    not_after: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _name_of(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
