import pytest

from tests.workers.observatory.sites import gathered
from workers.observatory.cross_origin_opener_policy import judge


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("same-origin", "implemented-with-same-origin"),
        ("same-origin-allow-popups", "implemented-with-same-origin-allow-popups"),
        ("noopener-allow-popups", "implemented-with-noopener-allow-popups"),
        ("unsafe-none", "implemented-with-unsafe-none"),
        pytest.param('same-origin; report-to="x"', "implemented-with-same-origin", id="a parameter"),
        pytest.param("same-origin, same-origin", "header-invalid", id="sent twice"),
        ("", "not-implemented"),
    ],
)
def test_value(value: str, result: str) -> None:
    assert judge(gathered(("Cross-Origin-Opener-Policy", value))) == f"coop-{result}"


def test_absent() -> None:
    assert judge(gathered()) == "coop-not-implemented"
