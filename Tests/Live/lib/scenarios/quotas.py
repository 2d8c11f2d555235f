"""Quotas: what their nodes say and what hard limits refuse; both servers enforce them."""
from asking import create, multi, numbered, set_data, text, watched
from scenarios import scenario

NAMES = {"limits": "/zookeeper_limits", "statistics": "/zookeeper_stats"}


def node(path, name):
    return "/zookeeper/quota" + path + NAMES.get(name, "")


def set_quota(play, path, limits):
    """Makes the nodes in the order in which zkCli does."""
    for end in range(1, path.count("/") + 1):
        play.do("create", create(node("/".join(path.split("/")[:end + 1]), ""), None))
    play.do("create", create(node(path, "limits"), limits))
    play.do("create", create(node(path, "statistics"), b"count=0,bytes=0"))


def clear(play, path):
    for name in ("limits", "statistics", ""):
        play.do("delete", numbered(node(path, name)))


@scenario
def statistics(play):
    def shown(what):
        play.ask("statistics: " + what, "getData", watched(node(play.root, "statistics")))
    play.do("create", create(play.path("/before"), b"12345"))
    set_quota(play, play.root, b"count=-1,bytes=-1")
    shown("at first")
    play.do("create", create(play.path("/a"), b"123"))
    shown("a node more")
    play.do("setData", set_data(play.path("/a"), b"12"))
    shown("less data")
    play.do("setData", set_data(play.path("/a"), None))
    shown("null data")
    play.do("delete", numbered(play.path("/before")))
    shown("a node less")
    play.do("create", create(play.path("/e"), b"e", flags=1))
    play.do("create", create(play.path("/s"), b"s", flags=2))
    play.do("multi", multi(("create", create(play.path("/m"), b"m")), ("create", create(play.path("/m/n"), b"mn")), ("delete", numbered(play.path("/a")))))
    shown("a multi")
    play.do("multi", multi(("create", create(play.path("/o"), b"m")), ("delete", numbered(play.path("/none")))))
    shown("a multi that fails")
    play.do("create", create(play.root + "2", b"another"))
    shown("a longer name beside it")
    other = play.open()
    play.do("create", create(play.path("/of-other"), b"123", flags=1), other)
    shown("another session's")
    play.do("closeSession", session=other)
    shown("which has ended")
    play.ask("a watch on them", "getData", watched(node(play.root, "statistics"), 1))
    play.do("create", create(play.path("/b")))
    play.ask("is still there", "checkWatches", numbered(node(play.root, "statistics"), 2))
    play.ask("they are listed", "getChildren2", watched(node(play.root, "")))
    clear(play, play.root)


LIMITS = {"nodes": b"count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=4", "nodes, short": b"countHardLimit=4",
          "nodes, soft too": b"count=1,bytes=-1=;countHardLimit=4", "only soft": b"count=1,bytes=1",
          "bytes": b"count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=-1", "both": b"count=-1,bytes=-1=;byteHardLimit=8;countHardLimit=4",
          "none": b"", "null": None}


@scenario
def limits(play):
    for number, (what, content) in enumerate(LIMITS.items()):
        root = play.path("/%d" % number)
        play.do("create", create(root, b"12"))
        if content is not None:
            set_quota(play, root, content)
        for name in ("/a", "/a/b", "/c", "/d"):
            play.ask("%s: create %s" % (what, name), "create2", create(root + name, b"12"))
        play.ask(what + ": create a container", "createContainer", create(root + "/k", b"12", flags=4))
        play.ask(what + ": create with a time to live", "createTTL", create(root + "/t", b"1", flags=5, ttl=100_000_000))
        play.ask(what + ": create a sequential", "create", create(root + "/s", b"1", flags=2))
        play.ask(what + ": more data", "setData", set_data(root, b"123456789012"))
        play.ask(what + ": more data, wrong version", "setData", set_data(root, b"123456789012", 77))
        play.ask(what + ": less data", "setData", set_data(root, b""))
        play.ask(what + ": data of the same length", "setData", set_data(root, b""))
        play.ask(what + ": in a multi", "multi", multi(("check", numbered(root)), ("create", create(root + "/m", b"1")), ("create", create("/no/n"))))
        play.ask(what + ": more data in a multi", "multi", multi(("setData", set_data(root, b"12345678901234567890"))))
        play.do("delete", numbered(root + "/a/b"))
        play.ask(what + ": with room again", "create", create(root + "/f"))
        play.ask(what + ": statistics", "getData", watched(node(root, "statistics")))
        play.ask(what + ": limits are there", "getData", watched(node(root, "limits")))
        play.do("setData", set_data(node(root, "limits"), b"count=-1,bytes=-1=;byteHardLimit=1000000;countHardLimit=1000"))
        play.ask(what + ": with other limits", "create", create(root + "/o", b"1234567890"))
        play.do("setData", set_data(node(root, "limits"), b"countHardLimit=0"))
        play.ask(what + ": with no room at all", "create", create(root + "/p"))
        play.do("delete", numbered(node(root, "limits")))
        play.ask(what + ": without a quota", "create", create(root + "/p"))
        clear(play, root)


@scenario
def order_of_checks(play):
    root = play.path("/q")
    play.do("create", create(root, b"12"))
    play.do("create", create(root + "/e", flags=1))
    play.do("create", create(root + "/closed", entries=[(1, "world", "anyone")]))
    set_quota(play, root, b"countHardLimit=0,byteHardLimit=0")
    for what, path in {"child of ephemeral": "/e/x", "exists": "/e", "right": "/closed/x", "parent": "/no/x", "characters": "/\x01", "quota": "/x"}.items():
        play.ask("create: " + what, "create", create(root + path))
    play.ask("bad list before quota", "create", create(root + "/x", entries=[]))
    for what, path in {"missing": "/no", "right": "/closed", "quota": ""}.items():
        play.ask("setData: " + what, "setData", set_data(root + path, b"1234", 99))
    play.do("setData", set_data(node(root, "limits"), b"count=many"))
    play.ask("limits that are no numbers", "create", create(root + "/x"))
    play.ask("quota of a path that is not there", "create", create(play.path("/r")))
    clear(play, root)
