"""Markdown: says what the record says, and is nothing but text whatever that is. Read by a real parser."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from service.output.escape import printable
from service.output.markdown import MARKDOWN, code, link, prose, remedy
from tests.service.output.verdicts import failed, judged, reached, verdict
from workers.model import Exchange, Finding, Observatory, Report, TestResult, Timing, Verdict

ACTING = {"html_inline", "html_block", "image", "fence", "code_block"}
PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HARMLESS = {"text", "code_inline"}


def inline(text: str) -> list[Token]:
    """What stands in a paragraph that ends with the text."""
    begin, paragraph, end = PARSER.parse(f"So: {text}")
    assert (begin.type, end.type) == ("paragraph_open", "paragraph_close")
    return paragraph.children or []


def tokens_of(document: str) -> Iterator[Token]:
    for token in PARSER.parse(document):
        yield token
        yield from token.children or []


def written(*verdicts: Verdict) -> str:
    return b"".join(map(MARKDOWN.write, verdicts)).decode()


@given(st.text(alphabet=st.one_of(st.sampled_from("`` \\|<>[]()*_&!\n\x1b"), st.characters()), min_size=1))
def test_code_holds_any_text(text: str) -> None:
    _, *others = inline(code(text))
    assert [token.type for token in others] == ["code_inline"]
    assert others[0].content.strip() == printable(text).strip()


def test_no_text_is_told_as_such() -> None:
    assert code("") == "(empty)"


@given(st.text(alphabet=st.one_of(st.sampled_from("`\\|<>[]()*_&!@#:/~ \nab.w"), st.characters())))
def test_a_sentence_is_text_and_code_whatever_is_in_it(text: str) -> None:
    assert {token.type for token in inline(prose(text))} <= HARMLESS


@pytest.mark.parametrize(
    "word",
    [
        *(
            "<b>x</b>",
            "<script>",
            "[x](https://evil.test)",
            "![x](y)",
            "**x**",
            "_x_",
            "~~x~~",
            "&lt",
            "\\[",
        ),
        *(
            "https://evil.test",
            "www.evil.test",
            "me@evil.test",
            "@everyone",
            "#1",
            "GH-1",
            "a/b#1",
            ":smile:",
        ),
    ],
)
def test_a_word_that_could_mean_something_is_code(word: str) -> None:
    assert prose(f"It said {word}") == f"It said `{word}`"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ('Alternatives are as in h3=":443".', 'Alternatives are as in `h3=":443"`.'),
        (
            "Browsers know h3 and h2; others (spdy/3), too.",
            "Browsers know `h3` and `h2`; others (`spdy/3`), too.",
        ),
        ("camera=() and eval() are whole", "`camera=()` and `eval()` are whole"),
        ("It (RFC_1 or RFC_2) said (*).", "It (`RFC_1` or `RFC_2`) said (`*`)."),
        ("Nothing () but .. and :", "Nothing () but `..` and :"),
        ("It said &lt;", "It said `&lt`;"),
    ],
)
def test_the_punctuation_of_a_sentence_is_no_code(sentence: str, expected: str) -> None:
    assert prose(sentence) == expected


@pytest.mark.parametrize(
    ("fix", "expected"),
    [
        ('Alt-Svc: h3=":443"; ma=86400', '`Alt-Svc: h3=":443"; ma=86400`'),
        ("Remove the field Age", "Remove the field Age"),
        ("Say base-uri 'self', or none_at_all", "Say base-uri 'self', or `none_at_all`"),
    ],
)
def test_of_fixes_only_a_header_line_is_code(fix: str, expected: str) -> None:
    assert remedy(fix) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "The cookie session looks like a session's, and lacks HttpOnly: every script can read it.",
        "max-age is 300 seconds (or less); that is short!",
    ],
)
def test_a_plain_sentence_stays_as_it_is(sentence: str) -> None:
    assert prose(sentence) == sentence


def test_a_reference_is_a_link() -> None:
    section = "https://www.rfc-editor.org/rfc/rfc9110#section-5.1"
    assert link("RFC 9110 section 5.1") == f"[RFC 9110 section 5.1]({section})"
    assert link(section) == f"<{section}>"
    assert link("RFC 1 [x](y)") == "RFC 1 `[x](y)`"


def test_a_report_tells_outcome_grade_findings_and_tests() -> None:
    finding = Finding("some-rule", "high", "X", "It is odd.", "a|b", fix="X: y", reference="RFC 9110")
    tests = {"one": TestResult("bad", -5, False), "two": TestResult("not-tested", 0, None)}
    report = Report(
        gradable=True, observatory=Observatory(6, "B", 75, tests), findings=(finding,), partial=True
    )
    assert written(judged(report)) == (
        "## `http://site.test/`\n\n"
        "200 `OK` · grade **B** (score 75, partial: 1 of 2 tests not tested) · 33 ms\n\n"
        "### Findings (1)\n\n"
        "- **high** It is odd. (`some-rule`)\n"
        "  - sent: `a|b`\n"
        "  - fix: `X: y`\n"
        "  - see: [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110)\n\n"
        "### MDN HTTP Observatory\n\n"
        "| | test | result | score |\n|---|---|---|---:|\n"
        "| **fail** | one | `bad` | -5 |\n| – | two | `not-tested` |  |\n\n"
    )


def test_a_failure_has_its_code() -> None:
    assert written(verdict(failed())) == (
        "## `http://site.test/`\n\n**Not inspected** (`connect_refused`): nobody listens · 33 ms\n\n"
    )


def test_a_response_that_cannot_be_graded_says_why() -> None:
    report = Report(gradable=False, observatory=None, findings=(), reason="no page with status 500")
    told = written(judged(report))
    assert "200 `OK` · no grade: no page with status 500 · 33 ms" in told
    assert "### Findings (0)\n\nNone.\n" in told


def test_redirects_are_a_list() -> None:
    heads = (b"HTTP/1.1 302 \r\nLocation: /b\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n")
    exchanges = tuple(
        Exchange(f"http://site.test/{n}", "HEAD", "192.0.2.1:80", head, None, Timing())
        for n, head in enumerate(heads)
    )
    told = written(verdict(reached(exchanges=exchanges)))
    assert "\n1. `http://site.test/0`: 302\n2. `http://site.test/1`: 200 `OK`\n" in told


@given(st.text())
def test_nothing_in_a_report_acts(text: str) -> None:
    text = text.encode(errors="backslashreplace").decode()  # a record has no lone surrogates
    finding = Finding("rule", "low", text, text, evidence=text, fix=text, reference="RFC 9110")
    report = Report(gradable=True, observatory=None, findings=(finding,))
    document = written(judged(report, reached(url=text)), verdict(failed(message=text)))
    tokens = list(tokens_of(document))
    assert not {token.type for token in tokens} & {
        "html_inline",
        "html_block",
        "image",
        "fence",
        "code_block",
    }
    links = [token.attrs["href"] for token in tokens if token.type == "link_open"]
    assert links == ["https://www.rfc-editor.org/rfc/rfc9110"]
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h2", "h3", "h2"]
