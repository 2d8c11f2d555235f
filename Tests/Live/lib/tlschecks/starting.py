"""Servers that must not start, and what they say."""
import subprocess

import certificates


def check_refused_starts(world):
    """What TLS cannot work with ends the start with the key, or the file, and the way out."""
    folder = world.directory / "refused"
    folder.mkdir()
    java = folder / "keys.jks"
    java.write_bytes(b"\xfe\xed\xfe\xed")
    alone = folder / "alone.pem"
    alone.write_bytes(world.authority.certificate.read_bytes())
    locked = certificates.pkcs12(world.server_pem, folder / "locked.p12")
    cases = [
        ({"ssl.keyStore.location": java}, ("ssl.keyStore.location", "keytool -importkeystore")),
        ({"ssl.keyStore.location": None}, ("ssl.keyStore.location: is missing",)),
        ({"ssl.trustStore.location": None}, ("ssl.trustStore.location: is missing",)),
        ({"ssl.keyStore.location": folder / "nowhere.pem"}, ("nowhere.pem", "cannot be read")),
        ({"ssl.keyStore.location": alone}, ("alone.pem", "holds no private key")),
        ({"ssl.keyStore.location": locked, "ssl.keyStore.password": "canary-wrong"}, ("locked.p12", "password is wrong")),
        ({"ssl.ciphersuites": "TLS_NOTHING"}, ("ssl.ciphersuites", "TLS_AES_256_GCM_SHA384")),
        ({"ssl.crl": "true"}, ("ssl.crl", "revocation is not checked")),
    ]
    for number, (settings, expected) in enumerate(cases):
        server = world.start("refused-%d" % number, **settings)
        server.launch()
        try:
            code = server.process.wait(20)
        except subprocess.TimeoutExpired:
            code = None
        said = server.tail(20)
        server.kill()
        world.check("a start with %s is refused" % list(settings), code == 2 and all(text in said for text in expected),
                    "%s: %s" % (code, said))
        world.check("and shows no password", "canary" not in said, said)
