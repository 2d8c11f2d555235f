#!/usr/bin/env python3
"""Starts servers without clientPortAddress, which listen on every address, IPv4 and IPv6.

That must not be reachable from outside, so the script runs in a network namespace of its own, which has
nothing but a loopback device. Needs root and unshare; skipped, with the reason, where it is not allowed.
"""
import os
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
import live  # noqa: E402

import peers  # noqa: E402

INSIDE = "AVIARY_OWN_NETWORK"
LISTENING = 12


def enter_own_network():
    """Starts this script again in a namespace whose loopback device is up; returns only in there."""
    if os.environ.get(INSIDE):
        return
    words = ["unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\""]
    try:
        tried = subprocess.run([*words, "true"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as error:
        live.leave_skipped("a network of its own: %s" % error)
    if tried.returncode:
        live.leave_skipped("a network of its own: %s" % tried.stderr.strip())
    os.environ[INSIDE] = "1"
    os.execvp(words[0], [*words, sys.executable, *sys.argv])


def answers(address, port):
    """Whether a server at an address says that it is well."""
    try:
        with socket.create_connection((address, port), 5) as connection:
            connection.sendall(b"ruok")
            return connection.recv(16) == b"imok"
    except OSError:
        return False


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind(("::1", 0))
        return True
    except OSError:
        return False


def everywhere(directory, words, report, stack):
    server = peers.Server(directory / "everywhere", words)
    del server.settings["clientPortAddress"]
    stack.callback(server.kill)
    server.start()
    report.check("a server without clientPortAddress is there by IPv4", answers("127.0.0.1", server.port))
    if has_ipv6():
        report.check("and by IPv6", answers("::1", server.port))
    else:
        report.skip("and by IPv6", "this machine has none")
    report.check("it says that this is open, and to whom", "open: clients connect without TLS" in server.output.read_text()
                 and "open: clients need not prove" in server.output.read_text(), server.tail(5))
    report.check("it ends in good order", server.stop() == 0)


def taken(directory, words, report, stack):
    """IPv4's port is free and IPv6's is not: half a server is none."""
    if not has_ipv6():
        report.skip("a port that IPv6 has given away", "this machine has none")
        return
    with socket.socket(socket.AF_INET6) as holder:
        holder.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        holder.bind(("::", 0))
        holder.listen()
        server = peers.Server(directory / "taken", words, port=holder.getsockname()[1])
        del server.settings["clientPortAddress"]
        stack.callback(server.kill)
        server.launch()
        code = server.wait_end()
        report.check("a port that IPv6 has given away ends the start", code == LISTENING, code)
        report.check("and it says so", "cannot listen for clients" in server.tail(3), server.tail(3))


def main():
    arguments = live.parser(__doc__, rounds=1).parse_args()
    enter_own_network()
    words = live.server_words(arguments)
    report = live.Report(arguments.verbose)
    with live.scene(arguments, report) as (directory, stack):
        everywhere(directory, words, report, stack)
        taken(directory, words, report, stack)
    report.finish()


if __name__ == "__main__":
    main()
