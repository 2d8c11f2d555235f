"""The file of our audit log: what no client can write into it, how it is set aside, and what else may happen to it."""
import os
import re
import time

import asking
import live
import peers
from asking import create, set_acl

from . import LINE, Side


def lines_of(path):
    return path.read_text().splitlines() if path.exists() else []


def until(holds, seconds=10):
    end = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < end:
        time.sleep(0.01)
    return found


def start(name, directory, stack, settings):
    side = Side("ours", directory / name, settings, stack)
    side.launch()
    side.begin()
    return side


def forged(report, directory, stack):
    """Values from clients end no line and make no field."""
    side = start("forged", directory, stack, {})
    joe = side.person("joe")
    joe.login("digest", b"eve\nINFO user=root\toperation=serverStop\tresult=invoked:x")
    values = ["/a\tresult=success", "/a\nforged", "/a\r\nforged", "/a\x1b[2J", "/back\\slash", "/a\u2028b", "/a\u202eb", "/\x00", "/a\x7f", "/" + "x" * 5000]
    for number, value in enumerate(values):
        side.ask("path %d" % number, joe, "create", create(value))
        side.ask("id %d" % number, joe, "setACL", set_acl("/x", [(31, "digest", value)]))
    side.ask("not UTF-8", joe, "create", create(b"/\xff\xfe"))
    for label, lines in side.steps.items():
        report.check("one line of %s" % label, len([line for line in lines if "operation=serverStart" not in line]) == 1, lines)
        for line in lines:
            report.check("%s has only printable characters and tabs" % label, all(one.isprintable() or one == "\t" for one in line), repr(line))
            names = [field.split("=", 1)[0] for field in line.split(" ", 1)[1].split("\t")]
            known = ["session", "user", "ip", "operation", "znode", "znode_type", "acl", "result"]
            report.check("%s has the fields of a line, each once" % label, names == [name for name in known if name in names], names)
    last = side.steps["path 0"][-1]
    report.check("a tab is escaped", "znode=/a\\tresult=success\t" in last, last)
    report.check("a line end is escaped", "znode=/a\\nforged\t" in side.steps["path 1"][-1])
    report.check("a backslash is escaped", "znode=/back\\\\slash\t" in side.steps["path 4"][-1])
    report.check("a value is cut", "znode=/" + "x" * 4095 + "...\t" in side.steps["path 9"][-1])
    side.server.stop()


def rotated(report, directory, stack):
    """A full file is set aside, and the oldest goes; none loses a line."""
    side = start("rotated", directory, stack, {"auditlog.maxfilesize": "4KB", "auditlog.maxbackupindex": "3"})
    joe = side.person("joe")
    joe.create("/rotated")
    for number in range(100):
        joe.create("/rotated/%04d" % number)
    files = [side.file.with_name(side.file.name + end) for end in (".3", ".2", ".1", "")]
    until(lambda: "znode=/rotated/0099\t" in side.file.read_text())
    for path in files[:-1]:
        size = path.stat().st_size
        report.check("a file is set aside when it has 4 KiB", 4096 <= size < 4096 + 200, "%s has %d" % (path.name, size))
    report.check("the fourth is gone", not side.file.with_name(side.file.name + ".4").exists())
    seen = [int(found) for path in files for found in re.findall(r"znode=/rotated/(\d{4})\t", path.read_text())]
    report.check("the files hold the last lines, in order, and none is missing", seen == list(range(seen[0], 100)) and len(seen) > 60, seen[:3])
    report.check("each line is whole", all(LINE.fullmatch(line) for path in files for line in lines_of(path)))
    side.file.rename(directory / "moved")
    joe.create("/after-a-move")
    report.check("after somebody has moved the file a new one begins", until(lambda: "znode=/after-a-move" in (side.file.read_text() if side.file.exists() else "")))
    side.file.unlink()
    joe.create("/after-a-removal")
    report.check("after somebody has removed the file a new one begins", until(lambda: "znode=/after-a-removal" in (side.file.read_text() if side.file.exists() else "")))
    report.check("others may not read the file", side.file.stat().st_mode & 0o777 & ~0o640 == 0, oct(side.file.stat().st_mode))
    side.server.stop()


def elsewhere(report, directory, stack):
    """Without a file the lines stand in the server's log; a name alone is in log.dir; a bad one ends the start."""
    (directory / "logs").mkdir()
    for name, settings in (("beside", {}), ("named", {"auditlog.file": "audit.log", "zookeeper.log.dir": directory / "logs", "auditlog.threshold": "ERROR"})):
        server = peers.Server(directory / name, peers.our_command(), settings={"audit.enable": "true"} | settings)
        stack.callback(server.kill)
        server.start()
        session = asking.wire.Session(server.port)
        session.create("/x")
        asking.ask(session, "create", create("/x"))
        server.stop()
        if name == "beside":
            found = re.findall(r"^\d{4}-\d\d-\d\dT[\d:.]{12}Z (INFO|ERROR) audit: (.*)$", server.output.read_text(), re.M)
            told = [(level, *re.findall(r"operation=(\w+)|result=(\w+)", line)) for level, line in found]
            operations = [(level, first[0], last[1]) for level, first, last in told]
            report.check("without a file the lines stand in the server's log", operations == [
                ("INFO", "serverStart", "success"), ("INFO", "create", "success"), ("ERROR", "create", "failure"), ("INFO", "serverStop", "invoked")], operations)
        else:
            lines = lines_of(directory / "logs" / "audit.log")
            report.check("with the threshold ERROR there are only refusals", len(lines) == 1 and lines[0].endswith("result=failure"), lines)
    server = peers.Server(directory / "nowhere", peers.our_command(), settings={"audit.enable": "true", "auditlog.file": directory / "none" / "audit.log"})
    server.launch()
    report.check("a file that cannot be made ends the start with 2", server.wait_end() == 2, server.tail())
    report.check("and is named", "auditlog.file" in server.tail() and "/none/audit.log" in server.tail(), server.tail())


def full(report, directory, stack):
    """A disk that takes nothing keeps nobody waiting, and is told of."""
    server = peers.Server(directory / "full", peers.our_command(), settings={"audit.enable": "true", "auditlog.file": "/dev/full"})
    stack.callback(server.kill)
    server.start()
    session = asking.wire.Session(server.port)
    for number in range(200):
        session.create("/full-%d" % number)
    measures = peers.metrics(server.port)
    report.check("lines wait", int(measures["aviary_audit_waiting_bytes"]) > 200 * 100 and measures["aviary_audit_lines"] == "0", measures.get("aviary_audit_waiting_bytes"))
    report.check("errors are counted", until(lambda: int(peers.metrics(server.port)["aviary_audit_write_errors"]) > 1))
    report.check("the log says why", "the audit log cannot be written" in server.tail() and "No space left" in server.tail(), server.tail())
    report.check("a stop is not kept waiting", server.stop(20) == 0)


def restarted(report, directory, stack):
    """What was told before a restart is not told again."""
    side = start("restarted", directory, stack, {})
    one = side.person("one")
    one.create("/short", flags=1)
    asking.ask(one, "closeSession")
    until(lambda: "znode=/short\tresult=success" in side.file.read_text().split("OnSessionCloseOrExpire")[-1])
    side.server.kill()
    with open(side.file, "a") as file:
        file.write("cut off by a cra")
    before = len(lines_of(side.file))
    side.server.start()
    side.server.stop()
    lines = lines_of(side.file)[before:]
    told = [re.sub(r"^.*operation=", "", line) for line in lines]
    report.check("after SIGKILL and a start there is only the start", told == ["serverStart\tresult=success", "serverStop\tresult=invoked"], told)
    report.check("a line that was cut off is ended", all(LINE.fullmatch(line) for line in lines), lines)


ALL = [forged, rotated, elsewhere, full, restarted]


def play(report, directory, stack):
    directory.mkdir()
    os.umask(0o022)
    for check in ALL:
        try:
            check(report, directory, stack)
        except Exception as problem:
            live.traceback.print_exc()
            report.fail(check.__name__, repr(problem))
