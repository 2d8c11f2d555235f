#!/usr/bin/env python3
"""Runs zklogdump and zksnapdump as programs, on what a real server wrote, and compares with what a client knows.

Logs are read while the server runs, after it was stopped, after it was killed, and after they were damaged;
no file that is read may change. --follow runs through rolls, purges, restarts and kills.
"""
import logging
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_kazoo()

import dumps  # noqa: E402
import peers  # noqa: E402
from dumpchecks import contents, damage, following, snapshots  # noqa: E402

logging.getLogger("kazoo").setLevel(logging.CRITICAL)


def check_log(report, directory, start, choose):
    """What was written is what is shown; then every damage, on copies."""
    server = start("log", contents.SETTINGS)
    data = server.directory / "data"
    entries = contents.write(server.port)
    contents.check_contents(report, "beside the server", data, entries)
    server.stop()
    before = dumps.fingerprint(data)
    objects = contents.check_contents(report, "after a stop", data / "log", entries)
    contents.check_ranges(report, data, objects)
    contents.check_filters(report, data, objects)
    contents.check_stats(report, data, objects)
    contents.check_words(report, data)
    report.check("| head ends the program quietly",
                 snapshots.ends_quietly([dumps.tool_path(dumps.LOG), "--json", data]))
    report.check("reading changes nothing", dumps.fingerprint(data) == before)

    other = start("other", contents.SETTINGS)
    killed = contents.write(other.port)
    other.kill()
    other_log = other.directory / "data" / "log"
    damage.check_damage(report, directory, damage.STOPPED, data / "log", other_log, objects)
    killed_objects = contents.check_contents(report, "after a kill", other_log, killed)
    damage.check_damage(report, directory, damage.KILLED, other_log, None, killed_objects)
    damage.check_behind_damage(report, directory, data / "log", objects)
    damage.check_reading_only(report, directory, data / "log", objects)
    strange = directory / "strange"
    strange.mkdir()
    damage.check_strange_places(report, strange)


def check_snapshots(report, directory, start, choose):
    server = start("snap", snapshots.SETTINGS)
    folder = server.directory / "data" / "snap"
    writers = snapshots.populate(server.port)
    summary = snapshots.snapshot_of_now(writers[0], folder)
    kept = dumps.copied(folder, directory / "kept" / "snap")
    summary["file"] = str(kept / Path(summary["file"]).name)
    before = dumps.fingerprint(kept)
    snapshots.check_contents(report, writers, kept, summary)
    snapshots.check_damage(report, directory, kept, summary)
    snapshots.check_strange_places(report, directory, summary)
    report.check("reading snapshots changes nothing", dumps.fingerprint(kept) == before)
    for writer in writers:
        writer.client.stop()
        writer.client.close()


def main():
    parser = live.parser(__doc__, rounds=1)
    arguments = parser.parse_args()
    words = live.server_words(arguments)
    dumps.need_tools()
    report, choose = live.Report(arguments.verbose), live.seeded(arguments)
    with live.scene(arguments, report) as (directory, stack):
        def start(name, settings):
            server = peers.Server(directory / name, words, settings=settings | live.settings(arguments))
            stack.callback(server.kill)
            return server.start()

        for turn in range(arguments.rounds):
            place = directory / str(turn)
            place.mkdir()
            server = start("%d/follow" % turn, following.SETTINGS)
            following.check(report, server, stack, place, choose)
            following.check_live(report, server)
            server.stop()
            check_log(report, place, lambda name, settings: start("%d/%s" % (turn, name), settings), choose)
            check_snapshots(report, place, lambda name, settings: start("%d/%s" % (turn, name), settings), choose)
            if not arguments.keep:
                shutil.rmtree(place)
    report.finish()


if __name__ == "__main__":
    main()
