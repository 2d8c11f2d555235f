"""Requests and replies of every operation by hand: bodies as bytes, right ones and wrong ones alike, and what
comes back as plain values in which nothing of the clock or the zxid is left, so that two servers can be compared.
"""
import struct

import wire

CODES = {
    "notification": 0, "create": 1, "delete": 2, "exists": 3, "getData": 4, "setData": 5, "getACL": 6, "setACL": 7,
    "getChildren": 8, "sync": 9, "ping": 11, "getChildren2": 12, "check": 13, "multi": 14, "create2": 15,
    "reconfig": 16, "checkWatches": 17, "removeWatches": 18, "createContainer": 19, "deleteContainer": 20,
    "createTTL": 21, "multiRead": 22, "setWatches": 101, "getEphemerals": 103, "getAllChildrenNumber": 104,
    "setWatches2": 105, "addWatch": 106, "whoAmI": 107, "createSession": -10, "closeSession": -11, "error": -1}
OPEN = [(31, "world", "anyone")]


def integer(value):
    return struct.pack(">i", value)


def long(value):
    return struct.pack(">q", value)


def text(value):
    """A string; None is null, bytes go as they are."""
    return buffer(value.encode() if isinstance(value, str) else value)


def buffer(value):
    return integer(-1) if value is None else integer(len(value)) + value


def acl(entries):
    """An access list of (permissions, scheme, id); None is null."""
    if entries is None:
        return integer(-1)
    return integer(len(entries)) + b"".join(integer(bits) + text(scheme) + text(name) for bits, scheme, name in entries)


def create(path, data=b"", entries=OPEN, flags=0, ttl=None):
    body = text(path) + buffer(data) + acl(entries) + integer(flags)
    return body if ttl is None else body + long(ttl)


def set_data(path, data=b"", version=-1):
    return text(path) + buffer(data) + integer(version)


def set_acl(path, entries, version=-1):
    return text(path) + acl(entries) + integer(version)


def numbered(path, number=-1):
    """delete, check, checkWatches, removeWatches, addWatch."""
    return text(path) + integer(number)


def watched(path, watch=0):
    """exists, getData, getChildren, getChildren2."""
    return text(path) + bytes([watch])


def reconfig(joining=None, leaving=None, members=None, version=-1):
    return text(joining) + text(leaving) + text(members) + long(version)


END = struct.pack(">ibi", -1, 1, -1)


def multi(*items, end=END):
    """A multi or multiRead of (operation, body)."""
    return b"".join(struct.pack(">ibi", number(name), 0, -1) + body for name, body in items) + end


def number(name):
    return CODES[name] if isinstance(name, str) else name


class Reader:
    """Takes a reply apart."""

    def __init__(self, content):
        self.content = content
        self.offset = 0

    def take(self, layout):
        values = struct.unpack_from(">" + layout, self.content, self.offset)
        self.offset += struct.calcsize(">" + layout)
        return values if len(values) > 1 else values[0]

    def buffer(self):
        length = self.take("i")
        if length < 0:
            return None
        self.offset += length
        return bytes(self.content[self.offset - length:self.offset])

    def list(self, item):
        return [item() for _ in range(self.take("i"))]

    def stat(self):
        """Versions, owner (whether there is one), sizes, and which of the zxids and times are alike."""
        (czxid, mzxid, ctime, mtime, version, cversion, aversion, owner, length, children, pzxid) = self.take("qqqqiiiqiiq")
        return {"version": version, "cversion": cversion, "aversion": aversion, "owned": owner != 0, "length": length,
                "children": children, "czxid": czxid == 0, "ctime": ctime == 0, "mtime": mtime == 0,
                "order": (mzxid > czxid) - (mzxid < czxid), "porder": (pzxid > czxid) - (pzxid < czxid)}

    def entry(self):
        return self.take("i"), self.buffer(), self.buffer()

    def item(self):
        """One result of a multi; None at its end."""
        kind, done, error = self.take("ibi")
        if done:
            return None
        if kind == CODES["error"]:
            return "error", error, self.take("i")
        parts = {1: "p", 15: "ps", 5: "s", 4: "ds", 8: "c"}.get(kind, "")
        return (kind, error) + tuple(self.part(part) for part in parts)

    def part(self, name):
        return {"p": self.buffer, "d": self.buffer, "s": self.stat, "i": lambda: self.take("i"),
                "c": lambda: sorted(self.list(self.buffer)), "a": lambda: self.list(self.entry),
                "m": lambda: list(iter(self.item, None)), "w": lambda: self.list(lambda: (self.buffer(), self.buffer()))}[name]()


REPLIES = {"create": "p", "create2": "ps", "createContainer": "ps", "createTTL": "ps", "exists": "s", "getData": "ds",
           "setData": "s", "getACL": "as", "setACL": "s", "getChildren": "c", "getChildren2": "cs", "sync": "p",
           "multi": "m", "multiRead": "m", "getEphemerals": "c", "getAllChildrenNumber": "i", "addWatch": "i", "whoAmI": "w"}


def decoded(name, body):
    """A reply's body as values. Bytes that the operation's reply does not have are shown as such."""
    reader = Reader(body)
    values = [reader.part(part) for part in REPLIES.get(name, "")] if body else []
    rest = body[reader.offset:]
    return values + ([rest] if rest else [])


def ask(session, name, body=b""):
    """What a server does about a request: (error, values), or that it hung up."""
    try:
        # The answer to a ping is called -2, whatever the ping was.
        error, zxid, answer = session.request(number(name), body, -2 if name == "ping" else None)
    except wire.Ended:
        return ("closed",)
    except TimeoutError:
        return ("no answer",)
    return (error, "no zxid" if zxid == -1 else "", decoded(name, answer))
