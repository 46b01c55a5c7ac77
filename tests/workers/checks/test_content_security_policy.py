"""Content-Security-Policy: whether there is one, and what it covers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workers.checks.cases import FIX_LINE, PAGE, Case, findings, found_ids, response_of
from workers.checks.content_security_policy import CHECK
from workers.model import Meta
from workers.registry import all_checks
from workers.syntax.head import Field

GOOD = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
FORMS = "; form-action 'self'"


def page(
    name: str, *policies: str, finds: tuple[str, ...] = (), status: int = 200, more: tuple[Field, ...] = ()
) -> Case:
    sent = tuple(("Content-Security-Policy", policy) for policy in policies)
    return Case(name, (PAGE, *sent, *more), finds, status=status)


CASES = (
    page("good", GOOD),
    page("missing", finds=("csp-missing",)),
    page("missing on an error page", finds=("csp-missing",), status=404),
    page("missing on a redirect", status=301, more=(("Location", "/"),)),
    page("missing on a redirect to nowhere", finds=("csp-missing",), status=302),
    page("not modified", status=304),
    Case("missing on JSON", (("Content-Type", "application/json"),)),
    page("empty", " ; ", finds=("csp-empty",)),
    page(
        "reported only",
        finds=("csp-report-only-alone",),
        more=(("Content-Security-Policy-Report-Only", "default-src 'self'; report-uri /r"),),
    ),
    page(
        "reported beside enforced",
        GOOD,
        more=(("Content-Security-Policy-Report-Only", "default-src 'none'"),),
    ),
    page("objects anywhere", f"script-src 'self'{FORMS}", finds=("csp-objects-unrestricted",)),
    page(
        "objects by default anywhere",
        f"default-src *; script-src 'self'{FORMS}",
        finds=("csp-objects-unrestricted",),
    ),
    page(
        "objects from any host by another spelling",
        f"script-src 'self'; object-src https://*:443{FORMS}",
        finds=("csp-objects-unrestricted",),
    ),
    page(
        "objects written in the address",
        f"default-src 'self' data:{FORMS}",
        finds=("csp-objects-unrestricted",),
    ),
    page("objects restricted by the second policy", f"script-src 'self'{FORMS}", "object-src 'none'"),
    page("objects restricted after a comma", f"script-src 'self'{FORMS}, object-src 'none'"),
    page(
        "nonces without base-uri", f"default-src 'self' 'nonce-abc'{FORMS}", finds=("csp-base-uri-missing",)
    ),
    page(
        "nonces with base-uri in the second policy",
        f"default-src 'self' 'nonce-abc'{FORMS}",
        "base-uri 'self'",
    ),
    page("host sources without base-uri", f"default-src 'self'{FORMS}"),
    page("any base", f"default-src 'self'; base-uri *{FORMS}", finds=("csp-base-uri-unrestricted",)),
    page("any base in one of two policies", f"default-src 'self'; base-uri https:{FORMS}", "base-uri 'self'"),
    page("forms", "default-src 'self'", finds=("csp-form-action-missing",)),
    page(
        "forms to anybody",
        "default-src 'self'; form-action 'self' https:",
        finds=("csp-form-action-unrestricted",),
    ),
    page(
        "frames of anybody",
        f"default-src 'self'; frame-ancestors *{FORMS}",
        finds=("csp-frame-ancestors-unrestricted",),
    ),
    page("more than is read", GOOD + ";" * 1_000, finds=("csp-too-large",)),
    page(
        "more policies than are read", *(f"{GOOD}; img-src a{n}" for n in range(17)), finds=("csp-too-large",)
    ),
    page(
        "framing left to X-Frame-Options",
        f"default-src 'self'{FORMS}",
        finds=("csp-frame-ancestors-missing",),
        more=(("X-Frame-Options", "DENY"),),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_finds_what_the_case_says(case: Case) -> None:
    assert found_ids(CHECK, case) == case.finds


def test_the_fix_enforces_what_was_reported() -> None:
    reported = page("reported", more=(("Content-Security-Policy-Report-Only", "default-src 'self'"),))
    assert [finding.fix for finding in findings(CHECK, reported)] == [
        "Content-Security-Policy: default-src 'self'"
    ]


def test_a_policy_too_long_to_paste_gets_the_general_fix() -> None:
    hosts = " ".join(f"a-host-with-a-long-name-{n}.example" for n in range(300))
    long = page("long", f"script-src {hosts}; form-action 'self'")
    assert [finding.fix for finding in findings(CHECK, long)] == ["Add object-src 'none' to the policy"]


def test_a_policy_that_is_not_read_whole_gets_the_general_fix() -> None:
    hosts = " ".join(f"{n}.de" for n in range(600))
    short = page("many", f"form-action 'self'; script-src {hosts}; object-src 'none'")
    assert [(finding.id, finding.fix) for finding in findings(CHECK, short)] == [
        ("csp-too-large", "Shorten the policy: nonces with 'strict-dynamic' need no list of hosts")
    ]


def test_the_fix_keeps_the_hosts_that_forms_go_to() -> None:
    forms = page("forms", "default-src 'self'; form-action * pay.example; base-uri https:")
    assert {finding.fix for finding in findings(CHECK, forms)} == {
        "Content-Security-Policy: default-src 'self'; form-action pay.example; base-uri 'self'"
    }


def test_what_the_page_has_is_left_open_only_where_it_was_not_read() -> None:
    unread = page("unread")
    (finding,) = findings(CHECK, unread)
    assert finding.message.startswith(
        "No Content-Security-Policy header was sent: unless the page has one, injected scripts run. "
    )
    (finding,) = findings(CHECK, replace(unread, meta=Meta((), None)))
    assert finding.message.startswith(
        "No Content-Security-Policy header was sent, and the page has none: injected scripts run. "
    )


@pytest.mark.parametrize("policies", [(), (";",)])
def test_a_policy_that_would_break_pages_is_to_be_tried_first(policies: tuple[str, ...]) -> None:
    (finding,) = findings(CHECK, page("none", *policies))
    assert finding.fix is not None
    assert finding.fix.startswith("Content-Security-Policy: default-src 'self'; ")
    assert finding.message.endswith(
        " The line of the fix stops inline scripts and styles too, and what comes from other hosts: "
        "try it as Content-Security-Policy-Report-Only first."
    )


NAMES = """
    default-src script-src script-src-elem script-src-attr style-src object-src img-src imgsrc
    frame-ancestors base-uri form-action plugin-types prefetch-src upgrade-insecure-requests
    report-uri report-to sandbox trusted-types require-trusted-types-for worker-src connect-src
    https://a.example 'self' x-y default-src: cdn.example * http://x/?q b\xe4d
"""
VALUES = """
    * https: http: data: self 'self' 'none' none 'nonce-a' nonce-a 'nonce-a$' 'strict-dynamic'
    strict-dynamic 'unsafe-inline' unsafe-inline unsafe-eval 'unsafe-eval' 'UNSAFE-INLINE'
    'unsafe-evil' http://a.example:80 http://* //* //a.example //192.0.2.1 a.example *.com
    *.google.com www.google.com/jsapi unpkg.com 192.0.2.1 a?b https://www.googletagmanager.com
    http://192.0.2.1/?b 'sha256-abc' 'sha1-abc' sha256-abc 'unsafe-hashes' 'wasm-eval' wasm-eval
    'unsafe-hashed-attributes' img-src script-src base-uri sandbox report-uri allow-script
    allow-scripts 'script' script http://r.example/ csp , ; ' localhost *.github.io/x
"""
WRITTEN = st.lists(
    st.builds(
        lambda name, values: " ".join((name, *values)),
        st.sampled_from(NAMES.split()),
        st.lists(st.sampled_from(VALUES.split()), max_size=6),
    ),
    max_size=6,
).map("; ".join)


def lines_of(case: Case) -> dict[str, set[str]]:
    """The lines to paste that all checks give for the case, by the field's name."""
    lines: dict[str, set[str]] = {}
    for check in all_checks():
        for finding in check.run(response_of(case)):
            line = FIX_LINE.fullmatch(finding.fix or "")
            if line is not None and line[1].startswith("Content-Security-Policy"):
                lines.setdefault(line[1], set()).add(line[0])
    return lines


@given(
    st.lists(WRITTEN, max_size=3),
    st.lists(WRITTEN, max_size=1),
    st.sampled_from(["http://example.com/", "https://example.com/"]),
    st.sampled_from([PAGE, ("Content-Type", "text/css")]),
)
def test_one_line_mends_whatever_is_written(enforced, tried, url, content_type) -> None:
    sent = [("Content-Security-Policy", policy) for policy in enforced]
    sent += [("Content-Security-Policy-Report-Only", policy) for policy in tried]
    case = Case("any", (content_type, *sent), url=url)
    for field, lines in lines_of(case).items():
        assert len(lines) == 1, lines
        name, _, value = lines.pop().partition(": ")
        kept = tuple(sent_field for sent_field in case.fields if sent_field[0] != field)
        assert field not in lines_of(Case("mended", (*kept, (name, value)), url=url)), value
