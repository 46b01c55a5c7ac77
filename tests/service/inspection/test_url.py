"""What a line of input means as a URL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import FetchFailed
from service.inspection.url import _read_plain, parse_input, parse_url


@pytest.mark.parametrize(
    ("text", "href", "host", "port"),
    [
        ("http://example.com", "http://example.com/", "example.com", 80),
        ("HTTPS://EXAMPLE.com:443/a b?q=ü#top", "https://example.com/a%20b?q=%C3%BC", "example.com", 443),
        ("http://example.com:8080/x?y=1", "http://example.com:8080/x?y=1", "example.com", 8080),
        ("http://0x7f.1/", "http://127.0.0.1/", "127.0.0.1", 80),
        ("http://017700000001/", "http://127.0.0.1/", "127.0.0.1", 80),
        ("http://１２７.0.0.1/", "http://127.0.0.1/", "127.0.0.1", 80),
        ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/", "2001:db8::1", 8080),
        ("https://münchen.de/", "https://xn--mnchen-3ya.de/", "xn--mnchen-3ya.de", 443),
        ("http://user:secret@example.com/", "http://example.com/", "example.com", 80),
        ("http:\\\\example.com\\a", "http://example.com/a", "example.com", 80),
        ("\t\n http://example.com/\r\n\f ", "http://example.com/", "example.com", 80),
        ("http://ex%41mple.com/", "http://example.com/", "example.com", 80),
    ],
)
def test_a_url_is_canonical_by_the_whatwg_rules(text: str, href: str, host: str, port: int) -> None:
    url = parse_input(text)
    assert (url.href, url.host, url.port, url.bare) == (href, host, port, False)


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("example.com", "https://example.com/"),
        ("example.com/path?q", "https://example.com/path?q"),
        ("example.com:8443", "https://example.com:8443/"),
        ("localhost:8080/x", "https://localhost:8080/x"),
        ("//example.com/x", "https://example.com/x"),
        ("[::1]:8080", "https://[::1]:8080/"),
        ("192.0.2.1", "https://192.0.2.1/"),
        ("example.com:80", "http://example.com/"),
    ],
)
def test_a_bare_host_means_https_unless_its_port_is_80(text: str, href: str) -> None:
    url = parse_input(text)
    assert (url.href, url.bare) == (href, True)


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("example.com/x?y", "http://example.com/x?y"),
        ("example.com:8443", "http://example.com:8443/"),
        ("[::1]", "http://[::1]/"),
    ],
)
def test_the_http_fallback_keeps_port_path_and_query(text: str, href: str) -> None:
    assert parse_input(text).as_http().href == href


@pytest.mark.parametrize(
    "text",
    ["", "  ", "http://", "http://a b/", "exa mple.com", "http://[::1", "host:99999", "http://1.2.3.4.5/"],
)
def test_what_is_no_url_is_invalid(text: str) -> None:
    with pytest.raises(FetchFailed) as caught:
        parse_input(text)
    assert caught.value.failure.code == "invalid_url"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("http://a.test/good\rhttp://a.test/root\r", "a carriage return"),
        ("http://a.test/good\nhttp://a.test/root", "a line end"),
        ("http://a.test/good\r\nhttp://a.test/root", "a line end"),
        ("http://a.test/\t5", "a tab"),
        ("a.\ttest", "a tab"),
        ("http://a.test/\r" * 5_000, "a carriage return"),
    ],
)
def test_what_ends_a_line_or_divides_it_joins_no_two_urls(text: str, what: str) -> None:
    """The standard would take it out of them, and nobody who lists URLs means that."""
    with pytest.raises(FetchFailed, match=f"expected one URL, got {what}") as caught:
        parse_input(text)
    assert caught.value.failure.code == "invalid_url"
    assert len(caught.value.failure.message) < 250


def test_a_redirect_is_read_by_the_standard() -> None:
    assert parse_url("http://exa\tmple.com/\n", "https://example.com/").href == "http://example.com/"


@pytest.mark.parametrize(
    "text", ["ftp://example.com/", "mailto:a@example.com", "file:///etc/passwd", "data:,x"]
)
def test_another_scheme_is_unsupported(text: str) -> None:
    with pytest.raises(FetchFailed, match="expected http or https") as caught:
        parse_input(text)
    assert caught.value.failure.code == "unsupported_scheme"


def test_a_url_beyond_the_limit_is_invalid_and_not_repeated_in_full() -> None:
    with pytest.raises(FetchFailed, match="at most 8192 bytes") as caught:
        parse_input("http://example.com/" + "a" * 9_000)
    assert len(caught.value.failure.message) < 200


@pytest.mark.parametrize(
    ("location", "href"),
    [
        ("/b", "https://example.com/b"),
        ("b?c", "https://example.com/a/b?c"),
        ("//other.example", "https://other.example/"),
        ("http://other.example:81/", "http://other.example:81/"),
        ("?x", "https://example.com/a/?x"),
    ],
)
def test_a_relative_reference_is_resolved_against_its_base(location: str, href: str) -> None:
    assert parse_url(location, "https://example.com/a/").href == href


@given(st.text(max_size=200))
def test_any_text_is_a_url_or_a_documented_failure(text: str) -> None:
    try:
        url = parse_input(text)
    except FetchFailed as error:
        assert error.failure.code in {"invalid_url", "unsupported_scheme"}
    else:
        assert url.scheme in {"http", "https"}
        assert parse_input(url.href).href == url.href
        assert not set("\r\n\0 ") & set(url.authority + url.target)


_PIECES = st.sampled_from(
    [*"aB.-_/?@0", "..", "//", "/.", "1", "127", "256", "0x7f", "1.2.3.4", "01.", "xn--", "xn--mgba3a4f16a"]
) | (
    st.sampled_from(
        [":", ":80", ":443", ":8080", ":080", ":65536", "?q=1", "#f", "%2e", "%41", "\\", "'", "ü", "[::1]"]
    )
)


@given(st.sampled_from(["http://", "https://"]), st.lists(_PIECES, max_size=8).map("".join))
def test_what_is_read_without_the_parser_means_what_the_parser_says(scheme: str, rest: str) -> None:
    plain = _read_plain(scheme + rest)
    if plain is not None:
        assert plain == parse_url(scheme + rest)


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8080/",
        "https://www.example.com",
        "http://a_b.example/c/d.e?f=g&h",
        "https://example.com/-/~x",
    ],
)
def test_most_urls_are_read_without_the_parser(text: str) -> None:
    assert _read_plain(text) == parse_url(text)
