#!/usr/bin/env python3
"""TLS as clients meet it: kazoo, Apache's Java client, openssl, and bytes that no client sends.

All certificates are made for the run. Needs openssl; the Java client is skipped without Java or Apache's jars.
"""
import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_kazoo()

import certificates  # noqa: E402
import tlschecks  # noqa: E402
from tlschecks import handshakes, identities, reloading, starting  # noqa: E402

logging.getLogger("kazoo").setLevel(logging.CRITICAL)


def run(world, choose, hellos):
    server = world.start("first", maxClientCnxns=0).start()
    for check in (identities.check_names, identities.check_kazoo, identities.check_plain_clients,
                  identities.check_resumption, identities.check_refusals, identities.check_java,
                  handshakes.check_versions, handshakes.check_words, handshakes.check_plaintext,
                  handshakes.check_half_open):
        check(world, server)
    handshakes.check_fuzz(world, server, choose, hellos)
    handshakes.check_dirty_ends(world, server, choose, hellos // 10)
    world.check("the server is up at the end", server.returncode is None, server.tail(5))
    world.check("and stops in good order", server.stop() == 0)
    for check in (identities.check_optional, identities.check_digests, identities.check_addresses, identities.check_stores,
                  handshakes.check_narrowed, handshakes.check_limits, handshakes.check_unified,
                  reloading.check_reload, starting.check_refused_starts):
        check(world)


def main():
    parser = live.parser(__doc__, rounds=1)
    parser.add_argument("--hellos", type=int, default=1000, help="damaged hellos (default %(default)s)")
    arguments = parser.parse_args()
    if not certificates.available():
        live.leave_skipped("openssl is not installed; Tools/setup tests installs it")
    words = live.server_words(arguments)
    report, choose = live.Report(arguments.verbose), live.seeded(arguments)
    with live.scene(arguments, report) as (directory, stack):
        for number in range(arguments.rounds):
            folder = directory / str(number)
            folder.mkdir()
            run(tlschecks.World(folder, stack, words, report, live.settings(arguments)), choose, arguments.hellos)
    report.finish()


if __name__ == "__main__":
    main()
