#!/usr/bin/env python3
"""Ends the server in every way that docs/running.md names, and in some in which it must not end.

SIGTERM and SIGINT with clients in the middle of their writes: code 0, a clean log, every acknowledged write.
SIGPIPE and SIGXFSZ, and what causes them, are no end. Each other exit code is provoked for real, and what is
said must name the cause; a start that is refused must leave the data directory as it was.
"""
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_kazoo()

import peers  # noqa: E402
import wire  # noqa: E402
from workload import Workload, connect  # noqa: E402

SETTINGS, STORAGE, LOG, PORT, COMMAND_LINE = 2, 10, 11, 12, 64
SEGMENT_KIB = 4096


class Scene:
    """A server of its own below the script's directory, and what every check needs."""

    def __init__(self, name, directory, stack, words, arguments, settings=None):
        self.server = peers.Server(directory / name, words, settings={
            "tickTime": 500, "preAllocSize": SEGMENT_KIB} | live.settings(arguments) | (settings or {}))
        stack.callback(self.server.kill)
        self.data = self.server.directory / "data"

    def filled(self):
        """Started, given some nodes, and killed."""
        self.server.start()
        client = connect(self.server.port)
        for number in range(20):
            client.create("/n%d" % number, b"x" * 5000)
        client.stop()
        client.close()
        self.server.kill()
        return self

    def refused(self, code, report, name, *wanted):
        """Starts the server, which must end with this code, say all that is wanted, and change no file."""
        before = contents(self.data)
        self.server.output.unlink(missing_ok=True)
        self.server.launch()
        ended = self.server.wait_end()
        report.check(name + ": exit code %d" % code, ended == code, "%s: %s" % (ended, self.server.tail(3)))
        said = self.server.tail(50)
        for words in wanted:
            report.check(name + ": it says '%s'" % words, words in said, said)
        after = contents(self.data)
        report.check(name + ": the log and the snapshots are as they were", before == after,
                     sorted(set(before) ^ set(after)) or [path for path in before if before[path] != after[path]])


def contents(data):
    """What stands in the files of a data directory, but for the locks and for segments that hold nothing yet."""
    return {str(path.relative_to(data)): path.read_bytes() for path in sorted(data.rglob("*"))
            if path.is_file() and path.name != "LOCK" and not path.name.startswith("prep-")}


# Orderly ends, and none.

def signal_ends(number, scene, report, stack, choose):
    """A signal in the middle of writes ends the server in good order."""
    name = signal.Signals(number).name
    server = scene.server
    server.start()
    work = Workload(server.port, choose, report)
    stack.callback(work.close)
    idle = [wire.Session(server.port) for _ in range(20)]
    work.resume()
    time.sleep(choose.uniform(0.2, 0.8))
    server.process.send_signal(number)
    code = server.wait_end()
    report.check(name + " with clients connected: exit code 0", code == 0, "%s: %s" % (code, server.tail(3)))
    report.check(name + ": it says where it stopped", "stopped at zxid" in server.tail(3), server.tail(3))
    work.settle()
    for session in idle:
        session.vanish()
    server.start()
    report.check(name + ": the log is found clean", "log CLEAN" in server.tail(5), server.tail(5))
    work.verify(name)
    work.await_sessions(name)


def signals_that_end_nothing(scene, report):
    """A client that is gone and a limit that is met are errors of calls, not the server's end."""
    server = scene.server
    server.start()
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        server.process.send_signal(number)
    for _ in range(30):
        session = wire.Session(server.port)
        for xid in range(1, 200):
            session.send(struct.pack(">ii", xid, wire.EXISTS) + wire.text("/") + b"\0")
        # Closed with replies unread, so that the kernel answers with a reset.
        session.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        session.vanish()
    session = wire.Session(server.port)
    report.check("SIGPIPE, SIGXFSZ and vanished clients: the server goes on",
                 session.ping() == 0 and server.returncode is None, server.tail(3))
    session.vanish()


def file_size_limit(scene, report):
    """RLIMIT_FSIZE makes a write of the log fail with EFBIG, and sends SIGXFSZ."""
    server = scene.server
    server.start()
    client = connect(server.port)
    client.create("/kept", b"here")
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    pending = client.create_async("/lost", b"never acknowledged")
    code = server.wait_end()
    report.check("a failing log: exit code %d" % LOG, code == LOG, "%s: %s" % (code, server.tail(3)))
    report.check("a failing log: it says why", "File too large" in server.tail(5), server.tail(5))
    report.check("a failing log: nothing more is acknowledged", not pending.successful())
    client.stop()
    client.close()
    server.start()
    reader = connect(server.port)
    report.check("a failing log: a restart has what was acknowledged", reader.get("/kept")[0] == b"here")
    reader.stop()
    reader.close()
    server.kill()


# Starts that are refused.

def taken_port(scene, report):
    """However often it is tried, no segment is left behind."""
    with socket.create_server((peers.HOST, scene.server.port)):
        for turn in range(3):
            scene.refused(PORT, report, "a port that is taken, start %d" % (turn + 1), "cannot listen for clients", "in use")
    shutil.rmtree(scene.data)
    with socket.create_server((peers.HOST, scene.server.port)):
        scene.refused(PORT, report, "a port that is taken, new store", "cannot listen for clients")
    report.check("a port that is taken: no store is begun", not list(scene.data.iterdir()), list(scene.data.iterdir()))


def bad_settings(scene, report):
    server = scene.server
    for key, value, *wanted in [
            ("tickTime", "soon", "tickTime", "\"soon\" cannot be used; expected a whole number of milliseconds"),
            ("minSessionTimeout", "70000", "minSessionTimeout: 70000 ms is more than maxSessionTimeout, 10000 ms"),
            ("server.1", "a:1:2\nserver.2=b:1:2", "server.2", "ensembles are not supported yet")]:
        server.settings[key] = value
        place = list(server.settings).index(key) + 1 + value.count("\n")
        scene.refused(SETTINGS, report, "a bad %s" % key, "zoo.cfg, line %d: " % place, *wanted)
        del server.settings[key]
        server.settings |= {"tickTime": 500}


def unreadable_settings(directory, words, report):
    """A file that is not there, one that is no file; and a comment in Latin-1, which is as good as any."""
    absent = directory / "absent.cfg"
    for path, *wanted in [(absent, "%s: there is no such file; `zkserver --print-settings > %s`" % (absent, absent)),
                          (directory, "the file cannot be read: Is a directory")]:
        code, said = run(words, str(path))
        report.check("settings in %s: exit code %d" % (path.name, SETTINGS), code == SETTINGS, "%s: %s" % (code, said))
        for text in wanted:
            report.check("settings in %s: it says '%s'" % (path.name, text), text in said, said)
    old = directory / "latin1.cfg"
    old.write_bytes("# Gr\u00fc\u00dfe \u2026 tickTime=soon\r\ntickTime=500\r\n".encode("cp1252"))
    code, said = run(words, str(old))
    report.check("a comment in Latin-1 is a comment", "dataDir: is missing" in said, said)
    code, said = run(words, "--no-such-option")
    report.check("a bad command line: exit code %d" % COMMAND_LINE, code == COMMAND_LINE, "%s: %s" % (code, said))


def run(words, *more):
    """(exit code, all that was said) of a server that is expected to end at once."""
    done = subprocess.run([*words, *more], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=30)
    return done.returncode, done.stdout


def refused_directories(make, report):
    """Each reason for which a data directory is not opened."""
    locked = make("locked")
    locked.server.start()
    other = make("other", {"dataDir": locked.data})
    other.server.launch()
    code = other.server.wait_end()
    report.check("a locked directory: exit code %d" % STORAGE, code == STORAGE, "%s: %s" % (code, other.server.tail(3)))
    report.check("a locked directory: it says so", "is locked: another server runs" in other.server.tail(3), other.server.tail(3))
    report.check("a locked directory: its server goes on", "Mode: " in peers.four_letter(locked.server.port, "srvr"))
    locked.server.kill()

    slots = make("slots").filled()
    (slots.data / "log" / "meta").unlink()
    slots.refused(STORAGE, report, "slots that are gone", "log/meta is missing", "Restore meta from a backup")

    damaged = make("damaged").filled()
    segment = min((damaged.data / "log").glob("seg-*"))
    # The first batch behind the two copies of the header: it holds a record, whatever came together later.
    first_record = 2 * 4096 + 150
    with open(segment, "r+b") as file:
        file.seek(first_record)
        byte = file.read(1)[0]
        file.seek(first_record)
        file.write(bytes([byte ^ 1]))
    damaged.refused(STORAGE, report, "a damaged log", "damaged", "zklogdump --verify")

    apache = make("apache")
    (apache.data / "version-2").mkdir(parents=True)
    (apache.data / "version-2" / "log.1").write_bytes(b"ZKLG")
    apache.refused(STORAGE, report, "Apache's directory", "is Apache ZooKeeper's")

    no_directory = make("no-directory")
    path = no_directory.server.directory / "a-file"
    path.parent.mkdir(parents=True)
    path.write_text("not a directory")
    no_directory.server.settings["dataDir"] = path
    no_directory.refused(STORAGE, report, "a file in the directory's place", "Not a directory")


def main():
    parser = live.parser(__doc__, rounds=1)
    arguments = parser.parse_args()
    if arguments.kind != "ours":
        live.leave_skipped("the exit codes are this server's own")
    words = live.server_words(arguments)
    report, choose = live.Report(arguments.verbose), live.seeded(arguments)
    for _ in range(arguments.rounds):
        with live.scene(arguments, report) as (directory, stack):
            def make(name, settings=None):
                return Scene(name, directory, stack, words, arguments, settings)

            for number in (signal.SIGTERM, signal.SIGINT):
                signal_ends(number, make(signal.Signals(number).name), report, stack, choose)
            signals_that_end_nothing(make("signals"), report)
            file_size_limit(make("limit"), report)
            taken_port(make("port").filled(), report)
            bad_settings(make("settings").filled(), report)
            unreadable_settings(directory, words, report)
            refused_directories(make, report)
    report.finish()


if __name__ == "__main__":
    main()
