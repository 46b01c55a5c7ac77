"""Places in a network as settings name them: ranges, addresses, hosts, daemons.

Each `check_…` returns the text, in the one form that it is kept in, or raises ValueError, which says what was
expected.
"""

import re
from ipaddress import ip_address, ip_network
from typing import Final

LAST_PORT: Final = 65_535
_LISTEN_EXPECTED: Final = "expected HOST:PORT such as 127.0.0.1:8080 or [::1]:8080"
_DAEMON: Final = re.compile(
    r"https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[!$-;=@-Z_a-z~]*)?"
)


def check_network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError as error:
        raise ValueError("expected a network such as 10.0.0.0/8 or 2001:db8::/32") from error


def check_endpoint(value: str) -> str:
    """ADDR or ADDR:PORT, an IPv6 address in brackets where a port follows."""
    host, colon, port = value.rpartition(":")
    if not colon or (value.count(":") > 1 and not host.endswith("]")):
        host, port = value, "53"
    try:
        ip_address(host.strip("[]"))
        if not 0 < int(port) <= LAST_PORT:
            raise ValueError  # noqa: TRY301 - one message for every way of being wrong
    except ValueError as error:
        raise ValueError("expected an address such as 192.0.2.53 or [2001:db8::53]:53") from error
    return value


def split_listen(value: str) -> tuple[str, int]:
    """HOST and PORT of HOST:PORT, an IPv6 address without its brackets. Raises ValueError for other text."""
    host, colon, port = value.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or (":" in host and not bracketed) or not (port.isascii() and port.isdigit()):
        raise ValueError(_LISTEN_EXPECTED)
    if int(port) > LAST_PORT:
        raise ValueError(_LISTEN_EXPECTED)
    return host.strip("[]"), int(port)


def check_listen(value: str) -> str:
    split_listen(value)
    return value


def check_daemon(value: str) -> str:
    """A daemon's URL; with a path where it is behind a proxy."""
    if not _DAEMON.fullmatch(value):
        raise ValueError("expected the URL of a daemon such as http://127.0.0.1:8080")
    return value


def check_name(value: str) -> str:
    """As a Host has it, without its port."""
    name = value.lower().rstrip(".")
    if not (name.isascii() and name.replace("-", "").replace(".", "").replace("_", "").isalnum()):
        raise ValueError("expected a host name such as masthead.example")
    return name
