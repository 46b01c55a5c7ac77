"""Certificates as blackbox_exporter tells of them."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from service.probe.certificates import describe, earliest_end

NOW = datetime.now(UTC).replace(microsecond=0)


def make(subject: list[tuple[x509.ObjectIdentifier, str]], *, serial: int = 0xABC, days: int = 9) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(kind, value) for kind, value in subject])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .serial_number(serial)
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=days))
        .public_key(key.public_key())
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("a.test"), x509.DNSName("*.b.test")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.DER)


def test_a_name_is_written_in_go_s_order_whatever_its_own() -> None:
    der = make(
        [
            (NameOID.COUNTRY_NAME, "NL"),
            (NameOID.STATE_OR_PROVINCE_NAME, "North, Holland"),
            (NameOID.LOCALITY_NAME, "Amsterdam"),
            (NameOID.ORGANIZATION_NAME, "Example"),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, "One"),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, "Two"),
            (NameOID.COMMON_NAME, "a.test"),
            (NameOID.SERIAL_NUMBER, "7"),
        ]
    )
    described = describe(der)
    assert described is not None
    assert described.subject == (
        "SERIALNUMBER=7,CN=a.test,ST=North\\, Holland,L=Amsterdam,OU=One+OU=Two,O=Example,C=NL"
    )
    assert described.subjectalternative == "a.test,*.b.test"


@pytest.mark.parametrize(("serial", "written"), [(0xABC, "0abc"), (0x10, "10"), (1, "01")])
def test_a_serial_number_is_written_by_whole_bytes(serial: int, written: str) -> None:
    described = describe(make([(NameOID.COMMON_NAME, "a")], serial=serial))
    assert described is not None
    assert described.serialnumber == written


def test_the_first_to_end_counts_and_what_cannot_be_read_does_not() -> None:
    early, late = (make([(NameOID.COMMON_NAME, "a")], days=days) for days in (3, 9))
    assert earliest_end([late, early, b"no certificate"]) == (NOW + timedelta(days=3)).timestamp()
    assert earliest_end([b"no certificate"]) is None
    assert describe(b"no certificate") is None
