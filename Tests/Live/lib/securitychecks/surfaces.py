"""What is there to be found: ports, files, a second server (security table, S1 and S32)."""
import os
import stat
from pathlib import Path

import peers
import wire

LISTENING = "0A"


def listening_ports(pid):
    """The TCP ports on which a process listens."""
    sockets = set()
    for descriptor in Path("/proc/%d/fd" % pid).iterdir():
        try:
            target = os.readlink(descriptor)
        except OSError:
            continue
        if target.startswith("socket:["):
            sockets.add(target[8:-1])
    ports = set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/%d/net/%s" % (pid, table)).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING and fields[9] in sockets:
                ports.add(int(fields[1].rpartition(":")[2], 16))
    return ports


def check_ports(world):
    """One port, the client port, and one word on it, unless more is asked for."""
    server = world.made("ports")
    del server.settings["4lw.commands.whitelist"]
    del server.settings["admin.enableServer"]
    server.start()
    world.check("only the client port is open", listening_ports(server.pid) == {server.port}, listening_ports(server.pid))
    for word in "conf cons crst dirs dump envi gtmk hash isro mntr ruok srst stat stmk wchc wchp wchs".split():
        answer = peers.four_letter(server.port, word)
        world.check("%s is not answered unless it is listed" % word, answer.startswith(word + " is not executed"), answer[:60])
    server.kill()
    refused = world.made("secure", **{"security.profile": "secure", "clientPortAddress": "0.0.0.0"})
    refused.launch()
    world.check("security.profile=secure does not start with a plain port for everybody", refused.wait_end() == 2, refused.tail(3))
    own = world.start("own", **{"security.profile": "secure"})
    world.check("it starts with one for this machine", "open: " not in own.output.read_text(), own.tail(3))
    own.kill()


def check_files(world):
    """Nobody but the owner reads what the server writes, whatever the umask; one directory has one server."""
    server = world.made("files", snapCount=10)
    inner = server.directory / "data" / "inner"
    server.settings["dataDir"] = inner
    before = os.umask(0)
    try:
        server.start()
    finally:
        os.umask(before)
    session = wire.Session(server.port)
    for number in range(40):
        session.create("/%d" % number)
    found = [inner, *inner.rglob("*")]
    modes = {}
    for path in found:
        try:
            modes[str(path.relative_to(inner))] = stat.S_IMODE(path.lstat().st_mode)
        except FileNotFoundError:
            # The server has taken a prepared segment into use, or purged one, since it was listed.
            pass
    wrong = {name: oct(mode) for name, mode in modes.items() if mode != (0o700 if (inner / name).is_dir() else 0o600)}
    world.check("directories are 0700 and files 0600", not wrong and len(modes) > 3, wrong or modes)
    second = world.made("second", dataDir=inner)
    second.launch()
    code = second.wait_end()
    world.check("a second server on the same directory is refused", code not in (0, None) and str(server.pid) in second.tail(3),
                (code, second.tail(3)))
    world.check("and does the first no harm", session.ping() == 0)
    server.kill()
    check_planted(world, server, inner)


def check_planted(world, server, inner):
    """A link in the place of a file that the server writes leads nowhere."""
    victim = server.directory / "victim"
    for path in sorted(inner.rglob("*")):
        # Prepared segments go into use, and by other names come new ones, at each start.
        if path.is_dir() or not path.exists():
            continue
        victim.write_bytes(b"untouched")
        content = path.read_bytes()
        path.unlink()
        path.symlink_to(victim)
        server.launch()
        try:
            server.wait_ready(5)
            started = True
        except peers.ServerFailure:
            started = False
        server.kill()
        world.check("nothing is written behind a link in the place of %s (started: %s)" % (path.name, started),
                    victim.read_bytes() == b"untouched", victim.read_bytes()[:60])
        path.unlink(missing_ok=True)
        path.write_bytes(content)
