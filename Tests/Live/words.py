#!/usr/bin/env python3
"""Asks Apache ZooKeeper and ours every four letter word after the same session, and compares.

    words.py             both servers, then the bounds and the secrets of ours
    words.py --alone     without Apache

Lines, fields and their order must be the same, and the values that do not depend on the clock.
"""
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402
import apache  # noqa: E402
import peers  # noqa: E402
import wire  # noqa: E402
import wordchecks.bounds as bounds  # noqa: E402
import wordchecks.secrets as secrets  # noqa: E402
from wordchecks import shape  # noqa: E402

WORDS = ("conf cons crst dirs dump envi gtmk hash isro mntr ruok srst srvr stat stmk wchc wchp wchs").split()
# Numbers of mntr that the session alone decides, not the clock nor the machine.
SAME_MEASURES = (
    "server_state znode_count ephemerals_count watch_count approximate_data_size global_sessions local_sessions "
    "num_alive_connections outstanding_requests last_client_response_size min_client_response_size "
    "max_client_response_size connection_rejected connection_drop_count digest_mismatches_count auth_failed_count "
    "unrecoverable_error_count watch_bytes connection_revalidate_count").split()
# Names of 3.10 that 3.9 has not, and one that it counts without showing it.
LATER = re.compile(r"op_count_|aviary_|ttl_node_|fsync_threshold_exceed_count")


def play(port):
    """A session that touches every kind of figure; it stays open."""
    session = wire.Session(port)
    session.create("/words", b"0123456789")
    session.create("/words/mine", b"", flags=1)
    for number in range(130):
        session.create("/words/%d" % number)
    session.request(wire.EXISTS, wire.text("/words/absent") + b"\1")
    session.request(wire.GET_DATA, wire.text("/words/1") + b"\1")
    session.request(wire.SET_DATA, wire.text("/words/1") + wire.buffer(b"x") + b"\xff\xff\xff\xff")
    session.request(wire.GET_DATA, wire.text("/words/2") + b"\1")
    session.request(8, wire.text("/words") + b"\1")
    return session


def both(directory, stack, name, settings):
    """Apache's server and ours with the same settings."""
    servers = {}
    for kind in ("apache", "ours"):
        server = peers.Server(directory / (name + "-" + kind), peers.command_of(kind), settings=settings)
        stack.callback(server.kill)
        servers[kind] = server.start()
    return servers


def ask(servers, word):
    return [peers.four_letter(servers[kind].port, word, 10) for kind in ("apache", "ours")]


def compare(report, servers):
    sessions = [play(servers[kind].port) for kind in ("apache", "ours")]
    for word in ("ruok", "isro", "gtmk", "stmk\0\0\0\0\0\0\1\2", "gtmk", "crst", "wat?"):
        theirs, ours = ask(servers, word)
        report.check("%r is answered as by Apache" % word, theirs == ours, (theirs, ours))
    [session.request(wire.EXISTS, wire.text("/words") + b"\0") for session in sessions]
    for word, take in shape.WHOLE.items():
        theirs, ours = ask(servers, word)
        report.check("%s has Apache's lines" % word, take(theirs) == take(ours), "\n%s\n%s" % (take(theirs), take(ours)))
    theirs, ours = (shape.measures(answer) for answer in ask(servers, "mntr"))
    unknown = [name for name in ours if name not in theirs and not LATER.match(name)]
    report.check("mntr has no names that Apache has not", not unknown, unknown)
    for name in SAME_MEASURES:
        report.check("mntr: %s is Apache's" % name, theirs.get(name) == ours.get(name), (theirs.get(name), ours.get(name)))
    theirs, ours = ask(servers, "srst")
    report.check("srst is answered as by Apache", theirs == ours, (theirs, ours))
    for session in sessions:
        session.vanish()


def compare_whitelist(report, directory, stack):
    """What may be used by default, and what is said of the rest."""
    servers = both(directory, stack, "closed", {"4lw.commands.whitelist": " ruok ,dump, nonsense,\tisro"})
    for word in WORDS:
        theirs, ours = ask(servers, word)
        refused = "not in the whitelist"
        same = (theirs == ours) if refused in theirs else (refused not in ours and ours != "")
        report.check("the whitelist treats %s as Apache's does" % word, same, (theirs, ours))


def main():
    parser = live.parser(__doc__, rounds=1)
    parser.add_argument("--alone", action="store_true", help="without Apache")
    arguments = parser.parse_args()
    report = live.Report(arguments.verbose)
    live.server_words(arguments)
    began = time.monotonic()
    with live.scene(arguments, report) as (directory, stack):
        if arguments.alone or apache.found_jars() is None:
            report.skip("comparison", "Apache's jars are not here; run Tools/get-apache once")
        else:
            compare(report, both(directory, stack, "open", {}))
            compare_whitelist(report, directory, stack)
        bounds.check(report, directory, stack)
        secrets.check(report, directory, stack)
    print("words.py: %.1f s" % (time.monotonic() - began))
    report.finish()


if __name__ == "__main__":
    main()
