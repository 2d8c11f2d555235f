#!/usr/bin/env python3
"""Plays random sessions against Apache ZooKeeper 3.9.3 and ours, and compares every word of the answers.

    differential.py --operations 1000000       more of them
    differential.py --seed 7 --verbose         the sessions of an earlier run
    differential.py --case FILE                one case; without it all those in Tests/Differential/cases come first

A session that shows a difference is shrunk, printed, and written to a file that --case plays. See
docs/testing.md. Needs a JDK and the jars that Tools/get-apache fetches.
"""
import random
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "lib"), str(HERE.parent / "Differential")]
import live  # noqa: E402

import shrink  # noqa: E402
import tree  # noqa: E402
from differences import DELIBERATE, last_error  # noqa: E402
from generator import Generator  # noqa: E402
from pair import Pair, apache_and_ours, ours_and_open  # noqa: E402
from play import Difference, Play  # noqa: E402
from side import Silent  # noqa: E402

CASES = HERE.parent / "Differential" / "cases"
OPERATIONS_A_SESSION = 120
OPERATIONS_OF_A_LONG_ONE = 600


class Comparison:
    """Sessions on a pair of servers, and what they showed."""

    def __init__(self, pair, report, kept, shrunk_max):
        self.pair, self.report, self.kept, self.shrunk_max = pair, report, kept, shrunk_max
        self.operations = 0
        self.kinds = {}

    def difference(self, operations):
        """The difference that these operations show, or None."""
        tree.prepare(self.pair.sides)
        self.operations += len(operations)
        try:
            Play(self.pair.sides, operations).run()
            return None
        except Difference as found:
            difference = found
        except Silent as found:
            difference = Difference(0, operations[-1:], [str(found)], [], "silence")
        for side in self.pair.sides:
            side.end_sessions()
        return difference

    def check(self, name, operations, shrinks=True):
        """Plays a session; a difference of a kind not yet seen is shrunk and kept."""
        found = self.difference(operations)
        if found is None:
            self.report.check(name, True)
            return
        self.report.failed += 1
        known = self.kinds.setdefault(found.kind, 0)
        self.kinds[found.kind] += 1
        if not shrinks:
            print("FAILED: %s: %s" % (name, found), flush=True)
        elif known == 0 and len(self.kinds) <= self.shrunk_max:
            self.shrink(name, operations, found)

    def shrink(self, name, operations, found):
        def same(candidate):
            other = self.difference(candidate)
            return other is not None and other.kind == found.kind
        if not same(operations):
            print("the second play of %s did not show the difference again" % name)
            small = operations
        else:
            small = shrink.shrunk(operations, same)
            found = self.difference(small) or found
        path = self.kept / ("%s.case" % name.replace(" ", "-"))
        shrink.written(path, small, str(found).splitlines())
        print("FAILED: %s, kept as %s\n%s" % (name, path, path.read_text()), flush=True)


def check_itself(pair, report, kept):
    """A server that checks no rights is found out, and what shows it is shrunk to a few operations."""
    comparison = Comparison(pair, report, kept, 0)
    sessions = (Generator(random.Random(number)).session(OPERATIONS_A_SESSION) for number in range(50))
    differing = next(((session, found) for session in sessions if (found := comparison.difference(session))), None)
    if report.check("a server without rights is found out", differing is not None):
        session, found = differing
        small = shrink.shrunk(session, lambda candidate: (other := comparison.difference(candidate)) and other.kind == found.kind)
        report.check("what shows it is shrunk", len(small) <= 8, small)


def check_deliberate(comparison):
    """Each difference that is meant is there, as it is described."""
    for difference in DELIBERATE:
        if difference.operations:
            tree.prepare(comparison.pair.sides)
            found = [last_error(side, difference.operations) for side in comparison.pair.sides]
            comparison.report.check("deliberate: " + difference.name, found == [difference.apache, difference.ours], found)
            for side in comparison.pair.sides:
                side.end_sessions()


def run(comparison, arguments, seed):
    for path in [arguments.case] if arguments.case else sorted(CASES.glob("*.case")):
        comparison.check("case %s" % path.stem, shrink.read(path), shrinks=False)
    if arguments.case:
        return
    check_deliberate(comparison)
    began, number = time.monotonic(), 0
    comparison.operations = 0
    while comparison.operations < arguments.operations:
        count = OPERATIONS_OF_A_LONG_ONE if number % 10 == 9 else OPERATIONS_A_SESSION
        session = Generator(random.Random("%d.%d" % (seed, number))).session(count)
        comparison.check("session %d.%d" % (seed, number), session)
        number += 1
    seconds = time.monotonic() - began
    print("%d sessions, %d operations on each server, %.0f a second" % (number, comparison.operations, comparison.operations / seconds))
    for kind, count in sorted(comparison.kinds.items(), key=lambda pair: -pair[1]):
        print("%6d sessions: %s" % (count, kind))


def main():
    parser = live.parser(__doc__, rounds=1)
    parser.add_argument("--operations", type=int, default=100_000, help="how many on each server (default %(default)s)")
    parser.add_argument("--shrink", type=int, default=5, help="how many kinds of differences are shrunk (default %(default)s)")
    parser.add_argument("--ours", action="append", default=[], metavar="KEY=VALUE", help="a line for the zoo.cfg of ours alone")
    parser.add_argument("--case", type=Path, help="plays this case only")
    arguments = parser.parse_args()
    live.need_apache()
    if arguments.seed is None:
        arguments.seed = random.SystemRandom().randrange(1 << 32)
    print("differential.py: seed %d" % arguments.seed, flush=True)
    report = live.Report(arguments.verbose)
    kept = Path(tempfile.gettempdir()) / "aviary-differences"
    kept.mkdir(exist_ok=True)
    words = live.server_words(arguments)
    with live.scene(arguments, report) as (directory, stack):
        if not arguments.case:
            check_itself(Pair(ours_and_open(directory, words), stack), report, kept)
        pair = Pair(apache_and_ours(directory, words, live.settings(arguments),
                                    dict(item.split("=", 1) for item in arguments.ours)), stack)
        run(Comparison(pair, report, kept, arguments.shrink), arguments, arguments.seed)
    report.finish()


if __name__ == "__main__":
    main()
