#!/usr/bin/env python3
"""What strangers find, may claim, are told and can make a server take, where no other script plays it.

docs/security.md has the whole list, with the test of each line. Needs neither Apache's server nor certificates.
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402
import securitychecks  # noqa: E402
from securitychecks import claims, hidden, sizes, surfaces  # noqa: E402

CHECKS = [surfaces.check_ports, surfaces.check_files, claims.check_superuser, claims.check_address, hidden.check_oracles,
          sizes.check_wide, sizes.check_frames]


def main():
    parser = live.parser(__doc__, rounds=1)
    parser.add_argument("--only", default="", help="checks whose name holds this")
    arguments = parser.parse_args()
    if arguments.kind != "ours":
        live.leave_skipped("what is checked is ours")
    words = live.server_words(arguments)
    report = live.Report(arguments.verbose)
    for check in CHECKS:
        if arguments.only in check.__name__:
            with live.scene(arguments, report) as (directory, stack):
                check(securitychecks.World(directory, stack, words, report, live.settings(arguments)))
    report.finish()


if __name__ == "__main__":
    main()
