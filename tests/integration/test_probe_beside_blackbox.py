"""`/probe` and Debian's blackbox_exporter, asked for the same targets with the same file of modules.

What differs is listed here with its reason, and must differ: a reason that holds no more has to go.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.probe.families import PHASES
from tests.integration.authority import Authority
from tests.integration.ports import free_port
from tests.integration.probe_targets import Probe, serve_targets, write_modules
from tests.service.api.daemons import run_daemon

BLACKBOX = shutil.which("prometheus-blackbox-exporter")
START_LIMIT_S = 15.0
LIMIT_S = 6.0  # the modules' timeout is 5 s or less where anything is waited for
AT_ONCE = 8
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

Key = tuple[str, tuple[tuple[str, str], ...]]
Samples = dict[Key, float]

# What a clock says is there in both, and plausible.
TIMES = {"probe_duration_seconds", "probe_dns_lookup_time_seconds", "probe_http_duration_seconds"}

OURS_ALONE = {
    "probe_header_grade_score": "headers are judged here",
    "probe_header_findings": "headers are judged here",
    "probe_failure_info": "why a probe failed is a metric here",
    "probe_timeout_seconds": "later blackbox_exporters have it, Debian's is 0.23",
    "probe_tls_cipher_info": "blackbox_exporter has it since 0.26, Debian's is 0.23",
}
LABELS_OURS_ALONE = {
    "serialnumber": "a label of probe_ssl_last_chain_info in blackbox_exporter since 0.26, Debian's is 0.23"
}
CERTIFICATE = {"probe_ssl_earliest_cert_expiry", "probe_tls_version_info", "probe_ssl_last_chain_info"}
UNTRUSTED = (
    "the certificate is told of where it does not verify, too: an alarm about its end must not fall silent"
)
ANSWER = {
    *("probe_success", "probe_http_status_code", "probe_http_version", "probe_http_content_length"),
    *("probe_http_uncompressed_body_length", "probe_ip_protocol", "probe_ip_addr_hash"),
    "probe_http_duration_seconds",
}
HEAD = {"probe_http_status_code", "probe_http_version"}
NO_LENGTH = "both fail; the head, which came whole, is told here"
DIFFERENCES: dict[str, tuple[set[str], str]] = {
    "capital": (ANSWER, "0.23 knows a scheme in small letters alone; later ones read it as we do"),
    "tls-expired": (CERTIFICATE, UNTRUSTED),
    "tls-other-name": (CERTIFICATE, UNTRUSTED),
    "tls-self-signed": (CERTIFICATE, UNTRUSTED),
    "to-expired": (CERTIFICATE, UNTRUSTED),
    "tls-skipped": (
        {"probe_ssl_last_chain_expiry_timestamp_seconds"},
        "without verification there is no chain: absent here, the year 1 there",
    ),
    "two-lengths": (HEAD | {"probe_http_content_length"}, NO_LENGTH),
    "no-length": (HEAD | {"probe_http_content_length"}, NO_LENGTH),
    "no-colon": (HEAD | {"probe_success"}, "a line that is no field is read over, as browsers do"),
    "long-line": (HEAD | {"probe_success"}, "a line has at most 64 KiB here, a whole head 1 MiB there"),
    "many-lines": (HEAD | {"probe_success"}, "a head has at most 1,000 lines here, and no such bound there"),
}


@pytest.mark.skipif(BLACKBOX is None, reason="needs Debian's prometheus-blackbox-exporter")
async def test_what_both_tell_is_the_same(authority: Authority, tmp_path: Path) -> None:
    modules = write_modules(tmp_path, authority.file)
    async with (
        serve_targets(authority) as probes,
        run_blackbox(modules) as theirs,
        run_daemon(modules=str(modules), checks="all", allow_net=("127.0.0.0/8", "::1/128")) as daemon,
        aiohttp.ClientSession() as client,
    ):
        assert f"the same {len(probes)} targets" in README
        ours = f"http://{daemon.host}:{daemon.port}"
        turns = asyncio.Semaphore(AT_ONCE)

        async def ask_both(probe: Probe) -> tuple[Samples, Samples]:
            async with turns:
                return await ask(client, ours, probe), await ask(client, theirs, probe)

        answers = await asyncio.gather(*map(ask_both, probes))
    found = {probe.name: compare(*samples) for probe, samples in zip(probes, answers, strict=True)}
    assert {name: keys for name, keys in found.items() if keys} == {
        name: names for name, (names, _) in DIFFERENCES.items()
    }
    told = {key[0] for ours_alone, _ in answers for key in ours_alone}
    assert set(OURS_ALONE) <= told
    assert {key[1] for samples, _ in answers for key in samples if key[0] in TIMES} == {
        (),
        *((("phase", phase),) for phase in PHASES),
    }


def compare(ours: Samples, theirs: Samples) -> set[str]:
    """The names of what is not the same, and should be."""
    ours = {_without_newer_labels(key): value for key, value in ours.items() if key[0] not in OURS_ALONE}
    different = {key[0] for key in ours.keys() ^ theirs.keys()}
    for key in ours.keys() & theirs.keys():
        if key[0] in TIMES:
            assert 0 <= ours[key] <= LIMIT_S
            assert 0 <= theirs[key] <= LIMIT_S
        elif ours[key] != theirs[key]:
            different.add(key[0])
    return different


def _without_newer_labels(key: Key) -> Key:
    return key[0], tuple(label for label in key[1] if label[0] not in LABELS_OURS_ALONE)


async def ask(client: aiohttp.ClientSession, url: str, probe: Probe) -> Samples:
    query = {"target": probe.target, "module": probe.module}
    if probe.hostname:
        query["hostname"] = probe.hostname
    async with client.get(f"{url}/probe", params=query) as response:
        text = await response.text()
        assert response.status == 200, text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@asynccontextmanager
async def run_blackbox(modules: Path) -> AsyncIterator[str]:
    """Debian's blackbox_exporter with a file of modules; gives its URL."""
    assert BLACKBOX is not None
    address = f"127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        BLACKBOX,
        f"--config.file={modules}",
        f"--web.listen-address={address}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(START_LIMIT_S):
            line = b""
            while b"Listening on" not in line:
                line = await process.stderr.readline()
                assert line, "blackbox_exporter has ended"
        draining = asyncio.create_task(process.stderr.read(), name="drain blackbox's log")
        yield f"http://{address}"
    finally:
        process.terminate()
        await process.wait()
    await draining
