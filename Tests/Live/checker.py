#!/usr/bin/env python3
"""Checks the checker: lib/model.py must take every state that a correct server can be in, and no other.

For random histories it takes each prefix of the unanswered steps, and refuses the states of servers that
lose an acknowledged write, skip an unanswered one, tear a multi, or invent. Needs no server.
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402
import model  # noqa: E402
from model import Node, State, Step, resolve  # noqa: E402


def history(choose, length):
    """Random steps with the state after each; `states[n]` is the one after n steps."""
    state, steps, states = State(), [], [State()]
    for number in range(length):
        step = model.draw(state, choose, "w0", number, sorted(state.sequential))
        state.apply(step)
        steps.append(step)
        states.append(state.copy())
    return steps, states


def replayed(steps):
    state = State()
    for step in steps:
        state.apply(step)
    return state


def takes_every_prefix(choose):
    """Whether each state with a prefix of the unanswered steps is taken."""
    steps, states = history(choose, 60)
    answered = choose.randrange(30, 50)
    return all(resolve(states[answered], steps[answered:], states[end]) == states[end]
               for end in range(answered, len(states)))


def refuses(choose, spoil):
    """Whether a wrong state is refused. `spoil` makes one from (steps, states, answered), or None."""
    for _ in range(1000):
        steps, states = history(choose, 60)
        answered = choose.randrange(30, 50)
        wrong = spoil(steps, states, answered)
        if wrong is not None and wrong not in states[answered:]:
            return resolve(states[answered], steps[answered:], wrong) is None
    raise AssertionError("no history offers the mistake " + spoil.__name__)


def lost_last(steps, states, answered):
    """The state before the last acknowledged step."""
    return states[answered - 1]


def lost_middle(steps, states, answered):
    """An acknowledged step in the middle never happened."""
    return replayed(steps[:answered - 10] + steps[answered - 9:answered])


def skipped_unanswered(steps, states, answered):
    """The second unanswered step happened, the first did not."""
    return replayed(steps[:answered] + steps[answered + 1:answered + 2])


def torn_multi(steps, states, answered):
    """Only the first change of an unanswered multi happened."""
    step = steps[answered]
    if step.kind != "multi":
        return None
    return replayed([*steps[:answered], step.steps[0]])


def done_twice(steps, states, answered):
    """A set happened twice: the data is right, the version is not."""
    state = states[answered].copy()
    for path, node in state.nodes.items():
        if node.version:
            state.nodes[path] = Node(node.token, node.version + 1, node.ephemeral)
            return state
    return None


def invented(steps, states, answered):
    """A node that nobody asked for."""
    state = states[answered].copy()
    state.nodes["/w0/strange"] = Node("w9:1", 0, False)
    return state


def wrong_data(steps, states, answered):
    """A node holds what another step wrote."""
    state = states[answered].copy()
    path = next(iter(state.nodes), None)
    if path is None:
        return None
    state.nodes[path] = Node("w0:999999", state.nodes[path].version, state.nodes[path].ephemeral)
    return state


def lost_sequential(steps, states, answered):
    """A sequential node is missing."""
    state = states[answered].copy()
    return state if state.sequential and state.sequential.pop() else None


def forgot_owner(steps, states, answered):
    """An ephemeral node came back without its owner."""
    state = states[answered].copy()
    for path, node in state.nodes.items():
        if node.ephemeral:
            state.nodes[path] = Node(node.token, node.version, False)
            return state
    return None


def main():
    arguments = live.parser(__doc__, rounds=20).parse_args()
    report, choose = live.Report(arguments.verbose), live.seeded(arguments)
    mistakes = (lost_last, lost_middle, skipped_unanswered, torn_multi, done_twice, invented, wrong_data,
                lost_sequential, forgot_owner)
    rounds = range(arguments.rounds)
    report.check("every prefix of the unanswered steps is taken", all(takes_every_prefix(choose) for _ in rounds))
    for mistake in mistakes:
        report.check("refused: " + mistake.__doc__, all(refuses(choose, mistake) for _ in rounds))
    state = State()
    report.check("a set with another version is refused", (
        state.apply(Step("create", "/a", "1")), state.apply(Step("set", "/a", "2", version=3))) == ("ok", "BadVersionError"))
    report.check("a failed multi changes nothing", (
        state.apply(Step("multi", steps=(Step("delete", "/a"), Step("check", "/b")))), list(state.nodes)) == ("NoNodeError", ["/a"]))
    report.finish()


if __name__ == "__main__":
    main()
