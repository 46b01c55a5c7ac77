"""`masthead health`: whether the daemon of the same settings is ready, for what watches a container.

It is started every few seconds for as long as the daemon lives, so it loads little: no event loop, no client.
"""

import json
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from typing import Any, Final

import click

from service.commands.command import SettingsCommand, complain, say
from service.configuration import Loaded
from service.errors import UsageError
from service.places import split_listen

PATH: Final = "/readyz"
TIMEOUT_S: Final = 3.0  # to connect, and for each part of the answer: a loop that is held longer is not ready
ANSWER_BYTES: Final = 65_536  # a hundred times what the daemon says of itself
NOT_READY: Final = 1


@click.command(cls=SettingsCommand, settings=("listen",))
def command(loaded: Loaded) -> int:
    """Ask the daemon of the same settings whether it takes work: exit status 0 where it does, 1 where it does
    not, with the reason on stderr.

    Made for a container's HEALTHCHECK: where the daemon has its address from the environment or from a file,
    this has the same. It needs no token.
    """
    host, port = split_listen(loaded.settings.listen)
    if port == 0:
        raise UsageError("listen: expected the port that the daemon has, got 0, which is any free one")
    fault = _ask(_reach(host), port)
    if fault is None:
        say("ready")
        return 0
    complain(f"not ready: {fault}")
    return NOT_READY


def _reach(host: str) -> str:
    """A host to connect to, where one is listened on: `0.0.0.0` and `::` are every address of this host."""
    if not host:
        return "localhost"
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return "127.0.0.1" if address.version == 4 else "::1"


def _ask(host: str, port: int) -> str | None:
    """What is amiss, in words; None where nothing is."""
    place = f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}"
    connection = HTTPConnection(host, port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", PATH, headers={"Connection": "close"})
        response = connection.getresponse()
        body = response.read(ANSWER_BYTES)
    except (OSError, HTTPException, UnicodeError) as error:  # a name that IDNA cannot encode is no OSError
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return f"{place} does not answer: {reason}"
    finally:
        connection.close()
    try:
        return _read(json.loads(body))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return f"{place}: status {response.status}: this is not what a masthead daemon answers"


def _read(answer: Any) -> str | None:
    if answer["status"] == "ready":
        return None
    return ", ".join(_tell(name, part) for name, part in answer["parts"].items() if not part["ready"])


def _tell(name: str, part: dict[str, Any]) -> str:
    details = ", ".join(f"{key}: {value}" for key, value in part.items() if key != "ready")
    return f"{name} ({details})" if details else name
