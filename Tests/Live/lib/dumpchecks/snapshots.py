"""zksnapdump shows the tree and the sessions that a client sees, and finds damage."""
import base64
import datetime
import os
import shutil
import subprocess

import dumps
from dumps import SNAPSHOT, Recorder, Run
from kazoo.security import make_acl, make_digest_acl

SETTINGS = {"tickTime": 500, "snapCount": 40}
HEADER_BYTES = 4096


def populate(port):
    """A tree with everything in it, and two sessions that stay open."""
    keeper, other = Recorder(port, []), Recorder(port, [])
    keeper.create("/app", b"settings")
    keeper.create("/app/\u00e4 \"odd\\ name", bytes(range(256)))
    keeper.create("/app/big", b"b" * 50_000)
    keeper.set("/app/big", b"c" * 60_000)
    for number in range(50):
        keeper.create("/app/n", b"%d" % number, sequence=True)
    other.create("/app/member", b"me", ephemeral=True)
    keeper.create("/app/gone")
    keeper.delete("/app/gone")
    keeper.set_acls("/app/big", [make_acl("world", "anyone", all=True), make_digest_acl("ann", "word", read=True)])
    return keeper, other


def newest(folder):
    run = Run(SNAPSHOT, "--json", folder)
    return run.objects[0] if run.code == 0 else {}


def snapshot_of_now(writer, folder):
    """Writes until a snapshot ends with the last write; returns its summary."""
    for number in range(400):
        writer.set("/app", b"%d" % number)
        last = hex(writer.client.last_zxid)
        if dumps.eventually(lambda: newest(folder).get("endZxid") == last, 0.1 if number % 40 else 1.5, 0.05):
            return newest(folder)
    raise TimeoutError("no snapshot ends with the last write")


def moment(milliseconds):
    found = datetime.datetime.fromtimestamp(milliseconds // 1000, datetime.timezone.utc)
    return found.strftime("%Y-%m-%dT%H:%M:%S") + ".%03dZ" % (milliseconds % 1000)


def letters(permissions):
    return "".join(letter for bit, letter in ((4, "c"), (8, "d"), (1, "r"), (2, "w"), (16, "a")) if permissions & bit)


def tree(client, path="/"):
    """What zksnapdump must say of the nodes from `path` down, by path."""
    data, stat = client.get(path)
    acls, _ = client.get_acls(path)
    nodes = {path: {
        "kind": "node", "path": path, "dataBytes": len(data), "data": base64.b64encode(data).decode(),
        "children": stat.numChildren, "version": stat.version, "cversion": stat.cversion, "aversion": stat.aversion,
        "czxid": hex(stat.czxid), "mzxid": hex(stat.mzxid), "pzxid": hex(stat.pzxid), "ctime": moment(stat.ctime),
        "mtime": moment(stat.mtime), "ephemeralOwner": hex(stat.ephemeralOwner),
        "acl": ["%s:%s:%s" % (acl.id.scheme, acl.id.id, letters(acl.perms)) for acl in acls]}}
    for name in client.get_children(path):
        nodes |= tree(client, path.rstrip("/") + "/" + name)
    return nodes


def check_contents(report, writers, folder, summary):
    client = writers[0].client
    wanted = tree(client)
    file = summary["file"]
    run = Run(SNAPSHOT, "--json", "--verify", "--tree", "--data", "--sessions", file)
    found = {one["path"]: one for one in run.objects if one["kind"] == "node"}
    wrong = [(found.get(path), wanted.get(path)) for path in sorted(found.keys() | wanted.keys())
             if found.get(path) != wanted.get(path)]
    report.check("--tree --json is the tree that a client reads", run.code == 0 and not wrong, wrong[:2] or run)
    sessions = {one["id"]: one["timeoutMilliseconds"] for one in run.objects if one["kind"] == "session"}
    report.check("--sessions lists the open sessions",
                 sessions == {one.session: int(one.client._session_timeout) for one in writers}, sessions)
    report.check("the summary counts them", (summary["nodes"], summary["ephemerals"], summary["sessions"])
                 == (len(wanted), 1, len(writers)) and run.objects[0]["checked"] == "verified", summary)
    below = Run(SNAPSHOT, "--json", "--path", "/app/big", "--data", file)
    report.check("--path lists from there", [one for one in below.objects if one["kind"] == "node"] == [wanted["/app/big"]], below)
    text = Run(SNAPSHOT, "--tree", file)
    listed = [line for line in text.lines if line.startswith("/") and not line.endswith(": loaded")]
    report.check("the listing has a line for each node, in order", text.code == 0 and len(listed) == len(wanted)
                 and listed[0].startswith("/  ") and '/app/\u00e4 "odd\\\\ name  256 bytes' in text.output, text)
    for words in ([], ["--verify"], ["--blocks"], ["--tail"]):
        both = Run(SNAPSHOT, *words, folder), Run(SNAPSHOT, "--json", *words, folder.parent)
        report.check("zksnapdump %s takes the folder and its parent" % " ".join(words), all(one.code == 0 for one in both)
                     and len([one for one in both[1].objects if one["kind"] == "snapshot"]) == len(list(folder.glob("snap-*"))), both[0])
    wide = [line for line in Run(SNAPSHOT, "--help").lines + Run(SNAPSHOT, "--verify", file).lines
            if len(line) > 80 and file not in line]
    report.check("help and summary fit 80 columns", not wide, wide)


def check_damage(report, directory, folder, summary):
    """Each damage is found, named, and left as it is."""
    source = folder / os.path.basename(summary["file"])
    size = source.stat().st_size

    def cut(byte_count):
        return lambda path: os.truncate(path, byte_count)

    def flip(offset):
        return lambda path: dumps.flip(path, offset)

    cases = [
        ("a changed byte of the header", flip(40), 1, "header"), ("a changed byte of a block", flip(HEADER_BYTES + (size - HEADER_BYTES) // 3), 1, "block"),
        ("a changed byte at the end", flip(size - 20), 1, "trailer"), ("a snapshot cut in half", cut(size // 2), 1, "cut short"),
        ("a snapshot without its last byte", cut(size - 1), 1, ""), ("an empty snapshot", cut(0), 1, "cut short"),
    ]
    for what, damage, code, word in cases:
        copy = dumps.copied(folder, directory / "damaged" / "snap")
        damage(copy / source.name)
        before = dumps.fingerprint(copy)
        run = Run(SNAPSHOT, "--verify", copy)
        objects = Run(SNAPSHOT, "--verify", "--json", copy / source.name).objects
        report.check("%s: exit code %d and the place" % (what, code), run.code == code and word in run.problems, run)
        report.check("%s: --json has it, too" % what, objects[-1]["kind"] == "problem"
                     and objects[-1]["exitCode"] == code, objects)
        report.check("%s: the others are still shown" % what,
                     run.output.count(": verified") == len(list(copy.glob("snap-*"))) - 1, run)
        report.check("%s: no file is touched" % what, dumps.fingerprint(copy) == before)
        shutil.rmtree(copy.parent)


def check_strange_places(report, directory, summary):
    apache = directory / "apache-snap"
    apache.mkdir()
    (apache / "snapshot.0").write_bytes(b"ZKSN" + bytes(100))
    (directory / "text-snap").write_text("no snapshot, though it is long enough to hold a header" * 100)
    (directory / "empty-snap").mkdir()
    for path, word in [(directory / "nowhere", "No such file"), (directory / "empty-snap", "no snapshots"), (apache, "Apache"),
                       (apache / "snapshot.0", "no snapshot"), (directory / "text-snap", "no snapshot"), ("/dev/null", "no snapshot")]:
        run = Run(SNAPSHOT, "--verify", path)
        report.check("%s: exit code 3 and a reason" % path, run.code == 3 and word in run.problems, run)
    run = Run(SNAPSHOT, "--path", "/none", summary["file"])
    report.check("a node that is not there: exit code 4", run.code == 4 and "/none" in run.problems, run)
    for words in (["--data", summary["file"]], ["--path", "app", summary["file"]], ["--nonsense", summary["file"]], []):
        run = Run(SNAPSHOT, *words)
        report.check("zksnapdump %s is refused" % " ".join(words[:1]), run.code == 2 and run.problems, run)


def ends_quietly(command):
    """Whether a program ends without a word when its reader goes after the first line."""
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    line = process.stdout.readline()
    process.stdout.close()
    words = process.stderr.read()
    process.stderr.close()
    return bool(line) and process.wait(20) in (0, -13) and not words
