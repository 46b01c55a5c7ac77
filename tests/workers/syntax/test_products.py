"""Products and their versions."""

import pytest

from tests.workers.growth import is_linear
from workers.syntax.products import detailed_versions, major_versions, without_versions


@pytest.mark.parametrize(
    ("value", "detailed", "major"),
    [
        ("nginx", [], []),
        ("nginx/1.18.0", ["nginx 1.18.0"], []),
        ("Apache/2.4.41 (Ubuntu) PHP/7.4", ["Apache 2.4.41", "PHP 7.4"], []),
        ("eHTTP v2.0", ["eHTTP 2.0"], []),
        ("Helix Server Version 9.0.4.960 (win32)", ["Server 9.0.4.960"], []),
        ("WebLogic Server 8.1 SP3", ["Server 8.1 SP3"], []),
        ("VNC Server/E4.5.1 (r27892)", ["Server 4.5.1"], []),
        ("SAP Message Server, release 753 (LNK)", ["Server release 753"], []),
        ("Lotus-Domino/Release-4.6.7(Intl)", ["Lotus-Domino 4.6.7"], []),
        ("IBM HTTP Server/V5R3M0", ["Server V5R3M0"], []),
        ("WebSocket++/2011-09-25", ["WebSocket++ 2011-09-25"], []),
        ("GFE/1 Gateway/v2", [], ["GFE 1", "Gateway v2"]),
        ("ECS (dcb/7F84)", [], []),
        ("mw1263.eqiad.wmnet", [], []),
        ("10.0.0.1:80", [], []),
        ("", [], []),
    ],
)
def test_versions_with_the_names_before_them(value: str, detailed: list[str], major: list[str]) -> None:
    assert (detailed_versions(value), major_versions(value)) == (tuple(detailed), tuple(major))


@pytest.mark.parametrize(
    ("value", "bare"),
    [
        ("nginx/1.18.0", "nginx"),
        ("Apache/2.4.41 (Ubuntu) OpenSSL/1.1.1f", "Apache OpenSSL"),
        ("kHTTPd 0.1.6", "kHTTPd"),
        ("1.2.3", None),
        ("h2o/2.3.0-DEV@ff0d866", None),
        ("", None),
    ],
)
def test_names_without_versions(value: str, bare: str | None) -> None:
    assert without_versions(value) == bare


@pytest.mark.parametrize("unit", ["1", "1.", "a1.", "a/1_", "v1r1m", "release 1", "(1.1", "1-1.", " "])
def test_a_hostile_value_takes_linear_time(unit: str) -> None:
    assert is_linear(lambda size: detailed_versions(unit * size), 65_536)
    assert is_linear(lambda size: major_versions(unit * size), 65_536)
    assert is_linear(lambda size: without_versions(unit * size), 65_536)
