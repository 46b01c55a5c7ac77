import pytest

from tests.workers.observatory.sites import gathered
from workers.observatory.x_content_type_options import judge


@pytest.mark.parametrize(
    ("value", "result"),
    [
        pytest.param("nosniff", "nosniff", id="the one value there is"),
        pytest.param("NoSniff ", "nosniff", id="case and white space do not matter"),
        pytest.param("nosniff;", "header-invalid", id="nothing may follow it"),
        pytest.param("", "not-implemented", id="an empty header is none"),
        pytest.param("\xa0" * 256 + "nosniff", "header-invalid", id="256 characters are looked at"),
    ],
)
def test_value(value: str, result: str) -> None:
    site = gathered(("X-Content-Type-Options", value))
    assert judge(site) == f"x-content-type-options-{result}"


def test_absent() -> None:
    assert judge(gathered()) == "x-content-type-options-not-implemented"


def test_sent_twice_is_invalid() -> None:
    twice = [("X-Content-Type-Options", "nosniff")] * 2
    assert judge(gathered(*twice)) == "x-content-type-options-header-invalid"
