#!/usr/bin/env python3
"""Plays every combination of watches on Apache's server and on ours, and compares what clients are told.

Needs a JDK and the jars that Tools/get-apache fetches; skipped, with the reason, without them.
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402
import watchscript  # noqa: E402

import peers  # noqa: E402


def transcript(kind, directory, stack, arguments, pairs):
    words = live.server_words(arguments) if kind == "ours" else peers.command_of(kind)
    # So that Apache does not wait for a disk; and what it loses, is lost here as well.
    settings = {"forceSync": "no"} if kind == "apache" else {"watches.catchUp": "false"} | live.settings(arguments)
    server = peers.Server(directory / kind, words, settings=settings)
    stack.callback(server.kill)
    server.start()
    played = watchscript.Transcript(server.port, "/watches")
    try:
        return played.play(pairs)
    finally:
        played.close()


def main():
    parser = live.parser(__doc__, rounds=40)
    arguments = parser.parse_args()
    live.need_apache()
    random = live.seeded(arguments)
    report = live.Report(arguments.verbose)
    with live.scene(arguments, report) as (directory, stack):
        pairs = watchscript.pairs(random, arguments.rounds)
        theirs = transcript("apache", directory, stack, arguments, pairs)
        ours = transcript("ours", directory, stack, arguments, pairs)
        report.check("both say as many lines", len(ours) == len(theirs), (len(ours), len(theirs)))
        heading = ""
        for wanted, seen in zip(theirs, ours):
            heading = heading if wanted.startswith(" ") else wanted
            report.check("told as by Apache", seen == wanted, "%s: wanted %s, saw %s" % (heading, wanted, seen))
    report.finish()


if __name__ == "__main__":
    main()
