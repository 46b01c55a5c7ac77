"""Fields that browsers read once and read no longer: nothing is lost without them.

Each has its reference; what took a field's place is in `why`. Fields that are old and still do something have
checks of their own.
"""

from collections.abc import Iterator

from workers.check import Check, Rule, removal
from workers.model import Finding
from workers.response import Response

MDN = "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers"


def _gone(rule_id: str, field: str, why: str, reference: str) -> Rule:
    """The rule that the field is not to be sent any more."""
    return Rule(
        id=rule_id,
        severity="info",
        field=field,
        message="{name} is obsolete: today's browsers ignore it.",
        why=why,
        fix=removal(field),
        reference=reference,
    )


GONE = (
    _gone(
        "public-key-pins-obsolete",
        "Public-Key-Pins",
        "A lost pin locked every visitor out, a stolen one held the site to ransom; "
        "Certificate Transparency took its place.",
        "https://chromestatus.com/feature/5903385005916160",
    ),
    _gone(
        "public-key-pins-report-only-obsolete",
        "Public-Key-Pins-Report-Only",
        "With pinning its trials went too: no browser sends a report.",
        "https://chromestatus.com/feature/5903385005916160",
    ),
    _gone(
        "expect-ct-obsolete",
        "Expect-CT",
        "Browsers demand Certificate Transparency of every certificate by themselves.",
        f"{MDN}/Expect-CT",
    ),
    _gone(
        "p3p-obsolete",
        "P3P",
        "Only Internet Explorer read it; W3C declared it obsolete in 2018.",
        "https://www.w3.org/TR/P3P/",
    ),
    _gone(
        "x-download-options-obsolete",
        "X-Download-Options",
        "It took the button Open from Internet Explorer 8's download dialogue.",
        "https://learn.microsoft.com/en-us/archive/blogs/ie/ie8-security-part-v-comprehensive-protection",
    ),
    _gone(
        "x-ua-compatible-obsolete",
        "X-UA-Compatible",
        "It chose the engine of Internet Explorer; the one value that is left, IE=edge, says nothing.",
        "https://html.spec.whatwg.org/multipage/semantics.html#attr-meta-http-equiv-x-ua-compatible",
    ),
    _gone(
        "large-allocation-obsolete",
        "Large-Allocation",
        "It gave 32-bit Firefox a fresh process, and was taken out in Firefox 98.",
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Large-Allocation",
    ),
    _gone(
        "alternate-protocol-obsolete",
        "Alternate-Protocol",
        "It told of QUIC before Alt-Svc was standardised.",
        "RFC 7838 section 3",
    ),
    _gone(
        "tracking-status-obsolete",
        "Tk",
        "Do Not Track was given up in 2019; Global Privacy Control is what lives on.",
        f"{MDN}/Tk",
    ),
    _gone(
        "accept-ch-lifetime-obsolete",
        "Accept-CH-Lifetime",
        "Browsers keep what Accept-CH asks for as long as the session, whatever this says.",
        "https://developer.mozilla.org/en-US/docs/Web/HTTP/Headers/Accept-CH-Lifetime",
    ),
    _gone(
        "expect-staple-obsolete",
        "Expect-Staple",
        "It was an experiment with reports on OCSP stapling that no browser took up.",
        "https://scotthelme.co.uk/designing-a-new-security-header-expect-staple/",
    ),
    _gone(
        "set-cookie2-obsolete",
        "Set-Cookie2",
        "No browser stores its cookies.",
        "RFC 6265 section 9.4",
    ),
    _gone(
        "window-target-obsolete",
        "Window-Target",
        "It asked to leave frames in the 1990s; frame-ancestors is what says who may frame a page.",
        "https://www.w3.org/TR/CSP3/#directive-frame-ancestors",
    ),
    _gone(
        "pics-label-obsolete",
        "PICS-Label",
        "W3C superseded PICS in 2009, and browsers dropped it.",
        "https://www.w3.org/PICS/",
    ),
)

_BY_NAME = tuple((rule.field.lower(), rule) for rule in GONE)


def run(response: Response) -> Iterator[Finding]:
    for name, rule in _BY_NAME:
        values = response.values(name)
        if values:
            yield rule.found(values[0], name=rule.field)


CHECK = Check(
    id="deprecated-fields",
    title="Obsolete fields",
    why="Fields that nobody reads make every response longer, and look like protection where there is none.",
    reference=MDN,
    rules=GONE,
    run=run,
    needs=tuple(rule.field for rule in GONE),
)
