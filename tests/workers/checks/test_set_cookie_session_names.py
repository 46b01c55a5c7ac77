"""Which cookies our findings take for a session's, by their names."""

import pytest

from tests.workers.checks.cases import Case, found_ids
from tests.workers.growth import is_linear
from workers.checks.set_cookie import CHECK
from workers.checks.set_cookie.session_names import looks_like_session

HEX_32 = "0123456789abcdef" * 2
HEX_40 = f"{HEX_32}01234567"
SESSIONS = (
    *(".AspNet.ApplicationCookie", ".AspNetCore.Cookies", ".AspNetCore.CookiesC1", ".AspNetCore.Session"),
    *(".AspNetCore.Identity.Application", ".ASPXAUTH", "ASP.NET_SessionId", "ASPSESSIONIDCSBSQADC"),
    *("AWSELBAuthSessionCookie-0", "CFTOKEN", "JSESSIONID", "JSESSIONID.c00a9623", "JSESSIONIDSSO"),
    *("KEYCLOAK_IDENTITY", "KEYCLOAK_SESSION", "KEYCLOAK_SESSION_LEGACY", "MSISAuth", "MSISAuth1"),
    *("MoodleSession", "PHPSESSID", "__Host-PHPSESSID", "__Secure-sid", "_gitlab_session", "_session_id"),
    *("_oauth2_proxy", "_oauth2_proxy_1", "_shibsession_64656661", "_twitter_sess", "access_token", "jwt"),
    *("connect.sid", "fe_typo_user", "koa:sess", "laravel_session", "next-auth.session-token", "session"),
    *("next-auth.session-token.0", "remember-me", "remember_user_token", f"remember_web_{HEX_40}"),
    *("roundcube_sessid", "session-id", "sessionId", "sessionid", f"SESS{HEX_32}", f"SSESS{HEX_32}"),
    *(f"wordpress_logged_in_{HEX_32}", f"wordpress_sec_{HEX_32}", "user_session", "ATG_SESSION_ID"),
    *("BITBUCKETSESSIONID", "GX_SESSION_ID", "vxoaSessionID"),
)
OTHERS = (
    *("session_lang", "session_depth", "has_session", "is_session", "intercom-session-pq3xk81d", "theme"),
    *(".AspNetCore.Antiforgery.cdV5uW_Ejgc", ".AspNetCore.Culture", ".AspNetCore.Correlation.x", "sess_lang"),
    *("obsession", "business_id", "session-csrf", "XSRF-TOKEN", "heroku-session-affinity", "SESSION_TIMEOUT"),
    *("analytics_session_id", "visitor_session", "last_session", "SESSabc", "SESSIONS", "remember_choice"),
    *("remember_web_1", "wordpress_test_cookie", "wp-settings-1", "PHPSESSID_OLD_SKIN", "id", "token", "1"),
    *("", "-", "__Host-", "_ga", "AWSALB", "sidebar", "author", "keycloak_restart", "MSISAuthenticated"),
)
CASES = (
    Case(
        "a login that is remembered",
        (("Set-Cookie", "remember_user_token=x; Path=/"),),
        (
            "session-cookie-without-secure",
            "session-cookie-without-httponly",
            "session-cookie-without-samesite",
        ),
    ),
    Case("the language of a session", (("Set-Cookie", "session_lang=en"),), ("cookie-without-secure",)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize("name", SESSIONS)
def test_it_is_a_sessions(name: str) -> None:
    assert looks_like_session(name)


@pytest.mark.parametrize("name", OTHERS)
def test_it_is_not(name: str) -> None:
    assert not looks_like_session(name)


def test_a_long_name_takes_no_longer() -> None:
    assert is_linear(lambda size: looks_like_session("sess-" * size), 100_000)
