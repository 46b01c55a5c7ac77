"""WWW-Authenticate (RFC 9110 section 11.6.1): how the site asks for a login, and what that tells."""

from collections.abc import Iterator
from typing import Final

from workers.check import Check, Rule
from workers.checks import is_trusted
from workers.model import Finding
from workers.response import Response
from workers.syntax.challenges import LIMIT, Challenge, parse_challenges
from workers.syntax.products import detailed_versions

FIELD: Final = "WWW-Authenticate"
CHALLENGES_LIMIT: Final = 10

BASIC_IN_THE_OPEN = Rule(
    id="basic-authentication-over-http",
    severity="high",
    field=FIELD,
    message="The site asks for a name and password, to be sent over plain http (Basic).",
    why="Basic sends both in a form that anybody on the way reads, with every request.",
    fix="Serve the site over https only, and redirect to it before asking",
    reference="RFC 7617 section 4",
)
OTHER_IN_THE_OPEN = Rule(
    id="authentication-over-http",
    severity="medium",
    field=FIELD,
    message="The site asks for credentials over plain http ({scheme}).",
    why="Whoever is on the way takes over what comes after them, and can ask for Basic in the site's place.",
    fix="Serve the site over https only, and redirect to it before asking",
    reference="RFC 9110 section 17.16.1",
)
MISSING = Rule(
    id="authenticate-missing",
    severity="low",
    field=FIELD,
    message="The status 401 came without WWW-Authenticate.",
    why="It must say how to authenticate: without it browsers do not ask, and clients cannot tell.",
    fix="Send WWW-Authenticate with the scheme that is wanted, or 403",
    reference="RFC 9110 section 15.5.2",
)
MALFORMED = Rule(
    id="authenticate-malformed",
    severity="low",
    field=FIELD,
    message="The challenge leaves the grammar at {rest}.",
    why="Browsers that cannot read it do not ask for a password.",
    fix="Write it as a scheme and parameters, with the realm in double quotes",
    reference="RFC 9110 section 11.6.1",
)
REALM_MISSING = Rule(
    id="authenticate-realm-missing",
    severity="low",
    field=FIELD,
    message="The challenge of {scheme} has no realm, which it must have.",
    why="Clients know by the realm for which pages a password is good; some ignore a challenge without one.",
    fix="Name a realm",
    reference="RFC 7617 section 2",
)
DIGEST_MD5 = Rule(
    id="digest-authentication-md5",
    severity="low",
    field=FIELD,
    message="Digest is offered with MD5 only.",
    why="What was recorded can be tried against lists of passwords at billions a second.",
    fix="Offer Digest with algorithm=SHA-256 first, or another scheme",
    reference="RFC 7616 section 3.3",
)
NTLM = Rule(
    id="ntlm-offered",
    severity="low",
    field=FIELD,
    message="NTLM is offered.",
    why="Its first answer tells the names of host and domain to anybody, and its proofs can be relayed.",
    fix="Offer Negotiate with Kerberos, or another scheme over https",
    reference="https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-nlmp/"
    "b38c36ed-2804-4868-a9ff-8dd3182128e4",
)
REALM_VERSION = Rule(
    id="realm-version-disclosed",
    severity="low",
    field=FIELD,
    message="The realm names a product to the version: {products}.",
    why="It leads attackers to the known holes of that version before anybody has logged in.",
    fix="Name the realm after what it protects",
    reference="RFC 9110 section 11.5",
)


def run(response: Response) -> Iterator[Finding]:
    value = response.combined(FIELD)
    if value is None:
        if response.status == 401:
            yield MISSING.found()
        return
    challenges, rest = parse_challenges(value[:LIMIT])
    is_cut = len(value) > LIMIT
    if rest and not is_cut:
        yield MALFORMED.found(rest, rest=rest)
    if not is_trusted(response):
        yield from _judge_openness(challenges)
    # what a challenge lacks may be in the part of it that was not read
    yield from _judge_schemes(challenges, challenges[:-1] if rest or is_cut else challenges)


def _judge_openness(challenges: tuple[Challenge, ...]) -> Iterator[Finding]:
    spelt = {challenge.scheme: challenge.spelt for challenge in reversed(challenges)}
    if "basic" in spelt:
        yield BASIC_IN_THE_OPEN.found(spelt["basic"])
    elif challenges:
        yield OTHER_IN_THE_OPEN.found(challenges[0].spelt, scheme=challenges[0].scheme)


def _judge_schemes(challenges: tuple[Challenge, ...], whole: tuple[Challenge, ...]) -> Iterator[Finding]:
    for place, challenge in enumerate(challenges[:CHALLENGES_LIMIT]):
        realm = challenge.parameters.get("realm")
        if challenge.scheme in ("basic", "digest"):
            if realm is not None:
                if products := detailed_versions(realm):
                    yield REALM_VERSION.found(challenge.texts["realm"], products=", ".join(products[:3]))
            elif place < len(whole):
                yield REALM_MISSING.found(challenge.spelt, scheme=challenge.scheme.capitalize())
    digests = [challenge for challenge in challenges[:CHALLENGES_LIMIT] if challenge.scheme == "digest"]
    if digests and whole == challenges and all(map(_is_md5, digests)):
        yield DIGEST_MD5.found(digests[0].texts.get("algorithm", digests[0].spelt))
    ntlm = next((challenge for challenge in challenges if challenge.scheme == "ntlm"), None)
    if ntlm is not None:
        yield NTLM.found(ntlm.spelt)


def _is_md5(challenge: Challenge) -> bool:
    """MD5 is what a challenge that names no algorithm means (RFC 7616 section 3.3)."""
    return challenge.parameters.get("algorithm", "MD5").upper().removesuffix("-SESS") == "MD5"


CHECK = Check(
    id="www-authenticate",
    title="WWW-Authenticate",
    why="How a site asks for passwords decides who gets to see them.",
    reference="RFC 9110 section 11.6.1",
    rules=(
        BASIC_IN_THE_OPEN,
        OTHER_IN_THE_OPEN,
        MISSING,
        MALFORMED,
        REALM_MISSING,
        DIGEST_MD5,
        NTLM,
        REALM_VERSION,
    ),
    run=run,
)
