"""What clients rely on, one function a promise; its docstring is the promise.

Every function takes a `Visit`: a place of its own in the tree, and clients that end with it. It fails by
an exception. The checks hold for every ZooKeeper server; they were written against Apache's.
"""
import contextlib
import threading

from kazoo.client import KazooClient
from kazoo.exceptions import ConnectionLoss

import wire

ALL = []


class Skipped(Exception):
    """The server has this switched off; the text says what."""


def check(function):
    """Adds a function to the list of checks."""
    ALL.append(function)
    return function


def expect(holds, seen=""):
    if not holds:
        raise AssertionError("not so: %r" % (seen,))


def equal(seen, wanted):
    if seen != wanted:
        raise AssertionError("wanted %r, saw %r" % (wanted, seen))


@contextlib.contextmanager
def raises(kind):
    """The block must end with an error of exactly this kind."""
    try:
        yield
    except Exception as error:
        if type(error) is not kind:
            raise AssertionError("wanted %s, saw %r" % (kind.__name__, error)) from error
    else:
        raise AssertionError("wanted %s, saw success" % kind.__name__)


class Events:
    """A watcher that keeps what it is told."""

    def __init__(self):
        self.seen, self.more = [], threading.Condition()

    def __call__(self, event):
        with self.more:
            self.seen.append((event.type, event.path))
            self.more.notify_all()

    def wait(self, count=1, timeout=10):
        """The first `count` events; fails if they do not come."""
        with self.more:
            if not self.more.wait_for(lambda: len(self.seen) >= count, timeout):
                raise AssertionError("saw only %r" % self.seen)
            return self.seen[:count]


class Visit:
    """The surroundings of one check."""

    def __init__(self, hosts, root):
        self.hosts, self.root = hosts, root
        host, port = hosts.split(",")[0].rsplit(":", 1)
        self.host, self.port = host, int(port)
        self.clients, self.sessions = [], []

    def __enter__(self):
        self.client = self.connect()
        self.client.create(self.root)
        return self

    def connect(self, timeout=10.0, **options):
        """A started kazoo client."""
        client = KazooClient(hosts=self.hosts, timeout=timeout, **options)
        self.clients.append(client)
        client.start(timeout=20)
        return client

    def wire(self, timeout_ms=10_000, **options):
        """A session spoken by hand, with the first server."""
        session = wire.Session(self.port, timeout_ms, host=self.host, **options)
        self.sessions.append(session)
        return session

    def path(self, name):
        return self.root + "/" + name

    def __exit__(self, *_):
        for session in self.sessions:
            session.vanish()
        for client in self.clients:
            with contextlib.suppress(ConnectionLoss):
                client.stop()
            client.close()
