"""Evidence is a part of what was sent, to the letter: whoever looks for it in the response finds it there."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.workers.checks.cases import Case, findings
from tests.workers.checks.test_catalogue import TABLES
from workers.check import Check
from workers.model import FOREIGN_ORIGIN

CUT = "…"
ALIKE = "one finding tells of all directives that break the rule, wherever they stand"
OVERRULED = "one finding tells of all directives that another one takes the effect of"
AGAINST = "two parts contradict one another, and what stands between them says nothing"
WAY = "two addresses: where a redirect was found, and where it leads"
# Evidence of several parts, each of them to the letter: what stands between them, and why there are several.
TOGETHER = {
    "cache-directive-argument": (", ", ALIKE),
    "cache-directive-misspelt": (", ", ALIKE),
    "cache-directive-obsolete": (", ", ALIKE),
    "cache-directive-of-requests": (", ", ALIKE),
    "cache-directive-unknown": (", ", ALIKE),
    "cache-no-store-contradicted": (", ", OVERRULED),
    "cache-private-contradicted": (", ", OVERRULED),
    "cache-seconds-missing": (", ", ALIKE),
    "cache-stale-forbidden": (", ", OVERRULED),
    "content-length-with-transfer-encoding": (", Transfer-Encoding: ", "the values of two fields"),
    "cookie-attribute-repeated": ("; ", AGAINST),
    "cookie-expires-contradicts-max-age": ("; ", AGAINST),
    "csp-nonce-several": (" ", "the first two of the different nonces"),
    "hsts-host-left-over-http": (" → ", WAY),
    "redirect-to-http": (" → ", WAY),
}
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in upper case": str.upper,
    "in lower case": str.lower,
    "with wide spaces": lambda value: value.replace(" ", "  \t"),
    "with spaces before semicolons": lambda value: value.replace(";", " ;"),
}


def sent(case: Case) -> str:
    """All that there is of the response to be found, a fact a line."""
    joined: dict[str, list[str]] = {}
    for name, value in case.fields:
        joined.setdefault(name.lower(), []).append(value)
    lines = [
        f"{name}: {value}" for fields in (case.fields, *dict(case.way).values()) for name, value in fields
    ]
    lines += [f"{name}: {', '.join(values)}" for name, values in joined.items()]
    lines += [f"HTTP/{case.http_version} {case.status}", case.url, *case.via, str(case.tls), *case.defects]
    lines += [url for url, _ in case.way]
    if case.preflight is not None:
        lines += [FOREIGN_ORIGIN, "null"]
    if case.meta is not None:
        lines += [*case.meta.content_security_policy, case.meta.referrer or ""]
    return "\n".join(lines)


@pytest.mark.parametrize(("check", "case"), TABLES, ids=[f"{check.id}: {case}" for check, case in TABLES])
def test_evidence_is_as_it_was_sent(check: Check, case: Case) -> None:
    for spell in SPELLINGS.values():
        spelt = replace(case, fields=tuple((name, spell(value)) for name, value in case.fields))
        there = sent(spelt)
        for finding in findings(check, spelt):
            evidence = (finding.evidence or "").removesuffix(CUT)
            between, _ = TOGETHER.get(finding.id, (None, ""))
            parts = [evidence] if between is None else evidence.split(between)
            assert [part for part in parts if part not in there] == [], finding.id
