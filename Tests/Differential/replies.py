"""What a server answered, in a form in which two servers' answers can be compared.

Numbers that two servers cannot share are replaced: a zxid by its distance from the one at which the session's
play began, a session by its number in order of opening, and clocks are left out. Names of children, lists of
paths and identities have no order in the protocol and are sorted.
"""
import struct

REPLY = struct.Struct(">iqi")
STAT = struct.Struct(">qqqqiiiqiiq")
MULTI_HEADER = struct.Struct(">ibi")
INT = struct.Struct(">i")


class Undecodable(Exception):
    """An answer that is not what the protocol says it is."""


class Frame:
    """Reads the fields of one frame from `at` on."""

    def __init__(self, content, at, names):
        self.content, self.at, self.names = content, at, names

    def number(self):
        self.at += 4
        return INT.unpack_from(self.content, self.at - 4)[0]

    def text(self):
        length = self.number()
        if length < 0:
            return None
        found = self.content[self.at:self.at + length]
        if len(found) < length:
            raise Undecodable("text of %d bytes, %d there" % (length, len(found)))
        self.at += length
        if b"\xed" in found:
            # Java's writer encodes the two halves of a pair one by one; see differences.py.
            found = found.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode()
        return found

    def vector(self, item):
        count = self.number()
        return None if count < 0 else [item() for _ in range(count)]

    def names_in_any_order(self):
        found = self.vector(self.text)
        return found if found is None else sorted(found)

    def stat(self):
        czxid, mzxid, _, _, version, cversion, aversion, owner, length, children, pzxid = STAT.unpack_from(self.content, self.at)
        self.at += 68
        zxid = self.names.zxid
        return ("stat", zxid(czxid), zxid(mzxid), zxid(pzxid), version, cversion, aversion,
                self.names.session(owner), length, children)

    def identity(self):
        return self.text(), self.text()

    def access_list(self):
        """Neighbours that grant the same are sorted: what `auth` stands for has no order in the protocol."""
        found = self.vector(lambda: (self.number(), self.identity()))
        if found is None:
            return None
        groups, start = [], 0
        for place in range(1, len(found) + 1):
            if place == len(found) or found[place][0] != found[start][0]:
                groups += sorted(found[start:place])
                start = place
        return groups

    def results(self):
        """The items of a multi's or multiRead's answer."""
        found = []
        while True:
            kind, done, error = MULTI_HEADER.unpack_from(self.content, self.at)
            self.at += 9
            if done:
                return found
            if kind == -1:
                found.append(("error", error, self.number()))
            else:
                found.append((kind, error, *(BODIES[MULTI_BODIES[kind]](self))))


MULTI_BODIES = {1: "create", 15: "create2", 5: "set", 2: "delete", 13: "delete", 4: "get", 8: "children"}


def no_body(frame):
    return ()


def path_and_stat(frame):
    return frame.text(), frame.stat()


BODIES = {
    "create": lambda frame: (frame.text(),), "create2": path_and_stat, "container": path_and_stat, "ttl": path_and_stat,
    "exists": lambda frame: (frame.stat(),), "set": lambda frame: (frame.stat(),), "setacl": lambda frame: (frame.stat(),),
    "get": path_and_stat, "children": lambda frame: (frame.names_in_any_order(),),
    "children2": lambda frame: (frame.names_in_any_order(), frame.stat()),
    "getacl": lambda frame: (frame.access_list(), frame.stat()),
    "sync": lambda frame: (frame.text(),), "sasl": lambda frame: (frame.text(),),
    "multi": lambda frame: tuple(frame.results()), "multiread": lambda frame: tuple(frame.results()),
    "ephemerals": lambda frame: (frame.names_in_any_order(),), "descendants": lambda frame: (frame.number(),),
    "addwatch": lambda frame: (frame.number(),), "whoami": lambda frame: (sorted(frame.vector(frame.identity)),),
    "reconfig": path_and_stat,
    "delete": no_body, "check": no_body, "checkwatches": no_body, "removewatches": no_body, "ping": no_body,
    "auth": no_body, "close": no_body, "setwatches": no_body, "setwatches2": no_body,
}


def event(content, names):
    """A notification: type, state, path, zxid."""
    _, zxid, error = REPLY.unpack_from(content)
    kind, state = struct.unpack_from(">ii", content, 16)
    frame = Frame(content, 24, names)
    return ("event", kind, state, frame.text(), names.zxid(zxid), error)


def reply(content, name, xid, names):
    """The answer to an operation: its xid (as a difference from what was sent), zxid, error and body."""
    answered, zxid, error = REPLY.unpack_from(content)
    names.answered(zxid, error)
    head = (name, answered - xid, names.zxid(zxid), error)
    if error or name == "raw":
        # Clients do not look behind an error; Apache has an empty list there for a multiRead.
        return head + (len(content) if name != "multiread" else 0,)
    frame = Frame(content, 16, names)
    try:
        found = head + BODIES[name](frame)
    except (struct.error, KeyError, Undecodable) as problem:
        return head + ("undecodable", str(problem), content[16:])
    return found if frame.at == len(content) else found + ("more", content[frame.at:])
