"""Fields that nobody reads any longer."""

import pytest

from tests.workers.checks.cases import Case, findings, found_ids
from workers.checks.deprecated_fields import CHECK

SENT = (
    ("public-key-pins-obsolete", "Public-Key-Pins", 'pin-sha256="abc="; max-age=5184000'),
    ("public-key-pins-report-only-obsolete", "Public-Key-Pins-Report-Only", 'pin-sha256="abc="; max-age=500'),
    ("expect-ct-obsolete", "expect-ct", "max-age=86400, enforce"),
    ("p3p-obsolete", "P3P", 'CP="NOI DSP COR"'),
    ("x-download-options-obsolete", "X-Download-Options", "noopen"),
    ("x-ua-compatible-obsolete", "X-UA-Compatible", "IE=edge,chrome=1"),
    ("large-allocation-obsolete", "Large-Allocation", "500"),
    ("alternate-protocol-obsolete", "Alternate-Protocol", "443:quic"),
    ("tracking-status-obsolete", "Tk", "N"),
    ("accept-ch-lifetime-obsolete", "Accept-CH-Lifetime", "86400"),
    ("expect-staple-obsolete", "Expect-Staple", "max-age=0"),
    ("set-cookie2-obsolete", "Set-Cookie2", "a=b; Version=1"),
    ("window-target-obsolete", "Window-Target", "_top"),
    ("pics-label-obsolete", "PICS-Label", "(PICS-1.1)"),
)
CASES = (
    Case("none", (("Content-Type", "text/html"),)),
    *(Case(name, ((name, value),), (rule,)) for rule, name, value in SENT),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_message_names_the_field_and_the_fix_removes_it() -> None:
    (finding,) = findings(CHECK, Case("any", (("p3P", 'CP="x"'),)))
    assert (finding.field, finding.fix) == ("P3P", "Remove the field P3P")
    assert finding.message.startswith("P3P is obsolete")
