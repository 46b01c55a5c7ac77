import pytest
from msgspec.structs import replace

from tests.workers.observatory.sites import gathered
from workers.observatory import NO_ANSWER, NOT_GATHERED, NOT_TESTED, Preflight
from workers.observatory.cross_origin_resource_sharing import judge

ORIGIN = "https://observatory.example"


def preflight(*headers: tuple[str, str], origin: str | None = ORIGIN) -> Preflight:
    return Preflight(200, headers, origin)


def allow(origin: str) -> tuple[str, str]:
    return ("Access-Control-Allow-Origin", origin)


CREDENTIALS = ("Access-Control-Allow-Credentials", "TRUE ")


def result(evidence: object) -> str:
    return judge(gathered(preflight=evidence)).removeprefix("cross-origin-resource-sharing-")


def test_not_tested_without_a_preflight() -> None:
    assert result(NOT_GATHERED) == NOT_TESTED


@pytest.mark.parametrize("status", [301, 403, 500])
def test_a_preflight_that_was_refused_allows_nothing(status: int) -> None:
    assert result(replace(preflight(allow("*")), status=status)) == "not-implemented"


def test_a_preflight_that_nothing_answered() -> None:
    assert result(NO_ANSWER) == "not-implemented"


def test_the_pages_own_header_does_not_count() -> None:
    assert judge(gathered(allow("*"))) == "cross-origin-resource-sharing-not-implemented"


def test_everybody_is_allowed() -> None:
    assert result(preflight(allow(" * "))) == "implemented-with-public-access"


def test_another_origin_is_allowed() -> None:
    assert result(preflight(allow("https://b.example"), CREDENTIALS)) == "implemented-with-restricted-access"


def test_the_origin_is_echoed_without_credentials() -> None:
    assert result(preflight(allow(ORIGIN))) == "implemented-with-restricted-access"


def test_the_origin_is_echoed_with_credentials() -> None:
    assert result(preflight(allow(ORIGIN), CREDENTIALS)) == "implemented-with-universal-access"


def test_no_origin_was_sent() -> None:
    assert result(preflight(allow(ORIGIN), CREDENTIALS, origin=None)) == "implemented-with-restricted-access"
