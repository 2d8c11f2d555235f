#!/usr/bin/env python3
"""Drives Apache's own command line client, zkCli, against a server and reads what it prints.

Needs a JDK and the jars that Tools/get-apache fetches; skipped, with the reason, without them. Takes a
running server with --hosts, or starts one.
"""
import re
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

import apache  # noqa: E402
import peers  # noqa: E402

MAIN = "org.apache.zookeeper.ZooKeeperMain"
PROMPT = re.compile(r"^\[zk: [^\]]*\] ?", re.MULTILINE)

# A command, and what its output must hold; a text with ! before it must not be there.
# {r} is a node of this run's own.
SCRIPT = [
    ("create {r} top", "Created {r}"),
    ("create {r}/a first", "Created {r}/a"),
    ("create {r}/a twice", "Node already exists: {r}/a"),
    ("create {r}/no/where x", "Node does not exist: {r}/no/where"),
    ("get {r}/a", "first"),
    ("set {r}/a second", "!xception"),
    ("get -s {r}/a", "second", "cZxid = 0x", "dataVersion = 1", "ephemeralOwner = 0x0", "dataLength = 6", "numChildren = 0"),
    ("set -v 9 {r}/a third", "version No is not valid : {r}/a"),
    ("stat {r}", "cversion = 1", "numChildren = 1"),
    ("create -e {r}/e x", "Created {r}/e"),
    ("create {r}/e/child x", "Ephemerals cannot have children: {r}/e/child"),
    ("create -s {r}/s- x", "Created {r}/s-0000000002"),
    ("create -s -e {r}/se- x", "Created {r}/se-0000000003"),
    ("create -c {r}/c", "Created {r}/c"),
    ("create -t 600000 {r}/t x", "Created {r}/t"),
    ("ls {r}", "[a, c, e, s-0000000002, se-0000000003, t]"),
    ("create {r}/a/b deep", "Created {r}/a/b"),
    ("ls -R {r}/a", "{r}/a\n{r}/a/b"),
    ("ls {r}/none", "Node does not exist: {r}/none"),
    ("getAllChildrenNumber {r}", "7"),
    ("getEphemerals {r}", "{r}/e"),
    ("get -w {r}/a", "second"),
    ("set {r}/a third", "type:NodeDataChanged path:{r}/a"),
    ("ls -w {r}/a", "[b]"),
    ("create {r}/a/w x", "type:NodeChildrenChanged path:{r}/a"),
    ("addWatch -m PERSISTENT_RECURSIVE {r}/a", "!xception"),
    ("set {r}/a/w y", "type:NodeDataChanged path:{r}/a/w"),
    ("removewatches {r}/a", "!xception"),
    ("delete -v 9 {r}/a/w", "version No is not valid : {r}/a/w"),
    ("delete {r}/a", "Node not empty: {r}/a"),
    ("delete {r}/a/w", "!xception"),
    ("getAcl {r}/a", "'world,'anyone", ": cdrwa"),
    ("setAcl {r}/a/b world:anyone:r", "!xception"),
    ("set {r}/a/b x", "Insufficient permission : {r}/a/b"),
    ("addauth digest ann:word", "!xception"),
    ("whoami", "digest: ann", "ip: 127.0.0.1"),
    ("create {r}/own x auth::cdrwa", "Created {r}/own"),
    ("getAcl {r}/own", "'digest,'ann:", ": cdrwa"),
    ("sync {r}", "Sync is OK"),
    ("deleteall {r}", "!xception"),
    ("ls {r}", "Node does not exist: {r}"),
]


def converse(hosts, commands):
    """What zkCli prints for each command of one session."""
    words = peers.java(MAIN, "-waitforconnection", "-server", hosts, log_level="off")
    done = subprocess.run(words, input="\n".join([*commands, "quit", ""]), text=True, timeout=180,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return [part.partition("\n")[2] for part in PROMPT.split(done.stdout)[1:]], done.stdout


def missing_word(output, later, words):
    """The first word that is not there, or is there and must not be; '' if all is well.

    zkCli prints events from a thread of its own, so they may stand in the `later` output of other commands.
    """
    for word in words:
        place = output + later if word.startswith("type:") else output
        if (word[1:] in place) if word.startswith("!") else (word not in place):
            return word
    return ""


def run(hosts, report):
    root = "/zkcli-" + uuid.uuid4().hex[:8]
    script = [tuple(word.replace("{r}", root) for word in line) for line in SCRIPT]
    outputs, everything = converse(hosts, [line[0] for line in script])
    if not report.check("zkCli answers every command", len(outputs) >= len(script), everything[-2000:]):
        return
    for number, (command, *words) in enumerate(script):
        output = outputs[number]
        wrong = missing_word(output, "".join(outputs[number + 1:]), words)
        report.check(command.replace(root, "/R"), not wrong, "%r not as wanted in %r" % (wrong, output[-300:]))
    for command, code in ((["ls", "/"], 0), (["get", "/no/such"], 1)):
        done = subprocess.run(peers.java(MAIN, "-waitforconnection", "-server", hosts, *command, log_level="off"),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        report.check("zkCli %s exits %d" % (" ".join(command), code), done.returncode == code, done.stdout[-300:])


def main():
    parser = live.parser(__doc__, rounds=1)
    parser.add_argument("--hosts", help="HOST:PORT,... of a running server; none is started")
    arguments = parser.parse_args()
    if not shutil.which("java"):
        live.leave_skipped("no java; Tools/setup installs a JDK")
    if apache.found_jars() is None:
        live.leave_skipped("Apache's jars are not here; run Tools/get-apache once")
    report = live.Report(arguments.verbose)
    if arguments.hosts:
        run(arguments.hosts, report)
        report.finish()
    words = live.server_words(arguments)
    with live.scene(arguments, report) as (directory, stack):
        extended = {"extendedTypesEnabled": "true"} if arguments.kind == "ours" else {}
        server = peers.Server(directory / "server", words, settings=extended | live.settings(arguments))
        stack.callback(server.kill)
        server.start()
        run("127.0.0.1:%d" % server.port, report)
    report.finish()


if __name__ == "__main__":
    main()
