"""One ZooKeeper-compatible server as a child process on loopback, Apache's or ours alike.

A server lives in one directory:  zoo.cfg  data/  server.out
"""
import os
import select
import shlex
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

import apache
from apache import apache_command, java  # noqa: F401  (callers find everything about peers here)

HOST = "127.0.0.1"
REPOSITORY = Path(__file__).resolve().parents[2]
# ConnectRequest: protocol 0, no zxid seen, 10 s, no session, empty 16-byte password, not read-only.
CONNECT = struct.pack(">iiqiqi16sb", 45, 0, 0, 10_000, 0, 16, bytes(16), 0)


class ServerFailure(Exception):
    """A server did not start, did not end, or ended by itself; the text has its last output."""


def our_command():
    """The words that start our server: $ZKSERVER (may hold several), else the release build."""
    return shlex.split(os.environ.get("ZKSERVER", "")) or [str(REPOSITORY / ".build/release/zkserver")]


def command_of(kind, jvm=apache.SMALL_JVM, log_level="warn", properties=None):
    """The words that start a server of this kind, 'ours' or 'apache'; zoo.cfg follows as the last one."""
    if kind == "ours":
        return our_command()
    if kind == "apache":
        return apache_command(jvm, log_level, properties)
    raise ValueError("a server's kind is 'ours' or 'apache', not %r" % kind)


def free_port():
    """A loopback port that nobody listens on. Another process may still take it before it is used."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def four_letter(port, word, timeout=2.0):
    """The answer to a four-letter word; '' when there is none."""
    try:
        with socket.create_connection((HOST, port), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(word.encode())
            answer = b""
            while part := connection.recv(65536):
                answer += part
            return answer.decode(errors="replace")
    except OSError:
        return ""


def metrics(port):
    """What `mntr` says, as a dictionary of name (less 'zk_') to text."""
    lines = (line.split("\t", 1) for line in four_letter(port, "mntr", 10).splitlines() if "\t" in line)
    return {name.removeprefix("zk_"): value.strip() for name, value in lines}


class Knocker:
    """Asks a server that is starting for a session, again and again, until it grants one.

    An attempt that gets no answer is left open and others follow it: a server may well lose what came
    in while it was loading. Sessions granted are left to the server to expire.
    """
    PAUSE = 0.02
    WAITING_MAX = 200

    def __init__(self, port):
        self.port = port
        self.waiting = []
        self.last = 0.0

    def __call__(self):
        """Knocks if it is time, listens for a few milliseconds; whether a session was granted."""
        if time.monotonic() >= self.last + self.PAUSE and len(self.waiting) < self.WAITING_MAX:
            self.last = time.monotonic()
            try:
                connection = socket.create_connection((HOST, self.port), 1)
                self.waiting.append(connection)
                connection.sendall(CONNECT)
            except OSError:
                pass
        ready, _, _ = select.select(self.waiting, [], [], 0.005)
        granted = any(self.is_grant(connection) for connection in ready)
        for connection in self.waiting if granted else ready:
            connection.close()
        self.waiting = [] if granted else [one for one in self.waiting if one not in ready]
        return granted

    @staticmethod
    def is_grant(connection):
        try:
            answer = connection.recv(64)
        except OSError:
            return False
        return len(answer) >= 20 and struct.unpack(">iii", answer[:12])[2] > 0


class Server:
    """One server: `command` is called as `command... directory/zoo.cfg`, in the foreground."""

    def __init__(self, directory, command, port=None, settings=None):
        self.directory = Path(directory).resolve()
        self.command = list(command)
        self.port = port or free_port()
        self.settings = {
            "tickTime": 2000, "dataDir": self.directory / "data", "clientPort": self.port,
            "clientPortAddress": HOST, "maxClientCnxns": 0, "admin.enableServer": "false",
            "4lw.commands.whitelist": "*"} | (settings or {})
        self.process = None
        self.configuration = self.directory / "zoo.cfg"
        self.output = self.directory / "server.out"

    @property
    def pid(self):
        return self.process.pid if self.process else None

    @property
    def returncode(self):
        """The exit code, once the server has ended; None before."""
        return self.process.poll() if self.process else None

    def launch(self):
        """Writes zoo.cfg and starts the process, without waiting for it to serve."""
        (self.directory / "data").mkdir(parents=True, exist_ok=True)
        self.configuration.write_text("".join("%s=%s\n" % pair for pair in self.settings.items()))
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen([*self.command, str(self.configuration)], start_new_session=True,
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def start(self, timeout=60):
        """Starts the server and waits until it answers `srvr` with its mode; returns itself."""
        self.launch()
        self.wait_ready(timeout)
        return self

    def start_timed(self, timeout=300):
        """Starts the server; returns the seconds from there to the first session it grants."""
        began = time.monotonic()
        self.launch()
        self._wait(Knocker(self.port), timeout, pause=0)
        return time.monotonic() - began

    def wait_ready(self, timeout=60):
        self._wait(lambda: "Mode: " in four_letter(self.port, "srvr"), timeout)

    def _wait(self, check, timeout, pause=0.05):
        end = time.monotonic() + timeout
        while not check():
            if self.returncode is not None:
                raise ServerFailure("%s ended with %s\n%s" % (self.command[0], self.returncode, self.tail()))
            if time.monotonic() > end:
                tail = self.tail()
                self.kill()
                raise ServerFailure("%s was not ready in %s s\n%s" % (self.command[0], timeout, tail))
            time.sleep(pause)

    def wait_end(self, timeout=20):
        """Waits until the server has ended by itself; returns its exit code."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise ServerFailure("pid %d has not ended in %s s\n%s" % (self.pid, timeout, self.tail()))

    def stop(self, timeout=30):
        """SIGTERM, then waits for the end; returns the exit code. Harmless when it isn't running."""
        return self._signal(signal.SIGTERM, timeout)

    def kill(self, timeout=10):
        """SIGKILL, then waits for the end; returns the exit code. Harmless when it isn't running."""
        return self._signal(signal.SIGKILL, timeout)

    def _signal(self, number, timeout):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise ServerFailure("pid %d ignored signal %d for %s s" % (self.pid, number, timeout))

    def tail(self, lines=15):
        """The last lines of its output."""
        try:
            return "\n".join(self.output.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""
