/// Lets system calls of this thread fail as some file systems do, which no test can mount everywhere.
#ifndef CUNWILLING_KERNEL_H
#define CUNWILLING_KERNEL_H

enum unwilling_call {
    UNWILLING_FALLOCATE,
    UNWILLING_FDATASYNC,
    UNWILLING_FSYNC,
    UNWILLING_FTRUNCATE,
    UNWILLING_PREAD,
    UNWILLING_PWRITE,
    UNWILLING_SYNC_FILE_RANGE,
    UNWILLING_CALL_COUNT,
};

/// The next `count` calls on this thread fail with `error` and do nothing.
void unwilling_refuse(enum unwilling_call call, int error, int count);

/// How many calls still fail.
int unwilling_left(enum unwilling_call call);

#endif
