"""What audit.py plays against Apache's server and ours, and what each writes into its audit log meanwhile."""
import re
import time

import asking
import authplay
import peers

SUPER = {"DigestAuthenticationProvider.superDigest": "super:D/InIHSb7yEEbrWz8b9l71RjZJU="}
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|ERROR) o\.a\.z\.a\.Slf4jAuditLogger: (.*)")
# Apache leaves the file and the form to its logging library; this is what its conf/logback.xml asks for.
LOGGING = """status = error
shutdownHook = disable
appender.file.type = File
appender.file.name = file
appender.file.fileName = %s
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %%d{yyyy-MM-dd HH:mm:ss,SSS} %%p o.a.z.a.Slf4jAuditLogger: %%m%%n
logger.audit.name = org.apache.zookeeper.audit.Slf4jAuditLogger
logger.audit.level = info
logger.audit.additivity = false
logger.audit.appenderRef.file.ref = file
rootLogger.level = off
"""


class Side:
    """A server with its audit log, the sessions that a play opens, and the lines of each step."""

    def __init__(self, kind, directory, settings, stack):
        directory.mkdir()
        self.kind, self.file = kind, directory / "zookeeper_audit.log"
        settings = {"tickTime": 500, "maxSessionTimeout": 20_000, "audit.enable": "true", "extendedTypesEnabled": "true"} | settings
        if kind == "ours":
            command = peers.our_command()
            settings |= {"auditlog.file": self.file}
        else:
            logging = directory / "logging.properties"
            logging.write_text(LOGGING % self.file)
            named = {key if key.startswith(("java.", "znode.")) else "zookeeper." + key: value for key, value in settings.items()}
            command = peers.apache_command(properties=named | {"log4j2.configurationFile": logging})
        self.server = peers.Server(directory, command, settings=settings)
        stack.callback(self.server.kill)
        self.names = {}
        self.steps = {}
        self.taken = 0
        self.marker = None

    def launch(self):
        self.server.launch()

    def second(self):
        """Another server with the same audit log and the same port, which is taken."""
        home = self.server.directory / "second"
        settings = self.server.settings | {"dataDir": home / "data"}
        return peers.Server(home, self.server.command, self.server.port, settings)

    def begin(self):
        """Waits until the server serves."""
        self.server.wait_ready()
        self.marker = self.person("marker")
        self.marks = 0

    def person(self, name, **how):
        """A session that lines call `name`."""
        return self.named(name, authplay.Person(self.server.port, **how))

    def named(self, name, session):
        self.names["0x%x" % (session.session & 0xffff_ffff_ffff_ffff)] = name
        return session

    def ask(self, label, session, operation, body=b""):
        """Asks, and keeps the lines that the server writes about it under the label."""
        self.step(label, lambda: asking.ask(session, operation, body))

    def step(self, label, action):
        action()
        self.marks += 1
        self.marker.create("/mark-%d" % self.marks)
        self.keep(label, lambda lines: any("znode=/mark-%d\t" % self.marks in line for line in lines))

    def keep(self, label, is_complete, seconds=10):
        """Keeps what is written until it is complete, marks aside."""
        assert label not in self.steps, label
        end = time.monotonic() + seconds
        while not is_complete(self.new_lines()):
            if time.monotonic() > end:
                raise AssertionError("%s, %s: not complete in %s s: %s" % (self.kind, label, seconds, self.new_lines()))
            time.sleep(0.002)
        lines = self.new_lines()
        self.taken += len(lines)
        kept = [self.essence(line) for line in lines if "znode=/mark-" not in line]
        # A session's nodes go together, and Apache's order is that of a hash table.
        going = [line for line in kept if "ephemeralZNodeDeletion" in line]
        self.steps[label] = [line for line in kept if line not in going] + sorted(going)

    def new_lines(self):
        text = self.file.read_text() if self.file.exists() else ""
        # What stands behind the last line end is still being written.
        return text.split("\n")[:-1][self.taken:]

    def essence(self, line):
        """A line without its clock, and with the names of sessions in place of their numbers."""
        match = LINE.fullmatch(line)
        if not match:
            return "not a line of an audit log: %r" % line
        told = re.sub(r"^session=(0x[0-9a-f]+)", lambda found: "session=" + self.names.get(found[1], found[1]), match[2])
        return match[1] + " " + told
