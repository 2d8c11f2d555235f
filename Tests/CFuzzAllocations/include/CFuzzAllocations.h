#ifndef CFUZZ_ALLOCATIONS_H
#define CFUZZ_ALLOCATIONS_H

#include <stdint.h>

/// Begins a round on this thread: what the thread has allocated and not freed since counts from here,
/// and if the process dies, or the round takes longer than `seconds`, the last line on standard error
/// names the target and the seed.
void cfuzz_begin(const char *target, uint64_t seed, unsigned seconds);

/// Ends the round.
void cfuzz_end(void);

/// Forgets the peak: counting begins anew.
void cfuzz_mark(void);

/// The most bytes that this thread held at one time, beyond what it held at the mark.
int64_t cfuzz_peak(void);

/// The number of allocations on this thread since the mark.
int64_t cfuzz_count(void);

#endif
