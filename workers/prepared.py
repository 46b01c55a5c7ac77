"""What judges, loaded: the fork server imports this once, and all workers that it forks have it at once.

They share its memory, too, as far as none of them writes to it.
"""

from workers.memory import collect_rarely

collect_rarely()

from workers.entry import prepare  # noqa: E402 - what it imports is not to be looked through for garbage

prepare()
