"""Challenges of WWW-Authenticate."""

import pytest

from tests.workers.growth import is_linear
from workers.syntax.challenges import Challenge, parse_challenges


@pytest.mark.parametrize(
    ("text", "challenges", "rest"),
    [
        ('Basic realm="a, b"', (Challenge("basic", {"realm": "a, b"}),), ""),
        ("Negotiate", (Challenge("negotiate"),), ""),
        ("Negotiate YII==", (Challenge("negotiate"),), ""),
        (
            'Basic realm="a", charset="UTF-8", Digest realm=b, qop="auth"',
            (
                Challenge("basic", {"realm": "a", "charset": "UTF-8"}),
                Challenge("digest", {"realm": "b", "qop": "auth"}),
            ),
            "",
        ),
        ('Basic realm="a \\"b\\""', (Challenge("basic", {"realm": 'a "b"'}),), ""),
        ('Basic Realm = "x"', (Challenge("basic", {"realm": "x"}),), ""),
        ("NTLM, Negotiate", (Challenge("ntlm"), Challenge("negotiate")), ""),
        ("", (), ""),
        ('realm="x"', (), 'realm="x"'),
        ("Basic realm='/'", (Challenge("basic"),), "Basic realm='/'"),
        ("NETGEAR Router R6100", (Challenge("netgear"),), "NETGEAR Router R6100"),
        ('Basic realm="x', (Challenge("basic"),), 'Basic realm="x'),
    ],
)  # fmt: skip
def test_challenges_and_what_is_none(text: str, challenges: tuple[Challenge, ...], rest: str) -> None:
    assert parse_challenges(text) == (challenges, rest)


@pytest.mark.parametrize("unit", ["a", "a,", 'a="', "a ", '"', "\\", "a=b,", "=", " "])
def test_a_hostile_value_takes_linear_time(unit: str) -> None:
    assert is_linear(lambda size: parse_challenges(unit * size), 65_536)
