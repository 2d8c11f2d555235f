"""What one writer's nodes must look like after each of its operations.

Every writer owns `/wN` alone and sends its requests through one session, and a server carries out the
requests of one session in order. So after a crash the nodes stand exactly as after the acknowledged
operations plus some first ones of those that were never answered. Nothing else is right: a missing
write, a wrong version, half of a multi, or a node that nobody proposed all differ from every such state.
"""
from dataclasses import dataclass, field

OK, NO_NODE, EXISTS, BAD_VERSION = "ok", "NoNodeError", "NodeExistsError", "BadVersionError"


@dataclass(frozen=True)
class Node:
    token: str
    version: int
    ephemeral: bool


@dataclass(frozen=True)
class Step:
    """One operation. `kind` is create, set, delete, check, sequential, drop or multi.

    `token` is what the operation writes as data: unique, so that data tells which operation it is from.
    `drop` deletes one of the writer's own nodes below the shared parent of sequential nodes.
    """
    kind: str
    path: str = ""
    token: str = ""
    version: int = -1
    ephemeral: bool = False
    steps: tuple = ()


@dataclass
class State:
    """The writer's own nodes by path, and its live tokens below the shared sequential parent."""
    nodes: dict = field(default_factory=dict)
    sequential: set = field(default_factory=set)

    def copy(self):
        return State(dict(self.nodes), set(self.sequential))

    def apply(self, step):
        """Carries a step out; returns the answer that the server must give."""
        if step.kind == "multi":
            trial = self.copy()
            for part in step.steps:
                answer = trial.apply(part)
                if answer != OK:
                    return answer
            self.nodes, self.sequential = trial.nodes, trial.sequential
            return OK
        if step.kind == "sequential":
            self.sequential.add(step.token)
            return OK
        if step.kind == "drop":
            if step.token not in self.sequential:
                return NO_NODE
            self.sequential.discard(step.token)
            return OK
        return self._apply_to_node(step, self.nodes.get(step.path))

    def _apply_to_node(self, step, node):
        if step.kind == "create":
            if node:
                return EXISTS
            self.nodes[step.path] = Node(step.token, 0, step.ephemeral)
            return OK
        if node is None:
            return NO_NODE
        if step.version not in (-1, node.version):
            return BAD_VERSION
        if step.kind == "set":
            self.nodes[step.path] = Node(step.token, node.version + 1, node.ephemeral)
        elif step.kind == "delete":
            del self.nodes[step.path]
        return OK


def resolve(acknowledged, unanswered, found):
    """The state in `found` if it is the acknowledged one plus a prefix of the unanswered steps, else None."""
    state = acknowledged.copy()
    for step in (None, *unanswered):
        if step is not None:
            state.apply(step)
        if state == found:
            return state
    return None


def difference(acknowledged, found):
    """A few words on where `found` differs from the acknowledged state, for a message."""
    words = []
    for path in sorted(acknowledged.nodes.keys() | found.nodes.keys()):
        wanted, seen = acknowledged.nodes.get(path), found.nodes.get(path)
        if wanted != seen:
            words.append("%s: acknowledged %s, found %s" % (path, wanted, seen))
    for token in sorted(acknowledged.sequential ^ found.sequential):
        words.append("sequential %s: %s" % (token, "missing" if token in acknowledged.sequential else "extra"))
    return "; ".join(words[:6])


def draw(state, choose, writer, number, droppable):
    """A random step for a writer, mostly one that succeeds; `number` makes its token unique.

    `droppable` are the tokens of its sequential nodes whose names it knows.
    """
    token = "%s:%d" % (writer, number)
    path = "/%s/n%d" % (writer, choose.randrange(24))
    node = state.nodes.get(path)
    kind = choose.choices(["put", "delete", "sequential", "drop", "multi", "wrong"], [50, 12, 14, 8, 12, 4])[0]
    if kind == "sequential":
        return Step("sequential", token=token)
    if kind == "drop" and droppable:
        return Step("drop", token=choose.choice(droppable))
    if kind == "multi":
        return _draw_multi(state, choose, writer, token)
    if kind == "wrong":
        return Step("set", path, token, version=1_000_000) if node else Step("delete", path)
    if kind == "delete" and node:
        return Step("delete", path, version=choose.choice([-1, node.version]))
    if node:
        return Step("set", path, token, version=choose.choice([-1, node.version]))
    return Step("create", path, token, ephemeral=choose.random() < 0.3)


def _draw_multi(state, choose, writer, token):
    """Two to four changes that happen together; one in five multis fails at its last change."""
    trial = state.copy()
    steps = []
    for part in range(choose.randrange(2, 5)):
        path = "/%s/n%d" % (writer, choose.randrange(24))
        node = trial.nodes.get(path)
        if node is None:
            step = Step("create", path, "%s.%d" % (token, part))
        else:
            step = choose.choice([
                Step("set", path, "%s.%d" % (token, part), version=node.version),
                Step("check", path, version=node.version), Step("delete", path)])
        trial.apply(step)
        steps.append(step)
    if choose.random() < 0.2:
        steps.append(Step("check", "/%s/never" % writer))
    return Step("multi", steps=tuple(steps))
