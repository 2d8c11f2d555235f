"""Running zklogdump and zksnapdump, and knowing what they must show."""
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import live
from kazoo.client import KazooClient
from kazoo.exceptions import KazooException

LOG, SNAPSHOT = "zklogdump", "zksnapdump"


def tool_path(name):
    """The program: beside the server that is tested, else in the release build."""
    folder = os.environ.get("AVIARY_BIN") or live.REPOSITORY / ".build" / "release"
    return Path(folder) / name


def need_tools():
    for name in (LOG, SNAPSHOT):
        if not tool_path(name).exists():
            live.leave_skipped("no %s; build it with: swift build -c release" % tool_path(name))


class Run:
    """One finished run of a tool: exit code, output and what it said on standard error."""

    def __init__(self, tool, *words, prefix=(), path=None, **options):
        command = [*prefix, str(path or tool_path(tool)), *map(str, words)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=120, cwd="/", **options)
        self.code, self.output, self.problems = done.returncode, done.stdout.decode(), done.stderr.decode()

    @property
    def lines(self):
        return self.output.splitlines()

    @property
    def objects(self):
        """The output of --json, an object a line."""
        return [json.loads(line) for line in self.lines]

    def __str__(self):
        return "exit code %s, %r, %r" % (self.code, self.output[-300:], self.problems[-300:])


class Piped:
    """A tool that is running, with its output in a file."""

    def __init__(self, stack, file, tool, *words):
        self.file = Path(file)
        with open(self.file, "wb") as output:
            self.process = subprocess.Popen([str(tool_path(tool)), *map(str, words)], stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=subprocess.PIPE, preexec_fn=take_interrupts)
        stack.callback(self._end)

    def _end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()

    @property
    def objects(self):
        """The whole lines so far."""
        text = self.file.read_text()
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def await_last(self, zxid, timeout=20):
        """Waits until a transaction was printed; whether it was."""
        return eventually(lambda: any(one.get("zxid") == zxid for one in self.objects[-3:]), timeout)

    def interrupt(self):
        """SIGINT; returns the exit code, negative for a signal, and the words on standard error."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(20)
        return code, self.process.stderr.read().decode()


def take_interrupts():
    """A shell starts what it puts in the background with SIGINT ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def eventually(check, timeout=20, pause=0.02):
    end = time.monotonic() + timeout
    while not check():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def fingerprint(directory):
    """Name, mode, size, time of the last change and contents of everything below a directory."""
    found = {}
    for path in sorted(Path(directory).rglob("*")):
        stat = path.lstat()
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(directory))] = (stat.st_mode, stat.st_size, stat.st_mtime_ns, digest)
    return found


def copied(source, target):
    """A copy of a directory with the times of its files."""
    shutil.copytree(source, target)
    return Path(target)


def segments(log):
    """The live segments of a log directory, oldest first."""
    return sorted(Path(log).glob("seg-*.zkl"))


def flip(path, offset):
    """Turns one bit of a file."""
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x10]))


class Recorder:
    """A kazoo session that notes what the log must say of each of its writes.

    All recorders of a run share the list `entries`; one thread drives them, so that the list is in the
    log's order and each reply's zxid is the write's own.
    """

    def __init__(self, port, entries, timeout=10.0):
        self.entries = entries
        began = milliseconds()
        self.client = KazooClient(hosts="127.0.0.1:%d" % port, timeout=timeout)
        self.client.start(timeout=20)
        self.session = "0x%x" % self.client.client_id[0]
        self._note(began, None, type="createSession", timeout=int(self.client._session_timeout))

    def _note(self, began, zxid, **wanted):
        self.entries.append({"session": self.session, "zxid": zxid, "between": (began, milliseconds()), "wanted": wanted})

    def _write(self, action, *words, wanted, **options):
        """Does a write; a refused one must be in the log as an error."""
        began = milliseconds()
        answer = None
        try:
            answer = getattr(self.client, action)(*words, **options)
        except KazooException as refusal:
            wanted = {"type": "error", "error": type(refusal).__name__.removesuffix("Error")}
        self._note(began, "0x%x" % self.client.last_zxid, **wanted)
        return answer

    def create(self, path, data=b"", **options):
        wanted = {"type": "create", "path": path, "dataLength": len(data)}
        if options.get("ephemeral"):
            wanted["ephemeral"] = True
        answer = self._write("create", path, data, wanted=wanted, **options)
        if answer:
            self.entries[-1]["wanted"]["path"] = answer
        return answer

    def set(self, path, data, version=-1):
        wanted = {"type": "setData", "path": path, "dataLength": len(data)}
        stat = self._write("set", path, data, version, wanted=wanted)
        if stat:
            self.entries[-1]["wanted"]["version"] = stat.version

    def delete(self, path, version=-1):
        self._write("delete", path, version, wanted={"type": "delete", "path": path})

    def set_acls(self, path, acls):
        wanted = {"type": "setACL", "path": path}
        stat = self._write("set_acls", path, acls, wanted=wanted)
        self.entries[-1]["wanted"]["aversion"] = stat.aversion

    def multi(self, *parts):
        """Parts are (method of kazoo's transaction, what the log says of it, words ...)."""
        began = milliseconds()
        request = self.client.transaction()
        for method, _, *words in parts:
            getattr(request, method)(*words)
        results = request.commit()
        wanted = {"type": "multi", "operations": len(parts), "parts": [dict(part[1]) for part in parts]}
        if any(isinstance(result, Exception) for result in results):
            names = [type(result).__name__.removesuffix("Error") for result in results]
            names = ["Ok" if name == "RolledBack" else name for name in names]
            wanted |= {"failed": True, "parts": [{"type": "error", "error": name} for name in names]}
        self._note(began, "0x%x" % self.client.last_zxid, **wanted)

    def close(self, *ephemerals):
        began = milliseconds()
        self.client.stop()
        self.client.close()
        wanted = {"type": "closeSession", "ephemerals": len(ephemerals)}
        if ephemerals:
            wanted["removed"] = sorted(ephemerals)
        self._note(began, None, **wanted)


def milliseconds():
    return time.time_ns() // 1_000_000


def differences(entries, objects):
    """What is wrong with the objects that zklogdump --json printed for entries; the first few."""
    wrong = []
    if len(entries) != len(objects):
        wrong.append("%d records instead of %d" % (len(objects), len(entries)))
    for entry, found in zip(entries, objects):
        details = dict(found)
        common = {name: details.pop(name, None) for name in
                  ("zxid", "epoch", "counter", "time", "session", "cxid", "batch", "segment")}
        for part in [details, *details.get("parts", [])]:
            part.pop("cversion", None)
        if "removed" in details:
            details["removed"] = sorted(details["removed"])
        zxid = int(common["zxid"], 16)
        holds = (details == entry["wanted"] and common["session"] == entry["session"]
                 and entry["zxid"] in (None, common["zxid"])
                 and (zxid >> 32, zxid & 0xffffffff) == (common["epoch"], common["counter"])
                 and entry["between"][0] <= common["time"] <= entry["between"][1])
        if not holds:
            wrong.append("%s, wanted %s" % (found, entry))
    return wrong[:3]
