"""Two servers side by side: Apache ZooKeeper and ours, or ours in two ways."""

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
# Ours alone tells persistent watches what they missed (docs/watches.md), and counts attempts at sessions with
# wrong passwords (docs/limits.md); here it does as Apache.
AS_APACHE = {"watches.catchUp": "false", "session.resumeFailureLimit": "0"}


class Pair:
    """Two servers under comparison; `sides` are in the order given."""

    def __init__(self, servers, stack):
        for _, server in servers:
            stack.callback(server.kill)
            server.launch()
        for _, server in servers:
            server.wait_ready()
        self.sides = [Side(title, server.port) for title, server in servers]
        for side in self.sides:
            side.walker = tree.Walker(side)


def apache_and_ours(directory, words, settings, of_ours_alone=None):
    """Both servers with the same settings, as (title, server)."""
    chosen = SETTINGS | settings
    apache_words = peers.command_of("apache", properties=REAPER)
    # Apache's disk is no part of the comparison, so its syncs are left out.
    return [("Apache", peers.Server(directory / "apache", apache_words, settings=chosen | {"forceSync": "no"})),
            ("ours", peers.Server(directory / "ours", words, settings=chosen | REAPER | AS_APACHE | (of_ours_alone or {})))]


def ours_and_open(directory, words):
    """Ours and ours without rights, between which there must be differences."""
    chosen = SETTINGS | REAPER
    return [("ours", peers.Server(directory / "checking", words, settings=chosen)),
            ("open", peers.Server(directory / "open", words, settings=chosen | {"skipACL": "yes"}))]
