"""When a response asks for patience."""

from email.utils import formatdate
from time import time

import pytest

from service.inspection.retry import pause_before_retry
from tests.workers.gathered import failed, gathered
from workers.model import Gathered


def answered(head: bytes, attempts: int = 1) -> Gathered:
    item = gathered(1, head=head)
    return Gathered(*(getattr(item, name) for name in item.__struct_fields__[:7]), attempts)


def pause(status: str, *fields: str, attempts: int = 1, limit_s: float = 30) -> float | None:
    head = "\r\n".join((f"HTTP/1.1 {status}", *fields, "", "")).encode()
    return pause_before_retry(answered(head, attempts), limit_s)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_it_is_as_long_as_the_server_says(status: str) -> None:
    assert pause(status, "Retry-After: 7") == 7
    assert pause(status, "retry-after:  0 ") == 0


def test_a_date_says_until_when() -> None:
    until = pause("503 No", f"Retry-After: {formatdate(time() + 10, usegmt=True)}")
    assert until is not None
    assert 8 < until <= 10
    assert pause("503 No", "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT") == 0


@pytest.mark.parametrize("fields", [(), ("Retry-After: soon",), ("Retry-After: -1",), ("Retry-After: ",)])
def test_without_a_time_it_grows_with_the_tries(fields: tuple[str, ...]) -> None:
    assert [pause("503 No", *fields, attempts=attempts) for attempts in (1, 2, 3)] == [1, 2, 4]


def test_more_than_the_limit_is_not_waited_for() -> None:
    assert pause("429 No", "Retry-After: 31") is None
    assert pause("429 No", "Retry-After: 99999999999999999999") is None


@pytest.mark.parametrize("status", ["200 OK", "500 Oh", "404 No"])
def test_other_answers_stand(status: str) -> None:
    assert pause(status, "Retry-After: 1") is None


def test_a_failure_is_no_answer() -> None:
    assert pause_before_retry(failed(1), 30) is None
