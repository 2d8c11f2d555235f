#!/usr/bin/env python3
"""Plays one session on Apache ZooKeeper and on ours and compares what they measured, then the page for Prometheus.

    metrics.py             both servers, the page with Prometheus's own parser, TLS, a flood of scrapes
    metrics.py --alone     without Apache

Names, kinds and labels must be those of Apache's page, which was recorded; the values that do not depend on
the clock must be those of an Apache that runs beside.
"""
import http.client
import re
import socket
import ssl
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

live.need_package("prometheus_client")
import apache  # noqa: E402
import certificates  # noqa: E402
import peers  # noqa: E402
import wire  # noqa: E402
from metricchecks import lacking, session  # noqa: E402
from prometheus_client import parser  # noqa: E402

RECORDED = live.REPOSITORY / "Tests" / "Vectors" / "Metrics" / "apache-3.9.3.txt"
PROVIDER = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"
# What the session alone decides, in mntr's names.
SAME = ["znode_count", "watch_count", "ephemerals_count", "global_sessions", "local_sessions",
        "num_alive_connections", "outstanding_requests", "connection_rejected",
        "connection_request_count", "connection_drop_count", "connection_revalidate_count", "watch_bytes",
        "connection_drop_probability", "stale_sessions_expired", "auth_failed_count", "digest_mismatches_count",
        "unrecoverable_error_count", "stale_requests_dropped", "throttled_ops",
        "large_requests_rejected", "ensemble_auth_success", "ensemble_auth_fail", "last_client_response_size",
        "min_client_response_size", "max_client_response_size"]
# By how much they may differ: Apache counts a command of four letters while it answers it, or after.
GROWING = {"packets_received": 1, "bytes_received_count": 4, "response_bytes": 0, "cnt_updatelatency": 0}
SAME += [part + name for name in ("node_created_watch_count", "node_deleted_watch_count", "node_changed_watch_count",
                                  "node_children_watch_count", "connection_token_deficit")
         for part in ("cnt_", "sum_", "min_", "max_", "avg_")]
NAMESPACED = re.compile(r"(cnt|sum|min|max|avg)_\w+_(read|write)_per_namespace|\w+_quota_\w+_per_namespace")


def get(port, path="/metrics", method="GET", context=None, timeout=10):
    """(status, headers, body) of one request."""
    if context:
        connection = http.client.HTTPSConnection(wire.HOST, port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(wire.HOST, port, timeout=timeout)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def families(text):
    """By name, as Prometheus reads them: its parser throws on what is no page. It takes `_total` off a counter's name."""
    return {family.name: family for family in parser.text_string_to_metric_families(text)}


def labels(family):
    """Which labels a family's samples have, and which quantiles, of any key."""
    return {(sample.name, tuple(sorted(sample.labels)), sample.labels.get("quantile")) for sample in family.samples}


def compare_page(report, text):
    """Ours against the page that was recorded."""
    theirs, ours = families(RECORDED.read_text()), families(text)
    for name, family in sorted(theirs.items()):
        if name in lacking.NAMES:
            report.check("%s is lacking, as is said" % name, name not in ours)
            continue
        if not report.check("there is %s" % name, name in ours):
            continue
        report.check("%s has Apache's kind" % name, family.type == ours[name].type, (family.type, ours[name].type))
        # Quantiles by namespace are not kept.
        wanted = {label for label in labels(family) if not ("key" in label[1] and label[2])}
        report.check("%s has Apache's labels" % name, wanted == labels(ours[name]), (wanted, labels(ours[name])))
    known = re.compile(r"aviary_|op_count|ttl_node_|fsync_threshold_exceed_count$")
    unknown = [name for name in ours if name not in theirs and not known.match(name)]
    report.check("ours has no names that Apache has not", not unknown, unknown)
    told = (live.REPOSITORY / "docs" / "compatibility.md").read_text()
    for reason in lacking.LACKING:
        report.check("docs/compatibility.md says why %r is lacking" % reason, "**%s**" % reason in told)
    stray = lacking.NAMES - set(theirs)
    report.check("nothing is said to lack that Apache has not", not stray, stray)


def compare_values(report, servers, before):
    """What the session made of both; of what a start counts too, by how much it grew."""
    figures = {kind: peers.metrics(server.port) for kind, server in servers.items()}
    theirs, ours = figures["apache"], figures["ours"]
    for name, slack in GROWING.items():
        growth = [float(figures[kind][name]) - float(before[kind][name]) for kind in ("apache", "ours")]
        report.check("%s grows as Apache's" % name, abs(growth[0] - growth[1]) <= slack, growth)
    names = SAME + sorted(name for name in set(theirs) | set(ours) if NAMESPACED.fullmatch(name))
    report.check("namespaces are measured", len(names) > len(SAME) + 20, names[len(SAME):])
    for name in names:
        same = name in theirs and name in ours and float(theirs[name]) == float(ours[name])
        report.check("%s is Apache's" % name, same, (theirs.get(name), ours.get(name)))


def compare_forms(report, port, page):
    """The page and mntr tell one story; latencies move on between the two."""
    figures, ours = peers.metrics(port), families(page)
    for name in ("znode_count", "watch_count", "ephemerals_count", "num_alive_connections", "op_count_create"):
        shown = ours[name].samples[0].value
        report.check("%s is the same in mntr and on the page" % name, float(figures[name]) in (shown, shown + 1), shown)
    for key in ("shop", "yard"):
        samples = {s.name: s.value for s in ours["write_per_namespace"].samples if s.labels["key"] == key}
        report.check("the page has the writes below /%s" % key, samples["write_per_namespace_count"] == float(
            figures["cnt_%s_write_per_namespace" % key]), samples)


def check_http(report, port):
    status, headers, page = get(port)
    report.check("the page is Prometheus's text", status == 200 and headers["Content-Type"] ==
                 "text/plain; version=0.0.4; charset=utf-8", (status, headers))
    status, headers, body = get(port, method="HEAD")
    report.check("HEAD has no body", status == 200 and body == "" and int(headers["Content-Length"]) > 10_000, headers)
    for path in ("/", "/metrics/", "/metrics/x", "/metric", "/commands/ruok"):
        report.check("%s is not found" % path, get(port, path)[0] == 404)
    for method, wanted in (("POST", 200), ("OPTIONS", 200), ("PUT", 405), ("DELETE", 405), ("TRACE", 403)):
        report.check("%s is answered with %d" % (method, wanted), get(port, method=method)[0] == wanted)
    for query in ("name[]=uptime&name[]=readlatency_count", "name%5B%5D=uptime&name%5B%5D=readlatency_count"):
        chosen = families(get(port, "/metrics?" + query)[2])
        report.check("only what is asked for is shown", sorted(chosen) == ["readlatency", "uptime"], sorted(chosen))
    return page


def check_names(report, port):
    """Names that clients chose stay names: nothing they hold ends a line or a label."""
    asking = wire.Session(port)
    # A soft hyphen cannot be typed by accident; the last is longer than a label may be.
    for name in ('quo"te', "back\\slash", "bl ank", "\u00e4\u4e2d", "{key=\"x\"} 1", "n" * 300):
        asking.create("/" + name, b"")
    for number in range(200):
        asking.create("/many-%d" % number, b"")
    asking.request(wire.CLOSE)


def keys_of(page, name):
    return [sample.labels["key"] for sample in families(page)[name].samples if sample.name.endswith("_count")]


def compare(report, directory, stack, alone):
    settings = {"metricsProvider.className": PROVIDER, "metricsProvider.httpHost": wire.HOST}
    servers = {}
    for kind in ("ours",) if alone else ("apache", "ours"):
        more = settings | {"metricsProvider.httpPort": peers.free_port()} if kind == "ours" else {}
        command = peers.command_of(kind, properties={"zookeeper.enforceQuota": "true"})
        server = peers.Server(directory / kind, command, settings={"enforceQuota": "true"} | more)
        stack.callback(server.kill)
        servers[kind] = server.start()
    before = {kind: peers.metrics(server.port) for kind, server in servers.items()}
    played = [session.play(server.port) for server in servers.values()]
    ours = servers["ours"]
    port = ours.settings["metricsProvider.httpPort"]
    page = check_http(report, port)
    compare_page(report, page)
    compare_forms(report, ours.port, page)
    if alone:
        report.skip("values", "Apache's jars are not here; run Tools/get-apache once")
    else:
        compare_values(report, servers, before)
    check_names(report, ours.port)
    time.sleep(0.3)
    keys = keys_of(get(port)[2], "write_per_namespace")
    report.check("names come as clients wrote them", {'quo"te', "back\\slash", '{key="x"} 1', "bl ank"} <= set(keys), keys)
    report.check("so many namespaces and no more are told apart", len(keys) == 101 and keys[-1] == "/others", len(keys))
    report.check("a name that is too long is nobody's", not any(len(key) > 255 for key in keys))
    flood(report, ours.port, port)
    for pair in played:
        [one.vanish() for one in pair]
    return ours


def writes(port, seconds):
    """How long writes take, in milliseconds, one after another."""
    asking = wire.Session(port)
    name = asking.create("/flood-", b"", flags=wire.SEQUENTIAL)
    taken, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        error = asking.request(wire.SET_DATA, session.set_data(name, b"x" * 100))[0]
        taken.append((time.monotonic() - began) * 1000)
        assert error == 0
    asking.request(wire.CLOSE)
    return sorted(taken)


def flood(report, port, metrics_port, count=3000, askers=6):
    """Scrapes as fast as the page comes, and twice as many connections that ask and never read."""
    quiet = writes(port, 1.0)
    counts, failures = [], []

    def scrape():
        connection = http.client.HTTPConnection(wire.HOST, metrics_port, timeout=20)
        try:
            for _ in range(count // askers):
                connection.request("GET", "/metrics?name[]=uptime")
                counts.append(len(connection.getresponse().read()))
        except OSError as problem:
            failures.append(problem)
        finally:
            connection.close()

    deaf = [socket.create_connection((wire.HOST, metrics_port)) for _ in range(2 * askers)]
    for one in deaf:
        one.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
    threads = [threading.Thread(target=scrape) for _ in range(askers)]
    [thread.start() for thread in threads]
    busy = []
    while any(thread.is_alive() for thread in threads):
        busy += writes(port, 0.3)
    [one.close() for one in deaf]
    busy.sort()
    report.check("each of %d scrapes is answered" % count, len(counts) == count and not failures, (len(counts), failures[:1]))
    middle, last = busy[len(busy) // 2], busy[-1]
    print("a write beside %d scrapes: %.2f ms in the middle, %.1f ms at most (%.2f and %.1f without)"
          % (count, middle, last, quiet[len(quiet) // 2], quiet[-1]))
    # The client of this test has to share two cores with those who scrape.
    report.check("writes go on beside a flood of scrapes", last < 500 and middle < 20, (middle, last))


def check_off(report, directory, stack):
    """What does not make a port."""
    port = peers.free_port()
    for name, settings, said in (
            ("none", {"metricsProvider.httpPort": port}, "has no effect without metricsProvider.className"),
            ("default", {"metricsProvider.className": "org.apache.zookeeper.metrics.impl.DefaultMetricsProvider"}, None),
            ("other", {"metricsProvider.className": "com.example.Graphite", "metricsProvider.httpPort": port},
             "a Java class cannot be used here"),
    ):
        server = peers.Server(directory / name, peers.our_command(), settings=settings)
        stack.callback(server.kill)
        server.start()
        with socket.socket() as probe:
            report.check("%s takes no port" % name, probe.connect_ex((wire.HOST, port)) != 0)
        output = server.output.read_text()
        report.check("%s is said" % name, said is None or said in output, output)
        report.check("mntr needs no provider", "znode_count" in peers.metrics(server.port))
        server.stop()


def check_taken(report, directory, stack):
    with socket.socket() as taken:
        taken.bind((wire.HOST, 0))
        taken.listen()
        server = peers.Server(directory / "taken", peers.our_command(), settings={
            "metricsProvider.className": PROVIDER, "metricsProvider.httpHost": wire.HOST,
            "metricsProvider.httpPort": taken.getsockname()[1]})
        stack.callback(server.kill)
        server.launch()
        code = server.wait_end()
    report.check("a port that is taken ends the start", code == 13 and "metricsProvider.httpPort" in server.tail(),
                 (code, server.tail()))


def trusting(authority, client=None):
    context = ssl.create_default_context(cafile=str(authority.certificate))
    if client:
        context.load_cert_chain(str(client))
    return context


def refused(port, context=None):
    try:
        return get(port, context=context, timeout=5)[0] != 200
    except (OSError, http.client.HTTPException):
        return True


def check_tls(report, directory, stack):
    if not certificates.available():
        report.skip("TLS", "no openssl; Tools/setup installs it")
        return
    authority = certificates.Authority(directory / "ca")
    client = authority.make("prometheus", "/CN=prometheus")
    stranger = certificates.self_signed(directory)
    secure, both = peers.free_port(), peers.free_port()
    keys = {"metricsProvider.ssl.keyStore.location": authority.server(),
            "metricsProvider.ssl.trustStore.location": authority.certificate,
            "metricsProvider.ssl.trustStore.type": "PEM"}
    common = {"metricsProvider.className": PROVIDER, "metricsProvider.httpHost": wire.HOST} | keys
    server = peers.Server(directory / "tls", peers.our_command(), settings=common | {"metricsProvider.httpsPort": secure})
    stack.callback(server.kill)
    server.start()
    status, _, page = get(secure, context=trusting(authority, client))
    report.check("the page comes through TLS", status == 200 and "znode_count" in families(page))
    report.check("without a certificate nothing comes", refused(secure, trusting(authority)))
    report.check("nor with a stranger's", refused(secure, trusting(authority, stranger)))
    report.check("nor in plain", refused(secure))
    with socket.socket() as probe:
        report.check("httpsPort alone takes no plain port", probe.connect_ex((wire.HOST, 7000)) != 0)
    server.stop()
    server = peers.Server(directory / "both", peers.our_command(), settings=common | {
        "metricsProvider.httpPort": both, "metricsProvider.httpsPort": both,
        "metricsProvider.ssl.need.client.auth": "false"})
    stack.callback(server.kill)
    server.start()
    report.check("one port speaks plain", get(both)[0] == 200)
    report.check("and TLS, to whom it knows and whom it does not", get(both, context=trusting(authority))[0] == 200
                 and get(both, context=trusting(authority, client))[0] == 200)
    server.stop()


def main():
    parser = live.parser(__doc__, rounds=1)
    parser.add_argument("--alone", action="store_true", help="without Apache")
    arguments = parser.parse_args()
    report = live.Report(arguments.verbose)
    live.server_words(arguments)
    began = time.monotonic()
    with live.scene(arguments, report) as (directory, stack):
        server = compare(report, directory, stack, arguments.alone or apache.found_jars() is None)
        check_off(report, directory, stack)
        check_taken(report, directory, stack)
        check_tls(report, directory, stack)
        report.check("the server ends in order", server.stop() == 0, server.tail())
    print("metrics.py: %.1f s" % (time.monotonic() - began))
    report.finish()


if __name__ == "__main__":
    main()
