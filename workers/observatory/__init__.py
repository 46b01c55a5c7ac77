"""The MDN HTTP Observatory's verdict on a site: algorithm 6, twelve tests, as Observatory itself gives it.

Its oddities are kept, each named where it is; what the standards say instead is for `workers.checks`. The
rules were read from mdn/mdn-http-observatory (MPL-2.0) at 94042bb, whose files under `src/` the comments
name; none of its text is here.
"""

from workers.observatory.evidence import (
    NO_ANSWER,
    NOT_GATHERED,
    Absent,
    Evidence,
    HttpEntry,
    HttpsAnswer,
    Preflight,
    Step,
)
from workers.observatory.gathering import absence, read_gathered, read_hops
from workers.observatory.http_equiv import read_meta_headers
from workers.observatory.likeness import read_likeness
from workers.observatory.result import NOT_TESTED
from workers.observatory.scoring import grade, is_partial, refusal, run_tests, score_results

__all__ = [
    "NOT_GATHERED",
    "NOT_TESTED",
    "NO_ANSWER",
    "Absent",
    "Evidence",
    "HttpEntry",
    "HttpsAnswer",
    "Preflight",
    "Step",
    "absence",
    "grade",
    "is_partial",
    "read_gathered",
    "read_hops",
    "read_likeness",
    "read_meta_headers",
    "refusal",
    "run_tests",
    "score_results",
]
