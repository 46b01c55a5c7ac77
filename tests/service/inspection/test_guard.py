"""The egress guard's table, by category."""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import FetchFailed
from service.inspection.guard import Guard, carried_ipv4

REFUSED = {
    "this host": ["0.0.0.0", "127.0.0.1", "127.255.255.254", "::", "::1"],
    "private": ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1"],
    "shared": ["100.64.0.1", "100.127.255.255"],
    "link-local": ["169.254.0.1", "fe80::1"],
    "metadata": ["169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254", "192.0.0.192"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "benchmarking": ["198.18.0.1", "198.19.255.255", "2001:2::1"],
    "multicast and reserved": ["224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "ff02::1"],
    "IPv4 inside IPv6": [
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "2a00:1450::5efe:10.0.0.1",
    ],
    "not global unicast": ["100::1", "5f00::1", "4000::1", "64:ff9b:1::1"],
}
ALLOWED = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.1", "100.63.255.255"]
ALLOWED += ["2606:4700:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808", "::ffff:8.8.8.8"]


@pytest.mark.parametrize(("category", "address"), [(c, a) for c, listed in REFUSED.items() for a in listed])
def test_what_is_not_globally_reachable_is_refused(category: str, address: str) -> None:
    assert Guard().refusal(ip_address(address)), category


@pytest.mark.parametrize("address", ALLOWED)
def test_what_is_globally_reachable_is_allowed(address: str) -> None:
    assert Guard().refusal(ip_address(address)) is None


def test_one_refused_address_refuses_the_whole_answer() -> None:
    with pytest.raises(FetchFailed, match=r"example\.com has the address 10\.0\.0\.1") as caught:
        Guard().check_addresses("example.com", ("1.1.1.1", "10.0.0.1"))
    assert (caught.value.failure.code, caught.value.failure.stage) == ("blocked_address", "policy")


def test_an_allowed_network_is_let_through_and_only_it() -> None:
    guard = Guard.of(["10.0.0.0/8"], [], [])
    guard.check_addresses("inside", ("10.1.2.3", "::ffff:10.1.2.3"))
    with pytest.raises(FetchFailed):
        guard.check_addresses("inside", ("192.168.0.1",))


def test_denied_outweighs_allowed() -> None:
    guard = Guard.of(["10.0.0.0/8"], ["10.1.0.0/16", "8.8.8.0/24"], [])
    assert guard.refusal(ip_address("10.1.0.1")) == "it is in a denied network"
    assert guard.refusal(ip_address("8.8.8.8"))
    assert guard.refusal(ip_address("10.2.0.1")) is None


def test_denied_outweighs_allowed_for_the_ipv4_address_that_an_ipv6_one_carries() -> None:
    guard = Guard.of(["::ffff:0:0/96"], ["10.0.0.0/8"], [])
    assert guard.refusal(ip_address("::ffff:10.0.0.1"))
    assert guard.refusal(ip_address("::ffff:192.168.0.1")) is None


def test_the_first_and_the_last_address_of_each_block_are_refused_and_their_neighbours_judged_alone() -> None:
    blocks = [ip_network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "198.18.0.0/15", "224.0.0.0/3")]
    for block in blocks:
        assert Guard().refusal(block[0])
        assert Guard().refusal(block[-1])
        assert Guard().refusal(block[0] - 1) is None


def test_ports_that_browsers_refuse_are_refused_unless_let_through() -> None:
    for port in (80, 443, 8080, 8443):
        Guard().check_port(port)
    Guard.of([], [], [25]).check_port(25)
    with pytest.raises(FetchFailed, match="--allow-port 25") as caught:
        Guard().check_port(25)
    assert caught.value.failure.code == "blocked_port"


def test_an_address_of_its_own_carries_none() -> None:
    assert carried_ipv4(ip_address("2606:4700::1")) is None
    assert carried_ipv4(ip_address("1.1.1.1")) is None


_NETWORKS = st.lists(
    st.builds(
        lambda number, bits: str(ip_network((number >> (32 - bits) << (32 - bits), bits))),
        st.integers(0, (1 << 32) - 1),
        st.integers(1, 32),
    ),
    max_size=3,
)


@given(_NETWORKS, _NETWORKS, st.data())
def test_the_ranges_that_are_looked_up_say_what_the_policy_says(
    allow: list[str], deny: list[str], data: st.DataObject
) -> None:
    guard = Guard.of(allow, deny, [])
    edges = [edge for network in map(ip_network, (*allow, *deny)) for edge in (network[0], network[-1])]
    near = [int(edge) + step for edge in edges for step in (-1, 0, 1)]
    number = data.draw(st.sampled_from([0, (1 << 32) - 1, *near]) | st.integers(0, (1 << 32) - 1))
    address = IPv4Address(number % (1 << 32))
    try:
        guard.check_addresses("host", [str(address)])
    except FetchFailed as error:
        assert str(error).endswith(f"refused: {guard.refusal(address)}")
    else:
        assert guard.refusal(address) is None
