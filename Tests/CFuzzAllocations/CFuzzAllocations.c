#include "CFuzzAllocations.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// A program's own malloc takes the place of the C library's for every library in the process, and the
// C library keeps its own under these names. So no look-up is needed, which would itself allocate.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static __thread int64_t held, peak, count;

static void *taken(void *p) {
    if (p) {
        held += (int64_t)malloc_usable_size(p);
        count += 1;
        if (held > peak) peak = held;
    }
    return p;
}

void *malloc(size_t size) { return taken(__libc_malloc(size)); }

void *calloc(size_t items, size_t size) { return taken(__libc_calloc(items, size)); }

void *realloc(void *old, size_t size) {
    int64_t before = old ? (int64_t)malloc_usable_size(old) : 0;
    void *p = __libc_realloc(old, size);
    if (p || size == 0) held -= before;
    return taken(p);
}

void *memalign(size_t alignment, size_t size) { return taken(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) { return taken(__libc_memalign(alignment, size)); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    void *p = taken(__libc_memalign(alignment, size));
    if (!p) return ENOMEM;
    *result = p;
    return 0;
}

void free(void *p) {
    if (p) held -= (int64_t)malloc_usable_size(p);
    __libc_free(p);
}

void cfuzz_mark(void) {
    held = 0;
    peak = 0;
    count = 0;
}

int64_t cfuzz_peak(void) { return peak; }

int64_t cfuzz_count(void) { return count; }

static const int deadly[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
static struct sigaction before[sizeof deadly / sizeof *deadly];
static char line[256];
static volatile size_t line_length;

static void tell(int signal) {
    const char *reason = signal == SIGALRM ? "hang: " : "died: ";
    if (line_length == 0) return;
    if (write(STDERR_FILENO, reason, 6) < 0) _exit(3);
    if (write(STDERR_FILENO, line, line_length) < 0) _exit(3);
}

// What was there before gets the signal when the faulting instruction runs again.
static void die(int signal) {
    tell(signal);
    if (signal == SIGALRM) _exit(4);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        if (deadly[i] == signal) sigaction(signal, &before[i], NULL);
}

static void install(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = die;
    action.sa_flags = SA_ONSTACK;
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) sigaction(deadly[i], &action, &before[i]);
    sigaction(SIGALRM, &action, NULL);
}

void cfuzz_begin(const char *target, uint64_t seed, unsigned seconds) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    line_length = 0;
    int length = snprintf(
        line, sizeof line, "AVIARY_FUZZ_TARGET=%s AVIARY_FUZZ_SEED=%llu\n", target,
        (unsigned long long)seed);
    line_length = length > 0 && length < (int)sizeof line ? (size_t)length : 0;
    alarm(seconds);
    cfuzz_mark();
}

void cfuzz_end(void) {
    alarm(0);
    line_length = 0;
}
