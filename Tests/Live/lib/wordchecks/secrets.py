"""Secrets that are planted in the settings show up nowhere (security table, S31), and no client forges
a line of the log (S30)."""
import os
import struct
import subprocess

import peers
import wire

CANARY = "canary7f3a"
SETTINGS = {
    "DigestAuthenticationProvider.superDigest": "super:%s-1" % CANARY,
    "ssl.keyStore.password": CANARY + "-2",
    "zookeeper.ssl.trustStore.password": CANARY + "-3",
    "ssl.quorum.keyStore.password": CANARY + "-4",
    "metricsProvider.ssl.keyStore.password": CANARY + "-5",
    "SASLAuthenticationProvider.superPassword": CANARY + "-6",
    "some.unknown.password": CANARY + "-7",
}
FLAGS = "-Dzookeeper.ssl.keyStore.password=%s-8 -Dzookeeper.other.secret=%s-9" % (CANARY, CANARY)
WORDS = "conf cons dirs dump envi hash mntr srvr stat wchc wchp wchs".split()
FORGED = "/a\n2026-01-01T00:00:00.000Z ERROR forged line\r\x1b[31mred\u2028\u202e"


def check(report, directory, stack):
    server = peers.Server(directory / "secrets", [*peers.our_command(), "--verbose"], settings=SETTINGS)
    stack.callback(server.kill)
    os.environ["SERVER_JVMFLAGS"] = FLAGS
    try:
        server.start()
    finally:
        del os.environ["SERVER_JVMFLAGS"]
    session = wire.Session(server.port)
    # A password on the wire is a secret of the client's.
    session.request(100, struct.pack(">i", 0) + wire.text("digest") + wire.buffer(b"joe:%s-10" % CANARY.encode()), xid=-4)
    for word in WORDS:
        report.check("%s shows no secret" % word, CANARY not in peers.four_letter(server.port, word, 10))
    forge(server.port)
    server.stop()
    text = server.output.read_text(errors="replace")
    report.check("the log shows no secret", CANARY not in text, [line for line in text.splitlines() if CANARY in line])
    lines = text.split("\n")
    report.check("no line of the log is forged", not any(line.startswith("2026-01-01") for line in lines))
    report.check("the log has no control characters", all(character.isprintable() for line in lines for character in line),
                 [line for line in lines if not line.isprintable()][:3])
    report.check("no line of the log is long", max(map(len, lines)) < 1200, max(map(len, lines)))
    refused(report, directory)


def forge(port):
    """Puts what could end a line into everything that a client sends."""
    session = wire.Session(port)
    # What ends a line, what ends a C string or rings a bell, and nearly a frame full.
    for name in (FORGED + "x" * 5000, FORGED + "\0\x07\x9b", "/" + "y" * 1_000_000):
        for operation in (1, 2, 3, 4, 5, 6, 8, 17, 18, 104, 106):
            session.request(operation, wire.text(name) + b"\0" * 40)
    for scheme in (FORGED, "digest", "ip", "x509", "sasl", "s" * 5000):
        try:
            other = wire.Session(port)
            other.request(100, struct.pack(">i", 0) + wire.text(scheme) + wire.buffer(FORGED.encode()), xid=-4)
        except wire.Ended:
            pass
    try:
        session.request(77, FORGED.encode())
    except wire.Ended:
        pass


def refused(report, directory):
    """A server that cannot start from its settings says why without the secrets in them."""
    bad = directory / "bad.cfg"
    lines = dict(SETTINGS, dataDir=directory / "bad-data", clientPort="no")
    bad.write_text("".join("%s=%s\n" % pair for pair in lines.items()))
    ended = subprocess.run([*peers.our_command(), str(bad)], capture_output=True, text=True, timeout=30)
    report.check("a bad setting ends the start with 2", ended.returncode == 2, ended.returncode)
    report.check("its message shows no secret", CANARY not in ended.stdout + ended.stderr, ended.stderr)
    report.check("its message names file, line and key", "bad.cfg, line " in ended.stderr and "clientPort" in ended.stderr,
                 ended.stderr)
