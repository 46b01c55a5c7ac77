import pytest

from tests.workers.observatory.sites import HTML, URL, gathered, headers_only
from workers.observatory import NOT_TESTED
from workers.observatory.subresource_integrity import judge

FOREIGN = '<script src="https://cdn.example/x.js"></script>'
NO_SCRIPTS = "sri-not-implemented-but-no-scripts-loaded"


def script(source: str, *, integrity: bool = False) -> str:
    return f'<script src="{source}"{" integrity=sha384-x" if integrity else ""}></script>'


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("/x.js", "not-implemented-but-all-scripts-loaded-from-secure-origin"),
        ("https://example.com/x.js", "not-implemented-but-all-scripts-loaded-from-secure-origin"),
        ("http://example.com/x.js", "not-implemented-but-all-scripts-loaded-from-secure-origin"),
        ("https://cdn.example/x.js", "not-implemented-but-external-scripts-loaded-securely"),
        ("http://cdn.example/x.js", "not-implemented-and-external-scripts-not-loaded-securely"),
        pytest.param(
            "https://example.com ",
            "not-implemented-but-all-scripts-loaded-from-secure-origin",
            id="white space at the end",
        ),
        pytest.param(
            "//site.example.com/x.js",
            "not-implemented-and-external-scripts-not-loaded-securely",
            id="a relative scheme is foreign and insecure",
        ),
        pytest.param(
            "HTTPS://cdn.example/x.js",
            "not-implemented-but-all-scripts-loaded-from-secure-origin",
            id="a scheme in capitals passes for a path",
        ),
    ],
)
def test_without_integrity(source: str, result: str) -> None:
    assert judge(gathered(HTML, body=script(source))) == f"sri-{result}"


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("/x.js", "implemented-and-all-scripts-loaded-securely"),
        ("https://cdn.example/x.js", "implemented-and-external-scripts-loaded-securely"),
        ("http://cdn.example/x.js", "implemented-but-external-scripts-not-loaded-securely"),
    ],
)
def test_with_integrity(source: str, result: str) -> None:
    assert judge(gathered(HTML, body=script(source, integrity=True))) == f"sri-{result}"


def test_the_worst_script_counts() -> None:
    body = script("/x.js", integrity=True) + script("https://cdn.example/x.js")
    assert judge(gathered(HTML, body=body)) == "sri-not-implemented-but-external-scripts-loaded-securely"


def test_no_scripts() -> None:
    assert judge(gathered(HTML)) == NO_SCRIPTS


def test_inline_scripts_are_of_the_site() -> None:
    result = judge(gathered(HTML, body="<script>x()</script>"))
    assert result == "sri-not-implemented-but-all-scripts-loaded-from-secure-origin"


def test_subdomains_of_a_shared_host_are_one_site() -> None:
    """Only suffixes that registries give out are looked at, and github.io is none."""
    site = gathered(HTML, url="https://me.github.io/", body=script("https://you.github.io/x.js"))
    assert judge(site) == "sri-not-implemented-but-all-scripts-loaded-from-secure-origin"


@pytest.mark.parametrize("mime", ["application/json", "Text/HTML", "text/html ;charset=utf-8"])
def test_not_html(mime: str) -> None:
    assert judge(gathered(("Content-Type", mime), body=FOREIGN)) == "sri-not-implemented-response-not-html"


def test_the_first_of_several_content_types_counts() -> None:
    site = gathered(HTML, ("Content-Type", "image/png"))
    assert judge(site) == NO_SCRIPTS


def test_a_body_without_a_content_type_is_read() -> None:
    assert judge(gathered(body=FOREIGN)) == "sri-not-implemented-but-external-scripts-loaded-securely"


def test_without_body_a_page_is_not_tested() -> None:
    assert judge(headers_only(HTML)) == NOT_TESTED


def test_without_body_what_is_no_html_is_known_to_have_no_scripts() -> None:
    assert judge(headers_only(("Content-Type", "image/png"))) == "sri-not-implemented-response-not-html"


def test_without_body_a_status_that_has_none_is_known_to_have_no_scripts() -> None:
    assert judge(headers_only(HTML, status=304, url=URL)) == NO_SCRIPTS
