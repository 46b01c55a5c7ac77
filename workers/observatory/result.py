"""The one result that the Observatory itself does not have."""

from typing import Final

NOT_TESTED: Final = "not-tested"  # what the test needs was not gathered


def worse(new: str, old: str | None, order: tuple[str, ...]) -> str:
    """`new` where there is no `old`, or where `order`, from best to worst, puts it behind (utils.js).

    Oddity: what the order does not name is better than all that it names.
    """
    if old is None or _place(new, order) > _place(old, order):
        return new
    return old


def _place(result: str, order: tuple[str, ...]) -> int:
    return order.index(result) if result in order else -1
