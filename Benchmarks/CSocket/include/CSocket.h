/// Sockets and epoll for the load generator: calls that Swift's Glibc module hides or makes clumsy.
/// Every function returns -errno on failure, so that nothing between the call and the reader can
/// change the error.
#ifndef AVIARY_CSOCKET_H
#define AVIARY_CSOCKET_H

#include <stddef.h>
#include <stdint.h>

#include "CSecure.h"

/// One descriptor that is ready, as `csocket_wait` reports it.
struct csocket_event {
    int32_t index;     ///< what the descriptor was registered with
    int32_t writable;  ///< it takes bytes again
    int32_t readable;  ///< it has bytes, or has ended
};

/// Connects to a numeric IPv4 address, with TCP_NODELAY; the socket blocks until told otherwise.
int csocket_connect(const char *address, uint16_t port);
/// The same without waiting: the socket doesn't block, and takes bytes as soon as the peer has answered.
int csocket_connect_start(const char *address, uint16_t port);
/// Listens on a numeric IPv4 address without blocking.
int csocket_listen(const char *address, uint16_t port);
/// Takes one waiting connection, not blocking, with TCP_NODELAY.
int csocket_accept(int listener);
/// Whether later sends and receives on the socket wait (1) or fail with -EAGAIN (0).
int csocket_set_blocking(int fd, int blocking);
int csocket_close(int fd);
/// Closes at once with a reset, so that neither side keeps the port pair for a minute: a benchmark
/// that opens more connections than there are ports needs them again.
int csocket_reset(int fd);
/// Sends what the socket takes; -EAGAIN when that is nothing.
int64_t csocket_send(int fd, const void *bytes, size_t count);
/// Receives what is there, up to `count`; 0 when the peer has closed, -EAGAIN when there is nothing.
int64_t csocket_receive(int fd, void *bytes, size_t count);
/// Lets this process have `count` descriptors; -EMFILE when its hard limit is below that.
int csocket_allow_descriptors(uint64_t count);

int csocket_poller(void);
/// Starts to watch a descriptor for bytes to read.
int csocket_watch(int poller, int fd, int32_t index);
/// Also watches for room to write (`writes` = 1), or no longer (0).
int csocket_watch_writes(int poller, int fd, int32_t index, int writes);
/// Waits until something is ready, at most `nanoseconds`; returns how many events were written.
int csocket_wait(int poller, struct csocket_event *events, int capacity, int64_t nanoseconds);
/// Asks the kernel to end this thread's waits on time instead of up to 50 us late.
int csocket_wake_precisely(void);

#endif
