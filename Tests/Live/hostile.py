#!/usr/bin/env python3
"""Plays clients that mean ill beside some that do not, who must not notice.

Thousands of idle sessions and of connections that send a byte a second; lengths and counts that promise
gigabytes; replies that nobody reads; ten times as many writes as the server takes. Normal clients lose no
request and wait for none longer than a second, sessions that ping do not expire, and the server's memory
stays within what docs/configuration.md says. Prints the latencies and bytes that it saw.
"""
import contextlib
import multiprocessing
import resource
import selectors
import socket
import struct
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402
import peers  # noqa: E402
import shapes  # noqa: E402
import wire  # noqa: E402

CROWD = 5000
# Descriptors that the script, and the server, need for themselves.
SPARE_DESCRIPTORS = 600
MIB = 1 << 20
WAIT_MAX = 1.0
# What each opcode's body begins with, before the length or count that lies.
STAT, FLAGS = struct.pack(">i", -1), struct.pack(">i", 0)
BOMBS = [struct.pack(">i", number) for number in (-2, -(1 << 31), (1 << 31) - 1, 1 << 30, 1 << 20)]
OPCODES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14, 15, 16, 18, 19, 20, 21, 22, 101, 103, 104, 105, 106, 107, 100, 102]


def resident(server):
    """The server's resident memory in bytes."""
    for line in Path("/proc/%d/status" % server.pid).read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    return 0


def descriptors():
    """Raises the limit of open files as far as it goes; returns how many connections that is good for."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most - SPARE_DESCRIPTORS


class Normal(threading.Thread):
    """A client that writes and reads a node of its own, one request after the other, and notes each wait."""

    def __init__(self, port, number):
        super().__init__(daemon=True)
        self.waits, self.failures, self.ended = [], [], threading.Event()
        self.session = wire.Session(port, timeout_ms=4000)
        self.path = self.session.create("/normal-%d-" % number, b"0", flags=wire.SEQUENTIAL)

    def run(self):
        count = 0
        try:
            while not self.ended.wait(0.004):
                count += 1
                value = b"%d" % count
                began = time.monotonic()
                error, _, _ = self.session.request(wire.SET_DATA, wire.text(self.path) + wire.buffer(value) + STAT)
                middle = time.monotonic()
                read_error, _, body = self.session.request(wire.GET_DATA, wire.text(self.path) + b"\0")
                self.waits += [middle - began, time.monotonic() - middle]
                if error or read_error or wire.buffer(value) not in body:
                    self.failures.append("set %d, get %d" % (error, read_error))
        except (OSError, wire.Ended) as problem:
            self.failures.append("%s: %s" % (type(problem).__name__, problem))


class Crowd:
    """Some normal clients; `measured` says how they fared since it was last asked."""

    def __init__(self, port, count=4):
        self.clients = [Normal(port, number) for number in range(count)]
        for client in self.clients:
            client.start()

    def measured(self):
        waits = sorted(sum((client.waits for client in self.clients), []))
        failures = sum((client.failures for client in self.clients), [])
        for client in self.clients:
            client.waits = []
        return waits, failures

    def stop(self):
        for client in self.clients:
            client.ended.set()
        for client in self.clients:
            client.join()
            client.session.vanish()


def judge(report, name, crowd):
    """No request failed and none waited long; returns the 99th percentile in milliseconds."""
    waits, failures = crowd.measured()
    report.check("%s: no request of a normal client fails" % name, not failures, failures[:3])
    report.check("%s: none waits over a second" % name, waits and waits[-1] < WAIT_MAX, waits[-1:])
    return waits[len(waits) * 99 // 100] * 1000 if waits else float("inf")


def open_idle(port, count):
    """Sessions that are asked for nothing; opened a few hundred at a time."""
    lines = []
    for first in range(0, count, 200):
        batch = [shapes.Line(port, shapes.request(timeout=40_000)) for _ in range(min(200, count - first))]
        if any(not line.answer().startswith("granted") for line in batch):
            raise OSError("a session was refused")
        lines += batch
    return lines


@contextlib.contextmanager
def beside(function, *arguments):
    """Runs `function(begin, ended, *arguments)` in a process of its own, which does not slow down this one's
    clients; ends it behind the block. Yields `begin`, which the function waits for."""
    begin, ended = multiprocessing.Event(), multiprocessing.Event()
    process = multiprocessing.Process(target=function, args=(begin, ended, *arguments), daemon=True)
    process.start()
    try:
        yield begin
    finally:
        ended.set()
        begin.set()
        process.join(20)
        if process.is_alive():
            process.kill()


def trickle(begin, ended, port, count):
    """Connections that send a byte a second each, half of them with a session; told to begin twice: to open
    them, and to send."""
    begin.wait()
    lines = open_idle(port, count // 2) + [shapes.Line(port) for _ in range(count - count // 2)]
    begin.clear()
    begin.wait()
    request, turn = shapes.request()[:40] + b"\0" * 40, 0
    while not ended.wait(0.02):
        # A fiftieth of them at a time.
        for line in lines[turn % 50::50]:
            try:
                line.socket.send(request[turn // 50 % 80:turn // 50 % 80 + 1], socket.MSG_NOSIGNAL)
            except OSError:
                pass
        turn += 1


def crowds(report, server, count):
    """5,000 idle sessions and 5,000 connections that send a byte a second, half of them with a session."""
    with beside(trickle, server.port, count) as begin:
        crowd = Crowd(server.port)
        time.sleep(1.5)
        before, memory = judge(report, "alone", crowd), resident(server)
        idle = open_idle(server.port, count)
        idle_memory = resident(server)
        begin.set()
        until(lambda: not begin.is_set(), 20)
        time.sleep(0.3)
        crowd.measured()
        begin.set()
        time.sleep(4)
        during, grown = judge(report, "beside a crowd", crowd), resident(server) - memory
        report.check("the crowd's connections take less than 4 KiB each", grown < 2 * count * 4096 + 8 * MIB, grown)
        alive = sum(line_answers(line) for line in idle[::50])
        report.check("idle sessions are served", alive == len(idle[::50]), alive)
        crowd.stop()
    print("hostile.py: p99 of normal clients %.2f ms alone, %.2f ms beside %d idle and %d slow connections; "
          "an idle session takes %d bytes" % (before, during, count, count, (idle_memory - memory) / count))
    for line in idle:
        line.hang_up()


def until(condition, seconds):
    """Waits until the condition holds, or for so many seconds."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)


def line_answers(line):
    line.send(shapes.call(wire.PING, xid=-2))
    return line.reply() == "reply 0 to -2"


def bombs(report, server):
    """Lengths and counts that promise more than there is: an answer or an end, and no memory."""
    memory = resident(server)
    waiting = []
    for _ in range(300):
        line = shapes.Line(server.port, shapes.request())
        line.answer()
        line.send(struct.pack(">i", 0xfffff) + b"\0" * 20)
        waiting.append(line)
    answered = 0
    for opcode in OPCODES:
        for bomb in BOMBS:
            for before in (b"", wire.text("/x"), wire.text("/x") + wire.buffer(b"d"), struct.pack(">ib", 1, 0) + STAT):
                line = waiting.pop() if len(waiting) > 250 else None
                if line:
                    line.hang_up()
                answered += exploded(server.port, opcode, before + bomb + b"\0" * 8)
    grown = resident(server) - memory
    report.check("each bomb is answered or ends its connection", answered == len(OPCODES) * len(BOMBS) * 4, answered)
    report.check("bombs and 250 half-sent requests of 1 MiB cost less than 16 MiB", grown < 16 * MIB, grown)
    for line in waiting:
        line.hang_up()


SHARED = {}


def exploded(port, opcode, body):
    """Whether a request is answered, or its connection ends, in time. Connections go on as long as they last."""
    for _ in range(2):
        line = SHARED.get(port)
        if line is None:
            line = SHARED[port] = shapes.Line(port, shapes.request())
            line.answer()
        line.send(shapes.call(opcode, body, xid=7))
        try:
            reply = line.reply()
        except TimeoutError:
            return False
        if reply != "closed":
            return True
        # Closed by this bomb, or by the one before it behind its answer.
        SHARED[port] = None
    return True


def deaf(report, server):
    """Clients that ask for a gigabyte and read nothing of it."""
    writer = wire.Session(server.port)
    writer.create("/big", b"x" * 900_000)
    memory = resident(server)
    crowd = Crowd(server.port)
    request = shapes.call(wire.GET_DATA, wire.text("/big") + b"\0")
    lines = [shapes.Line(server.port, shapes.request(), request * 1000) for _ in range(30)]
    time.sleep(1.5)
    judge(report, "beside clients that do not read", crowd)
    grown = resident(server) - memory
    report.check("27 GB of replies that nobody reads take less than 150 MiB", grown < 150 * MIB, grown)
    crowd.stop()
    for line in lines:
        line.hang_up()


def flood(begin, ended, port, count):
    """Writes on so many connections as fast as the server takes them; replies are thrown away."""
    begin.wait()
    selector = selectors.DefaultSelector()
    body = wire.text("/flood") + wire.buffer(b"x" * 100) + STAT
    requests = b"".join(shapes.call(wire.SET_DATA, body, xid=number) for number in range(1, 501))
    lines = []
    for _ in range(count):
        line = shapes.Line(port, shapes.request())
        line.answer()
        line.socket.setblocking(False)
        selector.register(line.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, [requests])
        lines.append(line)
    while not ended.is_set():
        for key, events in selector.select(0.1):
            try:
                if events & selectors.EVENT_READ:
                    key.fileobj.recv(1 << 18)
                if events & selectors.EVENT_WRITE:
                    rest = key.data[0]
                    key.data[0] = rest[key.fileobj.send(rest):] or requests
            except BlockingIOError:
                pass
            except OSError:
                selector.unregister(key.fileobj)
    for line in lines:
        line.hang_up()


def overload(report, server):
    """Far more writes than the server takes at a time: whoever pings keeps its session."""
    wire.Session(server.port).create("/flood")
    sessions = [wire.Session(server.port, timeout_ms=1000) for _ in range(20)]
    before = peers.metrics(server.port)
    longest, lost = 0.0, []
    with beside(flood, server.port, 20) as begin:
        begin.set()
        end, ping = time.monotonic() + 4, struct.pack(">ii", -2, wire.PING)
        while time.monotonic() < end and not lost:
            began = time.monotonic()
            try:
                for session in sessions:
                    session.send(ping)
                for session in sessions:
                    session.receive()
            except (OSError, wire.Ended) as problem:
                lost.append(repr(problem))
            longest = max(longest, time.monotonic() - began)
            time.sleep(0.25)
        # Now, while they have been pinged a moment ago.
        after = peers.metrics(server.port)
    report.check("no session that pings is lost", not lost, lost[:1])
    report.check("no ping waits over a second", longest < WAIT_MAX, longest)
    expired = float(after["stale_sessions_expired"]) - float(before["stale_sessions_expired"])
    report.check("no session expires", expired == 0, expired)
    written = float(after["packets_received"]) - float(before["packets_received"])
    print("hostile.py: %d requests in 4 s of overload; the longest ping took %.1f ms" % (written, longest * 1000))


def run(arguments, words, report):
    room = descriptors()
    count = min(CROWD, room // 2)
    if count < 500:
        live.leave_skipped("the hard limit of open files (ulimit -Hn) is too low")
    with live.scene(arguments, report) as (directory, stack):
        def server(name, **settings):
            made = peers.Server(directory / name, words, settings={
                "tickTime": 2000, "preAllocSize": 16384} | live.settings(arguments) | settings)
            stack.callback(made.kill)
            return made.start()

        first = server("first")
        crowds(report, first, count)
        bombs(report, first)
        deaf(report, first)
        report.check("the server is up at the end", first.returncode is None, first.tail(5))
        first.kill()
        overload(report, server("overload", tickTime=500, globalOutstandingLimit=100))
        overload(report, server("throttled", tickTime=500, requestThrottleLimit=100))


def main():
    arguments = live.parser(__doc__, rounds=1).parse_args()
    if arguments.kind != "ours":
        live.leave_skipped("the limits are ours")
    report = live.Report(arguments.verbose)
    words = live.server_words(arguments)
    for _ in range(arguments.rounds):
        run(arguments, words, report)
    report.finish()


if __name__ == "__main__":
    main()
