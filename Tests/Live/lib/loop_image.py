"""File systems of a test's own: ext4 in an image file, whose power can be cut, and a tmpfs of a given size.

FS_IOC_SHUTDOWN without a log flush stops the file system where it stands: nothing that only the page
cache or the unwritten journal holds will ever reach the image. After unmounting and mounting again the
journal is replayed and the files are as a power cut at that moment would have left them. What this
cannot show is a drive that loses its own write cache after it has confirmed a flush.
"""
import fcntl
import os
import shutil
import struct
import subprocess

FS_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2


class NotAllowedHere(Exception):
    """This machine has no root, no loop devices, or not the programs."""


def run(*words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise NotAllowedHere("%s: %s" % (" ".join(words), done.stdout.strip()))
    return done.stdout.strip()


class LoopImage:
    """A mounted image; `mount_point` is where it stands. `close` leaves nothing."""

    def __init__(self, directory, megabytes):
        missing = [name for name in ("mkfs.ext4", "losetup", "mount", "umount") if not shutil.which(name)]
        if missing:
            raise NotAllowedHere("not installed: " + ", ".join(missing))
        if os.geteuid() != 0:
            raise NotAllowedHere("mounting an image needs root")
        self.image = directory / "disk.img"
        self.mount_point = directory / "disk"
        self.device, self.is_mounted = None, False
        directory.mkdir(exist_ok=True)
        self.mount_point.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(megabytes << 20)
        try:
            run("mkfs.ext4", "-q", "-F", str(self.image))
            self.device = run("losetup", "--find", "--show", str(self.image))
            self.mount()
        except NotAllowedHere:
            self.close()
            raise

    def mount(self):
        run("mount", "-t", "ext4", self.device, str(self.mount_point))
        self.is_mounted = True

    def unmount(self):
        run("umount", str(self.mount_point))
        self.is_mounted = False

    def cut_power(self):
        """From here on nothing reaches the image, and every sync fails."""
        descriptor = os.open(self.mount_point, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        except OSError as problem:
            raise NotAllowedHere("FS_IOC_SHUTDOWN: %s" % problem) from problem
        finally:
            os.close(descriptor)

    def close(self):
        if self.is_mounted:
            self.unmount()
        if self.device:
            run("losetup", "--detach", self.device)
            self.device = None
        self.image.unlink(missing_ok=True)


class MemoryDisk:
    """A small tmpfs; `mount_point` is where it stands. `close` leaves nothing."""

    def __init__(self, directory, megabytes):
        if os.geteuid() != 0:
            raise NotAllowedHere("mounting a tmpfs needs root")
        self.mount_point = directory
        directory.mkdir()
        run("mount", "-t", "tmpfs", "-o", "size=%dm" % megabytes, "tmpfs", str(directory))

    def close(self):
        run("umount", str(self.mount_point))
