import pytest

from tests.workers.observatory.sites import URL, gathered
from workers.observatory import NOT_GATHERED, NOT_TESTED, HttpsAnswer
from workers.observatory.cookies import judge

HSTS = HttpsAnswer((("Strict-Transport-Security", "max-age=31536000"),))


def set_cookies(*lines: str) -> list[tuple[str, str]]:
    return [("Set-Cookie", line) for line in lines]


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("a=b; Secure; SameSite=Lax", "secure-with-httponly-sessions-and-samesite"),
        ("a=b; Secure", "secure-with-httponly-sessions"),
        ("a=b", "without-secure-flag"),
        ("session=b; HttpOnly", "session-without-secure-flag"),
        ("login=b; Secure", "session-without-httponly-flag"),
        pytest.param("Obsession=b; Secure", "session-without-httponly-flag", id="any name with `sess`"),
        ("XSRF-CSRF=b; Secure", "anticsrf-without-samesite-flag"),
        ("a=b; SameSite=None", "samesite-flag-invalid"),
        ("a=b; Secure; SameSite=foo", "samesite-flag-invalid"),
        ("a=b; Secure; SameSite", "samesite-flag-invalid"),
        pytest.param("samesite=x; Secure", "samesite-flag-invalid", id="a cookie of that name"),
        ("heroku-session-affinity=b", "not-found"),
        ("a=b; Domain=other.example", "not-found"),
    ],
)
def test_one_cookie(line: str, result: str) -> None:
    assert judge(gathered(*set_cookies(line))) == f"cookies-{result}"


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("a=b", "without-secure-flag-but-protected-by-hsts"),
        ("session=b; HttpOnly", "session-without-secure-flag-but-protected-by-hsts"),
    ],
)
def test_hsts_excuses(line: str, result: str) -> None:
    assert judge(gathered(*set_cookies(line), https=HSTS)) == f"cookies-{result}"


def test_none() -> None:
    assert judge(gathered()) == "cookies-not-found"


def test_the_worst_cookie_counts() -> None:
    site = gathered(*set_cookies("session=a", "b=c; Secure; SameSite=Lax"))
    assert judge(site) == "cookies-session-without-secure-flag"


def test_one_cookie_without_same_site_is_enough_to_lose_its_credit() -> None:
    site = gathered(*set_cookies("a=b; Secure; SameSite=Lax", "c=d; Secure"))
    assert judge(site) == "cookies-secure-with-httponly-sessions"


def test_cookies_of_redirects_count() -> None:
    assert judge(gathered(earlier=((URL, tuple(set_cookies("a=b"))),))) == "cookies-without-secure-flag"


def test_not_tested_where_it_hangs_on_hsts_that_was_not() -> None:
    assert judge(gathered(*set_cookies("a=b"), https=NOT_GATHERED)) == NOT_TESTED


def test_tested_where_hsts_makes_no_difference() -> None:
    site = gathered(*set_cookies("a=b", "login=c; Secure"), https=NOT_GATHERED)
    assert judge(site) == "cookies-session-without-httponly-flag"
