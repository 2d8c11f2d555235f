"""Where ours answers otherwise than Apache's server, on purpose: docs/compatibility.md gives the reasons.

(scenario, pattern of the question, what ours answers). What ours answers is a value, or a function of both
servers' answers. A difference that is not here is a failure, and so is one that has gone.
"""
import re

UNREADABLE = (-5, "", [])


def same_with_a_stat_behind(theirs, ours):
    return ours[0] == 0 and ours[2][0] == theirs[2][0] and len(ours[2]) == 2 and len(ours[2][1]) == 68


def made(theirs, ours):
    return theirs == UNREADABLE and ours[0] == 0


def as_it_was_sent(theirs, ours):
    return theirs[0] == ours[0] == 0 and theirs[2] != ours[2]


DIFFERENCES = [
    ("multis.forbidden", r"multiRead of (create|delete|setData|check)", UNREADABLE),
    ("multis.reads", r"null path", UNREADABLE),
    ("writes.flags", r"create 4", same_with_a_stat_behind),
    ("writes.access_lists", r"create: null id", (-114, "", [])),
    ("writes.odd_lengths", r"create, -\d+ entries", UNREADABLE),
    ("writes.odd_lengths", r"setWatches, -\d+ paths", UNREADABLE),
    ("reads.odd_paths", r"sync (emoji|bad utf8|overlong|half|surrogate)", as_it_was_sent),
    ("quotas.order_of_checks", r"limits that are no numbers", made),
    ("reads.a_session_more", r"null lists in setWatches", (0, "", [])),
]


def expected(scenario, what, theirs, ours):
    """Whether ours answers as it should: as Apache, or as it is written here."""
    for name, pattern, answer in DIFFERENCES:
        if name == scenario and re.fullmatch(pattern, what):
            return answer(theirs, ours) if callable(answer) else ours == answer and ours != theirs
    return ours == theirs
