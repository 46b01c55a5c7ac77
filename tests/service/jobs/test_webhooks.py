"""Webhooks, with a real daemon and real receivers."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from service.jobs import webhooks
from service.jobs.fault import Fault
from service.jobs.sqlite import SqliteStore
from service.jobs.store import StoreFailed
from tests.service.api.daemons import Daemon, run_daemon
from tests.service.api.test_jobs import show, submit
from tests.service.inspection.certificates import make_authority
from tests.service.inspection.servers import serve

KEY = b"k" * 32
SECRET = "whsec_" + base64.b64encode(KEY).decode()
DEADLINE_S = 30


@dataclass(slots=True)
class Receiver:
    """Answers with the statuses, one after the other, the last for ever after."""

    statuses: list[str]
    url: str = ""
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def answer(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, *lines = head.decode("latin-1").strip().split("\r\n")
        fields = {name.lower(): value for name, _, value in (text.partition(": ") for text in lines)}
        body = await reader.readexactly(int(fields["content-length"]))
        self.received.append((line, fields, body))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        writer.write(f"HTTP/1.1 {status}\r\nLocation: {self.url}/elsewhere\r\n\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def receive(*statuses: str) -> AsyncIterator[Receiver]:
    receiver = Receiver(list(statuses))
    async with serve(receiver.answer) as port:
        receiver.url = f"http://127.0.0.1:{port}"
        yield receiver


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "RETRIES_S", (0.02, 0.02, 0.02))


async def settle(daemon: Daemon, id_: str, *, attempts: int = 0) -> dict[str, Any]:
    """A job's webhook, once no more will be tried, or there have been so many attempts."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            webhook: dict[str, Any] = (await show(daemon, id_))["webhook"]
            if webhook["outcome"] != "waiting" or 0 < attempts <= webhook["attempts"]:
                return webhook
            await asyncio.sleep(0.02)


async def test_the_end_of_a_job_is_told_once_and_signed(tmp_path: Path) -> None:
    async with (
        receive("204 No Content") as receiver,
        run_daemon(data=tmp_path, webhook_secret=SECRET, header=["Authorization: ours"]) as daemon,
    ):
        job = await submit(daemon, ["no url", "nor this"], webhook=f"{receiver.url}/hook?a=b")
        assert job["webhook"] == {
            "origin": receiver.url,
            "outcome": "waiting",
            "attempts": 0,
            "status": None,
            "error": None,
            "next_attempt_at": None,
        }
        webhook = await settle(daemon, job["id"])
        assert (webhook["outcome"], webhook["attempts"], webhook["status"]) == ("delivered", 1, 204)
        ended = await show(daemon, job["id"])
        async with daemon.client.get("/metrics") as answer:
            assert 'masthead_webhooks_total{outcome="delivered"} 1.0' in (await answer.text()).splitlines()
    ((line, fields, body),) = receiver.received
    assert line == "POST /hook?a=b HTTP/1.1"
    assert fields["content-type"] == "application/json"
    assert fields["webhook-id"] == job["id"]
    assert abs(int(fields["webhook-timestamp"]) - time.time()) < DEADLINE_S
    signed = f"{job['id']}.{fields['webhook-timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
    assert fields["webhook-signature"] == f"v1,{signature}"
    assert "authorization" not in fields
    payload = json.loads(body)
    assert (payload["type"], payload["timestamp"]) == ("job.done", ended["finished_at"])
    assert payload["data"] == ended | {"webhook": payload["data"]["webhook"]}
    assert (payload["data"]["state"], payload["data"]["done"]) == ("done", 2)


async def test_a_store_that_fails_has_it_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle_webhook, failing = SqliteStore.settle_webhook, [StoreFailed(Fault("disk_full", "no room"))]

    async def fail_once(*of: Any) -> None:
        if failing:
            raise failing.pop()
        await settle_webhook(*of)

    monkeypatch.setattr(SqliteStore, "settle_webhook", fail_once)
    monkeypatch.setattr(webhooks, "STORE_RETRY_S", 0.02)
    async with (
        receive("204 No Content") as receiver,
        run_daemon(data=tmp_path, webhook_secret=SECRET) as daemon,
    ):
        job = await submit(daemon, ["no url"], webhook=receiver.url)
        assert (await settle(daemon, job["id"]))["outcome"] == "delivered"
    assert [fields["webhook-id"] for _, fields, _ in receiver.received] == [job["id"]] * 2


async def test_a_receiver_that_fails_is_tried_again_with_the_same_id(tmp_path: Path) -> None:
    async with (
        receive("500 No", "302 Found", "200 OK") as receiver,
        run_daemon(data=tmp_path, webhook_secret=SECRET) as daemon,
    ):
        job = await submit(daemon, ["no url"], webhook=receiver.url)
        webhook = await settle(daemon, job["id"])
    assert (webhook["outcome"], webhook["attempts"], webhook["status"]) == ("delivered", 3, 200)
    assert [line for line, _, _ in receiver.received] == ["POST / HTTP/1.1"] * 3  # no redirect is followed
    assert {fields["webhook-id"] for _, fields, _ in receiver.received} == {job["id"]}


@pytest.mark.parametrize(("status", "attempts"), [("500 No", 4), ("410 Gone", 1)])
async def test_a_receiver_is_given_up(tmp_path: Path, status: str, attempts: int) -> None:
    async with receive(status) as receiver, run_daemon(data=tmp_path, webhook_secret=SECRET) as daemon:
        job = await submit(daemon, ["no url"], webhook=receiver.url)
        webhook = await settle(daemon, job["id"])
        assert (webhook["outcome"], webhook["attempts"]) == ("failed", attempts)
        assert webhook["status"] == int(status[:3])
        assert webhook["next_attempt_at"] is None
    assert len(receiver.received) == attempts


async def test_a_cancelled_job_s_end_is_told_too(tmp_path: Path) -> None:
    async with receive("200 OK") as receiver, run_daemon(data=tmp_path, webhook_secret=SECRET) as daemon:
        job = await submit(daemon, ["http://127.0.0.1:9/"] * 300, webhook=receiver.url)
        async with daemon.client.post(f"/v1/jobs/{job['id']}/cancel") as answer:
            state = (await answer.json())["state"]
        await settle(daemon, job["id"])
    assert json.loads(receiver.received[0][2])["type"] == f"job.{state}"


async def test_the_guard_judges_the_receiver_s_address(tmp_path: Path) -> None:
    async with (
        receive("200 OK") as receiver,
        run_daemon(data=tmp_path, webhook_secret=SECRET, allow_net=()) as daemon,
    ):
        job = await submit(daemon, ["no url"], webhook=receiver.url)
        webhook = await settle(daemon, job["id"])
    assert (webhook["outcome"], webhook["error"], webhook["attempts"]) == ("failed", "blocked_address", 1)
    assert receiver.received == []


async def test_a_receiver_s_certificate_is_verified_whatever_is_inspected(tmp_path: Path) -> None:
    (tmp_path / "stranger").mkdir()
    authority, stranger = make_authority(tmp_path), make_authority(tmp_path / "stranger")
    receiver = Receiver(["200 OK"])
    async with (
        serve(receiver.answer, tls=authority.server_context("127.0.0.1")) as port,
        serve(receiver.answer, tls=stranger.server_context("127.0.0.1")) as strange_port,
        run_daemon(
            data=tmp_path / "data", webhook_secret=SECRET, ca_file=authority.ca_file, insecure=True
        ) as daemon,
    ):
        known = await submit(daemon, ["no url"], webhook=f"https://127.0.0.1:{port}")
        strange = await submit(daemon, ["no url"], webhook=f"https://127.0.0.1:{strange_port}")
        assert (await settle(daemon, known["id"]))["outcome"] == "delivered"
        assert (await settle(daemon, strange["id"]))["error"] == "tls_certificate"
    assert len(receiver.received) == 1


async def test_what_is_to_be_sent_is_sent_by_the_next_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receive("500 No", "200 OK") as receiver:
        with monkeypatch.context() as patience:
            patience.setattr(webhooks, "RETRIES_S", (1.0,) * 3)
            async with run_daemon(data=tmp_path, webhook_secret=SECRET) as daemon:
                job = await submit(daemon, ["no url"], webhook=receiver.url)
                webhook = await settle(daemon, job["id"], attempts=1)
                assert (webhook["outcome"], webhook["status"]) == ("waiting", 500)
                assert webhook["next_attempt_at"] is not None
        async with run_daemon(data=tmp_path, webhook_secret=SECRET) as daemon:
            webhook = await settle(daemon, job["id"])
    assert (webhook["outcome"], webhook["attempts"]) == ("delivered", 2)


@pytest.mark.parametrize(
    "url",
    [
        *("hooks.example.com", "ftp://a.example/", "https://", "https://u:p@a.example/", 1, "https://a b/"),
        *("https://a.example/\thook", "https://a.example/\nhttps://b.example/", "https:/\r/u:p@a.example/"),
    ],
)
async def test_a_webhook_is_an_http_url(tmp_path: Path, url: object) -> None:
    body = {"urls": ["no url"], "options": {"webhook": url}}
    async with (
        run_daemon(data=tmp_path, webhook_secret=SECRET) as daemon,
        daemon.client.post("/v1/jobs", json=body) as answer,
    ):
        assert answer.status == 422
        assert (await answer.json())["errors"][0]["pointer"] == "/options/webhook"


async def test_without_a_secret_there_are_no_webhooks(tmp_path: Path) -> None:
    body = {"urls": ["no url"], "options": {"webhook": "https://hooks.example.com/"}}
    async with run_daemon(data=tmp_path) as daemon, daemon.client.post("/v1/jobs", json=body) as answer:
        assert answer.status == 422
        assert "--webhook-secret" in (await answer.json())["errors"][0]["detail"]


async def test_a_deleted_job_s_webhook_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "RETRIES_S", (0.2,))
    async with receive("500 No") as receiver, run_daemon(data=tmp_path, webhook_secret=SECRET) as daemon:
        job = await submit(daemon, ["no url"], webhook=receiver.url)
        await settle(daemon, job["id"], attempts=1)
        async with daemon.client.delete(f"/v1/jobs/{job['id']}") as answer:
            assert answer.status == 204
        other = await submit(daemon, ["no url"], webhook=receiver.url)
        await settle(daemon, other["id"])
    assert [fields["webhook-id"] for _, fields, _ in receiver.received] == [job["id"], *[other["id"]] * 2]
