"""The system's hosts file: names that need no name server."""

import ipaddress
from pathlib import Path
from typing import Final

from service.inspection.answer import Addresses

HOSTS_FILE: Final = Path("/etc/hosts")


def read_hosts(path: Path = HOSTS_FILE) -> dict[str, Addresses]:
    """The hosts file's names, lower case; lines that are none are passed over, as resolvers do."""
    hosts: dict[str, Addresses] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return hosts
    for line in lines:
        address, *names = line.split("#", 1)[0].split() or [""]
        try:
            ipaddress.ip_address(address)
        except ValueError:
            continue
        for name in names:
            key = name.lower()
            hosts[key] = (*hosts.get(key, ()), address)
    return hosts
