"""Reads, watches by number, and what is neither."""
from asking import OPEN, create, integer, long, numbered, reconfig, set_data, text, watched
from scenarios import scenario
from scenarios.writes import BAD_PATHS

BY_PATH = ("exists", "getData", "getChildren", "getChildren2", "getACL", "getAllChildrenNumber", "sync", "getEphemerals")


def body(operation, path, watch=0):
    return watched(path, watch) if operation in ("exists", "getData", "getChildren", "getChildren2") else text(path)


@scenario
def odd_paths(play):
    for name, path in BAD_PATHS.items():
        for operation in BY_PATH:
            # What is below the root depends on what scenarios before this one made.
            if (name, operation) not in (("root", "getAllChildrenNumber"), ("empty", "getAllChildrenNumber")):
                if name not in ("root", "empty") or operation not in ("getChildren", "getChildren2", "exists", "getData", "getACL"):
                    play.ask("%s %s" % (operation, name), operation, body(operation, path))


@scenario
def cut_short(play):
    node = play.path("/node")
    play.do("create", create(node))
    for operation in BY_PATH:
        whole = body(operation, node)
        for end in range(0, len(whole), 3):
            play.ask("%s cut to %d" % (operation, end), operation, whole[:end])
        play.ask(operation + " with more behind", operation, whole + b"more")
        play.ask(operation + " with a watch of 2", operation, body(operation, node, 2))
    for operation in ("checkWatches", "removeWatches", "addWatch", "setWatches", "setWatches2", "reconfig", "multiRead", "multi", "deleteContainer"):
        play.ask(operation + " without a body", operation)
        play.ask(operation + " with a short body", operation, b"\0\0")
    for operation in ("ping", "whoAmI"):
        play.ask(operation + " with a body", operation, b"body")


@scenario
def rights(play):
    for bits in range(32):
        path = play.path("/%d" % bits)
        play.do("create", create(path, b"data", [(bits, "world", "anyone")]))
        for operation in BY_PATH:
            play.ask("%s with %d" % (operation, bits), operation, body(operation, path))
        play.ask("setData with %d" % bits, "setData", set_data(path))
        play.ask("create with %d" % bits, "create", create(path + "/x"))
        play.ask("delete with %d" % bits, "delete", numbered(path + "/x"))


@scenario
def unknown(play):
    for code in (-2147483648, -12, -9, -2, -1, 0, 10, 13, 23, 24, 50, 99, 108, 109, 200, 1000, 2147483647):
        play.ask("operation %d" % code, code, numbered(play.root, -1))


@scenario
def reserved(play):
    for path in ("/zookeeper", "/zookeeper/config", "/zookeeper/quota"):
        for operation in ("exists", "getData", "getChildren2", "getACL", "getAllChildrenNumber"):
            play.ask("%s %s" % (operation, path), operation, body(operation, path))
    play.ask("setData /zookeeper/config", "setData", set_data("/zookeeper/config", b"x"))
    play.ask("create below config", "create", create("/zookeeper/config/x"))
    play.ask("create below /zookeeper", "create2", create("/zookeeper/mine", b"data"))
    play.ask("it is there", "getData", watched("/zookeeper/mine"))
    play.ask("and goes", "delete", numbered("/zookeeper/mine"))
    play.ask("setData /zookeeper/quota", "setData", set_data("/zookeeper/quota", b""))
    play.ask("reconfig", "reconfig", reconfig(members="server.1=127.0.0.1:1:2;3"))
    play.ask("reconfig with nothing", "reconfig", reconfig())


@scenario
def descendants(play):
    def count(what, path):
        play.ask("%s: below %s" % (what, path), "getAllChildrenNumber", text(play.path(path)))
    names = ["/a", "/a/b", "/a/b/c", "/a/b/c/d", "/a/e", "/ab", "/a/b/f"]
    for name in names:
        play.do("create", create(play.path(name)))
    for name in [""] + names + ["/missing"]:
        count("made", name)
    play.do("delete", numbered(play.path("/a/b/c/d")))
    for name in ["", "/a", "/a/b", "/a/b/c"]:
        count("one less", name)
    play.do("create", create(play.path("/a/hidden"), entries=[(30, "world", "anyone")]))
    count("unreadable", "/a/hidden")


@scenario
def ephemerals(play):
    for name in ("/a", "/ab", "/b", "/plain"):
        play.do("create", create(play.path(name), flags=0 if name == "/plain" else 1))
    for prefix in ("", " ", "  \t", "/", " / ", None, play.root, play.path("/a"), play.path("/ab"), play.path("/a "), "x", play.path("/plain"), "//"):
        play.ask("below %r" % prefix, "getEphemerals", text(prefix))
    other = play.open()
    play.ask("of another session", "getEphemerals", text(""), session=other)


@scenario
def watches_by_number(play):
    node = play.path("/node")
    play.do("create", create(node))
    for mode in (-1, 0, 1, 2, 3):
        play.ask("addWatch %d" % mode, "addWatch", numbered(play.path("/w%d" % mode), mode))
    for kind in (-1, 0, 1, 2, 3, 4, 5, 6):
        play.ask("checkWatches %d, none" % kind, "checkWatches", numbered(node, kind))
        play.ask("removeWatches %d, none" % kind, "removeWatches", numbered(node, kind))
        play.do("getData", watched(node, 1))
        play.do("getChildren", watched(node, 1))
        play.do("addWatch", numbered(node, 0))
        play.do("addWatch", numbered(node, 1))
        play.ask("checkWatches %d" % kind, "checkWatches", numbered(node, kind))
        play.ask("removeWatches %d" % kind, "removeWatches", numbered(node, kind))
        for other in (1, 2, 3, 4, 5):
            play.ask("checkWatches %d after %d" % (other, kind), "checkWatches", numbered(node, other))
        play.do("removeWatches", numbered(node, 3))
    play.ask("no watch on the missing", "checkWatches", numbered(play.path("/missing"), 3))


@scenario
def a_session_more(play):
    """createSession is the server's own; whoever sends it as a request gets what only a server should."""
    play.ask("null lists in setWatches", "setWatches", long(0) + integer(-1) * 3)
    play.ask("whoAmI", "whoAmI")
    play.ask("closeSession", "closeSession")
