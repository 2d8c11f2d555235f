#!/usr/bin/env python3
"""Does with a server everything that clients do, through kazoo and by hand on the wire.

    clients.py                          starts a server of its own
    clients.py --hosts 127.0.0.1:2181   takes a running server or ensemble, Apache's or ours

Each check has nodes and sessions of its own; a running server keeps nothing of it.
"""
import sys
import traceback
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_kazoo()

import logging  # noqa: E402

import checks  # noqa: E402
import checks.acls  # noqa: E402,F401
import checks.multis  # noqa: E402,F401
import checks.nodes  # noqa: E402,F401
import checks.sessions  # noqa: E402,F401
import checks.watches  # noqa: E402,F401
import peers  # noqa: E402
from kazoo.security import OPEN_ACL_UNSAFE  # noqa: E402

logging.getLogger("kazoo").setLevel(logging.CRITICAL)


def clean(hosts, root):
    """Removes what a check left below its root; clients of it are gone by now."""
    with checks.Visit(hosts, root + "-end") as visit:
        visit.client.add_auth("digest", "joe:secret")
        visit.client.add_auth("digest", "ann:word")
        for path in (root, root + "-end"):
            open_up(visit.client, path)
            visit.client.delete(path, recursive=True)


def open_up(client, path):
    """Gives everybody every right below a path, where this client may."""
    client.set_acls(path, OPEN_ACL_UNSAFE)
    for name in client.get_children(path):
        try:
            open_up(client, path + "/" + name)
        except checks.acls.NoAuthError:
            continue


def run(hosts, report, wanted):
    prefix = "/clients-" + uuid.uuid4().hex[:8]
    for number, function in enumerate(checks.ALL):
        if wanted and wanted not in function.__name__:
            continue
        root = "%s-%d" % (prefix, number)
        try:
            with checks.Visit(hosts, root) as visit:
                function(visit)
            report.check(function.__doc__, True)
        except checks.Skipped as reason:
            report.skip(function.__doc__, str(reason))
        except Exception as problem:
            report.fail("%s (%s)" % (function.__doc__, function.__name__), "%s: %s" % (type(problem).__name__, problem))
            if report.verbose:
                traceback.print_exc()
        try:
            clean(hosts, root)
        except Exception as problem:
            report.fail("cleaning up after %s" % function.__name__, repr(problem))


def main():
    parser = live.parser(__doc__, rounds=1)
    parser.add_argument("--hosts", help="HOST:PORT,... of a running server; none is started")
    parser.add_argument("--only", default="", help="checks whose function name holds this")
    arguments = parser.parse_args()
    report = live.Report(arguments.verbose)
    if arguments.hosts:
        for _ in range(arguments.rounds):
            run(arguments.hosts, report, arguments.only)
        report.finish()
    words = live.server_words(arguments)
    with live.scene(arguments, report) as (directory, stack):
        extended = {"extendedTypesEnabled": "true"} if arguments.kind == "ours" else {}
        server = peers.Server(directory / "server", words, settings={"tickTime": 500} | extended | live.settings(arguments))
        stack.callback(server.kill)
        server.start()
        for _ in range(arguments.rounds):
            run("127.0.0.1:%d" % server.port, report, arguments.only)
        report.check("the server is up at the end", server.returncode is None, server.tail(5))
    report.finish()


if __name__ == "__main__":
    main()
