#!/usr/bin/env python3
"""Cuts clients off and lets them come back: persistent watches lose nothing, and say nothing twice.

Apache's Java client, as it is, is compiled in from Tests/Live/java (needs a JDK and the jars that
Tools/get-apache fetches; skipped, with the reason, without them). kazoo, as it is, has no persistent
watches and names no watches when it comes back; it must not be disturbed.
"""
import queue
import shutil
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_kazoo()

import apache  # noqa: E402
import cutting  # noqa: E402
import peers  # noqa: E402
import watchscript  # noqa: E402
import wire  # noqa: E402
from kazoo.client import KazooClient  # noqa: E402
from kazoo.recipe.watchers import DataWatch  # noqa: E402

JAVA = Path(__file__).resolve().parent / "java" / "Listener.java"
TIMEOUT_MS = 6000


class JavaListener:
    """The Java client as a child process; its lines, as they come."""

    def __init__(self, classes, port):
        words = apache.java("Listener", "127.0.0.1:%d" % port, "/w", "/w/deep", TIMEOUT_MS, log_level="off")
        place = words.index("-cp") + 1
        words[place] = "%s:%s" % (classes, words[place])
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True)
        self.lines, self.events, self.states = queue.Queue(), [], []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            words = line.split()
            if words[:1] == ["event"]:
                self.events.append((int(words[1]), words[2], int(words[3])))
            elif words[:1] == ["state"]:
                self.states.append(words[1])
            else:
                self.lines.put(line.strip())

    def wait(self, line, timeout=30):
        if (seen := self.lines.get(timeout=timeout)) != line:
            raise AssertionError("wanted %r, saw %r" % (line, seen))

    def ask(self):
        """One request, so that the client knows the present zxid."""
        self.process.stdin.write("ask\n")
        self.process.stdin.flush()
        self.wait("asked")

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def wait_for(condition, timeout=15):
    end = time.monotonic() + timeout
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def compiled(directory):
    classes = directory / "classes"
    classes.mkdir()
    subprocess.run(["javac", "-cp", str(apache.found_jars() / "*"), "-d", str(classes), str(JAVA)], check=True)
    return classes


class Writer:
    """Changes what the clients watch, and knows what a twin that stays connected is told."""

    def __init__(self, port):
        self.connect(port)
        for path in ("/w", "/w/deep", "/w/deep/a", "/w/b"):
            self.session.create(path)
        self.twin = watchscript.Watcher(port, 30_000)
        self.twin.set("persistent", "/w")
        self.twin.set("recursive", "/w/deep")
        self.told = []

    def connect(self, port):
        self.session = wire.Session(port, 30_000)

    def change(self, count):
        for number in range(count):
            for path in ("/w", "/w/deep/a", "/w/b"):
                self.session.request(wire.SET_DATA, wire.text(path) + wire.buffer(b"x") + struct.pack(">i", -1))
            self.session.create("/w/deep/n%d" % number)
            self.session.request(wire.DELETE, watchscript.numbered("/w/deep/n%d" % number))
            self.session.create("/w/c%d" % number)
            self.session.request(wire.DELETE, watchscript.numbered("/w/c%d" % number))
        self.told += self.twin.collect(wire.SYNC, wire.text("/"))[0]

    def close(self):
        self.session.vanish()
        self.twin.vanish()


def java_rounds(report, server, classes, stack):
    proxy = cutting.Proxy(server.port)
    stack.callback(proxy.close)
    writer = Writer(server.port)
    stack.callback(writer.close)
    client = JavaListener(classes, proxy.port)
    stack.callback(client.end)
    client.wait("ready")

    def check(name):
        # Some time more, for what must not come.
        wait_for(lambda: len(client.events) >= len(writer.told))
        time.sleep(0.2)
        report.check(name, client.events == writer.told,
                     "%d events, wanted %d; first difference %s" % (len(client.events), len(writer.told), next(
                         (pair for pair in zip(client.events, writer.told) if pair[0] != pair[1]), "at the end")))

    def away(change):
        proxy.cut()
        wait_for(lambda: client.states[-1:] == ["Disconnected"])
        change()
        proxy.mend()
        wait_for(lambda: client.states[-1:] == ["SyncConnected"])

    writer.change(3)
    check("Java: live events are those of the twin")
    # It only listened: the zxid that it will name is that of its addWatch.
    away(lambda: writer.change(5))
    check("Java: what was missed comes in order, and nothing twice")
    writer.change(2)
    check("Java: live events go on behind them")
    for _ in range(2):
        away(lambda: writer.change(4))
    check("Java: cut twice more, nothing is missing")
    client.ask()

    def restart():
        writer.change(5)
        writer.close()
        report.check("the server stops in good order", server.stop() == 0, server.tail(3))
        server.start()

    away(restart)
    check("Java: the log has it behind a restart of the server")
    measures = peers.metrics(server.port)
    report.check("mntr counts the catch-up", int(measures.get("aviary_watch_catchups", 0)) > 0
                 and int(measures.get("aviary_watch_catchup_events", 0)) > 0, measures.get("watch_catchups"))
    report.check("none was cut short", measures.get("aviary_watch_catchup_truncated") == "0")


def kazoo_rounds(report, server, stack):
    """Its recipes read again when it comes back; nothing is sent for it that it does not ask for."""
    report.check("kazoo has no persistent watches (if it has, test them here)", not hasattr(KazooClient, "add_watch"))
    proxy = cutting.Proxy(server.port)
    stack.callback(proxy.close)
    seen = []
    client = KazooClient("127.0.0.1:%d" % proxy.port, timeout=TIMEOUT_MS / 1000)
    client.start(20)
    stack.callback(client.close)
    stack.callback(client.stop)
    client.create("/k", b"0")
    DataWatch(client, "/k", lambda data, stat: seen.append(data))
    other = wire.Session(server.port, 30_000)
    stack.callback(other.vanish)

    def put(value):
        other.request(wire.SET_DATA, wire.text("/k") + wire.buffer(value) + struct.pack(">i", -1))

    put(b"1")
    report.check("kazoo: a live change is seen", wait_for(lambda: seen[-1:] == [b"1"]), seen)
    proxy.cut()
    wait_for(lambda: not client.connected)
    put(b"2")
    put(b"3")
    proxy.mend()
    report.check("kazoo: behind a cut its recipe sees the last value", wait_for(lambda: seen[-1:] == [b"3"]), seen)
    report.check("kazoo: and each value once", seen == [b"0", b"1", b"3"], seen)


def suspended(report, server, stack):
    """A client that the server gives up while it hangs has not read what was sent meanwhile."""
    watcher = watchscript.Watcher(server.port, TIMEOUT_MS)
    stack.callback(watcher.vanish)
    writer = wire.Session(server.port, 30_000)
    stack.callback(writer.vanish)
    writer.create("/s")
    watcher.set("persistent", "/s")
    _, _, seen = watcher.collect(wire.SYNC, wire.text("/"))
    body = wire.text("/s") + wire.buffer(b"x") + struct.pack(">i", -1)
    unread = [writer.request(wire.SET_DATA, body)[1] for _ in range(3)]
    back = watchscript.Watcher(server.port, TIMEOUT_MS, session=watcher.session, password=watcher.password, last_zxid=seen)
    stack.callback(back.vanish)
    missed = [writer.request(wire.SET_DATA, body)[1] for _ in range(3)]
    events, error, _ = back.collect(watchscript.SET_WATCHES2, struct.pack(">q", seen) + b"".join(
        watchscript.vector(paths) for paths in ([], [], [], ["/s"], [])))
    report.check("a client that came back from elsewhere is told all that it may not have read",
                 error == 0 and [zxid for _, _, zxid in events] == unread + missed, (events, unread, missed))


def main():
    arguments = live.parser(__doc__, rounds=1).parse_args()
    report = live.Report(arguments.verbose)
    words = live.server_words(arguments)
    with live.scene(arguments, report) as (directory, stack):
        server = peers.Server(directory / "server", words, settings={"tickTime": 500} | live.settings(arguments))
        stack.callback(server.kill)
        server.start()
        suspended(report, server, stack)
        kazoo_rounds(report, server, stack)
        if not shutil.which("javac"):
            report.skip("Java", "no javac; Tools/setup installs a JDK")
        elif apache.found_jars() is None:
            report.skip("Java", "Apache's jars are not here; run Tools/get-apache once")
        else:
            java_rounds(report, server, compiled(directory), stack)
    report.finish()


if __name__ == "__main__":
    main()
