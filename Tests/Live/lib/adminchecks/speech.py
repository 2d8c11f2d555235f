"""TLS on the admin port: by itself, beside plain HTTP, and with certificates of those who ask."""
import ssl
import subprocess

import certificates
import peers
from adminchecks import ask, command, settings
from adminchecks.comparing import ALL, SUPER, set_acl


def context(authority, own=None):
    made = ssl.create_default_context(cafile=authority.certificate)
    if own:
        made.load_cert_chain(own)
    return made


def refused(port, context=None):
    """Whether nothing can be asked in this way."""
    try:
        return ask(port, "/commands/ruok", context=context, timeout=5).status != 200
    except (OSError, ssl.SSLError, ValueError):
        return True
    except Exception as problem:  # http.client has many names for an answer that is none
        return "http" in type(problem).__module__


def check_forced(world, authority, pem):
    server = world.start("forced", **{"admin.forceHttps": "true", "ssl.quorum.keyStore.location": pem})
    answer = ask(server.admin, "/commands/ruok", context=context(authority))
    world.check("TLS is spoken", answer.status == 200 and answer["command"] == "ruok", answer)
    world.check("and wanted from then on", "max-age=86400" in answer.headers.get("strict-transport-security", ""), answer.headers)
    world.check("plain HTTP is not", refused(server.admin))
    answer = ask(server.admin, "/commands/snapshot", context=context(authority), headers={"Authorization": "x509"})
    world.check("nobody without a certificate is known by one", answer.status == 401, answer)
    fresh = certificates.Authority(authority.folder.parent / "fresh-ca", "Fresh CA")
    pem.write_bytes(fresh.server().read_bytes())
    deadline, changed = 50, False
    while not changed and deadline:
        changed = not refused(server.admin, context(fresh))
        deadline -= 1
        subprocess.run(["sleep", "0.1"], check=True)
    world.check("a changed certificate is taken without a restart", changed)
    world.check("it ends in good order", server.stop() == 0, server.tail())


def check_unified(world, authority, pem):
    server = world.start("unified", **{"admin.portUnification": "true", "ssl.quorum.keyStore.location": pem})
    answer = ask(server.admin, "/commands/ruok", context=context(authority))
    world.check("a unified port speaks TLS", answer.status == 200 and "strict-transport-security" in answer.headers, answer)
    answer = command(server.admin, "ruok")
    world.check("and plain HTTP", answer.status == 200 and "strict-transport-security" not in answer.headers, answer)
    server.kill()


def check_proved(world, authority, pem):
    stores = {"ssl.quorum.keyStore.location": pem, "ssl.quorum.trustStore.location": authority.certificate,
              "ssl.quorum.trustStore.type": "PEM"}
    scheme = {"authProvider.1": "org.apache.zookeeper.server.auth.X509AuthenticationProvider"}
    server = world.start("proved", **{
        "admin.forceHttps": "true", "admin.needClientAuth": "true", "admin.rateLimiterIntervalInMS": 0,
        "DigestAuthenticationProvider.superDigest": SUPER} | stores | scheme)
    own, other = authority.make("operator", "/O=Ops/CN=operator"), authority.make("other", "/O=Ops/CN=other")
    world.check("who has no certificate is not let in", refused(server.admin, context(authority)))
    strange = certificates.Authority(authority.folder.parent / "strange-ca", "Strange CA")
    world.check("nor with one that nobody here trusts",
                refused(server.admin, context(authority, strange.make("operator", "/O=Ops/CN=operator"))))
    world.check("who has one is", not refused(server.admin, context(authority, own)))
    set_acl(server.port, [(ALL, "x509", "CN=operator,O=Ops")])
    for name, pem, status in (("the one whom / is open to", own, 200), ("another", other, 403)):
        answer = ask(server.admin, "/commands/snapshot?streaming=false", context=context(authority, pem), headers={"Authorization": "x509"})
        world.check("%s is known by his certificate" % name, answer.status == status, answer)
    server.kill()


def check_starts(world, authority, pem):
    """Settings that cannot be: the line names file and key, and nothing is begun."""
    for name, more, code, word in (
            ("nokey", {"admin.forceHttps": "true"}, 2, "ssl.quorum.keyStore.location"),
            ("notrust", {"admin.forceHttps": "true", "admin.needClientAuth": "true", "ssl.quorum.keyStore.location": pem}, 2,
             "ssl.quorum.trustStore.location"),
            ("badkey", {"admin.forceHttps": "true", "ssl.quorum.keyStore.location": authority.certificate, "ssl.quorum.keyStore.type": "PEM"}, 13,
             "ca.crt"),
            ("port", {"admin.serverPort": 70000}, 2, "admin.serverPort"),
            ("url", {"admin.commandURL": "commands"}, 2, "admin.commandURL"),
            ("profile", {"admin.serverAddress": "0.0.0.0", "security.profile": "secure"}, 2, "admin port")):
        server = peers.Server(world.directory / name, world.words, settings=settings(peers.free_port(), **more))
        world.stack.callback(server.kill)
        server.launch()
        world.check("%s ends with %d" % (name, code), server.wait_end() == code, server.tail(3))
        world.check("%s is named" % word, word in server.tail(3), server.tail(3))
    first = world.start("first")
    second = peers.Server(world.directory / "second", world.words, settings=settings(first.admin))
    world.stack.callback(second.kill)
    second.launch()
    world.check("a port that is taken ends the start with 13", second.wait_end() == 13, second.tail(3))
    world.check("and is named", "admin.serverPort" in second.tail(3) and str(first.admin) in second.tail(3), second.tail(3))
    world.check("nothing was begun", not any((second.directory / "data").iterdir()), second.directory)
    first.kill()


def check(world):
    if not certificates.available():
        world.report.skip("TLS", "no openssl; Tools/setup installs it")
        return
    authority = certificates.Authority(world.directory / "admin-ca")
    pem = authority.server()
    check_unified(world, authority, pem)
    check_proved(world, authority, pem)
    check_starts(world, authority, pem)
    check_forced(world, authority, pem)
