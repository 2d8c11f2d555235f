"""What auth.py plays against Apache's server and ours; what a play notes has to be the same with both."""
import struct

import wire
from wire import buffer, text

AUTH, SASL, WHO_AM_I = 100, 102, 107
ANYONE = ("world", "anyone")
EVERYTHING = 31


def entry_list(*entries):
    """An access list of (permissions, scheme, id)."""
    return struct.pack(">i", len(entries)) + b"".join(
        struct.pack(">i", permissions) + text(scheme) + text(name) for permissions, scheme, name in entries)


def auth_body(scheme, data):
    return struct.pack(">i", 0) + text(scheme) + buffer(data)


def create_body(path, *entries, data=b"data", flags=0):
    return text(path) + buffer(data) + entry_list(*entries or [(EVERYTHING, *ANYONE)]) + struct.pack(">i", flags)


class Person(wire.Session):
    """A session that says what it got in a form that can be compared."""

    def send(self, frame):
        try:
            super().send(frame)
        except OSError:
            raise wire.Ended("before a request")

    def ask(self, operation, body=b"", xid=None):
        """The error of the answer, or `ended`."""
        try:
            return self.request(operation, body, xid)[0]
        except wire.Ended:
            return "ended"

    def is_open(self):
        return self.ask(wire.PING, xid=-2) == 0

    def login(self, scheme, data):
        return self.ask(AUTH, auth_body(scheme, data), xid=-4)

    def names(self):
        """What whoAmI answers: scheme and name, one after the other."""
        try:
            error, _, body = self.request(WHO_AM_I)
        except wire.Ended:
            return "ended"
        return error or strings(body)

    def events(self, answered=None):
        """The notifications that have come: (type, path) each. An answer to the xid `answered` is read over."""
        self.send(struct.pack(">ii", -2, wire.PING))
        found = []
        while True:
            frame = self.receive()
            if struct.unpack(">i", frame[:4])[0] == -2:
                return found
            if struct.unpack(">i", frame[:4])[0] == answered:
                continue
            kind, _, length = struct.unpack(">iii", frame[16:28])
            found.append((kind, frame[28:28 + length].decode()))


def strings(body):
    """The strings of whoAmI's answer."""
    found, place = [], 4
    for _ in range(2 * struct.unpack(">i", body[:4])[0]):
        length = struct.unpack(">i", body[place:place + 4])[0]
        found.append(body[place + 4:place + 4 + length].decode())
        place += 4 + length
    return found


class Play:
    """One server, and what it answered under which label."""

    def __init__(self, port):
        self.port = port
        self.notes = {}

    def person(self, **how):
        return Person(self.port, **how)

    def joe(self):
        """A person with a digest; just anybody on a server that takes none."""
        person = self.person()
        return person if person.login("digest", b"joe:secret") == 0 else self.person()

    def note(self, label, value):
        assert label not in self.notes, label
        self.notes[label] = value
