/// What only the processor's own instructions say about cache lines.
#ifndef AVIARY_CCACHELINES_H
#define AVIARY_CCACHELINES_H

#include <stddef.h>

/// Asks for the cache line at `address`. Does not wait and never faults, whatever the address.
static inline void ccachelines_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/// Copies `count` bytes past the caches, for memory that a device reads next and this processor does not.
///
/// An ordinary copy first fetches each line it overwrites, which costs most where a device has just read
/// it. The ranges must not overlap. On return the bytes are visible to every processor and device.
void ccachelines_copy_streaming(void *to, const void *from, size_t count);

#endif
