"""What nobody may do to the admin port, and least of all to the clients by way of it."""
import concurrent.futures
import contextlib
import socket
import threading
import time

import peers
import wire
from adminchecks import HOST, ask, command, raw

IDLE_MS = 700
# The longest that a client's request may wait while the admin port is ill-treated, seconds.
PATIENCE = 0.4
REQUEST = b"GET /commands/ruok HTTP/1.1\r\nHost: h\r\n\r\n"
LAST = b"GET /commands/ruok HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
GARBAGE = (
    b"\r\n\r\n\r\n", b"\0" * 5000, b"\x16\x03\x01\x02\x00" + b"\xff" * 600, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
    b"GET  HTTP/1.1\r\nHost: h\r\n\r\n", b"GET * HTTP/1.1\r\nHost: h\r\n\r\n", b"GET http:// HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", b"GET http://h:/commands HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET http://h: HTTP/1.1\r\nHost: h\r\n\r\n", b"GET :// HTTP/1.1\r\nHost: h\r\n\r\n", b"GET ?a HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /?%s HTTP/1.1\r\nHost: h\r\n\r\n" % (b"&" * 3000), b"GET /commands/\xff\xfe HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /commands/%ff%fe%c0%80 HTTP/1.1\r\nHost: h\r\n\r\n", b"GET /%s HTTP/1.1\r\nHost: h\r\n\r\n" % (b"../" * 2000),
    b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /commands/ruok\r\n",
    b"POST /commands/ruok HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
    b"POST /commands/ruok HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /commands/ruok HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /commands/ruok HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    b"POST /commands/ruok HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    b"GET /commands/ruok HTTP/1.1\r\nHo\0st: h\r\n\r\n", b"GET /commands/ruok HTTP/1.1\r\n: h\r\n\r\n",
    b"GET /commands/snapshot HTTP/1.1\r\nHost: h\r\nAuthorization: digest %s\r\n\r\n" % (b"\xff" * 500),
    b"GET /commands/snapshot HTTP/1.1\r\nHost: h\r\nAuthorization: %s\r\n\r\n" % (b" " * 3000))


class Client(threading.Thread):
    """A session that asks all the time, and remembers its longest wait."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.session = wire.Session(port)
        self.longest = 0.0
        self.problem = None
        self.ends = threading.Event()

    def run(self):
        try:
            while not self.ends.is_set():
                began = time.monotonic()
                self.session.request(wire.EXISTS, wire.text("/") + b"\0")
                self.longest = max(self.longest, time.monotonic() - began)
                time.sleep(0.002)
        except (OSError, wire.Ended) as problem:
            self.problem = problem

    @contextlib.contextmanager
    def watching(self, world, name):
        """Checks that clients did not notice what goes on meanwhile."""
        self.longest = 0.0
        yield
        world.check("%s: clients notice nothing" % name, self.problem is None and self.longest < PATIENCE,
                    (self.problem, "%.3f s" % self.longest))


def connect(port):
    connection = socket.create_connection((HOST, port), 5)
    connection.settimeout(10)
    return connection


def is_closed(connection, seconds):
    """Whether the server ends a connection in that time; what it says before is passed over."""
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            connection.settimeout(max(end - time.monotonic(), 0.01))
            if not connection.recv(65536):
                return True
    except TimeoutError:
        return False
    except OSError:
        return True
    return False


def check_garbage(world, server):
    for data in GARBAGE:
        raw(server.admin, data, timeout=5)
        world.check("the server lives on after %r" % data[:60], server.returncode is None, server.tail())
    world.check("it answers after all that", command(server.admin, "ruok").status == 200)


def check_sizes(world, server):
    head = b"GET /commands/ruok HTTP/1.1\r\nHost: h\r\n"
    for name, data in (("one long field", b"X: " + b"x" * (1 << 20)), ("many fields", b"a: b\r\n" * 100_000)):
        answer = raw(server.admin, head + data + b"\r\n\r\n")
        world.check("%s is refused and the connection ended" % name, answer is not None and b" 200 " not in answer, answer and answer[:80])
    answer = raw(server.admin, b"GET /" + b"x" * (1 << 20) + b" HTTP/1.1\r\nHost: h\r\n\r\n")
    world.check("a long path is refused and the connection ended", answer is not None and b" 200 " not in answer, answer and answer[:80])
    with connect(server.admin) as endless:
        endless.sendall(b"POST /commands/ruok HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        try:
            while sent < 64 << 20:
                endless.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent += 65536
        except OSError:
            pass
        world.check("a body without an end is cut off", sent < 32 << 20, sent)


def check_slowness(world, server):
    slow = {"silent": b"", "half a head": b"GET /comm", "half a body": b"POST /commands/x HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n12",
            "after an answer": REQUEST}
    connections = {}
    for name, data in slow.items():
        connections[name] = connect(server.admin)
        connections[name].sendall(data)
    for name, connection in connections.items():
        world.check("a connection that is slow (%s) is ended" % name, is_closed(connection, 5 * IDLE_MS / 1000))
        connection.close()
    with connect(server.admin) as drop:
        drop.sendall(b"GET /commands/ruok HTTP/1.1\r\nHost: h\r\nX: ")
        began = time.monotonic()
        try:
            while time.monotonic() - began < 5 * IDLE_MS / 1000:
                drop.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass
        lasted = time.monotonic() - began
        world.check("a head that comes byte by byte is not waited for", lasted < 4 * IDLE_MS / 1000, lasted)


def check_numbers(world, server):
    """Many connections: bounded in number, and the port is there again when they have been sent away."""
    crowd = []
    for _ in range(1000):
        try:
            crowd.append(socket.create_connection((HOST, server.admin), 0.2))
        except OSError:
            break
    world.check("the client port answers beside %d connections" % len(crowd), peers.four_letter(server.port, "ruok") == "imok")
    for connection in crowd:
        connection.close()
    end = time.monotonic() + 20
    answered = False
    while not answered and time.monotonic() < end:
        try:
            answered = ask(server.admin, "/commands/ruok", timeout=3).status == 200
        except OSError:
            time.sleep(0.1)
    world.check("the admin port answers when the crowd is gone", answered)


def check_pipelining(world, server):
    answer = raw(server.admin, REQUEST * 99 + LAST)
    world.check("a hundred requests at once get a hundred answers", answer is not None and answer.count(b"HTTP/1.1 200") == 100,
                answer and answer.count(b"HTTP/1.1 200"))
    world.check("HTTP/1.0 is answered", (raw(server.admin, b"GET /commands/ruok HTTP/1.0\r\n\r\n") or b"").count(b" 200 ") == 1)
    # Nobody takes the answers.
    with connect(server.admin) as greedy:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            greedy.settimeout(2)
            while True:
                greedy.sendall(b"GET /commands/monitor HTTP/1.1\r\nHost: h\r\n\r\n" * 100)
        except OSError:
            pass
        time.sleep(2 * IDLE_MS / 1000)
        world.check("who takes no answers is cut off", is_closed(greedy, 5 * IDLE_MS / 1000))


def check_questions(world, server):
    """The longest walks, asked for by as many as are let in."""
    session = wire.Session(server.port)
    for number in range(60_000):
        session.xid += 1
        session.send(wire.struct.pack(">ii", session.xid, wire.EXISTS) + wire.text("/questions/absent/%060d" % number) + b"\1")
        if number % 500 == 499:
            for _ in range(500):
                session.receive()
    asked = b"GET /commands/wchp HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    began = time.monotonic()
    crowd = [connect(server.admin) for _ in range(40)]
    for connection in crowd:
        connection.sendall(asked)
    with concurrent.futures.ThreadPoolExecutor(len(crowd)) as readers:
        answers = list(readers.map(whole, crowd))
    good = [answer for answer in answers if b" 200 " in answer[:20] and b'"cut"' in answer[-300:]]
    world.check("all who ask for the longest list get it, cut", len(good) == len(crowd), [answer[-200:] for answer in answers if answer not in good][:2])
    print("%d answers of %d bytes in %.1f s" % (len(good), len(answers[0]), time.monotonic() - began), flush=True)
    session.vanish()


def whole(connection):
    """All that comes until the end."""
    parts = []
    try:
        while part := connection.recv(1 << 20):
            parts.append(part)
    except OSError:
        pass
    connection.close()
    return b"".join(parts)


def check(world):
    server = world.start("hostile", **{"admin.idleTimeout": IDLE_MS})
    client = Client(server.port)
    client.start()
    for name, part in (("garbage", check_garbage), ("sizes", check_sizes), ("slowness", check_slowness),
                       ("numbers", check_numbers), ("pipelining", check_pipelining), ("questions", check_questions)):
        with client.watching(world, name):
            part(world, server)
    client.ends.set()
    client.join()
    lines = [line for line in server.output.read_text().splitlines() if " WARNING " in line or " ERROR " in line]
    world.check("the log is not flooded", len(lines) < 150, len(lines))
    world.check("it ends in good order", server.stop() == 0, server.tail())
