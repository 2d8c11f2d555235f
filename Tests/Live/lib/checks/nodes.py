"""Nodes: creation in every mode, data, versions, children, stat."""
import struct
import time

from kazoo.exceptions import (
    BadVersionError, ConnectionLoss, NoChildrenForEphemeralsError, NodeExistsError, NoNodeError, NotEmptyError)

import wire
from checks import Skipped, check, equal, expect, raises

UNIMPLEMENTED, BAD_ARGUMENTS, NO_NODE = -6, -8, -101
CREATE_CONTAINER, CREATE_TTL, CREATE2, CHILD_COUNT = 19, 21, 15, 104


@check
def create_persistent(visit):
    """a created node holds its data, and outlives its session"""
    other = visit.connect()
    equal(other.create(visit.path("a"), b"data"), visit.path("a"))
    other.stop()
    equal(visit.client.get(visit.path("a"))[0], b"data")


@check
def create_twice(visit):
    """a name that is taken cannot be created"""
    visit.client.create(visit.path("a"), b"first")
    with raises(NodeExistsError):
        visit.client.create(visit.path("a"), b"second")
    equal(visit.client.get(visit.path("a"))[0], b"first")


@check
def create_without_parent(visit):
    """a node needs its parent"""
    with raises(NoNodeError):
        visit.client.create(visit.path("none/a"))


@check
def create_ephemeral(visit):
    """an ephemeral node shows its owner and goes with an orderly close"""
    other = visit.connect()
    other.create(visit.path("e"), ephemeral=True)
    equal(visit.client.exists(visit.path("e")).ephemeralOwner, other.client_id[0])
    other.stop()
    equal(visit.client.exists(visit.path("e")), None)


@check
def ephemeral_has_no_children(visit):
    """an ephemeral node cannot have children"""
    visit.client.create(visit.path("e"), ephemeral=True)
    with raises(NoChildrenForEphemeralsError):
        visit.client.create(visit.path("e/child"))


@check
def create_sequential(visit):
    """sequence numbers have ten digits, grow, and are not used again after a delete"""
    names = [visit.client.create(visit.path("s-"), sequence=True) for _ in range(3)]
    equal(names, [visit.path("s-%010d" % n) for n in range(3)])
    visit.client.delete(names[2])
    equal(visit.client.create(visit.path("s-"), sequence=True)[-10:], "0000000003")


@check
def sequence_counts_all_children(visit):
    """the number comes from the parent's count of created children, whatever their names"""
    visit.client.create(visit.path("plain"))
    equal(visit.client.create(visit.path("x"), sequence=True), visit.path("x0000000001"))


@check
def create_sequential_without_prefix(visit):
    """a sequential node's name may be the number alone"""
    name = visit.client.create(visit.root + "/", sequence=True)
    equal(name, visit.path("0000000000"))


@check
def create_ephemeral_sequential(visit):
    """a node can be ephemeral and sequential"""
    other = visit.connect()
    name = other.create(visit.path("es-"), ephemeral=True, sequence=True)
    equal(name, visit.path("es-0000000000"))
    equal(visit.client.exists(name).ephemeralOwner, other.client_id[0])
    other.stop()
    equal(visit.client.exists(name), None)


@check
def create2_answers_stat(visit):
    """create2 answers with the path and the stat of the new node"""
    path, stat = visit.client.create(visit.path("a"), b"12345", include_data=True)
    equal(path, visit.path("a"))
    equal((stat.version, stat.dataLength, stat.czxid), (0, 5, stat.mzxid))
    equal(stat, visit.client.exists(path))


def create_by_wire(session, operation, path, flags, extra=b""):
    body = wire.text(path) + wire.buffer(b"") + wire.WORLD_ALL + struct.pack(">i", flags) + extra
    error, _, answer = session.request(operation, body)
    if error == UNIMPLEMENTED:
        raise Skipped("the server has no extended node types switched on")
    equal(error, 0)
    length = struct.unpack(">i", answer[:4])[0]
    return answer[4:4 + length].decode()


@check
def create_container(visit):
    """a container holds children, and shows no owner"""
    equal(create_by_wire(visit.wire(), CREATE_CONTAINER, visit.path("c"), 4), visit.path("c"))
    visit.client.create(visit.path("c/child"))
    equal(visit.client.exists(visit.path("c")).ephemeralOwner, 0)


@check
def create_with_ttl(visit):
    """a node with a time to live is there, and shows no owner"""
    name = create_by_wire(visit.wire(), CREATE_TTL, visit.path("t"), 5, struct.pack(">q", 600_000))
    equal(visit.client.exists(name).ephemeralOwner, 0)


@check
def create_sequential_with_ttl(visit):
    """a node with a time to live can be sequential"""
    name = create_by_wire(visit.wire(), CREATE_TTL, visit.path("t-"), 6, struct.pack(">q", 600_000))
    equal(name, visit.path("t-0000000000"))


@check
def bad_create_flags(visit):
    """unknown create flags are bad arguments"""
    body = wire.text(visit.path("a")) + wire.buffer(b"") + wire.WORLD_ALL + struct.pack(">i", 99)
    equal(visit.wire().request(CREATE2, body)[0], BAD_ARGUMENTS)


@check
def bad_paths(visit):
    """paths that are not absolute, empty, or not canonical are bad arguments"""
    session = visit.wire()
    for path in ("relative", "", visit.root + "/..", visit.root + "/.", visit.root + "/\x01", visit.root + "/\x00"):
        body = wire.text(path) + wire.buffer(b"") + wire.WORLD_ALL + struct.pack(">i", 0)
        equal((path, session.request(wire.CREATE, body)[0]), (path, BAD_ARGUMENTS))
    for path in (visit.root + "//a", visit.root + "/a/", visit.root + "/../a"):
        body = wire.text(path) + wire.buffer(b"") + wire.WORLD_ALL + struct.pack(">i", 0)
        expect(session.request(wire.CREATE, body)[0] in (BAD_ARGUMENTS, NO_NODE), path)
    equal(visit.client.get_children(visit.root), [])


@check
def names_of_all_kinds(visit):
    """names may be long, hold spaces and letters of any alphabet"""
    for name in ("with space", "z\u00fcrich", "\u96ea", "...", "a.b", "x" * 500):
        visit.client.create(visit.path(name), name.encode())
        equal(visit.client.get(visit.path(name))[0], name.encode())
    equal(len(visit.client.get_children(visit.root)), 6)


@check
def delete_node(visit):
    """a deleted node is gone; deleting it again finds nothing"""
    visit.client.create(visit.path("a"))
    visit.client.delete(visit.path("a"))
    equal(visit.client.exists(visit.path("a")), None)
    with raises(NoNodeError):
        visit.client.delete(visit.path("a"))


@check
def delete_with_version(visit):
    """a delete with a version takes only that version"""
    visit.client.create(visit.path("a"))
    visit.client.set(visit.path("a"), b"1")
    with raises(BadVersionError):
        visit.client.delete(visit.path("a"), version=0)
    visit.client.delete(visit.path("a"), version=1)


@check
def delete_with_children(visit):
    """a node with children cannot be deleted"""
    visit.client.create(visit.path("a"))
    visit.client.create(visit.path("a/b"))
    with raises(NotEmptyError):
        visit.client.delete(visit.path("a"))


@check
def system_nodes_stay(visit):
    """the root and /zookeeper cannot be deleted"""
    session = visit.wire()
    for path in ("/", "/zookeeper", "/zookeeper/quota"):
        equal((path, session.request(wire.DELETE, wire.text(path) + struct.pack(">i", -1))[0]), (path, BAD_ARGUMENTS))
    expect("zookeeper" in visit.client.get_children("/"))


@check
def set_data(visit):
    """set replaces the data and raises the version by one"""
    visit.client.create(visit.path("a"), b"old")
    stat = visit.client.set(visit.path("a"), b"newer")
    equal((stat.version, stat.dataLength), (1, 5))
    data, seen = visit.client.get(visit.path("a"))
    equal((data, seen), (b"newer", stat))
    expect(seen.mzxid > seen.czxid and seen.mtime >= seen.ctime, seen)


@check
def set_with_version(visit):
    """of two sets with the same version one wins"""
    visit.client.create(visit.path("a"))
    visit.client.set(visit.path("a"), b"winner", version=0)
    with raises(BadVersionError):
        visit.client.set(visit.path("a"), b"loser", version=0)
    equal(visit.client.get(visit.path("a"))[0], b"winner")


@check
def set_missing(visit):
    """set and get of a missing node find nothing"""
    with raises(NoNodeError):
        visit.client.set(visit.path("a"), b"")
    with raises(NoNodeError):
        visit.client.get(visit.path("a"))
    with raises(NoNodeError):
        visit.client.get_children(visit.path("a"))


@check
def empty_data(visit):
    """data may be empty"""
    visit.client.create(visit.path("a"), b"")
    equal(visit.client.get(visit.path("a"))[0], b"")
    visit.client.set(visit.path("a"), b"x")
    visit.client.set(visit.path("a"), b"")
    data, stat = visit.client.get(visit.path("a"))
    equal((data, stat.dataLength, stat.version), (b"", 0, 2))


@check
def children(visit):
    """children are listed by name; the stat of the parent counts them"""
    for name in ("b", "a", "c"):
        visit.client.create(visit.path(name))
    visit.client.create(visit.path("a/deeper"))
    visit.client.delete(visit.path("c"))
    equal(sorted(visit.client.get_children(visit.root)), ["a", "b"])
    names, stat = visit.client.get_children(visit.root, include_data=True)
    equal((sorted(names), stat.numChildren, stat.cversion), (["a", "b"], 2, 4))


@check
def stat_of_parent(visit):
    """a new child moves the parent's cversion and pzxid, and nothing else of it"""
    before = visit.client.exists(visit.root)
    visit.client.create(visit.path("a"))
    created = visit.client.exists(visit.path("a")).czxid
    after = visit.client.exists(visit.root)
    equal(after, before._replace(cversion=before.cversion + 1, pzxid=created, numChildren=1))


@check
def times_are_now(visit):
    """ctime and mtime are milliseconds of the wall clock"""
    visit.client.create(visit.path("a"))
    stat = visit.client.exists(visit.path("a"))
    expect(abs(stat.ctime / 1000 - time.time()) < 60 and stat.ctime == stat.mtime, stat)


@check
def count_all_descendants(visit):
    """getAllChildrenNumber counts descendants of every depth"""
    visit.client.ensure_path(visit.path("a/b/c"))
    visit.client.create(visit.path("d"))
    error, _, body = visit.wire().request(CHILD_COUNT, wire.text(visit.root))
    equal((error, struct.unpack(">i", body)[0]), (0, 4))


@check
def large_data(visit):
    """data of nearly 1 MiB is taken and read back"""
    data = bytes(range(256)) * 4000
    visit.client.create(visit.path("a"), data)
    equal(visit.client.get(visit.path("a"))[0], data)


@check
def too_large_data(visit):
    """a request beyond the limit ends the connection, harms nobody, and changes nothing"""
    other = visit.connect()
    with raises(ConnectionLoss):
        other.create(visit.path("a"), bytes(1_100_000))
    equal(visit.client.exists(visit.path("a")), None)


@check
def many_children(visit):
    """two thousand children are listed"""
    pending = [visit.client.create_async(visit.path("n%04d" % n)) for n in range(2000)]
    for result in pending:
        result.get(timeout=30)
    equal(sorted(visit.client.get_children(visit.root)), ["n%04d" % n for n in range(2000)])
