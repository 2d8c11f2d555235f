/// What only the processor's own instructions say about cache lines.
#ifndef AVIARY_CCACHELINES_H
#define AVIARY_CCACHELINES_H

/// Asks for the cache line at `address`. Does not wait and never faults, whatever the address.
static inline void ccachelines_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

#endif
