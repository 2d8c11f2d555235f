"""A pytest plugin: kazoo's own tests, with the servers under test in place of those that kazoo would start.

Only starting and stopping is replaced; the tests, their settings, TLS keys and JAAS text are kazoo's.
$AVIARY_KIND is 'ours' or 'apache'; results go to the file $AVIARY_RESULT, one JSON line a test.
"""
import json
import logging
import os
import shutil
from pathlib import Path

import OpenSSL.crypto
import peers
from kazoo.testing import common

KIND = os.environ["AVIARY_KIND"]
SASL_PROVIDER = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider"


class Managed(common.ManagedZooKeeper):
    """What kazoo's harness takes for a server."""

    server = None

    def run(self):
        if self.running:
            return
        home = Path(self.working_path)
        (home / "data").mkdir(parents=True, exist_ok=True)
        properties = self.java_properties(home)
        settings = self.settings(home)
        if KIND == "ours":
            settings |= properties
        self.server = peers.Server(home, peers.command_of(KIND, properties=properties), self.client_port, settings)
        self.server.start()
        self.process = self.server.process
        self._running = True

    def settings(self, home):
        """The zoo.cfg that kazoo would write, with TLS stores that every server can read."""
        pem = OpenSSL.crypto.FILETYPE_PEM
        tls = self.ssl_configuration
        (home / "keystore.pem").write_bytes(OpenSSL.crypto.dump_privatekey(pem, tls["server_key"])
                                            + OpenSSL.crypto.dump_certificate(pem, tls["server_cert"]))
        (home / "truststore.pem").write_bytes(tls["ca_cert_pem"])
        found = {"secureClientPort": self.secure_client_port, "authProvider.1": SASL_PROVIDER,
                 "ssl.keyStore.location": home / "keystore.pem", "ssl.trustStore.location": home / "truststore.pem"}
        if KIND == "apache":
            found["serverCnxnFactory"] = "org.apache.zookeeper.server.NettyServerCnxnFactory"
        for flag in self.java_system_properties:
            name, value = flag.removeprefix("-Dzookeeper.").split("=", 1)
            found[name] = value
        return found | dict(line.split("=", 1) for line in self.configuration_entries)

    def java_properties(self, home):
        """What Apache takes as system properties only; ours finds them in zoo.cfg under the same names."""
        found = {"readonlymode.enabled": "true"}
        if self.jaas_config:
            (home / "jaas.conf").write_text(self.jaas_config)
            found["java.security.auth.login.config"] = home / "jaas.conf"
        return found

    def stop(self):
        if self.running:
            self.server.stop()
            self._running = False

    def destroy(self):
        self.stop()
        shutil.rmtree(self.working_path, True)

    def get_logs(self, num_lines=100):
        return self.server.tail(num_lines).splitlines() if self.server else []


common.ManagedZooKeeper = Managed
# Clients that a test leaves behind go on logging after pytest has closed its streams.
logging.getLogger("kazoo").addHandler(logging.NullHandler())

outcomes = {}


def pytest_runtest_logreport(report):
    """Takes note of a test's outcome: a failure in any phase counts, a pass only of the call."""
    name = "%s::%s" % (Path(report.location[0]).stem, report.location[2])
    seconds = report.duration + outcomes.get(name, ("", "", 0))[2]
    if report.failed:
        outcomes[name] = ("failed", str(report.longrepr).strip().splitlines()[-1][:200], seconds)
    elif report.skipped:
        outcomes[name] = ("skipped", str(report.longrepr[-1])[:200], seconds)
    elif report.when == "call" or name in outcomes:
        outcome = outcomes.get(name, ("passed", "", 0))
        outcomes[name] = (outcome[0], outcome[1], seconds)
    if report.when == "teardown":
        with open(os.environ["AVIARY_RESULT"], "a") as results:
            results.write(json.dumps([name, *outcomes.get(name, ("passed", "", seconds))]) + "\n")
