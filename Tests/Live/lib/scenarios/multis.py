"""multi and multiRead: what may stand in them, what they answer, what is left of one that failed."""
from asking import END, OPEN, create, integer, multi, numbered, set_acl, set_data, text, watched
from scenarios import scenario

import struct


@scenario
def whole(play):
    node = play.path("/a")
    play.ask("empty", "multi", multi())
    play.ask("empty read", "multiRead", multi())
    play.ask("one of each", "multi", multi(
        ("create", create(node, b"1")), ("create2", create(node + "/b", b"2")), ("setData", set_data(node, b"three", 0)),
        ("check", numbered(node, 1)), ("createContainer", create(node + "/c", flags=4)), ("delete", numbered(node + "/b", 0)),
        ("createTTL", create(node + "/t", flags=5, ttl=10_000_000)), ("create", create(node + "/s-", flags=2)), ("check", numbered(node))))
    play.ask("what is there", "getChildren2", watched(node))
    play.ask("a node that comes and goes", "multi", multi(("create", create(node + "/x")), ("delete", numbered(node + "/x")),
                                                         ("create", create(node + "/x", flags=1)), ("setData", set_data(node + "/x", b"2", 0))))
    play.ask("it is there", "getData", watched(node + "/x"))


@scenario
def failing(play):
    node = play.path("/a")
    play.do("create", create(node))
    good = ("create", create(node + "/good"))
    bad = {"exists": ("create", create(node)), "missing": ("delete", numbered(node + "/no")), "version": ("check", numbered(node, 5)),
           "parent": ("create2", create(node + "/no/x")), "version of data": ("setData", set_data(node, b"", 4)),
           "path": ("create", create("bad")), "check of a bad path": ("check", numbered("/a//b")), "special": ("delete", numbered("/zookeeper")),
           "acl": ("create", create(node + "/x", entries=[])), "child of ephemeral": ("create", create(node + "/good/x"))}
    for name, item in bad.items():
        first = ("create", create(node + "/good", flags=1)) if name == "child of ephemeral" else good
        play.ask("only " + name, "multi", multi(item))
        play.ask("behind: " + name, "multi", multi(first, item))
        play.ask("between: " + name, "multi", multi(first, item, ("delete", numbered(node)), ("check", numbered(node))))
        play.ask("twice: " + name, "multi", multi(item, item))
        play.ask("nothing is left of " + name, "getChildren2", watched(node))
    play.ask("the number goes back", "create", create(node + "/s", flags=2))


@scenario
def forbidden(play):
    node = play.path("/a")
    play.do("create", create(node))
    items = {"setACL": set_acl(node, OPEN), "exists": watched(node), "getACL": text(node), "getChildren2": watched(node), "sync": text(node),
             "ping": b"", "closeSession": b"", "multi": multi(), "deleteContainer": text(node), "reconfig": b"", "error": integer(0),
             "getData": watched(node), "getChildren": watched(node), "notification": b"", "createSession": integer(5000)}
    good = ("create", create(node + "/good"))
    for name, body in items.items():
        play.ask("%s alone" % name, "multi", multi((name, body)))
        play.ask("%s behind a write" % name, "multi", multi(good, (name, body)))
        play.ask("%s before a write" % name, "multi", multi((name, body), good))
        if name not in ("getData", "getChildren"):
            play.ask("read: %s" % name, "multiRead", multi((name, body)))
    for name in ("create", "delete", "setData", "check"):
        body = {"create": create(node + "/y"), "delete": numbered(node), "setData": set_data(node), "check": numbered(node)}[name]
        play.ask("multiRead of %s" % name, "multiRead", multi((name, body)))
        play.ask("multiRead of getData, %s" % name, "multiRead", multi(("getData", watched(node)), (name, body)))
    play.ask("nothing happened", "getChildren2", watched(node))


@scenario
def flags(play):
    for operation in ("create", "create2", "createContainer", "createTTL"):
        for flag in (-1, 0, 1, 2, 3, 4, 5, 6, 7):
            for ttl in (5_000_000, 0) if operation == "createTTL" else (None,):
                what = "%s %d %s" % (operation, flag, ttl)
                path = play.path("/%s%d-%s" % (operation, flag, ttl))
                play.ask(what, "multi", multi((operation, create(path, flags=flag, ttl=ttl))))
                play.ask(what + " failing", "multi", multi((operation, create(path + "f", flags=flag, ttl=ttl)), ("check", numbered("/no"))))
                play.ask(what + ": there", "exists", watched(path))


@scenario
def reads(play):
    node = play.path("/a")
    play.do("create", create(node, b"data"))
    play.do("create", create(node + "/b", None))
    play.do("create", create(node + "/closed", entries=[(30, "world", "anyone")]))
    data, children = ("getData", watched(node)), ("getChildren", watched(node))
    play.ask("data", "multiRead", multi(data, data))
    play.ask("null data", "multiRead", multi(("getData", watched(node + "/b"))))
    play.ask("children", "multiRead", multi(children, children))
    play.ask("both kinds", "multiRead", multi(data, children, data))
    play.ask("some missing", "multiRead", multi(data, ("getData", watched(node + "/no")), ("getChildren", watched(node + "/closed")), data))
    play.ask("with watches", "multiRead", multi(("getData", watched(node, 1)), ("getChildren", watched(node, 1))))
    play.ask("which are not set", "checkWatches", numbered(node, 3))
    play.ask("null path", "multiRead", multi(("getData", watched(None)), data))


@scenario
def headers(play):
    node = play.path("/a")
    item = create(node)
    for what, body in {
            "no end": multi(("create", item), end=b""), "half an end": multi(("create", item), end=END[:5]), "more behind": multi(("create", item)) + b"more",
            "end with a type": multi(end=struct.pack(">ibi", 1, 1, 0)), "end of 2": multi(end=struct.pack(">ibi", -1, 2, -1)),
            "header with an error": struct.pack(">ibi", 1, 0, 5) + create(node + "2") + END, "item cut": multi(("create", item[:-2])),
            "null path": multi(("create", create(None))), "null acl": multi(("create", create(node + "3", entries=None))),
            "null path to delete": multi(("delete", numbered(None))), "null data": multi(("create", create(node + "4", None))),
            "null path to check": multi(("check", numbered(None))), "null path to set": multi(("setData", set_data(None)))}.items():
        play.ask(what, "multi", body)
    play.ask("what came of it", "getChildren", watched(play.root))
