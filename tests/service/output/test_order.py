"""Records in the order of the input."""

from hypothesis import given
from hypothesis import strategies as st

from service.output.order import InOrder
from tests.service.output.verdicts import reached, verdict
from workers.model import Verdict


@given(st.permutations(range(1, 9)))
async def test_any_order_becomes_the_inputs(order: list[int]) -> None:
    delivered: list[int] = []

    async def deliver(verdict: Verdict) -> None:
        delivered.append(verdict.seq)

    in_order = InOrder(deliver)
    for seq in order:
        await in_order(verdict(reached(seq)))
    assert delivered == sorted(order)
