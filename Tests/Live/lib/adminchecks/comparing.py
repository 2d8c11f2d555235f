"""Every command asked of Apache's server and of ours after the same session: status, headers, JSON fields with
their order and types, and the values that clock, machine and port do not decide.
"""
import re

import wire
from adminchecks import Pairs, ask, command

KINDS = ("apache", "ours")
# Fields whose values are the machine's, the clock's or the port's; their types must agree.
VARYING = re.compile(
    r"client_port$|client_port_listen_backlog$|data_dir$|data_log_dir$|established$|last_response_time$|.*_latency$"
    r"|interest_ops$|dat.*dir_size$|log_?dir_size$|timestamp$|version$|uptime$|digest$|packets_\w+$|data_dir_size$"
    r"|session_id$|num_alive_client_connections$|initial_configuration$")
# Names of mntr that 3.10 has, and our own.
LATER = re.compile(r"op_count_|ttl_node_|aviary_|fsync_threshold_exceed_count")
# Their whole answers are compared, in this order.
COMMANDS = (
    "ruok is_read_only isro leader lead observers obsr observer_connection_stat_reset orst voting_view zabstate "
    "get_trace_mask gtmk set_trace_mask set_trace_mask?traceMask=-5 stmk?traceMask=12x%22%5C get_trace_mask "
    "set_trace_mask?traceMask=1&traceMask=2 configuration conf config connections cons dirs dump hash server_stats srvr "
    "stats stat watch_summary wchs watches wchc watches_by_path wchp initial_configuration icfg "
    "connection_stat_reset crst stat_reset srst nonsense RUOK ruok/x conf/ /ruok a%22%E2%82%AC%01").split()
# Method and path; the status must be Apache's.
HTTP = (
    ("GET", "/"), ("GET", "/x"), ("GET", "/commandsx"), ("GET", "/commands"), ("GET", "/commands/"), ("GET", "/commands?a=b"),
    ("GET", "/commands/%72uok"), ("GET", "/commands/ruok;a=b"), ("GET", "/commands/.."), ("GET", "/commands/%2e%2e/x"),
    ("GET", "/commands/ru%00ok"), ("GET", "/commands/%zz"), ("PUT", "/commands/ruok"), ("DELETE", "/commands/ruok"),
    ("OPTIONS", "/commands/ruok"), ("TRACE", "/commands/ruok"), ("PATCH", "/commands/ruok"), ("HEAD", "/commands/ruok"),
    ("POST", "/commands"), ("POST", "/commands/nonsense"), ("POST", "/commands/restore"), ("GET", "/commands/restore"),
    ("GET", "/commands/snapshot"))
PROOFS = ("digest a:b", "digest", "ip", "ip 1.2.3.4", "world anyone", "x509", "x509 CN=a", "a b c", "", "sasl a",
          "super a", "digest nocolon", "digest a b", "digest  a:b", "auth a")
ALL, READ = 31, 1
# a:b, as its digest.
OWNER = ("digest", "a:3OptnM09ILoVSfbZtd3mB0IViII=")
# super:test, as its digest.
SUPER = "super:D/InIHSb7yEEbrWz8b9l71RjZJU="


def play(port):
    """A session that touches every kind of figure; it stays open. No child watch: Apache's commands leave those out."""
    session = wire.Session(port)
    session.create("/admin", b"0123456789")
    session.create("/admin/m\u00fcne \"q\"", b"", flags=1)
    for number in range(130):
        session.create("/admin/%d" % number)
    session.request(wire.EXISTS, wire.text("/admin/absent") + b"\1")
    session.request(wire.GET_DATA, wire.text("/admin/1") + b"\1")
    session.request(wire.GET_DATA, wire.text("/admin/2") + b"\1")
    session.request(wire.SET_DATA, wire.text("/admin/1") + wire.buffer(b"x") + b"\xff\xff\xff\xff")
    return session


def plain(value, name=""):
    """A value of JSON with everything replaced that two servers need not have in common."""
    if isinstance(value, Pairs):
        pairs = [(inner(key), plain(item, key)) for key, item in value]
        if name in ("session_id_to_watched_paths", "path_to_session_ids", "session_id_to_ephemeral_paths"):
            pairs = sorted(pairs)
        if name == "expiry_time_to_session_ids":
            # Apache keeps sets that are empty.
            pairs = [("MOMENT", item) for _, item in pairs if item]
        return pairs
    if isinstance(value, list):
        items = [plain(item) for item in value]
        return sorted(items) if name == "" or all(isinstance(item, str) for item in items) else items
    if VARYING.match(name):
        return "<%s>" % type(value).__name__
    if isinstance(value, str):
        return re.sub(r"^127\.0\.0\.1:\d+$", "ADDRESS", value)
    return "SID" if isinstance(value, int) and value > 1 << 48 else value


def inner(key):
    return "SID" if re.fullmatch(r"-?\d{12,}", key) else key


def compare_commands(world, servers):
    for name in COMMANDS:
        theirs, ours = (command(servers[kind].admin, name) for kind in KINDS)
        same = (theirs.status, theirs.headers.get("content-type")) == (ours.status, ours.headers.get("content-type"))
        world.check("%s has Apache's status and type" % name, same, (theirs, ours))
        world.check("%s has Apache's fields and values" % name, plain(theirs.json) == plain(ours.json),
                    "\n%s\n%s" % (plain(theirs.json), plain(ours.json)))
    theirs, ours = (command(servers[kind].admin, "environment") for kind in KINDS)
    names = [[key for key, _ in answer.json] for answer in (theirs, ours)]
    world.check("environment has Apache's fields", names[0] == names[1], names)
    texts = [value for key, value in ours.json if key != "error"]
    world.check("environment's values are texts", all(isinstance(value, str) for value in texts), texts)
    given = [dict(command(servers[kind].admin, "system_properties").json) for kind in KINDS]
    for key in ("file.separator", "line.separator", "os.name", "os.arch", "os.version", "user.name", "user.home", "command", "error"):
        world.check("system_properties: %s is Apache's" % key, given[0][key] == given[1][key], (given[0][key], given[1].get(key)))
    compare_configuration(world, servers)
    compare_monitor(world, servers)


def compare_configuration(world, servers):
    """The settings' file as it was read."""
    theirs, ours = (command(servers[kind].admin, "initial_configuration")["initial_configuration"] for kind in KINDS)
    for kind, answer in zip(KINDS, (theirs, ours)):
        written = servers[kind].configuration.read_text()
        expected = written.replace(SUPER, "***") if kind == "ours" else written
        world.check("initial_configuration of %s is its zoo.cfg" % kind, answer == expected, answer)
    shown = command(servers["ours"].admin, "system_properties").body
    world.check("no secret is shown", SUPER.encode() not in shown and b"superDigest" in shown, shown)


def compare_monitor(world, servers):
    theirs, ours = (dict(command(servers[kind].admin, "monitor").json) for kind in KINDS)
    unknown = [name for name in ours if name not in theirs and not LATER.search(name)]
    world.check("monitor has no names that Apache has not", not unknown, unknown)
    other = [name for name in ours if name in theirs and type(ours[name]) is not type(theirs[name])]
    world.check("monitor's values have Apache's types", not other, [(name, ours[name], theirs[name]) for name in other])
    for name in "server_state znode_count ephemerals_count global_sessions num_alive_connections".split():
        world.check("monitor: %s is Apache's" % name, theirs.get(name) == ours.get(name), (theirs.get(name), ours.get(name)))
    world.check("monitor ends with command and error", list(ours)[-2:] == ["command", "error"], list(ours)[-2:])


def compare_http(world, servers):
    for method, path in HTTP:
        theirs, ours = (ask(servers[kind].admin, path, method) for kind in KINDS)
        world.check("%s %s has Apache's status" % (method, path), theirs.status == ours.status, (theirs, ours))
        if theirs.json is not None:
            world.check("%s %s has Apache's answer" % (method, path), theirs.json == ours.json, (theirs, ours))
    theirs, ours = (ask(servers[kind].admin, "/commands") for kind in KINDS)
    world.check("the index is Apache's", theirs.body == ours.body, (theirs, ours))
    lengths = [ask(servers[kind].admin, "/commands/ruok", "HEAD").headers.get("content-length") for kind in KINDS]
    world.check("HEAD tells of GET's length", lengths[0] == lengths[1], lengths)


def compare_proofs(world, servers):
    """Who may take a snapshot; last of all, since snapshots change what other commands say."""
    for proof in PROOFS:
        compare_snapshot(world, servers, proof, "world")
    compare_last_snapshot(world, servers)
    for name, entries in (("a digest", [(ALL, *OWNER)]), ("nobody here", [(ALL, "ip", "10.0.0.1")]),
                          ("this address", [(ALL, "ip", "127.0.0.1")])):
        for kind in KINDS:
            set_acl(servers[kind].port, entries)
        for proof in ("digest a:b", "digest a:c", "ip", "digest"):
            compare_snapshot(world, servers, proof, name)


def compare_last_snapshot(world, servers):
    """Once both have made one: a new store of ours begins without, which Apache's does not."""
    for name in ("last_snapshot", "lsnp"):
        theirs, ours = (command(servers[kind].admin, name) for kind in KINDS)
        world.check("%s has Apache's fields and values" % name, plain(theirs.json) == plain(ours.json), (theirs, ours))


def compare_snapshot(world, servers, proof, whose):
    theirs, ours = (command(servers[kind].admin, "snapshot?streaming=false", headers={"Authorization": proof}) for kind in KINDS)
    world.check("snapshot for %s with %r on / is answered as by Apache" % (whose, proof),
                (theirs.status, theirs.json) == (ours.status, ours.json), (theirs, ours))
    zxids = theirs.headers.get("last_zxid"), ours.headers.get("last_zxid")
    world.check("its last_zxid is Apache's (%s, %r)" % (whose, proof), zxids[0] == zxids[1], zxids)
    world.check("it has a size where Apache's has (%s, %r)" % (whose, proof),
                ("snapshot_size" in theirs.headers) == ("snapshot_size" in ours.headers), ours.headers)


def set_acl(port, entries):
    """Gives the root an access list, by somebody whom none keeps out."""
    session = wire.Session(port)
    body = wire.struct.pack(">i", 0) + wire.text("digest") + wire.buffer(b"super:test")
    session.request(100, body, -4)
    lists = b"".join(wire.struct.pack(">i", bits) + wire.text(scheme) + wire.text(name) for bits, scheme, name in entries)
    error = session.request(7, wire.text("/") + wire.struct.pack(">i", len(entries)) + lists + b"\xff\xff\xff\xff")[0]
    session.request(wire.CLOSE)
    session.vanish()
    return error


def check(world):
    servers = {kind: world.start("compared", kind, **{
        "admin.rateLimiterIntervalInMS": 1, "DigestAuthenticationProvider.superDigest": SUPER}) for kind in KINDS}
    sessions = [play(servers[kind].port) for kind in KINDS]
    compare_commands(world, servers)
    compare_http(world, servers)
    compare_proofs(world, servers)
    for session in sessions:
        session.vanish()
    for server in servers.values():
        server.kill()
