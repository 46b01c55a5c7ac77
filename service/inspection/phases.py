"""The phases of a connection on the clock: when each began, and when the present one has to end."""

from time import monotonic

from service.inspection.deadline import Bucket, Deadline, Deadlines, Limit, Timeouts
from service.inspection.suspension import Suspension
from workers.model import Stage


class Phases(Suspension):
    """Connect, then TLS where there is any, then exchange: what a wait for a connection is limited by.

    Moments (`…_at_s`) are on the monotonic clock, 0 where they have not come. Whoever waits is armed with
    the present phase's limit; a later phase only brings that forward, and `expire` looks which one it is.
    `peer` is what failures name.
    """

    __slots__ = (
        *("began_at_s", "connected_at_s", "peer", "ready_at_s", "stage"),
        *("_armed_at_s", "_bucket", "_deadline", "_deadlines", "_timeouts"),
    )
    _bucket: Bucket  # of `_armed_at_s`

    def __init__(self, deadlines: Deadlines, peer: str, deadline: Deadline, timeouts: Timeouts) -> None:
        Suspension.__init__(self, deadlines.loop)  # `super` makes an object first
        self._deadlines, self._deadline, self._timeouts = deadlines, deadline, timeouts
        self.peer = peer
        self._armed_at_s = self.connected_at_s = self.ready_at_s = 0.0
        self.stage: Stage = "connect"
        self.began_at_s = monotonic()

    def renew(self, deadline: Deadline, timeouts: Timeouts) -> None:
        """Before the next request on a connection that stands."""
        self._deadline, self._timeouts = deadline, timeouts
        self.ready_at_s = monotonic()

    def expire(self) -> None:
        """A limit has passed: the present phase's, or that of an earlier one that was met."""
        limit = self._limit()
        if limit.at_s <= monotonic():
            self._fail(limit.expired(self.peer))
            self.resume()
        else:
            self._arm(limit.at_s)

    def _fail(self, error: Exception) -> None:
        """What is waited for ends with it."""
        raise NotImplementedError

    def _begin_waiting(self) -> None:
        if self.stage == "connect":  # as most do: `_limit`, at less cost
            at_s = self.began_at_s + self._timeouts.connect_s
            self._armed_at_s = at_s = at_s if at_s < self._deadline.at_s else self._deadline.at_s
        else:
            self._armed_at_s = at_s = self._limit().at_s
        self._bucket = self._deadlines.add(self, at_s)

    def _begin_phase(self, stage: Stage, now_s: float, timeout_s: float) -> None:
        self.stage = stage
        at_s = now_s + timeout_s
        if at_s < self._armed_at_s:
            self._arm(at_s)

    def _arm(self, at_s: float) -> None:
        self._bucket.discard(self)
        self._armed_at_s = at_s
        self._bucket = self._deadlines.add(self, at_s)

    def _limit(self) -> Limit:
        began_at_s = self.ready_at_s or self.connected_at_s or self.began_at_s
        return self._deadline.phase(self.stage, began_at_s, self._timeouts)
