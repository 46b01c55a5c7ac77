"""Addresses and names of inner networks in running text."""

import pytest

from tests.workers.growth import is_linear
from workers.syntax.internal_names import internal_address, internal_name, may_be_internal


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("via 10.0.0.1 and 192.168.0.1", "10.0.0.1"),
        ("Tomcat/10.0.1.2 on http://10.0.1.3/", "10.0.1.3"),
        ("version: 10.0.1.2", None),
        ("fw/192.168.1.1", "192.168.1.1"),
        ("FD00::1", "fd00::1"),
        ("fd12:3456:789a:1:2:3:4:5", "fd12:3456:789a:1:2:3:4:5"),
        ("fdab:not-one", None),
        ("172.15.0.1", None),
        ("192.168.1", None),
    ],
)
def test_the_first_inner_address(text: str, address: str | None) -> None:
    assert internal_address(text) == address
    assert address is None or may_be_internal(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Web-1.CORP", "web-1.corp"),
        ("proxy.home.arpa", "proxy.home.arpa"),
        ("local", None),
        ("x.local.example", None),
        ("x.locale", None),
        ("DESKTOP-1A2B3C4", "desktop-1a2b3c4"),
        ("WIN-WIN", None),
        ("shop-5c9f7d8b44-zx7qk", "shop-5c9f7d8b44-zx7qk"),
    ],
)
def test_the_first_inner_name(text: str, name: str | None) -> None:
    assert internal_name(text) == name
    assert name is None or may_be_internal(text)


@pytest.mark.parametrize("unit", ["10.", "a.", "a-", "ip-10-", "fd00:", "win-", ".local", "192.168.", "-b"])
def test_a_hostile_value_takes_linear_time(unit: str) -> None:
    assert is_linear(lambda size: internal_address(unit * size), 65_536)
    assert is_linear(lambda size: internal_name(unit * size), 65_536)
    assert is_linear(lambda size: may_be_internal("\n".join([unit * size] * 4)), 65_536)
