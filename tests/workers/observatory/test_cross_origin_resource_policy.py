import pytest

from tests.workers.observatory.sites import gathered
from workers.observatory.cross_origin_resource_policy import judge


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("same-site", "implemented-with-same-site"),
        ("same-origin", "implemented-with-same-origin"),
        ("cross-origin", "implemented-with-cross-origin"),
        pytest.param("Same-Origin", "implemented-with-same-origin", id="case does not matter"),
        pytest.param("same-origin, same-origin", "header-invalid", id="sent twice"),
        ("", "not-implemented"),
    ],
)
def test_value(value: str, result: str) -> None:
    assert judge(gathered(("Cross-Origin-Resource-Policy", value))) == f"corp-{result}"


def test_absent() -> None:
    assert judge(gathered()) == "corp-not-implemented"
