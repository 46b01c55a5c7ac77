import warnings
from importlib.resources import files

import hstspreload
import pytest

from workers.observatory import preload
from workers.observatory.preload import is_preloaded

HOSTS = [
    "dev",
    "name.dev",
    "google.com",
    "www.google.com",
    "accounts.google.com",
    "mail.google.com",
    "a.mail.google.com",
    "paypal.com",
    "www.paypal.com",
    "a.b.c.d.e.f.paypal.com",
    "example.com",
    "co.uk",
    "",
    "192.0.2.1",
    "[2001:db8::1]",
    "com",
]


@pytest.mark.parametrize("host", HOSTS)
def test_answers_as_the_package_itself(host: str) -> None:
    """The package's file is read here by its layout: this fails should a release change that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its look-up leaves files open, and opens them as Python deprecates
        assert is_preloaded(host) == hstspreload.in_hsts_preload(host)


def test_the_list_is_there() -> None:
    assert is_preloaded("name.dev")


def test_a_name_longer_than_dns_allows_is_not_looked_up() -> None:
    assert not is_preloaded("a." * 4000 + "dev")


def test_a_name_is_told_from_those_that_hold_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preload, "_BUCKETS", 1)
    monkeypatch.setattr(preload, "_load", lambda: (b"\x80\x05x.dev\x80\x05dev.x\xc0\x03dev",))
    assert [preload._flags_of(name) for name in (b"dev", b"x.dev", b"dev.x")] == [0xC0, 0x80, 0x80]
    assert not any(map(preload._flags_of, (b"de", b"ev", b"x", b".dev", b"a", b"")))


def test_a_length_is_no_letter_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    name = b"a" * ord("-")
    monkeypatch.setattr(preload, "_load", lambda: (b"\x80-" + name,))
    monkeypatch.setattr(preload, "_BUCKETS", 1)
    assert preload._flags_of(b"-" + name) == 0
    assert preload._flags_of(name) == 0x80


def test_nothing_of_the_packages_file_is_left_out() -> None:
    """A release may lay it out otherwise, or have names of other letters."""
    data = files("hstspreload").joinpath("hstspreload.bin").read_bytes()
    read = b"".join(preload._load())
    at = leaves = 0
    while at < len(data):
        end = at + 2 + data[at + 1]
        leaves += end - at if data[at] >= 0x80 else 0
        at = end
    assert len(read) == leaves > 1_000_000
