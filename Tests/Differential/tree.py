"""The tree of a server seen through a connection that may do everything: read whole, and made empty again."""
import requests
from side import Names, Side

SUPER = ["auth", "walker", "digest", "super:test"]
OPEN_TO_ALL = [[31, "world", "anyone"]]
RESERVED = (b"/", b"/zookeeper", b"/zookeeper/quota", b"/zookeeper/config")
AT_ONCE = 64


def short(words):
    """What a difference is called by: the operation or event, and its error."""
    if not words:
        return "nothing"
    word = words[0]
    return "%s %s" % (word[0], word[1] if word[0] == "event" else word[3] if len(word) > 3 else "")


def items(one, other, fields):
    """Of a multi's results, how the first pair differs; '' of anything else."""
    pairs = [(one[field], other[field]) for field in fields if one[0] in ("multi", "multiread")]
    return "".join(" item %s %s/%s %s" % (*a[:2], *b[:2]) for a, b in pairs if isinstance(a, tuple) and isinstance(b, tuple))


class Walker:
    """A connection of its own to one side, authenticated as super; it outlives the plays."""

    def __init__(self, side):
        self.own = Side(side.title, side.port)
        answer = self.own.connect("walker", 0, 40_000, 0, 0, bytes(16), False)
        if answer[0] != "session" or self.ask([SUPER])[0][3] != 0:
            raise RuntimeError("%s lets nobody in as super: %r" % (side.title, answer))

    def ask(self, operations):
        """The answers, in order; the walker has no watches."""
        found = []
        for start in range(0, len(operations), AT_ONCE):
            self.own.send("walker", operations[start:start + AT_ONCE])
            found += self.own.receive("walker")
        if found and found[-1] == ("hung up",):
            raise RuntimeError("%s hung up on the walker" % self.own.title)
        return found

    def raw_zxid(self, operation):
        """The zxid of the answer to a write, as the server has it."""
        self.own.names = Names()
        answer = self.ask([operation])[0]
        if answer[3] != 0:
            raise RuntimeError("%s: %r answered %d" % (self.own.title, operation, answer[3]))
        return answer[2]

    def paths(self, top=b"/"):
        """Every path below and with `top`, parents first."""
        found, level = [], [top]
        while level:
            found += level
            below = []
            for parent, answer in zip(level, self.ask([["children", "walker", path, 0] for path in level])):
                if answer[3] == 0:
                    below += [(b"" if parent == b"/" else parent) + b"/" + name for name in answer[4]]
            level = below
        return found


def whole(side):
    """Every node with its data, stat and access list, named as the play names things."""
    walker = side.walker
    walker.own.names = side.names
    found = []
    paths = walker.paths()
    answers = walker.ask([[name, "walker", path, *rest] for path in paths for name, *rest in (("get", 0), ("getacl",))])
    for place, path in enumerate(paths):
        content, access = answers[2 * place], answers[2 * place + 1]
        found.append(("node", path, content[3:], access[3:5]))
    return found


def make_empty(side):
    """Removes every node that a server does not have from the start."""
    walker = side.walker
    for path in reversed(walker.paths()):
        if path not in RESERVED:
            walker.ask([["delete", "walker", path, -1]])


def make_alike(sides, path):
    """Brings a reserved node to the same counters in both trees; a play that failed may have left them apart."""
    child = path.rstrip("/") + "/level"
    for _ in range(1000):
        stats = [side.walker.ask([["exists", "walker", path, 0]])[0][4] for side in sides]
        if stats[0][4:7] == stats[1][4:7]:
            return
        for field, operations in (
                (4, [["set", "walker", path, "", -1]]), (6, [["setacl", "walker", path, OPEN_TO_ALL, -1]]),
                (5, [["create", "walker", child, "", OPEN_TO_ALL, 0], ["delete", "walker", child, -1]])):
            if stats[0][field] != stats[1][field]:
                sides[stats[0][field] > stats[1][field]].walker.ask(operations)
    raise RuntimeError("%s does not become alike: %r" % (path, stats))


def prepare(sides):
    """Both trees empty but for /d, and zxids counted from its creation."""
    for side in sides:
        make_empty(side)
    for path in RESERVED:
        make_alike(sides, path.decode())
    first = [[name, "walker", path.decode(), *rest] for path in RESERVED for name, *rest in (
        ("setacl", OPEN_TO_ALL, -1), ("set", "", -1))]
    for side in sides:
        side.walker.ask(first)
        side.begin(side.walker.raw_zxid(["create", "walker", "/d", "top", OPEN_TO_ALL, 0]))
