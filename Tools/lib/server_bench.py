"""The measurements of `bench server`: both servers in turn, round by round, in one run."""
import statistics
import sys
import time

import peers
import session_bench
import tls_bench
from bare_disk import BareDisk
from peers import Server, command_of
from session_bench import SESSION_POINTS
from tls_bench import TLS_POINTS

BENCHMARK_JVM = ("-Xmx4g",)
SET_POINT = "set-100-64x16"
CLOSED_POINTS = {
    SET_POINT: ("--operation", "set", "--connections", 64, "--depth", 16),
    "create-100-64x16": ("--operation", "create", "--connections", 64, "--depth", 16),
    "get-100-64x16": ("--operation", "get", "--connections", 64, "--depth", 16),
    "set-100-1x1": ("--operation", "set", "--connections", 1, "--depth", 1),
    "set-100-64x1": ("--operation", "set", "--connections", 64, "--depth", 1),
}
# Measured on the same servers after all of those, so that what they leave behind changes nothing for them.
FURTHER_POINTS = {
    "exists-100-64x16": ("--operation", "exists", "--connections", 64, "--depth", 16),
    "children-10-64x16": ("--operation", "children", "--children", 10, "--parents", 1000,
                          "--connections", 64, "--depth", 16),
    "children-10000-16x1": ("--operation", "children", "--children", 10_000, "--parents", 1,
                            "--connections", 16, "--depth", 1),
    "multi10-100-16x16": ("--operation", "multi", "--multi-size", 10, "--connections", 16, "--depth", 16),
    "set-1024-64x16": ("--operation", "set", "--value-bytes", 1024, "--connections", 64, "--depth", 16),
    "get-1024-64x16": ("--operation", "get", "--value-bytes", 1024, "--connections", 64, "--depth", 16),
}
OPEN_POINT = "open-set-100"
OPEN_SNAPSHOT_POINT = "open-set-100-snapshot"
MILLION_POINT = "million"
# Our server on another copy of the large tree, where no snapshot is written: what a snapshot costs.
STILL_KIND = "ours, no snapshots"
POINTS = [*CLOSED_POINTS, OPEN_POINT, *FURTHER_POINTS, *TLS_POINTS, *SESSION_POINTS, MILLION_POINT,
          OPEN_SNAPSHOT_POINT]

# Sets a second in the open loop when Apache isn't there to halve: half of what it does on two cores.
RATE_WITHOUT_APACHE = 38_000
NEVER = 1_000_000_000


class Lengths:
    """How long things are measured, in seconds, and how often."""

    def __init__(self, quick):
        self.rounds = 1 if quick else 3
        self.measured = 2 if quick else 8
        self.before = 0.5 if quick else 2
        self.warm_up = 5 if quick else 30
        self.znodes = 200_000 if quick else 1_000_000
        self.restarts = 1 if quick else 3


def say(text):
    print(text, file=sys.stderr, flush=True)


class ServerBench:
    """Runs the chosen points; `results` holds what came of them, by point and kind."""

    def __init__(self, zkload, kinds, points, lengths, folder, rate=None):
        self.zkload, self.kinds, self.points, self.lengths = zkload, kinds, points, lengths
        self.folder = folder
        self.rate = rate
        self.results = {}
        self.million = {}
        self.session_memory = {}
        # Sentences for the report on what could not be measured.
        self.remarks = []
        self.servers = {}
        self.disk = BareDisk(folder)

    def wants(self, *points):
        return any(point in self.points for point in points)

    def check(self):
        """Exits, before anything is measured, if the machine lacks what a chosen point needs."""
        if self.wants(*SESSION_POINTS):
            session_bench.allow_descriptors()
        if self.wants(*TLS_POINTS):
            tls_bench.check()

    def run(self):
        try:
            if self.wants(*CLOSED_POINTS, OPEN_POINT, *FURTHER_POINTS):
                self.loads()
            if self.wants(*TLS_POINTS):
                tls_bench.measure(self)
            if self.wants(*SESSION_POINTS):
                session_bench.measure(self)
            if self.wants(MILLION_POINT, OPEN_SNAPSHOT_POINT):
                self.large_tree()
        finally:
            for server in self.servers.values():
                server.kill()

    def server(self, name, kind, **settings):
        # Quiet even about refused clients: start_timed knocks until the server opens.
        program = "ours" if kind == STILL_KIND else kind
        command = command_of(program, jvm=BENCHMARK_JVM, log_level="error")
        self.servers[kind] = Server(self.folder / name / kind, command, settings=settings)
        return self.servers[kind]

    def stop_all(self):
        for server in self.servers.values():
            server.stop()

    def warm_up(self, keys, authority=None):
        for kind, server in self.servers.items():
            say("warming up %s for %d s" % (kind, self.lengths.warm_up))
            self.zkload.run(server, "--operation", "mixed", "--keys", keys,
                            "--duration", self.lengths.warm_up, "--warm-up", 0, authority=authority)

    # Points on a tree of 100 000 znodes.

    def loads(self):
        for kind in self.kinds:
            self.server("loads", kind).start()
        self.warm_up(100_000)
        self.rounds(CLOSED_POINTS)
        if OPEN_POINT in self.points:
            self.open_loop(OPEN_POINT, 100_000)
        self.rounds(FURTHER_POINTS)
        self.stop_all()

    def rounds(self, points, authority=None):
        """All rounds of those of `points` (name: zkload's arguments) that were chosen; see Zkload.run."""
        for number in range(self.lengths.rounds):
            for point, arguments in points.items():
                if point in self.points:
                    self.round(number, point, arguments, authority)

    def round(self, number, point, arguments, authority=None):
        """Measures a point once with each kind; who comes first changes from round to round."""
        for kind in list(self.servers) if number % 2 == 0 else reversed(list(self.servers)):
            server = self.servers[kind]
            disk = self.disk.measure()
            snapshots = snapshot_count(server)
            run = self.zkload.run(server, *arguments, "--duration", self.lengths.measured,
                                  "--warm-up", self.lengths.before, authority=authority)
            run["snapshots"] = snapshot_count(server) - snapshots
            run.update(disk)
            self.results.setdefault(point, {}).setdefault(kind, []).append(run)
            say("round %d  %-24s %-7s %9.0f/s  p50 %7.0f us  p99 %8.0f us  %6.2f CPU-us/op  others %5.2f cores"
                "  bare disk p99 %.0f us, longest %.1f ms" % (
                    number + 1, point, kind, run["operations_per_second"], run["p50_us"], run["p99_us"],
                    run["server_cpu_us_per_operation"], run["foreign_cores"], run["disk_p99_us"],
                    run["disk_max_us"] / 1000))

    def open_loop(self, point, keys):
        rate = self.open_loop_rate(keys)
        for number in range(self.lengths.rounds):
            self.round(number, point, ("--operation", "set", "--connections", 64, "--rate", rate, "--keys", keys))

    def open_loop_rate(self, keys):
        """Half of the sets that Apache answers when 64 connections press as hard as they can."""
        if self.rate is None and "apache" in self.kinds:
            runs = self.results.get(SET_POINT, {}).get("apache") or [
                self.zkload.run(self.servers["apache"], *CLOSED_POINTS[SET_POINT], "--keys", keys,
                                "--duration", self.lengths.measured, "--warm-up", self.lengths.before)]
            self.rate = round(statistics.median(run["operations_per_second"] for run in runs) / 2)
        if self.rate is None:
            self.rate = RATE_WITHOUT_APACHE
        return self.rate

    # Points on a tree of a million znodes.

    def large_tree(self):
        for kind in self.kinds:
            figures = self.million[kind] = {"znodes": self.lengths.znodes}
            server = self.server("large", kind, snapCount=NEVER)
            self.populate(server, kind, figures)
            if MILLION_POINT in self.points:
                self.restart_and_snapshot(server, kind, figures)
            server.stop()
            server.settings.pop("snapCount")
        if OPEN_SNAPSHOT_POINT in self.points:
            if "ours" in self.kinds:
                self.populate(self.server("still", STILL_KIND, snapCount=NEVER), STILL_KIND, {})
                self.servers[STILL_KIND].stop()
            for server in self.servers.values():
                server.start(timeout=300)
            self.warm_up(self.lengths.znodes)
            self.open_loop(OPEN_SNAPSHOT_POINT, self.lengths.znodes)
        self.stop_all()

    def populate(self, server, kind, figures):
        say("%s: creating %d znodes" % (kind, self.lengths.znodes))
        server.start()
        run = self.zkload.run(server, "populate", "--count", self.lengths.znodes)
        figures["rss_bytes_empty"] = run["server_rss_before_bytes"]
        figures["rss_bytes"] = run["server_rss_bytes"]
        figures["rss_bytes_per_znode"] = run["server_rss_bytes_per_znode"]
        figures["creates_per_second"] = run["operations_per_second"]

    def restart_and_snapshot(self, server, kind, figures):
        """Restarts from the log alone, has snapshots written under a light load, restarts from one."""
        server.stop()
        server.settings["snapCount"] = 10_000
        figures["restart_from_log_seconds"] = server.start_timed()
        say("%s: restarted from the log in %.2f s" % (kind, figures["restart_from_log_seconds"]))
        server.wait_ready()
        figures["snapshot_seconds"] = self.snapshot_seconds(server)
        if figures["snapshot_seconds"] is None:
            say("%s: wrote no snapshot that mntr tells of (cnt_snapshottime, sum_snapshottime)" % kind)
        times = []
        for _ in range(self.lengths.restarts):
            server.stop()
            times.append(server.start_timed())
            server.wait_ready()
        figures["restart_from_snapshot_seconds"] = statistics.median(times)
        figures["restarts_from_snapshot_seconds"] = times
        say("%s: restarted from a snapshot in %s s" % (kind, ", ".join("%.2f" % one for one in times)))

    def snapshot_seconds(self, server):
        """The mean time of the snapshots that 40 000 sets, 5000 a second, bring about; None for none."""
        def totals():
            said = peers.metrics(server.port)
            return float(said.get("cnt_snapshottime", 0)), float(said.get("sum_snapshottime", 0))

        count_before, milliseconds_before = totals()
        self.zkload.run(server, "--operation", "set", "--rate", 5000, "--duration", 8, "--warm-up", 0,
                        "--keys", self.lengths.znodes)
        end = time.monotonic() + 30
        while True:
            count, milliseconds = totals()
            if count > count_before:
                return (milliseconds - milliseconds_before) / (count - count_before) / 1000
            if time.monotonic() > end:
                return None
            time.sleep(0.2)


def snapshot_count(server):
    """How many snapshots the server has written since it started, as mntr counts them."""
    return int(float(peers.metrics(server.port).get("cnt_snapshottime", 0)))
