#include "CChecksum.h"

#include <string.h>

// Slicing-by-8 tables, built once before main runs.
static uint32_t table[8][256];

__attribute__((constructor)) static void build_table(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1)));
        table[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int slice = 1; slice < 8; slice++)
            table[slice][byte] = (table[slice - 1][byte] >> 8) ^ table[0][table[slice - 1][byte] & 0xff];
}

uint32_t cchecksum_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    crc = ~crc;
    for (; count >= 8; at += 8, count -= 8) {
        uint32_t low = crc ^ ((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
        crc = table[7][low & 0xff] ^ table[6][(low >> 8) & 0xff] ^ table[5][(low >> 16) & 0xff] ^ table[4][low >> 24]
            ^ table[3][at[4]] ^ table[2][at[5]] ^ table[1][at[6]] ^ table[0][at[7]];
    }
    for (; count > 0; at++, count--) crc = (crc >> 8) ^ table[0][(crc ^ *at) & 0xff];
    return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2")))
static uint32_t by_instruction(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    uint64_t state = (uint32_t)~crc;
    for (; count >= 8; at += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        state = _mm_crc32_u64(state, word);
    }
    uint32_t rest = (uint32_t)state;
    for (; count > 0; at++, count--) rest = _mm_crc32_u8(rest, *at);
    return ~rest;
}

int cchecksum_has_hardware(void) {
    static int known = -1;
    if (known < 0) {
        __builtin_cpu_init();
        known = __builtin_cpu_supports("sse4.2") ? 1 : 0;
    }
    return known;
}
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <sys/auxv.h>

__attribute__((target("+crc")))
static uint32_t by_instruction(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    uint32_t state = ~crc;
    for (; count >= 8; at += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        state = __crc32cd(state, word);
    }
    for (; count > 0; at++, count--) state = __crc32cb(state, *at);
    return ~state;
}

int cchecksum_has_hardware(void) { return (getauxval(AT_HWCAP) & (1ul << 7)) != 0; }
#else
static uint32_t by_instruction(uint32_t crc, const void *bytes, size_t count) {
    return cchecksum_crc32c_portable(crc, bytes, count);
}
int cchecksum_has_hardware(void) { return 0; }
#endif

uint32_t cchecksum_crc32c_hardware(uint32_t crc, const void *bytes, size_t count) {
    return cchecksum_has_hardware() ? by_instruction(crc, bytes, count) : cchecksum_crc32c_portable(crc, bytes, count);
}

uint32_t cchecksum_crc32c(uint32_t crc, const void *bytes, size_t count) {
    return cchecksum_crc32c_hardware(crc, bytes, count);
}
