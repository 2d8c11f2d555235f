#!/usr/bin/env python3
"""Connects in every way, well-formed or not, and runs into each limit of connections and requests.

    connections.py                  compares our server with what Apache's answered
    connections.py --kind apache    shows that Apache's still answers so

Where ours differs on purpose, the difference stands in `OURS`.
"""
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402
import peers  # noqa: E402
import shapes  # noqa: E402
import wire  # noqa: E402

SERVED = "granted 10000 +flag, reply 0 to 1, closed"
REFUSED = "refused +flag, closed"

# What Apache ZooKeeper 3.9.3 shows; what is not named here is served like any other client.
EXPECTED = {
    "without the flag, as 3.3 sends it": "granted 10000 -flag, reply 0 to 1, closed",
    "a timeout of 0": "granted 1000 +flag, reply 0 to 1, closed",
    "a negative timeout": "granted 1000 +flag, reply 0 to 1, closed",
    "a null password and no flag": "granted 10000 -flag, reply 0 to 1, closed",
    "a zxid from the future": "closed, closed",
    "an unknown session": REFUSED,
    "an unknown session without the flag": "refused -flag, closed",
    "an unknown session, read-only": REFUSED,
    "a negative session": REFUSED,
    "the smallest session": REFUSED,
    "a frame that ends within the password": "closed, closed",
    "an empty frame": "closed",
    "a frame of length -1": "closed",
    "a frame of length 2^31-1": "closed",
    "a frame's length is jute.maxbuffer": "open",
    "a frame's length is jute.maxbuffer and one": "closed",
    "a password that says it has 2^31-1 bytes": "closed",
    "a password of length -2": "closed",
    "a second connect request behind the answer to the first":
        "granted 10000 +flag, reply -6 to 0 with zxid -1, closed",
    "a request of 3 bytes": "closed",
    "a request of no bytes": "closed",
    "a connect request that comes byte by byte": "granted 10000 +flag",
    "a session resumed on a second connection": "same session, reply 0 to 1, first closed, second open",
    "a wrong password drops the owner, and the owner comes back":
        "refused +flag, closed, owner closed, again " + SERVED,
    "a session's password cut to 15 bytes": REFUSED,
    "a session's password left out": REFUSED,
    "a resumed session that has seen a zxid from the future leaves its owner alone": "closed, owner open",
    "a session that was closed": REFUSED,
    "the session of the connection itself, asked for again": "reply -6 to 0 with zxid -1, closed",
    "requests behind the one that closes the session": "reply 0 to 5, closed",
    "requests sent together with the connect request": "granted 10000 +flag, reply 0 to 1, reply 0 to -2",
    "a write on the connection that lost its session": "first closed, second reply -101 to 1",
}
# No memory is held for a stranger's first frame beyond 4 KiB.
OURS = {"a frame's length is jute.maxbuffer": "closed"}

NONE = struct.pack(">i", 0)


class Limits:
    """Checks with a server of their own, since each needs settings."""

    def __init__(self, arguments, words, report, directory, stack):
        self.arguments, self.words, self.report = arguments, words, report
        self.directory, self.stack, self.count = directory, stack, 0

    def server(self, **settings):
        self.count += 1
        server = peers.Server(self.directory / ("limits-%d" % self.count), self.words, settings={
            "tickTime": 500} | live.settings(self.arguments) | settings)
        self.stack.callback(server.kill)
        return server.start()

    def check(self, name, wanted, seen):
        self.report.check(name, seen == wanted, seen)

    def answers(self, port, count, **changes):
        """What so many clients are answered, all of them connected at the same time."""
        lines, answers = [], []
        for _ in range(count):
            # One after the other: Apache's server counts a connection only once it has looked at it.
            lines.append(shapes.Line(port, shapes.request(**changes)))
            answers.append(lines[-1].answer().split(" ")[0])
        for line in lines:
            line.hang_up()
        return answers

    def per_address(self):
        server = self.server(maxClientCnxns=3)
        self.check("maxClientCnxns lets so many in and no more", ["granted"] * 3 + ["closed"] * 2,
                   self.answers(server.port, 5))
        time.sleep(0.2)
        self.check("and others once they are gone", ["granted"] * 3, self.answers(server.port, 3))

    def in_all(self):
        server = self.server(maxCnxns=3)
        self.check("maxCnxns lets so many in and no more", ["granted"] * 3 + ["closed"] * 2,
                   self.answers(server.port, 5))

    def tokens(self):
        server = self.server(connection_throttle_tokens=3, connection_throttle_fill_time=3_600_000)
        answers = self.answers(server.port, 5)
        self.check("the connection throttle lets in as many as there are tokens",
                   ["granted"] * 3 + ["closed"] * 2, answers)

    def weights(self):
        server = self.server(connection_throttle_tokens=2, connection_throttle_fill_time=3_600_000,
                             connection_throttle_weight_enabled="true")
        first = shapes.Line(server.port, shapes.request())
        answers = [first.answer()]
        for _ in range(2):
            again = shapes.Line(server.port, shapes.request(session=first.session, password=first.password))
            answers.append(again.answer())
        self.check("a resumed session is cheaper than a new one", ["granted 10000 +flag"] * 2 + ["closed"], answers)

    def large_requests(self):
        server = self.server(largeRequestThreshold=1000, largeRequestMaxBytes=5000)
        line = shapes.Line(server.port, shapes.request())
        line.answer()
        body = wire.text("/large") + wire.buffer(b"x" * 3000) + wire.WORLD_ALL + NONE
        line.send(shapes.call(wire.CREATE, body, xid=1))
        seen = [line.reply()]
        line.send(struct.pack(">i", 6000))
        seen.append(line.end())
        self.check("a request above largeRequestMaxBytes ends its connection", ["reply 0 to 1", "closed"], seen)

    def throttled_operations(self):
        server = self.server(request_throttle_max_requests=1, throttled_op_wait_time=1)
        line = shapes.Line(server.port, shapes.request(), patience=20)
        line.answer()
        count = 1500
        line.send(*(shapes.call(wire.CREATE, wire.text("/t%d" % number) + wire.buffer(b"x") + wire.WORLD_ALL + NONE,
                                xid=number + 1) for number in range(count)))
        seen = [line.reply().split(" ") for _ in range(count)]
        self.check("replies keep their order while requests wait", list(range(1, count + 1)),
                   [int(words[3]) for words in seen])
        errors = {words[1] for words in seen}
        self.check("some are carried out, and those that waited too long are not", {"0", "-127"}, errors)

    def sessionless(self):
        server = self.server(**{"nio.sessionlessCnxnTimeout": 1000})
        lines = [shapes.Line(server.port), shapes.Line(server.port, b"\0\0\0"), shapes.Line(server.port, shapes.request()[:20])]
        began = time.monotonic()
        ends = []
        for line in lines:
            line.socket.settimeout(5)
            ends.append(line.frame())
        seconds = time.monotonic() - began
        self.report.check("whoever asks for no session is closed", ends == [None] * 3 and 0.5 < seconds < 4, seconds)

    def local_sessions(self):
        """A standalone server, Apache's as ours, has global sessions only, whatever these keys say."""
        settings = dict(localSessionsEnabled="true", localSessionsUpgradingEnabled="false")
        server = self.server(**settings)
        session = wire.Session(server.port)
        session.create("/ephemeral", flags=1)
        before = peers.metrics(server.port)
        server.kill()
        server.start()
        again = shapes.seen(server.port, shapes.request(session=session.session, password=session.password))
        self.check("with localSessionsEnabled a session may own ephemerals and outlives a restart",
                   ("0", SERVED), (before.get("local_sessions"), again))

    def read_only(self):
        server = self.server(**{"readonlymode.enabled": "true"})
        self.check("with readonlymode.enabled a server that can write serves as ever", SERVED,
                   shapes.seen(server.port, shapes.request(flag=b"\1")))


def play(arguments, words, report, directory, stack):
    """Every shape, on one server."""
    server = peers.Server(directory / "shapes", words, settings={"tickTime": 500} | live.settings(arguments))
    stack.callback(server.kill)
    server.start()
    expected = EXPECTED | (OURS if arguments.kind == "ours" else {})
    for name, function in shapes.SHAPES.items():
        try:
            seen = function(server.port)
        except OSError as problem:
            seen = "%s: %s" % (type(problem).__name__, problem)
        report.check(name, seen == expected.get(name, SERVED), seen)
    report.check("the server is up at the end", server.returncode is None, server.tail(5))


def main():
    arguments = live.parser(__doc__, rounds=1).parse_args()
    report = live.Report(arguments.verbose)
    words = live.server_words(arguments)
    for _ in range(arguments.rounds):
        with live.scene(arguments, report) as (directory, stack):
            play(arguments, words, report, directory, stack)
            limits = Limits(arguments, words, report, directory, stack)
            for check in (limits.per_address, limits.in_all, limits.tokens, limits.weights, limits.large_requests,
                          limits.throttled_operations, limits.sessionless, limits.local_sessions, limits.read_only):
                check()
    report.finish()


if __name__ == "__main__":
    main()
