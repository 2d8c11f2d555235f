"""What access lists may say, and what they grant."""
import itertools
import struct

import wire
from authplay import ANYONE, EVERYTHING, create_body, entry_list
from authplay.logins import sasl
from wire import buffer, text

READ, WRITE, CREATE, DELETE, ADMIN = 1, 2, 4, 8, 16
JOE = "joe:oesAybBun9icKJjQSTRN8OBueSc="

IDS = [
    ("world", "anyone"), ("world", ""), ("world", "x"), ("auth", ""), ("super", ""), ("nonsense", "x"), ("", ""), ("ensemble", "birds"), ("key", "x"),
    *(("digest", name) for name in ("a:b", ":b", "a:", "a", "", "a:b:c", "a:b:", ":", "::b")),
    *(("sasl", name) for name in ("bob", "a@b", "a@b@c", "a/b@c", "a/b", "", "a/b/c", "a/b/c@d", "super", "@")),
    *(("x509", name) for name in ("", "CN=a", "CN=a,O=b", "abc", "CN=a,", "CN=\"a,b\"", "FOO=a", "1.2.3=a", "CN=a+OU=b", "CN=#0402")),
    *(("ip", name) for name in ("1.2.3.4", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4/0", "1.2.3.4/32", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "a.b.c.d",
                                "", "/8", "01.2.3.4", "+1.2.3.4", "1.2.3.4/+8", "1.2.3.4/8/8", " 1.2.3.4", "1.2.3.4 ", "127.0.0.1/24")),
]


def ids(play):
    """Which ids a list may name."""
    nobody, joe = play.person(), play.joe()
    for number, (scheme, name) in enumerate(IDS):
        for label, person in (("nobody", nobody), ("joe", joe)):
            path = "/ids-%d-%s" % (number, label)
            play.note("id %s:%s by %s" % (scheme, name, label), person.ask(1, create_body(path, (EVERYTHING, scheme, name))))
    for label, entries in (("empty", []), ("one valid, one not", [(1, *ANYONE), (1, "nonsense", "")]), ("no permission", [(0, *ANYONE)]),
                           ("more than all", [(255, *ANYONE)]), ("twice", [(1, *ANYONE), (1, *ANYONE), (2, *ANYONE)])):
        path = "/lists-" + label.replace(" ", "-").replace(",", "")
        body = text(path) + buffer(b"") + entry_list(*entries) + struct.pack(">i", 0)
        error = joe.ask(1, body)
        play.note("list: " + label, (error, joe.request(6, text(path))[2][:-68] if error == 0 else ""))
    null = text("/null") + buffer(b"") + struct.pack(">ii", -1, 0)
    play.note("list: null", joe.ask(1, null))


def multi(*operations):
    """The body of a multi of (type, body)."""
    return b"".join(struct.pack(">ibi", kind, 0, -1) + body for kind, body in operations) + struct.pack(">ibi", -1, 1, -1)


def requests(path):
    """Every request that asks for a permission: its name, its type and body. `path` has a child `c`."""
    version = struct.pack(">i", -1)
    direct = {
        "exists": (3, text(path) + b"\0"), "getData": (4, text(path) + b"\0"), "getChildren": (8, text(path) + b"\0"),
        "getChildren2": (12, text(path) + b"\0"), "getACL": (6, text(path)), "getAllChildrenNumber": (104, text(path)),
        "setData": (5, text(path) + buffer(b"new") + version), "create": (1, create_body(path + "/new")),
        "create2": (15, create_body(path + "/new2")), "createContainer": (19, create_body(path + "/cont", flags=4)),
        "createTTL": (21, create_body(path + "/ttl", flags=5) + struct.pack(">q", 100_000)),
        "sync": (9, text(path)), "delete": (2, text(path + "/c") + version),
        "setACL": (7, text(path) + entry_list((EVERYTHING, *ANYONE)) + version),
    }
    within = {name: direct[name] for name in ("setData", "create", "create2", "createContainer", "createTTL", "delete")}
    within["check"] = (13, text(path) + version)
    for name, request in direct.items():
        yield name, *request
    for name, request in within.items():
        yield name + " in a multi", 14, multi(request)
    for name in ("getData", "getChildren"):
        yield name + " in a multiRead", 22, multi(direct[name])


# Each asks for another permission; acl_matrix.py has all of them.
TYPICAL = ("exists", "setData", "create", "delete", "setACL", "getACL", "check in a multi")


def matrix(play):
    """Requests with each permission for each kind of identity, SASL users among them: granted or not."""
    maker = play.person()
    maker.login("digest", b"super:test")
    bob = play.person()
    sasl(bob)
    joe = play.joe()
    people = {"nobody": play.person(), "joe": joe, "bob": bob}
    grants = [("world", "anyone"), ("digest", JOE), ("digest", "joe:other"), ("sasl", "bob"), ("sasl", "everybody"), ("ip", "127.0.0.0/8"), ("ip", "10.0.0.0/8"), ("x509", "CN=a")]
    number = 0
    for (scheme, name), permission, (who, person) in itertools.product(grants, (0, READ, WRITE, CREATE, DELETE, ADMIN), people.items()):
        for name_of_request in TYPICAL:
            if scheme in ("ip", "x509") and who != "nobody" or permission == 0 and scheme != "world":
                continue
            number += 1
            path = "/matrix-%d" % number
            granted = create_body(path, (permission, scheme, name), (EVERYTHING, "digest", "nobody:x"))
            assert maker.ask(14, multi((1, granted), (1, create_body(path + "/c")))) == 0
            label, kind, body = next(one for one in requests(path) if one[0] == name_of_request)
            error, _, answer = person.request(kind, body)
            shown = answer[:16] if kind in (14, 22) else answer[:-68] if kind == 6 else b""
            play.note("%s with %d for %s:%s as %s" % (label, permission, scheme, name, who), (error, shown))


def oracles(play):
    """What is told about nodes that are not to be read, and about missing ones."""
    maker, nobody = play.joe(), play.person()
    maker.ask(1, create_body("/hidden", (EVERYTHING, "auth", "")))
    maker.ask(1, create_body("/hidden/c", (EVERYTHING, "auth", "")))
    for path in ("/hidden", "/hidden/c", "/hidden/none", "/none"):
        for label, kind, body in requests(path):
            error, _, answer = nobody.request(kind, body)
            play.note("oracle %s: %s" % (path, label), (error, answer[:16] if kind in (14, 22) else b""))


def watches(play):
    """Events reach only those who may read the node."""
    maker, nobody = play.joe(), play.person()
    mine, everybody, readers = (EVERYTHING, "auth", ""), (EVERYTHING, *ANYONE), (READ, *ANYONE)
    maker.ask(1, create_body("/w"))
    for mode in (0, 1):
        nobody.ask(106, text("/w") + struct.pack(">i", mode))
    nobody.ask(106, text("/w/secret") + struct.pack(">i", 0))
    nobody.ask(3, text("/w/secret") + b"\1")
    version = struct.pack(">i", -1)

    def act(label, kind, body):
        play.note("watch: " + label, (maker.ask(kind, body), nobody.events()))

    act("create what is not to be read", 1, create_body("/w/secret", mine))
    act("set it", 5, text("/w/secret") + buffer(b"x") + version)
    act("create below it", 1, create_body("/w/secret/c", everybody))
    act("set below it", 5, text("/w/secret/c") + buffer(b"x") + version)
    act("delete below it", 2, text("/w/secret/c") + version)
    act("delete it", 2, text("/w/secret") + version)
    act("create what is to be read", 1, create_body("/w/open", mine, readers))
    nobody.ask(4, text("/w/open") + b"\1")
    act("take the right away", 7, text("/w/open") + entry_list(mine) + version)
    act("set what it may no longer read", 5, text("/w/open") + buffer(b"x") + version)
    act("give the right back", 7, text("/w/open") + entry_list(mine, readers) + version)
    act("set again", 5, text("/w/open") + buffer(b"x") + version)
    nobody.ask(8, text("/w") + b"\1")
    act("close the parent", 7, text("/w") + entry_list(mine) + version)
    act("create below the closed parent", 1, create_body("/w/third", everybody))
    act("delete below the closed parent", 2, text("/w/third") + version)
    act("open the parent", 7, text("/w") + entry_list(mine, everybody) + version)
    act("a multi of both", 14, multi((1, create_body("/w/m1", mine)), (1, create_body("/w/m2", everybody)), (2, text("/w/m1") + version)))


def catching_up(play):
    """setWatches tells at once what a client missed, whoever it is: of the rights only later events ask."""
    maker, nobody = play.joe(), play.person()
    for path in ("/late", "/late/c"):
        maker.ask(1, create_body(path, (EVERYTHING, "auth", ""), (CREATE, *ANYONE)))
    names = ["/late", "/late/c", "/late/none"]
    paths = struct.pack(">i", len(names)) + b"".join(text(name) for name in names)
    for label, seen in (("behind", 0), ("up to date", 1 << 60)):
        for place, kind in enumerate(("data", "exists", "children")):
            lists = b"".join(paths if other == place else struct.pack(">i", 0) for other in range(3))
            nobody.send(struct.pack(">iiq", -8, 101, seen) + lists)
            play.note("setWatches: %s, %s" % (label, kind), nobody.events(answered=-8))
    play.note("setWatches: later", (maker.ask(5, text("/late") + buffer(b"x") + struct.pack(">i", -1)), nobody.events()))


PLAYS = [ids, matrix, oracles, watches, catching_up]
