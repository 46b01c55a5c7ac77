"""What the names and values of cookies are, and what the cookies of one response are together."""

import base64

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.set_cookie import CHECK


def sent(name: str, *lines: str, finds: tuple[str, ...] = (), url: str = "https://www.example.com/") -> Case:
    return Case(name, tuple(("Set-Cookie", f"{line}; Secure") for line in lines), finds, url=url)


def token(header: str, signature: str) -> str:
    """A cookie whose value is a JSON Web Token."""
    parts = (base64.urlsafe_b64encode(part.encode()).decode() for part in (header, '{"sub":"1"}'))
    return "a=" + ".".join((*(part.rstrip("=") for part in parts), signature))


CASES = (
    sent("plain", "a_b-c.d=0123456789abcdef%20", 'e="f"', "g="),
    sent(
        "lines that a proxy folded",
        "a=1; Path=/, b=2; Path=/; Http-Only",
        "c=3; Secure, d=4",
        "e=5; Expires=Fri, 01 Jan 2027 00:00:00 GMT, f=6",
        finds=("cookie-lines-folded",) * 3,
    ),
    sent("a comma that folds nothing", "a=1, b=2; Expires=Fri, 01 Jan 2027 00:00:00 GMT; Path=/a,b",
         finds=("cookie-value-unencoded",)),
    sent("nameless", "foo", finds=("cookie-without-name",)),
    sent("nameless, twice", "foo", "=bar", finds=("cookie-set-twice", "cookie-without-name")),
    sent("odd names", "a b=c", "d[e]=f", "\xe4=g", finds=("cookie-name-not-token",) * 3),
    sent("a prefix in another case", "__HOST-a=b; Path=/", finds=("cookie-prefix-case",)),
    sent("a value that is cut", 'a="b; c"; Path=/', finds=("cookie-value-cut",)),
    sent("odd values", "a=b c", "d=\xe4", 'e=f"g', "h=i\\j", finds=("cookie-value-unencoded",) * 4),
    sent("a token", token('{"alg":"HS256"}', "c2ln"), finds=("cookie-token-readable",)),
    sent("a token that nobody signed", token('{"alg":"None"}', ""), finds=("cookie-token-unsigned",)),
    sent("tokens that are none", token('{"alg":1}', ""), "b=eyJhbGc", "c=eyJ.eyJ.eyJ",
         finds=("cookie-token-readable",)),
    sent("a person", "a=jo.doe%40example.com", "b=x@y.example", finds=("cookie-holds-email-address",) * 2),
    sent("no person", "a=np5xglzv@iWe75", "b=a@b@c"),
    sent("a password", "user_password=x", "pwd=", finds=("cookie-holds-password",)),
    sent(
        "a host behind",
        "BIGipServerpool=1677787402.36895.0000",
        "a=9999999999.1.0000",
        finds=("cookie-tells-internal-address",),
    ),
    sent("set twice", "a=1", "b=2", "a=3", finds=("cookie-set-twice",)),
    sent("set twice alike", "a=1", "a=1"),
    sent("deleted before it is set", "a=x; Max-Age=0", "a=1"),
    sent("two of a name", "a=1; Path=/x", "a=2; Path=/y"),
    sent("too many", *(f"c{n}=1" for n in range(51)), finds=("cookies-too-many",)),
    sent(
        "too large together",
        *(f"c{n}={'x' * 4000}" for n in range(3)),
        finds=("cookies-too-large-together",),
    ),
    sent("large, and refused", *(f"c{n}={'x' * 4000}; Max-Age=0" for n in range(3))),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_address_behind_is_told() -> None:
    case = sent("a host behind", "BIGipServerpool=1677787402.36895.0000")
    assert "10.1.1.100" in findings(CHECK, case)[0].message


def test_a_cookie_set_twice_is_mended_by_its_last_line() -> None:
    plain, broken = sent("plain", "a=1", "a=3"), sent("broken", "a=1; Http-Only", "a=3; HttpOnly=0")
    assert [finding.fix for finding in findings(CHECK, plain)] == ["Set-Cookie: a=3; Secure"]
    assert {finding.fix for finding in findings(CHECK, broken)} == {"Set-Cookie: a=3; HttpOnly; Secure"}


def test_no_line_is_given_for_one_of_several_cookies_of_a_name() -> None:
    case = sent("two", "a=1; Path=/x; Http-Only", "a=2; Path=/y")
    assert [finding.fix for finding in findings(CHECK, case)] == ["Write the attribute as the standard does"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('PREF="a\\054b"', "backslashes"),
        ("a=b c", "white space"),
        ("a=b\tc", "white space"),
        ("a=b,c d", "white space and commas"),
        ('a="b"c"', "quotes"),
        ('a=\xe4 ",\\', "white space, quotes, commas, backslashes and octets beyond ASCII"),
    ],
)
def test_what_is_to_be_encoded_is_named(line: str, what: str) -> None:
    name = line.partition("=")[0]
    messages = [finding.message for finding in findings(CHECK, sent("odd", line))]
    assert messages == [f"The value of the cookie {name} has {what}, unencoded."]
