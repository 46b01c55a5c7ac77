import pytest

from tests.workers.observatory.sites import gathered
from workers.observatory.cross_origin_embedder_policy import judge


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("require-corp", "implemented-with-require-corp"),
        ("credentialless", "implemented-with-credentialless"),
        ("unsafe-none", "implemented-with-unsafe-none"),
        pytest.param('require-corp; report-to="x"', "implemented-with-require-corp", id="a parameter"),
        pytest.param('"require-corp"', "header-invalid", id="a string is no token"),
        pytest.param("Require-Corp", "header-invalid", id="case matters"),
        ("", "not-implemented"),
    ],
)
def test_value(value: str, result: str) -> None:
    assert judge(gathered(("Cross-Origin-Embedder-Policy", value))) == f"coep-{result}"


def test_absent() -> None:
    assert judge(gathered()) == "coep-not-implemented"


def test_sent_twice_is_invalid() -> None:
    twice = [("Cross-Origin-Embedder-Policy", "require-corp")] * 2
    assert judge(gathered(*twice)) == "coep-header-invalid"
