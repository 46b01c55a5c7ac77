"""A chunk of a job while it is under way."""

import asyncio

from service.inspection.source import ListSource
from service.jobs.model import Job


class Work:
    """`left` of its targets have no record on the disk."""

    def __init__(self, job: Job, source: ListSource, left: int) -> None:
        self.job = job
        self.source = source
        self.left = left
        self.is_ended = False
        self.task: asyncio.Task[None]

    def end(self) -> None:
        self.is_ended = True
        self.task.cancel()
