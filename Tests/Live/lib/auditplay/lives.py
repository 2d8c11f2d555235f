"""Nodes that go by themselves, and who somebody is."""
import time

import asking
from asking import create, multi, numbered, set_acl, set_data
from authplay import logins


def goes(side, path, seconds=20):
    """Waits until a node is gone."""
    end = time.monotonic() + seconds
    while asking.ask(side.marker, "exists", asking.watched(path))[0] == 0:
        if time.monotonic() > end:
            raise AssertionError("%s: %s does not go" % (side.kind, path))
        time.sleep(0.02)


def ends(side):
    """Ephemeral nodes go with their session, whichever way that ends."""
    for label, end in (("closed", lambda one: asking.ask(one, "closeSession")), ("expired", lambda one: one.vanish())):
        one = side.person(label, timeout_ms=2000)
        for name in ("b", "a", "c"):
            one.create("/ends-%s-%s" % (label, name), flags=1)
        other = side.person("another")
        other.create("/ends-%s-other" % label, flags=1)

        def whole():
            end(one)
            goes(side, "/ends-%s-a" % label)
        side.step("a session that is " + label, whole)
        other.vanish()


def reaped(side):
    """Containers and nodes with a time to live go by themselves, and leave no line."""
    joe = side.person("joe")
    side.ask("create a container", joe, "createContainer", create("/reaped", flags=4))
    side.ask("create in it", joe, "create", create("/reaped/child"))
    side.ask("delete in it", joe, "delete", numbered("/reaped/child"))
    side.step("a container goes", lambda: goes(side, "/reaped"))
    joe.vanish()


def times_to_live(side):
    """Apache 3.9 says nothing of these when they are created singly; 3.10 does, as ours."""
    joe = side.person("joe")
    side.step("a place for them", lambda: joe.create("/ttls"))
    side.ask("createTTL", joe, "createTTL", create("/ttls/x", flags=5, ttl=50))
    side.ask("createTTL with a number", joe, "createTTL", create("/ttls/n-", flags=6, ttl=100_000))
    side.ask("createTTL of one that exists", joe, "createTTL", create("/ttls/n-0000000001", flags=5, ttl=50))
    side.ask("createTTL with no kind of node", joe, "createTTL", create("/ttls/y", flags=0, ttl=50))
    side.ask("createTTL in a multi", joe, "multi", multi(("createTTL", create("/ttls/m", flags=5, ttl=100_000))))
    side.ask("a sequence in a multi", joe, "multi", multi(("create", create("/ttls/s-", flags=2)), ("create", create("/ttls/s-"))))
    side.step("a node with a time to live goes", lambda: goes(side, "/ttls/x"))
    joe.vanish()


def oddities(side):
    """Requests that Apache's own code stumbles over when it makes the line."""
    for label, operation, body in (
            ("create with flags of no kind", "create", create("/odd", flags=9)), ("create of nothing", "create", b"\0"),
            ("create with half a body", "create", asking.text("/odd")), ("createContainer of nothing", "createContainer", b""),
            ("setData of nothing", "setData", b""), ("setData of half a body", "setData", asking.text("/odd")),
            ("setACL of half a body", "setACL", asking.text("/odd")), ("setACL of a null list", "setACL", set_acl("/odd", None)),
            ("setACL of null itself", "setACL", set_acl("/odd", [(31, None, None)])),
            ("delete of half a body", "delete", asking.text("/odd")), ("delete of nothing", "delete", b""),
            ("a multi with flags of no kind", "multi", multi(("create", create("/odd", flags=9)))),
            ("a multi of an unknown operation", "multi", multi((99, b""))),
            ("a multi that fails with a bad kind behind", "multi", multi(("delete", numbered("/none")), ("createTTL", create("/odd", flags=9, ttl=5)))),
            ("deleteContainer of a container", "deleteContainer", asking.text("/odd-container")), ("deleteContainer of none", "deleteContainer", asking.text("/none")),
            ("deleteContainer of nothing", "deleteContainer", b""), ("reconfig without a body", "reconfig", b"")):
        one = side.person("odd")
        side.ask(label, one, operation, body)
        one.vanish()


def identities(side):
    """The field `user`: what the connection has proved, in the order in which Apache keeps it."""
    def log_in(label, *proofs):
        one = side.person("someone")
        for scheme, data in proofs:
            one.login(scheme, data)
        side.ask(label, one, "create", create("/who-" + label.replace(" ", "-")))
        return one
    log_in("nobody")
    log_in("a digest", ("digest", b"joe:secret"))
    log_in("two digests", ("digest", b"joe:secret"), ("digest", b"ann:secret"))
    log_in("many digests", *(("digest", b"u%d:p" % number) for number in range(20)))
    log_in("the same digest twice", ("digest", b"joe:secret"), ("digest", b"joe:secret"))
    log_in("two passwords of a name", ("digest", b"joe:secret"), ("digest", b"joe:other"))
    log_in("the superuser", ("digest", b"super:admin"))
    log_in("a name of nothing", ("digest", b":x"))
    log_in("a name of blanks", ("digest", b"  :x"))
    log_in("a name with a comma", ("digest", b"joe,ann:x"))
    log_in("a name with an equals sign", ("digest", b"a=b:x"))
    log_in("a name in UTF-8", ("digest", "josé:x".encode()))
    log_in("no colon", ("digest", b"justme"))
    log_in("a wrong scheme", ("magic", b"x"))
    log_in("another address", ("ip", b"10.1.2.3"))
    one = log_in("later", ("digest", b"joe:secret"))
    one.login("digest", b"ann:secret")
    side.ask("somebody who proves more", one, "create", create("/who-more"))
    side.ask("a multi by two", one, "multi", multi(("create", create("/who-multi")), ("setData", set_data("/who-multi"))))
    side.ask("a refusal by two", one, "multi", multi(("delete", numbered("/none"))))
    side.ask("a list of whoever it is", one, "setACL", set_acl("/who-more", [(31, "auth", "")]))
    one.create("/who-short", flags=1)
    side.step("the end of a session of two", lambda: asking.ask(one, "closeSession"))
    other = side.person("a stranger")
    side.ask("a stranger is refused", other, "setData", set_data("/who-more"))


def sasl_names(side):
    one = side.person("bob")
    logins.sasl(one)
    side.ask("by SASL", one, "create", create("/sasl"))
    one.login("digest", b"joe:secret")
    side.ask("by SASL and a digest", one, "create", create("/sasl-digest"))
    one.vanish()
    one = side.person("super")
    logins.sasl(one, **logins.SASL_ANSWERS["super"])
    side.ask("the superuser by SASL", one, "create", create("/sasl-super"))
    one.vanish()


def quotas(side):
    """What a hard quota refuses."""
    joe = side.person("joe")
    joe.create("/quota")
    joe.create("/zookeeper/quota/quota")
    joe.create("/zookeeper/quota/quota/zookeeper_limits", b"count=-1,bytes=-1;byteHardLimit=5;countHardLimit=2")
    joe.create("/zookeeper/quota/quota/zookeeper_stats", b"count=1,bytes=0")
    side.ask("within the quota", joe, "create", create("/quota/a", b"1"))
    side.ask("too many nodes", joe, "create", create("/quota/b", b"1"))
    side.ask("too many bytes", joe, "setData", set_data("/quota/a", b"123456"))
    joe.vanish()
