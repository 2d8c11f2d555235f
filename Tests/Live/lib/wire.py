"""A ZooKeeper session spoken by hand, for what kazoo would not do: die without a word, lie, break frames."""
import socket
import struct

HOST = "127.0.0.1"
CREATE, DELETE, EXISTS, GET_DATA, SET_DATA, SYNC, PING, CLOSE = 1, 2, 3, 4, 5, 9, 11, -11
SEQUENTIAL = 2
WORLD_ALL = struct.pack(">ii", 1, 31) + b"\0\0\0\5world\0\0\0\6anyone"


def text(value):
    encoded = value.encode()
    return struct.pack(">i", len(encoded)) + encoded


def buffer(value):
    return struct.pack(">i", len(value)) + value


def received(connection, count):
    """So many bytes of a connection; fewer if it ended before."""
    parts = b""
    while len(parts) < count:
        try:
            part = connection.recv(count - len(parts))
        except (ConnectionResetError, BrokenPipeError):
            part = b""
        if not part:
            break
        parts += part
    return parts


class Ended(Exception):
    """The server closed the connection."""


class Session:
    """One connection; `session` and `password` name an older session to go on with.

    `wrap` makes the socket that is spoken through of the one that is connected.
    """

    def __init__(self, port, timeout_ms=10_000, session=0, password=bytes(16), last_zxid=0, host=HOST,
                 wrap=None):
        self.socket = socket.create_connection((host, port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(10)
        if wrap:
            self.socket = wrap(self.socket)
        self.xid = 0
        self.send(struct.pack(">iqiq", 0, last_zxid, timeout_ms, session) + buffer(password) + b"\0")
        answer = self.receive()
        _, self.timeout_ms, self.session, length = struct.unpack(">iiqi", answer[:20])
        self.password = answer[20:20 + length]

    def send(self, frame):
        self.socket.sendall(struct.pack(">i", len(frame)) + frame)

    def receive(self):
        """The next frame; raises `Ended` if the server hung up."""
        length = struct.unpack(">i", self._exactly(4))[0]
        return self._exactly(length)

    def _exactly(self, count):
        found = received(self.socket, count)
        if len(found) < count:
            raise Ended("after %d of %d bytes" % (len(found), count))
        return found

    def request(self, operation, body=b"", xid=None):
        """Sends a request and waits for its answer, past notifications; returns (error, zxid, body)."""
        if xid is None:
            self.xid += 1
            xid = self.xid
        self.send(struct.pack(">ii", xid, operation) + body)
        while True:
            frame = self.receive()
            answered, zxid, error = struct.unpack(">iqi", frame[:16])
            if answered == xid:
                return error, zxid, frame[16:]

    def create(self, path, data=b"", flags=0):
        """Creates a node; returns its name, or raises `OSError` with the protocol's error code."""
        error, _, body = self.request(CREATE, text(path) + buffer(data) + WORLD_ALL + struct.pack(">i", flags))
        if error:
            raise OSError(error, "create %s answered %d" % (path, error))
        return body[4:].decode()

    def ping(self):
        return self.request(PING, xid=-2)[0]

    def vanish(self):
        """Closes the socket without ending the session."""
        self.socket.close()
