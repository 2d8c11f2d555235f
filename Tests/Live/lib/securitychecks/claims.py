"""Who a stranger can claim to be (security table, S3 and S10)."""
import socket
import struct

import peers
import wire
from authplay import EVERYTHING, Person, create_body
from wire import text

from . import SUPER

SUPER_LOGIN = b"super:test"
AUTH_FAILED, NO_AUTH, INVALID_ACL = -115, -102, -114
ELSEWHERE = "10.9.8.7"
# What a proxy writes in front of a client's bytes, and what a browser would.
HEADERS = {
    "PROXY protocol 1": b"PROXY TCP4 %s 127.0.0.1 4000 2181\r\n" % ELSEWHERE.encode(),
    "PROXY protocol 2": b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + socket.inet_aton(ELSEWHERE) + b"\x7f\0\0\1\x0f\xa0\x08\x85",
    "HTTP": b"GET / HTTP/1.1\r\nX-Forwarded-For: %s\r\nForwarded: for=%s\r\n\r\n" % (ELSEWHERE.encode(), ELSEWHERE.encode()),
}


def check_superuser(world):
    """Nobody is one by what he says; who is one by the settings is named in the log each time."""
    plain, server = world.start("nobody"), world.start("super", **SUPER)
    for name, one in (("none is set", plain), ("one is set", server)):
        maker = Person(one.port)
        maker.login("digest", b"joe:secret")
        maker.ask(wire.CREATE, create_body("/joe", (EVERYTHING, "auth", "")))
        for data in (b"", b"super", SUPER_LOGIN, b"super:"):
            world.check("superuser, %s: the scheme cannot be asked for with %r" % (name, data),
                        Person(one.port).login("super", data) == AUTH_FAILED)
        for scheme, who in (("super", ""), ("super", "super"), ("SUPER", "")):
            seen = maker.ask(wire.CREATE, create_body("/entry", (EVERYTHING, scheme, who)))
            world.check("superuser, %s: no list names %s:%s" % (name, scheme, who), seen == INVALID_ACL, seen)
        stranger = Person(one.port)
        stranger.login("digest", b"super:tess")
        seen = stranger.ask(wire.GET_DATA, text("/joe") + b"\0")
        world.check("superuser, %s: a wrong password reads nothing" % name, seen == NO_AUTH, seen)
    for one, error in ((plain, NO_AUTH), (server, 0)):
        person = Person(one.port)
        person.login("digest", SUPER_LOGIN)
        seen = person.ask(wire.GET_DATA, text("/joe") + b"\0")
        world.check("the superuser's password gives what the settings say", seen == error, seen)
    lines = [line for line in server.output.read_text().splitlines() if "superuser" in line]
    world.check("the log names the superuser, once, with its address and session",
                len(lines) == 1 and "/127.0.0.1:" in lines[0] and " 0x" in lines[0] and "digest super" in lines[0], lines)
    world.check("without the setting there is none", "superuser" not in plain.output.read_text())


def check_address(world):
    """A connection has the address of its socket, whatever it says in front."""
    server = world.start("address")
    Person(server.port).ask(wire.CREATE, create_body("/far", (EVERYTHING, "ip", ELSEWHERE)))
    request = struct.pack(">iiqiqi16sb", 45, 0, 0, 10_000, 0, 16, bytes(16), 0)
    for name, header in HEADERS.items():
        with socket.create_connection((peers.HOST, server.port), 5) as connection:
            connection.sendall(header + request)
            answer = wire.received(connection, 1)
        world.check("%s in front of a request ends the connection" % name, answer == b"", answer)
    person = Person(server.port)
    world.check("a connection is known by its socket's address", person.names() == ["ip", peers.HOST], person.names())
    seen = person.ask(wire.GET_DATA, text("/far") + b"\0")
    world.check("and by no other", seen == NO_AUTH, seen)
    with socket.create_connection((peers.HOST, server.port), 5, source_address=("127.0.0.2", 0)) as other:
        other.sendall(request + struct.pack(">iii", 8, 1, 107))
        seen = wire.received(other, 41 + 20 + 4 + 6 + 13)
    world.check("another address is another identity", b"\0\0\0\x09127.0.0.2" in seen, seen)
