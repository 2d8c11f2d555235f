#!/usr/bin/env python3
"""Plays the same writes against Apache's server and ours, and compares the lines of their audit logs.

    audit.py                 both servers, then what concerns our file alone
    audit.py --kind apache   prints what Apache writes about each step

A difference that is meant is in lib/auditplay/deliberate.py and docs/compatibility.md. Needs a JDK and the jars
that Tools/get-apache fetches; without them only what concerns our file is checked.
"""
import shutil
import sys
import threading
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402
from auditplay import SUPER, Side, deliberate, files, lives, writes  # noqa: E402

SASL_PROVIDER = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider"
USERS = 'Server { org.apache.zookeeper.server.auth.DigestLoginModule required user_super="adminsecret" user_bob="bobsecret"; };\n'
JAAS = "java.security.auth.login.config"

# Settings of a server, and what is played on it.
SCENES = {
    "writes": (SUPER | {"enforceQuota": "true", "znode.container.checkIntervalMs": "200"}, [
        writes.good, writes.refused, writes.unaudited, writes.multis, writes.reconfigurations, lives.ends, lives.reaped,
        lives.times_to_live, lives.oddities, lives.identities, lives.quotas]),
    "SASL": ({"reconfigEnabled": "true", "authProvider.1": SASL_PROVIDER, JAAS: "users.jaas"}, [writes.reconfigurations, lives.sasl_names]),
}


def play(name, side, report):
    """Plays a scene on one server, from its start to its end."""
    try:
        side.launch()
        side.begin()
        for step in SCENES[name][1]:
            step(side)
        side.server.stop()
        side.keep("the stop", lambda lines: any("serverStop" in line for line in lines))
        other = side.second()
        side.server.start()
        side.keep("the next start", lambda lines: any("serverStart" in line for line in lines))
        other.launch()
        other.wait_end()
        side.keep("a start that fails", lambda lines: any("serverStart" in line for line in lines))
    except Exception as problem:
        traceback.print_exc()
        report.fail("%s with %s" % (name, side.kind), repr(problem))


def compare(name, report, directory, stack, kinds):
    settings = {key: directory / value if key == JAAS else value for key, value in SCENES[name][0].items()}
    sides = [Side(kind, directory / ("%s-%s" % (name, kind)), settings, stack) for kind in kinds]
    players = [threading.Thread(target=play, args=(name, side, report)) for side in sides]
    for player in players:
        player.start()
    for player in players:
        player.join()
    if len(sides) == 1:
        for label, lines in sides[0].steps.items():
            print("%-50s %s" % (label, lines))
        return
    for label, lines in sides[0].steps.items():
        ours = sides[1].steps.get(label)
        report.check("%s: %s" % (name, label), deliberate.expected(label, lines, ours), "Apache %s, ours %s" % (lines, ours))


def main():
    parser = live.parser(__doc__, rounds=1)
    parser.add_argument("--only", default="", help="scenes whose name holds this; `file` is what concerns ours alone")
    arguments = parser.parse_args()
    live.server_words(arguments)
    report = live.Report(arguments.verbose)
    with live.scene(arguments, report) as (directory, stack):
        (directory / "users.jaas").write_text(USERS)
        for name in SCENES:
            if arguments.only not in name:
                continue
            if not shutil.which("java") or live.apache.found_jars() is None:
                report.skip(name, "no java, or no jars of Apache's; Tools/setup and Tools/get-apache bring them")
                continue
            compare(name, report, directory, stack, ["apache"] if arguments.kind == "apache" else ["apache", "ours"])
        if arguments.only in "file" and arguments.kind == "ours":
            files.play(report, directory / "files", stack)
    report.finish()


if __name__ == "__main__":
    main()
