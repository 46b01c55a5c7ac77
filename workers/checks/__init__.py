"""The checks, one module a header or concern. A new one is a file here and its test; nothing else.

Here itself are only the questions about a response's URL, and about the hops that led to it, that several of
them ask: with few answers each, so that one site's findings can be another's (`Response.ask`).
"""

from msgspec import Struct

from workers.model import Hop
from workers.response import Response
from workers.syntax.cookie_store import default_path
from workers.syntax.hosts import is_local
from workers.syntax.outline import with_outline


def is_trusted(response: Response) -> bool:
    """Whether browsers trust the connection that the response came by, https or not."""
    return response.is_https or response.ask(_is_local)


def directory(response: Response) -> str:
    """The path of cookies that name none (RFC 6265bis section 5.1.4)."""
    return "/" if response.is_root else response.ask(_directory)


def host_beside(response: Response, domain: str) -> str:
    """A host that is to the domain what the response's is: the same, one below it, or ("") neither."""
    return response.ask(_HostBeside(domain))


def was_sent_on_the_way(response: Response, field: str) -> bool:
    """Whether a hop that led to the response had the field, its name in lower case."""
    return not response.is_alone and response.ask(_SentOnTheWay(field))


def response_at(hop: Hop) -> Response:
    """A hop on the way as a response of its own, to be judged by what is true there."""
    return Response(hop.url, hop.judged_status, hop.headers, (hop,), hop.defects)


def _is_local(response: Response) -> bool:
    return is_local(response.host)


def _directory(response: Response) -> str:
    _, _, rest = response.url.partition("://")
    path = rest.partition("?")[0].partition("#")[0]
    return default_path(path[path.find("/") :] if "/" in path else "/")


class _HostBeside(Struct, frozen=True):
    domain: str

    def __call__(self, response: Response) -> str:
        host, domain = response.host, self.domain
        if host == domain:
            return host
        return f"host.{domain}" if host.endswith(f".{domain}") else ""


class _SentOnTheWay(Struct, frozen=True):
    field: str

    def __call__(self, response: Response) -> bool:
        return any(self.field in with_outline(hop.headers).outline.names for hop in response.earlier)
