"""The TLS version and cipher suite that were agreed on (RFC 9325), hop by hop.

What else a server would agree to is not asked. Suites are named as OpenSSL names them.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from workers.check import Check, Rule
from workers.model import Finding, Severity
from workers.response import Response
from workers.syntax.hosts import host_of

FIELD: Final = "TLS"
BROKEN_VERSIONS: Final = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.0"})
OBSOLETE_VERSIONS: Final = frozenset({"TLSv1.1"})
AGREEMENTS_LIMIT: Final = 10
_AGREEMENTS_KEPT: Final = 64  # of versions and suites; a server chooses one of a few dozen

_BROKEN: Final = ("RC4", "NULL", "EXP-", "EXPORT", "DES-CBC-", "ADH", "AECDH", "MD5")
_TRIPLE_DES: Final = ("DES-CBC3", "3DES")
_EPHEMERAL: Final = ("ECDHE", "DHE", "EDH", "TLS_AES", "TLS_CHACHA20", "ADH", "AECDH", "GOST", "SRP")
_AUTHENTICATING: Final = ("GCM", "CCM", "CHACHA20", "POLY1305", "OCB", "MGM")


def _rule(rule_id: str, severity: Severity, message: str, why: str, fix: str, reference: str) -> Rule:
    return Rule(
        id=rule_id,
        severity=severity,
        field=FIELD,
        message=message,
        why=why,
        fix=fix,
        reference=reference,
    )


VERSION_BROKEN = _rule(
    "tls-version-broken",
    "high",
    "{host} agreed on {version} and nothing newer.",
    "Its constructions are broken or rest on broken hashes; browsers refuse it since 2020.",
    "Turn on TLS 1.2 and 1.3, and the older versions off",
    "RFC 8996 section 4",
)
VERSION_OBSOLETE = _rule(
    "tls-version-obsolete",
    "medium",
    "{host} agreed on {version} and nothing newer.",
    "It has no authenticated encryption, rests on SHA-1, and browsers refuse it since 2020.",
    "Turn on TLS 1.2 and 1.3, and the older versions off",
    "RFC 8996 section 5",
)
CIPHER_BROKEN = _rule(
    "cipher-broken",
    "high",
    "{host} chose {cipher}, which can be broken.",
    "It encrypts with a broken cipher or none, or lets anybody stand in for the server.",
    "Offer suites with ECDHE and AES-GCM or ChaCha20-Poly1305 only",
    "RFC 9325 section 4.1",
)
CIPHER_TRIPLE_DES = _rule(
    "cipher-triple-des",
    "medium",
    "{host} chose {cipher}: triple DES, with blocks of 64 bits.",
    "After some gigabytes blocks repeat and give away what was sent (Sweet32).",
    "Offer suites with ECDHE and AES-GCM or ChaCha20-Poly1305 only",
    "https://sweet32.info/",
)
NO_FORWARD_SECRECY = _rule(
    "cipher-without-forward-secrecy",
    "medium",
    "{host} chose {cipher}, whose keys are sent under the certificate's key.",
    "Who records the traffic, and gets that key one day, reads all of it.",
    "Put suites with ECDHE first, and leave those with static RSA out",
    "RFC 9325 section 4.1",
)
CIPHER_CBC = _rule(
    "cipher-without-authentication",
    "low",
    "{host} chose {cipher}, which encrypts in CBC mode.",
    "It leaked in one implementation after another (Lucky 13, POODLE); authenticated encryption does not.",
    "Put suites with AES-GCM or ChaCha20-Poly1305 first",
    "RFC 9325 section 4.2",
)


def run(response: Response) -> Iterator[Finding]:
    if not response.earlier and (response.agreed is None or not _broken(*response.agreed)):
        return
    agreed: dict[tuple[str, str, str], None] = {}
    for hop in response.earlier:
        if hop.tls is not None:
            agreed.setdefault((host_of(hop.url), hop.tls.version, hop.tls.cipher))
    if response.tls is not None:
        agreed.setdefault((response.host, response.tls.version, response.tls.cipher))
    for host, version, cipher in list(agreed)[:AGREEMENTS_LIMIT]:
        for rule in _broken(version, cipher):
            evidence = version if rule in (VERSION_BROKEN, VERSION_OBSOLETE) else cipher
            yield rule.found(evidence, host=host, version=version, cipher=cipher)


@lru_cache(maxsize=_AGREEMENTS_KEPT)
def _broken(version: str, cipher: str) -> tuple[Rule, ...]:
    return tuple(_faults(version, cipher))


def _faults(version: str, cipher: str) -> Iterator[Rule]:
    if version in BROKEN_VERSIONS:
        yield VERSION_BROKEN
    elif version in OBSOLETE_VERSIONS:
        yield VERSION_OBSOLETE
    name = cipher.upper()
    if not name:
        return
    if any(part in name for part in _TRIPLE_DES):
        yield CIPHER_TRIPLE_DES
    elif any(part in name for part in _BROKEN):
        yield CIPHER_BROKEN
    elif not any(part in name for part in _AUTHENTICATING):
        yield CIPHER_CBC
    if not any(part in name for part in _EPHEMERAL):
        yield NO_FORWARD_SECRECY


CHECK = Check(
    id="tls-version",
    title="TLS version and cipher suite",
    why="Everything else that is judged here rests on nobody being able to read or change the answer.",
    reference="RFC 9325 section 3.1",
    rules=(
        VERSION_BROKEN,
        VERSION_OBSOLETE,
        CIPHER_BROKEN,
        CIPHER_TRIPLE_DES,
        NO_FORWARD_SECRECY,
        CIPHER_CBC,
    ),
    run=run,
)
