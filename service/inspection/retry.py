"""Whether a response asks to be asked again later (RFC 6585 section 4, RFC 9110 section 15.6.4), and when."""

from time import time
from typing import Final

from workers.model import Gathered
from workers.syntax.head import parse_head

LATER: Final = frozenset({b"429", b"503"})
DEFAULT_PAUSE_S: Final = 1.0  # doubled with each try, where the server names no time


def pause_before_retry(gathered: Gathered, limit_s: float) -> float | None:
    """Seconds to leave the host alone before it is asked once more; None where the answer stands: it is
    another one, or asks for more than `limit_s`."""
    if gathered.failure is not None or not gathered.exchanges:
        return None
    head = gathered.exchanges[-1].head
    if head[9:12] not in LATER:
        return None
    values = [value for name, value in parse_head(head).fields if name.lower() == "retry-after"]
    pause_s = _read_retry_after(values[0]) if values else None
    if pause_s is None:
        pause_s = DEFAULT_PAUSE_S * 2.0 ** (gathered.attempts - 1)
    return pause_s if pause_s <= limit_s else None


def _read_retry_after(value: str) -> float | None:
    """RFC 9110 section 10.2.3: seconds, or a date. None for what is neither."""
    if value.isascii() and value.isdigit():
        return float(value[:10])
    from email.utils import parsedate_to_datetime  # a tenth of a start, and seldom needed

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except (ValueError, OverflowError):
        return None
