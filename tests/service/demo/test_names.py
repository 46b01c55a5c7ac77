"""The fleet's name server, byte for byte and asked by masthead's own resolver."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.app import open_fetcher
from service.demo.names import ABSENT, DOMAIN, answer, open_name_server
from service.errors import Code, FetchFailed
from service.inspection.deadline import Deadline
from service.settings import Settings

QUERY = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
QUESTION = b"\x04GOOD\x08masthead\x04test\x00\x00\x01\x00\x01"


def test_a_name_of_the_fleet_is_on_loopback() -> None:
    assert answer(QUERY + QUESTION) == (
        b"\x12\x34\x85\x80\x00\x01\x00\x01\x00\x00\x00\x00"
        + QUESTION
        + b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01"
    )


@given(st.binary())
def test_no_bytes_break_it(query: bytes) -> None:
    answer(query)
    answer(QUERY + query)


async def test_the_resolver_gets_its_answers() -> None:
    async with open_name_server() as server, open_fetcher(Settings(resolver=server)) as fetcher:
        limit = Deadline.after(5).whole("resolve")
        assert tuple(await fetcher.resolver.resolve(f"good.{DOMAIN}", limit)) == ("127.0.0.1",)
        with pytest.raises(FetchFailed) as caught:
            await fetcher.resolver.resolve(ABSENT, limit)
    assert caught.value.code is Code.DNS_NOT_FOUND
