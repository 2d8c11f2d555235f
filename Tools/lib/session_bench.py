"""The points of `bench server` that are about sessions: watchers of one znode, churn, sessions that only live."""
import resource

SESSION_COUNT = 10_000
FAN_OUT_ONE_SHOT = "fan-out-one-shot-10000"
FAN_OUT_PERSISTENT = "fan-out-persistent-10000"
CHURN = "churn-64"
IDLE = "idle-5000"
SESSION_POINTS = {
    FAN_OUT_ONE_SHOT: ("fan-out", "--kind", "one-shot", "--sessions", SESSION_COUNT),
    FAN_OUT_PERSISTENT: ("fan-out", "--kind", "persistent", "--sessions", SESSION_COUNT),
    CHURN: ("churn", "--parallel", 64),
    IDLE: ("idle", "--sessions", 5000, "--ping-every", 2),
}
# Beside the sessions' sockets: files, libraries, listeners.
OTHER_DESCRIPTORS = 500


def allow_descriptors(count=SESSION_COUNT + OTHER_DESCRIPTORS):
    """Raises this process's limit of open files, and so that of the servers it starts; exits if it may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise SystemExit("%d sessions need %d open files a process, and `ulimit -Hn` is %d" % (
            SESSION_COUNT, count, hard))
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def measure(bench):
    """Runs the chosen points of SESSION_POINTS on servers of their own, which have nothing in them yet."""
    for kind in bench.kinds:
        server = bench.server("sessions", kind).start()
        if IDLE in bench.points:
            bench.session_memory[kind] = session_memory(bench, server)
    bench.warm_up(100_000)
    for server in bench.servers.values():
        bench.zkload.run(server, *SESSION_POINTS[CHURN], "--duration", bench.lengths.warm_up / 3, "--warm-up", 0)
    bench.rounds(SESSION_POINTS)
    bench.stop_all()


def session_memory(bench, server):
    """What a session adds to a server's resident memory, before anything was freed that it could take.

    A hundred sessions come first, so that what the first session of all brings about is not counted.
    """
    idle = ("--ping-every", 2, "--duration", 2, "--warm-up", 0)
    bench.zkload.run(server, "idle", "--sessions", 100, *idle)
    run = bench.zkload.run(server, "idle", "--sessions", 5000, *idle)
    return {"rss_bytes_per_session": run["server_rss_bytes_per_session"]}
