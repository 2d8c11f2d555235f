#!/usr/bin/env python3
"""Takes every file descriptor that a server gives to clients, and checks that the log goes on.

The server runs with a low limit of open files. While connections pour in, a client that was there before
writes so much that segments are rolled and snapshots made, which needs files to be opened. No connection
may cost the server one that the log needs; and when the others are gone it takes new ones.
"""
import os
import socket
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_kazoo()

import peers  # noqa: E402
from workload import connect  # noqa: E402

LIMIT = 96
VALUE = os.urandom(100_000)
WRITES = 400


class Flood(threading.Thread):
    """Connections that ask for nothing: as many as the server takes, opened again when it closes them."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.ended, self.open = port, threading.Event(), []
        self.attempts = 0

    def run(self):
        while not self.ended.is_set():
            try:
                connection = socket.create_connection((peers.HOST, self.port), 1)
                connection.setblocking(False)
                self.open.append(connection)
            except OSError:
                pass
            self.attempts += 1
            self.open = [connection for connection in self.open if not self.is_closed(connection)]
            time.sleep(0.002)

    @staticmethod
    def is_closed(connection):
        try:
            if connection.recv(1):
                return False
        except BlockingIOError:
            return False
        except OSError:
            pass
        connection.close()
        return True

    def stop(self):
        self.ended.set()
        self.join()
        for connection in self.open:
            connection.close()


def run(arguments, words, report):
    with live.scene(arguments, report) as (directory, stack):
        server = peers.Server(directory / "server", ["sh", "-c", 'ulimit -n %d; exec "$@"' % LIMIT, "sh", *words],
                              settings={"preAllocSize": 4096, "snapCount": 200} | live.settings(arguments))
        stack.callback(server.kill)
        server.start()
        client = connect(server.port)
        stack.callback(client.close)
        stack.callback(client.stop)
        client.create("/n")
        before = peers.metrics(server.port)
        flood = Flood(server.port)
        flood.start()
        while flood.attempts < 3 * LIMIT and server.returncode is None:
            time.sleep(0.05)
        taken = len(flood.open)
        report.check("connections are taken up to a little below the limit", LIMIT // 3 < taken < LIMIT - 20, taken)
        for number in range(WRITES):
            client.set("/n", VALUE + b"%d" % number)
        report.check("clients that have a connection are served", client.get("/n")[0].endswith(b"%d" % (WRITES - 1)))
        flood.stop()
        report.check("the server stays up", server.returncode is None, server.tail(3))
        time.sleep(0.5)
        after = peers.metrics(server.port)
        grown = {name: float(after.get(name, 0)) - float(before.get(name, 0)) for name in (
            "aviary_log_segment_rolls", "cnt_snapshottime", "snapshot_error_count", "connection_rejected")}
        report.check("the log is rolled meanwhile", grown["aviary_log_segment_rolls"] >= 5, grown)
        report.check("snapshots are made meanwhile",
                     grown["cnt_snapshottime"] >= 1 and grown["snapshot_error_count"] == 0, grown)
        report.check("the connections that were refused are counted", grown["connection_rejected"] > 0, grown)
        told = server.output.read_text().count("of the %d files and sockets" % LIMIT)
        report.check("the log names the limit, and not for each connection", 1 <= told <= 20, told)
        late = connect(server.port)
        stack.callback(late.close)
        stack.callback(late.stop)
        report.check("new connections are taken once the others are gone", late.exists("/n") is not None)


def main():
    arguments = live.parser(__doc__, rounds=1).parse_args()
    if arguments.kind != "ours":
        live.leave_skipped("Apache's server keeps no descriptors back")
    report = live.Report(arguments.verbose)
    words = live.server_words(arguments)
    for _ in range(arguments.rounds):
        run(arguments, words, report)
    report.finish()


if __name__ == "__main__":
    main()
