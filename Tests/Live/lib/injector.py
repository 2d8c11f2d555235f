"""Makes system calls of a running process fail, by strace."""
import shutil
import subprocess
import time


class CannotInject(Exception):
    """strace is missing, or this machine does not let it attach."""


class Injector:
    """While it lives, every call of one system call in the process and its threads fails."""

    def __init__(self, pid, call, error, directory, timeout=20):
        if not shutil.which("strace"):
            raise CannotInject("strace is not installed")
        self.log = directory / ("strace-%s-%s.txt" % (call, error))
        self.messages = directory / (self.log.name + ".err")
        with open(self.messages, "wb") as messages:
            self.process = subprocess.Popen(
                ["strace", "-f", "-p", str(pid), "-o", str(self.log), "-e", "trace=" + call,
                 "-e", "inject=%s:error=%s" % (call, error)],
                stdin=subprocess.DEVNULL, stdout=messages, stderr=messages)
        end = time.monotonic() + timeout
        while " attached" not in self.messages.read_text():
            if self.process.poll() is not None or time.monotonic() > end:
                self.end()
                raise CannotInject("strace: " + self.messages.read_text().strip())
            time.sleep(0.01)

    def injected(self):
        """How many calls were made to fail so far."""
        return self.log.read_text(errors="replace").count("(INJECTED)") if self.log.exists() else 0

    def end(self):
        """Lets the process go. Harmless when it has ended."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
