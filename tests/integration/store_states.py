"""What holds of a daemon before, while and after its store does not work."""

import asyncio

from tests.integration.gated import Gate
from tests.integration.real_daemon import RealDaemon

FREE, HELD = 20, 400  # more records than the log of writes has room for that was made already
QUICK = ("--checks", "none")  # to start, where it is not the records' size that matters


async def begin(daemon: RealDaemon, gate: Gate, held: int = HELD, query: str = "") -> tuple[str, list[str]]:
    """A job, some of which is done, while the rest waits for the gate."""
    urls = [url + query for url in gate.urls(FREE, held)]
    job = await daemon.submit(urls)
    await gate.asked.wait()
    async with asyncio.timeout(60):
        while (await daemon.get(f"/v1/jobs/{job}"))["done"] < FREE:
            await asyncio.sleep(0.02)
    return job, urls


async def check_state(daemon: RealDaemon, fault: str, job: str) -> None:
    """What holds while the store does not work, but can be read."""
    await check_refusal(daemon, fault)
    assert (await daemon.get(f"/v1/jobs/{job}"))["state"] == "running"
    assert len(await daemon.records(job)) >= FREE


async def check_refusal(daemon: RealDaemon, fault: str) -> None:
    parts = await daemon.until_fault("store", fault)
    assert parts["store"]["detail"]
    status, problem = await daemon.try_to_submit(["http://a.test/"])
    assert (status, problem["type"]) == (503, "urn:problem-type:masthead:store-failed")
    assert f"store: {fault}: " in problem["detail"]


async def check_end(daemon: RealDaemon, job: str, urls: list[str]) -> None:
    """What holds once the cause is gone, without a restart."""
    await daemon.until_fault("store", None)
    await daemon.finish(job)
    await daemon.check(job, urls)
    await daemon.submit(["no url"])
