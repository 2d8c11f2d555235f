#!/usr/bin/env python3
"""Asks Apache ZooKeeper 3.9.3 and ours every question of every node, for every right, scheme and identity.

    acl_matrix.py --verbose        names the cases, too

A node stands under a parent; each grants nothing, one of the five rights, or all, by an entry of some scheme.
Who is named there, or is not, or is super, asks each opcode of it, alone and inside multis, and watches what
super does to it. Answers must have the same error and the same content, and the same events must come.
Needs a JDK and the jars that Tools/get-apache fetches.
"""
import collections
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "lib"), str(HERE.parent / "Differential")]
import live  # noqa: E402

import access  # noqa: E402
import requests  # noqa: E402
import tree  # noqa: E402
from pair import Pair, apache_and_ours  # noqa: E402
from side import NO_PASSWORD  # noqa: E402

# Ids of these schemes are known, and nobody here has proved one.
PROVIDERS = {"authProvider.1": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
             "authProvider.x509": "org.apache.zookeeper.server.auth.X509AuthenticationProvider"}
AT_ONCE = 32


def essence(word):
    """An answer without zxids, clocks and versions, which a difference further up would shift."""
    if word[0] == "event":
        return word[:4]
    if word[0] in ("multi", "multiread"):
        return (*word[:2], word[3], *(item[:2] for item in word[4:]))
    return (*word[:2], *(part for part in word[3:] if not (isinstance(part, tuple) and part[:1] == ("stat",))))


class Matrix:
    """Both servers, with the same connections to each."""

    def __init__(self, pair, report):
        self.sides, self.report = pair.sides, report
        self.errors = collections.Counter()
        tree.prepare(self.sides)
        for number, (who, identities) in enumerate(access.IDENTITIES.items()):
            self.connect(who, number + 1, identities)
        self.connect("maker", 99, access.IDENTITIES["ann"])

    def connect(self, who, number, identities):
        for side in self.sides:
            side.connect(who, number, 600_000, 0, 0, NO_PASSWORD, False)
        for identity in identities:
            self.ask("maker", [["auth", who, *identity]])

    def ask(self, title, operations):
        """Sends the operations of one connection, compares what each server says, and returns whether all was the same."""
        same = True
        for start in range(0, len(operations), AT_ONCE):
            part = operations[start:start + AT_ONCE]
            who = part[0][1]
            for side in self.sides:
                side.send(who, part)
            said = [answers(side.receive(who)) for side in self.sides]
            for operation, first, second in zip(part, *said):
                self.errors[first[1][2] if len(first[1]) > 2 else "end"] += 1
                same &= self.report.check(
                    "%s: %s" % (title, operation[0]), first == second, "%r\n  Apache %r\n  ours   %r" % (operation, first, second))
            if len(said[0]) != len(said[1]):
                self.report.fail("%s: as many answers" % title, "%d and %d" % (len(said[0]), len(said[1])))
        return same

    def scheme(self, number, scheme, name, who):
        """All nodes of one scheme, and everything that one connection asks of them."""
        title, top = "%s:%s asked by %s" % (scheme, name, who), "/d/s%d" % number
        self.ask(title, [["create", "maker", top, "", access.OPEN, 0]])
        places = access.nodes(top, scheme, name)
        for _, operations in places:
            for group in apart(operations):
                self.ask(title + ", made", group)
        for place, _ in places:
            if place:
                own = int(place.rpartition("/n")[2]) if "/n" in place else 31
                for group in apart(access.requests_for(place, who, [[own, scheme, name]])):
                    self.ask(title, group)

    def deliveries(self, number, scheme, name, who):
        """Events reach only who may read the node at that moment."""
        title, top = "%s:%s watched by %s" % (scheme, name, who), "/d/w%d" % number
        self.ask(title, [["create", "maker", top, "", access.OPEN, 0]])
        for bits in access.PERMISSIONS:
            path, entry = "%s/n%d" % (top, bits), [[bits, scheme, name]]
            self.ask(title, [["create", "maker", path, "data", entry, 0]])
            watches, changes = access.deliveries(path, entry)
            self.ask(title, [[kind, who, *arguments] for kind, *arguments in watches])
            for change in changes:
                self.ask(title, [change])
                self.ask(title, [["ping", who]])


def apart(operations):
    """The operations in groups that may be sent at once."""
    groups = [[]]
    for operation in operations:
        groups[-1].append(operation)
        if operation[0] in requests.LAST:
            groups.append([])
    return [group for group in groups if group]


def answers(words):
    """One item for each answer, with the events that came before it."""
    found, events = [], []
    for word in words:
        if word[0] == "event":
            events.append(essence(word))
        else:
            found.append((events, essence(word)))
            events = []
    return found


def main():
    arguments = live.parser(__doc__, rounds=1).parse_args()
    live.need_apache()
    report = live.Report(arguments.verbose)
    words = live.server_words(arguments)
    with live.scene(arguments, report) as (directory, stack):
        matrix = Matrix(Pair(apache_and_ours(directory, words, PROVIDERS | live.settings(arguments)), stack), report)
        for number, (scheme, name, who) in enumerate(access.ASKING):
            matrix.scheme(number, scheme, name, who)
            matrix.deliveries(number, scheme, name, who)
        print("%d cases; Apache answered %s" % (sum(matrix.errors.values()), ", ".join(
            "%s %d times" % pair for pair in matrix.errors.most_common())))
    report.finish()


if __name__ == "__main__":
    main()
