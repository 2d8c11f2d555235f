"""Plays one session on both servers and compares everything that they say."""
import replies
import requests
import tree
from side import NO_PASSWORD

SESSION_TIMEOUT_MS = 30_000
CONNECTING = ("open", "resume", "drop", "bytes", "greet")
TOGETHER_MAX = 32
# Unimplemented and AuthFailed: the connection ends behind the answer.
HANGING_UP = (-6, -115)


class Difference(Exception):
    """The two servers did not say the same. `kind` is what a shrunk session has to keep."""

    def __init__(self, place, operations, first, second, kind):
        super().__init__(kind)
        self.place, self.operations, self.first, self.second, self.kind = place, operations, first, second, kind

    def __str__(self):
        lines = ["%s, operation %s" % (self.kind, self.place)]
        lines += ["  %r" % (operation,) for operation in self.operations[-6:]]
        for title, words in (("Apache", self.first), ("ours", self.second)):
            lines += ["%s:" % title] + ["  %r" % (word,) for word in words]
        return "\n".join(lines)


class Play:
    """One session's operations on two sides, which are given in the order Apache, ours."""

    def __init__(self, sides, operations):
        self.sides = sides
        self.operations = operations
        # Apache holds a write against the quota as it was when the last one was applied, not as it will be.
        limited = any("zookeeper_limits" in str(operation[2:3]) for operation in operations)
        self.together_max = 1 if limited else TOGETHER_MAX
        self.opened = 0
        # The zxids of sessions' ends.
        self.closings = set()
        # Sessions that lost their connection: number -> (session, password) by side.
        self.sessions = {}
        self.of_slot = {}

    def run(self):
        """Raises `Difference` at the first one; ends with the whole tree, and with the sessions closed."""
        pending = []
        for place, operation in enumerate(self.operations):
            if pending and not self.joins(pending, operation):
                self.burst(place, pending)
                pending = []
            if operation[0] in CONNECTING:
                getattr(self, operation[0])(place, operation)
            elif self.both_alive(operation[1]):
                pending.append(operation)
        if pending:
            self.burst(len(self.operations), pending)
        self.finish(len(self.operations))

    def joins(self, pending, operation):
        """Whether an operation is sent together with those before it."""
        return (pending[0][1] == operation[1] and len(pending) < self.together_max and operation[0] not in CONNECTING
                and operation[0] not in requests.ALONE and pending[-1][0] not in requests.ALONE | requests.LAST)

    def both_alive(self, slot):
        return all(side.alive(slot) for side in self.sides)

    def burst(self, place, operations):
        """Sends operations of one connection in one piece and compares what comes back."""
        slot = operations[0][1]
        for side in self.sides:
            side.send(slot, operations)
        first, second = (side.receive(slot) for side in self.sides)
        self.closings |= {word[2] for word in first if word[0] == "close" and word[3:4] == (0,)}
        self.compare(place, operations, first, second)
        if operations[-1][0] in requests.ALONE:
            self.settle(place, operations, slot, first[-1])

    def settle(self, place, operations, slot, last):
        """Hears whether the server hung up after its last answer: it does after some errors, else a ping is answered."""
        ping = [["ping", slot]]
        ends = []
        for side in self.sides:
            if not side.alive(slot):
                ends.append([("hung up",)])
            elif last[0] == "close" or last[3] in HANGING_UP:
                ends.append([("more",) if side.slots[slot].frame() else ("hung up",)])
            else:
                side.send(slot, ping)
                ends.append(side.receive(slot))
        self.compare(place, operations + ping, *ends)
        if last[0] == "close" and ends[0] == [("hung up",)]:
            self.sessions.pop(self.of_slot.pop(slot, None), None)

    def compare(self, place, operations, first, second):
        if first != second:
            first, second = self.sorted_ends(first), self.sorted_ends(second)
            if first != second:
                raise Difference(place, operations, *self.around(first, second))

    def sorted_ends(self, said):
        """Events of one zxid in the order of their paths, if they tell of a session's end: its nodes have no order."""
        runs = []
        for word in said:
            if word[0] == "event" and runs and runs[-1][0][0] == "event" and runs[-1][0][4] == word[4] and word[4] in self.closings:
                runs[-1].append(word)
            else:
                runs.append([word])
        return [word for run in runs for word in sorted(run)]

    @staticmethod
    def around(first, second):
        """The words at the first difference, one before it and two after, and what kind of difference it is."""
        at = next((i for i, (a, b) in enumerate(zip(first, second)) if a != b), min(len(first), len(second)))
        one, other = first[at:at + 1], second[at:at + 1]
        kind = "%s/%s" % (tree.short(one), tree.short(other))
        if one and other and one[0][0] == other[0][0]:
            fields = [i for i, (a, b) in enumerate(zip(one[0], other[0])) if a != b]
            kind += " field %s" % (fields[0] if fields else "count")
            kind += tree.items(one[0], other[0], fields[:1])
        return first[max(at - 1, 0):at + 3], second[max(at - 1, 0):at + 3], kind

    def open(self, place, operation):
        """[open, slot, time-out, read-only, zxid seen]: a new session."""
        _, slot, timeout_ms, read_only, seen = operation
        self.opened_by(place, operation, lambda side: side.connect(
            slot, self.opened, timeout_ms, self.seen(side, seen), 0, NO_PASSWORD, read_only))

    def opened_by(self, place, operation, ask):
        """Opens the operation's slot on both sides in a new way; what is granted is a session like any other."""
        slot = operation[1]
        self.leave(slot)
        self.opened += 1
        answers = [ask(side) for side in self.sides]
        self.compare(place, [operation], [answers[0]], [answers[1]])
        if answers[0][0] == "session" and self.both_alive(slot):
            self.of_slot[slot] = self.opened
            self.sessions[self.opened] = [(side.slots[slot].session, side.slots[slot].password) for side in self.sides]

    def resume(self, place, operation):
        """[resume, slot, session's number, password is right, zxid seen]: goes on with an older session."""
        _, slot, number, right, seen = operation
        if number not in self.sessions:
            return
        holders = [other for other, held in self.of_slot.items() if held == number and other != slot]
        self.leave(slot)
        answers = []
        for side, (session, password) in zip(self.sides, self.sessions[number]):
            password = password if right else bytes([password[0] ^ 1]) + password[1:]
            answers.append(side.connect(slot, number, SESSION_TIMEOUT_MS, self.seen(side, seen), session, password, False))
        self.compare(place, [operation], [answers[0]], [answers[1]])
        if answers[0][0] == "session" and self.both_alive(slot):
            self.of_slot[slot] = number
            for holder in holders:
                # The connection that a session was moved away from ends.
                self.hear_out(place, operation, holder)

    def hear_out(self, place, operation, slot):
        """What a connection says until it ends is the same on both sides: events, if anything."""
        ends = []
        for side in self.sides:
            said = []
            while side.alive(slot) and (frame := side.slots[slot].frame()) is not None:
                said.append(replies.event(frame, side.names))
            ends.append(said)
        self.of_slot.pop(slot, None)
        self.compare(place, [operation], *ends)

    def drop(self, place, operation):
        """[drop, slot]: the socket is closed, the session stays."""
        self.leave(operation[1])

    def bytes(self, place, operation):
        """[bytes, slot, in hex]: words that are no frame, upon which the server hangs up."""
        _, slot, content = operation
        if self.both_alive(slot):
            for side in self.sides:
                side.slots[slot].send(bytes.fromhex(content))
            self.hear_out(place, operation, slot)

    def greet(self, place, operation):
        """[greet, slot, in hex]: a first frame as a client would not write it."""
        _, slot, content = operation
        self.opened_by(place, operation, lambda side: side.greet(slot, self.opened, bytes.fromhex(content)))

    def leave(self, slot):
        self.of_slot.pop(slot, None)
        for side in self.sides:
            if slot in side.slots:
                side.slots[slot].close()

    @staticmethod
    def seen(side, distance):
        """None: nothing seen; a number: that far from the beginning."""
        return 0 if distance is None else side.names.base + distance

    def finish(self, place):
        """Hears every connection out, compares the trees, and ends every session."""
        for slot in sorted(self.of_slot):
            if self.both_alive(slot):
                self.burst(place, [["ping", slot]])
        trees = [tree.whole(side) for side in self.sides]
        self.compare(place, [["the whole tree"]], *trees)
        for number in sorted(self.sessions):
            self.resume(place, ["resume", "last", number, True, None])
            if self.both_alive("last"):
                self.burst(place, [["close", "last"]])
        for side in self.sides:
            for connection in side.slots.values():
                connection.close()
