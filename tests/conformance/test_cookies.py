"""Cookies beside tough-cookie 5 and the IETF's http-state tests: each row, and each rule that has changed.

A row may differ from its source only where a change of the tables below applies to it, and then our answer
is what the change says. Changes are recognised by what the line holds, never by the row.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from tests.conformance.cases import rows
from workers.observatory.public_suffix import is_public_suffix, registrable_domain
from workers.syntax.cookie_store import Jar, Request, Stored, serialized, store
from workers.syntax.cookies import (
    ATTRIBUTE_LIMIT,
    PAIR_LIMIT,
    Cookie,
    Refusal,
    parse_cookie_date,
    parse_pair,
    parse_set_cookie,
)
from workers.syntax.hosts import is_address, is_local

CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
SAME_SITE = frozenset({"strict", "lax", "none"})
# The http-state suite was written in 2010; cookies of its that end in 2019 are meant to last.
NOW = datetime(2011, 1, 1, tzinfo=UTC)
SENT_TO = "/cookie-parser-result"  # where the suite's server asks for the cookies when a row names no place

Answer = Cookie | Stored | Refusal


@dataclass(frozen=True)
class Change:
    """A rule that the source has not: the section that has it, the lines it is about, our answer to them."""

    rule: str
    section: str
    applies: Callable[[str, Request], bool]
    answers: Callable[[Answer], bool]


def refused(reason: Refusal) -> Callable[[Answer], bool]:
    return lambda answer: answer is reason


def kept(answer: Answer) -> bool:
    return not isinstance(answer, Refusal)


def pair_of(line: str) -> tuple[str, str]:
    return parse_pair(line.partition(";")[0])


def values_of(line: str, attribute: str) -> list[str]:
    pairs = [part.partition("=") for part in line.split(";")[1:]]
    return [value.strip(" \t") for name, _, value in pairs if name.strip(" \t").lower() == attribute]


PARSING = (
    Change(
        "a control character anywhere drops the line",
        "5.6 step 1",
        lambda line, _: CONTROL.search(line) is not None,
        refused(Refusal.CONTROL_CHARACTER),
    ),
    Change(
        "a line without a name is a cookie without one",
        "5.6 step 3",
        lambda line, _: not pair_of(line)[0] and pair_of(line)[1] != "",
        lambda answer: isinstance(answer, Cookie) and not answer.name,
    ),
    Change("a tab inside a name or value is kept", "5.6 step 4", lambda line, _: "\t" in line, kept),
    Change("only space and tab are cut off", "5.6 step 4", lambda line, _: "\xa0" in line, kept),
    Change(
        "name and value of more than 4,096 octets drop the line",
        "5.6 step 5",
        lambda line, _: sum(map(len, pair_of(line))) > PAIR_LIMIT,
        refused(Refusal.TOO_LARGE),
    ),
    Change(
        "an attribute of more than 1,024 octets is ignored",
        "5.6 step 6",
        lambda line, _: any(len(part) > ATTRIBUTE_LIMIT for part in line.split(";")[1:]),
        kept,
    ),
    Change(
        "a date that does not exist is none",
        "5.1.1 step 6",
        lambda line, _: any(re.search(r"\b(?:29|30|31)\b", value) for value in values_of(line, "expires")),
        kept,
    ),
    Change(
        "a time may have more after its seconds",
        "5.1.1 step 1",
        lambda line, _: any(re.search(r"\d:\d+:\d+\D.*:", value) for value in values_of(line, "expires")),
        kept,
    ),
    Change(
        "an empty Domain counts, and the last one does",
        "5.6.3",
        lambda line, _: any(value in ("", ".") for value in values_of(line, "domain")),
        kept,
    ),
)
STORING = (
    Change(
        "a domain that is not ASCII is refused",
        "5.7 step 8",
        lambda line, _: any(not value.isascii() for value in values_of(line, "domain")),
        refused(Refusal.DOMAIN_NOT_ASCII),
    ),
    Change(
        "one leading dot of a Domain is ignored, and no more",
        "5.6.3",
        lambda line, _: any(value.startswith("..") for value in values_of(line, "domain")),
        refused(Refusal.FOREIGN_DOMAIN),
    ),
    Change(
        "a host that is a public suffix, or an address, may name itself",
        "5.7 step 9.3",
        lambda line, request: (
            request.host in [value.removeprefix(".").lower() for value in values_of(line, "domain")]
            and (request.is_address or is_public_suffix(request.host))
        ),
        kept,
    ),
    Change(
        "a name of one label is a public suffix, localhost, too",
        "5.7 step 9, and the default rule of the list",
        lambda line, _: "localhost" in values_of(line.lower(), "domain"),
        refused(Refusal.PUBLIC_SUFFIX),
    ),
    Change(
        "a name that the list has behind a wildcard only is a public suffix, as to browsers",
        "5.7 step 9",
        lambda line, _: any(
            is_public_suffix(value) and registrable_domain(value, private=True) is not None
            for value in values_of(line.lower(), "domain")
        ),
        refused(Refusal.PUBLIC_SUFFIX),
    ),
    Change(
        "a Secure cookie is set over https only",
        "5.7 step 13",
        lambda line, request: values_of(line, "secure") != [] and not request.is_secure,
        refused(Refusal.SECURE_OVER_HTTP),
    ),
    Change(
        "SameSite=None needs Secure",
        "5.7 step 19",
        lambda line, _: "none" in [value.lower() for value in values_of(line, "samesite")],
        refused(Refusal.NONE_WITHOUT_SECURE),
    ),
    Change(
        "__Secure- is a promise in any case",
        "5.7 step 20",
        lambda line, _: pair_of(line)[0].lower().startswith("__secure-"),
        refused(Refusal.SECURE_PREFIX),
    ),
    Change(
        "__Host- is a promise in any case",
        "5.7 step 21",
        lambda line, _: pair_of(line)[0].lower().startswith("__host-"),
        refused(Refusal.HOST_PREFIX),
    ),
    Change(
        "a percent-encoded path is not decoded",
        "5.1.4",
        lambda _, request: "%" in request.path,
        kept,
    ),
)


def explained(changes: tuple[Change, ...], line: str, request: Request, answer: Answer) -> bool:
    return any(change.applies(line, request) and change.answers(answer) for change in changes)


def request_of(url: str) -> Request:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    return Request(host, parts.path, parts.scheme == "https" or is_local(host), is_address(host))


def octets(text: str) -> str:
    """The text as it is on the wire: an octet a character, whatever character set its source read it by."""
    return text if all(character <= "\xff" for character in text) else text.encode().decode("latin-1")


def read(cookie: Cookie) -> dict[str, Any]:
    """A cookie in the words of tough-cookie's parser."""
    return {
        "name": cookie.name,
        "value": cookie.value,
        "expires": cookie.expires,
        "max_age": cookie.max_age,
        "domain": cookie.domain or None,
        "path": cookie.path,
        "secure": cookie.secure,
        "http_only": cookie.http_only,
        "same_site": cookie.same_site if cookie.same_site in SAME_SITE else None,
    }


def expected_of(parsed: dict[str, Any]) -> dict[str, Any]:
    expires = parsed["expires"]
    expected = {name: value for name, value in parsed.items() if name != "extensions"}
    return expected | {"expires": None if expires is None else datetime.fromisoformat(expires)}


def test_lines_are_read_as_tough_cookie_reads_them_but_for_the_changes() -> None:
    for row in rows("real_cookies"):
        line = octets(row["set_cookie"])
        cookie = parse_set_cookie(line)
        ours = None if isinstance(cookie, Refusal) else read(cookie)
        theirs = None if row["parsed"] is None else expected_of(row["parsed"])
        if ours != theirs:
            assert explained(PARSING, line, request_of(row["url"] or ""), cookie), (line, cookie, theirs)


def test_lines_are_stored_as_tough_cookie_stores_them_but_for_the_changes() -> None:
    for row in rows("real_cookies"):
        if row["jar"] is None:  # no URL is known, so none was asked
            continue
        line, request = octets(row["set_cookie"]), request_of(row["url"])
        parsed = parse_set_cookie(line)
        answer = parsed if isinstance(parsed, Refusal) else store(parsed, request, NOW, is_public_suffix)
        if not row["jar"]["ok"]:
            same = isinstance(answer, Refusal)
        else:
            same = isinstance(answer, Stored) and (answer.domain, answer.path, answer.host_only) == (
                row["jar"]["domain"],
                row["jar"]["path"],
                row["jar"]["host_only"],
            )
        if not same:
            is_parsing = explained(PARSING, line, request, parsed)
            assert is_parsing or explained(STORING, line, request, answer), (line, answer, row["jar"])


def test_cookies_are_sent_as_the_http_state_tests_say_but_for_the_changes() -> None:
    """Nameless cookies (section 5.6 step 3) are sent now, after the RFC that the suite was written for."""
    for row in rows("http_state_cases"):
        sender = request_of(row["request_uri"])
        receiver = request_of(urljoin(row["request_uri"], row["sent_to"] or SENT_TO))
        jar = Jar(is_public_suffix)
        answers = [(line, jar.receive(line, sender, NOW)) for line in map(octets, row["set_cookies"])]
        sent = [pair for pair in jar.cookie_string(receiver, NOW).split("; ") if pair]
        nameless = [serialized(answer) for _, answer in answers if kept(answer) and not answer.name]
        named = [pair for pair in sent if pair not in nameless]
        expected = [octets(f"{cookie['name']}={cookie['value']}") for cookie in row["expected_cookies"]]
        if named != expected:
            dropped = any(
                change.applies(line, receiver) and change.answers(answer)
                for line, answer in answers
                for change in (*PARSING, *STORING)
            )
            assert dropped, (row["id"], sent, expected)


def test_dates_are_read_as_the_http_state_tests_say() -> None:
    for row in rows("cookie_date_cases"):
        expected = None if row["expected"] is None else parsedate_to_datetime(row["expected"])
        assert parse_cookie_date(octets(row["test"])) == expected, row["test"]
