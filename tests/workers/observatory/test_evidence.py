from tests.workers.observatory.sites import URL, gathered
from workers.observatory.evidence import Address, join_fields, read_address


def test_names_ignore_case() -> None:
    assert gathered(("X-A", "1")).header("x-a") == "1"


def test_a_field_that_was_not_sent_is_no_empty_one() -> None:
    assert gathered(("X-A", "")).header("x-a") == ""
    assert gathered().header("x-a") is None


def test_repeats_are_joined() -> None:
    assert join_fields([("A", "1"), ("a", "2")]) == {"a": "1, 2"}


def test_the_first_content_type_counts() -> None:
    assert join_fields([("Content-Type", "a"), ("content-type", "b")]) == {"content-type": "a"}


def test_the_site_is_the_page_unless_told_otherwise() -> None:
    assert gathered().site_url == URL
    assert gathered(site="https://b.example/").site_url == "https://b.example/"


def test_addresses_are_read_as_the_whatwg_has_it() -> None:
    assert read_address("HTTPS://EXAMPLE.com:443/a?b") == Address("https", "example.com", "/a")


def test_what_is_no_url_has_no_parts() -> None:
    assert read_address("example") == Address("", "", "")
