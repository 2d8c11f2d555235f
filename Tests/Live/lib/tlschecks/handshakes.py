"""Handshakes: what is spoken, what is refused, what is cut off; and one port for plain and TLS."""
import socket
import ssl
import struct
import subprocess
import time
from pathlib import Path

import peers
import wire

from . import HANDSHAKE_MS, closes_within, connect, connections, context, session, until, wrapper

# A handshake is cut at its limit; this much later on a busy machine.
SLACK = 3


def s_client(world, port, *words):
    """What `openssl s_client` with a good certificate says; whether it got through the handshake."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-CAfile", world.authority.certificate,
         "-cert", world.joe, "-key", world.joe, "-verify_return_error", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
    text = done.stdout.decode(errors="replace")
    return "Verify return code: 0" in text and "Cipher is (NONE)" not in text and done.returncode == 0, text


def check_versions(world, server):
    for words, expected in ((("-tls1_3",), True), (("-tls1_2",), True), (("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), False),
                            (("-tls1", "-cipher", "ALL:@SECLEVEL=0"), False),
                            (("-tls1_2", "-cipher", "AES128-SHA:AES256-SHA256:AES128-GCM-SHA256"), False)):
        through, text = s_client(world, server.secure, *words)
        world.check("s_client %s: %s" % (" ".join(words), "spoken" if expected else "refused"),
                    through == expected, text[-500:])
    _, text = s_client(world, server.secure, "-fallback_scsv", "-tls1_2")
    world.check("a client that fell back to 1.2 is told that 1.3 is spoken", "inappropriate fallback" in text, text[-500:])
    _, text = s_client(world, server.secure)
    world.check("1.3 is preferred", "TLSv1.3" in text, text[-500:])


def check_narrowed(world):
    """Versions and suites as they are set."""
    server = world.start("narrow", **{"ssl.enabledProtocols": "TLSv1.2",
                                      "ssl.ciphersuites": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"}).start()
    through, text = s_client(world, server.secure)
    world.check("the one suite is spoken", through and "ECDHE-ECDSA-AES256-GCM-SHA384" in text, text[-500:])
    for words in (("-tls1_3",), ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256")):
        through, text = s_client(world, server.secure, *words)
        world.check("%s is refused" % words[-1], not through, text[-500:])
    server.stop()


def check_words(world, server):
    """Four letter words over TLS, and what they say of the port."""
    for word, expected in (("ruok", "imok"), ("conf", "secureClientPort=%d" % server.secure), ("srvr", "Mode: standalone")):
        with connect(world, server.secure, world.joe) as secure:
            secure.sendall(word.encode())
            answer = b""
            while part := secure.recv(65536):
                answer += part
        world.check("%s over TLS" % word, expected in answer.decode(), answer[:200])


def check_plaintext(world, server):
    """What is not TLS gets nothing on the TLS port."""
    frame = wire.buffer(struct.pack(">iqiqi16sb", 0, 0, 10_000, 0, 16, bytes(16), 0))
    for name, first in (("a word", b"srvr"), ("a session", frame), ("HTTP", b"GET / HTTP/1.1\r\n\r\n"), ("zeros", bytes(64))):
        with socket.create_connection((peers.HOST, server.secure), 5) as plain:
            plain.sendall(first)
            plain.settimeout(HANDSHAKE_MS / 1000 + SLACK)
            answer = b""
            try:
                while part := plain.recv(4096):
                    answer += part
                closed = True
            except ConnectionError:
                closed = True
            except (socket.timeout, TimeoutError):
                closed = False
        # An alert of TLS is no answer.
        world.check("%s in plain text gets nothing on the TLS port" % name,
                    closed and (not answer or answer[0] == 21) and b"Mode" not in answer, (closed, answer[:60]))


def hello(world):
    """The first bytes that a client sends."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context(world).wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def check_half_open(world, server):
    """Handshakes that go nowhere end at the limit, and others do not wait for them."""
    first = hello(world)
    before = connections(server.port)
    stuck = []
    for number in range(120):
        plain = socket.create_connection((peers.HOST, server.secure), 5)
        plain.sendall((b"", first[:1], first[:3], first[:40], first[:-1], first)[number % 6])
        stuck.append(plain)
    began = time.monotonic()
    one = session(world, server.secure, world.joe)
    world.check("a client gets in beside 120 handshakes that stand still", time.monotonic() - began < 1)
    one.vanish()
    for plain in stuck:
        closed, after = closes_within(plain, HANDSHAKE_MS / 1000 + SLACK)
        if not closed:
            world.check("a handshake that stands still is cut off", False, "open after %.1f s" % after)
        plain.close()
    world.check("all of them are gone", until(5, lambda: connections(server.port) <= before), connections(server.port))
    slow = socket.create_connection((peers.HOST, server.secure), 5)
    began = time.monotonic()
    slow.settimeout(0.2)
    while time.monotonic() - began < HANDSHAKE_MS / 1000 + SLACK:
        try:
            slow.sendall(first[:1])
            first = first[1:] or b"\0"
            if slow.recv(100) == b"":
                break
        except (socket.timeout, TimeoutError):
            continue
        except OSError:
            break
    took = time.monotonic() - began
    world.check("a byte at a time gains no time", took < HANDSHAKE_MS / 1000 + SLACK - 0.5, took)
    slow.close()


def check_limits(world):
    """Handshakes at a time, and connections of one address on both ports."""
    server = world.start("limit", **{"netty.server.outstandingHandshake.limit": 3, "maxClientCnxns": 12,
                                     "ssl.handshakeDetectionTimeoutMillis": 60_000}).start()
    stuck = [socket.create_connection((peers.HOST, server.secure), 5) for _ in range(3)]
    until(5, lambda: connections(server.port) >= 3)
    with socket.create_connection((peers.HOST, server.secure), 5) as fourth:
        closed, _ = closes_within(fourth, 5)
        world.check("the fourth handshake is refused", closed)
    refused = int(peers.metrics(server.port).get("tls_handshake_exceeded", 0))
    world.check("and counted", refused >= 1, refused)
    for plain in stuck:
        plain.close()
    until(5, lambda: connections(server.port) <= 1)
    kept = [session(world, server.secure, world.joe) for _ in range(6)] + [wire.Session(server.port) for _ in range(5)]
    time.sleep(0.1)
    extra = 0
    for _ in range(4):
        try:
            kept.append(session(world, server.secure, world.joe))
            extra += 1
        except (OSError, wire.Ended):
            pass
    world.check("maxClientCnxns counts both ports", extra <= 1, extra)
    for one in kept:
        one.vanish()
    server.stop()


def check_unified(world):
    """Plain and TLS on one port."""
    server = world.start("unified", **{"client.portUnification": "true", "secureClientPort": None,
                                       "secureClientPortAddress": None}).start()
    plain = wire.Session(server.port)
    path = plain.create("/unified")
    secure = session(world, server.port, world.joe)
    error, _, _ = secure.request(wire.EXISTS, wire.text(path) + b"\0")
    world.check("plain and TLS on one port", error == 0, error)
    world.check("words in plain text are answered, too", "imok" in peers.four_letter(server.port, "ruok"))
    try:
        session(world, server.port)
        world.check("TLS without a certificate is refused", False)
    except (OSError, wire.Ended):
        world.check("TLS without a certificate is refused", True)
    for name, first in (("silence", b""), ("the beginning of TLS", hello(world)[:2]), ("a byte of TLS", b"\x16")):
        with socket.create_connection((peers.HOST, server.port), 5) as stuck:
            stuck.sendall(first)
            closed, after = closes_within(stuck, HANDSHAKE_MS / 1000 + SLACK)
            world.check("%s on a unified port is cut off" % name, closed, after)
    split = socket.create_connection((peers.HOST, server.port), 5)
    for byte in b"ruok":
        split.sendall(bytes([byte]))
        time.sleep(0.02)
    world.check("a word byte by byte is a word", split.recv(100) == b"imok")
    split.close()
    plain.vanish()
    secure.vanish()
    server.stop()


def check_fuzz(world, server, choose, count):
    """Damaged hellos: the server stands, and keeps no connection and no descriptor."""
    first = hello(world)
    descriptors = Path("/proc/%d/fd" % server.pid)
    before, open_before = connections(server.port), len(list(descriptors.iterdir()))
    for number in range(count):
        data = bytearray(first)
        kind = number % 6
        if kind == 0:
            data = bytearray(choose.randbytes(choose.randrange(1, 600)))
        elif kind == 1:
            data = data[:choose.randrange(len(data))]
        elif kind == 2:
            for _ in range(choose.randrange(1, 12)):
                data[choose.randrange(len(data))] = choose.randrange(256)
        elif kind == 3:
            data = bytearray(struct.pack(">BHH", 22, 0x0301, choose.randrange(65536))) + choose.randbytes(choose.randrange(40_000))
        elif kind == 4:
            place = choose.randrange(5, len(data))
            data[place:place] = choose.randbytes(choose.randrange(1, 20_000))
        else:
            # A whole handshake's worth of another record type, or a huge handshake message in small records.
            data = bytearray()
            for _ in range(choose.randrange(1, 200)):
                data += struct.pack(">BHH", choose.choice((20, 21, 22, 23, 24)), 0x0303, 64) + b"\1\xff\xff\xff" + choose.randbytes(60)
        with socket.create_connection((peers.HOST, server.secure), 5) as plain:
            try:
                plain.sendall(data)
                if choose.random() < 0.2:
                    plain.settimeout(0.05)
                    plain.recv(4096)
            except OSError:
                pass
        if server.returncode is not None:
            world.check("the server survives damaged hellos", False, "number %d: %s" % (number, server.tail()))
            return
    world.check("no connection is kept", until(10, lambda: connections(server.port) <= before), connections(server.port))
    world.check("no descriptor is kept", until(5, lambda: len(list(descriptors.iterdir())) <= open_before + 2))
    one = session(world, server.secure, world.joe)
    world.check("the server serves on", one.ping() == 0)
    one.vanish()


def check_dirty_ends(world, server, choose, count):
    """Clients that break TLS after the handshake, or leave in any way."""
    before = connections(server.port)
    for number in range(count):
        plain = socket.create_connection((peers.HOST, server.secure), 5)
        try:
            secure = wrapper(world, world.joe)(plain)
            plain = secure
            if number % 3 == 0:
                secure.sendall(choose.randbytes(choose.randrange(1, 2000)))
            elif number % 3 == 1:
                raw = socket.socket(fileno=secure.detach())
                raw.sendall(choose.randbytes(choose.randrange(1, 300)))
                plain = raw
            else:
                plain = secure.unwrap()
        except (OSError, ValueError):
            pass
        plain.close()
    world.check("broken streams leave nothing behind", until(15, lambda: connections(server.port) <= before),
                connections(server.port))
    world.check("nor end the server", server.returncode is None, server.tail())
