"""Checks of TLS on a server, by subject; each module's functions take a World."""
import contextlib
import socket
import ssl
import struct
import time
import uuid

import certificates
import peers
import wire

WHO_AM_I = 107
# How long a handshake may take on the servers of these checks.
HANDSHAKE_MS = 1000


class World:
    """Certificates, and servers that use them."""

    def __init__(self, directory, stack, words, report, settings):
        self.directory, self.stack, self.words, self.report, self.given = directory, stack, words, report, settings
        self.authority = certificates.Authority(directory / "ca")
        self.stranger = certificates.Authority(directory / "stranger", "Test CA")
        self.server_pem = self.authority.server()
        self.joe = self.authority.make("joe", "/C=DE/O=Aviary, Inc./OU=ops/CN=joe")
        self.ann = self.authority.make("ann", "/CN=ann", "subjectAltName=IP:127.0.0.1\n")

    def check(self, name, holds, seen=""):
        return self.report.check(name, holds, seen)

    def start(self, name, **changes):
        """A server with TLS on a port of its own, `secure`; None takes a setting away."""
        secure = peers.free_port()
        settings = {
            "tickTime": 500, "secureClientPort": secure, "secureClientPortAddress": peers.HOST,
            "ssl.keyStore.location": self.server_pem, "ssl.trustStore.location": self.trust(),
            "ssl.handshakeDetectionTimeoutMillis": HANDSHAKE_MS,
        } | {key.replace("__", "."): value for key, value in changes.items()} | self.given
        server = peers.Server(self.directory / name, self.words)
        server.settings |= settings
        server.settings = {key: value for key, value in server.settings.items() if value is not None}
        server.secure = secure
        self.stack.callback(server.kill)
        return server

    def trust(self):
        """The authority's certificate as a trust store."""
        path = self.directory / "trust.pem"
        if not path.exists():
            path.write_bytes(self.authority.certificate.read_bytes())
        return path


def context(world, pem=None, least=ssl.TLSVersion.TLSv1_2, most=ssl.TLSVersion.TLSv1_3, ciphers=None):
    """What a client that checks the server's certificate uses."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(world.authority.certificate)
    made.minimum_version, made.maximum_version = least, most
    if ciphers:
        made.set_ciphers(ciphers)
    if pem:
        made.load_cert_chain(pem)
    return made


def wrapper(world, pem=None, **more):
    made = context(world, pem, **more)
    return lambda plain: made.wrap_socket(plain, server_hostname="127.0.0.1")


def connect(world, port, pem=None, timeout=5, **more):
    """A TLS connection that has done its handshake, as far as a client can tell."""
    plain = socket.create_connection((peers.HOST, port), timeout)
    try:
        return wrapper(world, pem, **more)(plain)
    except BaseException:
        plain.close()
        raise


def session(world, port, pem=None, timeout_ms=10_000, **more):
    return wire.Session(port, timeout_ms, wrap=wrapper(world, pem, **more))


def who_am_i(one):
    """The identities of a session, as (scheme, id) pairs."""
    error, _, body = one.request(WHO_AM_I)
    if error:
        raise OSError(error, "whoAmI answered %d" % error)
    (count,), rest, found = struct.unpack(">i", body[:4]), body[4:], []
    for _ in range(count):
        pair = []
        for _ in range(2):
            (length,) = struct.unpack(">i", rest[:4])
            pair.append(rest[4:4 + length].decode())
            rest = rest[4 + length:]
        found.append(tuple(pair))
    return found


def is_refused(world, port, pem=None, **more):
    """Whether a client with this certificate gets no session; what it gets instead."""
    try:
        one = session(world, port, pem, **more)
    except (ssl.SSLError, wire.Ended, ConnectionError, BrokenPipeError) as reason:
        return True, repr(reason)
    with contextlib.closing(one.socket):
        return False, "session 0x%x" % one.session


def closes_within(connection, seconds):
    """Whether the server closes the connection in time, and after how many seconds."""
    began = time.monotonic()
    connection.settimeout(seconds)
    try:
        while connection.recv(4096):
            pass
    except (socket.timeout, TimeoutError):
        return False, seconds
    except OSError:
        pass
    return True, time.monotonic() - began


def until(seconds, holds):
    """Whether it comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def connections(port):
    return int(peers.metrics(port).get("num_alive_connections", -1))


def fresh_path():
    return "/tls-" + uuid.uuid4().hex[:8]
