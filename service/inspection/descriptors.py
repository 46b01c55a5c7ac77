"""File descriptors: each URL in flight needs one, and the system's limit is ours to respect."""

import resource
from typing import Final

from service.inspection.connect import ATTEMPTS_LIMIT

RESERVED: Final = 64  # the loop, the pool's pipes, DNS sockets, files, the daemon's own connections


def tell_shortage(concurrency: int, wanted: int) -> str | None:
    """What to tell where descriptors allow less than was wanted; None where they do not."""
    if concurrency >= wanted:
        return None
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return f"{concurrency:,} URLs at once, not {wanted:,}: this process may open {limit:,} files (ulimit -Hn)"


def raise_descriptor_limit(concurrency: int) -> int:
    """Raise the soft limit, as far as the hard one allows, to what hosts need whose addresses are all dead:
    a race then holds a socket to each.

    Returns how many URLs may be in flight under the limit then in force, at least one.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = concurrency * ATTEMPTS_LIMIT + RESERVED
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return concurrency
    return max(1, soft - RESERVED)
