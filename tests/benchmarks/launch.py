"""Runs one command, and tells what it took: seconds, CPU and peak memory, as the system accounts for it.

A process of its own and a small one, since Linux counts into a process's peak what the process that started
it was: a benchmark that has read a long list, or drawn a picture, would be in its figures. This one is some
9 MiB, which is the least that it tells of any command.

usage: launch.py DESCRIPTOR COMMAND…     (the figures go to the descriptor, as one line)
"""

import os
import signal
import sys
from time import perf_counter


def main() -> None:
    told_to, command = int(sys.argv[1]), sys.argv[2:]
    os.set_inheritable(told_to, False)
    began = perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ, setsigdef=[signal.SIGPIPE, signal.SIGXFSZ])
    os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
    children_s = children_seconds(process)
    _, status, usage = os.wait4(process, 0)
    wall_s = perf_counter() - began
    figures = (wall_s, usage.ru_utime, usage.ru_stime, children_s, usage.ru_maxrss * 1_024)
    os.write(told_to, " ".join(map(str, (os.waitstatus_to_exitcode(status), *figures))).encode())


def children_seconds(ended: int) -> float:
    """User and system time of those that a process has waited for. It has ended and is not yet reaped."""
    # proc_pid_stat(5): the second field may hold anything, in parentheses; cutime and cstime are 16 and 17.
    with open(f"/proc/{ended}/stat", "rb") as file:  # noqa: PTH123 - pathlib would double our size
        fields = file.read().rpartition(b")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
