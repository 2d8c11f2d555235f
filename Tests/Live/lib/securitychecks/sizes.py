"""Structures at the limits and beyond them (security table, S26)."""
import struct
from pathlib import Path

import shapes
import wire
from wire import text

LIST_MAX = 1 << 20
FRAME_MAX = 0xF_FFFF
# A list is a count and, for each name, a length and the name.
NAME = "c%07d"
CHILDREN = (LIST_MAX - 4) // (4 + len(NAME % 0))
UNREADABLE = -5
MULTI, MULTI_READ, GET_CHILDREN, GET_CHILDREN2, NUMBER, CHECK = 14, 22, 8, 12, 104, 13
END = struct.pack(">ibi", -1, 1, -1)
MIB = 1 << 20


def resident(server):
    """The server's resident memory in bytes."""
    lines = Path("/proc/%d/status" % server.pid).read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS:"))


def create_children(session, first, end):
    items = b"".join(struct.pack(">ibi", wire.CREATE, 0, -1) + text("/wide/" + NAME % number) + wire.buffer(b"") + wire.WORLD_ALL
                     + struct.pack(">i", 0) for number in range(first, end))
    error = session.request(MULTI, items + END)[0]
    assert error == 0, error


def check_wide(world):
    """More children than one reply holds: an error, no end, and no memory."""
    server = world.start("wide", listReplyMaxBytes=LIST_MAX)
    session = wire.Session(server.port)
    session.create("/wide")
    for first in range(0, CHILDREN, 5000):
        create_children(session, first, min(first + 5000, CHILDREN))
    body = text("/wide") + b"\0"
    error, _, answer = session.request(GET_CHILDREN, body)
    world.check("a list is as long as it may be", (error, len(answer)) == (0, 4 + CHILDREN * 12), (error, len(answer)))
    create_children(session, CHILDREN, CHILDREN + 1)
    within = struct.pack(">ibi", GET_CHILDREN, 0, -1) + body + END
    answers = [session.request(kind, body)[0] for kind in (GET_CHILDREN, GET_CHILDREN2)]
    world.check("one name more is an error", answers == [UNREADABLE] * 2, answers)
    answer = session.request(MULTI_READ, within)[2]
    world.check("in a multiRead it is the item's", answer == struct.pack(">ibii", -1, 0, UNREADABLE, UNREADABLE) + END, answer[:40])
    count = struct.unpack(">i", session.request(NUMBER, text("/wide"))[2])[0]
    world.check("the session goes on, and counts them", count == CHILDREN + 1, count)
    memory = resident(server)
    line = shapes.Line(server.port, shapes.request(), patience=30)
    line.answer()
    line.send(*(shapes.call(GET_CHILDREN, body, xid=number) for number in range(1, 201)))
    errors = [line.reply() for _ in range(200)]
    grown = resident(server) - memory
    world.check("200 such requests at once are answered", errors == ["reply -5 to %d" % number for number in range(1, 201)], errors[:2])
    world.check("and take less than 16 MiB", grown < 16 * MIB, grown)
    server.kill()


def check_frames(world):
    """A multi of as many items as a frame holds, and watches of as many paths; and one byte more."""
    server = world.start("frames")
    wire.Session(server.port).create("/a")
    check = struct.pack(">ibi", CHECK, 0, -1) + text("/a") + struct.pack(">i", -1)
    watches = 20_000
    for name, kind, head, item, tail, wanted in (
            ("a multi", MULTI, b"", check, END, 0),
            ("setWatches", 101, struct.pack(">qii", 1 << 62, 0, watches), None, struct.pack(">i", 0), 0)):
        if item:
            count = (FRAME_MAX - 8 - len(tail)) // len(item)
            body = item * count + tail
        else:
            rest = FRAME_MAX - 8 - len(head) - len(tail)
            size = rest // watches - 4
            last = rest - (watches - 1) * (4 + size) - 4
            body = head + b"".join(text("/" + str(number).rjust(size - 1, "w")) for number in range(watches - 1)) + text("/" + "l" * (last - 1)) + tail
        session = wire.Session(server.port)
        error = session.request(kind, body)[0]
        world.check("%s that fills its frame is answered" % name, error == wanted, error)
        line = shapes.Line(server.port, shapes.request())
        line.answer()
        line.send(shapes.call(kind, body + bytes(FRAME_MAX - 8 - len(body) + 1)))
        world.check("a byte more than a frame holds ends the connection (%s)" % name, line.end() == "closed")
        world.check("the session goes on behind %s" % name, session.ping() == 0)
    server.kill()
