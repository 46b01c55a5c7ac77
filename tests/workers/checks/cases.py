"""The frame of a check's tests: a case is some fields and what is found in them, before and after a fix."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from workers.check import Check
from workers.model import Finding, Hop, Meta, Timing, Tls
from workers.response import Access, Https, Response
from workers.syntax.head import Field

PAGE: Field = ("Content-Type", "text/html; charset=utf-8")
REMOVAL = re.compile(r"Remove the field ([!-9;-~]+)")
FIX_LINE = re.compile(r"([A-Za-z-]+): (.+)", re.DOTALL)


@dataclass(frozen=True)
class Case:
    """A response, by what is particular about it, and the ids of all that the check has to find, in order.

    `via` are the URLs that redirected to it, `way` those that did so behind them, with their fields. `at_s`
    is when it was fetched, in seconds since the epoch.
    `meta` is what its page says of itself, `https` what the site has at https://, and `preflight` whom a CORS
    preflight was told may read. `address` is what the response came from, with a port where Masthead asked.
    `tells_encoding` is of the page.
    """

    name: str
    fields: tuple[Field, ...]
    finds: tuple[str, ...] = ()
    url: str = "https://example.com/"
    status: int = 200
    via: tuple[str, ...] = ()
    way: tuple[tuple[str, tuple[Field, ...]], ...] = ()
    defects: tuple[str, ...] = ()
    http_version: str = "1.1"
    tls: Tls | None = None
    at_s: float | None = None
    meta: Meta | None = None
    https: Https | None = None
    preflight: Access | None = None
    address: str = "192.0.2.1"
    tells_encoding: bool | None = None

    @property
    def names(self) -> set[str]:
        """Of all that it says, in lower case: a policy of its page is one."""
        in_page = {"content-security-policy"} if self.meta and self.meta.content_security_policy else set()
        allowed = {"access-control-allow-origin"} if self.preflight else set()
        on_the_way = {name.lower() for _, fields in self.way for name, _ in fields} & {"set-cookie"}
        return {name.lower() for name, _ in self.fields} | in_page | allowed | on_the_way

    def __str__(self) -> str:
        return self.name


def response_of(case: Case) -> Response:
    way = (*((url, ()) for url in case.via), *case.way)
    redirects = (_hop(url, 302, (("Location", "/"), *fields)) for url, fields in way)
    final = Hop(
        case.url, "GET", case.status, "", case.http_version, case.address, case.fields, case.defects,
        case.tls, Timing(),
    )  # fmt: skip
    return Response(
        url=case.url,
        status=case.status,
        fields=case.fields,
        tls=case.tls,
        hops=(*redirects, final),
        defects=case.defects,
        at_s=case.at_s,
        meta=case.meta,
        https=case.https,
        preflight=case.preflight,
        tells_encoding=case.tells_encoding,
    )


def _hop(url: str, status: int, fields: tuple[Field, ...]) -> Hop:
    return Hop(url, "GET", status, "", "1.1", "192.0.2.1", fields, (), None, Timing())


def findings(check: Check, case: Case) -> list[Finding]:
    return list(check.run(response_of(case)))


def found_ids(check: Check, case: Case) -> tuple[str, ...]:
    return tuple(finding.id for finding in findings(check, case))


def fixed(case: Case, finding: Finding) -> Case | None:
    """The case with the finding's fix line in place of the field, or without the field that the fix removes;
    None where the fix is prose."""
    if removal := REMOVAL.fullmatch(finding.fix or ""):
        left = tuple(field for field in case.fields if field[0].lower() != removal[1].lower())
        return replace(case, fields=left)
    match = FIX_LINE.fullmatch(finding.fix or "")
    if match is None:
        return None
    return replace(case, fields=tuple(_replaced(case.fields, match[1], match[2])))


def _replaced(fields: tuple[Field, ...], name: str, value: str) -> Iterator[Field]:
    """Set-Cookie lines stand for themselves: only the one that sets the same cookie gives way."""
    is_cookie = name == "Set-Cookie"
    for field in fields:
        same_field = field[0].lower() == name.lower()
        if not same_field or (is_cookie and _cookie_name(field[1]) != _cookie_name(value)):
            yield field
    yield name, value


def _cookie_name(value: str) -> str:
    return value.partition("=")[0].strip()
