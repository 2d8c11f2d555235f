#!/usr/bin/env python3
"""Asks Apache's server and ours the same and compares what they answer: every operation, right and wrong.

    opcodes.py                 starts one server of each kind
    opcodes.py --only multi    only scenarios whose name holds this

A difference that is meant is in lib/scenarios/deliberate.py and docs/compatibility.md.
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402
import peers  # noqa: E402
import scenarios  # noqa: E402
import scenarios.deliberate  # noqa: E402
import scenarios.multis  # noqa: E402,F401
import scenarios.quotas  # noqa: E402,F401
import scenarios.reads  # noqa: E402,F401
import scenarios.sizes  # noqa: E402,F401
import scenarios.writes  # noqa: E402,F401

def played(server, function, number):
    play = scenarios.Play(server.port, "/opcodes-%d" % number)
    try:
        function(play)
    finally:
        play.finish()
    return play.seen


def main():
    parser = live.parser(__doc__, rounds=1)
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    arguments = parser.parse_args()
    report = live.Report(arguments.verbose)
    live.need_apache()
    words = live.server_words(arguments)
    with live.scene(arguments, report) as (directory, stack):
        ours = peers.Server(directory / "ours", words, settings=live.NODE_SETTINGS | live.settings(arguments))
        properties = {"zookeeper." + key: value for key, value in live.NODE_SETTINGS.items()}
        theirs = peers.Server(directory / "apache", peers.command_of("apache", properties=properties))
        for server in (ours, theirs):
            stack.callback(server.kill)
            server.launch()
        for server in (ours, theirs):
            server.wait_ready()
        count = 0
        for number, function in enumerate(scenarios.ALL):
            name = "%s.%s" % (function.__module__.rsplit(".")[-1], function.__name__)
            if arguments.only not in name:
                continue
            seen, expected = (played(server, function, number) for server in (ours, theirs))
            for what in expected:
                count += 1
                holds = scenarios.deliberate.expected(name, what, expected[what], seen.get(what))
                report.check("%s: %s" % (name, what), holds, "Apache %s, ours %s" % (expected[what], seen.get(what)))
        print("compared %d answers" % count)
    report.finish()


if __name__ == "__main__":
    main()
