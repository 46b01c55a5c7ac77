"""Nonces and hashes of a Content-Security-Policy: whether they can be guessed, and whether they can match.

One response shows one nonce: whether it changes cannot be seen, but that it looks written down can.
"""

from collections.abc import Collection, Iterator
from typing import Final

from workers.check import Check, Rule
from workers.checks.content_security_policy import sources
from workers.checks.content_security_policy.enforced import FIELD, enforced
from workers.checks.content_security_policy.found import slips_found
from workers.checks.content_security_policy.mended import SPECIFICATION
from workers.checks.content_security_policy.sandboxed import forbids_scripts
from workers.checks.content_security_policy.sources import read_source
from workers.checks.content_security_policy.vocabulary import CODE_LISTS
from workers.model import Finding
from workers.response import Response
from workers.syntax.content_security_policy import Policy, parse_policies

FRESH: Final = "For each response write 16 random bytes in base64, in the policy and in the page's elements"
SHORTEST: Final = 8  # characters: 48 bits at best, which an attacker with many tries can hit
WHOLE: Final = 22  # characters of base64 that 128 bits take, the length that section 7.1 asks for
FEWEST_LETTERS: Final = 5  # different ones: of 8 random characters fewer differ once in a hundred thousand
RUNS: Final = (
    "01234567890123456789 abcdefghijklmnopqrstuvwxyz zyxwvutsrqponmlkjihgfedcba 98765432109876543210"
)
TIME_STAMPS: Final = frozenset({10, 13})  # digits of a time in seconds and milliseconds
# What manuals, tutorials and templates write where the random value belongs, in lower case.
_MANUALS: Final = """
    random123 random-nonce randomnonce random_nonce rand0m-nonce randomvalue random-value randomstring
    noncevalue nonce-value nonce_value yournonce your-nonce your_nonce your-nonce-here yournoncehere
    placeholder base64-value base64value base64nonce generated-nonce generatednonce static-nonce staticnonce
    changeme change-me cspnonce csp-nonce csp_nonce mynonce123 testnonce test-nonce somenonce noncenonce
    abc123abc123 abcdef123456 2726c7f26c ednnf03nceiofn39fn3e9h3sdfa dhcnhd3khtmepgxwdayk9bsmqxjhguvv
    416d1177-4d12-4e3b-b7c9-f6c409789fb8 sdbk4b7u4rrwh5v7y8tzjg
"""
WRITTEN_DOWN: Final = frozenset(_MANUALS.split())

SHORT = Rule(
    id="csp-nonce-short",
    severity="medium",
    field=FIELD,
    message="The nonce in {directive} has {length} characters: it can be guessed.",
    why="Whoever guesses the nonce writes it on an injected script, which then runs.",
    fix=FRESH,
    reference=f"{SPECIFICATION}#security-nonces",
)
GUESSABLE = Rule(
    id="csp-nonce-guessable",
    severity="medium",
    field=FIELD,
    message="The nonce in {directive} looks written down or counted, not drawn at random.",
    why="A nonce that stays the same, or can be worked out, allows injected scripts too.",
    fix=FRESH,
    reference=f"{SPECIFICATION}#security-nonces",
)
BELOW_128_BITS = Rule(
    id="csp-nonce-below-128-bits",
    severity="info",
    field=FIELD,
    message="The nonce in {directive} has {length} characters; 128 random bits take {whole} in base64.",
    why="The standard asks for 128 bits at least.",
    fix=FRESH,
    reference=f"{SPECIFICATION}#security-nonces",
)
SEVERAL = Rule(
    id="csp-nonce-several",
    severity="info",
    field=FIELD,
    message="{directive} lists {count} different nonces.",
    why="One for each response is enough; a second is often one that was left written in the configuration.",
    fix="List the nonce of this response alone",
    reference=f"{SPECIFICATION}#security-nonces",
)
MALFORMED = Rule(
    id=sources.MALFORMED_NONCE,
    severity="low",
    field=FIELD,
    message="{source} in {directive} is no nonce: browsers skip what is not base64.",
    why="Scripts with the nonce are blocked, and 'unsafe-inline' beside it stays in force.",
    fix=FRESH,
    reference=f"{SPECIFICATION}#grammardef-nonce-source",
)
HASH_LENGTH = Rule(
    id=sources.HASH_LENGTH,
    severity="low",
    field=FIELD,
    message="{source} in {directive} is not as long as a digest of its algorithm: nothing matches it.",
    why="A hash that is cut, or written in hexadecimal, allows no script.",
    fix="Write the whole digest in base64: 44 characters for sha256, 64 for sha384, 88 for sha512",
    reference=f"{SPECIFICATION}#grammardef-hash-source",
)
HASH_ALGORITHM = Rule(
    id=sources.HASH_ALGORITHM,
    severity="low",
    field=FIELD,
    message="{source} in {directive} names an algorithm that is none of sha256, sha384 and sha512.",
    why="Browsers skip such a source, so it allows nothing.",
    fix="Hash the script with SHA-256",
    reference=f"{SPECIFICATION}#grammardef-hash-algorithm",
)
SPELLING: Final = (MALFORMED, HASH_LENGTH, HASH_ALGORITHM)


def run(response: Response) -> Iterator[Finding]:
    values = enforced(response)
    policies = parse_policies(values)
    if not policies:
        return
    yield from slips_found(response, SPELLING)
    if response.is_page and any("nonce-" in value.lower() for value in values):
        found: dict[str, Finding] = {}
        for finding in _judge_nonces(policies):
            found.setdefault(finding.id, finding)
        yield from found.values()


def _judge_nonces(policies: Collection[Policy]) -> Iterator[Finding]:
    for directive, nonces in _nonces(policies):
        for value in nonces:
            length = len(value.rstrip("="))
            if length < SHORTEST:
                yield SHORT.found(value, directive=directive, length=length)
            elif _is_guessable(value.lower()):
                yield GUESSABLE.found(value, directive=directive)
            elif length < WHOLE:
                yield BELOW_128_BITS.found(value, directive=directive, length=length, whole=WHOLE)
        if len(nonces) > 1:
            yield SEVERAL.found(" ".join(nonces[:2]), directive=directive, count=len(nonces))


def _nonces(policies: Collection[Policy]) -> Iterator[tuple[str, list[str]]]:
    """The different nonces of each directive that has any, and where they let something in."""
    styles_alone = forbids_scripts(policies)
    for policy in policies:
        for directive, values in policy.directives.items():
            if directive in CODE_LISTS and not (styles_alone and directive != _decides_for_styles(policy)):
                quoted = [value for value in values if value[:7].lower() == "'nonce-"]
                nonces = [value[7:-1] for value in quoted if read_source(value).kind == "nonce"]
                if nonces:
                    yield directive, list(dict.fromkeys(nonces))


def _decides_for_styles(policy: Policy) -> str | None:
    """The directive whose nonces let style elements in; a sandbox stops scripts and leaves those be."""
    governing = policy.governing("style-src-elem")
    return None if governing is None else governing[0]


def _is_guessable(nonce: str) -> bool:
    if nonce in WRITTEN_DOWN or nonce in RUNS or len(set(nonce)) < FEWEST_LETTERS:
        return True
    return nonce.isdecimal() and len(nonce) in TIME_STAMPS and nonce[0] == "1"


CHECK = Check(
    id="content-security-policy-nonces",
    title="Content-Security-Policy: nonces and hashes",
    why="A nonce protects while nobody can tell it beforehand; a hash that cannot match allows nothing.",
    reference=f"{SPECIFICATION}#security-nonces",
    rules=(SHORT, GUESSABLE, BELOW_128_BITS, SEVERAL, *SPELLING),
    run=run,
    needs=(FIELD,),
)
