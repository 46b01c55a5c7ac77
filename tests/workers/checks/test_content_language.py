"""Content-Language (RFC 9110 section 8.5), by the tags of RFC 5646."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.content_language import CHECK


def sent(name: str, value: str, *finds: str) -> Case:
    return Case(name, (("Content-Language", value),), finds)


MALFORMED = "content-language-malformed"
CASES = (
    Case("none", ()),
    sent("one", "en"),
    sent("several", "en-US, de-CH-1901, zh-Hant-TW, sl-rozaj-biske, es-419, x-whatever"),
    sent("with an extension", "de-DE-u-co-phonebk"),
    sent("registered of old", "i-klingon"),
    sent("a locale", "en_US", MALFORMED),
    sent("a locale and its charset", "de_CH.UTF-8", MALFORMED),
    sent("a charset", "utf-8", MALFORMED),
    sent("the language's name, and more", "English (US)", MALFORMED),
    sent("nothing", "", MALFORMED),
    sent("everything", "*", MALFORMED),
    sent("longer than anybody writes", "a-" * 1_000),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("de_CH.UTF-8, en", "Content-Language: de-CH, en"),
        ("en_US, en-US", "Content-Language: en-US"),
        ("*", "Remove the field Content-Language"),
    ],
)
def test_the_line_keeps_the_languages(value: str, fix: str) -> None:
    assert [finding.fix for finding in findings(CHECK, sent("", value))] == [fix]
