#!/usr/bin/env python3
"""Restores one server's snapshot into other stores, and kills that half-way.

The source has a tree with everything in it and sessions that own nodes; its newest snapshot file is the backup.
It is restored into a store that is not there yet, one with other data that has seen higher zxids, and one whose
log is damaged. Afterwards a walk over the tree finds what the source showed, node by node, and the sessions go
on. In rounds the restore, or the start that finishes it, is killed at one of its system calls, by strace: the
store then is what it was, in full, or the snapshot, and always starts. So it is when a server that serves is
killed while it takes the snapshot over HTTP, beside a client that writes. Files that are no whole snapshot are
refused and change nothing.
"""
import http.client
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_kazoo()

import adminchecks  # noqa: E402
import dumps  # noqa: E402
import peers  # noqa: E402
import wire  # noqa: E402
from dumpchecks import snapshots  # noqa: E402
from kazoo.client import KazooClient  # noqa: E402

logging.getLogger("kazoo").setLevel(logging.CRITICAL)

# The calls that change what a start finds; a kill at the n-th of them comes before it is done.
CALLS = {"pwrite64": 12, "fdatasync": 4, "fsync": 12, "renameat2": 12}
REFUSED = 10


class Backup:
    """A snapshot file, and what its source showed when it was taken."""

    def __init__(self, directory, start):
        server = start("source", snapshots.SETTINGS)
        writers = snapshots.populate(server.port)
        summary = snapshots.snapshot_of_now(writers[0], server.directory / "data" / "snap")
        self.file = directory / "backup.zks"
        shutil.copy(summary["file"], self.file)
        self.tree = snapshots.tree(writers[0].client)
        self.zxid = summary["endZxid"]
        self.sessions = [one.client.client_id for one in writers]
        server.kill()
        for one in writers:
            one.client.stop()


def shown(port):
    """What a new client reads, all of it."""
    client = KazooClient(hosts="127.0.0.1:%d" % port, timeout=10)
    client.start(timeout=20)
    try:
        return snapshots.tree(client)
    finally:
        client.stop()
        client.close()


def zxid_of(port):
    return next(line.split()[-1] for line in peers.four_letter(port, "srvr").splitlines() if line.startswith("Zxid"))


def restore(server, file, prefix=()):
    """Runs `zkserver --restore` on the server's directory; returns what it was."""
    (server.directory / "data").mkdir(parents=True, exist_ok=True)
    server.configuration.write_text("".join("%s=%s\n" % pair for pair in server.settings.items()))
    return subprocess.run([*prefix, *server.command, "--restore", str(file), str(server.configuration)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)


def check_restored(report, what, server, backup):
    """The server shows the source's tree, and its sessions go on."""
    found = shown(server.port)
    report.check("%s: the tree is the source's" % what, found == backup.tree, differences(found, backup.tree))
    for session, password in backup.sessions:
        again = wire.Session(server.port, session=session, password=password)
        report.check("%s: a session goes on" % what, again.session == session, again.session)
        again.vanish()


def differences(found, wanted):
    return [(path, found.get(path), wanted.get(path)) for path in sorted(found.keys() | wanted.keys())
            if found.get(path) != wanted.get(path)][:2]


def other_data(server):
    """A tree of its own, written with zxids beyond the backup's."""
    client = KazooClient(hosts="127.0.0.1:%d" % server.port, timeout=10)
    client.start(timeout=20)
    client.ensure_path("/other")
    for number in range(700):
        client.set_async("/other", b"%d" % number)
    client.create("/other/last", b"end")
    seen = client.last_zxid
    client.stop()
    client.close()
    return seen


def check_whole(report, directory, start, make, backup):
    fresh = make("fresh")
    run = restore(fresh, backup.file)
    report.check("a store that is not there is made", run.returncode == 0, run.stdout)
    zxid = zxid_of(fresh.start().port)
    report.check("the zxid is the snapshot's", zxid == backup.zxid, zxid)
    check_restored(report, "made anew", fresh, backup)
    fresh.stop()
    check_restored(report, "after another start", fresh.start(), backup)

    target = start("target", snapshots.SETTINGS)
    seen = other_data(target)
    run = restore(target, backup.file)
    report.check("a store in use is refused", run.returncode == REFUSED and "locked" in run.stdout, run.stdout)
    target.stop()
    full = dumps.copied(target.directory / "data", directory / "full")
    run = restore(target, backup.file)
    report.check("a store with other data is replaced", run.returncode == 0, run.stdout)
    verify = dumps.Run(dumps.LOG, "--verify", target.directory / "data")
    report.check("zklogdump --verify says what is under way", verify.code == 0 and "being installed" in verify.output, verify)
    # In front of everything that writes in the new epoch.
    client = wire.Session(target.start().port, last_zxid=seen)
    report.check("who has seen more may come back", client.session != 0)
    check_restored(report, "replaced", target, backup)
    client.create("/later")
    last = int(zxid_of(target.port), 16)
    report.check("writes go on in a later epoch", last >> 32 > seen >> 32, hex(last))
    client.vanish()
    check_set_aside(report, target)
    target.stop()
    return full


def check_set_aside(report, target):
    data = target.directory / "data"
    aside = sorted(data.glob("log/old-*.zkl")), sorted(data.glob("snap/old-snap-*.zks"))
    report.check("what was there is set aside", all(aside), aside)
    runs = [dumps.Run(dumps.LOG, aside[0][0]), dumps.Run(dumps.SNAPSHOT, "--verify", aside[1][-1])]
    report.check("and can be read", all(run.code == 0 for run in runs), runs[0])


def check_damaged(report, make, full, backup):
    server = make("damaged")
    shutil.copytree(full, server.directory / "data")
    for segment in dumps.segments(server.directory / "data" / "log"):
        dumps.flip(segment, 100)
        dumps.flip(segment, 4196)
    server.launch()
    report.check("a damaged log is refused", server.wait_end() == REFUSED, server.tail())
    run = restore(server, backup.file)
    report.check("and replaced", run.returncode == 0, run.stdout)
    check_restored(report, "over a damaged log", server.start(), backup)
    server.stop()


def check_refused(report, directory, make, full, backup):
    server = make("unharmed")
    shutil.copytree(full, server.directory / "data")
    good = backup.file.read_bytes()
    middle = len(good) // 2
    bad = {
        "a changed byte": good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1:], "a missing end": good[:-1],
        "the first half": good[:middle], "nothing": b"", "Apache's": b"ZKSN" + bytes(9000), "two in one": good + good,
    }
    before = contents(server)
    for what, data in bad.items():
        file = directory / "bad.zks"
        file.write_bytes(data)
        run = restore(server, file)
        report.check("%s: refused" % what, run.returncode == REFUSED and "nothing was restored" in run.stdout, run.stdout)
        report.check("%s: nothing changes" % what, contents(server) == before)
    report.check("no file: refused", restore(server, directory / "none.zks").returncode == REFUSED)
    report.check("the server is as it was", "/other/last" in shown(server.start().port))
    server.stop()


def contents(server):
    found = dumps.fingerprint(server.directory / "data")
    return {name: (one[1], one[3]) for name, one in found.items() if not name.endswith("LOCK") and one[3]}


def check_killed(report, choose, make, full, backup, rounds):
    """Returns how many of the kills came before the decision, behind it, and not at all."""
    outcomes = [0, 0, 0]
    for turn in range(rounds):
        server = make("killed-%d" % turn)
        shutil.copytree(full, server.directory / "data")
        was_killed = killed_restore(server, backup, choose)
        if choose.random() < 0.6:
            kill_start(server, choose)
        found = shown(server.start().port)
        is_new, is_old = found == backup.tree, "/other/last" in found and "/app" not in found
        what = "round %d" % turn
        report.check("%s: all of one or all of the other" % what, is_new or is_old, differences(found, backup.tree))
        report.check("%s: a restore that ended is there" % what, was_killed or is_new)
        outcomes[2 if not was_killed else 1 if is_new else 0] += 1
        server.kill()
        again = "/app" in shown(server.start().port)
        report.check("%s: the next start shows the same" % what, again == is_new)
        server.kill()
        shutil.rmtree(server.directory)
    return outcomes


def inject(choose, directory):
    call = choose.choice(list(CALLS))
    return ["strace", "-f", "-qq", "-o", str(directory / "strace.txt"), "-e", "trace=" + call,
            "-e", "inject=%s:signal=SIGKILL:when=%d" % (call, choose.randint(1, CALLS[call]))]


def killed_restore(server, backup, choose):
    """Whether the restore was killed."""
    return restore(server, backup.file, prefix=inject(choose, server.directory)).returncode != 0


def kill_start(server, choose):
    """A start that is killed at one of its calls, or when it serves."""
    command = [*inject(choose, server.directory), *server.command, str(server.configuration)]
    with open(server.output, "ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    end = time.monotonic() + 20
    while process.poll() is None and "Mode" not in peers.four_letter(server.port, "srvr"):
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Writer(threading.Thread):
    """A client that creates one node after the other as long as it can."""

    def __init__(self, port):
        super().__init__()
        self.session = wire.Session(port)
        self.paths = []
        self.start()

    def run(self):
        try:
            while True:
                path = "/other/w%06d" % len(self.paths)
                self.session.create(path)
                self.paths.append(path)
        except (OSError, wire.Ended):
            self.session.vanish()


class Asker(threading.Thread):
    """Sends a snapshot to be restored; `status` is the answer's, None if there was none."""

    def __init__(self, port, file):
        super().__init__()
        self.port, self.body, self.status = port, file.read_bytes(), None
        self.start()

    def run(self):
        headers = {"Authorization": "ip", "Content-Type": "application/octet-stream"}
        try:
            self.status = adminchecks.command(
                self.port, "restore", method="POST", headers=headers, body=self.body, timeout=60).status
        except (OSError, http.client.HTTPException):
            pass


def check_killed_while_serving(report, choose, make, full, backup, rounds):
    """Returns how many of the kills came before the decision, behind it, and behind the answer."""
    outcomes = [0, 0, 0]
    for turn in range(rounds):
        admin = peers.free_port()
        more = adminchecks.settings(admin, **{"admin.rateLimiterIntervalInMS": 0})
        server = make("serving-%d" % turn, snapshots.SETTINGS | more)
        shutil.copytree(full, server.directory / "data")
        writer = Writer(server.start().port)
        asker = Asker(admin, backup.file)
        time.sleep(choose.random() * 0.1)
        server.kill()
        asker.join()
        writer.join()
        found = shown(server.start().port)
        is_new, is_old = found == backup.tree, "/other/last" in found and "/app" not in found
        what = "serving, round %d" % turn
        report.check("%s: all of one or all of the other" % what, is_new or is_old, differences(found, backup.tree))
        report.check("%s: a restore that was answered is there" % what, asker.status in (None, 200) and (is_new or asker.status is None), asker.status)
        lost = [path for path in writer.paths if path not in found]
        report.check("%s: without it no write is lost" % what, is_new or not lost, lost[:2])
        outcomes[2 if asker.status else 1 if is_new else 0] += 1
        server.kill()
        shutil.rmtree(server.directory)
    return outcomes


def main():
    parser = live.parser(__doc__, rounds=12)
    arguments = parser.parse_args()
    words = live.server_words(arguments)
    dumps.need_tools()
    report, choose = live.Report(arguments.verbose), live.seeded(arguments)
    serving = outcomes = None
    with live.scene(arguments, report) as (directory, stack):
        def make(name, settings=snapshots.SETTINGS):
            server = peers.Server(directory / name, words, settings={"preAllocSize": 4096} | settings | live.settings(arguments))
            stack.callback(server.kill)
            return server

        def start(name, settings):
            return make(name, settings).start()

        backup = Backup(directory, start)
        full = check_whole(report, directory, start, make, backup)
        check_damaged(report, make, full, backup)
        check_refused(report, directory, make, full, backup)
        serving = check_killed_while_serving(report, choose, make, full, backup, arguments.rounds)
        if shutil.which("strace"):
            outcomes = check_killed(report, choose, make, full, backup, arguments.rounds)
        else:
            report.skip("a restore that is killed", "strace is not installed")
    if serving:
        print("restores by a server: %d killed before the decision, %d behind it, %d behind the answer" % tuple(serving))
    if outcomes:
        print("restores: %d killed before the decision, %d behind it, %d not" % tuple(outcomes))
    report.finish()


if __name__ == "__main__":
    main()
