#!/usr/bin/env python3
"""Fills the disk under a server, kills it there, and starts it on the full disk again and again.

On a small file system that fills up, a server refuses writes that grow the data and stays up, serves reads,
takes deletes, and takes writes again once there is space. Killed or stopped there it must start again, and
do the same. The file systems are ext4 in an image and a tmpfs. Needs root; skipped, with the reason,
where it is not allowed.
"""
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_kazoo()

from kazoo.exceptions import ConnectionLoss, KazooException, SessionExpiredError  # noqa: E402

import peers  # noqa: E402
from loop_image import LoopImage, MemoryDisk, NotAllowedHere  # noqa: E402
from workload import connect  # noqa: E402

BIG = 200_000


def is_refused(attempt):
    """Whether an operation is answered with an error, over a connection that stays."""
    try:
        attempt()
        return False
    except (ConnectionLoss, SessionExpiredError):
        raise
    except KazooException:
        return True


def fill(mount_point, name="filler"):
    """A file that takes what is left of the file system."""
    path = mount_point / name
    with open(path, "wb") as filler:
        left = os.statvfs(mount_point)
        step = left.f_bavail * left.f_frsize
        size = 0
        while step >= 4096:
            try:
                os.posix_fallocate(filler.fileno(), size, step)
                size += step
            except OSError:
                step //= 2
    return path


class Tree:
    """Nodes below /full, as a client made and deleted them: what every later client must find."""

    def __init__(self, name, server, megabytes, report, stack):
        self.name, self.server, self.report, self.stack = name, server, report, stack
        self.limit = (megabytes << 20) // BIG
        self.number = 0
        self.big, self.small = [], {"small"}
        self.client = None

    def check(self, what, holds, seen=""):
        return self.report.check("%s: %s" % (self.name, what), holds, seen)

    def connect(self):
        """A client of its own for each run of the server."""
        self.leave()
        self.client = connect(self.server.port)

    def leave(self):
        if self.client:
            self.client.stop()
            self.client.close()
            self.client = None

    def grow(self):
        """Makes one large node; whether it was taken."""
        name = "big%d" % self.number
        self.number += 1
        if is_refused(lambda: self.client.create("/full/" + name, os.urandom(BIG))):
            return False
        self.big.append(name)
        return True

    def grow_until_refused(self):
        """A server may first use what space it has. Whether it refused before the file system was written over."""
        return any(not self.grow() for _ in range(self.limit))

    def shrink(self):
        """Deletes a third of the large nodes, one at least; whether all of that was taken."""
        count = max(1, len(self.big) // 3)
        gone, self.big = self.big[:count], self.big[count:]
        return bool(gone) and not any(is_refused(lambda: self.client.delete("/full/" + name)) for name in gone)

    def await_space(self, timeout=40):
        """Whether a growing write succeeds within the time."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.grow():
                return True
            time.sleep(0.2)
        return False

    def on_full_disk(self, what):
        """Everything that a server must do on a full disk."""
        self.check(what + ": growing writes are refused", self.grow_until_refused(), "%d were taken" % len(self.big))
        self.check(what + ": the server stays up", self.server.returncode is None, self.server.tail(3))
        self.check(what + ": it says so", peers.metrics(self.server.port).get("aviary_disk_is_full") == "1")
        self.check(what + ": reads are served", self.client.get("/full/small")[0] == b"here")
        self.check(what + ": another growing write is refused, too", not self.grow())
        self.check(what + ": deletes are taken", self.shrink())

    def compare(self, what):
        """What stands there is what was acknowledged."""
        found, wanted = set(self.client.get_children("/full")), set(self.big) | self.small
        self.check(what + ": what was acknowledged is there", found == wanted, found ^ wanted)


def fills_up(name, make_disk, arguments, words, report):
    with live.scene(arguments, report) as (directory, stack):
        try:
            disk = make_disk(directory / "disk", arguments.megabytes)
        except NotAllowedHere as reason:
            report.skip("a full " + name, str(reason))
            return
        stack.callback(disk.close)
        server = peers.Server(directory / "server", words, settings={
            "tickTime": 500, "preAllocSize": 8192, "dataDir": disk.mount_point / "data"} | live.settings(arguments))
        stack.callback(server.kill)
        server.start()
        tree = Tree("a full " + name, server, arguments.megabytes, report, stack)
        stack.callback(tree.leave)
        tree.connect()
        tree.client.create("/full")
        tree.client.create("/full/small", b"here")
        for _ in range(12):
            tree.grow()
        fillers = [fill(disk.mount_point)]
        tree.on_full_disk("filled while it runs")
        for turn in range(arguments.rounds):
            what = "start %d" % (turn + 1)
            code = server.stop() if turn % 3 == 2 else server.kill()
            tree.check(what + ": it ended as it was told", code == (0 if turn % 3 == 2 else -9), code)
            if turn == 0:
                # Not a block is left but what the server holds in reserve.
                fillers.append(fill(disk.mount_point, "filler2"))
            server.start()
            tree.connect()
            tree.compare(what)
            tree.on_full_disk(what)
        for filler in fillers:
            filler.unlink()
        tree.check("writes are taken once there is space", tree.await_space())
        server.stop()
        server.start()
        tree.connect()
        tree.compare("with space again")


def main():
    parser = live.parser(__doc__, rounds=3)
    parser.add_argument("--megabytes", type=int, default=192, help="size of the file system that fills up")
    parser.add_argument("--only", choices=["ext4", "tmpfs"])
    arguments = parser.parse_args()
    words = live.server_words(arguments)
    report = live.Report(arguments.verbose)
    for name, make_disk in (("ext4", LoopImage), ("tmpfs", MemoryDisk)):
        if arguments.only in (None, name):
            fills_up(name, make_disk, arguments, words, report)
    report.finish()


if __name__ == "__main__":
    main()
