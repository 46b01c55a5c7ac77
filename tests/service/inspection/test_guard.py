"""The egress guard's table, by category."""

import select
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import FetchFailed
from service.inspection.guard import Guard, carried_ipv4
from service.inspection.transport import begin_connecting

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
    assert carried_ipv4(ip_address("2606:4700::1")) == ()
    assert carried_ipv4(ip_address("1.1.1.1")) == ()


CARRIED = [
    ("::ffff:1.2.3.4", ["1.2.3.4"]),
    ("::1.2.3.4", ["1.2.3.4"]),
    ("64:ff9b::1.2.3.4", ["1.2.3.4"]),
    ("2002:102:304::", ["1.2.3.4"]),
    ("2001:0:102:304::fafa:f9f8", ["1.2.3.4", "5.5.6.7"]),
    ("fe80::5efe:1.2.3.4", ["1.2.3.4"]),
    ("2002:102:304::200:5efe:5.6.7.8", ["1.2.3.4", "5.6.7.8"]),
]


@pytest.mark.parametrize(("address", "carried"), CARRIED)
def test_each_ipv4_address_that_is_carried_is_found(address: str, carried: list[str]) -> None:
    assert list(map(str, carried_ipv4(ip_address(address)))) == carried


@pytest.mark.parametrize(
    "address",
    [
        *("fe80::5efe:8.8.8.8", "fd00::5efe:8.8.8.8", "2001:db8::200:5efe:8.8.8.8"),  # behind such a prefix
        "2002:808:808::5efe:10.0.0.1",  # the second that it carries
        "2001:0:a00:1::f7f7:f7f7",  # a Teredo server that is private
        *("64:ff9b::8.8.8.8%lo", "2606:4700::1%lo"),
    ],
)
def test_an_address_is_refused_for_any_part_of_it(address: str) -> None:
    with pytest.raises(FetchFailed):
        Guard().check_addresses("a.test", [address])


def test_to_allow_what_an_address_carries_does_not_allow_the_network_that_it_is_in() -> None:
    guard = Guard.of(["10.0.0.0/8"], [], [])
    assert guard.refusal(ip_address("fd00::5efe:10.0.0.1"))
    assert guard.refusal(ip_address("2a00:1450::5efe:10.0.0.1")) is None


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


_SPECIAL = [
    *("::", "::1", "::2", "::ffff:0:0", "64:ff9b::", "64:ff9b::1:0:0", "1fff:ffff::", "2000::", "2001::"),
    *("2001:200::", "2001:db8::", "2002::", "2002:a00::", "2003::", "2620:4f:8000::", "3fff::", "4000::"),
    *("fc00::", "fe80::", "ff00::", "2a00:1450::5efe:a00:1", "2a00:1450::1:5efe:a00:1", "2620:fe::10"),
]


@given(
    st.lists(st.sampled_from(_SPECIAL), max_size=3),
    st.lists(st.sampled_from(_SPECIAL), max_size=3),
    st.integers(0, 128),
    st.sampled_from(_SPECIAL).map(lambda text: int(ip_address(text))) | st.integers(0, (1 << 128) - 1),
    st.integers(-1, 1),
)
def test_the_ranges_of_ipv6_say_what_the_policy_says(
    allow: list[str], deny: list[str], bits: int, number: int, step: int
) -> None:
    def around(text: str) -> str:
        return f"{IPv6Address(int(ip_address(text)) >> (128 - bits) << (128 - bits))}/{bits}"

    guard = Guard.of(map(around, allow), map(around, deny), [])
    guard.refuse_own(frozenset({ip_address("2620:fe::10"), ip_address("9.9.9.10")}))
    address = IPv6Address((number + step) % (1 << 128))
    try:
        guard.check_addresses("host", [str(address)])
    except FetchFailed as error:
        assert str(error).endswith(f"refused: {guard.refusal(address)}")
    else:
        assert guard.refusal(address) is None


@pytest.mark.parametrize(
    ("allow", "let_through"),
    [
        ("0.0.0.0/8", set()),
        ("::/128", set()),
        ("127.0.0.0/8", {"0.0.0.0", "::ffff:0.0.0.0", "127.0.0.1"}),
        ("::1/128", {"::", "::1"}),
    ],
)
def test_the_unspecified_addresses_are_judged_as_the_loopback_that_they_lead_to(
    allow: str, let_through: set[str]
) -> None:
    guard = Guard.of([allow], [], [])
    for address in ("0.0.0.0", "::", "::ffff:0.0.0.0", "127.0.0.1", "::1"):
        if address in let_through:
            guard.check_addresses(address, (address,))
        else:
            with pytest.raises(FetchFailed, match="is refused"):
                guard.check_addresses(address, (address,))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_the_peer_of_a_connection_is_the_address_that_was_judged(address: str) -> None:
    """So it is not asked for again once connected, at 3,000 instructions a URL."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        connection = begin_connecting((address, server.getsockname()[1]), "peer")
        select.select([], [connection], [], 10)
        assert connection.getpeername()[0] == address
        connection.close()


@pytest.mark.parametrize(
    "name",
    [
        "localhost",
        "",
        "<broadcast>",
        "127.1",
        "0x7f.0.0.1",
        "1",
        "0177.0.0.1",
        "127.0.0.1 ",
        "fe80::1%1",
    ],
)
def test_what_the_system_would_have_to_look_up_is_never_connected_to(name: str) -> None:
    """Python resolves what it is told to connect to, unless that is an address: no other passes the guard."""
    with pytest.raises((FetchFailed, OSError)):
        Guard.of(["0.0.0.0/0", "::/0"], ["fe80::/10"], []).check_addresses("a.test", (name,))
