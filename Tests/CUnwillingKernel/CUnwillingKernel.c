#include "CUnwillingKernel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

// A program's own functions take the place of the C library's. Unless a test of this thread asks for
// failures, they do what those do.

static _Thread_local struct {
    int error;
    int count;
} refusals[UNWILLING_CALL_COUNT];

void unwilling_refuse(enum unwilling_call call, int error, int count) {
    refusals[call].error = error;
    refusals[call].count = count;
}

int unwilling_left(enum unwilling_call call) { return refusals[call].count; }

static int is_refused(enum unwilling_call call) {
    if (refusals[call].count == 0) return 0;
    refusals[call].count -= 1;
    errno = refusals[call].error;
    return 1;
}

int fallocate(int fd, int mode, off_t offset, off_t count) {
    return is_refused(UNWILLING_FALLOCATE) ? -1 : (int)syscall(SYS_fallocate, fd, mode, offset, count);
}

int fdatasync(int fd) {
    return is_refused(UNWILLING_FDATASYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd) { return is_refused(UNWILLING_FSYNC) ? -1 : (int)syscall(SYS_fsync, fd); }

int ftruncate(int fd, off_t count) {
    return is_refused(UNWILLING_FTRUNCATE) ? -1 : (int)syscall(SYS_ftruncate, fd, count);
}

ssize_t pread(int fd, void *buffer, size_t count, off_t offset) {
    return is_refused(UNWILLING_PREAD) ? -1 : syscall(SYS_pread64, fd, buffer, count, offset);
}

ssize_t pwrite(int fd, const void *buffer, size_t count, off_t offset) {
    return is_refused(UNWILLING_PWRITE) ? -1 : syscall(SYS_pwrite64, fd, buffer, count, offset);
}

int sync_file_range(int fd, off64_t offset, off64_t count, unsigned flags) {
    return is_refused(UNWILLING_SYNC_FILE_RANGE)
        ? -1 : (int)syscall(SYS_sync_file_range, fd, offset, count, flags);
}
