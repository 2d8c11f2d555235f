#!/usr/bin/env python3
"""Drives Apache's own command line client, zkCli, against a server and reads what it prints.

Needs a JDK and the jars that Tools/get-apache fetches; skipped, with the reason, without them. Takes a
running server with --hosts, or starts one.
"""
import re
import subprocess
import sys
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

import peers  # noqa: E402
from zkcli_script import SCRIPT  # noqa: E402

MAIN = "org.apache.zookeeper.ZooKeeperMain"
# What the script asks for beyond the defaults; super's password is `test`.
SETTINGS = {"extendedTypesEnabled": "true", "enforceQuota": "true",
            "DigestAuthenticationProvider.superDigest": "super:D/InIHSb7yEEbrWz8b9l71RjZJU="}
PROMPT = re.compile(r"^\[zk: [^\]]*\] ?", re.MULTILINE)

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
        place = output + later if word.startswith(("type:", "WATCHER")) else output
        if word.startswith("~"):
            missing = not re.search("^%s$" % word[1:], place, re.MULTILINE)
        else:
            missing = word[1:] in place if word.startswith("!") else word not in place
        if missing:
            return word
    return ""


def run(hosts, report):
    root = "/zkcli-" + uuid.uuid4().hex[:8]
    script = [tuple(word.replace("{r}", root).replace("{hosts}", hosts) for word in line) for line in SCRIPT]
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
    live.need_apache()
    report = live.Report(arguments.verbose)
    if arguments.hosts:
        run(arguments.hosts, report)
        report.finish()
    words = live.server_words(arguments)
    with live.scene(arguments, report) as (directory, stack):
        server = peers.Server(directory / "server", words, settings=SETTINGS | live.settings(arguments))
        stack.callback(server.kill)
        server.start()
        run("127.0.0.1:%d" % server.port, report)
    report.finish()


if __name__ == "__main__":
    main()
