"""A million watches: reports stay bounded, and others are served meanwhile (security table, S21)."""
import struct
import threading
import time

import peers
import wire

WATCHES = 1_000_000
IN_A_FRAME = 20_000
SET_WATCHES = 101
REPORT_MAX = 2 << 20
# A line that was begun is finished: the longest here, and the one that says that more is cut.
SLACK = 4096
# Generous: a busy machine. What is seen is printed.
PAUSE_MAX = 1.0


def watch(port):
    """A session with a million watches of nodes that are not there."""
    session = wire.Session(port, timeout_ms=60_000)
    latest = (1 << 62)
    for start in range(0, WATCHES, IN_A_FRAME):
        names = b"".join(wire.text("/services/instance-%07d" % number) for number in range(start, start + IN_A_FRAME))
        none = struct.pack(">i", 0)
        session.request(SET_WATCHES, struct.pack(">q", latest) + none + struct.pack(">i", IN_A_FRAME) + names + none, xid=-8)
    return session


class Worker(threading.Thread):
    """A client that reads all the time; notes the longest it had to wait."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.session = wire.Session(port)
        self.longest = 0.0
        self.stops = False

    def run(self):
        while not self.stops:
            began = time.monotonic()
            self.session.request(wire.EXISTS, wire.text("/") + b"\0")
            self.longest = max(self.longest, time.monotonic() - began)


def check(report, directory, stack):
    server = peers.Server(directory / "bounds", peers.our_command())
    stack.callback(server.kill)
    server.start()
    session = watch(server.port)
    worker = Worker(server.port)
    worker.start()
    summary = peers.four_letter(server.port, "wchs", 10)
    report.check("wchs counts a million", summary == "1 connections watching %d paths\nTotal watches:%d\n"
                 % (WATCHES, WATCHES), summary)
    for word in ("wchc", "wchp"):
        began = time.monotonic()
        answer = peers.four_letter(server.port, word, 30)
        took = time.monotonic() - began
        last = answer.rstrip("\n").rsplit("\n", 1)[-1]
        report.check("%s of a million watches is cut at the bound" % word,
                     REPORT_MAX <= len(answer) <= REPORT_MAX + SLACK, len(answer))
        report.check("%s says that it was cut" % word, last.startswith("... cut after"), last)
        print("%s of %d watches: %d bytes in %.0f ms" % (word, WATCHES, len(answer), took * 1000))
    for _ in range(5):
        peers.four_letter(server.port, "wchc", 30)
    worker.stops = True
    worker.join()
    print("a reader beside them waited %.0f ms at most" % (worker.longest * 1000))
    report.check("a reader is served beside them", worker.longest < PAUSE_MAX, worker.longest)
    session.vanish()
    server.stop()
