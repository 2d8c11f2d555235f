"""Writers that keep a server busy through kazoo and know what it must still hold after a crash."""
import logging
import random
import threading
import time

from kazoo.client import KazooClient
from kazoo.exceptions import ConnectionClosedError, ConnectionLoss, KazooException, SessionExpiredError
from kazoo.protocol.states import KazooState, KeeperState

import model
import wire
from model import Node, State

logging.getLogger("kazoo").setLevel(logging.CRITICAL)

SEQUENTIAL_PARENT = "/seq"
MORTAL_PARENT = "/mortal"
# What a server says that has no room for more; such a write must have no effect.
REFUSED = "SystemZookeeperError"
UNANSWERED = (ConnectionLoss, ConnectionClosedError)
QUICK_RETRY = {"max_tries": -1, "delay": 0.05, "backoff": 1, "max_delay": 0.1}


def connect(port, timeout=10.0):
    """A started kazoo client that reconnects quickly."""
    client = KazooClient(hosts="127.0.0.1:%d" % port, timeout=timeout, connection_retry=QUICK_RETRY)
    client.start(timeout=30)
    return client


def number_of(name):
    """The counter at the end of a sequential node's name."""
    return int(name[-10:])


class Sequence:
    """Every number ever seen below the sequential parent, and whose it is."""

    def __init__(self, report):
        self.report = report
        self.lock = threading.Lock()
        self.tokens = {}
        self.highest_acknowledged = -1

    def note(self, name, token, floor=-1):
        """A node of this name exists or existed; `floor` was acknowledged before it was asked for."""
        number = number_of(name)
        with self.lock:
            other = self.tokens.setdefault(number, token)
            if other != token:
                self.report.fail("sequence numbers never repeat", "%s was %s and is now %s" % (name, other, token))
            if number <= floor:
                self.report.fail("sequence numbers grow", "%s came after %d" % (name, floor))

    def acknowledge(self, name, token, floor):
        self.note(name, token, floor)
        with self.lock:
            self.highest_acknowledged = max(self.highest_acknowledged, number_of(name))


class Writer(threading.Thread):
    """Sends batches of random steps through one session, as long as its gate is open."""

    def __init__(self, index, port, seed, sequence, report):
        super().__init__(daemon=True)
        self.writer = "w%d" % index
        self.choose = random.Random(seed)
        self.sequence, self.report = sequence, report
        self.client = connect(port)
        self.session = self.client.client_id[0]
        self.client.create("/" + self.writer)
        self.state, self.unanswered, self.names = State(), [], {}
        self.number = self.acknowledged_count = self.unanswered_count = self.refused_count = 0
        self.may_be_refused = False
        self.gate, self.idle, self.ended = threading.Event(), threading.Event(), False

    def run(self):
        while True:
            if not self.gate.is_set():
                self.idle.set()
                self.gate.wait()
                self.idle.clear()
            if self.ended:
                return
            try:
                self._batch()
            except Exception as problem:
                self.report.fail("a writer goes on", repr(problem))
                self.gate.clear()

    def _batch(self):
        """Submits steps without waiting, then takes the answers in order."""
        predicted, sent = self.state.copy(), []
        known = set(self.names)
        for _ in range(self.choose.choice([1, 1, 2, 8, 32])):
            self.number += 1
            step = model.draw(predicted, self.choose, self.writer, self.number, sorted(known & predicted.sequential))
            predicted.apply(step)
            sent.append((step, self.sequence.highest_acknowledged, self._submit(step)))
        for step, floor, pending in sent:
            try:
                answer, value = model.OK, pending.get(timeout=60)
                if step.kind == "multi":
                    answer = self._answer_of_multi(value)
            except UNANSWERED:
                self.unanswered.append(step)
                continue
            except KazooException as refusal:
                answer, value = type(refusal).__name__, None
            self._take(step, floor, answer, value)
        self.unanswered_count += len(self.unanswered)
        if self.unanswered:
            self.gate.clear()

    def _take(self, step, floor, answer, value):
        """Compares an answer with what the model says."""
        if self.unanswered:
            self.report.fail("answers come in order", "%s was answered after %s was not" % (step, self.unanswered[0]))
        if self.may_be_refused and answer == REFUSED:
            self.refused_count += 1
            return
        wanted = self.state.apply(step)
        if answer != wanted:
            self.report.fail("every answer is the model's", "%s: %s, wanted %s" % (step, answer, wanted))
        self.acknowledged_count += answer == model.OK
        if step.kind == "sequential" and answer == model.OK:
            self.names[step.token] = value
            self.sequence.acknowledge(value, step.token, floor)

    @staticmethod
    def _answer_of_multi(results):
        """The error of the change that failed a multi, or OK."""
        for result in results:
            name = type(result).__name__
            if isinstance(result, Exception) and name not in ("RolledBackError", "RuntimeInconsistency"):
                return name
        return model.OK

    def _submit(self, step):
        if step.kind == "sequential":
            return self.client.create_async(SEQUENTIAL_PARENT + "/s-", step.token.encode(), sequence=True)
        if step.kind == "drop":
            return self.client.delete_async(self.names[step.token])
        if step.kind == "create":
            return self.client.create_async(step.path, step.token.encode(), ephemeral=step.ephemeral)
        if step.kind == "set":
            return self.client.set_async(step.path, step.token.encode(), step.version)
        if step.kind == "delete":
            return self.client.delete_async(step.path, step.version)
        request = self.client.transaction()
        for part in step.steps:
            if part.kind == "create":
                request.create(part.path, part.token.encode())
            elif part.kind == "set":
                request.set_data(part.path, part.token.encode(), part.version)
            elif part.kind == "delete":
                request.delete(part.path, part.version)
            else:
                request.check(part.path, part.version)
        return request.commit_async()

    def give_up_queued(self):
        """Fails what kazoo holds back for a later connection, so that a crash leaves one unanswered run."""
        if self.client.state != KazooState.CONNECTED:
            self.client._notify_pending(KeeperState.CONNECTING)

    def is_back(self):
        """Whether the client is connected again, in its old session."""
        return self.client.state == KazooState.CONNECTED and self.client.client_id[0] == self.session

    def end(self):
        self.ended = True
        self.gate.set()


class Workload:
    """All writers, the sessions that die, and what must be found after a restart."""

    def __init__(self, port, choose, report, writer_count=4):
        self.port, self.choose, self.report = port, choose, report
        self.sequence = Sequence(report)
        self.mortals, self.mortal_count = [], 0
        setup = connect(port)
        setup.create(SEQUENTIAL_PARENT)
        setup.create(MORTAL_PARENT)
        setup.stop()
        setup.close()
        self.writers = [Writer(index, port, choose.randrange(1 << 32), self.sequence, report)
                        for index in range(writer_count)]
        for writer in self.writers:
            writer.start()

    @property
    def acknowledged_count(self):
        return sum(writer.acknowledged_count for writer in self.writers)

    @property
    def unanswered_count(self):
        return sum(writer.unanswered_count for writer in self.writers)

    @property
    def refused_count(self):
        return sum(writer.refused_count for writer in self.writers)

    def resume(self):
        for writer in self.writers:
            writer.gate.set()

    def let_be_refused(self, allowed):
        """Whether the server may refuse writes from now on; it never may pretend."""
        for writer in self.writers:
            writer.may_be_refused = allowed

    def add_mortal(self, timeout_ms=4000):
        """A session that makes an ephemeral node and then dies without closing."""
        session = wire.Session(self.port, timeout_ms)
        name = "%s/m%d" % (MORTAL_PARENT, self.mortal_count)
        self.mortal_count += 1
        session.create(name, b"mortal", flags=1)
        session.vanish()
        self.mortals.append((name, session.session, session.timeout_ms / 1000))

    def settle(self, timeout=60):
        """After the server has died: waits until every request is answered or known to be unanswered."""
        end = time.monotonic() + timeout
        for writer in self.writers:
            writer.gate.clear()
        while not all(writer.idle.is_set() for writer in self.writers):
            for writer in self.writers:
                writer.give_up_queued()
            if time.monotonic() > end:
                raise TimeoutError("a writer waits for ever")
            time.sleep(0.005)

    def pause(self, timeout=60):
        """With the server alive: waits until every writer has its answers."""
        end = time.monotonic() + timeout
        for writer in self.writers:
            writer.gate.clear()
        while not all(writer.idle.is_set() for writer in self.writers):
            if time.monotonic() > end:
                raise TimeoutError("a writer's requests stay unanswered")
            time.sleep(0.005)

    def verify(self, what):
        """Compares everything the server holds with what it must hold. Counts as one check for each writer."""
        began = time.monotonic()
        reader = connect(self.port)
        try:
            names = set(reader.get_children("/"))
            wanted = {"zookeeper", "seq", "mortal"} | {writer.writer for writer in self.writers}
            self.report.check("%s: nothing at the root but what was made" % what, names == wanted, names ^ wanted)
            sequential = self._sequential(reader)
            for writer in self.writers:
                self._verify_writer(what, reader, writer, sequential)
            if self.mortals and time.monotonic() - began < 1:
                name, owner, _ = self.mortals[-1]
                stat = reader.exists(name)
                self.report.check("%s: an ephemeral node outlives the crash" % what,
                                  stat and stat.ephemeralOwner == owner, name)
        finally:
            reader.stop()
            reader.close()

    def _sequential(self, reader):
        """Token to name of every sequential node."""
        names = reader.get_children(SEQUENTIAL_PARENT)
        reads = [(name, reader.get_async(SEQUENTIAL_PARENT + "/" + name)) for name in names]
        found = {}
        for name, read in reads:
            token = read.get()[0].decode()
            self.sequence.note(name, token)
            if token in found:
                self.report.fail("a sequential create happens once", "%s and %s hold %s" % (name, found[token], token))
            found[token] = "%s/%s" % (SEQUENTIAL_PARENT, name)
        known = {writer.writer for writer in self.writers}
        strangers = [token for token in found if token.split(":")[0] not in known]
        if strangers:
            self.report.fail("nothing exists that was never proposed", strangers)
        return found

    def _verify_writer(self, what, reader, writer, sequential):
        parent = "/" + writer.writer
        found = State(sequential={token for token in sequential if token.startswith(writer.writer + ":")})
        reads = [(name, reader.get_async("%s/%s" % (parent, name))) for name in reader.get_children(parent)]
        for name, read in reads:
            data, stat = read.get()
            owner = stat.ephemeralOwner
            found.nodes["%s/%s" % (parent, name)] = Node(
                data.decode(), stat.version, {0: False, writer.session: True}.get(owner, "owner %x" % owner))
        state = model.resolve(writer.state, writer.unanswered, found)
        self.report.check(
            "%s: %s finds its acknowledged writes and a prefix of %d unanswered" % (
                what, writer.writer, len(writer.unanswered)),
            state is not None, model.difference(writer.state, found))
        for token in found.sequential & writer.names.keys():
            if writer.names[token] != sequential[token]:
                self.report.fail("a sequential node keeps its name", "%s: %s" % (writer.names[token], sequential[token]))
        writer.names = {token: sequential[token] for token in found.sequential}
        writer.state, writer.unanswered = found, []

    def await_sessions(self, what, timeout=15):
        """Waits until every writer is back in the session that it had."""
        end = time.monotonic() + timeout
        while time.monotonic() < end and not all(writer.is_back() for writer in self.writers):
            time.sleep(0.01)
        lost = [writer.writer for writer in self.writers if not writer.is_back()]
        self.report.check("%s: every live session goes on" % what, not lost, lost)
        if lost:
            raise SessionExpiredError("sessions of %s" % lost)

    def await_mortals(self, what, slack=4.0):
        """Waits until the ephemeral nodes of all dead sessions are gone."""
        end = time.monotonic() + max(timeout for _, _, timeout in self.mortals) + slack
        reader = connect(self.port)
        try:
            while (left := reader.get_children(MORTAL_PARENT)) and time.monotonic() < end:
                time.sleep(0.05)
        finally:
            reader.stop()
            reader.close()
        self.report.check("%s: ephemeral nodes of dead sessions are gone" % what, not left, left)
        self.mortals = []

    def close(self):
        for writer in self.writers:
            writer.end()
        for writer in self.writers:
            writer.client.stop()
            writer.client.close()
