"""zklogdump --follow: through rolls, purges, restarts and kills every transaction comes once, in order."""
import time

import dumps
from dumps import LOG, Piped, Recorder, Run
from kazoo.client import KazooClient

# A snapshot every few dozen records, so that old segments are purged while they are followed.
SETTINGS = {"tickTime": 500, "jute.maxbuffer": 65536, "preAllocSize": 256, "snapCount": 60}


def zxids(objects):
    return [int(one["zxid"], 16) for one in objects]


def gaps(found):
    """Places where zxids do not go on by one."""
    return [(hex(low), hex(high)) for low, high in zip(found, found[1:]) if high != low + 1]


def write(port, seconds):
    """Writes through two sessions for a while, several at a time."""
    clients = [KazooClient(hosts="127.0.0.1:%d" % port) for _ in range(2)]
    for client in clients:
        client.start(timeout=20)
        client.ensure_path("/follow")
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        pending = [client.create_async("/follow/n-", b"z" * 700, sequence=True) for client in clients for _ in range(4)]
        for one in pending:
            one.get(timeout=20)
        number += 1
        if number % 7 == 0:
            time.sleep(0.02)
    for client in clients:
        client.stop()
        client.close()


def tear(server):
    """After a kill: something that looks like a write that was under way."""
    from dumpchecks import damage
    damage.tear(server.directory / "data" / "log", None)


def check_lone_writes(report, server, whole):
    """Each of them is shown soon, even if its segment had no room for the promise behind it."""
    writer = Recorder(server.port, [])
    writer.create("/lone")
    late = []
    for number in range(70):
        # Two at once now and then, so that a segment's last block is a write's in its turn.
        for _ in range(2 if number % 5 == 0 else 1):
            writer.set("/lone", b"%d" % number)
        if not whole.await_last(hex(writer.client.last_zxid), 5):
            late.append(number)
    report.check("--follow shows a lone write within seconds", not late, late)
    writer.close()


def check(report, server, stack, directory, choose):
    log = server.directory / "data" / "log"
    first = Recorder(server.port, [])
    whole = Piped(stack, directory / "whole", LOG, "--follow", "--json", log)
    first_segment = dumps.segments(log)[0].name
    check_lone_writes(report, server, whole)
    write(server.port, 1.5)
    first.close()
    begun = Run(LOG, "--json", log).objects[-1]["zxid"]
    part = Piped(stack, directory / "part", LOG, "--follow", "--json", "--from-zxid", begun, server.directory / "data")
    typed = Piped(stack, directory / "typed", LOG, "--follow", "--json", "--type", "closeSession", log)
    ended = Piped(stack, directory / "ended", LOG, "--follow", "--json", "--to-zxid", hex(int(begun, 16) + 5), log)
    for turn in range(4):
        if turn == 0:
            server.stop()
        else:
            server.kill()
            if turn > 1:
                tear(server)
                time.sleep(0.3)
        server.start()
        write(server.port, choose.uniform(0.5, 1.5))
    write(server.port, 1.5)
    last = Run(LOG, "--json", log).objects[-1]["zxid"]
    report.check("--follow shows the last write", whole.await_last(last), (last, whole.objects[-1:]))
    report.check("--follow from a zxid shows it, too", part.await_last(last), (last, part.objects[-1:]))
    # The last write is a session's end.
    report.check("--follow with a filter shows it, too", typed.await_last(last), (last, typed.objects[-1:]))
    left = Run(LOG, "--json", log).objects
    report.check("old segments were purged meanwhile", first_segment not in [one.name for one in dumps.segments(log)]
                 and zxids(left)[0] > zxids(whole.objects)[0])
    found = zxids(whole.objects)
    report.check("--follow shows every transaction once, in order", not gaps(found) and found[0] & 0xffffffff == 1,
                 (found[:1], gaps(found)))
    held = {one["zxid"]: one for one in whole.objects}
    report.check("--follow shows what the log holds", all(held.get(one["zxid"]) == one for one in left))
    report.check("--from-zxid begins there", [one["zxid"] for one in part.objects]
                 == [one["zxid"] for one in whole.objects if int(one["zxid"], 16) >= int(begun, 16)])
    # It began with what was not purged by then.
    ends = [one["zxid"] for one in typed.objects]
    report.check("--follow takes filters", ends[:1] and int(ends[0], 16) <= int(begun, 16) and ends
                 == [one["zxid"] for one in whole.objects if one["type"] == "closeSession" and int(one["zxid"], 16) >= int(ends[0], 16)])
    report.check("--follow ends at --to-zxid, with 0", ended.process.wait(20) == 0
                 and zxids(ended.objects)[-1] == int(begun, 16) + 5, ended.objects[-1:])
    for one in (whole, part, typed):
        code, words = one.interrupt()
        report.check("SIGINT ends --follow without a word", code == -2 and not words, (code, words))
    print("followed %d transactions over %d segments" % (len(found), len({one["segment"] for one in whole.objects})))


def check_live(report, server):
    """While a server writes, the log reads as whole, every time."""
    import threading
    log = server.directory / "data"
    writer = threading.Thread(target=write, args=(server.port, 2.5))
    writer.start()
    wrong, count = [], 0
    while writer.is_alive():
        for words in (["--verify"], ["--stats"], []):
            run = Run(LOG, *words, log)
            count += 1
            if run.code != 0 or run.problems or (words and "CLEAN" not in run.lines[-1]):
                wrong.append(str(run))
    writer.join()
    report.check("beside a writing server a log is always clean", not wrong, wrong[:2])
    print("looked %d times at a log that was written" % count)
