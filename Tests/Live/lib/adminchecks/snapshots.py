"""Snapshots by command: the stream is the file, what it says is in it, and it stays while it is read."""
import os
import socket
import time

import peers
import wire
from adminchecks import HOST, command, raw
from adminchecks.comparing import ALL, OWNER, READ, SUPER, set_acl

PROOF = {"Authorization": "ip"}
NODES, NODE_BYTES = 40, 500_000


def fill(session):
    for number in range(NODES):
        session.create("/big%d" % number, os.urandom(NODE_BYTES))


def check_stream(world, server, session):
    answer = command(server.admin, "snapshot", headers=PROOF)
    files = sorted((server.directory / "data" / "snap").glob("snap-*.zks"), key=lambda path: path.stat().st_mtime)
    world.check("the stream is the snapshot's file", answer.body == files[-1].read_bytes(), (len(answer.body), files))
    world.check("its size is said", answer.headers.get("snapshot_size") == str(len(answer.body)), answer.headers)
    world.check("it is octets", answer.headers.get("content-type") == "application/octet-stream", answer.headers)
    zxid = session.request(wire.EXISTS, wire.text("/") + b"\0")[1]
    world.check("it ends at the last write", answer.headers.get("last_zxid") == hex(zxid), (answer.headers, hex(zxid)))
    last = command(server.admin, "last_snapshot")
    world.check("last_snapshot names it", last["zxid"] == "%x" % zxid and abs(last["timestamp"] - time.time()) < 60, last)


def check_held(world, server, session):
    """A slow reader gets the whole file, though newer snapshots made it superfluous meanwhile."""
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        slow.settimeout(20)
        slow.connect((HOST, server.admin))
        slow.sendall(b"GET /commands/snapshot HTTP/1.1\r\nHost: h\r\nAuthorization: ip\r\nConnection: close\r\n\r\n")
        head = b""
        while b"\r\n\r\n" not in head:
            head += slow.recv(1024)
        head, _, body = head.partition(b"\r\n\r\n")
        size = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"snapshot_size"))
        held = max((server.directory / "data" / "snap").glob("snap-*.zks"), key=lambda path: path.stat().st_mtime)
        for number in range(5):
            session.create("/more%d" % number)
            answer = command(server.admin, "snapshot?streaming=false", headers=PROOF)
            world.check("a snapshot is made while another is sent", answer.status == 200, answer)
        world.check("what is being sent is not purged", held.exists(), held)
        expected = held.read_bytes()
        while piece := slow.recv(1 << 20):
            body += piece
        world.check("a slow reader gets the whole file", len(body) == size and body == expected, (len(body), size))
    for number in range(2):
        session.create("/last%d" % number)
        command(server.admin, "snapshot?streaming=false", headers=PROOF)
    world.check("it is purged when nobody reads it any more", not held.exists(), held)


def check_many(world, server):
    """Several who ask at once, with and without a write between."""
    asked = b"GET /commands/snapshot?streaming=false HTTP/1.1\r\nHost: h\r\nAuthorization: ip\r\n\r\n"
    connections = [socket.create_connection((HOST, server.admin), 20) for _ in range(5)]
    for connection in connections:
        connection.sendall(asked)
    answers = [connection.recv(4096) for connection in connections]
    world.check("several who ask at once are all answered", all(b" 200 " in answer for answer in answers), answers)
    for connection in connections:
        connection.close()


def check_untaken(world, server):
    """Who asks and goes away keeps nothing."""
    for _ in range(5):
        with socket.create_connection((HOST, server.admin), 20) as connection:
            connection.sendall(b"GET /commands/snapshot HTTP/1.1\r\nHost: h\r\nAuthorization: ip\r\n\r\n")
            connection.recv(100)
    time.sleep(0.5)
    descriptors = [os.readlink(path) for path in (server_files(server))]
    world.check("who goes away keeps no file open", not any(path.endswith(".zks") for path in descriptors), descriptors)


def server_files(server):
    from pathlib import Path
    return list(Path("/proc/%d/fd" % server.pid).iterdir())


def check_limits(world):
    server = world.start("limits", **{"admin.rateLimiterIntervalInMS": 60_000, "DigestAuthenticationProvider.superDigest": SUPER})
    first, second = (command(server.admin, "snapshot?streaming=false", headers=PROOF) for _ in range(2))
    world.check("one snapshot in a while is made", first.status == 200 and second.status == 429, (first, second))
    set_acl(server.port, [(READ, "ip", "127.0.0.1"), (ALL, *OWNER)])
    answer = command(server.admin, "snapshot", headers=PROOF)
    world.check("some permissions on / are not enough", answer.status == 403 and answer["error"] == "Not authorized", answer)
    server.kill()
    server = world.start("closed", **{"admin.snapshot.enabled": "false", "admin.commandURL": "/ops/"})
    world.check("the commands stand where they are told to", raw(server.admin, b"GET /ops/ruok HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200"))
    world.check("and nowhere else", command(server.admin, "ruok").status == 404)
    answer = raw(server.admin, b"GET /ops/snap HTTP/1.1\r\nHost: h\r\nAuthorization: ip\r\nConnection: close\r\n\r\n")
    world.check("a command that is switched off answers 503", answer.startswith(b"HTTP/1.1 503"), answer)
    server.kill()


def check(world):
    server = world.start("snapshots", **{"admin.rateLimiterIntervalInMS": 0})
    session = wire.Session(server.port)
    fill(session)
    check_stream(world, server, session)
    check_held(world, server, session)
    check_many(world, server)
    check_untaken(world, server)
    session.vanish()
    world.check("it ends in good order", server.stop() == 0, server.tail())
    world.check("what it stored is good", peers.four_letter(server.start().port, "ruok") == "imok")
    server.kill()
    check_limits(world)
