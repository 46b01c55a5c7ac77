"""What name servers said of a name, as it is kept and joined."""

from itertools import chain, zip_longest
from time import monotonic
from typing import Final, Literal

from msgspec import Struct

from service.errors import Code

Addresses = tuple[str, ...]
Kind = Literal["A", "AAAA"]

NEGATIVE_TTL_S: Final = 30.0  # pycares does not pass on the SOA that RFC 2308 would take this from
FAILURE_TTL_S: Final = 1.0  # RFC 9520 section 3.2's least: it may be our own trouble, and pass
_TROUBLE: Final = (Code.DNS_FAILED, Code.DNS_TIMEOUT, Code.INTERNAL)  # what says least of the name last


class Answer(Struct, frozen=True, gc=False):
    """What is known of a name until `until_s` (monotonic): addresses, or the failure to raise."""

    until_s: float
    addresses: Addresses
    failure: tuple[Code, str] | None = None
    is_nowhere: bool = False  # no record of any type is there, nor below: RFC 8020


def absence(name: str, *, is_nowhere: bool = False) -> Answer:
    """Name servers say that there is no such address, or with `is_nowhere` no such name."""
    failure = (Code.DNS_NOT_FOUND, f"there is no address of {name}")
    return Answer(monotonic() + NEGATIVE_TTL_S, (), failure, is_nowhere)


def shortage(name: str, reason: str) -> Answer:
    """This machine had no room to ask: nothing is known of the name, and nothing kept."""
    return Answer(monotonic(), (), (Code.INTERNAL, f"{name} could not be asked for: {reason}"))


def join(answers: list[Answer]) -> Answer:
    """One answer of both families'. A failure counts only where no family has an address, and "there is
    no such name" only where every family says so."""
    if len(answers) == 1:
        return answers[0]
    found = [answer for answer in answers if answer.addresses]
    if len(found) == 1:
        return found[0]
    if found:
        in_turn = chain.from_iterable(zip_longest(*(answer.addresses for answer in found)))
        return Answer(min(answer.until_s for answer in found), tuple(a for a in in_turn if a is not None))
    return max(answers, key=_trouble)


def _trouble(answer: Answer) -> int:
    code = None if answer.failure is None else answer.failure[0]
    return _TROUBLE.index(code) + 1 if code in _TROUBLE else 0
