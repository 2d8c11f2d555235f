"""Certificates exchanged under a running server."""
import hashlib
import os
import socket
import ssl
import threading
import time

import peers
import wire

from . import context, is_refused, session, until

RELOAD_SECONDS = 5


def shown(port):
    """The fingerprint of the certificate that the server shows now."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((peers.HOST, port), 5) as plain:
        with made.wrap_socket(plain) as secure:
            return hashlib.sha256(secure.getpeercert(binary_form=True)).hexdigest()


def fingerprint(pem):
    text = pem.read_text()
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN CERT"):text.index("-----END CERT")]
                                                   + "-----END CERTIFICATE-----\n")).hexdigest()


def replace(path, content):
    """As a careful operator does it."""
    fresh = path.with_suffix(".fresh")
    fresh.write_bytes(content)
    os.replace(fresh, path)


class Load:
    """Clients that connect again and again, and one session that stays."""

    def __init__(self, world, port):
        self.world, self.port = world, port
        self.failures, self.handshakes, self.stopping = [], 0, threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(3)]
        self.kept = session(world, port, world.joe, timeout_ms=120_000)
        for thread in self.threads:
            thread.start()

    def run(self):
        while not self.stopping.is_set():
            try:
                one = session(self.world, self.port, self.world.joe)
                if one.ping() != 0:
                    self.failures.append("a ping failed")
                one.vanish()
                self.handshakes += 1
            except (OSError, wire.Ended) as problem:
                self.failures.append(repr(problem))

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        kept = self.kept.ping() == 0
        self.kept.vanish()
        return kept


def check_reload(world):
    """New certificates are shown within five seconds; bad files change nothing; no client notices."""
    keys, trust = world.directory / "live.pem", world.directory / "live-trust.pem"
    keys.write_bytes(world.server_pem.read_bytes())
    trust.write_bytes(world.authority.certificate.read_bytes())
    server = world.start("reload", **{"ssl.keyStore.location": keys, "ssl.trustStore.location": trust,
                                      "ssl.handshakeDetectionTimeoutMillis": 10_000, "maxSessionTimeout": 120_000}).start()
    load = Load(world, server.secure)
    try:
        check_exchanges(world, server, keys)
        check_bad_files(world, server, keys, fingerprint(keys))
        check_trust(world, server, trust)
    finally:
        kept = load.stop()
    world.check("no client noticed", not load.failures, load.failures[:3])
    world.check("the session that was there stays", kept)
    world.check("clients came all the time", load.handshakes > 20, load.handshakes)
    server.stop()


def check_exchanges(world, server, keys):
    first = fingerprint(keys)
    world.check("the first certificate is shown", shown(server.secure) == first)
    for number, rsa in ((1, False), (2, True), (3, False)):
        fresh = world.authority.server("server%d" % number, rsa=rsa)
        replace(keys, fresh.read_bytes())
        began = time.monotonic()
        came = until(RELOAD_SECONDS, lambda: shown(server.secure) == fingerprint(fresh))
        world.check("certificate %d is shown within %d s" % (number, RELOAD_SECONDS), came,
                    "%.1f s" % (time.monotonic() - began))


def check_bad_files(world, server, keys, last):
    good = keys.read_bytes()
    world.authority.make("other", "/CN=other")
    certificate = good[:good.index(b"-----BEGIN PRIVATE")]
    bad = {"half a file": good[:len(good) // 2], "an empty file": b"",
           "another's key": certificate + (world.authority.folder / "other.key").read_bytes(),
           "garbage": bytes(3000)}
    for name, content in bad.items():
        lines = server.output.read_text().count("cannot be exchanged")
        keys.write_bytes(content)
        said = until(RELOAD_SECONDS, lambda: server.output.read_text().count("cannot be exchanged") > lines)
        world.check("%s keeps the old certificate and is named in the log" % name,
                    shown(server.secure) == last and said, server.tail(3))
    keys.unlink()
    time.sleep(1.5)
    world.check("a file that is gone keeps the old", shown(server.secure) == last)
    # Half now, half later: the same as one good file.
    keys.write_bytes(good[:300])
    time.sleep(1.2)
    with open(keys, "ab") as file:
        file.write(good[300:])
    time.sleep(1.5)
    world.check("a file written in two halves is whole in the end", shown(server.secure) == last)


def check_trust(world, server, trust):
    """Another authority is trusted once it stands in the trust store, and no longer when it does not."""
    guest = world.stranger.make("guest", "/CN=guest")
    refused, seen = is_refused(world, server.secure, guest)
    world.check("a stranger is refused before", refused, seen)
    ours = world.authority.certificate.read_bytes()
    replace(trust, ours + world.stranger.certificate.read_bytes())
    world.check("and let in when it is trusted",
                until(RELOAD_SECONDS, lambda: not is_refused(world, server.secure, guest)[0]))
    resumable = context(world, guest)
    first = wire.Session(server.secure, wrap=lambda plain: resumable.wrap_socket(plain, server_hostname="127.0.0.1"))
    first.ping()
    kept = first.socket.session
    replace(trust, ours)
    world.check("and refused when it is trusted no longer",
                until(RELOAD_SECONDS, lambda: is_refused(world, server.secure, guest)[0]))
    try:
        again = wire.Session(server.secure, wrap=lambda plain: resumable.wrap_socket(
            plain, server_hostname="127.0.0.1", session=kept))
        world.check("even if it takes up an old session of TLS", False, again.session)
    except (OSError, wire.Ended):
        world.check("even if it takes up an old session of TLS", True)
    first.vanish()
