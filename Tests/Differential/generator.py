"""Random sessions: what clients may ask, and much that they may not."""

# Known to both servers through the settings of the run.
SUPER_PASSWORD = "super:test"
ANN, BOB = "ann:one", "bob:two"
ANN_ID, BOB_ID = "ann:grDcJ7OS1jCu/cG2TyJHw/I9L8o=", "bob:yqVrLFrvoaI9z9fohteaNPJvRu8="

NAMES = ["a", "b", "c", "d", "e", "q", "a", "b", "c", "zookeeper", "with space", "\u00e9", "x.", "...", "-0000000001"]
ODD_PATHS = [
    "", "/", "//", "d", "d/a", "/d/", "/d//a", "/d/.", "/d/..", "/d/./a", "/d/../d", "/d/a/.", "/.", "/..", "/d/\0", "/d/a\0b",
    "/d/\1", "/d/\x1f", "/d/\x7f", "/d/\x9f", "/d/\xa0", "/d/\ud7ff", "/d/\ue000", "/d/\uf8ff", "/d/\uf900", "/d/\ufff0", "/d/\uffef",
    "/d/\U0001f600", "/zookeeper", "/zookeeper/quota", "/zookeeper/config", "/zookeeper/none", "/zookeeper/quota/d", None,
    "/d/" + "n" * 300, "/d" + "/a" * 40, "relative", " ", "/ ", "/d/a/", "/none/a",
]
DATA = ["", "x", "data", "\0\xff", None, "0123456789" * 10, "n" * 1000]
VERSIONS = [-1, -1, -1, 0, 0, 1, 2, 3, 7, -2, 2147483647, -2147483648]
GOOD_LISTS = [
    [[31, "world", "anyone"]], [[31, "world", "anyone"]], [[31, "world", "anyone"]], [[1, "world", "anyone"]], [[30, "world", "anyone"]],
    [[31, "auth", ""]], [[31, "digest", ANN_ID]], [[15, "digest", BOB_ID], [1, "world", "anyone"]],
    [[31, "ip", "127.0.0.1"]], [[31, "ip", "127.0.0.0/8"], [1, "digest", ANN_ID]], [[4, "ip", "10.0.0.0/8"], [27, "world", "anyone"]],
    [[31, "world", "anyone"], [31, "world", "anyone"], [1, "digest", ANN_ID]],
    [[16, "digest", ANN_ID], [1, "digest", BOB_ID]], [[1, "auth", "whatever"], [30, "world", "anyone"]], [[31, "world", "anyone"]],
]
ODD_LISTS = [
    [], None, [[0, "world", "anyone"]], [[31, "world", "someone"]], [[31, "none", "x"]], [[31, "digest", "nocolon"]],
    [[31, "digest", "a:b:c"]], [[31, "digest", ""]], [[31, "digest", ":"]], [[31, "ip", "127.0.0.256"]], [[31, "ip", "127.0.0.1/33"]],
    [[31, "ip", "127.0.0.1/"]], [[31, "ip", "a.b.c.d"]], [[31, "ip", "127.0.0"]], [[31, "ip", ""]], [[31, "ip", "127.0.0.1/-1"]],
    [[31, "super", "x"]], [[31, "super", ""]],
    [[31, "", ""]], [[31, "sasl", "joe"]], [[31, "x509", "CN=a"]],
    [[32, "world", "anyone"]], [[-1, "world", "anyone"]], [[63, "digest", ANN_ID]], [[31, "World", "anyone"]],
    [[31, "world", "anyone"], [31, "none", "x"]], [[31, "host", "localhost"]], [[31, "ip", "127.0.0.1/0"]], [[31, "ip", "127.1"]],
]
IDENTITIES = [("digest", ANN), ("digest", BOB), ("digest", SUPER_PASSWORD), ("digest", "super:wrong"), ("ip", ""), ("world", "anyone")]
ODD_IDENTITIES = [("none", "x"), ("digest", ""), ("digest", "nocolon"), ("digest", None), (None, "a:b"), ("", "a:b"), ("sasl", "x"),
                  ("x509", "x"), ("auth", ""), ("super", "x"), ("digest", "\xff:\xfe"), ("digest", ":"), ("digest", "a:b:c")]
TTLS = [3_600_000, 3_600_000, 1_000_000_000, 0, -1, (1 << 40) - 1, 1 << 40, 1 << 62, -(1 << 63)]

# How often writes, reads, requests about watches, and the rest come in a session.
PROFILES = [(48, 30, 14, 4), (48, 30, 14, 4), (30, 16, 50, 4), (75, 18, 5, 2), (35, 40, 10, 15)]


class Generator:
    """Makes one session at a time from a `random.Random`."""

    def __init__(self, random):
        self.random = random
        self.made = []
        self.opened = 0
        self.slots = []
        self.quota_path = None
        pick = random.choice
        self.writes = [
            (18, self.create), (8, self.delete), (10, self.set), (5, self.set_access), (8, self.multi), (2, self.quota)]
        self.reads = [
            (8, self.watched("exists")), (8, self.watched("get")), (5, self.watched("children")), (5, self.watched("children2")),
            (3, lambda c: ["getacl", c, self.path()]), (3, lambda c: ["sync", c, self.path()]), (2, lambda c: ["ping", c]),
            (3, lambda c: ["multiread", c, self.reads_of_multi()]), (2, lambda c: ["ephemerals", c, pick(["", "/", "/d", "/d/a", self.path()])]),
            (2, lambda c: ["descendants", c, self.watched_path()]), (1, lambda c: ["whoami", c]), ]
        self.watches = [
            (6, lambda c: ["addwatch", c, self.watched_path(), pick([0, 1, 1] * 8 + [2, -1])]),
            (3, lambda c: ["removewatches", c, self.watched_path(), pick([1, 2, 3, 4, 5, 3, 0, 6, -1])]),
            (3, lambda c: ["checkwatches", c, self.watched_path(), pick([1, 2, 3, 4, 5, 0, 6])]), (2, self.set_watches)]
        self.rest = [
            (3, self.authenticate), (2, self.connection), (1, self.broken),
            (0.5, lambda c: [["check", c, self.path(), pick(VERSIONS)], self.open(c)]),
            (0.2, lambda c: [["sasl", c, pick(["", "x", None])], self.open(c)]),
            (0.2, lambda c: ["reconfig", c, pick([None, "", "server.2=127.0.0.1:1:2;3"]), pick([None, "2"]), None, pick([-1, 0, 7])])]

    def session(self, count):
        """About `count` operations on two to four connections."""
        random = self.random
        self.made = ["/d"]
        # In some sessions one path has a quota; never one below another.
        self.quota_path = random.choice(["/d", "/d/a", "/d/b"]) if random.random() < 0.15 else None
        self.slots = list(range(random.choice([1, 2, 2, 3, 4])))
        operations = []
        self.opened = 0
        for slot in self.slots:
            operations.append(self.open(slot))
            if random.random() < 0.4:
                operations.append(["auth", slot, *random.choice(IDENTITIES[:4])])
        groups = list(zip(random.choice(PROFILES), (self.writes, self.reads, self.watches, self.rest)))
        slot = 0
        while len(operations) < count:
            if random.random() < 0.35:
                slot = random.choice(self.slots)
            operation = self.weighted(self.weighted(groups))(slot)
            operations += operation if isinstance(operation[0], list) else [operation]
        return operations

    def weighted(self, table):
        return self.random.choices([item for _, item in table], [weight for weight, _ in table])[0]

    def watched_path(self):
        """Not the empty path and not null, which differences.py tells of."""
        return self.path() or "/d"

    def path(self, fresh=False):
        """Mostly a path that was made before or one beside it; sometimes one that must be refused."""
        random = self.random
        chance = random.random()
        if chance < 0.04:
            return random.choice(ODD_PATHS)
        if chance < 0.65 and not fresh:
            return random.choice(self.made)
        parent = random.choice(self.made)
        if parent.count("/") > 5:
            parent = "/d"
        return parent + "/" + random.choice(NAMES)

    def remember(self, path):
        if path and path.startswith("/d") and not path.endswith("/") and len(self.made) < 40:
            self.made.append(path)

    def access(self):
        return self.random.choice(ODD_LISTS if self.random.random() < 0.05 else GOOD_LISTS)

    def creation(self):
        """A creation without its slot."""
        random = self.random
        name = random.choices(["create", "create2", "container", "ttl"], [10, 6, 2, 2])[0]
        path = self.path(fresh=random.random() < 0.9)
        if name == "container":
            # Not 1: what Apache makes of it, for a while, is told in differences.py.
            flags = random.choice([4] * 20 + [0, 5])
        elif name == "ttl":
            flags = random.choice([5, 5, 6] * 6 + [0, 1, 4, 7])
        else:
            flags = random.choices([0, 1, 2, 3, 4, 5, 6, 7, -1, 256], [80, 24, 20, 16, 1, 1, 1, 1, 1, 1])[0]
        if path is None:
            # Ours reads a request to its end before it looks at the flags; see differences.py.
            flags = {"container": 4, "ttl": 5}.get(name, 0)
        if flags in (2, 3, 6) and path and path.count("/") < 2:
            path = "/d/a"
        if flags in (2, 3, 6) and path and random.random() < 0.4:
            path = path.rsplit("/", 1)[0] + "/"
        self.remember(path)
        if flags in (2, 3, 6) and path and path.startswith("/d/"):
            self.remember("%s%010d" % (path, random.randrange(4)))
        made = [name, path, random.choice(DATA), self.access(), flags]
        if name == "ttl":
            # With other flags Apache does not look at the time, and ends when it applies a bad one.
            made.append(random.choice(TTLS if flags in (5, 6) and path is not None else TTLS[:3]))
        return made

    def create(self, slot):
        name, *arguments = self.creation()
        if name in ("create", "create2") and arguments[3] == 4:
            # A container: what becomes of it there is told in differences.py.
            arguments[3] = 0
        return [name, slot, *arguments]

    def delete(self, slot):
        return ["delete", slot, self.path(), self.random.choice(VERSIONS)]

    def set(self, slot):
        return ["set", slot, self.path(), self.random.choice(DATA), self.random.choice(VERSIONS)]

    def set_access(self, slot):
        return ["setacl", slot, self.path(), self.access(), self.random.choice(VERSIONS)]

    def watched(self, name):
        return lambda slot: [name, slot, self.watched_path(), int(self.random.random() < 0.5)]

    def multi(self, slot):
        random = self.random
        found = []
        if random.random() < 0.02:
            found.append(random.choice([["exists", "/d", 0], ["get", "/d", 0], ["setacl", "/d", [[31, "world", "anyone"]], -1], ["sync", "/d"]]))
        for _ in range(random.choice([0, 1, 2, 2, 3, 4, 6])):
            name = random.choices(["create", "delete", "set", "check"], [4, 2, 3, 2])[0]
            if name == "create":
                found.append(self.creation())
            elif name == "set":
                found.append(["set", self.path(), random.choice(DATA), random.choice(VERSIONS[:6])])
            else:
                found.append([name, self.path(), random.choice(VERSIONS[:6])])
        if self.quota_path is not None:
            # Apache holds each item against what is applied, so that more than one get past a limit.
            found = [item for item in found if item[0] == "check"] + [item for item in found if item[0] != "check"][:1]
        return ["multi", slot, found]

    def reads_of_multi(self):
        if self.random.random() < 0.03:
            return [["get", "/d", 0], self.random.choice([["set", "/d", "", -1], ["check", "/d", -1], ["exists", "/d", 0]])]
        return [[self.random.choice(["get", "children"]), self.path(), int(self.random.random() < 0.2)]
                for _ in range(self.random.choice([0, 1, 2, 3, 5]))]

    def quota(self, slot):
        """Limits for a path as zkCli writes them, or odd ones."""
        random = self.random
        if self.quota_path is None:
            return ["exists", slot, "/zookeeper/quota/d", 1]
        top = "/zookeeper/quota" + self.quota_path
        text = random.choice([
            "count=3,bytes=-1", "count=-1,bytes=50", "count=-1,bytes=-1=;byteHardLimit=60;countHardLimit=4",
            "count=2,bytes=2=;byteHardLimit=-1;countHardLimit=3", "count=9,bytes=9=;byteHardLimit=20;countHardLimit=-1"])
        all_open = [[31, "world", "anyone"]]
        steps = [["create", slot, "/zookeeper/quota/d", "", all_open, 0], ["create", slot, top, "", all_open, 0],
                 ["create", slot, top + "/zookeeper_limits", text, all_open, 0],
                 ["create", slot, top + "/zookeeper_stats", random.choice(["count=0,bytes=0", "count=1,bytes=4"]), all_open, 0]]
        return random.choice([
            steps, steps, [["get", slot, top + "/zookeeper_stats", 0]], [["set", slot, top + "/zookeeper_limits", text, -1]],
            [["delete", slot, top + "/zookeeper_limits", -1], ["delete", slot, top + "/zookeeper_stats", -1]]])

    def set_watches(self, slot):
        random = self.random
        name = random.choice(["setwatches", "setwatches2"])
        lists = [[self.watched_path() for _ in range(random.choice([0, 0, 1, 2, 3]))] for _ in range(3 if name == "setwatches" else 5)]
        return [name, slot, random.choice([-1, 0, 3, 10, 30, 100, 100_000]), *lists]

    def authenticate(self, slot):
        if self.random.random() < 0.8:
            return ["auth", slot, *self.random.choice(IDENTITIES)]
        return [["auth", slot, *self.random.choice(ODD_IDENTITIES)], self.open(slot)]

    def open(self, slot):
        self.opened += 1
        random = self.random
        return ["open", slot, random.choices([30_000, 40_000, 1, 0, -5, 1_000_000], [20, 2, 1, 1, 1, 1])[0],
                random.choices([False, None, True], [8, 1, 1])[0], None]

    def connection(self, slot):
        """Something that happens to a connection as a whole."""
        random = self.random
        number = random.randrange(1, self.opened + 1)
        return random.choice([
            [["close", slot], self.open(slot)], [["drop", slot], ["resume", slot, number, True, None]],
            [["resume", slot, number, True, random.choice([None, 0])]], [["drop", slot], self.open(slot)],
            [["resume", slot, number, False, None], self.open(slot)], [["open", slot, 30_000, False, 1_000_000], self.open(slot)],
            [["close", slot], ["resume", slot, number, True, None]]])

    def broken(self, slot):
        """A request that is cut short, or that nobody knows, or words that are no request at all."""
        random = self.random
        if random.random() < 0.25:
            return [["bytes", slot, random.choice(["00100001", "ffffffff", "80000000", "7fffffff", "00100000"])], self.open(slot)]
        if random.random() < 0.25:
            # No session, one of no or a short password, one that was never given, a time-out only, nothing at all.
            return [["greet", slot, random.choice([
                "", "00000000", "00" * 12, "00" * 24 + "ffffffff00", "00" * 24 + "0000000000", "00" * 24 + "0000000400000000",
                "00" * 19 + "0100000010" + "00" * 17, "00" * 12 + "00007530" + "00" * 8 + "7fffffff", "01" * 12 + "00" * 8 + "00000010" + "00" * 17])],
                    self.open(slot)]
        if random.random() < 0.4:
            return [["raw", slot, random.choice([0, 10, 23, 99, 108, 1000, -1, -2, -3]), ""], self.open(slot)]
        code = random.choice([1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 101, 103, 104, 105, 106])
        body = random.choice(["", "00", "0000000", "00000004", "7fffffff", "ffffffff", "000000022f64", "000000022f6400"])
        return [["raw", slot, code, body if len(body) % 2 == 0 else body + "0"], self.open(slot)]
