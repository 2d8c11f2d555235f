/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), by instruction where the processor has one; CRC-32.
#ifndef AVIARY_CCHECKSUM_H
#define AVIARY_CCHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// Continues `crc` (0 to begin) over `count` bytes; picks the fastest path this processor has.
uint32_t cchecksum_crc32c(uint32_t crc, const void *bytes, size_t count);
/// The table-driven path; every machine has it. Exposed so that tests compare both.
uint32_t cchecksum_crc32c_portable(uint32_t crc, const void *bytes, size_t count);
/// The path by instruction; falls back to the portable one where the processor has none.
uint32_t cchecksum_crc32c_hardware(uint32_t crc, const void *bytes, size_t count);
/// 1 if the processor computes CRC-32C by instruction.
int cchecksum_has_hardware(void);

/// CRC-32 as zlib computes it (reflected polynomial 0xEDB88320): continues `crc` (0 to begin).
uint32_t cchecksum_crc32(uint32_t crc, const void *bytes, size_t count);
/// The table-driven path; every machine has it. Exposed so that tests compare both.
uint32_t cchecksum_crc32_portable(uint32_t crc, const void *bytes, size_t count);

#endif
