#!/usr/bin/env python3
"""Kills a busy server again and again, and checks after each restart that it holds what it must.

Several kazoo clients create, set, delete, draw sequence numbers, keep ephemeral nodes and commit multis
while the server is killed with SIGKILL at a random moment, sometimes again while it recovers. After each
restart every acknowledged write must be there, with at most a prefix of the unanswered ones of the same
session; sequence numbers never repeat; live sessions go on; ephemeral nodes of dead sessions vanish.
"""
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_kazoo()

import peers  # noqa: E402
from workload import Workload  # noqa: E402


def main():
    parser = live.parser(__doc__, rounds=50)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--busy-seconds", type=float, default=0.8, help="longest time between start and kill")
    arguments = parser.parse_args()
    words = live.server_words(arguments)
    report, choose = live.Report(arguments.verbose), live.seeded(arguments)
    restart_seconds, acknowledged, unanswered = [], 0, 0

    with live.scene(arguments, report) as (directory, stack):
        server = peers.Server(directory / "server", words, settings={
            "tickTime": 500, "preAllocSize": 4096} | live.settings(arguments))
        stack.callback(server.kill)
        server.start()
        work = Workload(server.port, choose, report, arguments.writers)
        stack.callback(work.close)
        for turn in range(arguments.rounds):
            what = "restart %d" % (turn + 1)
            work.add_mortal()
            work.resume()
            time.sleep(choose.uniform(0.02, arguments.busy_seconds))
            server.kill()
            work.settle()
            server.settings["snapCount"] = choose.choice([50, 500, 100_000])
            if choose.random() < 0.25:
                server.launch()
                time.sleep(choose.uniform(0, 0.3))
                server.kill()
            began = time.monotonic()
            server.start()
            restart_seconds.append(time.monotonic() - began)
            work.verify(what)
            work.await_sessions(what)
            if turn % 10 == 9:
                work.await_mortals(what)
                work.verify(what + ", later")
        code = server.stop()
        report.check("SIGTERM ends the server in good order", code in (0, 143), code)
        server.start()
        work.verify("after an orderly stop")
        acknowledged, unanswered = work.acknowledged_count, work.unanswered_count
    if restart_seconds:
        print("%d restarts, %d writes acknowledged, %d unanswered; restart took %.2f s in the median, %.2f at most" % (
            len(restart_seconds), acknowledged, unanswered,
            statistics.median(restart_seconds), max(restart_seconds)))
    report.finish()


if __name__ == "__main__":
    main()
