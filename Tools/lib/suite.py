"""Runs the steps of Tools/test one after another and counts; see there."""
import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SCRATCH = ".build-tests"
SWIFT = ["-c", "release", "--scratch-path", SCRATCH]
TOTALS = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)

# Test targets that are left out of --quick. Every target is run as a process of its own: a crash hides no
# other target's results, and a target that starts programs cannot hold another's file locks by a fork.
HEAVY = ("CrashStateTests", "FuzzTests")

# Arguments of the scripts in Tests/Live that are not run with their defaults: (quick, normal, long).
# None leaves the script out. A script that is not named here runs with its defaults, except in --quick.
LIVE = {
    "checker.py": ([], [], ["--rounds", "500"]),
    "clients.py": ([], [], ["--rounds", "20"]),
    "kill_loop.py": (["--rounds", "5"], ["--rounds", "50"], ["--rounds", "1000"]),
    "opcodes.py": (None, [], []),
    "restore.py": (None, [], ["--rounds", "300"]),
    "power_cut.py": (None, ["--rounds", "30"], ["--rounds", "500"]),
    "acl_matrix.py": (None, [], []),
    "differential.py": (["--operations", "2000"], [], ["--operations", "1000000"]),
    "kazoo_suite.py": (None, [], []),
    "disk_faults.py": (None, ["--rounds", "2"], ["--rounds", "30"]),
    "endings.py": ([], [], ["--rounds", "20"]),
    "full_disk.py": (None, [], ["--rounds", "6"]),
    "settings.py": ([], [], []),
    "tls.py": (None, [], ["--rounds", "5", "--hellos", "20000"]),
    "tools.py": (None, [], ["--rounds", "20"]),
    "admin.py": (None, [], []),
    "words.py": (None, [], []),
    "zkcli.py": (None, [], []),
}
EFFORTS = ("quick", "normal", "long")

# What a Swift suite says of its own reach, which belongs to the result.
FIGURES = ("crash states:", "failing calls:", "mutant ")
LIMIT_SECONDS = {"quick": 600, "normal": 1500, "long": 24 * 3600}


class Totals:
    """What all steps counted, and how long each took."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.lines = []

    def add(self, name, seconds, passed, failed, skipped):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        self.lines.append("%-24s %5d passed %5d failed %5d skipped %8.1f s" % (name, passed, failed, skipped, seconds))

    def finish(self):
        print("\n" + "\n".join(self.lines) + "\n")
        print("%d passed, %d failed, %d skipped" % (self.passed, self.failed, self.skipped), flush=True)
        sys.exit(1 if self.failed else 0)


def run(words, limit, environment=None, shown=True):
    """Runs a command with what it starts in a group of its own; returns (exit code, output).

    Past the limit it gets SIGTERM, on which the live scripts stop their servers, and SIGKILL half a minute later.
    """
    process = subprocess.Popen(words, cwd=REPOSITORY, env=environment, start_new_session=True, text=True, errors="replace",
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    late = []

    def hurry(*_):
        os.killpg(process.pid, signal.SIGKILL if late else signal.SIGTERM)
        late.append("stopped after %d s\n" % limit)
        signal.alarm(30)

    signal.signal(signal.SIGALRM, hurry)
    signal.alarm(int(limit))
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if shown:
                print(line, end="")
            elif line.startswith(FIGURES):
                # A long suite shows that it goes on.
                print(line[:160].rstrip(), flush=True)
        code = process.wait()
    finally:
        signal.alarm(0)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
    return code or len(late), "".join(lines + late[:1])


def lint(totals, effort):
    paths = ["Package.swift", "Sources", "Tests", "Tools", "Benchmarks"]
    began = time.monotonic()
    code, output = run(["swift", "format", "lint", "--strict", "--recursive", "--parallel", *paths], 600, shown=False)
    print(output[-5000:], end="")
    totals.add("format", time.monotonic() - began, int(code == 0), int(code != 0), 0)


def build(totals):
    """Builds everything once. Without a build there is nothing to test."""
    began = time.monotonic()
    code, output = run(["swift", "build", *SWIFT, "--build-tests", "-Xswiftc", "-enable-testing"], 3600, shown=False)
    errors = [line for line in output.splitlines() if "error:" in line]
    print("\n".join(errors[:40] if errors else output.splitlines()[-5 if code == 0 else -40:]))
    totals.add("build", time.monotonic() - began, int(code == 0), int(code != 0), 0)
    if code:
        totals.finish()


def swift_tests(totals, target, effort):
    """Runs a test target and counts the cases in the report that it leaves."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        code, output = run(["swift", "test", *SWIFT, "--skip-build", "--disable-xctest", "--xunit-output", str(report), "--filter", r"^%s\." % target],
                           LIMIT_SECONDS[effort], os.environ | {"AVIARY_EFFORT": effort}, shown=False)
        passed, failed, skipped = counted(list(Path(scratch).glob("*.xml")), output)
    if code:
        told = [line for line in output.splitlines() if re.match(r"\s*(✘|↳|error|.*Fatal error|.*Precondition|stopped after)", line)]
        print("\n".join(told[:80] + output.splitlines()[-20:]))
        # A run that crashed leaves no report, or one without the failure.
        failed = max(failed, 1)
    if passed + failed + skipped == 0:
        print("no test ran")
        failed = 1
    totals.add(target, time.monotonic() - began, passed, failed, skipped)


def counted(reports, output):
    """(passed, failed, skipped) of the report; of the output, if a crash cut the report short."""
    passed = failed = skipped = 0
    try:
        for report in reports:
            for case in ElementTree.parse(report).iter("testcase"):
                if case.find("failure") is not None or case.find("error") is not None:
                    failed += 1
                elif case.find("skipped") is not None:
                    skipped += 1
                else:
                    passed += 1
    except ElementTree.ParseError:
        kinds = [len(re.findall(mark, output, re.MULTILINE)) for mark in (r"^✔ Test .* passed", r"^✘ Test .* failed", r"^➜ Test ")]
        return kinds[0], kinds[1] + 1, kinds[2]
    return passed, failed, skipped


def live_script(totals, script, arguments, effort):
    """Runs a script of Tests/Live against the server that was just built."""
    began = time.monotonic()
    environment = os.environ | {"ZKSERVER": str(REPOSITORY / SCRATCH / "release" / "zkserver"),
                                "AVIARY_BIN": str(REPOSITORY / SCRATCH / "release"), "PYTHONDONTWRITEBYTECODE": "1"}
    code, output = run([sys.executable, str(script), *arguments], LIMIT_SECONDS[effort], environment)
    found = TOTALS.findall(output)
    passed, failed, skipped = map(int, found[-1]) if found else (0, 0, 0)
    if code or not found:
        failed = max(failed, 1)
    totals.add(script.name, time.monotonic() - began, passed, failed, skipped)


def steps(effort):
    """(name, what to call with the totals), in the order in which they run."""
    yield "format", lambda totals: lint(totals, effort)
    for folder in sorted((REPOSITORY / "Tests").glob("*Tests")):
        if effort != "quick" or folder.name not in HEAVY:
            yield folder.name, lambda totals, target=folder.name: swift_tests(totals, target, effort)
    for script in sorted((REPOSITORY / "Tests" / "Live").glob("*.py")):
        arguments = LIVE.get(script.name, (None, [], []))[EFFORTS.index(effort)]
        if arguments is not None:
            yield script.name, lambda totals, script=script, arguments=arguments: live_script(
                totals, script, arguments, effort)


def main():
    parser = argparse.ArgumentParser(prog="Tools/test")
    effort = parser.add_mutually_exclusive_group()
    for name in ("quick", "long"):
        effort.add_argument("--" + name, action="store_const", const=name, dest="effort", default="normal")
    parser.add_argument("--only", default="", help="only the steps whose name holds this")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    totals = Totals()
    build(totals)
    for name, step in steps(arguments.effort):
        if arguments.only in name:
            print("\n== " + name, flush=True)
            step(totals)
    totals.finish()


if __name__ == "__main__":
    main()
