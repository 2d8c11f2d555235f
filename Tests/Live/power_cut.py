#!/usr/bin/env python3
"""Cuts the power under a busy server again and again, and checks that it holds what it acknowledged.

The data directory lies on an ext4 file system in a loop-mounted image. While kazoo clients write, the
file system is shut down without flushing its journal (FS_IOC_SHUTDOWN), the server is killed, the image
is mounted anew and the server started on what a real power cut would have left; sometimes the power goes
again while it recovers. The checks are those of kill_loop.py. Needs root and loop devices; skipped, with the
reason, where there are none.
"""
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_kazoo()

import peers  # noqa: E402
from loop_image import LoopImage, NotAllowedHere  # noqa: E402
from workload import Workload  # noqa: E402


def freeze(pid, timeout=10):
    """Stops every thread of a process; a system call that is under way comes to its end first."""
    os.kill(pid, signal.SIGSTOP)
    end = time.monotonic() + timeout
    while any(state_of(task) not in "TtZX" for task in Path("/proc/%d/task" % pid).iterdir()):
        if time.monotonic() > end:
            raise TimeoutError("pid %d does not stop" % pid)
        time.sleep(0.001)


def state_of(task):
    """The letter of a thread's state; X if it has ended."""
    try:
        return (task / "stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "X"


def cut(image, server):
    """Cuts the power, ends what ran on it, and mounts what is left.

    The server is frozen first: ext4's shutdown, other than a power cut, can let a sync that is under way
    return success although its data is lost, and a server must not be blamed for that.
    """
    if server.returncode is None:
        freeze(server.pid)
    image.cut_power()
    server.kill()
    image.unmount()
    image.mount()


def main():
    parser = live.parser(__doc__, rounds=30)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--busy-seconds", type=float, default=0.8, help="longest time between start and cut")
    parser.add_argument("--megabytes", type=int, default=1024, help="size of the image (a sparse file)")
    arguments = parser.parse_args()
    words = live.server_words(arguments)
    report, choose = live.Report(arguments.verbose), live.seeded(arguments)
    cuts = acknowledged = unanswered = 0

    with live.scene(arguments, report) as (directory, stack):
        try:
            image = LoopImage(directory / "image", arguments.megabytes)
        except NotAllowedHere as reason:
            live.leave_skipped(str(reason))
        stack.callback(image.close)
        server = peers.Server(directory / "server", words, settings={
            "tickTime": 500, "preAllocSize": 4096, "dataDir": image.mount_point / "data"} | live.settings(arguments))
        stack.callback(server.kill)
        server.start()
        work = Workload(server.port, choose, report, arguments.writers)
        stack.callback(work.close)
        for turn in range(arguments.rounds):
            what = "cut %d" % (turn + 1)
            work.resume()
            time.sleep(choose.uniform(0.02, arguments.busy_seconds))
            cut(image, server)
            cuts += 1
            work.settle()
            server.settings["snapCount"] = choose.choice([50, 500, 100_000])
            if choose.random() < 0.25:
                server.launch()
                time.sleep(choose.uniform(0, 0.3))
                cut(image, server)
                cuts += 1
            server.start()
            work.verify(what)
            work.await_sessions(what)
        acknowledged, unanswered = work.acknowledged_count, work.unanswered_count
    print("%d power cuts, %d writes acknowledged, %d unanswered" % (cuts, acknowledged, unanswered))
    report.finish()


if __name__ == "__main__":
    main()
