"""One of the two servers under comparison: its connections, and what it calls things."""
import socket
import struct

import replies
import requests

HOST = "127.0.0.1"
PATIENCE_SECONDS = 20
LENGTH = struct.Struct(">i")
NO_PASSWORD = bytes(16)
MARSHALLING_ERROR = -5


class Silent(Exception):
    """A server owes an answer and neither gives it nor hangs up."""


class Names:
    """What one server calls zxids and sessions, turned into what both call them."""

    def __init__(self):
        self.base = 0
        self.sessions = {}
        self.last = 0
        self.skipped = []

    def zxid(self, value):
        if value <= 0:
            return value
        if value < self.base:
            return "earlier"
        return value - self.base - sum(value >= skipped for skipped in self.skipped) if self.skipped else value - self.base

    def own_zxid(self, distance):
        """What this server calls the zxid at a distance from the beginning."""
        found = self.base + distance
        for skipped in self.skipped:
            found += skipped <= found
        return found

    def answered(self, zxid, error):
        """Takes note of an answer's zxid. One that an undecodable request was given is not counted: only Apache gives it."""
        if zxid > self.last:
            if error == MARSHALLING_ERROR:
                self.skipped.append(zxid)
            self.last = zxid

    def session(self, value):
        return self.sessions.get(value, "unknown %x" % value) if value else 0


class Connection:
    """A socket that has asked for a session, and the frames that came and were not yet looked at."""

    def __init__(self, port):
        self.socket = socket.create_connection((HOST, port), PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.xid = 0
        self.ended = False
        self.session = 0
        self.password = NO_PASSWORD

    def send(self, content):
        try:
            self.socket.sendall(content)
        except OSError:
            pass  # What came before the end is still to be read; the end shows there.

    def frame(self):
        """The next frame, or None at the end of the connection."""
        while True:
            if len(self.received) >= 4:
                end = 4 + LENGTH.unpack_from(self.received)[0]
                if len(self.received) >= end:
                    found, self.received = self.received[4:end], self.received[end:]
                    return found
            try:
                part = self.socket.recv(1 << 20)
            except TimeoutError:
                raise Silent("no answer in %d s" % PATIENCE_SECONDS)
            except OSError:
                part = b""
            if not part:
                self.ended = True
                self.socket.close()
                return None
            self.received += part

    def close(self):
        self.ended = True
        self.socket.close()


class Side:
    """A server, and the connections that a play has to it, by slot."""

    def __init__(self, title, port):
        self.title, self.port = title, port
        self.names = Names()
        self.slots = {}
        self.waiting = {}
        self.granted = {}

    def begin(self, base):
        """A new play: nothing is open, and zxids count from `base`."""
        self.names = Names()
        self.names.base = self.names.last = base
        self.slots = {}
        self.waiting = {}
        self.granted = {}

    def end_sessions(self):
        """Ends what a play that was broken off left open, so that nothing expires in the middle of a later one."""
        for session, password in self.granted.items():
            if self.connect("last", 0, 30_000, 0, session, password, False)[0] == "session" and self.alive("last"):
                self.send("last", [["close", "last"]])
                self.receive("last")
        for connection in self.slots.values():
            connection.close()

    def alive(self, slot):
        return slot in self.slots and not self.slots[slot].ended

    def connect(self, slot, number, timeout_ms, seen, session, password, read_only):
        """Asks for a session in `slot`; returns what was granted, or that the server hung up."""
        head = struct.pack(">iqiq", 0, seen, timeout_ms, session) + LENGTH.pack(len(password)) + password
        return self.greet(slot, number, head + {None: b"", False: b"\0", True: b"\1"}[read_only])

    def greet(self, slot, number, frame):
        """Sends the first frame of a new connection; `number` is what a new session will be called."""
        connection = Connection(self.port)
        connection.send(LENGTH.pack(len(frame)) + frame)
        self.slots[slot] = connection
        answer = connection.frame()
        if answer is None:
            return ("hung up",)
        version, granted_ms, granted, length = struct.unpack_from(">iiqi", answer)
        connection.session, connection.password = granted, answer[20:20 + length]
        if granted:
            # A new session took a zxid, which its answer does not show.
            self.names.last += granted not in self.granted
            self.names.sessions.setdefault(granted, number)
            self.granted[granted] = connection.password
        elif connection.frame() is not None:
            return ("words after a refusal",)
        return ("session", version, granted_ms, self.names.session(granted), len(connection.password), answer[20 + length:])

    def send(self, slot, operations):
        """Writes the operations to the slot's connection in one piece."""
        connection = self.slots[slot]
        waiting = self.waiting.setdefault(slot, [])
        parts = []
        for operation in operations:
            connection.xid += 1
            operation = self.own_words(operation)
            xid, frame = requests.header_and_body(operation, connection.xid)
            waiting.append((operation[0], xid))
            parts.append(LENGTH.pack(len(frame)) + frame)
        connection.send(b"".join(parts))

    def own_words(self, operation):
        """A zxid in a request is a distance from the play's beginning; -1 is none seen."""
        if operation[0] in ("setwatches", "setwatches2"):
            since = operation[2]
            return [operation[0], operation[1], self.names.own_zxid(since) if since >= 0 else 0, *operation[3:]]
        return operation

    def receive(self, slot):
        """All that the slot's connection says up to its last answer, events in their places; then its end, if it ended."""
        connection = self.slots[slot]
        found = []
        for name, xid in self.waiting.pop(slot, ()):
            while True:
                frame = connection.frame()
                if frame is None:
                    found.append(("hung up",))
                    return found
                if frame[:4] != b"\xff\xff\xff\xff":
                    found.append(replies.reply(frame, name, xid, self.names))
                    break
                found.append(replies.event(frame, self.names))
        return found
