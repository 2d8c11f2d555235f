#include "CChecksum.h"

#include <string.h>

// Slicing-by-8 tables, built once before main runs; building them twice changes nothing.
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

// The instruction takes three cycles and a new one can start every cycle, so long inputs are read as
// three streams side by side. A stream's state is moved past the next stream's bytes by a table that
// says what that many zero bytes make of each byte of the state.
enum { LONG_STREAM = 8192, SHORT_STREAM = 256 };
static uint32_t past_long[4][256], past_short[4][256];

static void build_shift(uint32_t shift[4][256], size_t zeroes) {
    uint32_t bit[32];
    for (int i = 0; i < 32; i++) {
        uint32_t crc = 1u << i;
        for (size_t n = 0; n < zeroes; n++) crc = (crc >> 8) ^ table[0][crc & 0xff];
        bit[i] = crc;
    }
    for (int byte = 0; byte < 4; byte++)
        for (int value = 0; value < 256; value++) {
            uint32_t crc = 0;
            for (int i = 0; i < 8; i++) if (value >> i & 1) crc ^= bit[8 * byte + i];
            shift[byte][value] = crc;
        }
}

__attribute__((constructor)) static void build_shifts(void) {
    build_table();
    build_shift(past_long, LONG_STREAM);
    build_shift(past_short, SHORT_STREAM);
}

static inline uint32_t shifted(uint32_t shift[4][256], uint32_t crc) {
    return shift[0][crc & 0xff] ^ shift[1][crc >> 8 & 0xff] ^ shift[2][crc >> 16 & 0xff] ^ shift[3][crc >> 24];
}

__attribute__((target("sse4.2")))
static inline uint32_t three_streams(uint32_t state, const uint8_t *at, size_t stream, uint32_t shift[4][256]) {
    uint64_t first = state, second = 0, third = 0;
    for (size_t i = 0; i < stream; i += 8) {
        uint64_t words[3];
        memcpy(&words[0], at + i, 8);
        memcpy(&words[1], at + stream + i, 8);
        memcpy(&words[2], at + 2 * stream + i, 8);
        first = _mm_crc32_u64(first, words[0]);
        second = _mm_crc32_u64(second, words[1]);
        third = _mm_crc32_u64(third, words[2]);
    }
    return shifted(shift, shifted(shift, (uint32_t)first) ^ (uint32_t)second) ^ (uint32_t)third;
}

__attribute__((target("sse4.2")))
static uint32_t by_instruction(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    uint64_t state = (uint32_t)~crc;
    for (; count >= 3 * LONG_STREAM; at += 3 * LONG_STREAM, count -= 3 * LONG_STREAM)
        state = three_streams((uint32_t)state, at, LONG_STREAM, past_long);
    for (; count >= 3 * SHORT_STREAM; at += 3 * SHORT_STREAM, count -= 3 * SHORT_STREAM)
        state = three_streams((uint32_t)state, at, SHORT_STREAM, past_short);
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
