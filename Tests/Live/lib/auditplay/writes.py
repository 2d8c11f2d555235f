"""Single writes, good and refused, and multis."""
import asking
from asking import OPEN, create, multi, numbered, set_acl, set_data, text


def good(side):
    """Every kind of write that is done."""
    joe = side.person("joe")
    for name, flags in (("persistent", 0), ("ephemeral", 1), ("sequence-", 2), ("ephemeral-sequence-", 3), ("container", 4)):
        side.ask("create " + name, joe, "create", create("/" + name, flags=flags))
        side.ask("create2 " + name, joe, "create2", create("/2-" + name, flags=flags))
    side.ask("createContainer", joe, "createContainer", create("/made-container", flags=4))
    side.ask("createContainer by flags of another", joe, "createContainer", create("/odd-container", flags=0))
    side.ask("createContainer with a number", joe, "createContainer", create("/odd-container-", flags=2))
    side.ask("setData", joe, "setData", set_data("/persistent", b"x"))
    side.ask("setData of a version", joe, "setData", set_data("/persistent", b"x", 1))
    side.ask("setACL", joe, "setACL", set_acl("/persistent", OPEN))
    side.ask("setACL of several", joe, "setACL", set_acl("/persistent", [(31, "world", "anyone"), (1, "ip", "10.0.0.0/8"), (6, "digest", "a:b")]))
    for bits in range(32):
        side.ask("setACL of rights %d" % bits, joe, "setACL", set_acl("/2-persistent", [(bits, "world", "anyone"), (16, "world", "anyone")]))
    side.ask("delete", joe, "delete", numbered("/persistent"))
    side.ask("delete of a container", joe, "delete", numbered("/container"))
    side.ask("names beyond ASCII", joe, "create", create("/Grüße-日本-\U0001f600"))
    side.ask("a name with blanks", joe, "create", create("/a b=c, d"))
    side.step("the end of a session with nodes", lambda: asking.ask(joe, "closeSession"))


def refused(side):
    """Every kind of write that is refused, by every error it may be refused with."""
    joe = side.person("joe")
    joe.create("/refused")
    joe.create("/refused/child")
    joe.create("/short", flags=1)
    asking.ask(joe, "create", create("/closed", entries=[(31, "digest", "nobody:x")]))
    for operation in ("create", "create2", "createContainer"):
        for label, body in (("of a node that exists", create("/refused")), ("without a parent", create("/none/x")), ("below an ephemeral node", create("/short/x")),
                            ("below a closed node", create("/closed/x")), ("of no path", create("nothing")), ("of the empty path", create("")),
                            ("of the root", create("/")), ("of a path that ends in a slash", create("/x/")), ("of an ephemeral one that exists", create("/refused", flags=1)),
                            ("of a sequence without a parent", create("/none/x-", flags=2)), ("with an empty list", create("/y", entries=[])),
                            ("with a list of nobody", create("/y", entries=[(31, "auth", "")])), ("with a null list", create("/y", entries=None)),
                            ("of a container that exists", create("/refused", flags=4))):
            side.ask("%s %s" % (operation, label), joe, operation, body)
    for label, body in (("of none", numbered("/none")), ("of one with children", numbered("/refused")), ("of another version", numbered("/refused/child", 7)),
                        ("below a closed node", numbered("/closed/x")), ("of the root", numbered("/")), ("of the empty path", numbered("")), ("of /zookeeper", numbered("/zookeeper"))):
        side.ask("delete " + label, joe, "delete", body)
    for label, body in (("of none", set_data("/none")), ("of another version", set_data("/refused", version=7)), ("of a closed node", set_data("/closed")),
                        ("of no path", set_data("nothing")), ("of the empty path", set_data(""))):
        side.ask("setData " + label, joe, "setData", body)
    for label, body in (("of none", set_acl("/none", OPEN)), ("of another version", set_acl("/refused", OPEN, 7)), ("of a closed node", set_acl("/closed", OPEN)),
                        ("of no path", set_acl("nothing", OPEN)), ("of an empty list", set_acl("/refused", [])), ("of nobody", set_acl("/refused", [(31, "auth", "")])),
                        ("of an unknown scheme", set_acl("/refused", [(31, "magic", "x")])), ("with null names", set_acl("/refused", [(31, "", "")]))):
        side.ask("setACL " + label, joe, "setACL", body)
    joe.vanish()


def unaudited(side):
    """What leaves no line."""
    joe = side.person("joe")
    side.ask("what is read", joe, "create", create("/read"))
    for operation, body in (("exists", asking.watched("/read")), ("getData", asking.watched("/read", 1)), ("getChildren", asking.watched("/read")),
                            ("getChildren2", asking.watched("/read")), ("getACL", text("/read")), ("sync", text("/read")), ("getEphemerals", text("/")),
                            ("getAllChildrenNumber", text("/")), ("whoAmI", b""), ("addWatch", numbered("/read", 0)), ("checkWatches", numbered("/read", 1)),
                            ("removeWatches", numbered("/none", 1)), ("multiRead", multi(("getData", asking.watched("/read")))), ("ping", b""),
                            ("check", numbered("/read"))):
        side.ask("no line of " + operation, joe, operation, body)
    side.ask("no line of a session's end without nodes", side.person("short"), "closeSession")


def multis(side):
    joe = side.person("joe")
    good_items = [("create", create("/m")), ("create2", create("/m/e", flags=1)), ("createContainer", create("/m/c", flags=4)),
                  ("setData", set_data("/m", b"1")), ("check", numbered("/m", 1)), ("delete", numbered("/m/c"))]
    side.ask("a multi", joe, "multi", multi(*good_items))
    side.ask("a multi that fails at its first", joe, "multi", multi(("create", create("/m")), ("setData", set_data("/m"))))
    side.ask("a multi that fails at its last", joe, "multi", multi(("create", create("/n")), ("delete", numbered("/none"))))
    side.ask("a multi that fails by a check", joe, "multi", multi(("check", numbered("/m", 77)), ("delete", numbered("/m/e"))))
    side.ask("a multi of checks", joe, "multi", multi(("check", numbered("/m"))))
    side.ask("a multi of nothing", joe, "multi", multi())
    side.ask("a multi that cannot be read", joe, "multi", multi(("create", b"\0")))
    joe = side.person("joe")
    side.ask("a multi without an end", joe, "multi", multi(("delete", numbered("/m/e")), end=b""))
    joe = side.person("joe")
    side.ask("a multi of reads", joe, "multi", multi(("getData", asking.watched("/m"))))
    joe = side.person("joe")
    side.ask("a multi of one path three times", joe, "multi", multi(
        ("create", create("/m/t")), ("delete", numbered("/m/t")), ("create", create("/m/t"))))
    joe.vanish()


def reconfigurations(side):
    joe = side.person("joe")
    for label, body in (("joining", asking.reconfig("server.2=x:1:2:participant;3")), ("leaving", asking.reconfig(None, "1")), ("of nothing", asking.reconfig())):
        side.ask("reconfig " + label, joe, "reconfig", body)
    joe.vanish()
