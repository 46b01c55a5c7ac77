"""What metrics are told apart by: the closed sets that labels have, and the buckets of histograms.

A label's value never comes from a host or a URL: whatever a stranger can make up (a method, a status, a
finding of a check that is no more) is `other`.
"""

from typing import Final

from workers.model import Stage

OTHER: Final = "other"
RETENTION_LIMITS: Final = ("age", "size")
WEBHOOK_OUTCOMES: Final = ("waiting", "delivered", "failed")
PROBE_RESULTS: Final = ("success", "failure")
PHASES: Final = ("resolve", "connect", "tls", "response")
STAGES: Final[tuple[Stage, ...]] = (
    "input",
    "policy",
    "resolve",
    "connect",
    "tls",
    "exchange",
    "redirect",
    "analyse",
)
GRADES: Final = ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F")
STATUSES: Final = frozenset(range(100, 600))  # RFC 9110 section 15: a status is one of five classes
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"})

# A close server answers in milliseconds; 5, 10 and 15 s are where the default limits of the phases and of
# the whole URL cut off, so what ran into one is told from what was merely slow.
NETWORK_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60)
# Judging is a few hundred microseconds; what takes a tenth of a second holds up its whole batch.
ANALYSIS_BUCKETS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5)
# An unblocked loop wakes within a millisecond; from 50 ms on every URL in flight feels it.
LAG_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)

# Gauges that are read when they are scraped: what each says, and its label. What has a limit has that beside
# it, so that how full it is can be told without knowing the settings.
LEVELS: Final[dict[str, tuple[str, str | None]]] = {
    "masthead_inflight": ("URLs being fetched.", None),
    "masthead_inflight_limit": ("URLs that may be fetched at once.", None),
    "masthead_queue_depth": ("What waits in a queue.", "queue"),
    "masthead_pool_workers": ("Worker processes.", None),
    "masthead_jobs": ("Jobs kept, by state.", "state"),
    "masthead_ready": ("Whether a part of the daemon takes work, as /readyz tells it.", "part"),
    "masthead_http_requests_inflight": ("Requests being answered.", None),
    "masthead_inspecting_requests": ("Requests that have URLs inspected now, probes included.", None),
    "masthead_inspecting_requests_limit": ("Requests that may have URLs inspected at once.", None),
    "masthead_request_memory_bytes": ("What requests hold in memory.", None),
    "masthead_request_memory_limit_bytes": ("What requests may hold in memory.", None),
    "masthead_store_free_bytes": ("Space left on the disk that jobs are kept on.", None),
}
