"""What one server does about a sequence of requests, to be compared with what another one does.

A scenario is a function that takes a `Play`. Everything it asks is noted under a name that no other question has.
"""
import time

import asking
import wire

ALL = []


def scenario(function):
    ALL.append(function)
    return function


class Play:
    """One server's part in a scenario, below a node of its own."""

    def __init__(self, port, root):
        self.port = port
        self.root = root
        self.seen = {}
        self.sessions = []
        self.session = self.open()
        self.number = 0
        wire.Session.request(self.session, asking.CODES["create"], asking.create(root))

    def open(self, **arguments):
        """Another session; it ends with the scenario."""
        session = wire.Session(self.port, **arguments)
        session.socket.settimeout(5)
        self.sessions.append(session)
        return session

    def path(self, name):
        return self.root + name

    def ask(self, what, name, body=b"", session=None):
        """Asks and notes. After the server has hung up the next question opens a session."""
        answer = asking.ask(session or self.session, name, body)
        if session is None and not self.is_open(answer):
            self.session = self.open()
        self.note(what, answer)
        return answer

    def is_open(self, answer):
        if answer == ("closed",):
            return False
        if answer[0] in (0, "no answer"):
            return True
        try:
            self.session.ping()
            return True
        except (wire.Ended, OSError):
            return False

    def do(self, name, body=b"", session=None):
        """Asks without noting; for what only prepares."""
        return asking.ask(session or self.session, name, body)

    def note(self, what, answer):
        if what in self.seen:
            raise KeyError("two questions are called %r" % what)
        self.seen[what] = answer

    def until(self, holds, seconds=10):
        """Whether it came to hold in time."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def finish(self):
        for session in self.sessions:
            session.socket.close()
