"""Checks of what strangers find, may claim, are told and can make the server take; by subject."""
import peers

# super:test, as its digest.
SUPER = {"DigestAuthenticationProvider.superDigest": "super:D/InIHSb7yEEbrWz8b9l71RjZJU="}


class World:
    """Servers of the checks; each is named once."""

    def __init__(self, directory, stack, words, report, settings):
        self.directory, self.stack, self.words, self.report, self.given = directory, stack, words, report, settings

    def check(self, name, holds, seen=""):
        return self.report.check(name, holds, seen)

    def made(self, name, **settings):
        """A server that is not started."""
        server = peers.Server(self.directory / name, self.words, settings=settings | self.given)
        self.stack.callback(server.kill)
        return server

    def start(self, name, **settings):
        return self.made(name, **settings).start()
