#include "CDisk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/// The result of a call that is made again if a signal came before it did anything. Some file systems let
/// signals interrupt even what never waits elsewhere: fallocate, fsync and open on tmpfs, NFS and FUSE.
#define UNINTERRUPTED(call)                               \
    ({                                                    \
        __typeof__(call) result_;                         \
        do result_ = (call);                              \
        while (result_ < 0 && errno == EINTR);            \
        result_;                                          \
    })

int cdisk_open(const char *path, int how) {
    // What is written is never somebody else's file behind a planted link; tools may read through one.
    int flags = O_CLOEXEC | ((how & CDISK_WRITE) ? O_RDWR | O_NOFOLLOW : O_RDONLY);
    if (how & CDISK_CREATE) flags |= O_CREAT | O_EXCL;
    if (how & CDISK_DIRECT) flags |= O_DIRECT;
    if (how & CDISK_DSYNC) flags |= O_DSYNC;
    int fd = UNINTERRUPTED(open(path, flags, 0600));
    return fd < 0 ? -errno : fd;
}

// Not made again: Linux has given the descriptor up even if close says EINTR.
int cdisk_close(int fd) { return close(fd) < 0 ? -errno : 0; }

int64_t cdisk_read(int fd, void *buffer, size_t count, int64_t offset) {
    size_t done = 0;
    while (done < count) {
        ssize_t n =
            UNINTERRUPTED(pread(fd, (char *)buffer + done, count - done, offset + (int64_t)done));
        if (n < 0) return -errno;
        if (n == 0) break;
        done += (size_t)n;
    }
    return (int64_t)done;
}

int64_t cdisk_write(int fd, const void *buffer, size_t count, int64_t offset) {
    size_t done = 0;
    while (done < count) {
        ssize_t n =
            UNINTERRUPTED(pwrite(fd, (const char *)buffer + done, count - done, offset + (int64_t)done));
        if (n < 0) return -errno;
        if (n == 0) return -EIO;
        done += (size_t)n;
    }
    return (int64_t)done;
}

int cdisk_sync_data(int fd) { return UNINTERRUPTED(fdatasync(fd)) < 0 ? -errno : 0; }

int cdisk_sync_directory(const char *path) {
    int fd = UNINTERRUPTED(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd < 0) return -errno;
    int result = UNINTERRUPTED(fsync(fd)) < 0 ? -errno : 0;
    close(fd);
    return result;
}

int64_t cdisk_size(int fd) {
    struct stat status;
    return UNINTERRUPTED(fstat(fd, &status)) < 0 ? -errno : status.st_size;
}

int cdisk_allocate(int fd, int64_t count) {
    return UNINTERRUPTED(fallocate(fd, 0, 0, count)) < 0 ? -errno : 0;
}

int cdisk_truncate(int fd, int64_t count) {
    return UNINTERRUPTED(ftruncate(fd, count)) < 0 ? -errno : 0;
}

int cdisk_write_back(int fd, int64_t offset, int64_t count, int wait) {
    unsigned flags = SYNC_FILE_RANGE_WRITE;
    if (wait) flags |= SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WAIT_AFTER;
    return UNINTERRUPTED(sync_file_range(fd, offset, count, flags)) < 0 ? -errno : 0;
}

int cdisk_drop_cache(int fd) { return -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); }

int cdisk_rename(const char *from, const char *to) {
    return UNINTERRUPTED(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 1 /* RENAME_NOREPLACE */)) < 0
        ? -errno : 0;
}

int cdisk_unlink(const char *path) { return UNINTERRUPTED(unlink(path)) < 0 ? -errno : 0; }

int cdisk_make_directory(const char *path) {
    return UNINTERRUPTED(mkdir(path, 0700)) < 0 ? -errno : 0;
}

int64_t cdisk_available(const char *path) {
    struct statvfs status;
    if (UNINTERRUPTED(statvfs(path, &status)) < 0) return -errno;
    return (int64_t)status.f_bavail * (int64_t)status.f_frsize;
}

int cdisk_lock(int fd) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return UNINTERRUPTED(fcntl(fd, F_OFD_SETLK, &lock)) < 0 ? -errno : 0;
}

int cdisk_lower_io_priority(void) {
    return syscall(SYS_ioprio_set, 1, 0, (2 << 13) | 7) < 0 ? -errno : 0;
}

int cdisk_shorten_time_slice(void) {
    // The C library has neither the call nor its struct before glibc 2.41.
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {.size = sizeof attributes};
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) < 0) return -errno;
    attributes.flags = 0;
    attributes.runtime = 100 * 1000;  // nanoseconds, the least that the kernel takes
    return syscall(SYS_sched_setattr, 0, &attributes, 0) < 0 ? -errno : 0;
}
