"""What the loop's process asks of a worker. It sends but the name of a function: so these are here, without
what judges behind them, which takes longer to import than all that the loop needs."""


def start_worker() -> None:
    """`workers.entry.start_worker`."""
    from workers import entry

    entry.start_worker()


def judge_batch(batch: bytes) -> bytes:
    """`workers.entry.judge_batch`."""
    from workers import entry

    return entry.judge_batch(batch)


def grade_batch(batch: bytes) -> bytes:
    """`workers.grading.entry.grade_batch`."""
    from workers.grading import entry

    return entry.grade_batch(batch)
