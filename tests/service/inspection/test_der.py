"""Certificates by hand: what is read of their bytes, and what is left to `cryptography`."""

from ipaddress import ip_address

import pytest
from cryptography import x509

from service.inspection import certificate
from service.inspection.certificate import read_certificate
from tests.service.inspection.written import (
    ENDS,
    HOST,
    SUBJECT,
    TOLD,
    check,
    element,
    extension,
    is_plain,
    name,
    sans,
    sequence,
    written,
)

# `cryptography` warns of a certificate that it will refuse some day, and of names of odd lengths.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

PLAIN = {
    "no extensions": (written(), ()),
    "no names": (written(extension(b"\x2a\x03\x04", element(4, b"x"))), ()),
    "names": (written(extension(b"\x2a\x03\x04", element(4, b"x")), sans(HOST)), ("one.test",)),
    "critical": (written(sans(HOST, critical=b"\x01\x01\xff")), ("one.test",)),
    "none in the list": (written(sans()), ()),
    "an empty name": (written(sans(b"\x82\x00")), ("",)),
    "addresses last": (
        written(sans(b"\x87\x04\x7f\0\0\1", HOST, b"\x87\x10" + b"\0" * 10 + b"\xff\xff\x7f\0\0\1")),
        ("one.test", "127.0.0.1", str(ip_address("::ffff:127.0.0.1"))),
    ),
    "many": (
        written(sans(*(element(0x82, b"%d.test" % n) for n in range(200)))),
        tuple(f"{n}.test" for n in range(200)),
    ),
}


@pytest.mark.parametrize("case", PLAIN)
def test_a_plain_certificate_is_read_without_cryptography(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    der, names = PLAIN[case]
    assert check(der)[:4] == (*TOLD, names)
    certificate._read.cache_clear()
    monkeypatch.setattr(certificate, "_read_at_length", None)
    assert read_certificate(der)[:4] == (*TOLD, names)


SAN_TWICE = (sans(HOST), sans(element(0x82, b"two.test")))
ODD = {
    "version 1": written(version=b""),
    "version 1 with extensions": written(sans(HOST), version=b""),
    "version 1, written": written(version=b"\xa0\x03\x02\x01\x00"),
    "version 2": written(version=b"\xa0\x03\x02\x01\x01", identifiers=b"\x81\x02\0\1"),
    "version 6": written(version=b"\xa0\x03\x02\x01\x05"),
    "issuer's identifier": written(sans(HOST), identifiers=b"\x81\x02\0\1"),
    "both identifiers": written(sans(HOST), identifiers=b"\x81\x02\0\1\x82\x02\0\1"),
    "extensions twice": written(sans(HOST), identifiers=element(0xA3, sequence(sans(HOST)))),
    "names twice": written(*SAN_TWICE),
    "other extension twice": written(*2 * [extension(b"\x2a\x03\x04", element(4, b"x"))], sans(HOST)),
    "not critical, written": written(sans(HOST, critical=b"\x01\x01\x00")),
    "critical as 1": written(sans(HOST, critical=b"\x01\x01\x01")),
    "mail": written(sans(HOST, element(0x81, b"a@one.test"))),
    "URI": written(sans(element(0x86, b"https://one.test/"), HOST)),
    "directory": written(sans(HOST, element(0xA4, SUBJECT))),
    "X.400": written(sans(HOST, b"\xa3\x00")),
    "EDI": written(sans(HOST, b"\xa5\x00")),
    "network": written(sans(b"\x87\x08\x7f\0\0\0\xff\0\0\0")),
    "address of 5 bytes": written(sans(HOST, b"\x87\x05\x7f\0\0\0\1")),
    "no address": written(sans(HOST, b"\x87\x00")),
    "host in UTF-8": written(sans(element(0x82, "bücher.test".encode()))),
    "something after the names": written(extension(b"\x55\x1d\x11", element(4, sequence(HOST), b"\0"))),
    "something after the octets": written(extension(b"\x55\x1d\x11", element(4, sequence(HOST)), b"\5\0")),
    "something after the certificate": written(sans(HOST)) + b"\0",
    "something after the validity": written(after=ENDS + ENDS),
    "an identifier of another type": written(
        sequence(element(0x0D, b"\x2a\x03"), element(4, b"x")), sans(HOST)
    ),
    "a long length of an identifier": written(
        sequence(b"\x06\x81\x03\x55\x1d\x11", element(4, sequence(HOST)))
    ),
    "an identifier that ends behind its extension": written(sequence(b"\x06\x03\x55"), sans(HOST)),
    "an empty extension": written(sequence(), sans(HOST)),
    "names without octets": written(extension(b"\x55\x1d\x11")),
    "names that end behind their octets": written(
        extension(b"\x55\x1d\x11", element(4, b"\x30\x20", HOST)),
        extension(b"\x2a\x03", element(4, b"x" * 40)),
    ),
    "a host that ends behind the names": written(
        sans(HOST, b"\x82\x10"), extension(b"\x2a\x03", element(4, b"x" * 40))
    ),
    "a long length of a short host": written(sans(b"\x82\x81\x08one.test")),
    "two bytes for a length of one": written(sans(b"\x82\x82\x00\xc8" + b"a" * 200)),
    "an indefinite length": written(extension(b"\x55\x1d\x11", b"\x24\x80", sequence(HOST), b"\0\0")),
    "an indefinite certificate": b"\x30\x80" + written(sans(HOST))[3:] + b"\0\0",
    "four bytes of length": b"\x30\x84\xff\xff\xff\xff" + written()[3:],
    "a length of 127 bytes": b"\x30\xff" + written(),
    "a host of a high tag": written(sans(b"\x9f\x82\x01\x01a")),
}


@pytest.mark.parametrize("case", ODD)
def test_what_is_not_plain_is_left_to_cryptography(case: str) -> None:
    assert not is_plain(ODD[case])
    check(ODD[case])


@pytest.mark.parametrize(
    "after",
    [
        (0x17, b"491231235959Z"),
        (0x17, b"500101000000Z"),
        (0x17, b"991231235959Z"),
        (0x17, b"280229000000Z"),
        (0x17, b"290229000000Z"),  # no leap year
        (0x17, b"300431000000Z"),
        (0x17, b"301301000000Z"),
        (0x17, b"300001000000Z"),
        (0x17, b"300101240000Z"),
        (0x17, b"300101236000Z"),
        (0x17, b"300101235960Z"),
        (0x17, b"3001012359Z"),
        (0x17, b"300101235959"),
        (0x17, b"300101235959z"),
        (0x17, b"300101235959ZZ"),
        (0x17, b"300101235959+0100"),
        (0x17, b"+30101235959Z"),
        (0x17, b" 30101235959Z"),
        (0x17, b"30W011235959Z"),
        (0x17, b"3001012359.5Z"),
        (0x17, "30010123595٥Z".encode()),
        (0x17, b""),
        (0x18, b"20491231235959Z"),
        (0x18, b"20500101000000Z"),
        (0x18, b"19500101000000Z"),
        (0x18, b"00010101000000Z"),
        (0x18, b"00000101000000Z"),
        (0x18, b"99991231235959Z"),
        (0x18, b"20500101000000.5Z"),
        (0x18, b"500101000000Z"),
        (0x18, b"205001010000Z"),
        (0x16, b"300101000000Z"),
        (0x0C, b"20500101000000Z"),
    ],
)
def test_times_are_those_that_cryptography_takes(after: tuple[int, bytes]) -> None:
    der = written(sans(HOST), after=element(*after))
    assert check(der) == certificate._read_at_length(der)


@pytest.mark.parametrize("tag", [0x03, 0x0C, 0x12, 0x13, 0x14, 0x16, 0x17, 0x1A, 0x1B, 0x1C, 0x1E])
@pytest.mark.parametrize(
    "value",
    [
        *(b"*.one.test", b"one.test", b"a_b", b"-a", b".a", b"_a", b"a*", b"a", b"", b" a", b"a ", b"a b"),
        *(
            b"#a",
            b"a#",
            b"a,b",
            b"a+b",
            b'"',
            b"\\",
            b"<a>",
            b"a;b",
            b"a=b",
            b"a\0b",
            b"a\n",
            b"a@b",
            b"\xe9",
        ),
        *("bücher".encode(), b"a" * 64, b"a" * 65, b"a" * 114, b"a" * 115, b"a" * 128, b"a" * 300),
    ],
)
def test_names_are_written_as_cryptography_writes_them(tag: int, value: bytes) -> None:
    der = written(sans(HOST), subject=name(value, tag))
    assert check(der) == certificate._read_at_length(der)


@pytest.mark.parametrize(
    "subject",
    [
        sequence(),
        sequence(element(0x31)),
        name(b"one.test", kind=b"\x75\x04\x03"),  # differs by a bit that tells small letters from capitals
        name(b"one.test", kind=b"\x55\x04\x0a"),
        name(b"DEU", kind=b"\x55\x04\x06"),
        name(b"one.test") + name(b"two.test"),
        sequence(name(b"one.test")[2:], name(b"two.test")[2:]),
        sequence(element(0x31, name(b"one.test")[4:], name(b"two.test")[4:])),
        sequence(element(0x31, *2 * [name(b"one.test")[4:]])),
        b"\x30\x13\x31\x11\x30\x10\x06\x03\x55\x04\x03\x0c\x08one.test",
        b"\x30\x13\x31\x11\x30\x0f\x06\x03\x55\x04\x03\x0c\x09one.test",
    ],
)
def test_a_subject_of_another_shape_is_written_as_cryptography_writes_it(subject: bytes) -> None:
    der = written(sans(HOST), subject=subject)
    assert check(der) == certificate._read_at_length(der)


@pytest.mark.parametrize(
    "der",
    [
        written(sans(HOST), serial=b"\x02\x00"),
        written(sans(HOST), before=element(0x17, b"never")),
        written(sans(HOST), key=sequence()),
        written(sans(HOST), extension(b"\x2a\x03\x04")),
        written(sans(HOST), extension(b"\x80\x80", element(4, b"x"))),
    ],
)
def test_what_cryptography_refuses_for_what_is_not_told_is_told(der: bytes) -> None:
    with pytest.raises(ValueError):
        x509.load_der_x509_certificate(der)
    assert check(der)[:4] == (*TOLD, ("one.test",))


def test_names_are_told_beside_an_extension_that_cryptography_cannot_read() -> None:
    der = written(sans(HOST), extension(b"\x55\x1d\x13", element(4, b"no basic constraints")))
    assert certificate._read_at_length(der).sans == ()
    assert check(der).sans == ("one.test",)
