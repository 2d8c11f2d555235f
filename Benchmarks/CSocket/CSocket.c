#include "CSocket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENT_COUNT_MAX = 1024 };

static int parse(const char *address, uint16_t port, struct sockaddr_in *result) {
    *result = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
    return inet_pton(AF_INET, address, &result->sin_addr) == 1 ? 0 : -EINVAL;
}

static void send_at_once(int fd) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int failed_after(int fd) {
    int error = errno;
    close(fd);
    return -error;
}

static int connected(const char *address, uint16_t port, int flags) {
    struct sockaddr_in peer;
    if (parse(address, port, &peer) < 0) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0) return -errno;
    if (connect(fd, (struct sockaddr *)&peer, sizeof peer) < 0 && errno != EINPROGRESS) return failed_after(fd);
    send_at_once(fd);
    return fd;
}

int csocket_connect(const char *address, uint16_t port) { return connected(address, port, 0); }

int csocket_connect_start(const char *address, uint16_t port) { return connected(address, port, SOCK_NONBLOCK); }

int csocket_listen(const char *address, uint16_t port) {
    struct sockaddr_in own;
    if (parse(address, port, &own) < 0) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&own, sizeof own) < 0) return failed_after(fd);
    if (listen(fd, 1024) < 0) return failed_after(fd);
    return fd;
}

int csocket_accept(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return -errno;
    send_at_once(fd);
    return fd;
}

int csocket_set_blocking(int fd, int blocking) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) return -errno;
    flags = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    return fcntl(fd, F_SETFL, flags) < 0 ? -errno : 0;
}

int csocket_close(int fd) { return close(fd) < 0 ? -errno : 0; }

int csocket_reset(int fd) {
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return csocket_close(fd);
}

int csocket_allow_descriptors(uint64_t count) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    if (limit.rlim_cur >= count) return 0;
    if (limit.rlim_max < count) return -EMFILE;
    limit.rlim_cur = count;
    return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0;
}

int64_t csocket_send(int fd, const void *bytes, size_t count) {
    ssize_t n;
    do n = send(fd, bytes, count, MSG_NOSIGNAL); while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

int64_t csocket_receive(int fd, void *bytes, size_t count) {
    ssize_t n;
    do n = recv(fd, bytes, count, 0); while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

int csocket_poller(void) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int control(int poller, int operation, int fd, uint32_t what, int32_t index) {
    struct epoll_event event = {.events = what, .data = {.u32 = (uint32_t)index}};
    return epoll_ctl(poller, operation, fd, &event) < 0 ? -errno : 0;
}

int csocket_watch(int poller, int fd, int32_t index) {
    return control(poller, EPOLL_CTL_ADD, fd, EPOLLIN, index);
}

int csocket_watch_writes(int poller, int fd, int32_t index, int writes) {
    return control(poller, EPOLL_CTL_MOD, fd, EPOLLIN | (writes ? EPOLLOUT : 0), index);
}

int csocket_wait(int poller, struct csocket_event *events, int capacity, int64_t nanoseconds) {
    struct epoll_event ready[EVENT_COUNT_MAX];
    if (capacity > EVENT_COUNT_MAX) capacity = EVENT_COUNT_MAX;
    if (nanoseconds < 0) nanoseconds = 0;
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    int count = epoll_pwait2(poller, ready, capacity, &timeout, NULL);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        events[i].index = (int32_t)ready[i].data.u32;
        events[i].writable = (ready[i].events & EPOLLOUT) != 0;
        events[i].readable = (ready[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
    }
    return count;
}

int csocket_wake_precisely(void) { return prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0) < 0 ? -errno : 0; }
