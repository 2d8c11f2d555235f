#!/usr/bin/env python3
"""Makes the disk of a busy server fail, and checks that it stops rather than guesses.

Failing: strace makes every pwrite64, or every fdatasync, of the live server fail with EIO. A server whose
log cannot be written stops with its own exit code (11), says why, and acknowledges nothing more; started
again, it has every acknowledged write. Full: on a small file system that fills up, it refuses writes that
grow the data and stays up, serves reads, takes deletes, and takes writes again once there is space.
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
from injector import CannotInject, Injector  # noqa: E402
from loop_image import LoopImage, NotAllowedHere  # noqa: E402
from workload import Workload, connect  # noqa: E402

BIG = 200_000


def disk_fails(call, may_stay, arguments, words, report, choose):
    """EIO from every call of this name while writers are busy."""
    name = "EIO from " + call
    with live.scene(arguments, report) as (directory, stack):
        server = peers.Server(directory / "server", words, settings={
            "tickTime": 500, "preAllocSize": 4096, "snapCount": 10_000_000} | live.settings(arguments))
        stack.callback(server.kill)
        server.start()
        work = Workload(server.port, choose, report)
        stack.callback(work.close)
        work.resume()
        time.sleep(choose.uniform(0.2, 1))
        try:
            injector = Injector(server.pid, call, "EIO", directory)
        except CannotInject as reason:
            report.skip(name, str(reason))
            return
        stack.callback(injector.end)
        # New log space cannot be had either, so a server may refuse writes before it must stop.
        work.let_be_refused(True)
        end = time.monotonic() + 15
        while server.returncode is None and time.monotonic() < end:
            time.sleep(0.05)
        injector.end()
        if server.returncode is None and injector.injected() == 0:
            report.skip(name, "the server made no such call (it writes with O_DSYNC)")
        else:
            # Where the log itself is written with O_DSYNC, fdatasync fails for new segments only: then the
            # server may stay and refuse what needs room.
            stays = may_stay and server.returncode is None and work.refused_count > 0
            report.check(name + ": the server stops with its own exit code" + (", or refuses writes" if may_stay else ""),
                         stays or server.returncode == arguments.exit_code, server.returncode)
            report.check(name + ": it says why", "Input/output error" in server.tail(200), server.tail(3))
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


def is_refused(attempt):
    """Whether an operation is answered with an error, over a connection that stays."""
    try:
        attempt()
        return False
    except (ConnectionLoss, SessionExpiredError):
        raise
    except KazooException:
        return True


def fill(mount_point):
    """A file that takes what is left of the file system."""
    path = mount_point / "filler"
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


def disk_is_full(arguments, words, report):
    """A file system that fills up under the server and is emptied again."""
    with live.scene(arguments, report) as (directory, stack):
        try:
            image = LoopImage(directory / "image", arguments.megabytes)
        except NotAllowedHere as reason:
            report.skip("a full disk", str(reason))
            return
        stack.callback(image.close)
        server = peers.Server(directory / "server", words, settings={
            "tickTime": 500, "preAllocSize": 8192, "dataDir": image.mount_point / "data"} | live.settings(arguments))
        stack.callback(server.kill)
        server.start()
        client = connect(server.port)
        stack.callback(client.close)
        stack.callback(client.stop)
        client.create("/full")
        client.create("/full/small", b"here")
        filler = fill(image.mount_point)
        created, limit = [], (arguments.megabytes << 20) // BIG
        refused = False
        while not refused and len(created) < limit:
            name = "/full/big%d" % len(created)
            refused = is_refused(lambda: client.create(name, os.urandom(BIG)))
            created += [] if refused else [name]
        report.check("a full disk: growing writes are refused", refused, "%d were taken" % len(created))
        report.check("a full disk: the server stays up", server.returncode is None, server.tail(3))
        report.check("a full disk: reads are served", client.get("/full/small")[0] == b"here")
        report.check("a full disk: another growing write is refused, too",
                     is_refused(lambda: client.create("/full/more", os.urandom(BIG))))
        gone = created[:len(created) // 2]
        report.check("a full disk: deletes are taken",
                     not any(is_refused(lambda: client.delete(name)) for name in gone))
        filler.unlink()
        report.check("a full disk: writes are taken once there is space", await_space(client))
        server.stop()
        server.start()
        reader = connect(server.port)
        stack.callback(reader.close)
        stack.callback(reader.stop)
        wanted = {name.rsplit("/", 1)[1] for name in set(created) - set(gone)} | {"small", "again"}
        found = set(reader.get_children("/full"))
        report.check("a full disk: a restart finds what was acknowledged", found == wanted, found ^ wanted)


def await_space(client, timeout=40):
    """Whether a growing write succeeds within the time."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if not is_refused(lambda: client.create("/full/again", os.urandom(BIG))):
            return True
        time.sleep(0.2)
    return False


def main():
    parser = live.parser(__doc__, rounds=2)
    parser.add_argument("--exit-code", type=int, default=11, help="that a server gives whose log failed")
    parser.add_argument("--megabytes", type=int, default=192, help="size of the file system that fills up")
    parser.add_argument("--only", choices=["failing", "full"])
    arguments = parser.parse_args()
    words = live.server_words(arguments)
    report, choose = live.Report(arguments.verbose), live.seeded(arguments)
    if arguments.only != "full":
        for _ in range(arguments.rounds):
            disk_fails("pwrite64", False, arguments, words, report, choose)
            disk_fails("fdatasync", True, arguments, words, report, choose)
    if arguments.only != "failing":
        disk_is_full(arguments, words, report)
    report.finish()


if __name__ == "__main__":
    main()
