"""The fleet: everything in its list leads where it is meant to (what comes of it, `test_demo` tests)."""

from service.demo.fleet import open_fleet
from service.demo.names import DOMAIN
from service.demo.sites import SITES


async def test_every_site_is_in_the_list() -> None:
    async with open_fleet() as fleet:
        assert [name for name in SITES if not any(f"{name}.{DOMAIN}" in url for url in fleet.urls)] == []


async def test_what_it_wrote_is_gone_after_it() -> None:
    async with open_fleet() as fleet:
        assert b"BEGIN CERTIFICATE" in fleet.ca_file.read_bytes()
    assert not fleet.ca_file.exists()
