"""References and their addresses."""

import pytest

from service.output.reference import address_of
from workers.registry import all_checks

PUBLISHED = "https://www.rfc-editor.org/rfc/"


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("RFC 6797", f"{PUBLISHED}rfc6797"),
        ("RFC 6797 section 6.1.1", f"{PUBLISHED}rfc6797#section-6.1.1"),
        ("RFC 9110 appendix A", f"{PUBLISHED}rfc9110#appendix-A"),
        ("RFC 9110 sections 5.1 and 5.2", f"{PUBLISHED}rfc9110"),
        (
            "RFC 6265bis section 5.6",
            "https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-5.6",
        ),
        ("https://www.w3.org/TR/CSP3/#x", "https://www.w3.org/TR/CSP3/#x"),
        ("https://evil.test/ <b>", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_a_reference_has_an_address(reference: str, address: str | None) -> None:
    assert address_of(reference) == address


def test_every_rules_reference_has_one() -> None:
    missing = {
        rule.reference for check in all_checks() for rule in check.rules if address_of(rule.reference) is None
    }
    assert missing == set()
