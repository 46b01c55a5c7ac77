"""Challenges of WWW-Authenticate."""

import pytest

from tests.workers.growth import is_linear
from workers.syntax.challenges import parse_challenges


@pytest.mark.parametrize(
    ("text", "challenges", "rest"),
    [
        ('Basic realm="a, b"', (("basic", {"realm": "a, b"}),), ""),
        ("Negotiate", (("negotiate", {}),), ""),
        ("Negotiate YII==", (("negotiate", {}),), ""),
        (
            'Basic realm="a", charset="UTF-8", Digest realm=b, qop="auth"',
            (
                ("basic", {"realm": "a", "charset": "UTF-8"}),
                ("digest", {"realm": "b", "qop": "auth"}),
            ),
            "",
        ),
        ('Basic realm="a \\"b\\""', (("basic", {"realm": 'a "b"'}),), ""),
        ('Basic Realm = "x"', (("basic", {"realm": "x"}),), ""),
        ("NTLM, Negotiate", (("ntlm", {}), ("negotiate", {})), ""),
        ("", (), ""),
        ('realm="x"', (), 'realm="x"'),
        ("Basic realm='/'", (("basic", {}),), "Basic realm='/'"),
        ("NETGEAR Router R6100", (("netgear", {}),), "NETGEAR Router R6100"),
        ('Basic realm="x', (("basic", {}),), 'Basic realm="x'),
    ],
)  # fmt: skip
def test_challenges_and_what_is_none(text: str, challenges: tuple[object, ...], rest: str) -> None:
    found, left = parse_challenges(text)
    assert tuple((challenge.scheme, challenge.parameters) for challenge in found) == challenges
    assert left == rest


def test_what_was_read_is_kept_as_it_was_sent() -> None:
    (challenge,), _ = parse_challenges('BASIC Realm = "x", realm=y')
    assert (challenge.spelt, challenge.texts) == ("BASIC", {"realm": 'Realm = "x"'})


@pytest.mark.parametrize("unit", ["a", "a,", 'a="', "a ", '"', "\\", "a=b,", "=", " "])
def test_a_hostile_value_takes_linear_time(unit: str) -> None:
    assert is_linear(lambda size: parse_challenges(unit * size), 65_536)
