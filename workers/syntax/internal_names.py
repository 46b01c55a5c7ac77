"""Addresses and host names that mean something inside a network only, found in running text.

RFC 1918, RFC 4193, RFC 3927 and RFC 4291 for addresses; RFC 6762 and RFC 8375, ICANN's `.internal` and the
names that clouds and Kubernetes give for hosts. A number like 10.0.1.2 is taken for a version and no address
where it follows a name and a slash ("Tomcat/10.0.1.2"), a letter, a dash or the word version; 192.168. begins
no version.
"""

import re
from ipaddress import AddressValueError, IPv6Address
from typing import Final

# How much of a value is searched: what a proxy or an application adds of itself is far shorter.
LIMIT: Final = 4_096

_QUAD = re.compile(
    r"(?<![\w.\-+])(?:10|127|192(?=\.168\.)|169(?=\.254\.)|172(?=\.(?:1[6-9]|2\d|3[01])\.))"
    r"(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}(?![\w\-]|\.\d)",
    re.ASCII,
)
_VERSION_BEFORE = re.compile(r"(?:(?<!/)/|\b(?:version|ver|release|v)[ :=\"]*+)\Z", re.ASCII | re.IGNORECASE)
_IPV6 = re.compile(r"(?<![\w:.])(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):[0-9a-f:]{2,34}(?![\w:])", re.ASCII)
_HOST = re.compile(
    r"(?<![\w.\-@])(?:[a-z0-9_][a-z0-9_\-]*+\.)++"
    r"(?:local|internal|corp|lan|intranet|localdomain|(?<=home\.)arpa|svc)(?![\w\-]|\.[\w])",
    re.ASCII,
)
_CLOUD = re.compile(r"(?<![\w.\-])ip-(?:10|172|192)(?:-\d{1,3}){3}(?![\w\-])", re.ASCII)
# Names that Windows makes up at installation, and those of EC2's Windows images.
_WINDOWS = re.compile(
    r"(?<![\w.\-])(?:win-[0-9a-z]{11}|(?:desktop|laptop|ec2amaz)-[0-9a-z]{7})(?![\w\-])", re.ASCII
)
# A pod of a Deployment: its name, the template's hash and five more, both of Kubernetes' safe letters.
_POD = re.compile(
    r"[a-z][a-z0-9\-]*?-[bcdfghjklmnpqrstvwxz2456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}", re.ASCII
)
_POD_LENGTH: Final = 253  # RFC 1123's bound, which Kubernetes takes over

# What begins with one character is searched for faster by a pattern than word by word.
_ADDRESS_MARK = re.compile(r"1(?:0|27|72|92\.168|69\.254)\.", re.ASCII)
_IPV6_MARK = re.compile(r"f[cde][0-9a-f]{2}:", re.ASCII)
_DOMAIN_MARK = re.compile(r"\.(?:local|internal|corp|lan|intranet|home\.arpa|svc)", re.ASCII)
_HOST_MARKS: Final = ("ip-1", "win-", "desktop-", "laptop-", "ec2amaz-")
_POD_END = re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{5}(?:\n|\Z)", re.ASCII)


def may_be_internal(text: str) -> bool:
    """Whether a closer look is worth it: nothing internal is in values, a line each, of which this says no.

    Most responses are told by it, at a fraction of the cost.
    """
    lower = text.lower()
    if _ADDRESS_MARK.search(lower) or _IPV6_MARK.search(lower) or _may_be_named(lower):
        return True
    return _POD_END.search(text) is not None and any(map(_is_pod, text.split("\n")))


def internal_address(text: str) -> str | None:
    """The first private, link-local or loopback address in `text`, in lower case; None without any."""
    text = text[:LIMIT].lower()
    if _ADDRESS_MARK.search(text):
        for match in _QUAD.finditer(text):
            if match[0].startswith("192.168.") or not _follows_product(text, match.start()):
                return match[0]
    for match in _IPV6.finditer(text):
        if _is_ipv6(match[0]):
            return match[0]
    return None


def internal_name(text: str) -> str | None:
    """The first host name in `text` that only an inner network knows, in lower case; None without any."""
    text = text[:LIMIT].lower()
    if _may_be_named(text):
        for pattern in (_HOST, _CLOUD, _WINDOWS):
            match = pattern.search(text)
            if match is not None:
                return match[0]
    return text if _is_pod(text) else None


def _may_be_named(text: str) -> bool:
    return _DOMAIN_MARK.search(text) is not None or any(map(text.__contains__, _HOST_MARKS))


def _follows_product(text: str, position: int) -> bool:
    return _VERSION_BEFORE.search(text, max(0, position - 16), position) is not None


def _is_pod(text: str) -> bool:
    return text[-6:-5] == "-" and len(text) <= _POD_LENGTH and _POD.fullmatch(text) is not None


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True
