#!/usr/bin/env python3
"""Plays the same logins, access lists and watches against Apache's server and ours, and compares every answer.

Also logs in by SASL with Java's client (zkCli) and kazoo. Needs a JDK and the jars that Tools/get-apache
fetches; skipped, with the reason, without them.
"""
import subprocess
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_kazoo()

import logging  # noqa: E402

import peers  # noqa: E402
from authplay import Play, lists, logins  # noqa: E402

logging.getLogger("kazoo").setLevel(logging.CRITICAL)

PROVIDER = "org.apache.zookeeper.server.auth.%sAuthenticationProvider"
SUPER = {"DigestAuthenticationProvider.superDigest": "super:D/InIHSb7yEEbrWz8b9l71RjZJU="}
USERS = """// who may log in
Server {
    org.apache.zookeeper.server.auth.DigestLoginModule required
    user_super="adminsecret" user_bob="bobsecret" user_root="rootsecret"
    user_josé="pÄss";
};
"""
CLIENT = """Client {
    org.apache.zookeeper.server.auth.DigestLoginModule required username="bob" password="%s";
};
"""
JAAS = "java.security.auth.login.config"
SASL = {"authProvider.1": PROVIDER % "SASL", JAAS: "users.jaas"}

# Settings of a server, and what is played on it.
SCENES = {
    "all schemes": (SASL | SUPER | {
        "authProvider.2": PROVIDER % "Ensemble", "authProvider.x509": PROVIDER % "X509", "ensembleAuthName": "owls, birds",
        "superUser": "nobody", "superUser.2": "root", "letAnySaslUserDoX": "everybody"},
        [logins.logins, logins.sasl_logins, logins.sasl_conversations, logins.order_of_auth, *lists.PLAYS]),
    "enforced": (SASL | {"enforce.auth.enabled": "true", "enforce.auth.schemes": "digest, sasl"}, [logins.enforced]),
    "SASL required": (SASL | {"sessionRequireClientSASLAuth": "true", "allowSaslFailedClients": "true"}, [logins.enforced]),
    "lenient": (SASL | {"allowSaslFailedClients": "true", "DigestAuthenticationProvider.digestAlg": "SHA-256"}, [logins.lenient]),
    "SHA3": (SUPER | {"DigestAuthenticationProvider.digestAlg": "SHA3-256"}, [logins.logins, logins.no_sasl, logins.order_of_auth]),
    "no digests": ({"DigestAuthenticationProvider.enabled": "false", "skipACL": "yes"}, [logins.logins, logins.no_sasl, lists.ids, lists.oracles]),
}


def server(kind, name, settings, directory, stack):
    """A running server; Apache's has the settings as Java properties, ours in its zoo.cfg."""
    settings = {key: directory / value if key == JAAS else value for key, value in settings.items()}
    home = directory / ("%s-%s" % (name.replace(" ", "-"), kind))
    if kind == "ours":
        made = peers.Server(home, peers.our_command(), settings=settings | {"extendedTypesEnabled": "true"})
    else:
        # skipACL is a Java property as well: zoo.cfg would give it a second prefix.
        properties = {key if key == JAAS else "zookeeper." + key: value for key, value in settings.items()}
        properties["zookeeper.extendedTypesEnabled"] = "true"
        made = peers.Server(home, peers.apache_command(log_level="off", properties=properties))
    stack.callback(made.kill)
    return made.start()


def compare(name, report, directory, stack):
    settings, plays = SCENES[name]
    notes = {}
    for kind in ("apache", "ours"):
        running = server(kind, name, settings, directory, stack)
        play = Play(running.port)
        for step in plays:
            try:
                step(play)
            except Exception as problem:
                traceback.print_exc()
                report.fail("%s: %s with %s" % (name, step.__name__, kind), repr(problem))
        notes[kind] = play.notes
        running.kill()
    for label, answer in notes["apache"].items():
        ours = notes["ours"].get(label, "nothing")
        report.check("%s: %s" % (name, label), ours == answer, "Apache %r, ours %r" % (answer, ours))


def java_client(report, running, directory):
    """Apache's own client logs in by SASL, and does not with a wrong password."""
    for password, commands, wanted in (("bobsecret", ["create /java x sasl:bob:cdrwa", "get /java", "whoami"], ["Created /java", "x", "sasl: bob"]),
                                       ("wrong", ["create /java2 x"], ["AuthFailed"])):
        login = directory / "client.jaas"
        login.write_text(CLIENT % password)
        words = peers.java("org.apache.zookeeper.ZooKeeperMain", "-server", "127.0.0.1:%d" % running.port, log_level="off",
                           properties={JAAS: login})
        done = subprocess.run(words, input="\n".join([*commands, "quit", ""]), text=True, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        missing = [word for word in wanted if word not in done.stdout]
        report.check("zkCli logs in with the password %s" % password, not missing, "%s missing in %s" % (missing, done.stdout[-1500:]))


def kazoo_client(report, running):
    """kazoo logs in by SASL, and does not with a wrong password."""
    try:
        import puresasl  # noqa: F401
    except ImportError:
        report.skip("kazoo logs in by SASL", "pure-sasl is not installed; Tools/setup tests installs it")
        return
    from kazoo.client import KazooClient
    from kazoo.exceptions import AuthFailedError, ConnectionClosedError, NoAuthError
    from kazoo.handlers.threading import KazooTimeoutError
    from kazoo.security import make_acl

    def client(password):
        return KazooClient("127.0.0.1:%d" % running.port, sasl_options={"mechanism": "DIGEST-MD5", "username": "bob", "password": password})

    bob, nobody = client("bobsecret"), KazooClient("127.0.0.1:%d" % running.port)
    bob.start(10)
    nobody.start(10)
    bob.create("/kazoo", b"x", acl=[make_acl("sasl", "bob", all=True)])
    try:
        report.check("kazoo reads what it made for its SASL name", bob.get("/kazoo")[0] == b"x")
        try:
            nobody.get("/kazoo")
            report.fail("whoever has not logged in does not read it")
        except NoAuthError:
            report.check("whoever has not logged in does not read it", True)
    finally:
        for one in (bob, nobody):
            one.stop()
            one.close()
    # kazoo says that it is connected before it has logged in.
    liar = client("wrong")
    try:
        liar.start(5)
        liar.create("/liar")
        report.fail("kazoo does not log in with a wrong password")
    except (AuthFailedError, ConnectionClosedError, KazooTimeoutError):
        report.check("kazoo does not log in with a wrong password", True)
    finally:
        liar.stop()
        liar.close()


def main():
    parser = live.parser(__doc__, rounds=1)
    parser.add_argument("--only", default="", help="scenes whose name holds this")
    arguments = parser.parse_args()
    live.need_apache()
    live.server_words(arguments)
    report = live.Report(arguments.verbose)
    with live.scene(arguments, report) as (directory, stack):
        (directory / "users.jaas").write_text(USERS)
        for name in SCENES:
            if arguments.only in name:
                compare(name, report, directory, stack)
        if arguments.only in "clients":
            running = server("ours", "clients", SASL, directory, stack)
            java_client(report, running, directory)
            kazoo_client(report, running)
    report.finish()


if __name__ == "__main__":
    main()
