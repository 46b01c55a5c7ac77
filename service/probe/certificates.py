"""What is told of certificates, as blackbox_exporter writes it: names in the order that Go gives them."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.x509.oid import NameOID

# Go's pkix.Name forgets the order of a name's parts, and writes those it knows in this one.
_ORDER: Final = (
    NameOID.SERIAL_NUMBER,
    NameOID.COMMON_NAME,
    NameOID.POSTAL_CODE,
    NameOID.STREET_ADDRESS,
    NameOID.STATE_OR_PROVINCE_NAME,
    NameOID.LOCALITY_NAME,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.COUNTRY_NAME,
)
_SPELT: Final = {
    NameOID.SERIAL_NUMBER: "SERIALNUMBER",
    NameOID.POSTAL_CODE: "POSTALCODE",
    NameOID.STREET_ADDRESS: "STREET",
}
# `cryptography` reads strictly: OpenSSL takes certificates that it does not.
_UNREADABLE: Final = (ValueError, TypeError, x509.InvalidVersion)
_NO_NAMES: Final = (
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    ValueError,
)


class Described(NamedTuple):
    """A server's own certificate: its SHA-256 and its serial number in hexadecimal, the names that it is for
    with commas between."""

    fingerprint_sha256: str
    subject: str
    issuer: str
    subjectalternative: str
    serialnumber: str


def earliest_end(chain: Sequence[bytes]) -> float | None:
    """When the first of these certificates (DER) ends, in seconds since the epoch; None of none."""
    ends = []
    for der in chain:
        try:
            ends.append(x509.load_der_x509_certificate(der).not_valid_after_utc.timestamp())
        except _UNREADABLE:
            continue
    return min(ends, default=None)


def describe(der: bytes) -> Described | None:
    """None of a certificate that cannot be read."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        serial = f"{certificate.serial_number:x}"
        return Described(
            sha256(der).hexdigest(),
            _write_name(certificate.subject),
            _write_name(certificate.issuer),
            ",".join(_dns_names(certificate)),
            serial.zfill(len(serial) + len(serial) % 2),
        )
    except _UNREADABLE:
        return None


def _write_name(name: x509.Name) -> str:
    known = [
        "+".join(attribute.rfc4514_string(_SPELT) for attribute in name.get_attributes_for_oid(kind))
        for kind in _ORDER
    ]
    others = [attribute.rfc4514_string() for attribute in reversed(list(name)) if attribute.oid not in _ORDER]
    return ",".join(filter(None, (*others, *known)))


def _dns_names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except _NO_NAMES:
        return []
    return names.get_values_for_type(x509.DNSName)
