"""One session that touches what a server without peers measures, the same on every server."""
import time

import wire

DATA = b"0123456789" * 10
DELETE_BODY_VERSION = b"\xff\xff\xff\xff"
GET_CHILDREN, GET_CHILDREN2 = 8, 12
QUOTA = "/zookeeper/quota/shop"
LIMITS = b"count=-1,bytes=-1=;byteHardLimit=4096;countHardLimit=5"


def watched(path, watches=True):
    return wire.text(path) + (b"\1" if watches else b"\0")


def set_data(path, data):
    return wire.text(path) + wire.buffer(data) + b"\xff\xff\xff\xff"


def play(port):
    """Leaves two sessions open, which are returned: what they hold is part of what is measured."""
    watcher, writer = wire.Session(port), wire.Session(port)
    write(writer)
    fire(watcher, writer)
    limit(writer)
    come_and_go(port)
    return watcher, writer


def write(session):
    session.create("/shop", DATA)
    session.create("/yard", b"")
    for number in range(20):
        session.create("/yard/%d" % number, DATA)
    session.create("/yard/mine", b"", flags=1)
    for number in range(10):
        session.request(wire.GET_DATA, watched("/yard/%d" % number, False))
        session.request(wire.EXISTS, watched("/yard/%d" % number, False))
        session.request(wire.SET_DATA, set_data("/yard/%d" % number, DATA))
    session.request(GET_CHILDREN, watched("/yard", False))
    session.request(GET_CHILDREN2, watched("/", False))
    # Of what is not there, nothing is read.
    session.request(wire.EXISTS, watched("/nowhere/at/all", False))
    session.request(wire.DELETE, wire.text("/yard/19") + DELETE_BODY_VERSION)
    session.request(wire.DELETE, wire.text("/yard/none") + DELETE_BODY_VERSION)


def fire(watcher, writer):
    """Each kind of event."""
    watcher.request(wire.EXISTS, watched("/yard/later"))
    watcher.request(wire.GET_DATA, watched("/yard/1"))
    watcher.request(GET_CHILDREN, watched("/yard"))
    writer.create("/yard/later", DATA)
    writer.request(wire.SET_DATA, set_data("/yard/1", b""))
    # Another number of changes and of watchers for each kind, so that none can stand for another.
    for both in (watcher, writer):
        both.request(wire.EXISTS, watched("/yard/later"))
    writer.request(wire.DELETE, wire.text("/yard/later") + DELETE_BODY_VERSION)
    for number in (3, 4):
        for both in (watcher, writer):
            both.request(wire.GET_DATA, watched("/yard/%d" % number))
        writer.request(wire.SET_DATA, set_data("/yard/%d" % number, b""))
    for number in range(3):
        watcher.request(GET_CHILDREN, watched("/yard"))
        writer.create("/yard/more-%d" % number)
    watcher.request(wire.GET_DATA, watched("/yard/2"))
    watcher.ping()


def limit(session):
    """A quota whose hard limit refuses two of the changes."""
    session.create(QUOTA, b"")
    session.create(QUOTA + "/zookeeper_limits", LIMITS)
    session.create(QUOTA + "/zookeeper_stats", b"count=0,bytes=0")
    for number in range(6):
        session.request(wire.CREATE, wire.text("/shop/%d" % number) + wire.buffer(DATA) + wire.WORLD_ALL + bytes(4))
    session.request(wire.SET_DATA, set_data("/shop/1", bytes(5000)))


def come_and_go(port):
    """A session that ends in order, one whose client vanishes, and a client that asks for nothing."""
    ending = wire.Session(port)
    ending.create("/yard/short", b"", flags=1)
    ending.request(wire.CLOSE)
    wire.Session(port).vanish()
    time.sleep(0.2)
