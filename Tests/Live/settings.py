#!/usr/bin/env python3
"""Starts the server from settings in every place where they may stand: file, command line, environment, and
a second file; and from some that it cannot use, which it says in one line that names the place."""
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402
import peers  # noqa: E402


class Place:
    """A directory with a zoo.cfg; starts servers from it."""

    def __init__(self, directory):
        self.directory = directory
        self.port = peers.free_port()

    def write(self, name="zoo.cfg", **lines):
        path = self.directory / name
        path.write_text("".join("%s=%s\n" % pair for pair in lines.items()))
        return path

    def basics(self, **others):
        return dict({"dataDir": self.directory / "data", "clientPort": self.port, "clientPortAddress": peers.HOST}, **others)

    def run(self, lines, *words, **environment):
        """The exit code and the log of a server that is asked for `conf` and then stopped, with the answer."""
        path = self.write(**lines)
        process = subprocess.Popen([*peers.our_command(), *words, str(path)], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, env=dict(os.environ, **environment))
        answer = ""
        deadline = time.monotonic() + 20
        while "serverId" not in answer and process.poll() is None and time.monotonic() < deadline:
            answer = peers.four_letter(self.port, "conf")
            time.sleep(0.02)
        process.terminate()
        log, _ = process.communicate(timeout=30)
        return process.returncode, log, answer


def precedence(report, place):
    open_words = {"4lw.commands.whitelist": "*"}
    lines = place.basics(tickTime=700, **open_words)
    code, log, answer = place.run(lines, SERVER_JVMFLAGS="-Xmx1g -Dzookeeper.tickTime=300 -Dzookeeper.maxClientCnxns=7")
    report.check("a server with flags of a JVM starts and stops", code == 0, log)
    report.check("the file goes before the environment", "tickTime=700\n" in answer, answer)
    report.check("the environment counts where the file is silent", "maxClientCnxns=7\n" in answer, answer)
    report.check("what was overruled is said", "SERVER_JVMFLAGS: -Dzookeeper.tickTime: has no effect: zoo" in
                 log.replace(str(place.directory) + "/", ""), log)
    _, _, answer = place.run(lines, "-DtickTime=900", "-D", "zookeeper.maxClientCnxns=8")
    report.check("the command line goes before the file", "tickTime=900\n" in answer and "maxClientCnxns=8\n" in answer, answer)
    lines = place.basics(**open_words)
    lines.pop("clientPort")
    lines.pop("clientPortAddress")
    dynamic = place.write("zoo.dynamic", **{"server.1": "%s:2888:3888:participant;%s:%d" % (peers.HOST, peers.HOST, place.port)})
    code, log, answer = place.run(dict(lines, dynamicConfigFile=dynamic))
    report.check("the server line of a dynamic file names the client port", "clientPort=%d\n" % place.port in answer, log)


def refusals(report, place):
    def refused(name, code, parts, lines, *words, **environment):
        ended, log, _ = place.run(lines, *words, **environment)
        last = log.strip().rsplit("\n", 1)[-1]
        report.check("%s ends the start with %d" % (name, code), ended == code, (ended, log))
        report.check("%s is named in the last line" % name, all(part in last for part in parts), last)

    refused("a bad value on the command line", 2, ["command line: -DtickTime: \"no\"", "from 1 to"], place.basics(), "-DtickTime=no")
    refused("a bad value in JVMFLAGS", 2, ["JVMFLAGS: -Dzookeeper.snapCount: \"1\"", "records"], place.basics(),
            JVMFLAGS="-Dzookeeper.snapCount=1")
    refused("a bad value in the file", 2, ["zoo.cfg, line 4: jute.maxbuffer: \"12\""], place.basics(**{"jute.maxbuffer": 12}))
    refused("a dynamic file that is not there", 2, ["zoo.cfg, line 4: dynamicConfigFile", "there is no such file"],
            place.basics(dynamicConfigFile="/nowhere/zoo.dynamic"))
    refused("a data directory that must not be made", 10, ["datadir.autocreate is false", "/absent"],
            dict(place.basics(**{"datadir.autocreate": "false"}), dataDir=place.directory / "absent"))
    report.check("it was not made", not (place.directory / "absent").exists())


def main():
    arguments = live.parser(__doc__, rounds=1).parse_args()
    report = live.Report(arguments.verbose)
    live.server_words(arguments)
    with live.scene(arguments, report) as (directory, _):
        precedence(report, Place(directory))
        refusals(report, Place(directory))
    report.finish()


if __name__ == "__main__":
    main()
