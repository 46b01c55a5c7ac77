"""What a check is given: a response's fields by name, and what it is."""

import pytest

from workers.response import Response
from workers.syntax.head import Field


def response_with(*fields: Field, url: str = "https://example.com/") -> Response:
    return Response(url=url, status=200, fields=fields)


def test_values_keep_their_order_and_names_ignore_case() -> None:
    response = response_with(("Set-Cookie", "a"), ("Server", "x"), ("SET-COOKIE", "b"), ("set-cookie", "a"))
    assert response.values("Set-cookie") == ("a", "b", "a")
    assert response.values("Date") == ()


def test_repeats_combine_into_one_list() -> None:
    response = response_with(("A", "1"), ("a", ""), ("A", "2, 3"), ("B", ""))
    assert response.combined("a") == "1, , 2, 3"
    assert response.combined("b") == ""
    assert response.combined("c") is None


@pytest.mark.parametrize(
    ("values", "media_type", "is_page"),
    [
        ((), "", True),
        (("text/html",), "text/html", True),
        ((" Text/HTML ; charset=utf-8",), "text/html", True),
        (("application/xhtml+xml",), "application/xhtml+xml", True),
        (("application/json",), "application/json", False),
        (("text/html", "image/png"), "image/png", False),
    ],
)
def test_the_media_type_tells_a_page(values: tuple[str, ...], media_type: str, is_page: bool) -> None:
    response = response_with(*(("Content-Type", value) for value in values))
    assert (response.media_type, response.is_page) == (media_type, is_page)


@pytest.mark.parametrize(
    ("status", "fields", "content", "page"),
    [
        (200, (), True, True),
        (404, (("Content-Type", "text/html"),), True, True),
        (500, (("Content-Type", "application/json"),), True, False),
        (302, (("Location", "/"),), False, False),
        (302, (), True, True),
        (300, (("Location", "/"),), True, True),
        (204, (), False, False),
        (304, (("Content-Type", "text/html"),), False, False),
        (101, (("Upgrade", "websocket"),), False, False),
        (200, (("Content-Length", "0"),), False, False),
        (200, (("Content-Length", "0"), ("Content-Type", "text/html")), True, True),
        (200, (("Content-Length", "1"),), True, True),
    ],
)
def test_a_page_is_content_that_a_browser_shows(
    status: int, fields: tuple[Field, ...], content: bool, page: bool
) -> None:
    response = Response(url="https://example.com/", status=status, fields=fields)
    assert (response.has_content, response.is_page) == (content, page)


@pytest.mark.parametrize(
    ("url", "is_https"), [("https://example.com/", True), ("http://example.com/", False)]
)
def test_the_url_tells_https(url: str, is_https: bool) -> None:
    assert response_with(url=url).is_https is is_https


def test_what_passes_and_where_it_came_from_are_no_part_of_its_likeness() -> None:
    sent = response_with(("A", "1"), ("Date", "now"))
    assert sent.likeness == response_with(("A", "1"), ("Date", "then"), url="https://b.example/").likeness
    assert sent.likeness != response_with(("A", "1")).likeness
    assert sent.likeness != response_with(("A", "2"), ("Date", "now")).likeness
    assert sent.likeness != response_with(("A", "1"), ("Date", "now"), url="http://example.com/").likeness


@pytest.mark.parametrize("read", ["url", "host", "fields", "passing", "hops", "at_s"])
def test_it_notes_that_what_its_likeness_does_not_hold_was_read(read: str) -> None:
    sent = response_with(("A", "1"), ("Date", "now"))
    assert (sent.values("A"), sent.values("Expires"), sent.lasting) == (("1",), (), (("A", "1"),))
    assert (sent.has("date"), sent.has("a"), sent.has("b")) == (True, True, False)
    assert (sent.earlier, sent.tls) == ((), None)
    assert not sent.was_read
    getattr(sent, read)
    assert sent.was_read


def test_to_read_a_field_that_passes_is_noted() -> None:
    sent = response_with(("A", "1"), ("Date", "now"))
    assert sent.values("date") == ("now",)
    assert sent.was_read


def test_what_is_asked_is_noted_with_its_answer_instead() -> None:
    def host_length(response: Response) -> int:
        return len(response.host)

    sent = response_with(("A", "1"))
    assert sent.ask(host_length) == 11
    assert (sent.was_read, sent.asked) == (False, {host_length: 11})


def test_a_question_is_answered_once() -> None:
    answered: list[Response] = []

    def question(response: Response) -> int:
        answered.append(response)
        return len(answered)

    sent = response_with(("A", "1"))
    assert (sent.ask(question), sent.ask(question), answered) == (1, 1, [sent])


def has_date(response: Response) -> bool:
    return response.combined("date") != ""


def test_what_a_question_asks_is_not_noted() -> None:
    def outer(response: Response) -> bool:
        return response.ask(has_date)

    sent = response_with(("A", "1"))
    assert sent.ask(outer)
    assert sent.asked == {outer: True}


def test_a_question_after_something_was_read_is_not_noted_and_what_was_read_is() -> None:
    sent = response_with(("Date", "now"))
    assert sent.values("date")
    assert sent.ask(has_date)
    assert (sent.was_read, sent.asked) == (True, {})


@pytest.mark.parametrize(
    "value", ["0", "-1", "Thu, 19 Nov 1981 08:52:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT"]
)
def test_an_expires_that_is_always_the_same_lasts(value: str) -> None:
    sent = response_with(("Expires", value))
    assert (sent.values("expires"), sent.lasting, sent.was_read) == ((value,), (("Expires", value),), False)
    assert sent.likeness != response_with(("Expires", "Thu, 19 Nov 2026 08:52:00 GMT")).likeness


def test_of_an_expires_that_lasts_and_one_that_passes_both_are_read_in_order() -> None:
    moving = "Thu, 19 Nov 2026 08:52:00 GMT"
    for values in (("0", moving), (moving, "0")):
        sent = response_with(*[("Expires", value) for value in values])
        assert (sent.values("expires"), sent.was_read) == (values, True)


@pytest.mark.parametrize(
    ("fields", "plainly"),
    [
        ((), True),
        ((("Date", "now"), ("ETag", '"1"')), True),
        ((("ETag", "\xe9"),), False),
        ((("ETag", "x" * 513),), False),
        ((("Age", "1"),) * 11, False),
        ((("A", "\xe9"),), True),
    ],
)
def test_fields_pass_plainly_where_they_are_few_short_and_ascii(
    fields: tuple[Field, ...], plainly: bool
) -> None:
    assert response_with(*fields).passes_plainly is plainly


def test_dates_are_told_by_what_passes_and_is_sent_once_in_the_form_to_be_sent() -> None:
    response = response_with(
        ("DATE", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("Last-Modified", "Sunday, 06-Nov-94 08:49:37 GMT"),
        ("Expires", "Sun, 06 Nov 2094 08:49:37 GMT"),
        ("Expires", "Sun, 06 Nov 2094 08:49:37 GMT"),
    )
    assert response.dates == {"date": 784_111_777, "last-modified": None, "expires": None}
    assert response.was_read
    assert response_with(("Expires", "0")).dates == {}  # which does not pass
