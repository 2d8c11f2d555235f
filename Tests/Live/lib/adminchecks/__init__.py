"""Asking an admin server over HTTP, by a library or byte by byte."""
import http.client
import json
import socket

import live  # noqa: F401  (puts Tools/lib on the path)
import peers

HOST = "127.0.0.1"


class Answer:
    """Status, headers in lower case, and the body, as JSON if it is that: pairs in their order."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body
        self.json = None
        if self.headers.get("content-type", "").startswith("application/json") and body:
            self.json = json.loads(body, object_pairs_hook=Pairs)

    def __getitem__(self, name):
        return dict(self.json)[name]

    def __repr__(self):
        return "%s %s %s" % (self.status, self.headers.get("content-type"), self.body[:200])


class Pairs(list):
    """A JSON object; a list is a JSON list."""


def ask(port, path, method="GET", headers=None, body=None, timeout=20, context=None):
    """One request on a connection of its own."""
    make = http.client.HTTPConnection if context is None else http.client.HTTPSConnection
    connection = make(HOST, port, timeout=timeout, **({} if context is None else {"context": context}))
    try:
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return Answer(reply.status, reply.getheaders(), reply.read())
    finally:
        connection.close()


def command(port, name, **more):
    return ask(port, "/commands/" + name, **more)


def raw(port, data, timeout=10, limit=1 << 20):
    """What comes back for bytes as they are, until the server closes; None if it does not."""
    with socket.create_connection((HOST, port), timeout) as connection:
        connection.settimeout(timeout)
        try:
            connection.sendall(data)
        except OSError:
            pass
        answer = b""
        while len(answer) < limit:
            try:
                piece = connection.recv(65536)
            except TimeoutError:
                return None
            except OSError:
                break
            if not piece:
                break
            answer += piece
        return answer


def settings(port, **more):
    """The zoo.cfg lines of a server with an admin port on loopback."""
    return {"admin.enableServer": "true", "admin.serverAddress": HOST, "admin.serverPort": port} | more


class World:
    """Servers with admin ports; each is named once. `kinds` is what is compared, or ours alone."""

    def __init__(self, directory, stack, words, report):
        self.directory, self.stack, self.words, self.report = directory, stack, words, report

    def check(self, name, holds, seen=""):
        return self.report.check(name, holds, seen)

    def start(self, name, kind="ours", **more):
        """A server; its admin port is `.admin`."""
        admin = peers.free_port()
        command = self.words if kind == "ours" else peers.command_of(kind)
        server = peers.Server(self.directory / ("%s-%s" % (name, kind)), command, settings=settings(admin, **more))
        server.admin = admin
        self.stack.callback(server.kill)
        return server.start()
