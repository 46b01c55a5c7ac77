import pytest

from workers.observatory.public_suffix import is_public_suffix, registrable_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.example.co.uk", "example.co.uk"),
        ("co.uk", None),
        ("me.github.io", "me.github.io"),
        ("name.unheard-of", "name.unheard-of"),
        ("localhost", None),
        ("192.0.2.1", None),
        ("a b.com", None),
        ("a..com", None),
        ("-a.com", None),
        ("", None),
    ],
)
def test_domain(host: str, domain: str | None) -> None:
    assert registrable_domain(host, private=True) == domain
    assert is_public_suffix(host) == (domain is None)


def test_without_private_suffixes() -> None:
    assert registrable_domain("me.github.io", private=False) == "github.io"


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("kawasaki.jp", "kawasaki.jp"),
        ("a.kawasaki.jp", None),
        ("b.a.kawasaki.jp", "b.a.kawasaki.jp"),
        ("city.kawasaki.jp", "city.kawasaki.jp"),
        ("compute.amazonaws.com", "amazonaws.com"),
        ("ck", None),
    ],
)
def test_what_only_a_wildcard_names_is_no_suffix_by_itself(host: str, domain: str | None) -> None:
    assert registrable_domain(host, private=True) == domain


@pytest.mark.parametrize("host", ["kawasaki.jp", "a.kawasaki.jp", "compute.amazonaws.com"])
def test_to_browsers_what_only_a_wildcard_names_is_a_suffix(host: str) -> None:
    assert is_public_suffix(host)
    assert not is_public_suffix(f"b.a.{host}")
