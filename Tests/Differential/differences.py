"""Where ours answers otherwise than Apache ZooKeeper 3.9.3 on purpose; docs/compatibility.md has the same list.

Each is played in every run, so that the list stays true of both servers.
"""
from dataclasses import dataclass

from side import NO_PASSWORD

OPEN = [[31, "world", "anyone"]]
START = ["open", 0, 30_000, False, None]


@dataclass(frozen=True)
class Deliberate:
    """A difference: its name, why it is meant, what shows it, and the error (or 'hung up') that ends each side's answer.

    `operations` are empty where Apache cannot be asked, because it ends or answers by chance.
    """
    name: str
    reason: str
    operations: tuple = ()
    apache: object = None
    ours: object = None


def last_error(side, operations):
    """Plays operations on one server, one after another; the error of the last answer, or 'hung up'."""
    word = ("hung up",)
    for operation in operations:
        if operation[0] == "open":
            side.connect(operation[1], 1, operation[2], 0, 0, NO_PASSWORD, operation[3])
        elif side.alive(operation[1]):
            side.send(operation[1], [operation])
            word = side.receive(operation[1])[-1]
    return word[3] if len(word) > 3 else word[0]


DELIBERATE = [
    Deliberate("a watch on a null path", "cannot be decoded; Apache says yes, and nobody can set it off",
               (START, ["addwatch", 0, None, 0]), 0, -5),
    Deliberate("an ACL entry with a null scheme or id", "is InvalidACL like any other wrong one; Apache ends in an exception",
               (START, ["setacl", 0, "/d", [[31, "world", None]], -1]), -5, -114),
    Deliberate("writes in flight and the items of a multi under a quota", "count together; Apache holds each against what is applied, "
               "so that together they get past a limit"),
    Deliberate("a quota below another, and statistics without numbers", "are told of in docs/compatibility.md under Quotas"),
    Deliberate("a creation with a null path and odd flags", "cannot be decoded; Apache looks at the flags first"),
    Deliberate("a container by create", "is a container as in a multi; Apache makes it an ordinary node outside of one"),
    Deliberate("a child of a container made with an ephemeral's flags, in the same multi", "is taken: the node is a container; "
               "Apache takes it for an ephemeral until it is applied",
               (START, ["multi", 0, [["container", "/d/c", "", OPEN, 1], ["create", "/d/c/x", "", OPEN, 0]]], ["exists", 0, "/d/c/x", 0]), -101, 0),
    Deliberate("a deleteContainer from a client", "opcode 20 is the reaper's; Apache lets any client delete with it, past the ACL",
               (START, ["container", 0, "/d/c", "", OPEN, 4], ["raw", 0, 20, "000000042f642f63"]), 0, -6),
    Deliberate("a createSession from a client", "opcode -10 is the server's own; Apache answers MarshallingError and spends a zxid",
               (START, ["raw", 0, -10, ""]), -5, -6),
    Deliberate("IPv6 in an ip ACL", "Apache takes it from 3.10 on",
               (START, ["create", 0, "/d/v6", "", [[31, "ip", "::1"], [31, "world", "anyone"]], 0]), -114, 0),
    Deliberate("a request that cannot be decoded costs no zxid", "nothing is put in the log for bytes that are no request; "
               "Apache logs an error transaction for those of writes"),
    Deliberate("a write right behind a setACL of the same node", "is checked against the new list; Apache checks it against the old one "
               "until the setACL is applied, which is a matter of chance"),
    Deliberate("a createTTL with another type's flags and a time out of range", "is refused with BadArguments; Apache ends with it"),
    Deliberate("the empty path", "is `/`, as in Apache's reads, for watches and getAllChildrenNumber, too; "
               "Apache keeps watches on it that nothing but setWatches fires, and counts the root itself"),
    Deliberate("characters beyond U+FFFF in replies", "are UTF-8; Apache writes each half of the pair by itself, which is not"),
]
