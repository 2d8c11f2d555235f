"""Watches cell by cell: the same steps for every combination of watches, and what each step tells.

A transcript is a list of lines. It depends on nothing but the server's rules, so two servers' are equal.
"""
import itertools
import struct

import wire

GET_CHILDREN, SET_ACL, MULTI = 8, 7, 14
CHECK_WATCHES, REMOVE_WATCHES, ADD_WATCH, SET_WATCHES, SET_WATCHES2 = 17, 18, 106, 101, 105

# Where a watch may stand, from the node X of a cell: itself, its parent, its grandparent.
SLOTS = ([(kind, "x") for kind in ("data", "exists", "child", "persistent", "recursive")]
         + [(kind, "p") for kind in ("data", "child", "persistent", "recursive")]
         + [(kind, "g") for kind in ("child", "persistent", "recursive")])
KINDS_OF_ONE = ("data", "child", "persistent", "recursive")


def item(operation, body):
    return struct.pack(">ibi", operation, 0, -1) + body


def multi(*items):
    return b"".join(items) + struct.pack(">ibi", -1, 1, -1)


def create_body(path, flags=0):
    return wire.text(path) + wire.buffer(b"") + wire.WORLD_ALL + struct.pack(">i", flags)


def numbered(path, number=-1):
    return wire.text(path) + struct.pack(">i", number)


def vector(paths):
    return struct.pack(">i", len(paths)) + b"".join(wire.text(path) for path in paths)


class Watcher(wire.Session):
    """A session that keeps the notifications between its replies."""

    def collect(self, operation, body=b""):
        """Sends a request; returns (events before the reply as (type, path, zxid), error, zxid of the reply)."""
        self.xid += 1
        self.send(struct.pack(">ii", self.xid, operation) + body)
        return self.until(self.xid)

    def until(self, xid):
        events = []
        while True:
            frame = self.receive()
            answered, zxid, error = struct.unpack(">iqi", frame[:16])
            if answered == xid:
                return events, error, zxid
            kind, _, length = struct.unpack(">iii", frame[16:28])
            events.append((kind, frame[28:28 + length].decode(), zxid))

    def set(self, kind, path):
        """Watches; returns the reply's error."""
        if kind in ("persistent", "recursive"):
            return self.collect(ADD_WATCH, numbered(path, int(kind == "recursive")))[1]
        operation = {"data": wire.GET_DATA, "exists": wire.EXISTS, "child": GET_CHILDREN}[kind]
        return self.collect(operation, wire.text(path) + b"\1")[1]

    def told(self, base):
        """What came since the last question, with paths as from `base`."""
        events, _, _ = self.collect(wire.SYNC, wire.text("/"))
        return ["%d %s" % (kind, path.removeprefix(base) or "g") for kind, path, _ in events]


class Transcript:
    """Plays every cell on one server."""

    def __init__(self, port, root):
        self.port, self.root = port, root
        self.writer, self.watcher = wire.Session(port, 30_000), Watcher(port, 30_000)
        self.lines, self.count = [], 0
        self.writer.create(root)

    def close(self):
        self.writer.vanish()
        self.watcher.vanish()

    def do(self, operation, body):
        return self.writer.request(operation, body)[0]

    def place(self):
        """A grandparent of a cell's own, with the parent in it."""
        self.count += 1
        base = "%s/%d" % (self.root, self.count)
        for path in (base, base + "/p"):
            self.writer.create(path)
        return base, {"g": base, "p": base + "/p", "x": base + "/p/x"}

    def say(self, *words):
        self.lines.append(" ".join(map(str, words)))

    # A node's life, step by step.

    def steps(self, x):
        child = x + "/c"
        yield "create", lambda: self.do(wire.CREATE, create_body(x))
        yield "setACL", lambda: self.do(SET_ACL, wire.text(x) + wire.WORLD_ALL + struct.pack(">i", -1))
        yield "set", lambda: self.do(wire.SET_DATA, wire.text(x) + wire.buffer(b"1") + struct.pack(">i", -1))
        yield "create child", lambda: self.do(wire.CREATE, create_body(child))
        yield "set child", lambda: self.do(wire.SET_DATA, wire.text(child) + wire.buffer(b"1") + struct.pack(">i", -1))
        yield "multi that fails", lambda: self.do(MULTI, multi(
            item(wire.SET_DATA, wire.text(x) + wire.buffer(b"2") + struct.pack(">i", -1)), item(wire.DELETE, numbered(x))))
        yield "multi", lambda: self.do(MULTI, multi(
            item(wire.DELETE, numbered(child)), item(wire.SET_DATA, wire.text(x) + wire.buffer(b"3") + struct.pack(">i", -1)),
            item(wire.DELETE, numbered(x)), item(wire.CREATE, create_body(x))))
        yield "delete", lambda: self.do(wire.DELETE, numbered(x))
        yield "session's end", lambda: self.ephemeral(x)

    def ephemeral(self, x):
        session = wire.Session(self.port, 30_000)
        session.create(x, flags=1)
        return session.request(wire.CLOSE)[0]

    def cell(self, slots, when):
        base, paths = self.place()
        if when == "there":
            self.writer.create(paths["x"])
        answers = [self.watcher.set(kind, paths[place]) for kind, place in slots]
        self.say("cell", when, "+".join("%s@%s" % slot for slot in slots), "answers", answers)
        for name, step in self.steps(paths["x"]):
            code = step()
            self.say("  ", name, code, self.watcher.told(base))

    def play_cells(self, pairs):
        for when in ("absent", "there"):
            for slots in [(one,) for one in SLOTS] + list(pairs):
                self.cell(slots, when)

    # Removal, by every number that a client might send.

    def play_removal(self):
        subsets = itertools.chain.from_iterable(itertools.combinations(KINDS_OF_ONE, count) for count in range(5))
        for kinds, number in itertools.product(list(subsets), (-1, 0, 1, 2, 3, 4, 5, 6)):
            base, paths = self.place()
            self.writer.create(paths["x"])
            for kind in kinds:
                self.watcher.set(kind, paths["x"])
            body = numbered(paths["x"], number)
            codes = [self.watcher.collect(operation, body)[1]
                     for operation in (CHECK_WATCHES, REMOVE_WATCHES, CHECK_WATCHES, REMOVE_WATCHES)]
            self.say("remove", number, "of", "+".join(kinds), codes)
            for path in (paths["x"] + "/c", paths["x"] + "/d"):
                self.do(wire.CREATE, create_body(path))
            self.do(wire.SET_DATA, wire.text(paths["x"]) + wire.buffer(b"1") + struct.pack(">i", -1))
            self.say("  left", self.watcher.told(base))

    def play_modes(self):
        for modes in itertools.product((-1, 0, 1, 2), repeat=2):
            base, paths = self.place()
            codes = [self.watcher.collect(ADD_WATCH, numbered(paths["x"], mode))[1] for mode in modes]
            self.say("addWatch", modes, codes)
            for name, step in self.steps(paths["x"]):
                step()
                self.say("  ", name, self.watcher.told(base))

    # What a client that comes back names.

    def play_return(self, operation):
        base, paths = self.place()
        for name in ("same", "changed", "deleted", "parent"):
            self.writer.create("%s/p/%s" % (base, name))
        _, seen, _ = self.writer.request(wire.SYNC, wire.text("/"))
        self.do(wire.SET_DATA, wire.text(base + "/p/changed") + wire.buffer(b"1") + struct.pack(">i", -1))
        self.do(wire.DELETE, numbered(base + "/p/deleted"))
        self.do(wire.CREATE, create_body(base + "/p/parent/child"))
        names = ["%s/p/%s" % (base, name) for name in ("same", "changed", "deleted", "parent", "never")]
        lists = [names, names, names]
        if operation == SET_WATCHES2:
            # Seen is what is applied: nothing was missed.
            _, seen, _ = self.writer.request(wire.SYNC, wire.text("/"))
            lists += [names[:2], names[2:]]
        for persistent in range(2):
            watcher = Watcher(self.port, 30_000)
            body = struct.pack(">q", seen) + b"".join(vector(paths) for paths in lists)
            events, error, _ = watcher.collect(operation, body)
            self.say("return", operation, error, [(kind, path.removeprefix(base), zxid) for kind, path, zxid in events])
            for name in ("same", "changed", "deleted", "parent", "never"):
                self.do(wire.CREATE, create_body("%s/p/%s" % (base, name)))
                self.do(wire.SET_DATA, wire.text("%s/p/%s" % (base, name)) + wire.buffer(b"1") + struct.pack(">i", -1))
                self.say("  live", name, watcher.told(base))
            watcher.vanish()

    def play(self, pairs):
        self.play_cells(pairs)
        self.play_removal()
        self.play_modes()
        for operation in (SET_WATCHES, SET_WATCHES2):
            self.play_return(operation)
        return self.lines


def pairs(random, count):
    """Combinations of two and three watches: all pairs if `count` allows, else a choice."""
    all_of_two = list(itertools.combinations(SLOTS, 2))
    all_of_three = list(itertools.combinations(SLOTS, 3))
    return random.sample(all_of_two, min(count, len(all_of_two))) + random.sample(all_of_three, count)
