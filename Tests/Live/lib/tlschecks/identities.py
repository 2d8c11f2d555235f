"""Who a client with a certificate is, and who is not let in."""
import contextlib
import shutil
import ssl
import struct
import subprocess

import apache
import certificates
import peers
import wire
from kazoo.client import KazooClient
from kazoo.exceptions import NoAuthError
from kazoo.security import ACL, Id, make_digest_acl

from . import connect, context, fresh_path, is_refused, session, until, who_am_i

JOE = ("x509", "CN=joe,OU=ops,O=Aviary\\, Inc.,C=DE")


@contextlib.contextmanager
def kazoo(world, port, pem):
    client = KazooClient("127.0.0.1:%d" % port, use_ssl=True, ca=str(world.authority.certificate),
                         certfile=str(pem), keyfile=str(pem), verify_certs=True)
    client.start(15)
    try:
        yield client
    finally:
        client.stop()
        client.close()


def check_names(world, server):
    one = session(world, server.secure, world.joe)
    found = who_am_i(one)
    # In the order of the hash map in which Apache keeps them.
    world.check("whoAmI names the address and the certificate", sorted(found) == sorted([("ip", "127.0.0.1"), JOE]), found)
    one.vanish()
    odd = world.authority.make("odd", "/CN= joe\\+x #1 \\\\;é日/UID=u/street=s/emailAddress=a@b")
    one = session(world, server.secure, odd)
    expected = ("x509", "1.2.840.113549.1.9.1=#1603614062,STREET=s,UID=u,CN=\\ joe\\+x \\#1 \\\\\\;é日")
    found = who_am_i(one)
    world.check("a name is escaped as Java escapes it", expected in found, found)
    one.vanish()


def check_kazoo(world, server):
    """kazoo, over TLS with a certificate, and an access list that names it."""
    path = fresh_path()
    with kazoo(world, server.secure, world.joe) as joe:
        joe.create(path, b"mine", acl=[ACL(31, Id(*JOE))])
        world.check("kazoo reads what its certificate may read", joe.get(path)[0] == b"mine")
        joe.set(path, bytes(900_000))
        world.check("900,000 bytes pass both ways", joe.get(path)[0] == bytes(900_000))
        pending = [joe.get_async(path) for _ in range(20)] + [joe.exists_async(path) for _ in range(2000)]
        answers = [one.get(30) for one in pending]
        world.check("2,020 requests at once are answered", all(answers) and len(answers[0][0]) == 900_000)
        with kazoo(world, server.secure, world.ann) as ann:
            for name, action in (("get", lambda: ann.get(path)), ("set", lambda: ann.set(path, b"x")),
                                 ("get_acls", lambda: ann.get_acls(path)), ("delete", lambda: ann.delete(path))):
                try:
                    action()
                    refused = name == "delete"
                except NoAuthError:
                    refused = True
                world.check("%s by another certificate is refused" % name, refused)


def check_plain_clients(world, server):
    """A plain client is nobody to an access list that names a certificate, whatever it says of itself."""
    path = fresh_path()
    with kazoo(world, server.secure, world.joe) as joe:
        joe.create(path, b"mine", acl=[ACL(31, Id(*JOE)), make_digest_acl("u", "p", all=True)])
        plain = KazooClient("127.0.0.1:%d" % server.port)
        plain.start(15)
        try:
            plain.get(path)
            world.check("a plain client is refused", False)
        except NoAuthError:
            world.check("a plain client is refused", True)
        plain.add_auth("digest", "u:p")
        world.check("both ports lead to one tree", plain.get(path)[0] == b"mine")
        plain.stop()
        plain.close()
    one = wire.Session(server.port)
    claim = struct.pack(">i", 0) + wire.text("x509") + wire.buffer(JOE[1].encode())
    error = one.request(100, claim, xid=-4)[0]
    world.check("an auth request for x509 fails", error == -115, error)


def check_digests(world):
    """With DigestAuthenticationProvider.requireTLS a password is taken through TLS alone, on whichever port."""
    settings = {"DigestAuthenticationProvider.requireTLS": "true", "client.portUnification": "true"}
    server = world.start("digests", **settings).start()
    login = struct.pack(">i", 0) + wire.text("digest") + wire.buffer(b"joe:secret")
    for name, secure, one in (("the TLS port", True, session(world, server.secure, world.joe)),
                              ("a port of both, by TLS", True, session(world, server.port, world.joe)),
                              ("a port of both, in plain text", False, wire.Session(server.port))):
        error = one.request(100, login, xid=-4)[0]
        world.check("a digest on %s" % name, error == (0 if secure else -115), error)
        if secure:
            world.check("it proves who one is on %s" % name, ("digest", "joe") in who_am_i(one))
        one.vanish()
    server.stop()


def check_resumption(world, server):
    """A session of TLS that is taken up again brings its identity."""
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        made = context(world, world.joe, most=version)
        kept = []

        def wrap(plain):
            secure = made.wrap_socket(plain, server_hostname="127.0.0.1", session=kept[-1] if kept else None)
            return secure

        first = wire.Session(server.secure, wrap=wrap)
        kept.append(first.socket.session)
        first.vanish()
        second = wire.Session(server.secure, wrap=wrap)
        found = who_am_i(second)
        world.check("identity after taking up a session of %s (%s)" % (version.name, second.socket.session_reused),
                    JOE in found, found)
        second.vanish()


def check_refusals(world, server):
    """Certificates that must not be let in where one is needed."""
    make = world.authority.make
    wrong = {
        "no certificate": None,
        "another authority's": world.stranger.make("joe", "/C=DE/O=Aviary, Inc./OU=ops/CN=joe"),
        "an expired one": make("old", "/CN=old", start=certificates.LONG_AGO, end=certificates.PAST),
        "one of the future": make("young", "/CN=young", start=certificates.FUTURE, end=certificates.FAR),
        "a self-signed one": certificates.self_signed(world.directory),
        "a server's own": make("only-server", "/CN=s", "extendedKeyUsage=serverAuth\n"),
    }
    for name, pem in wrong.items():
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            refused, seen = is_refused(world, server.secure, pem, most=version)
            world.check("%s is refused (%s)" % (name, version.name), refused, seen)
    check_nothing_is_done(world, server, wrong["another authority's"])


def check_nothing_is_done(world, server, pem):
    """Frames that follow the handshake of a refused client at once are never looked at."""
    path = fresh_path()
    for _ in range(20):
        try:
            with connect(world, server.secure, pem) as secure:
                connect_frame = struct.pack(">iqiqi16sb", 0, 0, 10_000, 0, 16, bytes(16), 0)
                body = wire.text(path) + wire.buffer(b"") + wire.WORLD_ALL + struct.pack(">i", 0)
                create = struct.pack(">ii", 1, wire.CREATE) + body
                secure.sendall(wire.buffer(connect_frame) + wire.buffer(create))
                secure.recv(100)
        except OSError:
            pass
    one = wire.Session(server.port)
    error = one.request(wire.EXISTS, wire.text(path) + b"\0")[0]
    world.check("no frame of a refused client is looked at", error == -101, error)
    one.vanish()


def check_optional(world):
    """`want` takes clients without a certificate, and none with a bad one; `none` asks for nothing."""
    server = world.start("want", ssl__clientAuth="want", ssl__handshakeDetectionTimeoutMillis=None)
    server.start()
    one = session(world, server.secure)
    world.check("want: no certificate, no identity", who_am_i(one) == [("ip", "127.0.0.1")])
    one = session(world, server.secure, world.joe)
    world.check("want: a certificate is an identity", JOE in who_am_i(one))
    refused, seen = is_refused(world, server.secure, certificates.self_signed(world.directory, "wanted"))
    world.check("want: a bad certificate is refused", refused, seen)
    server.stop()
    server = world.start("none", ssl__clientAuth="none", **{"ssl.trustStore.location": None, "clientPort": None,
                                                            "clientPortAddress": None})
    server.launch()
    ready = until(20, lambda: not is_refused_quietly(world, server.secure))
    world.check("none: the secure port alone serves clients without certificates", ready, server.tail())
    if ready:
        one = session(world, server.secure, world.joe)
        world.check("none: a certificate nobody asked for is none", who_am_i(one) == [("ip", "127.0.0.1")])
    server.stop()


def is_refused_quietly(world, port):
    try:
        return is_refused(world, port)[0]
    except OSError:
        return True


def check_addresses(world):
    """clientHostnameVerification: a certificate must be made out to the client's address."""
    server = world.start("addresses", **{"ssl.clientHostnameVerification": "true"}).start()
    refused, seen = is_refused(world, server.secure, world.ann)
    world.check("a certificate for 127.0.0.1 passes", not refused, seen)
    refused, seen = is_refused(world, server.secure, world.joe)
    world.check("a certificate without the address is refused", refused, seen)
    world.check("the log says why", "not made out to its address 127.0.0.1" in server.tail(40), server.tail())
    server.stop()


def check_stores(world):
    """PKCS#12 stores, with the password in a file."""
    folder = world.directory / "stores"
    folder.mkdir()
    keys = certificates.pkcs12(world.authority.server("rsa", rsa=True), folder / "keys.p12", world.authority.certificate)
    (folder / "password").write_text(certificates.PASSWORD + "\n")
    settings = {"ssl.keyStore.location": keys, "ssl.keyStore.passwordPath": folder / "password"}
    if shutil.which("keytool"):
        trust = folder / "trust.store"
        subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", world.authority.certificate,
                        "-keystore", trust, "-storetype", "PKCS12", "-storepass", certificates.PASSWORD],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        settings |= {"ssl.trustStore.location": trust, "ssl.trustStore.type": "PKCS12",
                     "ssl.trustStore.password": certificates.PASSWORD}
    server = world.start("stores", **settings).start()
    one = session(world, server.secure, world.joe)
    world.check("PKCS#12 stores serve", JOE in who_am_i(one))
    said = server.tail(1000) + "".join(peers.four_letter(server.port, word) for word in ("conf", "envi", "mntr"))
    world.check("no password is shown anywhere", certificates.PASSWORD not in said)
    server.stop()


def check_java(world, server):
    """Apache's own client, over TLS with a certificate."""
    if apache.found_jars() is None or not shutil.which("java"):
        world.report.skip("Apache's Java client", "no Java, or no jars; Tools/setup tests fetches them")
        return
    path = fresh_path()
    properties = {
        "zookeeper.client.secure": "true", "zookeeper.clientCnxnSocket": "org.apache.zookeeper.ClientCnxnSocketNetty",
        "zookeeper.ssl.keyStore.location": certificates.pkcs12(world.joe, world.directory / "joe.p12"),
        "zookeeper.ssl.keyStore.password": certificates.PASSWORD, "zookeeper.ssl.trustStore.location": world.trust(),
    }
    words = peers.java("org.apache.zookeeper.ZooKeeperMain", "-waitforconnection", "-server",
                       "127.0.0.1:%d" % server.secure, log_level="warn", properties=properties)
    commands = ["whoami", "create %s hello" % path, "get %s" % path, "setAcl %s x509:CN=nobody:cdrwa" % path,
                "get %s" % path, "quit", ""]
    done = subprocess.run(words, input="\n".join(commands), text=True, timeout=120, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    for expected in ("x509: CN=joe,OU=ops,O=Aviary\\, Inc.,C=DE", "Created " + path, "hello",
                     "Insufficient permission : " + path):
        world.check("Java's client says %s" % expected, expected in done.stdout, done.stdout[-2000:])
