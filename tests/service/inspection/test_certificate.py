"""The facts of certificates: what is read without `cryptography` is what `cryptography` would have said."""

import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from service.inspection import certificate
from tests.service.inspection.written import (
    HOST,
    check,
    element,
    extension,
    is_plain,
    sans,
    sequence,
    written,
)

# `cryptography` warns of a certificate that it will refuse some day, and of names of odd lengths.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

EPOCH = datetime(1950, 1, 1, tzinfo=UTC)
CENTURY = int((datetime(2050, 1, 1, tzinfo=UTC) - EPOCH).total_seconds())


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, 2_048)


ASCII = ' #,+"\\<>;=\0\n*-._@aB1'
ALPHABETS = {
    _ASN1Type.UTF8String: f"{ASCII}éß☃😀",
    _ASN1Type.PrintableString: " ,+=-.aB1",
    _ASN1Type.T61String: ASCII,
    _ASN1Type.IA5String: ASCII,
    _ASN1Type.VisibleString: ' #,+"\\<>;=*-._@aB1',
    _ASN1Type.BMPString: f"{ASCII}éß☃",
    _ASN1Type.UniversalString: f"{ASCII}éß☃😀",
}
IDENTIFIERS = st.sampled_from(
    [
        NameOID.COMMON_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.EMAIL_ADDRESS,
        NameOID.DOMAIN_COMPONENT,
        NameOID.SERIAL_NUMBER,
        x509.ObjectIdentifier("1.2.3.4"),
    ]
)
ATTRIBUTES = st.one_of(
    *(
        st.builds(x509.NameAttribute, IDENTIFIERS, st.text(alphabet, min_size=1, max_size=12), st.just(kind))
        for kind, alphabet in ALPHABETS.items()
    )
) | st.just(x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"))
NAMES = st.lists(
    st.lists(ATTRIBUTES, min_size=1, max_size=2, unique_by=lambda attribute: attribute.oid.dotted_string).map(
        x509.RelativeDistinguishedName
    ),
    max_size=4,
).map(x509.Name) | st.from_regex(r"[a-z0-9*.-]{1,64}", fullmatch=True).map(
    lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
)
ADDRESSES = st.ip_addresses().map(x509.IPAddress)
HOSTS = st.from_regex(r"[a-z0-9*._ -]{0,20}", fullmatch=True).map(x509.DNSName)
OTHERS = [
    x509.IPAddress(ip_network("10.0.0.0/8")),
    x509.IPAddress(ip_network("2001:db8::/32")),
    x509.RFC822Name("a@one.test"),
    x509.UniformResourceIdentifier("https://one.test/"),
    x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "one.test")])),
    x509.RegisteredID(x509.ObjectIdentifier("1.2.3.4")),
    x509.OtherName(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"),
]
ALTERNATIVES = st.lists(HOSTS | ADDRESSES, max_size=6) | st.lists(
    HOSTS | ADDRESSES | st.sampled_from(OTHERS), max_size=4
)
EXTENSIONS = st.lists(
    st.sampled_from(
        [
            x509.BasicConstraints(ca=False, path_length=None),
            x509.BasicConstraints(ca=True, path_length=3),
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
            x509.SubjectKeyIdentifier(b"1" * 20),
            x509.TLSFeature([x509.TLSFeatureType.status_request]),
            x509.OCSPNoCheck(),
            *(
                x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.2.3.{n}"), b"x" * n)
                for n in (1, 200, 600)
            ),
        ]
    ),
    max_size=7,
    unique_by=lambda extension: extension.oid.dotted_string,
)
DATES = st.one_of(st.integers(0, 250_000_000_000), st.integers(-86_400, 86_400).map(CENTURY.__add__)).map(
    lambda seconds: EPOCH + timedelta(seconds=seconds)
)


@settings(max_examples=300, deadline=None)
@given(NAMES, NAMES, DATES, EXTENSIONS, st.none() | ALTERNATIVES, st.booleans(), st.booleans(), st.randoms())
def test_of_any_certificate_that_cryptography_makes_it_is_told_the_same(
    subject: x509.Name,
    issuer: x509.Name,
    ends: datetime,
    extensions: list[x509.ExtensionType],
    names: list[x509.GeneralName] | None,
    is_critical: bool,
    is_rsa: bool,
    random: Random,
) -> None:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key((rsa_key() if is_rsa else ec_key()).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(EPOCH)
        .not_valid_after(ends)
    )
    if names is not None:
        extensions = [*extensions, x509.SubjectAlternativeName(names)]
        random.shuffle(extensions)
    for each in extensions:
        builder = builder.add_extension(each, critical=is_critical)
    made = builder.sign(rsa_key() if is_rsa else ec_key(), hashes.SHA256())
    der = made.public_bytes(serialization.Encoding.DER)
    assert check(der) == certificate._read_at_length(der)
    assert is_plain(der) or any(each in OTHERS for each in names or ())


@cache
def system_roots() -> list[bytes]:
    file = ssl.get_default_verify_paths().cafile
    text = Path(file).read_text(encoding="utf-8", errors="replace") if file else ""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    blocks = (block.partition(end)[0] for block in text.split(begin)[1:])
    return [ssl.PEM_cert_to_DER_cert(f"{begin}{block}{end}\n") for block in blocks]


def test_of_the_system_s_roots_the_same_is_told() -> None:
    if not system_roots():
        pytest.skip("this system has no file of root certificates")
    assert [check(der) for der in system_roots()] == [
        certificate._read_at_length(der) for der in system_roots()
    ]
    assert sum(map(is_plain, system_roots())) > len(system_roots()) / 2


USUAL = [
    written(sans(HOST, b"\x87\x04\x7f\0\0\1")),
    written(extension(b"\x55\x1d\x13", element(4, sequence())), sans(*[HOST] * 20, critical=b"\x01\x01\xff")),
]
CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True), st.integers(0, 255) | st.sampled_from([0x80, 0x81, 0x82, 0x30])
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=1_000, deadline=10_000)  # a loop without end, not a slow machine
@given(st.integers(min_value=0), CHANGES, st.none() | st.floats(0, 1), st.booleans())
def test_of_a_broken_certificate_nothing_else_is_told(
    number: int, changes: list[tuple[float, int]], cut: float | None, is_real: bool
) -> None:
    """Any bytes are read in no time, and without an error."""
    sources = (is_real and system_roots()) or USUAL
    broken = bytearray(sources[number % len(sources)])
    for place, value in changes:
        broken[int(place * len(broken))] = value
    if cut is not None and number % 10 == 0:
        del broken[int(cut * len(broken)) :]
    check(bytes(broken))


@given(st.binary(max_size=400) | st.binary(max_size=60).map(sequence).map(sequence))
def test_any_bytes_are_read(data: bytes) -> None:
    check(data)


def test_of_certificates_of_any_size_few_are_kept() -> None:
    der = written(sans(*(element(0x82, b"%04d" % n) for n in range(2_000))))
    before = certificate._read.cache_info().currsize
    assert check(der).sans[-1] == "1999"
    assert len(der) > certificate.KEPT_BYTES
    assert certificate._read.cache_info().currsize == before
