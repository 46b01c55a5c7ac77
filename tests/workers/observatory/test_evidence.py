import ada_url
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.observatory.sites import URL, gathered
from workers.observatory.evidence import Address, join_fields, read_address


def test_names_ignore_case() -> None:
    assert gathered(("X-A", "1")).header("x-a") == "1"


def test_a_field_that_was_not_sent_is_no_empty_one() -> None:
    assert gathered(("X-A", "")).header("x-a") == ""
    assert gathered().header("x-a") is None


def test_white_space_around_a_value_is_no_part_of_it() -> None:
    assert gathered(("X-A", " \t")).header("x-a") == ""
    assert gathered(("Content-Type", "\ttext/html ")).mime_type == "text/html"


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


@given(
    st.sampled_from(["http", "https", "HTTP", "ftp"]),
    st.text(alphabet="ab1.-_xn%E", max_size=8),
    st.sampled_from(["", ":80", ":8080"]),
    st.text(alphabet="/a.B%2?#&=é '\"<", max_size=8),
)
def test_an_address_is_what_the_parser_says(scheme: str, host: str, port: str, rest: str) -> None:
    url = f"{scheme}://{host}{port}{rest}"
    try:
        parts = ada_url.parse_url(url, attributes=("protocol", "hostname", "pathname"))
    except ValueError:
        assert read_address(url) == Address("", "", "")
    else:
        assert read_address(url) == Address(parts["protocol"][:-1], parts["hostname"], parts["pathname"])
