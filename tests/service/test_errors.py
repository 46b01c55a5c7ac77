"""The codes are a contract: dashboards and scripts are written against them."""

import pytest

from service.errors import STAGE_OF, Code, FetchFailed

ANY_STAGE = {Code.DEADLINE_EXCEEDED, Code.CANCELLED, Code.INTERNAL}


def test_every_code_has_its_stage_but_those_that_can_come_at_any() -> None:
    assert set(Code) - set(STAGE_OF) == ANY_STAGE


def test_a_failure_carries_code_stage_and_message() -> None:
    failure = FetchFailed(Code.DNS_FAILED, "the resolver refused").failure
    assert (failure.code, failure.stage, failure.message) == ("dns_failed", "resolve", "the resolver refused")


def test_a_code_of_any_stage_needs_to_be_told_which() -> None:
    assert FetchFailed(Code.DEADLINE_EXCEEDED, "late", stage="tls").failure.stage == "tls"
    with pytest.raises(KeyError):
        FetchFailed(Code.DEADLINE_EXCEEDED, "late")
