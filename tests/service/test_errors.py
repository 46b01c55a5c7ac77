"""The codes are a contract: dashboards and scripts are written against them."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from service.errors import STAGE_OF, Code, FetchFailed, reason_of

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


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda path: path.read_text(), "No such file or directory"),
        (lambda path: path.parent.read_text(), "Is a directory"),
        (lambda _: b"a\xff".decode(), "expected UTF-8, got b'\\xff' at byte 1"),
        (
            lambda _: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(__file__),
            "no certificate or crl found",
        ),
    ],
)
def test_a_reason_is_words_without_what_names_our_own_code(
    read: Callable[[Path], object], expected: str, tmp_path: Path
) -> None:
    with pytest.raises((OSError, UnicodeDecodeError)) as caught:
        read(tmp_path / "none")
    assert reason_of(caught.value) == expected
