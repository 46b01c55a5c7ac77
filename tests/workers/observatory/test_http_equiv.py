from tests.workers.observatory.sites import HTML, gathered, headers_only
from workers.observatory import NOT_GATHERED
from workers.observatory.http_equiv import MetaHeaders, read_meta_headers


def test_policies_are_in_order() -> None:
    html = (
        '<meta http-equiv=" Content-Security-Policy " content="a">'
        '<meta http-equiv="content-security-policy" content="b">'
    )
    assert read_meta_headers(gathered(HTML, body=html)) == MetaHeaders(("a", "b"))


def test_other_headers_are_not_for_a_page_to_say() -> None:
    assert (
        read_meta_headers(gathered(HTML, body='<meta http-equiv="x-frame-options" content="deny">'))
        == MetaHeaders()
    )


def test_an_empty_content_is_none() -> None:
    html = '<meta http-equiv="content-security-policy" content=""><meta name="referrer" content="">'
    assert read_meta_headers(gathered(HTML, body=html)) == MetaHeaders()


def test_http_equiv_comes_before_name() -> None:
    html = '<meta http-equiv="x" name="referrer" content="no-referrer">'
    assert read_meta_headers(gathered(HTML, body=html)) == MetaHeaders()


def test_a_page_that_was_not_gathered() -> None:
    assert read_meta_headers(headers_only(HTML)) is NOT_GATHERED


def test_a_page_without_a_content_type_says_nothing() -> None:
    assert read_meta_headers(headers_only()) == MetaHeaders()
