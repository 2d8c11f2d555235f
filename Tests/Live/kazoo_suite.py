#!/usr/bin/env python3
"""Runs the tests that ship inside kazoo 2.11.0 against a server of ours (or --kind apache), on one node.

    kazoo_suite.py -k test_lock    only tests whose names hold this
    kazoo_suite.py --durations     says, too, how long each file took

Left out are the tests that need an ensemble: they stop some of its nodes, or change its membership. The
test files are shared out among some processes, each with a server of its own, because the tests
mostly wait. Tools/setup tests installs what is needed; without it the script is skipped.
"""
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

import apache  # noqa: E402
import peers  # noqa: E402

LIB = Path(__file__).resolve().parent / "lib"
ENSEMBLE = "not TestReadOnlyMode and not test_update_host_list and not TestReconfig"
# It counts on nobody at ZooKeeper's own port, and has a second to be refused there.
NEEDS_FREE_PORT = "test_slow_connect"

# The longest first, so that the processes, to which they are dealt in turn, end at about the same time.
FILES = ["test_client", "test_lock", "test_partitioner", "test_watchers", "test_selectors_select", "test_connection", "test_cache",
         "test_sasl", "test_lease", "test_barrier", "test_gevent_handler", "test_eventlet_handler", "test_party", "test_queue",
         "test_counter", "test_election", "test_interrupt", "test_build", "test_threading_handler", "test_utils", "test_exceptions",
         "test_hosts", "test_paths", "test_retry", "test_security"]
TEST_SECONDS_MAX = 120


def interpreter():
    """The Python that has kazoo and what its tests want, or None."""
    for folder in ("aviary-kazoo-suite", "zk-peers/kazoo-2.11.0"):
        found = apache.cache_home() / folder
        if (found / ".complete").exists():
            return found / "bin" / "python"
    return None


class Worker:
    """A pytest process over some of kazoo's test files, with a server of its own."""

    def __init__(self, python, files, directory, number, arguments, chosen):
        self.directory = directory / str(number)
        self.directory.mkdir()
        self.results = self.directory / "results"
        self.results.touch()
        self.output = self.directory / "output"
        base = peers.free_port()
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(LIB), str(live.REPOSITORY / "Tools" / "lib")]), "PYTHONDONTWRITEBYTECODE": "1",
            "AVIARY_KIND": arguments.kind, "AVIARY_RESULT": str(self.results), "TMPDIR": str(self.directory),
            "ZOOKEEPER_VERSION": "3.9.3", "ZOOKEEPER_CLASSPATH": "unused", "ZOOKEEPER_CLUSTER_SIZE": "1",
            "ZOOKEEPER_PORT_OFFSET": str(base if base < 65_000 else base - 1000)}
        environment.pop("CI", None)
        if arguments.kind == "ours":
            environment["ZKSERVER"] = " ".join(live.server_words(arguments))
        chosen = ENSEMBLE + (" and (%s)" % chosen if chosen else "")
        words = [str(python), "-m", "pytest", "-p", "kazoo_servers", "-p", "no:cacheprovider", "--timeout", str(TEST_SECONDS_MAX),
                 "-q", "-W", "ignore", "--tb=short", "-k", chosen, "--pyargs", *("kazoo.tests." + name for name in files)]
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(words, cwd=self.directory, env=environment, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=subprocess.STDOUT)

    def stop(self):
        """SIGINT lets pytest end its server."""
        if self.process.poll() is None:
            self.process.send_signal(2)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def outcomes(self):
        return [json.loads(line) for line in self.results.read_text().splitlines()]


def somebody_listens():
    """Whether this machine has a server on the port that kazoo's tests take for free."""
    try:
        socket.create_connection(("127.0.0.1", 2181), 1).close()
        return True
    except OSError:
        return False


def shared_out(files, count):
    """The files in as many lists, dealt in turn."""
    return [files[number::count] for number in range(min(count, len(files)))]


def ended(workers):
    """All outcomes by test, once every process has ended."""
    for worker in workers:
        worker.process.wait()
    return {name: rest for worker in workers for name, *rest in worker.outcomes()}


def failed(outcomes):
    return [name for name, (outcome, *_) in outcomes.items() if outcome == "failed"]


def tell(report, outcomes, workers, durations):
    """Counts the outcomes; a process that broke off is a failure by itself."""
    for name, (outcome, why, _) in outcomes.items():
        if outcome == "skipped":
            report.skip(name, why)
        else:
            report.check(name, outcome == "passed", why)
    for worker in workers:
        # 1 is "some tests failed", 5 "none chosen".
        if worker.process.returncode not in (0, 1, 5):
            report.fail("pytest comes to its end", worker.output.read_text(errors="replace")[-1500:])
    if durations:
        by_file = {}
        for name, (_, _, seconds) in outcomes.items():
            by_file[name.split("::")[0]] = by_file.get(name.split("::")[0], 0) + seconds
        for name, seconds in sorted(by_file.items(), key=lambda pair: -pair[1]):
            print("%8.1f s %s" % (seconds, name))


def main():
    parser = live.parser(__doc__, rounds=1)
    parser.add_argument("-k", default="", help="pytest's expression for the tests to run")
    parser.add_argument("--workers", type=int, default=4, help="how many processes (default %(default)s)")
    parser.add_argument("--durations", action="store_true", help="prints how long each file took")
    arguments = parser.parse_args()
    python = interpreter()
    if python is None:
        live.leave_skipped("kazoo's test requirements are not installed; Tools/setup tests installs them")
    live.server_words(arguments)
    report = live.Report(arguments.verbose)
    chosen = arguments.k
    if somebody_listens():
        chosen = "not %s" % NEEDS_FREE_PORT + (" and (%s)" % chosen if chosen else "")
        report.skip(NEEDS_FREE_PORT, "a server has port 2181")
    with live.scene(arguments, report) as (directory, stack):
        workers = []
        for number, part in enumerate(shared_out(FILES, arguments.workers)):
            workers.append(Worker(python, part, directory, number, arguments, chosen))
            stack.callback(workers[-1].stop)
        outcomes = ended(workers)
        if again := failed(outcomes):
            # Some tests wait a few seconds for what a busy machine does later; alone they have it to themselves.
            print("tried again alone: " + ", ".join(again), flush=True)
            files, tests = {name.split("::")[0] for name in again}, {name.rpartition(".")[2] for name in again}
            workers.append(Worker(python, sorted(files), directory, "again", arguments, " or ".join(sorted(tests))))
            stack.callback(workers[-1].stop)
            outcomes |= ended(workers[-1:])
        tell(report, outcomes, workers, arguments.durations)
    report.finish()


if __name__ == "__main__":
    main()
