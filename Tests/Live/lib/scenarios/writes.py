"""Writes one by one: every error, in the order of the checks; bodies that are cut short or hold nulls."""
from asking import OPEN, create, integer, long, numbered, set_acl, set_data, text
from scenarios import scenario

BAD_PATHS = {
    "empty": "", "null": None, "no slash": "a", "slash behind": "/a/", "two slashes": "//a", "two slashes inside": "/a//b",
    "dot": "/.", "dots": "/..", "dot inside": "/a/./b", "dots inside": "/a/../b", "three dots": "/...", "nul": "/a\0b",
    "control 1": "/a\x01", "control 1f": "/a\x1f", "space": "/ ", "delete": "/\x7f", "c1": "/\u0080", "c1 end": "/\u009f",
    "nbsp": "/\u00a0", "private": "/\ue000", "private end": "/\uf8ff", "behind private": "/\uf900", "special": "/\ufff0",
    "before special": "/\uffef", "emoji": "/\U0001f600", "bad utf8": b"/\xff", "overlong": b"/\xc0\x80", "half": b"/\xe2\x82",
    "surrogate": b"/\xed\xa0\x80", "root": "/", "accent": "/\u00e9", "under missing": "/missing/a", "missing twice": "/m/n/o"}


@scenario
def bad_paths(play):
    for name, path in BAD_PATHS.items():
        for operation in ("create", "create2"):
            for flags in (0, 1, 2):
                made = play.ask("%s %d %s" % (operation, flags, name), operation, create(path, flags=flags))
                if made[0] == 0:
                    play.do("delete", numbered(made[2][0]))
        play.ask("create2 behind a node " + name, "create2", create(play.root + (path if isinstance(path, str) else "") + "/x", flags=0))
        play.ask("delete " + name, "delete", numbered(path, 7))
        play.ask("setData " + name, "setData", set_data(path, b"", 7))
        play.ask("setACL " + name, "setACL", set_acl(path, OPEN, 7))


@scenario
def flags(play):
    for operation in ("create", "create2", "createContainer"):
        for flag in (-1, 0, 1, 2, 3, 4, 5, 6, 7, 99, -2147483648, 2147483647):
            what = "%s %d" % (operation, flag)
            path = play.path("/%s%d" % (operation, flag))
            play.ask(what, operation, create(path, flags=flag))
            play.ask(what + " is there", "exists", text(path) + b"\0")
            play.ask(what + " has a child", "create", create(path + "/x"))
            play.ask(what + " sequential is there", "getChildren", text(play.root) + b"\0")
    for flag in (-1, 0, 1, 2, 3, 4, 5, 6, 7):
        for ttl in (1, 0, 1 << 40, (1 << 40) - 1, 5_000_000, -2, -1 << 63):
            # A createTTL with flags of another kind and a negative time ends Apache's server.
            if flag in (5, 6) or ttl >= 0 or flag in (-1, 7):
                play.ask("createTTL %d %d" % (flag, ttl), "createTTL", create(play.path("/t%d-%d" % (flag, ttl % 97)), flags=flag, ttl=ttl))


@scenario
def order_of_checks(play):
    bad_acl = [(31, "nobody", "knows")]
    missing, node = play.path("/missing/x"), play.path("/node")
    play.do("create", create(node, b"12345"))
    play.do("create", create(play.path("/closed"), entries=[(1, "world", "anyone")]))
    play.do("create", create(play.path("/e"), flags=1))
    closed = play.path("/closed")
    for what, path, entries, flag in (
            ("acl before parent", missing, bad_acl, 0), ("flags before acl", missing, bad_acl, 9),
            ("acl before characters", play.path("/\x01"), bad_acl, 0), ("parent before characters", play.path("/missing/\x01"), OPEN, 0),
            ("right before characters", closed + "/\x01", OPEN, 0), ("right before existence", closed + "/x", OPEN, 0),
            ("nul before acl", "/a\0", bad_acl, 0), ("exists before ephemeral", play.path("/e/x"), OPEN, 0),
            ("null acl", play.path("/n"), None, 0), ("empty acl", play.path("/n"), [], 0), ("null acl and parent", missing, None, 0),
            ("exists", node, OPEN, 0), ("exists, closed acl", node, bad_acl, 0)):
        play.ask("create: " + what, "create", create(path, entries=entries, flags=flag))
    play.do("create", create(play.path("/node/child")))
    for what, path, version in (("version before children", node, 7), ("children", node, -1), ("version -2", node, -2), ("missing", play.path("/no"), 3),
                                ("right", closed, 0), ("of root", "/", -1), ("of /zookeeper", "/zookeeper", -1),
                                ("of quota", "/zookeeper/quota", 5), ("of config", "/zookeeper/config", -1), ("slash behind", node + "/", -1)):
        play.ask("delete: " + what, "delete", numbered(path, version))
    for what, path, version in (("right before version", closed, 9), ("version", node, 9), ("version -2", node, -2), ("any", node, -1),
                                ("missing", play.path("/no"), 9), ("config", "/zookeeper/config", -1), ("root", "/", -1),
                                ("smallest version", node, -2147483648)):
        play.ask("setData: " + what, "setData", set_data(path, b"new", version))
        play.ask("setACL: " + what, "setACL", set_acl(path, OPEN, version))
        play.ask("setACL, bad list: " + what, "setACL", set_acl(path, bad_acl, version))
        play.ask("setACL, null list: " + what, "setACL", set_acl(path, None, version))
        play.ask("after " + what, "exists", text(path) + b"\0")


@scenario
def access_lists(play):
    for what, entries in {
            "twice": OPEN + OPEN, "two": [(1, "world", "anyone"), (2, "world", "anyone")], "no right": [(0, "world", "anyone")],
            "all bits": [(-1, "world", "anyone")], "world, somebody": [(31, "world", "joe")], "ip": [(31, "ip", "127.0.0.1")],
            "ip bits": [(31, "ip", "127.0.0.0/8")], "bad ip": [(31, "ip", "x")], "auth": [(31, "auth", "")],
            "digest": [(31, "digest", "joe:x")], "digest without colon": [(31, "digest", "joe")], "null scheme": [(31, None, "x")],
            "null id": [(31, "world", None)], "empty scheme": [(31, "", "")], "super": [(31, "super", "x")]}.items():
        path = play.path("/" + what.replace(" ", "-"))
        made = play.ask("create: " + what, "create", create(path, entries=entries))
        if made[0] == 0:
            play.ask("getACL: " + what, "getACL", text(path))
            play.ask("setACL: " + what, "setACL", set_acl(path, entries))


@scenario
def cut_short(play):
    """Every write cut at every byte: it must cost nothing but its answer."""
    node = play.path("/node")
    play.do("create", create(node))
    bodies = {"create": create(node + "/x", b"data"), "createTTL": create(node + "/x", b"data", flags=5, ttl=5), "delete": numbered(node),
              "setData": set_data(node, b"data"), "setACL": set_acl(node, OPEN), "createContainer": create(node + "/x", flags=4)}
    for operation, body in bodies.items():
        for end in range(0, len(body), 1 if operation in ("create", "delete") else 3):
            play.ask("%s cut to %d" % (operation, end), operation, body[:end])
    play.ask("nothing happened", "getChildren2", text(node) + b"\0")
    for operation, body in bodies.items():
        play.ask("%s with more behind" % operation, operation, body + b"more")


@scenario
def odd_lengths(play):
    """Lengths and counts that are negative or more than there is."""
    node = play.path("/node")
    path = text(play.path("/x"))
    for length in (-2, -2147483648, 2147483647, 0x100000, 100):
        play.ask("create, path of %d" % length, "create", integer(length) + b"/x" + integer(0))
        play.ask("create, data of %d" % length, "create", path + integer(length) + b"/x" + integer(0))
        play.ask("create, %d entries" % length, "create", path + integer(0) + integer(length) + integer(0))
        play.ask("setData, data of %d" % length, "setData", text(node) + integer(length) + integer(-1))
        play.ask("exists, path of %d" % length, "exists", integer(length) + b"\0")
        play.ask("setWatches, %d paths" % length, "setWatches", long(0) + integer(length) + integer(0) + integer(0))
        play.ask("delete, path of %d" % length, "delete", integer(length) + integer(-1))


@scenario
def nulls_and_sizes(play):
    for what, data in (("null", None), ("empty", b""), ("one", b"x")):
        path = play.path("/" + what)
        play.ask("create with %s data" % what, "create2", create(path, data))
        play.ask("%s data" % what, "getData", text(path) + b"\0")
        play.ask("set back to null from " + what, "setData", set_data(path, None))
        play.ask("%s data set to null" % what, "getData", text(path) + b"\0")
