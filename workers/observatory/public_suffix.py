"""The registrable domain of a host, by the Public Suffix List, as the library `tldts` answers it.

The lists are read when first needed: 25 to 35 ms each, and most sites need neither.
"""

from functools import cache
from typing import Final

from publicsuffixlist import PublicSuffixList

_LABEL_LIMIT: Final = 63
_HOST_LIMIT: Final = 255


def registrable_domain(host: str, *, private: bool) -> str | None:
    """The part of `host` that somebody registered; None for an address, a public suffix, or no host name.

    With `private`, suffixes that companies let others use (github.io) are public suffixes too.
    """
    if not _is_host_name(host) or _is_ipv4(host):
        return None
    if host in _wildcard_roots(private):
        parent = host.partition(".")[2]
        return registrable_domain(parent, private=private) or host
    domain: str | None = _suffixes(private).privatesuffix(host)
    return domain


def is_public_suffix(domain: str) -> bool:
    """Whether browsers take a host's name for one under which anybody registers; so they take an address."""
    return domain in _wildcard_roots(private=True) or registrable_domain(domain, private=True) is None


@cache
def _suffixes(private: bool) -> PublicSuffixList:
    return PublicSuffixList(only_icann=not private)


@cache
def _wildcard_roots(private: bool) -> frozenset[str]:
    """The names that stand in the list with `*.` before them only.

    By the words of the list's algorithm they are no suffixes, nor were they to `tldts` before 7.5. To
    browsers they are, as to `publicsuffixlist`.
    """
    rules = _suffixes(private)._publicsuffix  # it has no other way to ask for them
    names = {rule[2:] for rule in rules if rule.startswith("*.")} - rules
    return frozenset([name for name in names if "." in name and f"*.{name.partition('.')[2]}" not in rules])


def _is_host_name(host: str) -> bool:
    if not 0 < len(host) <= _HOST_LIMIT:
        return False
    return all(map(_is_label, host.split(".")))


def _is_label(label: str) -> bool:
    if not 0 < len(label) <= _LABEL_LIMIT or label[0] == "-" or label[-1] == "-":
        return False
    return all(character.isalnum() or character in "-_" or character > "\x7f" for character in label)


def _is_ipv4(host: str) -> bool:
    return host.count(".") == 3 and host.replace(".", "").isdigit()
