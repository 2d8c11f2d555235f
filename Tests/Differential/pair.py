"""Apache ZooKeeper and ours side by side with the same settings."""
import shutil

import apache
import live
import peers
import tree
from side import Side

# super:test, as its digest.
SETTINGS = {
    "DigestAuthenticationProvider.superDigest": "super:D/InIHSb7yEEbrWz8b9l71RjZJU=",
    "extendedTypesEnabled": "true", "enforceQuota": "true",
    "minSessionTimeout": "25000", "maxSessionTimeout": "600000",
}
# No reaper comes between: when it does is the clock's choice, not the protocol's.
REAPER = {"znode.container.checkIntervalMs": "2000000000"}


def leave_without_apache():
    """Skips the script where Apache's server cannot be started."""
    if not shutil.which("java"):
        live.leave_skipped("no java; Tools/setup installs a JDK")
    if apache.found_jars() is None:
        live.leave_skipped("Apache's jars are not here; run Tools/get-apache once")


class Pair:
    """The two servers; `sides` are Apache, ours."""

    def __init__(self, directory, ours, settings, stack, of_ours_alone=None):
        chosen = SETTINGS | settings
        apache = peers.command_of("apache", properties=REAPER)
        # Apache's disk is no part of the comparison, so its syncs are left out.
        self.servers = [peers.Server(directory / "apache", apache, settings=chosen | {"forceSync": "no"}),
                        peers.Server(directory / "ours", ours, settings=chosen | REAPER | (of_ours_alone or {}))]
        for server in self.servers:
            stack.callback(server.kill)
            server.launch()
        for server in self.servers:
            server.wait_ready()
        self.sides = [Side(title, server.port) for title, server in zip(("Apache", "ours"), self.servers)]
        for side in self.sides:
            side.walker = tree.Walker(side)
