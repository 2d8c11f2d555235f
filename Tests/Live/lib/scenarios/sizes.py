"""Requests around the longest that a frame may be, and what comes back of them."""
import struct

import wire
from asking import create, numbered, set_data, watched
from scenarios import scenario

# ZooKeeper's default of jute.maxbuffer.
FRAME_MAX = 0xF_FFFF


@scenario
def around_the_longest_frame(play):
    for more in (-1, 0, 1):
        path = play.path("/n%d" % more)
        # A frame holds the header (8 bytes) and the body.
        data = b"d" * (FRAME_MAX + more - 8 - len(create(path)))
        answer = play.ask("create in a frame of %d bytes more" % more, "create", create(path, data))
        if answer[0] == 0:
            kept = play.do("getData", watched(path))[2]
            play.note("all of it comes back, %d" % more, kept[0] == data)
            play.ask("setData of %d" % more, "setData", set_data(path, data[:-1]))
            play.do("delete", numbered(path))


@scenario
def lengths_of_frames(play):
    for length in (-1, -2147483648, FRAME_MAX + 1, 2147483647, 0, 1, 4, 7):
        session = play.open()
        session.socket.sendall(struct.pack(">i", length) + bytes(max(0, min(length, 16))))
        try:
            session.receive()
            play.note("a frame of %d" % length, "answered")
        except wire.Ended:
            play.note("a frame of %d" % length, "closed")
        except TimeoutError:
            play.note("a frame of %d" % length, "no answer")
