"""zklogdump on damaged logs: the documented verdict and exit code, and not a byte of theirs changed."""
import contextlib
import os
import shutil
import subprocess

import dumps
from dumps import LOG, Run

BLOCK, SLOT_DISTANCE = 4096, 65536


def middle(log):
    found = dumps.segments(log)
    return found[len(found) // 2]


def last_block(path):
    """The offset behind the last block of a segment that is not zero."""
    contents = path.read_bytes()
    offset = len(contents) // BLOCK * BLOCK
    while offset and not any(contents[offset - BLOCK:offset]):
        offset -= BLOCK
    return offset


def change_middle(log, _):
    dumps.flip(middle(log), 3 * BLOCK + 200)


def cut_last(log, _):
    newest = dumps.segments(log)[-1]
    os.truncate(newest, newest.stat().st_size // 2)


def remove_middle(log, _):
    middle(log).unlink()


def remove_newest(log, _):
    dumps.segments(log)[-1].unlink()


def damage_footer(log, _):
    """The block before the seal; no record stands there."""
    dumps.flip(middle(log), last_block(middle(log)) - 2 * BLOCK + 130)


def damage_one_slot(log, _):
    dumps.flip(log / "meta", 100)


def damage_all_slots(log, _):
    for slot in range(4):
        dumps.flip(log / "meta", slot * SLOT_DISTANCE + 100)


def remove_slots(log, _):
    (log / "meta").unlink()


def damage_one_header(log, _):
    dumps.flip(middle(log), 60)


def damage_header(log, _):
    dumps.flip(middle(log), 60)
    dumps.flip(middle(log), BLOCK + 60)


def other_store(log, other):
    target = middle(log)
    shutil.copyfile(dumps.segments(other)[0], target)


def tear(log, _):
    """As a crash leaves it: something of a batch behind the last one."""
    newest = dumps.segments(log)[-1]
    with open(newest, "r+b") as file:
        file.seek(last_block(newest))
        file.write(b"torn" * 300)


# What is done to a log that was stopped or killed, the exit code, words of the verdict. A second exit code
# is that of everything but --verify: damage that costs no record hinders nobody.
STOPPED = [
    ("a changed byte in a sealed segment", change_middle, 1, ["DAMAGED-MIDDLE", "evidence b"]),
    ("a last segment cut in half", cut_last, 1, ["SUSPECT-TAIL"]),
    ("a missing middle segment", remove_middle, 1, ["DAMAGED-MIDDLE", "missingSegment"]),
    ("a missing newest segment", remove_newest, 1, ["SUSPECT-TAIL", "evidence c", "missingSegment"]),
    ("a damaged footer", damage_footer, (1, 0), ["CLEAN", "no record stood there"]),
    ("one damaged slot", damage_one_slot, (1, 0), ["CLEAN", "DAMAGED at", "meta, offset 0: one of two copies"]),
    ("all slots damaged", damage_all_slots, 1, ["damaged", "meta"]),
    ("missing slots", remove_slots, 1, ["damaged", "meta"]),
    ("one damaged copy of a header", damage_one_header, (1, 0), ["CLEAN", "ONE HEADER COPY"]),
    ("both copies of a header damaged", damage_header, 1, ["DAMAGED-MIDDLE", "evidence e"]),
    ("another store's segment", other_store, 1, ["DAMAGED-MIDDLE", "evidence e", "foreign"]),
    ("bytes behind a clean stop", tear, 1, ["SUSPECT-TAIL", "evidence c"]),
]
KILLED = [("a torn batch after a kill", tear, 0, ["TORN"])]


def check_damage(report, directory, cases, log, other, objects):
    """Does each damage to a copy, and looks with every option."""
    for number, (what, damage, code, words) in enumerate(cases):
        verify_code, code = code if isinstance(code, tuple) else (code, code)
        copy = dumps.copied(log, directory / ("damaged-%s-%d" % (damage.__name__, number)) / "log")
        damage(copy, other)
        before = dumps.fingerprint(copy)
        runs = {words: Run(LOG, *words, copy.parent) for words in
                [("--verify",), ("--verify", "--json"), (), ("--json",), ("--stats",), ("--stats", "--json")]}
        report.check("%s: exit code %d of --verify, else %d" % (what, verify_code, code), all(
            run.code == (verify_code if "--verify" in words else code) for words, run in runs.items()),
            {words: run.code for words, run in runs.items()})
        verify = runs[("--verify",)]
        report.check("%s: --verify says %s" % (what, ", ".join(words)),
                     all(word in verify.output + verify.problems for word in words), verify)
        shown = runs[("--json",)].objects
        report.check("%s: what is intact before it is shown" % what, shown == objects[:len(shown)]
                     and (code or len(shown) == len(objects)), len(shown))
        report.check("%s: no file is touched" % what, dumps.fingerprint(copy) == before)
        shutil.rmtree(copy.parent)


def check_behind_damage(report, directory, log, objects):
    """A range that ends before the damage is whole; a segment alone can be read behind it."""
    copy = dumps.copied(log, directory / "behind" / "log")
    change_middle(copy, None)
    shown = Run(LOG, "--json", copy).objects
    run = Run(LOG, "--json", "--to-zxid", shown[-1]["zxid"], copy)
    report.check("reading ends at --to-zxid, before the damage", run.code == 0 and run.objects == shown, run)
    newest = dumps.segments(copy)[-1]
    run = Run(LOG, "--json", newest)
    wanted = [one for one in objects if one["segment"] == objects[-1]["segment"]]
    report.check("a segment alone can be read", run.code == 0 and run.objects == wanted, run)
    shutil.rmtree(copy.parent)


def check_strange_places(report, directory):
    """What is no log is named, and nothing else happens."""
    empty = directory / "empty"
    apache = directory / "apache"
    (apache / "version-2").mkdir(parents=True)
    empty.mkdir()
    (apache / "version-2" / "log.100000001").write_bytes(b"ZKLG\0\0\0\2" + bytes(5000))
    (directory / "text").write_text("no log\n")
    cases = [
        (directory / "nowhere", "No such file"), (empty, "holds no log"), (directory / "text", "no segment"),
        (apache, "Apache"), (apache / "version-2", "Apache"), (apache / "version-2" / "log.100000001", "Apache"),
        ("/dev/null", "no segment"),
    ]
    before = dumps.fingerprint(directory)
    for path, word in cases:
        for option in ([], ["--verify"], ["--stats"], ["--follow"]):
            run = Run(LOG, *option, path)
            report.check("%s %s: exit code 3 and a reason" % (" ".join(option), path),
                         run.code == 3 and word in run.problems and not run.output, run)
    report.check("strange places stay as they are", dumps.fingerprint(directory) == before)


def check_reading_only(report, directory, log, objects):
    """Without any right to write, and on a file system that takes none, everything works."""
    if os.geteuid() != 0:
        report.skip("another user and a read-only mount", "not root")
        return
    copy = dumps.copied(log, directory / "readable" / "log")
    program = shutil.copy(dumps.tool_path(LOG), directory / "zklogdump")
    with contextlib.ExitStack() as stack:
        for path, mode in [(directory.parent, 0o711), (directory, 0o711), (copy.parent, 0o755), (copy, 0o755)]:
            stack.callback(os.chmod, path, path.stat().st_mode & 0o7777)
            os.chmod(path, mode)
        for path in copy.rglob("*"):
            os.chmod(path, 0o755 if path.is_dir() else 0o444)
        try:
            run = Run(LOG, "--json", copy, path=program, user=65534, group=65534, extra_groups=[])
            verify = Run(LOG, "--verify", copy, path=program, user=65534, group=65534, extra_groups=[])
            report.check("a user who may only read can read", run.objects == objects and verify.code == 0, run)
            os.chmod(copy, 0o700)
            run = Run(LOG, "--verify", copy, path=program, user=65534, group=65534, extra_groups=[])
            report.check("a user who may not read is told so", run.code == 3 and "ermission" in run.problems, run)
        except OSError as reason:
            report.skip("another user", str(reason))
    mount = "mount --bind %s %s && mount -o remount,bind,ro %s" % ((copy,) * 3)
    words = ["unshare", "--mount", "sh", "-c", mount + ' && "$@"', "sh"]
    if subprocess.run([*words, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        report.skip("a read-only mount", "mounting is not allowed here")
    else:
        run = Run(LOG, "--verify", copy, prefix=words)
        report.check("a read-only file system can be read", run.code == 0 and "CLEAN" in run.output, run)
    shutil.rmtree(copy.parent)
