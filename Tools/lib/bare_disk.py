"""How long the disk itself takes for a sync, without any server: what no server can be better than."""
import mmap
import os
import time

BLOCK = 4096
FILE_BLOCKS = 4096


class BareDisk:
    """Overwrites blocks of a written file, each durable on return, as a durable log does."""

    def __init__(self, folder):
        self.path = folder / "bare-disk"
        with open(self.path, "wb") as file:
            file.write(bytes(BLOCK * FILE_BLOCKS))
            os.fsync(file.fileno())
        self.block = mmap.mmap(-1, BLOCK)  # page-aligned, as O_DIRECT wants it
        self.position = 0

    def measure(self, seconds=1.0):
        """The median, the 99th percentile and the longest of the syncs of one second, in microseconds."""
        times = []
        descriptor = os.open(self.path, os.O_WRONLY | os.O_DIRECT | os.O_DSYNC)
        try:
            end = time.monotonic() + seconds
            while (began := time.monotonic()) < end:
                os.pwrite(descriptor, self.block, self.position % FILE_BLOCKS * BLOCK)
                self.position += 1
                times.append((time.monotonic() - began) * 1e6)
        finally:
            os.close(descriptor)
        times.sort()
        return {"disk_p50_us": times[len(times) // 2], "disk_p99_us": times[len(times) * 99 // 100],
                "disk_max_us": times[-1]}
