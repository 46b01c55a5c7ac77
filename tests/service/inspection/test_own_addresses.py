"""The guard knows this host's own addresses, public ones too."""

import asyncio
import subprocess
import sys
from ipaddress import ip_address

import pytest

from service.errors import FetchFailed
from service.inspection import own_addresses
from service.inspection.guard import Address, Guard
from service.inspection.own_addresses import OwnAddresses, read_own_addresses
from tests.service.inspection.shortage import no_descriptors

OWN = frozenset({ip_address("8.8.4.4"), ip_address("2a00:1450::1")})
READ = "from service.inspection.own_addresses import *; print(*map(str, read_own_addresses()))"


def test_loopback_is_one_of_them() -> None:
    assert ip_address("127.0.0.1") in read_own_addresses()


def test_an_interfaces_public_address_is_read() -> None:
    steps = "ip link set lo up && ip address add 8.8.4.4/24 dev lo && ip address add 2a00:1450::1/64 dev lo"
    every = (
        "ip route add local 0.0.0.0/0 dev lo"  # as a test of the guard may have it: no interface's address
    )
    script = f"{steps} && {every} && exec {sys.executable} -c '{READ}'"
    ran = subprocess.run(
        ["unshare", "--net", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        pytest.skip(f"this user may not make a network namespace: {ran.stderr.strip()}")
    assert set(ran.stdout.split()) == {"127.0.0.1", "::1", "8.8.4.4", "2a00:1450::1"}


@pytest.mark.parametrize("address", ["8.8.4.4", "2a00:1450::1", "::ffff:8.8.4.4", "64:ff9b::808:404"])
def test_an_own_address_is_refused(address: str) -> None:
    guard = Guard()
    guard.check_addresses("a.test", (address,))
    guard.refuse_own(OWN)
    with pytest.raises(FetchFailed, match="it is an address of this host"):
        guard.check_addresses("a.test", (address,))
    guard.check_addresses("a.test", ("8.8.4.3", "8.8.4.5", "2a00:1450::2"))


def test_an_own_address_can_be_let_through() -> None:
    guard = Guard.of(["8.8.4.0/24"], [], [])
    guard.refuse_own(OWN)
    guard.check_addresses("a.test", ("8.8.4.4",))


async def test_while_they_cannot_be_read_those_that_are_known_stay_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[int] = []

    def refresh(guard: Guard, addresses: frozenset[Address]) -> None:
        read.append(len(addresses))

    guard = Guard()
    own = OwnAddresses(asyncio.get_running_loop(), guard)
    assert guard.refusal(ip_address("127.0.0.1")) == "it is an address of this host"
    monkeypatch.setattr(Guard, "refuse_own", refresh)
    with no_descriptors():
        own._refresh()
    assert read == []
    own._refresh()
    assert len(read) == 1
    own.close()


async def test_what_comes_and_goes_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [OWN, frozenset({ip_address("1.1.1.1")})]
    monkeypatch.setattr(own_addresses, "read_own_addresses", lambda: answers.pop(0))
    monkeypatch.setattr(own_addresses, "REFRESH_S", 0.0)
    guard = Guard()
    own = OwnAddresses(asyncio.get_running_loop(), guard)
    assert guard.refusal(ip_address("8.8.4.4"))
    while len(answers) > 0:
        await asyncio.sleep(0)
    own.close()
    assert guard.refusal(ip_address("8.8.4.4")) is None
    assert guard.refusal(ip_address("1.1.1.1"))
