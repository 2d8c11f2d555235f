"""Restoring over HTTP: what was copied comes back, what is no snapshot changes nothing, and who may not does not."""
import os
import socket
import time

import peers
import wire
from adminchecks import HOST, ask, command
from adminchecks.comparing import ALL, OWNER, SUPER, set_acl

PROOF = {"Authorization": "ip"}
OCTETS = {"Content-Type": "application/octet-stream"}


def restore(server, body, headers=PROOF):
    return command(server.admin, "restore", method="POST", headers=headers | OCTETS, body=body, timeout=60)


def exists(port, path):
    session = wire.Session(port)
    error = session.request(wire.EXISTS, wire.text(path) + b"\0")[0]
    session.request(wire.CLOSE)
    session.vanish()
    return error == 0


def check(world):
    server = world.start("restoring", **{"admin.rateLimiterIntervalInMS": 0, "DigestAuthenticationProvider.superDigest": SUPER})
    session = wire.Session(server.port)
    session.create("/kept", os.urandom(500_000))
    zxid = session.request(wire.EXISTS, wire.text("/") + b"\0")[1]
    backup = command(server.admin, "snapshot", headers=PROOF).body
    session.create("/later")
    for name, body in (("nothing", b""), ("something else", b"abc" * 1000), ("half of it", backup[:len(backup) // 2]),
                       ("one with a wrong byte", backup[:200_000] + bytes([backup[200_000] ^ 1]) + backup[200_001:])):
        answer = restore(server, body)
        world.check("%s is refused" % name, answer.status == 500 and answer["error"], answer)
        world.check("and nothing is changed by %s" % name, session.ping() == 0 and exists(server.port, "/later"))
    answer = command(server.admin, "restore", headers=PROOF)
    world.check("GET restores nothing", answer.status == 405, answer)
    with socket.create_connection((HOST, server.admin), 10) as gone:
        gone.sendall(b"POST /commands/restore HTTP/1.1\r\nHost: h\r\nAuthorization: ip\r\nContent-Length: %d\r\n\r\n" % len(backup) + backup[:1000])
    time.sleep(0.3)
    world.check("who goes away half-way changes nothing", session.ping() == 0 and exists(server.port, "/later"))
    answer = restore(server, backup)
    world.check("the snapshot is restored", answer.status == 200 and answer["last_zxid"] == zxid and answer["error"] is None, answer)
    world.check("what it held is there, and nothing else", exists(server.port, "/kept") and not exists(server.port, "/later"))
    world.check("the commands answer as before", command(server.admin, "srvr").status == 200 and command(server.admin, "ruok")["error"] is None)
    world.check("no file of it is left open or behind", not list((server.directory / "data" / "snap").glob("*recv*")))
    set_acl(server.port, [(ALL, *OWNER)])
    world.check("who may not restores nothing", restore(server, backup).status == 403)
    world.check("nor who says nothing of himself", restore(server, backup, {}).status == 401)
    world.check("the owner may", restore(server, backup, {"Authorization": "digest a:b"}).status == 200)
    world.check("it ends in good order", server.stop() == 0, server.tail())
    world.check("and holds it after a start", exists(server.start().port, "/kept"))
    server.kill()
    limited = world.start("restore-limits", **{"admin.rateLimiterIntervalInMS": 60_000})
    world.check("one restore in a while", [restore(limited, b"x").status for _ in range(2)] == [500, 429])
    limited.kill()
    closed = world.start("restore-closed", **{"admin.restore.enabled": "false"})
    world.check("a restore that is switched off answers 503", restore(closed, b"x").status == 503)
    world.check("and takes no long body", ask(closed.admin, "/commands/ruok").status == 200)
    closed.kill()
    peers.four_letter(server.port, "ruok")
