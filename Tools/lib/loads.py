"""Runs zkload and describes the machine it ran on."""
import json
import os
import platform
import subprocess
from pathlib import Path

from peers import HOST, REPOSITORY


def built(product, build):
    """The path of a release executable of this package, built first if `build` says so.

    $ZKLOAD or $LOGBENCH names another one, which is taken as it is.
    """
    named = os.environ.get(product.upper())
    if named:
        return Path(named)
    if build:
        subprocess.run(["swift", "build", "-c", "release", "--product", product], cwd=REPOSITORY, check=True)
    path = REPOSITORY / ".build" / "release" / product
    if not path.exists():
        raise SystemExit("%s is missing: swift build -c release --product %s" % (path, product))
    return path


class Zkload:
    """The load generator, aimed at one server at a time."""

    def __init__(self, path):
        self.path = path

    def run(self, server, *arguments, authority=None, timeout=900):
        """Runs zkload against the server; returns its figures. A wrong reply ends the benchmark.

        With `authority`, the path of a certificate, it speaks TLS to the server's secure port.
        """
        port = server.settings["secureClientPort"] if authority else server.port
        words = [str(self.path), *map(str, arguments), "--server", "%s:%d" % (HOST, port),
                 "--server-pid", str(server.pid), "--json", *(["--tls-ca", str(authority)] if authority else [])]
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout)
        if done.returncode != 0:
            raise SystemExit("%s\n%s\nserver:\n%s" % (" ".join(words), done.stderr.strip(), server.tail()))
        return json.loads(done.stdout)


def file_system(folder):
    """The type of the file system that holds a folder, such as 'ext4'."""
    words = ["df", "--output=fstype", str(folder)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[-1]


def machine(folder):
    """What a reader needs to know to compare figures with another machine's."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = {line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")}
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    return {"processors": os.cpu_count(), "model": ", ".join(sorted(models)),
            "memory_gib": round(int(memory.split()[1]) / 2**20, 1), "kernel": platform.release(),
            "file_system": file_system(folder), "load_average": round(os.getloadavg()[0], 2)}
