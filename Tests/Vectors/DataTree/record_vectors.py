#!/usr/bin/env python3
"""Records what a running Apache ZooKeeper answers and logs; the data tree must do the same, byte for byte.

  record_vectors.py PORT LOG_DIRECTORY > apache-3.9.3.txt

The server must be standalone, fresh, with extendedTypesEnabled. Raw frames only, no client library.
Output, one item a line, in the order of the requests:
  > CONNECTION OPERATION BODY     a request
  ! CONNECTION TYPE ZXID PATH     a notification that came before the reply
  < ERROR BODY                    the reply
  # RECORD                        what the log holds for it (writes only)
"""
import glob
import socket
import struct
import sys
import time

OPEN = [(31, "world", "anyone")]


def s(text):
    data = text.encode() if isinstance(text, str) else text
    return struct.pack(">i", len(data)) + data


def buf(data):
    return struct.pack(">i", -1) if data is None else struct.pack(">i", len(data)) + data


def acl(entries):
    return struct.pack(">i", len(entries)) + b"".join(struct.pack(">i", p) + s(a) + s(b) for p, a, b in entries)


def i(n):
    return struct.pack(">i", n)


def create(path, data=b"", flags=0, entries=OPEN, ttl=None):
    return s(path) + buf(data) + acl(entries) + i(flags) + (struct.pack(">q", ttl) if ttl is not None else b"")


def set_data(path, data, version=-1):
    return s(path) + buf(data) + i(version)


def set_acl(path, entries, version=-1):
    return s(path) + acl(entries) + i(version)


def path_number(path, number=-1):
    return s(path) + i(number)


def path_watch(path, watch=0):
    return s(path) + bytes([watch])


def multi(*items):
    return b"".join(i(op) + b"\0" + i(-1) + body for op, body in items) + i(-1) + b"\1" + i(-1)


def watches(zxid, *lists):
    return struct.pack(">q", zxid) + b"".join(i(len(l)) + b"".join(s(p) for p in l) for l in lists)


class Connection:
    def __init__(self, number, port):
        self.number, self.xid = number, 0
        self.socket = socket.create_connection(("127.0.0.1", port))
        request = i(0) + struct.pack(">q", 0) + i(30000) + struct.pack(">q", 0) + buf(bytes(16)) + b"\0"
        self.send(request)
        reply = self.receive()
        self.session = struct.unpack(">q", reply[8:16])[0]
        output.append([f"> {number} -10 {struct.pack('>i', struct.unpack('>i', reply[4:8])[0]).hex()}",
                       f"< 0 -", ("session", self.session)])

    def send(self, frame):
        self.socket.sendall(i(len(frame)) + frame)

    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def receive(self):
        return self.exactly(struct.unpack(">i", self.exactly(4))[0])

    def ask(self, operation, body=b""):
        self.xid += 1
        xid = {100: -4, 101: -8, 105: -8}.get(operation, self.xid)
        self.send(i(xid) + i(operation) + body)
        lines = [f"> {self.number} {operation} {body.hex() or '-'}"]
        while True:
            frame = self.receive()
            got, zxid, error = struct.unpack(">iqi", frame[:16])
            if got == -1:
                kind, _, length = struct.unpack(">iii", frame[16:28])
                lines.append(f"! {self.number} {kind} {zxid} {frame[28:28 + length].decode()}")
                continue
            assert got == xid, (got, xid)
            break
        lines.append(f"< {error} {frame[16:].hex() or '-'}")
        output.append(lines + [("cxid", self.session, xid)])
        return error, frame[16:]


output = []


def records(directory):
    found = {}
    for name in sorted(glob.glob(directory + "/version-2/log.*")):
        data = open(name, "rb").read()
        at = 16
        while at + 12 <= len(data):
            length = struct.unpack(">i", data[at + 8:at + 12])[0]
            if length == 0:
                break
            record = data[at + 12:at + 12 + length]
            session, cxid = struct.unpack(">qi", record[:12])
            kind = struct.unpack(">i", record[28:32])[0]
            found[("session", session) if kind == -10 else ("cxid", session, cxid)] = record
            at += 12 + length + 1
    return found


def scenario(port):
    a = Connection(1, port)
    create_, delete, exists, get, put, get_acl, put_acl, children, children2 = 1, 2, 3, 4, 5, 6, 7, 8, 12
    # Kinds of nodes, sequence numbers, null and empty data.
    a.ask(exists, path_watch("/"))
    a.ask(exists, path_watch("/zookeeper"))
    a.ask(get, path_watch("/zookeeper/config"))
    a.ask(get_acl, s("/zookeeper/config"))
    a.ask(create_, create("/a", b"hello"))
    a.ask(15, create("/a/b", b""))
    a.ask(15, create("/a/n", None))
    a.ask(get, path_watch("/a/n"))
    a.ask(get, path_watch("/a/b"))
    a.ask(create_, create("/a/s", b"x", 2))
    a.ask(15, create("/a/", b"x", 2))
    a.ask(delete, path_number("/a/b"))
    a.ask(15, create("/a/s", b"x", 2))
    a.ask(exists, path_watch("/a"))
    a.ask(15, create("/a/e", b"mine", 1))
    a.ask(15, create("/a/e/x", b""))
    a.ask(15, create("/a/es", b"mine", 3))
    a.ask(19, create("/c", b"", 4))
    a.ask(21, create("/t", b"ttl", 5, ttl=86400000))
    a.ask(21, create("/t/s", b"ttl", 6, ttl=1))
    for path in ("/c", "/t", "/a/e"):
        a.ask(exists, path_watch(path))
    a.ask(103, s("/a/e"))
    a.ask(104, s("/a"))
    # Refusals, in the order of the checks.
    for flags in (7, -1):
        a.ask(create_, create("/bad", b"", flags))
    for ttl in (0, -1, 1 << 40, (1 << 40) - 1):
        a.ask(21, create("/t2", b"", 5, ttl=ttl))
    a.ask(21, create("/t3", b"", 0, ttl=5))
    for path in ("/", "", "x", "//x", "/a//x", "/p/", "/a/", "/a/.", "/a/..", "/.a", "/a/x\0y", "/a/x\x1fy", "/a/\x7f",
                 "/a/\u0080", "/a/\u009f", "/a/\u00a0", "/a/\ud7ff", "/a/\ue000", "/a/\uf8ff", "/a/\uf900",
                 "/a/\uffef", "/a/\ufff0", "/a/\U00010000", "/none/x", "/a", "/a/b/c/d", b"/a/\xff\xfe"):
        a.ask(create_, create(path))
    for entries in ([], [(31, "world", "everyone")], [(31, "auth", "")], [(31, "digest", "nocolon")],
                    [(31, "digest", "u:p:q")], [(31, "ip", "1.2.3")], [(31, "ip", "1.2.3.4/33")], [(31, "no", "x")]):
        a.ask(create_, create("/acl", b"", 0, entries))
    a.ask(create_, create("/none/x", b"", 0, []))
    a.ask(create_, create("/acl", b"", 0, [(1, "world", "anyone"), (31, "ip", "127.0.0.1/8"), (1, "world", "anyone")]))
    a.ask(get_acl, s("/acl"))
    for path, version in (("/", -1), ("/zookeeper", -1), ("/zookeeper/quota", -1), ("/none", -1), ("/none/x", 3),
                          ("/a", 7), ("/a", -1), ("/a/", -1), ("a", -1), ("/a\0", -1)):
        a.ask(delete, path_number(path, version))
    for path, version in (("/a", -1), ("/a", 5), ("/a", 1), ("/a", -2), ("/none", -1), ("/a/", -1), ("//a", -1),
                          ("/", -1), ("/zookeeper/config", 0)):
        a.ask(put, set_data(path, b"data" * 30, version))
    a.ask(put, set_data("/a", None))
    a.ask(get, path_watch("/a"))
    a.ask(exists, path_watch("/a\0"))
    for path in ("/none", "/a/", "a"):
        a.ask(get, path_watch(path))
        a.ask(children2, path_watch(path))
    # Who may do what.
    b = Connection(2, port)
    a.ask(100, i(0) + s("digest") + buf(b"joe:secret"))
    a.ask(create_, create("/j", b"secret", 0, [(31, "auth", "")]))
    a.ask(get_acl, s("/j"))
    b.ask(get_acl, s("/j"))
    b.ask(get, path_watch("/j"))
    b.ask(exists, path_watch("/j", 1))
    b.ask(put, set_data("/j", b""))
    b.ask(put, set_data("/j", b"", 9))
    b.ask(create_, create("/j/x"))
    b.ask(put_acl, set_acl("/j", OPEN))
    a.ask(create_, create("/j/x", b"", 0, OPEN))
    b.ask(delete, path_number("/j/x", 9))
    a.ask(put_acl, set_acl("/j", [(1, "world", "anyone"), (30, "auth", "")], 3))
    a.ask(put_acl, set_acl("/j", [(1, "world", "anyone"), (30, "auth", "")], 0))
    b.ask(get_acl, s("/j"))
    a.ask(get_acl, s("/j"))
    a.ask(put_acl, set_acl("/none", []))
    a.ask(put_acl, set_acl("/none", OPEN))
    a.ask(put_acl, set_acl("/a/", OPEN))
    # Multi.
    a.ask(14, multi())
    a.ask(14, multi((1, create("/m", b"1")), (15, create("/m/x", b"2")), (5, set_data("/m", b"3", 0)),
                    (13, path_number("/m", 1)), (1, create("/m/s", b"", 2)), (2, path_number("/m/x", 0))))
    a.ask(14, multi((13, path_number("/m", 1))))
    a.ask(14, multi((1, create("/q")), (1, create("/m")), (1, create("/r"))))
    a.ask(14, multi((2, path_number("/m", 0)), (1, create("/r"))))
    a.ask(exists, path_watch("/q"))
    a.ask(14, multi((2, path_number("/m/s0000000001")), (2, path_number("/m")), (1, create("/m", b"again"))))
    a.ask(exists, path_watch("/m"))
    a.ask(14, multi((19, create("/m/c", b"", 4)), (21, create("/m/t", b"", 5, ttl=1000)), (1, create("/m/e", b"", 1))))
    a.ask(22, multi((4, path_watch("/m")), (8, path_watch("/a/e")), (4, path_watch("/none")), (8, path_watch("/m/c"))))
    # Watches; b watches, a writes, then b asks something to collect what came.
    nothing = path_watch("/")
    b.ask(exists, path_watch("/w", 1))
    a.ask(create_, create("/w", b""))
    b.ask(exists, nothing)
    b.ask(get, path_watch("/w", 1))
    b.ask(children, path_watch("/w", 1))
    a.ask(put, set_data("/w", b"1"))
    a.ask(put, set_data("/w", b"2"))
    b.ask(exists, nothing)
    b.ask(exists, path_watch("/w", 1))
    a.ask(create_, create("/w/x"))
    b.ask(children2, path_watch("/w", 1))
    b.ask(get, path_watch("/w/x", 1))
    b.ask(children, path_watch("/w/x", 1))
    a.ask(put_acl, set_acl("/w/x", OPEN))
    a.ask(delete, path_number("/w/x"))
    b.ask(exists, nothing)
    b.ask(children, path_watch("/", 1))
    b.ask(children, path_watch("/w", 1))
    a.ask(14, multi((5, set_data("/w", b"3")), (1, create("/w/y")), (2, path_number("/w/y")), (2, path_number("/w"))))
    b.ask(exists, nothing)
    b.ask(106, path_number("/p", 0))
    b.ask(106, path_number("/p", 1))
    b.ask(exists, path_watch("/p", 1))
    a.ask(create_, create("/p"))
    a.ask(create_, create("/p/x"))
    a.ask(create_, create("/p/x/y"))
    a.ask(put, set_data("/p/x/y", b""))
    a.ask(delete, path_number("/p/x/y"))
    a.ask(delete, path_number("/p/x"))
    a.ask(delete, path_number("/p"))
    b.ask(exists, nothing)
    for kind in (1, 2, 3, 4, 5, 6):
        b.ask(17, path_number("/p", kind))
    b.ask(18, path_number("/p", 4))
    b.ask(18, path_number("/p", 4))
    b.ask(18, path_number("/p", 3))
    b.ask(17, path_number("/p", 3))
    b.ask(exists, path_watch("/j/x", 1))
    a.ask(put_acl, set_acl("/j/x", [(31, "auth", "")]))
    a.ask(put, set_data("/j/x", b"unseen"))
    b.ask(exists, nothing)
    # Catching up.
    b.ask(101, watches(0, ["/none", "/a", "/c"], ["/a", "/none"], ["/none", "/a", "/c"]))
    b.ask(101, watches(1 << 40, ["/a"], ["/later"], ["/a"]))
    b.ask(105, watches(1 << 40, [], [], [], ["/a"], ["/a"]))
    a.ask(put, set_data("/a", b""))
    a.ask(create_, create("/a/later"))
    a.ask(create_, create("/later"))
    b.ask(exists, nothing)
    # The end of a session takes its nodes.
    c = Connection(3, port)
    c.ask(create_, create("/a/c", b"c", 1))
    b.ask(exists, path_watch("/a/c", 1))
    c.ask(-11)
    b.ask(exists, nothing)
    b.ask(exists, path_watch("/a"))


port, directory = int(sys.argv[1]), sys.argv[2]
scenario(port)
time.sleep(0.5)
logged = records(directory)
for *lines, key in output:
    print("\n".join(lines))
    if key in logged:
        print("#", logged[key].hex())
