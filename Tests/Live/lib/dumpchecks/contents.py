"""zklogdump shows what was written: as JSON and text, in ranges and through filters, live and after a stop."""
import collections
import time

import dumps
from dumps import LOG, Recorder, Run
from kazoo.security import make_acl

# Small enough that the log rolls every few dozen lone writes.
SETTINGS = {"tickTime": 500, "jute.maxbuffer": 65536, "preAllocSize": 256}
COLUMNS = 80


def write(port):
    """Does every kind of write, in three sessions; returns what the log must say."""
    entries = []
    first, second, third = (Recorder(port, entries) for _ in range(3))
    first.create("/t")
    first.create("/t/a", b"first")
    second.create("/t/b", b"x" * 5000)
    third.create("/t/mine", b"me", ephemeral=True)
    third.create("/t/seq-", b"s", ephemeral=True, sequence=True)
    third.create("/t/\u00e4 \"odd\\ name", b"")
    first.set("/t/a", b"again")
    first.set("/t/a", b"no", version=9)
    first.create("/t/a", b"twice")
    first.create("/t/mine/child")
    second.delete("/t/none")
    second.delete("/t")
    second.set_acls("/t/b", [make_acl("world", "anyone", all=True)])
    # A check is logged with the version that follows the one asked for, as Apache's server does it.
    third.multi(("create", {"type": "create", "path": "/t/m", "dataLength": 3}, "/t/m", b"abc"),
                ("check", {"type": "check", "path": "/t/m", "version": 1}, "/t/m", 0),
                ("set_data", {"type": "setData", "path": "/t/m", "dataLength": 1, "version": 1}, "/t/m", b"d"),
                ("delete", {"type": "delete", "path": "/t/b"}, "/t/b"))
    third.multi(("create", {}, "/t/never"), ("check", {}, "/t/m", 7), ("delete", {}, "/t/m"))
    third.close("/t/mine", "/t/seq-%010d" % 3)
    for number in range(300):
        (first, second)[number % 2].create("/t/a/n%d" % number, b"y" * number)
        if number == 150:
            time.sleep(0.3)
    second.close()
    first.close()
    return entries


def check_contents(report, what, source, entries):
    run = Run(LOG, "--json", source)
    wrong = run.code != 0 and [str(run)] or dumps.differences(entries, run.objects)
    report.check("%s: --json says of every write what the client knows" % what, not wrong, wrong)
    text = Run(LOG, source)
    heads = [line for line in text.lines if not line.startswith(" ")]
    holds = text.code == 0 and len(heads) == len(entries) == len(run.objects) and all(
        line.split()[1:5] == ["%d.%d" % (one["epoch"], one["counter"]), one["zxid"], one["session"], one["type"]]
        for line, one in zip(heads, run.objects))
    report.check("%s: text has the same, a line each" % what, holds, text)
    return run.objects


def check_ranges(report, source, objects):
    """Both ends of a range are in it."""
    def shown(*words):
        run = Run(LOG, "--json", *words, source)
        return [one["zxid"] for one in run.objects] if run.code == 0 else run.problems

    zxids = [one["zxid"] for one in objects]
    rolls = [place for place in range(1, len(objects)) if objects[place]["segment"] != objects[place - 1]["segment"]]
    if not report.check("the log has rolled", len(rolls) >= 3, rolls):
        return
    for low, high in [(0, 0), (0, len(zxids) - 1), (5, 9), (len(zxids) - 1, len(zxids) - 1),
                      (rolls[0] - 2, rolls[0] + 1), (rolls[0], rolls[1] - 1), (rolls[1], len(zxids) - 1)]:
        first, last = objects[low], zxids[high]
        answer = shown("--from-zxid", "%d.%d" % (first["epoch"], first["counter"]), "--to-zxid", last)
        report.check("zxids %d to %d of the log" % (low, high), answer == zxids[low:high + 1], answer)
    beyond = hex(int(zxids[-1], 16) + 1)
    report.check("nothing stands behind the end", shown("--from-zxid", beyond) == [], shown("--from-zxid", beyond))
    report.check("a range may end behind the end", shown("--to-zxid", "0x7fffffffffffffff") == zxids)
    times = [one["time"] for one in objects]
    for low, high in [(times[0], times[-1]), (times[40], times[90]), (times[20] + 1, times[-1] + 1000), (0, times[10])]:
        iso = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(high // 1000)) + ".%03dZ" % (high % 1000)
        answer = shown("--from-time", low, "--to-time", iso)
        wanted = [one["zxid"] for one in objects if low <= one["time"] <= high]
        report.check("times %d to %d" % (low, high), answer == wanted, answer)


def check_filters(report, source, objects):
    def parts(one):
        return [one, *one.get("parts", [])]

    def below(one, prefix):
        return any(part.get("path", "").startswith(prefix) for part in parts(one)) or any(
            path.startswith(prefix) for path in one.get("removed", []))

    def typed(one, name):
        return any(part["type"] == name for part in parts(one))

    session = objects[0]["session"]
    cases = {
        ("--path", "/t/a"): lambda one: below(one, "/t/a"),
        ("--path", "/t/mine"): lambda one: below(one, "/t/mine"),
        ("--path", "/t/\u00e4 \"odd\\"): lambda one: below(one, "/t/\u00e4"),
        ("--path", "/nothing"): lambda one: False,
        ("--session", session): lambda one: one["session"] == session,
        ("--session", session[2:], "--type", "error"): lambda one: one["session"] == session and typed(one, "error"),
    }
    for name in {part["type"] for one in objects for part in parts(one)}:
        cases["--type", name] = lambda one, name=name: typed(one, name)
    for words, holds in cases.items():
        run = Run(LOG, "--json", *words, source)
        wanted = [one for one in objects if holds(one)]
        report.check("only " + " ".join(words), run.code == 0 and run.objects == wanted, run)


def check_stats(report, source, objects):
    run = Run(LOG, "--stats", "--json", source)
    found = run.objects[0] if run.code == 0 else {}
    types = collections.Counter(one["type"] for one in objects)
    errors = collections.Counter(part["error"] for one in objects for part in [one, *one.get("parts", [])]
                                 if part["type"] == "error" and part["error"] not in ("Ok", "RuntimeInconsistency"))
    parents = collections.Counter()
    for one in objects:
        changes = [part["path"] for part in [one, *one.get("parts", [])] if "path" in part and part["type"] != "check"]
        parents.update(path.rpartition("/")[0] or "/" for path in changes + one.get("removed", []))
    wanted = {
        "records": len(objects), "segments": found.get("segments"), "errors": dict(errors),
        "firstZxid": objects[0]["zxid"], "lastZxid": objects[-1]["zxid"], "verdict": "CLEAN"}
    report.check("--stats counts what is there", {name: found.get(name) for name in wanted} == wanted, run)
    report.check("--stats counts types", {name: one["records"] for name, one in found["types"].items()} == types, run)
    report.check("--stats knows the busiest parents",
                 {one["path"]: one["changes"] for one in found["parents"]["busiest"]} == parents, found["parents"])
    sessions = collections.Counter(one["session"] for one in objects)
    report.check("--stats counts sessions", found["sessions"]["count"] == len(sessions)
                 and {one["session"]: one["records"] for one in found["sessions"]["busiest"]} == sessions
                 and found["sessions"]["opened"] == types["createSession"], found["sessions"])
    rows = found["timeline"]["rows"]
    report.check("--stats divides the records by time", sum(row["records"] for row in rows) == len(objects)
                 and len(rows) <= 24 and found["timeline"]["mostInASecond"] <= len(objects), rows)
    report.check("--stats has sizes that fit", found["storedBytes"] <= found["rawBytes"] < found["fileBytes"]
                 and found["fileBytes"] % 4096 == 0 and found["recordBytes"]["p50"] <= found["recordBytes"]["max"]
                 and sum(one["bytes"] for one in found["types"].values()) + 12 * len(objects) == found["rawBytes"], run)


def check_words(report, source):
    """Help, and what fits a terminal."""
    help_text = Run(LOG, "--help")
    report.check("--help shows examples and exit codes", help_text.code == 0 and all(
        word in help_text.output for word in ("EXAMPLES", "EXIT CODES", "zklogdump --verify", "--follow")), help_text)
    for words in (["--help"], ["--verify", source], ["--stats", source]):
        run = Run(LOG, *words)
        wide = [line for line in run.lines if len(line) > COLUMNS and str(source) not in line]
        report.check("%s fits %d columns" % (words[0], COLUMNS), run.code == 0 and not wide, wide)
    for words in (["--verify", "--stats", source], ["--verify", "--from-zxid", "1.1", source], ["--from-zxid", "x", source],
                  ["--from-zxid", "1.2", "--to-zxid", "1.1", source], ["--type", "nonsense", source],
                  ["--from-time", "noon", source], ["--session", "me", source], ["--no-such-option", source], []):
        run = Run(LOG, *words)
        report.check("zklogdump %s is refused" % " ".join(map(str, words)), run.code == 2 and run.problems
                     and not run.output, run)
