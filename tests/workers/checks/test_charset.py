"""The charset of text, by the labels of WHATWG Encoding."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.charset import CHECK


def sent(name: str, value: str, *finds: str) -> Case:
    return Case(name, (("Content-Type", value),), finds)


CASES = (
    sent("usual", "text/html; charset=utf-8"),
    sent("another label", "text/html; charset=UTF8"),
    sent("quoted", 'text/html; charset="utf-8"'),
    sent("white space", "text/html; charset= utf-8"),
    sent("missing", "text/html", "charset-missing"),
    sent("lost", "text/html; charset = utf-8", "charset-missing"),
    sent("missing on XHTML, which tells its own", "application/xhtml+xml"),
    sent("missing on a style", "text/css"),
    sent("missing on JSON", "application/json"),
    sent("unknown on an image", "image/png; charset=binary"),
    sent("a database's", "text/html; charset=utf8mb4", "charset-unknown"),
    sent("in single quotes", "text/html; charset='utf-8'", "charset-unknown"),
    sent("Python's", "text/plain; charset=utf_8_sig", "charset-unknown"),
    sent("UTF-7", "text/html; charset=UTF-7", "charset-utf-7"),
    sent("UTF-7 at length", "text/html; charset=unicode-1-1-utf-7", "charset-utf-7"),
    sent("UTF-16", "text/html; charset=utf-16", "charset-utf-16"),
    sent("UTF-16 the other way", "text/css; charset=utf-16be", "charset-utf-16"),
    sent("escape sequences", "text/html; charset=iso-2022-jp", "charset-iso-2022-jp"),
    sent("refused", "text/html; charset=hz-gb-2312", "charset-refused"),
    sent("Latin-1", "text/html; charset=ISO-8859-1", "charset-legacy"),
    sent("a script's", "text/javascript; charset=gbk", "charset-legacy"),
    sent("a feed's", "application/rss+xml; charset=koi8-r", "charset-legacy"),
    Case("missing on a page that says it", (("Content-Type", "text/html"),), tells_encoding=True),
    Case("missing on a page that does not", (("Content-Type", "text/html"),), ("charset-missing",),
         tells_encoding=False),
    Case("unknown on a page that says it", (("Content-Type", "text/html; charset=x"),), ("charset-unknown",),
         tells_encoding=True),
    Case("without content", (("Content-Type", "text/html"),), status=304),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_type_stays_in_the_line() -> None:
    fixes = [finding.fix for finding in findings(CHECK, sent("", "text/css; a=b; charset=utf8mb4"))]
    assert fixes == ["Content-Type: text/css; a=b; charset=utf-8"]


def test_no_line_is_given_that_would_garble_the_text() -> None:
    fixes = [finding.fix for finding in findings(CHECK, sent("", "text/css; charset=gbk"))]
    assert fixes == ["Write the text in UTF-8, and send charset=utf-8 with it"]


@pytest.mark.parametrize(
    ("tells_encoding", "message"),
    [
        (None, "The page's type has no charset: unless its first 1,024 bytes tell it, it is guessed."),
        (False, "The page's type has no charset, nor do its first 1,024 bytes tell it: it is guessed."),
    ],
)
def test_what_is_not_known_of_the_page_is_left_open(tells_encoding: bool | None, message: str) -> None:
    case = Case("", (("Content-Type", "text/html"),), tells_encoding=tells_encoding)
    assert [finding.message for finding in findings(CHECK, case)] == [message]
