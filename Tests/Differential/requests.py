"""Operations of a session as short lists, and the bytes that they are on the wire.

An operation is `[name, slot, argument...]`, so that a session is a list that JSON can hold. `slot` is the
number of a connection. Text is a string or None (null on the wire); data is a string whose characters are
bytes (latin-1), or None; an access list is a list of [permissions, scheme, id], or None.
"""
import struct

CODES = {
    "create": 1, "delete": 2, "exists": 3, "get": 4, "set": 5, "getacl": 6, "setacl": 7, "children": 8, "sync": 9,
    "ping": 11, "children2": 12, "check": 13, "multi": 14, "create2": 15, "reconfig": 16, "checkwatches": 17,
    "removewatches": 18, "container": 19, "ttl": 21, "multiread": 22, "auth": 100, "setwatches": 101,
    "sasl": 102, "ephemerals": 103, "descendants": 104, "setwatches2": 105, "addwatch": 106, "whoami": 107,
    "close": -11,
}
NAMES = {code: name for name, code in CODES.items()}

# The xids that the protocol reserves for these; all others count up.
FIXED_XIDS = {"ping": -2, "auth": -4, "setwatches": -8, "setwatches2": -8}

# Apache checks what follows a setACL against the old list until the new one is applied, so nothing follows it at once.
LAST = frozenset(["setacl"])
# Nothing else is in flight with these: the server answers them past its queue, or hangs up after them.
ALONE = frozenset(["auth", "close", "raw", "sasl", "check"])

END_OF_MULTI = struct.pack(">ibi", -1, 1, -1)
MULTI_HEADER = struct.Struct(">ibi")
INT, LONG = struct.Struct(">i"), struct.Struct(">q")
NULL = b"\xff\xff\xff\xff"


def text(value):
    if value is None:
        return NULL
    encoded = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    return INT.pack(len(encoded)) + encoded


def data(value):
    if value is None:
        return NULL
    encoded = value.encode("latin-1")
    return INT.pack(len(encoded)) + encoded


def access_list(entries):
    if entries is None:
        return NULL
    return INT.pack(len(entries)) + b"".join(INT.pack(bits) + text(scheme) + text(name) for bits, scheme, name in entries)


def texts(values):
    return NULL if values is None else INT.pack(len(values)) + b"".join(map(text, values))


def creation(path, content, entries, flags):
    return text(path) + data(content) + access_list(entries) + INT.pack(flags)


def watched(path, watch):
    return text(path) + (b"\1" if watch else b"\0")


def versioned(path, number):
    return text(path) + INT.pack(number)


def several(operations):
    """The body of a multi or multiRead, whose operations have no slot."""
    return b"".join(MULTI_HEADER.pack(CODES[name], 0, -1) + BODIES[name](*arguments)
                    for name, *arguments in operations) + END_OF_MULTI


def nothing():
    return b""


def watch_lists(changed_after, *lists):
    return LONG.pack(changed_after) + b"".join(map(texts, lists))


BODIES = {
    "create": creation, "create2": creation, "container": creation,
    "ttl": lambda path, content, entries, flags, ttl: creation(path, content, entries, flags) + LONG.pack(ttl),
    "delete": versioned, "check": versioned, "checkwatches": versioned, "removewatches": versioned, "addwatch": versioned,
    "exists": watched, "get": watched, "children": watched, "children2": watched,
    "set": lambda path, content, version: text(path) + data(content) + INT.pack(version),
    "getacl": text, "sync": text, "ephemerals": text, "descendants": text,
    "setacl": lambda path, entries, version: text(path) + access_list(entries) + INT.pack(version),
    "multi": several, "multiread": several, "ping": nothing, "whoami": nothing, "close": nothing,
    "auth": lambda scheme, token: INT.pack(0) + text(scheme) + data(token),
    "sasl": data, "setwatches": watch_lists, "setwatches2": watch_lists,
    "reconfig": lambda joining, leaving, members, number: text(joining) + text(leaving) + text(members) + LONG.pack(number),
}


def header_and_body(operation, xid):
    """(xid, frame less its length) of an operation; `raw` is [raw, slot, code, body in hex]."""
    name = operation[0]
    if name == "raw":
        return xid, struct.pack(">ii", xid, operation[2]) + bytes.fromhex(operation[3])
    xid = FIXED_XIDS.get(name, xid)
    return xid, struct.pack(">ii", xid, CODES[name]) + BODIES[name](*operation[2:])
