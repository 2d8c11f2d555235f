"""What is told about nodes that are not to be read, and about missing ones, with acl.hideExistence (S7)."""
import struct

import wire
from authplay import ANYONE, EVERYTHING, Person, create_body
from authplay.lists import requests
from wire import buffer, text

NO_NODE, NO_AUTH = -101, -102
SYNC = 9
THERE, MISSING = "/hidden/there", "/hidden/none"


def people(server):
    """Joe with his nodes, and somebody to whom they are closed."""
    joe = Person(server.port)
    joe.login("digest", b"joe:secret")
    for path in ("/hidden", THERE, THERE + "/c"):
        assert joe.ask(wire.CREATE, create_body(path, (EVERYTHING, "auth", ""))) == 0
    return joe, Person(server.port)


def differences(person):
    """The requests that are answered otherwise for a node that is there than for a missing one."""
    found = []
    for (name, kind, body), (_, _, other) in zip(requests(THERE), requests(MISSING)):
        answers = [person.request(kind, one) for one in (body, other)]
        # sync sends the path back, whatever it is.
        seen = [(error, b"" if kind == SYNC else answer) for error, _, answer in answers]
        if seen[0] != seen[1]:
            found.append(name)
    return found


def missed(person, seen):
    """The events with which setWatches answers for watches of data, of absence and of children."""
    paths = struct.pack(">i", 2) + text(THERE) + text(MISSING)
    person.send(struct.pack(">iiq", -8, 101, seen) + paths * 3)
    return person.events(answered=-8)


def check_oracles(world):
    for name, settings in (("open", {}), ("hidden", {"acl.hideExistence": "true"})):
        hides = name == "hidden"
        joe, nobody = people(world.start("oracles-" + name, **settings))
        told = differences(nobody)
        world.check("%s: who may not read %s whether a node is there" % (name, "cannot tell" if hides else "can tell"),
                    bool(told) != hides, told)
        events = missed(nobody, 0)
        world.check("%s: setWatches %s" % (name, "tells nothing" if hides else "confirms names"),
                    bool(events) != hides, events)
        for mode in (0, 1):
            nobody.ask(106, text("/hidden") + struct.pack(">i", mode))
            nobody.ask(106, text(THERE) + struct.pack(">i", mode))
        changes = [(5, text(THERE) + buffer(b"x") + struct.pack(">i", -1)), (2, text(THERE + "/c") + struct.pack(">i", -1)),
                   (2, text(THERE) + struct.pack(">i", -1)), (1, create_body(MISSING, (EVERYTHING, "auth", "")))]
        errors = [joe.ask(kind, body) for kind, body in changes]
        world.check("%s: no event of a hidden node is delivered" % name, (errors, nobody.events()) == ([0] * 4, []), errors)
        seen = [person.ask(3, text(path) + b"\0") for person, path in (
            (joe, "/hidden/none2"), (nobody, "/hidden/none2"), (nobody, "/none"), (nobody, "/none/deep"))]
        world.check("%s: who may list a place is told what is missing" % name,
                    seen == [NO_NODE, NO_AUTH if hides else NO_NODE, NO_NODE, NO_NODE], seen)
        joe.ask(wire.CREATE, create_body("/hidden/seen", (EVERYTHING, *ANYONE)))
        world.check("%s: a node that is everybody's is there below a closed one" % name,
                    nobody.ask(3, text("/hidden/seen") + b"\0") == 0)
