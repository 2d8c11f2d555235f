"""What every script here shares: kazoo at hand, arguments, counting, and a clean end.

A script prints one line for each check that failed or was skipped, a line of figures, and as its
last line `N passed, N failed, N skipped`. It exits 1 if anything failed. Whatever happens, no process,
mount or directory of its own stays behind.
"""
import argparse
import collections
import contextlib
import importlib
import os
import random
import shlex
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "Tools" / "lib"))
sys.dont_write_bytecode = True

import apache  # noqa: E402
import peers  # noqa: E402


def venv_python():
    """The interpreter of the virtual environment in which Tools/setup puts kazoo."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "aviary-venv" / "bin" / "python3"


def need_kazoo():
    """Imports kazoo; see `need_package`."""
    need_package("kazoo")


def need_package(name):
    """Imports a package, from the virtual environment of Tools/setup if need be; skips the script without it."""
    try:
        importlib.import_module(name)
    except ImportError:
        python = venv_python()
        if os.access(python, os.X_OK) and not os.environ.get("AVIARY_IN_VENV"):
            os.environ["AVIARY_IN_VENV"] = "1"
            os.execv(python, [str(python), *sys.argv])
        leave_skipped("%s is not installed; Tools/setup installs it" % name)


def need_apache():
    """Skips the script where Apache's server or its client cannot be started."""
    if not shutil.which("java"):
        leave_skipped("no java; Tools/setup installs a JDK")
    if apache.found_jars() is None:
        leave_skipped("Apache's jars are not here; run Tools/get-apache once")


def leave_skipped(reason):
    """Ends a script whose needs are not met here."""
    print("skipped: " + reason)
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(0)


class Report:
    """Counts checks. A failure is printed at once, with what was seen; of the same kind, only the first few."""

    SHOWN_OF_A_KIND = 5

    def __init__(self, verbose=False):
        self.passed = self.failed = self.skipped = 0
        self.verbose = verbose
        self.kinds = collections.Counter()

    def check(self, name, holds, seen=""):
        if holds:
            self.passed += 1
            if self.verbose:
                print("passed: " + name, flush=True)
        else:
            self.fail(name, seen)
        return holds

    def fail(self, name, seen=""):
        self.failed += 1
        self.kinds[name] += 1
        if self.kinds[name] <= self.SHOWN_OF_A_KIND:
            print("FAILED: %s%s" % (name, ": %s" % (seen,) if seen != "" else ""), flush=True)

    def skip(self, name, reason):
        self.skipped += 1
        print("skipped: %s: %s" % (name, reason), flush=True)

    def finish(self):
        for name, count in self.kinds.items():
            if count > self.SHOWN_OF_A_KIND:
                print("FAILED: %s: %d times in all" % (name, count))
        print("%d passed, %d failed, %d skipped" % (self.passed, self.failed, self.skipped), flush=True)
        sys.exit(1 if self.failed else 0)


def parser(description, rounds):
    """The arguments that every script takes."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--server-command", metavar="WORDS", help="how to start the server; zoo.cfg follows as the "
                      "last word (default $ZKSERVER, else the release build)")
    made.add_argument("--kind", choices=["ours", "apache"], default="ours", help="which server to start (default ours)")
    made.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a line for its zoo.cfg")
    made.add_argument("--seed", type=int, default=None, help="replays the choices of an earlier run")
    made.add_argument("--rounds", type=int, default=rounds, help="how often (default %(default)s)")
    made.add_argument("--verbose", action="store_true", help="prints what passed, too")
    made.add_argument("--keep", action="store_true", help="keeps the directory of a run that failed")
    return made


# What Apache's server has switched off and scripts want on; there they are Java properties.
NODE_SETTINGS = {"extendedTypesEnabled": "true", "enforceQuota": "true"}


def server_words(arguments):
    """The command that the arguments ask for; the script is skipped if there is no such server here."""
    if arguments.server_command:
        return shlex.split(arguments.server_command)
    words = peers.command_of(arguments.kind, properties={"zookeeper." + key: value for key, value in NODE_SETTINGS.items()})
    if arguments.kind == "ours" and not Path(words[0]).exists():
        leave_skipped("no %s; build it with: swift build -c release" % words[0])
    return words


def settings(arguments):
    """The zoo.cfg lines given with --set."""
    return dict(item.split("=", 1) for item in arguments.set)


def seeded(arguments):
    """A generator for all choices of a run; the seed is printed, so that the run can be had again."""
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 32)
    print("%s: seed %d" % (Path(sys.argv[0]).name, seed), flush=True)
    return random.Random(seed)


@contextlib.contextmanager
def scene(arguments, report):
    """A scratch directory and an ExitStack that ends what was started in it, even on SIGTERM.

    An exception counts as a failure and is printed.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    directory = Path(tempfile.mkdtemp(prefix="aviary-live-"))
    try:
        with contextlib.ExitStack() as stack:
            yield directory, stack
    except Exception as problem:
        traceback.print_exc()
        report.fail("the run ends without an exception", "%s: %s" % (type(problem).__name__, problem))
    finally:
        if arguments.keep and report.failed:
            print("kept: %s" % directory)
        else:
            remove(directory)


def remove(directory):
    for path in sorted(directory.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()
    directory.rmdir()
