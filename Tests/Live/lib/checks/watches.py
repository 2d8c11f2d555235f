"""Watches: once, in order, for the right change; persistent ones for every change."""
import struct

from kazoo.protocol.states import EventType

import wire
from checks import Events, check, equal, expect

CREATED, DELETED, CHANGED, CHILD = EventType.CREATED, EventType.DELETED, EventType.CHANGED, EventType.CHILD
SET_WATCHES, ADD_WATCH, REMOVE_WATCHES, SET_WATCHES2 = 101, 106, 18, 105
NO_WATCHER = -121


def read_event(frame):
    """(type, path) of a notification frame."""
    xid, _, error, kind, _, length = struct.unpack(">iqiiii", frame[:28])
    equal((xid, error), (-1, 0))
    return kind, frame[28:28 + length].decode()


@check
def data_watch(visit):
    """a data watch fires once, at the first change"""
    visit.client.create(visit.path("a"))
    events = Events()
    visit.client.get(visit.path("a"), watch=events)
    visit.client.set(visit.path("a"), b"1")
    visit.client.set(visit.path("a"), b"2")
    visit.client.get(visit.path("a"))
    equal(events.wait(), [(CHANGED, visit.path("a"))])
    equal(len(events.seen), 1)


@check
def exists_watch(visit):
    """a watch on a missing node fires when it is created"""
    events = Events()
    equal(visit.client.exists(visit.path("a"), watch=events), None)
    visit.client.create(visit.path("a"))
    equal(events.wait(), [(CREATED, visit.path("a"))])


@check
def delete_fires(visit):
    """a delete fires the node's data and child watches and the parent's child watch"""
    visit.client.create(visit.path("a"))
    data, child, parent = Events(), Events(), Events()
    visit.client.get(visit.path("a"), watch=data)
    visit.client.get_children(visit.path("a"), watch=child)
    visit.client.get_children(visit.root, watch=parent)
    visit.client.delete(visit.path("a"))
    equal(data.wait(), [(DELETED, visit.path("a"))])
    equal(child.wait(), [(DELETED, visit.path("a"))])
    equal(parent.wait(), [(CHILD, visit.root)])


@check
def child_watch(visit):
    """a child watch fires for a new child, not for a child's data"""
    visit.client.create(visit.path("a"))
    events = Events()
    visit.client.get_children(visit.root, watch=events)
    visit.client.set(visit.path("a"), b"x")
    visit.client.create(visit.path("a/deeper"))
    visit.client.get(visit.path("a"))
    equal(events.seen, [])
    visit.client.create(visit.path("b"))
    equal(events.wait(), [(CHILD, visit.root)])


@check
def setting_acls_is_no_event(visit):
    """a change of the ACL fires nothing"""
    visit.client.create(visit.path("a"))
    events = Events()
    visit.client.get(visit.path("a"), watch=events)
    visit.client.set_acls(visit.path("a"), visit.client.get_acls(visit.path("a"))[0])
    visit.client.get(visit.path("a"))
    equal(events.seen, [])


@check
def multi_fires_each(visit):
    """each change of a multi fires its watches; a multi that failed fires none"""
    visit.client.create(visit.path("a"))
    events = Events()
    visit.client.get(visit.path("a"), watch=events)
    request = visit.client.transaction()
    request.set_data(visit.path("a"), b"x")
    request.check(visit.path("a"), 77)
    request.commit()
    visit.client.get(visit.path("a"))
    equal(events.seen, [])
    children = Events()
    visit.client.get_children(visit.root, watch=children)
    request = visit.client.transaction()
    request.set_data(visit.path("a"), b"x")
    request.create(visit.path("b"))
    request.commit()
    equal(events.wait(), [(CHANGED, visit.path("a"))])
    equal(children.wait(), [(CHILD, visit.root)])


@check
def session_end_fires(visit):
    """the end of a session fires the watches on its ephemeral nodes"""
    other = visit.connect()
    other.create(visit.path("e"), ephemeral=True)
    events = Events()
    visit.client.exists(visit.path("e"), watch=events)
    other.stop()
    equal(events.wait(), [(DELETED, visit.path("e"))])


@check
def event_before_data(visit):
    """a client sees the event before it sees the changed data"""
    session = visit.wire()
    visit.client.create(visit.path("a"))
    for _ in range(50):
        equal(session.request(wire.GET_DATA, wire.text(visit.path("a")) + b"\1")[0], 0)
        visit.client.set(visit.path("a"), b"x")
        session.send(struct.pack(">ii", 9999, wire.SYNC) + wire.text(visit.path("a")))
        session.send(struct.pack(">ii", 10000, wire.GET_DATA) + wire.text(visit.path("a")) + b"\0")
        order = [struct.unpack(">i", session.receive()[:4])[0] for _ in range(3)]
        expect(order.index(-1) < order.index(10000), order)


@check
def watches_after_reconnect(visit):
    """setWatches on a new connection tells what happened meanwhile, before its own answer"""
    for name in ("same", "changed", "deleted"):
        visit.client.create(visit.path(name))
    session = visit.wire()
    _, zxid, _ = session.request(wire.EXISTS, wire.text(visit.path("same")) + b"\0")
    visit.client.set(visit.path("changed"), b"x")
    visit.client.delete(visit.path("deleted"))
    visit.client.create(visit.path("created"))

    def vector(*names):
        return struct.pack(">i", len(names)) + b"".join(wire.text(visit.path(name)) for name in names)

    body = struct.pack(">q", zxid) + vector("same", "changed", "deleted") + vector("created", "later") + vector("same")
    session.send(struct.pack(">ii", -8, SET_WATCHES) + body)
    seen = {read_event(session.receive()) for _ in range(3)}
    equal(seen, {(3, visit.path("changed")), (2, visit.path("deleted")), (1, visit.path("created"))})
    equal(struct.unpack(">i", session.receive()[:4])[0], -8)
    visit.client.create(visit.path("later"))
    equal(read_event(session.receive()), (1, visit.path("later")))
    visit.client.set(visit.path("same"), b"x")
    equal(read_event(session.receive()), (3, visit.path("same")))
    visit.client.create(visit.path("same/child"))
    equal(read_event(session.receive()), (4, visit.path("same")))


@check
def persistent_watch(visit):
    """a persistent watch fires for every change of a node and of its list of children"""
    visit.client.create(visit.path("a"))
    session = visit.wire()
    equal(session.request(ADD_WATCH, wire.text(visit.path("a")) + struct.pack(">i", 0))[0], 0)
    for change, kind in ((lambda: visit.client.set(visit.path("a"), b"1"), 3),
                         (lambda: visit.client.set(visit.path("a"), b"2"), 3),
                         (lambda: visit.client.create(visit.path("a/b")), 4),
                         (lambda: visit.client.delete(visit.path("a/b")), 4),
                         (lambda: visit.client.delete(visit.path("a")), 2),
                         (lambda: visit.client.create(visit.path("a")), 1)):
        change()
        equal(read_event(session.receive()), (kind, visit.path("a")))


@check
def persistent_recursive_watch(visit):
    """a persistent recursive watch fires for changes below, and has no child events"""
    session = visit.wire()
    equal(session.request(ADD_WATCH, wire.text(visit.root) + struct.pack(">i", 1))[0], 0)
    visit.client.create(visit.path("a"))
    visit.client.create(visit.path("a/b"))
    visit.client.set(visit.path("a/b"), b"x")
    visit.client.delete(visit.path("a/b"))
    equal([read_event(session.receive()) for _ in range(4)],
          [(1, visit.path("a")), (1, visit.path("a/b")), (3, visit.path("a/b")), (2, visit.path("a/b"))])


@check
def remove_watches(visit):
    """a removed watch does not fire; removing one that is not there says so"""
    visit.client.create(visit.path("a"))
    session = visit.wire()
    body = wire.text(visit.path("a")) + struct.pack(">i", 3)
    equal(session.request(REMOVE_WATCHES, body)[0], NO_WATCHER)
    session.request(wire.GET_DATA, wire.text(visit.path("a")) + b"\1")
    equal(session.request(REMOVE_WATCHES, body)[0], 0)
    visit.client.set(visit.path("a"), b"x")
    session.send(struct.pack(">ii", 77, wire.SYNC) + wire.text(visit.path("a")))
    equal(struct.unpack(">i", session.receive()[:4])[0], 77)
