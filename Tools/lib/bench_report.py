"""Turns what `bench server` measured into tables and says which goals are met."""
import statistics

from server_bench import OPEN_POINT, OPEN_SNAPSHOT_POINT, SET_POINT, STILL_KIND
from session_bench import CHURN, FAN_OUT_ONE_SHOT, FAN_OUT_PERSISTENT, IDLE
from tls_bench import TLS_GET, TLS_SET

# What is compared, the point, the figure's name, least or most, the limit (None for a ratio that is only
# shown), its unit ('x' is ours / Apache's, a server's name ours / that one's).
SESSION_MEMORY = "session memory"
GOALS = [
    ("set, 64 x 16, operations/s", SET_POINT, "operations_per_second", ">=", 6, "x"),
    ("create, 64 x 16, operations/s", "create-100-64x16", "operations_per_second", ">=", 6, "x"),
    ("get, 64 x 16, operations/s", "get-100-64x16", "operations_per_second", ">=", 8, "x"),
    ("set, 1 x 1, p50", "set-100-1x1", "p50_us", "<=", 0.6, "x"),
    ("set, 64 x 1, operations/s", "set-100-64x1", "operations_per_second", ">=", 1.6, "x"),
    ("set, 64 x 1, server CPU per operation", "set-100-64x1", "server_cpu_us_per_operation", "<=", 0.45, "x"),
    ("sets in an open loop, p99", OPEN_POINT, "p99_us", "<=", 0.2, "x"),
    ("the same while snapshots are written, p99", OPEN_SNAPSHOT_POINT, "p99_us", "<=", 0.2, "x"),
    ("p99 of sets while snapshots are written, of that without", OPEN_SNAPSHOT_POINT, "p99_us", "<=", 3, STILL_KIND),
    ("exists, 64 x 16, operations/s", "exists-100-64x16", "operations_per_second", ">=", None, "x"),
    ("getChildren of 10, 64 x 16, operations/s", "children-10-64x16", "operations_per_second", ">=", None, "x"),
    ("getChildren of 10 000, 16 x 1, operations/s", "children-10000-16x1", "operations_per_second", ">=", None, "x"),
    ("multi of 10 sets, 16 x 16, multis/s", "multi10-100-16x16", "operations_per_second", ">=", 4, "x"),
    ("set of 1 KiB, 64 x 16, operations/s", "set-1024-64x16", "operations_per_second", ">=", None, "x"),
    ("get of 1 KiB, 64 x 16, operations/s", "get-1024-64x16", "operations_per_second", ">=", None, "x"),
    ("set over TLS, 64 x 16, operations/s", TLS_SET, "operations_per_second", ">=", None, "x"),
    ("get over TLS, 64 x 16, operations/s", TLS_GET, "operations_per_second", ">=", None, "x"),
    ("watch fan-out, one-shot, notifications/s", FAN_OUT_ONE_SHOT, "operations_per_second", ">=", 3.5, "x"),
    ("the same, time until the last watcher has it", FAN_OUT_ONE_SHOT, "last_p50_us", "<=", None, "x"),
    ("watch fan-out, persistent, notifications/s", FAN_OUT_PERSISTENT, "operations_per_second", ">=", 3.5, "x"),
    ("the same, time until the last watcher has it", FAN_OUT_PERSISTENT, "last_p50_us", "<=", None, "x"),
    ("session churn, sessions/s", CHURN, "operations_per_second", ">=", 3, "x"),
    ("5000 idle sessions with pings, server CPU", IDLE, "server_cores", "<=", 1 / 4, "x"),
    ("an idle session, resident bytes", SESSION_MEMORY, "rss_bytes_per_session", "<=", 2048, "bytes"),
    ("a million znodes, RSS per znode", "million", "rss_bytes_per_znode", "<=", 300, "bytes"),
    ("a million znodes, time of a snapshot", "million", "snapshot_seconds", "<=", 1 / 2, "x"),
    ("a million znodes, restart from a snapshot", "million", "restart_from_snapshot_seconds", "<=", 1 / 4, "x"),
]
# Foreign load above this makes a run's rates and latencies doubtful.
DISTURBED_CORES = 0.25


def median(runs, name):
    return statistics.median(run[name] for run in runs)


def without_snapshot(bench):
    """The servers that wrote no snapshot in the runs that are to show what a snapshot costs."""
    return [kind for kind, runs in bench.results.get(OPEN_SNAPSHOT_POINT, {}).items()
            if kind != STILL_KIND and not any(run["snapshots"] for run in runs)]


def figure(bench, point, kind, name):
    """The median of a figure over the rounds, or None where it wasn't measured."""
    measured_once = {"million": bench.million, SESSION_MEMORY: bench.session_memory}
    if point in measured_once:
        return measured_once[point].get(kind, {}).get(name)
    runs = bench.results.get(point, {}).get(kind)
    if not runs or (point == OPEN_SNAPSHOT_POINT and kind in without_snapshot(bench)):
        return None
    return median(runs, name)


def shown(number):
    """Three significant digits, thousands apart."""
    if number is None:
        return "-"
    if abs(number) >= 1000:
        return format(round(number), ",")
    return "%.3g" % number


def microseconds(number):
    if number >= 10_000:
        return "%.1f ms" % (number / 1000)
    return "%.2f ms" % (number / 1000) if number >= 1000 else "%.0f us" % number


def table(header, rows):
    """A Markdown table; all columns but the first two are numbers."""
    rule = ["---", "---"] + ["---:"] * (len(header) - 2)
    return "\n".join("| %s |" % " | ".join(row) for row in (header, rule, *rows))


def load_table(bench):
    rows = []
    for point, kinds in bench.results.items():
        for kind, runs in kinds.items():
            rates = [run["operations_per_second"] for run in runs]
            rows.append([
                point, kind, shown(statistics.median(rates)), "%s-%s" % (shown(min(rates)), shown(max(rates))),
                *(microseconds(median(runs, name)) for name in ("p50_us", "p99_us", "p999_us")),
                "%.2f" % median(runs, "server_cpu_us_per_operation"),
                "%.2f" % median(runs, "client_cpu_us_per_operation"),
                "%.2f" % max(run["foreign_cores"] for run in runs),
                "%.2f" % max(run["steal_cores"] for run in runs), str(sum(run["snapshots"] for run in runs)),
                "%s, %s" % (microseconds(median(runs, "disk_p99_us")),
                            microseconds(max(run["disk_max_us"] for run in runs)))])
    return table(["load", "server", "operations/s", "least-most", "p50", "p99", "p99.9", "server CPU-us/op",
                  "client CPU-us/op", "others, cores (most)", "steal (most)", "snapshots",
                  "bare disk: p99, longest"], rows)


def million_table(bench):
    columns = [("znodes", "znodes"), ("creates_per_second", "creates/s"), ("rss_bytes_empty", "RSS empty, bytes"),
               ("rss_bytes", "RSS, bytes"), ("rss_bytes_per_znode", "RSS/znode, bytes"),
               ("snapshot_seconds", "snapshot, s"), ("restart_from_log_seconds", "restart from the log, s"),
               ("restart_from_snapshot_seconds", "restart from a snapshot, s")]
    rows = [["one large tree", kind, *(shown(figures.get(name)) for name, _ in columns)]
            for kind, figures in bench.million.items()]
    return table(["tree", "server", *(title for _, title in columns)], rows)


def transports(bench):
    """A sentence on what the runs over TLS spoke; '' when there were none."""
    spoken = {kind: run["transport"] for point in (TLS_SET, TLS_GET)
              for kind, runs in bench.results.get(point, {}).items() for run in runs}
    return spoken and "Over TLS: %s." % ", ".join("%s %s" % pair for pair in spoken.items())


def fan_out_table(bench):
    rows = [[point, kind, "%d" % sum(run["rounds"] for run in runs), microseconds(median(runs, "last_p50_us")),
             microseconds(max(run["last_max_us"] for run in runs))]
            for point, kinds in bench.results.items() for kind, runs in kinds.items() if "last_p50_us" in runs[0]]
    return rows and table(["watch fan-out", "server", "rounds", "last watcher, p50", "last watcher, longest"], rows)


def goals(bench):
    """Each goal that this run can judge: what was measured and whether it is met (None: there's no limit)."""
    judged = []
    for title, point, name, direction, limit, unit in GOALS:
        other = STILL_KIND if unit == STILL_KIND else "apache"
        ours, theirs = (figure(bench, point, kind, name) for kind in ("ours", other))
        if ours is None or (unit != "bytes" and not theirs):
            continue
        value = ours if unit == "bytes" else ours / theirs
        met = None if limit is None else value >= limit if direction == ">=" else value <= limit
        judged.append({"goal": title, "ours": ours, "other": theirs, "value": value, "limit": limit,
                       "direction": direction, "unit": "bytes" if unit == "bytes" else "x", "met": met})
    return judged


def goal_table(judged):
    verdicts = {True: "**met**", False: "**missed**", None: "no goal"}
    rows = [[goal["goal"], verdicts[goal["met"]], shown(goal["ours"]), shown(goal["other"]),
             "%s %s" % (shown(goal["value"]), goal["unit"]),
             "-" if goal["limit"] is None else "%s %s %s" % (goal["direction"], shown(goal["limit"]), goal["unit"])]
            for goal in judged]
    return table(["goal", "", "ours", "the other", "measured", "goal is"], rows)


def disturbance(bench):
    """A sentence on how many runs shared the machine with others; '' when none did."""
    foreign = [run["foreign_cores"] for kinds in bench.results.values() for runs in kinds.values() for run in runs]
    disturbed = sum(cores > DISTURBED_CORES for cores in foreign)
    if disturbed == 0:
        return ""
    return "In %d of %d runs other processes used more than %s cores: the figures are too low, the " \
        "ratios and the CPU for each operation hold better." % (disturbed, len(foreign), DISTURBED_CORES)


def text(bench, machine):
    parts = ["%(processors)d processors (%(model)s), %(memory_gib)s GiB, Linux %(kernel)s, %(file_system)s, "
             "load average %(load_average)s at the start" % machine]
    if bench.results:
        parts.append(load_table(bench))
    parts += bench.remarks
    if transports(bench):
        parts.append(transports(bench))
    if fan_out_table(bench):
        parts.append(fan_out_table(bench))
    if bench.session_memory:
        parts.append("Resident bytes for each of 5000 idle sessions: %s." % ", ".join(
            "%s %s" % (kind, shown(figures["rss_bytes_per_session"]))
            for kind, figures in bench.session_memory.items()))
    if disturbance(bench):
        parts.append(disturbance(bench))
    for kind in without_snapshot(bench):
        parts.append("%s: not judged for %s, as mntr counts no snapshot in its runs (cnt_snapshottime)." % (
            OPEN_SNAPSHOT_POINT, kind))
    if bench.rate:
        parts.append("Open loop: %s sets/s over 64 connections." % shown(bench.rate))
    if bench.million:
        parts.append(million_table(bench))
        if any(figures["znodes"] != 1_000_000 for figures in bench.million.values()):
            parts.append("The large tree is not of a million znodes: its goals are judged by way of a first look only.")
    judged = goals(bench)
    if judged:
        parts.append(goal_table(judged))
    else:
        parts.append("No goal can be judged: that takes both servers.")
    return "\n\n".join(parts)
