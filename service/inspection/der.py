"""The facts of a plain certificate, out of its bytes.

`cryptography` reads the whole certificate and makes objects of it: a tenth of what a URL costs over TLS where
no two hosts share one (80 to 100 µs in the midst of handshakes, where no code is in the processor's caches).
This looks only at what a record tells, answers what `cryptography` would have, and takes 30.

Plain is a certificate of version 3 (RFC 5280 section 4.1) in strict DER (X.690): each length in its one form,
each element within its parent, those that are read of the types that they must have, and no alternative names
but of hosts and addresses. Of any other certificate nothing is told: it is `cryptography`'s to read.

Nothing is verified here: OpenSSL has done that, or was not to. Nor is read what no record tells: the serial
number, the beginning of validity, the key, the algorithms, the signature, and what other extensions contain.
Where these are odd, `cryptography` may refuse the certificate, or all of its extensions. The facts are told
here all the same, for they are in it, and OpenSSL has taken it.
"""

import re
from datetime import datetime
from ipaddress import IPv6Address
from socket import AF_INET, inet_ntop
from typing import Final, NamedTuple

_INTEGER: Final = 0x02
_OCTETS: Final = 0x04
_IDENTIFIER: Final = 0x06
_SEQUENCE: Final = 0x30
_UTC_TIME: Final = 0x17
_GENERALIZED_TIME: Final = 0x18
_EXTENSIONS: Final = 0xA3
_DNS_NAME: Final = 0x82
_IP_ADDRESS: Final = 0x87

_VERSION_3: Final = b"\xa0\x03\x02\x01\x02"
_CRITICAL: Final = b"\x01\x01\xff"
_ALTERNATIVE_NAMES: Final = b"\x06\x03\x55\x1d\x11"  # 2.5.29.17

_SHORT: Final = 0x80  # lengths below are one byte
# One common name (2.5.4.3), a UTF8String or PrintableString, of characters that RFC 4514 does not escape and
# that either type may have. The dots are lengths.
_COMMON_NAME: Final = re.compile(
    rb"\x30.\x31.\x30.\x06\x03\x55\x04\x03(?:\x0c.[A-Za-z0-9*][A-Za-z0-9.*_-]*|\x13.[A-Za-z0-9][A-Za-z0-9.-]*)",
    re.DOTALL,
)
_COMMON_NAME_BEGINS: Final = 13


class PlainCertificate(NamedTuple):
    """Of names, the DER: see `common_name`."""

    subject: bytes
    issuer: bytes
    not_after: str
    sans: tuple[str, ...]


def read_plain(der: bytes) -> PlainCertificate:
    """Raises ValueError or IndexError where the certificate is not plain."""
    end = len(der)
    at = _fill(der, 0, _SEQUENCE, end)
    at, end = _inside(der, at, _SEQUENCE, end)  # TBSCertificate
    if not der.startswith(_VERSION_3, at):
        raise ValueError("not of version 3")
    _, at = _inside(der, at + len(_VERSION_3), _INTEGER, end)  # the serial number
    _, at = _inside(der, at, _SEQUENCE, end)  # the signature's algorithm
    _, after = _inside(der, at, _SEQUENCE, end)
    issuer = der[at:after]
    validity, at = _inside(der, after, _SEQUENCE, end)
    _, not_after = _inside(der, validity, der[validity], at)
    _, after = _inside(der, at, _SEQUENCE, end)
    subject = der[at:after]
    _, after_key = _inside(der, after, _SEQUENCE, end)
    sans = _find_names(der, after_key, end) if after_key < end else ()
    return PlainCertificate(subject, issuer, _time(der, not_after, at), sans)


def common_name(name: bytes) -> str | None:
    """A Name's DER as RFC 4514 writes it, if it is the usual of a server: one plain common name."""
    size = len(name)
    if size - 2 >= _SHORT or not _COMMON_NAME.fullmatch(name):
        return None
    if not name[1] + 2 == name[3] + 4 == name[5] + 6 == name[12] + _COMMON_NAME_BEGINS == size:
        return None
    return f"CN={name[_COMMON_NAME_BEGINS:].decode('ascii')}"


def _inside(der: bytes, at: int, tag: int, end: int) -> tuple[int, int]:
    """Where the contents of the element at `at` begin and end, in a parent that ends at `end`."""
    if der[at] != tag:
        raise ValueError("an element of another type")
    length = der[at + 1]
    at += 2
    if length >= _SHORT:  # X.690 sections 8.1.3 and 10.1: the least bytes that it can be written in
        if length == 0x81:
            length, least = der[at], _SHORT
            at += 1
        elif length == 0x82:
            length, least = der[at] << 8 | der[at + 1], 0x100
            at += 2
        else:
            raise ValueError("a length that is indefinite, or beyond any plain certificate's")
        if length < least:
            raise ValueError("a length that is not in its one form")
    if at + length > end:
        raise ValueError("an element ends behind its parent")
    return at, at + length


def _fill(der: bytes, at: int, tag: int, end: int) -> int:
    """Where the contents begin of the element at `at`, which must be the last of its parent."""
    begin, after = _inside(der, at, tag, end)
    if after != end:
        raise ValueError("something follows the last element")
    return begin


def _time(der: bytes, at: int, end: int) -> str:
    tag = der[at]
    text = der[_fill(der, at, tag, end) : end].decode("ascii")
    if tag == _UTC_TIME:  # RFC 5280 section 4.1.2.5.1: 50 to 99 are of 19
        text = f"{'19' if text >= '5' else '20'}{text}"
    elif tag != _GENERALIZED_TIME:
        raise ValueError("a time of another type")
    told = f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:14]}"
    # Back and forth, for `fromisoformat` also takes times that are written otherwise.
    if text[14:] != "Z" or datetime.fromisoformat(told).isoformat() != told:
        raise ValueError("not a time as RFC 5280 has it")
    return f"{told}Z"


def _find_names(der: bytes, at: int, end: int) -> tuple[str, ...]:
    """The alternative names among the extensions, which are all that follows the key: identifiers of issuer
    and subject are not plain."""
    at = _fill(der, _fill(der, at, _EXTENSIONS, end), _SEQUENCE, end)
    names: tuple[str, ...] = ()
    seen: set[bytes] = set()
    while at < end:
        begin, at = _inside(der, at, _SEQUENCE, end)
        size = der[begin + 1]  # by hand: there are as many as all other elements together
        after = begin + 2 + size
        identifier = der[begin:after]
        if der[begin] != _IDENTIFIER or size >= _SHORT or after > at or identifier in seen:
            raise ValueError("an extension that has no identifier, or that of another")
        seen.add(identifier)
        if identifier == _ALTERNATIVE_NAMES:
            names = _read_names(der, after, at)
    return names


def _read_names(der: bytes, at: int, end: int) -> tuple[str, ...]:
    """What follows the identifier of that extension: whether it is critical, and its value. Names of hosts
    come before addresses, as `cryptography` hands them out."""
    if der.startswith(_CRITICAL, at):
        at += len(_CRITICAL)
    at = _fill(der, _fill(der, at, _OCTETS, end), _SEQUENCE, end)
    hosts: list[str] = []
    addresses: list[str] = []
    while at < end:
        tag = der[at]
        begin, at = _inside(der, at, tag, end)
        if tag == _DNS_NAME:
            hosts.append(der[begin:at].decode("ascii"))
        elif tag == _IP_ADDRESS:
            addresses.append(_address(der[begin:at]))
        else:
            raise ValueError("a name of another kind")
    return (*hosts, *addresses)


def _address(packed: bytes) -> str:
    # Of IPv4 `inet_ntop` says the same as `ipaddress`, and sooner; of IPv6 it writes some otherwise.
    return inet_ntop(AF_INET, packed) if len(packed) == 4 else str(IPv6Address(packed))
