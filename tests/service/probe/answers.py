"""What a probe has found, made by hand."""

from service.probe.module import HttpProbe, Module
from service.probe.probed import Answer, Probed, find_answer
from service.probe.tls import Shown
from service.probe.witness import Lookup
from workers.counted import write_counted
from workers.model import Content, Exchange, Failure, Gathered, Severity, Timing, Tls, Verdict

OK = b"HTTP/1.1 200 OK\r\n\r\n"
TLS = Tls("TLSv1.3", "TLS_AES_128_GCM_SHA256", None, True, "CN=a", "CN=b", "", (), "")


def exchange(head: bytes = OK, *, tls: Tls | None = None, content: Content | None = None) -> Exchange:
    timing = Timing(1.0, 2.0, None if tls is None else 3.0, 4.0)
    return Exchange("http://a.test/", "GET", "192.0.2.1:80", head, tls, timing, None, content)


def gathered(
    *exchanges: Exchange, failure: Failure | None = None, url: str | None = "http://a.test/"
) -> Gathered:
    return Gathered(1, "a.test", url, exchanges, failure, 0.0, 10.0)


def answer(head: bytes = OK, *, tls: Tls | None = None) -> Answer:
    found = find_answer(gathered(exchange(head, tls=tls)))
    assert found is not None
    return found


def verdict(
    grade: str | None = "B", findings: tuple[tuple[str, Severity], ...] = (), score: int = 75
) -> Verdict:
    line = b'{"report": {"gradable": true, "observatory": {"score": %d}}}' % score
    return Verdict(1, line, None, 200, grade, write_counted(findings), 10.0, 0.4)


def probed(
    found: Gathered,
    *,
    judged: Verdict | None = None,
    lookups: tuple[Lookup, ...] = (Lookup("a.test", ("192.0.2.1",), ("192.0.2.1",), 0.001),),
    shown: tuple[Shown, ...] = (),
) -> Probed:
    return Probed(
        target="a.test",
        name="http_2xx",
        module=Module(prober="http", http=HttpProbe()),
        timeout_s=5.0,
        duration_s=0.01,
        gathered=found,
        verdict=judged or verdict(),
        seen=(*lookups, *shown),
        failures=() if found.failure is None else (found.failure,),
        unmet=(),
    )
