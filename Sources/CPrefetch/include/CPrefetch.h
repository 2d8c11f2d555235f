/// Asking the processor for memory ahead of its use.
#ifndef AVIARY_CPREFETCH_H
#define AVIARY_CPREFETCH_H

/// Asks for the cache line at `address`. Does not wait and never faults, whatever the address.
static inline void cprefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

#endif
