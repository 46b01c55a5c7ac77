"""Slots, and who is served first."""

import asyncio

from service.inspection.lanes import PATIENT_EVERY, Lanes
from service.inspection.slots import Slots


async def test_those_who_are_waited_for_come_before_patient_ones_but_not_for_ever() -> None:
    slots, served = Slots(1), list[str]()

    async def use(name: str) -> None:
        await slots.wait(patient=name.startswith("patient"))
        served.append(name)
        slots.give()

    assert slots.take()
    tasks = [asyncio.create_task(use(f"patient {n}")) for n in range(2)]
    tasks += [asyncio.create_task(use(f"prompt {n}")) for n in range(PATIENT_EVERY)]
    await asyncio.sleep(0)
    assert not slots.take()
    slots.give()
    await asyncio.gather(*tasks)
    prompt = [f"prompt {n}" for n in range(PATIENT_EVERY)]
    assert served == [*prompt[:-1], "patient 0", prompt[-1], "patient 1"]
    assert slots.taken == 0


async def test_a_slot_given_to_who_has_gone_goes_on_to_the_next() -> None:
    slots = Slots(1)
    assert slots.take()
    gone, waiting = (asyncio.create_task(slots.wait(patient=patient)) for patient in (False, True))
    await asyncio.sleep(0)
    slots.give()
    gone.cancel()
    await waiting
    assert gone.cancelled() or gone.done()
    assert slots.taken == 1


def test_lanes_keep_the_order_of_each() -> None:
    lanes: Lanes[int] = Lanes()
    for n in range(4):
        lanes.of(patient=n % 2 == 1).append(n)
    assert len(lanes) == 4
    assert [lanes.next().popleft() for _ in range(4)] == [0, 2, 1, 3]
    assert not lanes.next()
