#!/usr/bin/env python3
"""Asks the HTTP admin servers of Apache ZooKeeper and ours every command after the same session, and compares;
then ours alone: snapshots, TLS, and those who mean harm.

    admin.py             both servers, then ours
    admin.py --alone     without Apache

Status, fields, their order and types must be the same, and the values that do not depend on the clock.
"""
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402
import apache  # noqa: E402
import adminchecks  # noqa: E402
from adminchecks import comparing, hostile, restoring, snapshots, speech  # noqa: E402


def main():
    parser = live.parser(__doc__, rounds=1)
    parser.add_argument("--alone", action="store_true", help="without Apache")
    arguments = parser.parse_args()
    report = live.Report(arguments.verbose)
    words = live.server_words(arguments)
    began = time.monotonic()
    with live.scene(arguments, report) as (directory, stack):
        world = adminchecks.World(directory, stack, words, report)
        if arguments.alone or apache.found_jars() is None:
            report.skip("comparison", "Apache's jars are not here; run Tools/get-apache once")
        elif apache.jetty_jars() is None:
            report.skip("comparison", "Apache's admin server needs libjetty9-java; Tools/setup tests installs it")
        else:
            comparing.check(world)
        snapshots.check(world)
        restoring.check(world)
        speech.check(world)
        hostile.check(world)
    print("admin.py: %.1f s" % (time.monotonic() - began))
    report.finish()


if __name__ == "__main__":
    main()
