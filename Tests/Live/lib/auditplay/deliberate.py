"""Where our lines are meant to differ from Apache's 3.9.3; docs/compatibility.md says why."""

CLIENT = "%s session=%s\tuser=127.0.0.1\tip=127.0.0.1\t"


def done(who, text):
    return CLIENT % ("INFO", who) + text.replace(" ", "\t") + "\tresult=success"


def refused(who, text):
    return CLIENT % ("ERROR", who) + text.replace(" ", "\t") + "\tresult=failure"


# Label of a step: (Apache's lines, ours).
DIFFERENCES = {
    # 3.10 has lines for createTTL, too.
    "createTTL": ([], [done("joe", "operation=create znode=/ttls/x znode_type=persistent_with_ttl")]),
    "createTTL with a number": ([], [done("joe", "operation=create znode=/ttls/n-0000000001 znode_type=persistent_sequential_with_ttl")]),
    "createTTL of one that exists": ([], [refused("joe", "operation=create znode=/ttls/n-0000000001 znode_type=persistent_with_ttl")]),
    "createTTL with no kind of node": ([], [refused("joe", "operation=create znode=/ttls/y znode_type=persistent")]),
    # Apache looks the kind up by the name that was asked for.
    "createTTL in a multi": ([done("joe", "operation=create znode=/ttls/m")], [done("joe", "operation=create znode=/ttls/m znode_type=persistent_with_ttl")]),
    "a sequence in a multi": (
        [done("joe", "operation=create znode=/ttls/s-0000000003"), done("joe", "operation=create znode=/ttls/s- znode_type=persistent")],
        [done("joe", "operation=create znode=/ttls/s-0000000003 znode_type=persistent_sequential"), done("joe", "operation=create znode=/ttls/s- znode_type=persistent")]),
    # Of a request that cannot be read Apache has what its reader left behind, or fails to make the line.
    "create with flags of no kind": ([], [refused("odd", "operation=create znode=/odd")]),
    "create of nothing": ([refused("odd", "operation=create znode_type=persistent")], [refused("odd", "operation=create")]),
    "create with half a body": ([refused("odd", "operation=create znode=/odd znode_type=persistent")], [refused("odd", "operation=create znode=/odd")]),
    "createContainer of nothing": ([refused("odd", "operation=create znode_type=persistent")], [refused("odd", "operation=create")]),
    "setACL of half a body": ([], [refused("odd", "operation=setAcl znode=/odd")]),
    "setACL of a null list": ([], [refused("odd", "operation=setAcl znode=/odd")]),
    "a multi that fails with a bad kind behind": ([], [refused("odd", "operation=multiOperation")]),
    "setACL of null itself": ([refused("odd", "operation=setAcl znode=/odd acl=null:null:cdrwa")], [refused("odd", "operation=setAcl znode=/odd acl=::cdrwa")]),
    # Ours does not do it for a client.
    "deleteContainer of a container": ([done("odd", "operation=delete znode=/odd-container")], [refused("odd", "operation=delete znode=/odd-container")]),
    "deleteContainer of none": ([], [refused("odd", "operation=delete znode=/none")]),
    "deleteContainer of nothing": ([], [refused("odd", "operation=delete")]),
}


def expected(label, apache, ours):
    """Whether both did what they are known to do."""
    if label == "the next start":
        # Apache tells again of every session's end that it replays from its log.
        apache = [line for line in apache if "ephemeralZNodeDeletion" not in line]
    return (apache, ours) == DIFFERENCES[label] if label in DIFFERENCES else apache == ours
