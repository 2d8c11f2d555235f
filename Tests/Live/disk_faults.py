#!/usr/bin/env python3
"""Makes the disk of a busy server fail or be full, call by call, and checks that it stops rather than guesses.

strace makes every call of one kind in the live server fail. Where a batch cannot be written or synced, the
server stops with its own exit code (11), says why, and acknowledges nothing more, also when the errno says
that there is no space: after a failed write nobody knows what the disk holds. Where only new log space
cannot be had, it refuses writes that grow the data, serves reads, and takes writes again afterwards by itself.
Started again, it has every acknowledged write.
"""
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_kazoo()

from kazoo.exceptions import KazooException  # noqa: E402

import peers  # noqa: E402
from injector import CannotInject, Injector  # noqa: E402
from workload import MORTAL_PARENT, UNANSWERED, Workload, connect  # noqa: E402

SAID = {"EIO": "Input/output error", "ENOSPC": "No space left on device"}
STOPS, REFUSES, EITHER = "stops", "refuses growing writes", "stops, or refuses growing writes"
BIG_NODE = MORTAL_PARENT + "/big"

# Every call that the log needs, and what its failing must lead to. fsync is for names, once a roll. A log
# that is written with O_DSYNC has fdatasync only for new segments, else for every batch.
FAULTS = [("EIO", "pwrite64", STOPS), ("EIO", "fdatasync", EITHER), ("EIO", "fsync", STOPS),
          ("ENOSPC", "pwrite64", STOPS), ("ENOSPC", "fdatasync", EITHER), ("ENOSPC", "fsync", STOPS),
          ("ENOSPC", "fallocate", REFUSES)]


class Bulk:
    """A client that sets a large node as fast as it may, so that the log needs new segments."""

    def __init__(self, port, stack):
        self.client = connect(port)
        stack.callback(self.client.close)
        stack.callback(self.client.stop)
        self.client.create(BIG_NODE)

    def set(self):
        """Whether the server took a growing write; None if it did not answer."""
        try:
            self.client.set_async(BIG_NODE, os.urandom(200_000)).get(timeout=5)
            return True
        except UNANSWERED:
            return None
        except self.client.handler.timeout_exception:
            return None
        except KazooException:
            return False

    def until(self, end, server):
        """Sets until the server refuses, ends, or the time is over; whether it refused."""
        while server.returncode is None and time.monotonic() < end:
            if self.set() is False:
                return True
        return False

    def await_space(self, timeout=30):
        """Whether a growing write is taken within the time."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.set():
                return True
            time.sleep(0.2)
        return False


def disk_fails(error, call, outcome, arguments, words, report, choose):
    """This error from every call of this name while writers are busy."""
    name = "%s from %s" % (error, call)
    with live.scene(arguments, report) as (directory, stack):
        server = peers.Server(directory / "server", words, settings={
            "tickTime": 500, "preAllocSize": 4096, "snapCount": 10_000_000} | live.settings(arguments))
        stack.callback(server.kill)
        server.start()
        work = Workload(server.port, choose, report)
        stack.callback(work.close)
        bulk = Bulk(server.port, stack)
        work.resume()
        time.sleep(choose.uniform(0.2, 1))
        try:
            injector = Injector(server.pid, call, error, directory)
        except CannotInject as reason:
            report.skip(name, str(reason))
            return
        stack.callback(injector.end)
        # New log space cannot be had either, so a server may refuse writes before it must stop.
        work.let_be_refused(True)
        refused = bulk.until(time.monotonic() + 20, server)
        if outcome == STOPS:
            await_end(server, 10)
        report.check(name + ": the call is made, and fails", server.returncode is not None or injector.injected() > 0)
        stopped = server.returncode == arguments.exit_code
        stays = refused and server.returncode is None
        report.check("%s: the server %s" % (name, outcome),
                     {STOPS: stopped, REFUSES: stays, EITHER: stopped or stays}[outcome], server.returncode)
        says_full = stays and error == "ENOSPC" and "the disk is full" in server.tail(200)
        report.check(name + ": it says why", SAID[error] in server.tail(200) or says_full, server.tail(3))
        if stays:
            stays_useful(name, server, injector, bulk, report)
        injector.end()
        server.kill()
        work.settle()
        work.let_be_refused(False)
        server.start()
        work.verify(name)
        work.await_sessions(name)
        work.resume()
        time.sleep(0.3)
        work.pause()
        work.verify(name + ", afterwards")


def await_end(server, timeout):
    end = time.monotonic() + timeout
    while server.returncode is None and time.monotonic() < end:
        time.sleep(0.05)


def stays_useful(name, server, injector, bulk, report):
    """A server that refuses growing writes serves reads, says so, and takes writes when the fault is over."""
    report.check(name + ": reads are served", bulk.client.exists(BIG_NODE) is not None)
    report.check(name + ": mntr says so", peers.metrics(server.port).get("aviary_disk_is_full") == "1")
    injector.end()
    report.check(name + ": writes are taken afterwards, without a restart", bulk.await_space(), server.tail(3))


def main():
    parser = live.parser(__doc__, rounds=2)
    parser.add_argument("--exit-code", type=int, default=11, help="that a server gives whose log failed")
    parser.add_argument("--only", default="", help="faults whose name, as in 'EIO fsync', holds this")
    arguments = parser.parse_args()
    words = live.server_words(arguments)
    report, choose = live.Report(arguments.verbose), live.seeded(arguments)
    for _ in range(arguments.rounds):
        for error, call, outcome in FAULTS:
            if arguments.only in error + " " + call:
                disk_fails(error, call, outcome, arguments, words, report, choose)
    report.finish()


if __name__ == "__main__":
    main()
