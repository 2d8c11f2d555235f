"""The points of `bench server` over TLS: both servers with the same key and the same protocol."""
import shutil
import socket
import subprocess

import peers

TLS_SET = "tls-set-100-64x16"
TLS_GET = "tls-get-100-64x16"
TLS_POINTS = {
    TLS_SET: ("--operation", "set", "--connections", 64, "--depth", 16),
    TLS_GET: ("--operation", "get", "--connections", 64, "--depth", 16),
}
# Apache speaks TLS to clients only through Netty, which it does not use unless it is told to.
APACHE_SETTINGS = {"serverCnxnFactory": "org.apache.zookeeper.server.NettyServerCnxnFactory"}


def check():
    """Exits if there's nothing to make a certificate with."""
    if shutil.which("openssl") is None:
        raise SystemExit("the points over TLS need the openssl command; leave them out with --only")


def certificate(folder):
    """Makes a key and a certificate that signs itself; returns the key store's and the certificate's path."""
    key, certificate_path, both = (folder / name for name in ("tls.key", "tls.crt", "tls.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "30", "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", certificate_path],
                   check=True, capture_output=True)
    both.write_text(key.read_text() + certificate_path.read_text())
    both.chmod(0o600)
    return both, certificate_path


def speaks_tls(server, timeout=2):
    """Whether the server listens on its secure port; an older one of $ZKSERVER's may know no such key."""
    try:
        socket.create_connection((peers.HOST, server.settings["secureClientPort"]), timeout).close()
        return True
    except OSError:
        return False


def measure(bench):
    """Runs the chosen points of TLS_POINTS on servers of their own; the warm-up goes over TLS too.

    If a server speaks no TLS none of them is measured, and the report says so.
    """
    store, authority = certificate(bench.folder)
    for kind in bench.kinds:
        settings = {"secureClientPort": peers.free_port(), "secureClientPortAddress": peers.HOST,
                    "ssl.keyStore.location": store, "ssl.clientAuth": "none"}
        bench.server("tls", kind, **settings, **(APACHE_SETTINGS if kind == "apache" else {})).start()
    silent = [kind for kind, server in bench.servers.items() if not speaks_tls(server)]
    if silent:
        bench.remarks.append("Nothing was measured over TLS: no secure port was opened by: %s." % ", ".join(silent))
    else:
        bench.warm_up(100_000, authority)
        bench.rounds(TLS_POINTS, authority)
    bench.stop_all()
