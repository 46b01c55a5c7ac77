"""The certificates of the chain (RFC 5280, RFC 9525): how long they hold, and for which names.

Every https hop is judged, each certificate once. Names are compared only where the fetch did not do so: a
certificate that was verified fits its host.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from workers.check import Check, Rule
from workers.model import Finding, Tls
from workers.response import Response
from workers.syntax.hosts import host_of, is_address

FIELD: Final = "TLS"  # no field of the head: what the head came over
DAY_S: Final = 86_400
SOON_DAYS: Final = (
    14  # certificates of 90 days are renewed at 30 (Let's Encrypt): by now somebody should know
)
VERY_SOON_DAYS: Final = 3  # … and a weekend is left
CERTIFICATES_LIMIT: Final = 10
NAMES_SHOWN: Final = 5
RENEW: Final = "Renew the certificate, and have that done and watched by a program"

EXPIRED = Rule(
    id="certificate-expired",
    severity="high",
    field=FIELD,
    message="The certificate of {host} expired on {day}.",
    why="Browsers show a warning in the site's place, and visitors learn to click it away.",
    fix=RENEW,
    reference="RFC 5280 section 4.1.2.5",
)
VERY_SOON = Rule(
    id="certificate-expires-in-days",
    severity="medium",
    field=FIELD,
    message="The certificate of {host} expires on {day}, in less than three days.",
    why="Automatic renewal would have come long before: most likely it fails.",
    fix=RENEW,
    reference="RFC 5280 section 4.1.2.5",
)
SOON = Rule(
    id="certificate-expires-soon",
    severity="low",
    field=FIELD,
    message="The certificate of {host} expires on {day}, in less than two weeks.",
    why="Automatic renewal comes earlier as a rule; a renewal by hand takes its time.",
    fix=RENEW,
    reference="RFC 5280 section 4.1.2.5",
)
MISMATCH = Rule(
    id="certificate-name-mismatch",
    severity="high",
    field=FIELD,
    message="The certificate that {host} sent is for {names}.",
    why="It proves nothing about this host; browsers show a warning in the site's place.",
    fix="Serve a certificate whose names include the host",
    reference="RFC 9525 section 6.3",
)
NAMELESS = Rule(
    id="certificate-without-names",
    severity="high",
    field=FIELD,
    message="The certificate of {host} has no subject alternative names.",
    why="Browsers look at no others: the common name alone has not counted for years.",
    fix="Have a certificate issued that lists the host among its subject alternative names",
    reference="RFC 9525 section 2",
)
SELF_SIGNED = Rule(
    id="certificate-self-signed",
    severity="high",
    field=FIELD,
    message="The certificate of {host} seems to be signed by itself.",
    why="Anybody can make one like it, so it tells nobody whom they talk to.",
    fix="Serve a certificate of an authority that clients trust",
    reference="RFC 5280 section 3.2",
)
UNVERIFIED = Rule(
    id="certificate-unverified",
    severity="info",
    field=FIELD,
    message="The certificate of {host} was taken without being verified.",
    why="What was found is what somebody answered, who may be another than the site.",
    fix="Fetch the URL again without --insecure",
    reference="RFC 9525 section 6",
)


def run(response: Response) -> Iterator[Finding]:
    if not response.earlier and response.ask(_is_sound):
        return
    seen: set[str] = set()
    for url, tls in _connections(response):
        if tls.sha256 in seen:
            continue
        seen.add(tls.sha256)
        host = host_of(url)
        rule = _rule_of_time(tls, response.at_s)
        if rule is not None:
            yield rule.found(tls.not_after, host=host, day=tls.not_after[:10])
        yield from _judge_names(tls, host)
        if len(seen) == CERTIFICATES_LIMIT:
            return


def _is_sound(response: Response) -> bool:
    """Whether the one certificate there is gives no cause to be told of, as most give none."""
    tls, at_s = response.tls, response.at_s
    if tls is None:
        return True
    return tls.verified and bool(tls.sans) and (at_s is None or tls.not_after >= _soon(int(at_s)))


@lru_cache(maxsize=64)  # thousands of records are of one second
def _soon(at_s: int) -> str:
    """From when on a certificate may end without being told of, as `Tls.not_after` is written."""
    return datetime.fromtimestamp(at_s + 1 + SOON_DAYS * DAY_S, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _connections(response: Response) -> list[tuple[str, Tls]]:
    earlier = [(hop.url, hop.tls) for hop in response.earlier if hop.tls is not None]
    return earlier if response.tls is None else [*earlier, (response.url, response.tls)]


def _rule_of_time(tls: Tls, at_s: float | None) -> Rule | None:
    ends_s = _epoch(tls.not_after)
    if at_s is None or ends_s is None:
        return None
    left_s = ends_s - at_s
    if left_s < 0:
        return EXPIRED
    if left_s < VERY_SOON_DAYS * DAY_S:
        return VERY_SOON
    return SOON if left_s < SOON_DAYS * DAY_S else None


def _judge_names(tls: Tls, host: str) -> Iterator[Finding]:
    if not tls.sans:
        if tls.not_after:  # otherwise the certificate could not be read
            yield NAMELESS.found(tls.subject, host=host)
    elif not tls.verified and not any(_covers(name, host) for name in tls.sans):
        names = ", ".join(tls.sans[:NAMES_SHOWN]) + (", …" if len(tls.sans) > NAMES_SHOWN else "")
        yield MISMATCH.found(names, host=host, names=names)
    if tls.verified:
        return
    if tls.subject and tls.issuer in (tls.subject, f"CN={tls.subject}"):
        yield SELF_SIGNED.found(tls.issuer, host=host)
    yield UNVERIFIED.found(tls.subject, host=host)


def _covers(name: str, host: str) -> bool:
    """RFC 9525 section 6.3: "*" stands for one whole label, the leftmost, and never for an address."""
    name, host = name.lower().rstrip("."), host.lower().strip("[]").rstrip(".")
    if name == host:
        return True
    return name.startswith("*.") and not is_address(host) and host.partition(".")[2] == name[2:]


def _epoch(not_after: str) -> float | None:
    try:
        return datetime.fromisoformat(not_after).timestamp()
    except (ValueError, OverflowError):
        return None


CHECK = Check(
    id="tls-certificate",
    title="The certificate",
    why="It is what tells a visitor that the site is the site.",
    reference="RFC 9525 section 6",
    rules=(EXPIRED, VERY_SOON, SOON, MISMATCH, NAMELESS, SELF_SIGNED, UNVERIFIED),
    run=run,
)
