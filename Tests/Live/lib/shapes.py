"""Connect requests of every shape, well-formed or not, and what the client sees of them.

`SHAPES` maps a name to a function that plays it on a port and returns what was seen, as text that is the
same in each run: `granted 10000 +flag`, `refused -flag`, `reply -101`, `closed`, `open` and so on.
"""
import socket
import struct

import wire

SHAPES = {}
PASSWORD = bytes(16)


def shape(function):
    """Adds a function to `SHAPES` under its first line of documentation."""
    SHAPES[function.__doc__.splitlines()[0]] = function
    return function


def request(version=0, last_zxid=0, timeout=10_000, session=0, password=PASSWORD, flag=b"\0", tail=b"", length=None):
    """A connect request's frame. `password` None is a null; `flag` None leaves the byte out."""
    body = struct.pack(">iqiq", version, last_zxid, timeout, session)
    body += struct.pack(">i", -1) if password is None else wire.buffer(password)
    body += (flag or b"") + tail
    return struct.pack(">i", len(body) if length is None else length) + body


def call(operation, body=b"", xid=1):
    """A request's frame."""
    return struct.pack(">iii", 8 + len(body), xid, operation) + body


EXISTS_ROOT = wire.text("/") + b"\0"


class Line:
    """A connection that is listened to frame by frame."""

    def __init__(self, port, *frames, patience=3):
        self.socket = socket.create_connection((wire.HOST, port), 5)
        self.socket.settimeout(patience)
        self.send(*frames)

    def send(self, *frames):
        try:
            self.socket.sendall(b"".join(frames))
        except OSError:
            pass

    def frame(self):
        """The next frame; None at the connection's end. Raises `TimeoutError` when there is neither."""
        head = self._exactly(4)
        return None if head is None else self._exactly(struct.unpack(">i", head)[0])

    def _exactly(self, count):
        found = wire.received(self.socket, count)
        return found if len(found) == count else None

    def answer(self):
        """What comes in answer to a connect request."""
        frame = self.frame()
        if frame is None:
            return "closed"
        _, self.timeout, self.session, length = struct.unpack(">iiqi", frame[:20])
        self.password = frame[20:20 + length]
        flag = frame[20 + length:]
        word = "granted %d" % self.timeout if self.session and self.timeout else "refused"
        if not self.session and self.password != PASSWORD:
            word += " with a password"
        return word + (" -flag" if not flag else " +flag" if flag == b"\0" else " flag %r" % flag)

    def reply(self):
        """The error of the next reply, past nothing."""
        frame = self.frame()
        if frame is None:
            return "closed"
        xid, zxid, error = struct.unpack(">iqi", frame[:16])
        return "reply %d to %d%s" % (error, xid, " with zxid -1" if zxid == -1 else "")

    def end(self):
        """`closed` if the server hangs up; `open` if nothing comes for a while."""
        self.socket.settimeout(0.7)
        try:
            frame = self.frame()
        except TimeoutError:
            return "open"
        return "closed" if frame is None else "a frame of %d bytes" % len(frame)

    def hang_up(self):
        self.socket.close()


def seen(port, frame):
    """The answer to a connect request, what exists says then, and how it ends."""
    line = Line(port, frame)
    answer = line.answer()
    if answer.startswith("granted"):
        line.send(call(wire.EXISTS, EXISTS_ROOT))
        answer += ", " + line.reply()
        line.send(call(wire.CLOSE, xid=2))
        line.reply()
    return answer + ", " + line.end()


def plain(name, **changes):
    """A shape that is one connect request."""
    SHAPES[name] = lambda port: seen(port, request(**changes))


plain("as 3.4 and later send it")
plain("without the flag, as 3.3 sends it", flag=None)
plain("the flag says read-only", flag=b"\1")
plain("the flag is 2", flag=b"\2")
plain("the flag is 255", flag=b"\xff")
plain("a byte behind the flag", tail=b"x")
plain("a hundred bytes behind the flag", tail=b"x" * 100)
plain("protocol version 1", version=1)
plain("protocol version -1", version=-1)
plain("a timeout of 0", timeout=0)
plain("a negative timeout", timeout=-5)
plain("the longest timeout", timeout=(1 << 31) - 1)
plain("an empty password for a new session", password=b"")
plain("a password of 3 bytes for a new session", password=b"abc")
plain("a password of 100 bytes for a new session", password=b"x" * 100)
plain("a null password for a new session", password=None)
plain("a null password and no flag", password=None, flag=None)
plain("a zxid from the future", last_zxid=1 << 40)
plain("a negative zxid", last_zxid=-7)
plain("an unknown session", session=77)
plain("an unknown session without the flag", session=77, flag=None)
plain("an unknown session, read-only", session=77, flag=b"\1")
plain("a negative session", session=-77)
plain("the smallest session", session=-(1 << 63))


@shape
def cut_short(port):
    """a frame that ends within the password"""
    line = Line(port, request()[:4 + 30][:0] + struct.pack(">i", 30) + request()[4:34])
    return line.answer() + ", " + line.end()


@shape
def empty_frame(port):
    """an empty frame"""
    return Line(port, struct.pack(">i", 0)).end()


@shape
def negative_length(port):
    """a frame of length -1"""
    return Line(port, struct.pack(">i", -1)).end()


@shape
def huge_length(port):
    """a frame of length 2^31-1"""
    return Line(port, struct.pack(">i", (1 << 31) - 1)).end()


@shape
def limit_length(port):
    """a frame's length is jute.maxbuffer"""
    return Line(port, struct.pack(">i", 0xfffff)).end()


@shape
def limit_length_and_one(port):
    """a frame's length is jute.maxbuffer and one"""
    return Line(port, struct.pack(">i", 0x100000)).end()


@shape
def password_bomb(port):
    """a password that says it has 2^31-1 bytes"""
    body = struct.pack(">iqiqi", 0, 0, 10_000, 0, (1 << 31) - 1) + b"\0" * 17
    return Line(port, struct.pack(">i", len(body)) + body).end()


@shape
def password_minus_two(port):
    """a password of length -2"""
    body = struct.pack(">iqiqi", 0, 0, 10_000, 0, -2) + b"\0" * 17
    return Line(port, struct.pack(">i", len(body)) + body).end()


@shape
def connect_twice(port):
    """a second connect request behind the answer to the first"""
    line = Line(port, request())
    first = line.answer()
    line.send(request())
    return first + ", " + line.reply() + ", " + line.end()


@shape
def short_request(port):
    """a request of 3 bytes"""
    line = Line(port, request())
    line.answer()
    line.send(struct.pack(">i", 3) + b"abc")
    return line.end()


@shape
def empty_request(port):
    """a request of no bytes"""
    line = Line(port, request())
    line.answer()
    line.send(struct.pack(">i", 0))
    return line.end()


@shape
def byte_by_byte(port):
    """a connect request that comes byte by byte"""
    line = Line(port)
    line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in request():
        line.send(bytes([byte]))
    return line.answer()


@shape
def resumed(port):
    """a session resumed on a second connection"""
    first = Line(port, request())
    first.answer()
    second = Line(port, request(session=first.session, password=first.password, timeout=5000))
    same = "same" if second.answer().startswith("granted 5000") and second.session == first.session else "other"
    second.send(call(wire.EXISTS, EXISTS_ROOT))
    return "%s session, %s, first %s, second %s" % (same, second.reply(), first.end(), second.end())


@shape
def resumed_after_hangup(port):
    """a session resumed after its connection died"""
    first = Line(port, request())
    first.answer()
    first.hang_up()
    return seen(port, request(session=first.session, password=first.password))


@shape
def resumed_wrong(port):
    """a wrong password drops the owner, and the owner comes back"""
    first = Line(port, request())
    first.answer()
    thief = Line(port, request(session=first.session, password=b"0123456789abcdef"))
    answer = thief.answer() + ", " + thief.end() + ", owner " + first.end()
    return answer + ", again " + seen(port, request(session=first.session, password=first.password))


@shape
def resumed_short(port):
    """a session's password cut to 15 bytes"""
    first = Line(port, request())
    first.answer()
    return seen(port, request(session=first.session, password=first.password[:15]))


@shape
def resumed_null(port):
    """a session's password left out"""
    first = Line(port, request())
    first.answer()
    return seen(port, request(session=first.session, password=None))


@shape
def resumed_future(port):
    """a resumed session that has seen a zxid from the future leaves its owner alone"""
    first = Line(port, request())
    first.answer()
    second = Line(port, request(session=first.session, password=first.password, last_zxid=1 << 40))
    return second.answer() + ", owner " + first.end()


@shape
def resumed_closed(port):
    """a session that was closed"""
    first = Line(port, request())
    first.answer()
    first.send(call(wire.CLOSE))
    first.reply()
    return seen(port, request(session=first.session, password=first.password))


@shape
def resumed_on_itself(port):
    """the session of the connection itself, asked for again"""
    line = Line(port, request())
    line.answer()
    line.send(request(session=line.session, password=line.password))
    return line.reply() + ", " + line.end()


@shape
def closed_and_more(port):
    """requests behind the one that closes the session"""
    line = Line(port, request())
    line.answer()
    line.send(call(wire.CLOSE, xid=5) + call(wire.EXISTS, EXISTS_ROOT, xid=6))
    return line.reply() + ", " + line.end()


@shape
def pipelined(port):
    """requests sent together with the connect request"""
    line = Line(port, request() + call(wire.EXISTS, EXISTS_ROOT, xid=1) + call(wire.PING, xid=-2))
    return line.answer() + ", " + line.reply() + ", " + line.reply()


@shape
def moved_write(port):
    """a write on the connection that lost its session"""
    first = Line(port, request())
    first.answer()
    second = Line(port, request(session=first.session, password=first.password))
    second.answer()
    first.send(call(wire.CREATE, wire.text("/moved") + wire.buffer(b"") + wire.WORLD_ALL + struct.pack(">i", 0)))
    first_end = first.end()
    second.send(call(wire.EXISTS, wire.text("/moved") + b"\0"))
    return "first %s, second %s" % (first_end, second.reply())
