"""The matrix of rights: which node stands where with which list, who asks, and what is asked of it."""

PERMISSIONS = [0, 1, 2, 4, 8, 16, 31]
ANN = "ann:grDcJ7OS1jCu/cG2TyJHw/I9L8o="
OPEN = [[31, "world", "anyone"]]

# What a list's entry grants to, and who asks: (scheme, id, asking connection).
ASKING = [
    ("world", "anyone", "plain"), ("world", "anyone", "ann"),
    ("auth", "", "ann"), ("auth", "", "plain"), ("auth", "", "super"),
    ("digest", ANN, "ann"), ("digest", ANN, "wrong"), ("digest", ANN, "plain"), ("digest", ANN, "both"), ("digest", ANN, "super"),
    ("ip", "127.0.0.1", "plain"), ("ip", "127.0.0.0/8", "plain"), ("ip", "0.0.0.0/0", "plain"), ("ip", "127.0.0.2", "plain"),
    ("ip", "10.0.0.0/8", "ann"), ("ip", "10.0.0.1", "super"),
    ("sasl", "joe", "plain"), ("sasl", "joe", "super"), ("x509", "CN=joe", "plain"), ("x509", "CN=joe", "super"),
]
# The identities of each connection: (scheme, token).
IDENTITIES = {
    "plain": [], "ann": [("digest", "ann:one")], "wrong": [("digest", "ann:two")],
    "both": [("digest", "bob:two"), ("digest", "ann:one")], "super": [("digest", "super:test")],
}


def nodes(top, scheme, name):
    """[(path, operations of the connection `ann` that make it)]: each right on the parent by each on the node, or no node."""
    found = []
    for parent in PERMISSIONS:
        above = "%s/p%d" % (top, parent)
        found.append((None, [["create", "maker", above, "", OPEN, 0]]))
        for own in PERMISSIONS:
            path = "%s/n%d" % (above, own)
            found.append((path, [["create", "maker", path, "data", [[own, scheme, name]], 0],
                                 ["create", "maker", path + "/child", "", OPEN, 0] if own == 31 else ["sync", "maker", path]]))
        found.append(("%s/absent" % above, []))
        # Only now may the parent's rights be taken away from whom they are not for.
        found.append((None, [["setacl", "maker", above, [[parent, scheme, name]], -1]]))
    return found


def requests_for(path, who, entry):
    """Everything that can be asked of a path, changes last; `entry` is the list that the node has."""
    fresh = path.rpartition("/")[0] + "/made"
    single = [
        ["exists", path, 0], ["get", path, 0], ["children", path, 0], ["children2", path, 0], ["getacl", path], ["sync", path],
        ["descendants", path], ["ephemerals", path], ["checkwatches", path, 3], ["addwatch", path, 0], ["addwatch", path, 1],
        ["checkwatches", path, 4], ["removewatches", path, 3], ["whoami"],
        ["set", path, "x", 77], ["set", path, "y", -1], ["setacl", path, entry, 77], ["setacl", path, entry, -1],
        ["delete", path, 77], ["create", path, "", OPEN, 0], ["create", path + "/under", "", OPEN, 0], ["create", fresh, "", OPEN, 2],
        ["create2", fresh, "", OPEN, 3], ["container", fresh + "c", "", OPEN, 4], ["ttl", fresh + "t", "", OPEN, 6, 3_600_000],
        ["create", fresh + "e", "", OPEN, 1], ["create", fresh, "", entry, 2], ["reconfig", "", "", None, -1],
    ]
    together = [
        [["check", path, -1]], [["check", path, 77]], [["set", path, "m", -1]], [["set", path, "m", 77]], [["delete", path, 77]],
        [["create", fresh + "m", "", OPEN, 2]], [["create2", fresh + "m", "", OPEN, 0], ["delete", fresh + "m", -1]],
        [["container", fresh + "mc", "", OPEN, 4], ["check", path, -1]], [["ttl", fresh + "mt", "", OPEN, 5, 3_600_000], ["set", path, "q", -1]],
        [["create", path + "/in", "", OPEN, 0], ["check", "/", -1], ["delete", path + "/in", -1]], [["create", path, "", entry, 0]],
    ]
    found = [[name, who, *arguments] for name, *arguments in single]
    found += [["multiread", who, [["get", path, 0], ["children", path, 0]]], ["multiread", who, [["children", path, 0]]]]
    found += [["multi", who, operations] for operations in together]
    last = [["delete", who, path + "/under", -1], ["delete", who, path, -1], ["multi", who, [["delete", path, -1]]]]
    return found + last


def deliveries(path, entry):
    """Watches on a node and its parent, what super then does there, and a ping that brings the events."""
    above = path.rpartition("/")[0]
    watches = [["get", path, 1], ["children", path, 1], ["children", above, 1], ["exists", path + "/late", 1],
               ["addwatch", path, 0], ["addwatch", above, 1]]
    changes = [["create", "super", path, "", entry, 0], ["set", "super", path, "seen", -1], ["create", "super", path + "/late", "", entry, 0],
               ["setacl", "super", path, OPEN, -1], ["set", "super", path, "open", -1], ["setacl", "super", path, entry, -1],
               ["delete", "super", path + "/late", -1], ["delete", "super", path + "/child", -1], ["delete", "super", path, -1]]
    return watches, changes
