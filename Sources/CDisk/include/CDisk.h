/// System calls that Swift's Glibc module hides. Every function returns -errno on failure, so that
/// nothing between the call and the reader can change the error. None fails with EINTR.
#ifndef AVIARY_CDISK_H
#define AVIARY_CDISK_H

#include <stddef.h>
#include <stdint.h>

/// What `cdisk_open` may be asked for besides the access itself.
enum {
    CDISK_READ = 0,
    CDISK_WRITE = 1 << 0,
    CDISK_CREATE = 1 << 1,  ///< fails with EEXIST if the file is there
    CDISK_DIRECT = 1 << 2,  ///< O_DIRECT
    CDISK_DSYNC = 1 << 3,   ///< O_DSYNC
};

int cdisk_open(const char *path, int how);
int cdisk_close(int fd);
/// Reads until `count` bytes or the end of the file; returns how many.
int64_t cdisk_read(int fd, void *buffer, size_t count, int64_t offset);
/// Writes all of `count` bytes or fails. EINTR and short writes are continued.
int64_t cdisk_write(int fd, const void *buffer, size_t count, int64_t offset);
int cdisk_sync_data(int fd);
int cdisk_sync_directory(const char *path);
int64_t cdisk_size(int fd);
/// Reserves the first `count` bytes; -EOPNOTSUPP where the file system cannot.
int cdisk_allocate(int fd, int64_t count);
int cdisk_truncate(int fd, int64_t count);
/// Starts writing a range back (wait = 0) or waits until it is written (wait = 1). Not a sync.
int cdisk_write_back(int fd, int64_t offset, int64_t count, int wait);
int cdisk_drop_cache(int fd);
int cdisk_rename(const char *from, const char *to);
int cdisk_unlink(const char *path);
int cdisk_make_directory(const char *path);
/// Bytes an ordinary process may still use on the file system of `path`.
int64_t cdisk_available(const char *path);
/// Takes an exclusive open-file-description lock without waiting; -EAGAIN if another holds it.
int cdisk_lock(int fd);
/// Lowers the calling thread's I/O priority to best-effort 7.
int cdisk_lower_io_priority(void);
/// Asks for the shortest time slices for the calling thread, which lets it run sooner after it woke
/// (EEVDF, Linux 6.12). Older kernels take the call and do nothing.
int cdisk_shorten_time_slice(void);

#endif
