#include "CChecksum.h"

#include <string.h>

// CRC-32 as zlib has it (reflected polynomial 0xEDB88320). Its place is short inputs: a node's path and
// data, then its sixty bytes of facts, for which zlib's own takes over a nanosecond a byte.

// Slicing-by-8 tables, built once before main runs.
static uint32_t table[8][256];

__attribute__((constructor)) static void build_table(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
        table[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++)
        for (int slice = 1; slice < 8; slice++)
            table[slice][byte] = (table[slice - 1][byte] >> 8) ^ table[0][table[slice - 1][byte] & 0xff];
}

// Moves the state (the inverse of a checksum) past the bytes.
static inline uint32_t by_table(uint32_t crc, const uint8_t *at, size_t count) {
    for (; count >= 8; at += 8, count -= 8) {
        uint32_t low = crc ^ ((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
        crc = table[7][low & 0xff] ^ table[6][(low >> 8) & 0xff] ^ table[5][(low >> 16) & 0xff] ^ table[4][low >> 24]
            ^ table[3][at[4]] ^ table[2][at[5]] ^ table[1][at[6]] ^ table[0][at[7]];
    }
    for (; count > 0; at++, count--) crc = (crc >> 8) ^ table[0][(crc ^ *at) & 0xff];
    return crc;
}

uint32_t cchecksum_crc32_portable(uint32_t crc, const void *bytes, size_t count) {
    return ~by_table(~crc, bytes, count);
}

#if defined(__x86_64__)
#include <smmintrin.h>
#include <wmmintrin.h>

// Shuffles by parts of this move bytes up or down and fill with zeroes.
static const uint8_t shuffles[48] = {
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
    0,    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
};

// Sixteen bytes at a time by carry-less multiplication; the constants are powers of x modulo the
// polynomial (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", reflected).
//
// The incoming checksum is added to the first four bytes, after which zeroes in front change nothing. So the odd
// bytes are taken first, as the end of a block that begins with zeroes, and none are left behind the last block.
__attribute__((target("pclmul,sse4.1")))
static uint32_t by_multiplication(uint32_t crc, const uint8_t *at, size_t count) {
    const __m128i fold = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
    const __m128i reduce = _mm_set_epi64x(0x01f7011641, 0x01db710641);
    const __m128i low_words = _mm_setr_epi32(~0, 0, ~0, 0);
    const size_t head = ((count - 1) & 15) + 1;
    const __m128i begin = _mm_cvtsi32_si128((int)crc);
    __m128i state = _mm_xor_si128(_mm_loadu_si128((const __m128i *)at), begin);
    state = _mm_shuffle_epi8(state, _mm_loadu_si128((const __m128i *)(shuffles + head)));
    // What of the incoming checksum lies behind a head of less than four bytes.
    __m128i rest = _mm_shuffle_epi8(begin, _mm_loadu_si128((const __m128i *)(shuffles + 16 + head)));
    for (at += head, count -= head; count > 0; at += 16, count -= 16) {
        __m128i low = _mm_clmulepi64_si128(state, fold, 0x00);
        __m128i high = _mm_clmulepi64_si128(state, fold, 0x11);
        __m128i next = _mm_xor_si128(_mm_loadu_si128((const __m128i *)at), rest);
        state = _mm_xor_si128(_mm_xor_si128(low, high), next);
        rest = _mm_setzero_si128();
    }
    // 128 bits to 96, to 64, then Barrett's reduction to 32.
    state = _mm_xor_si128(_mm_srli_si128(state, 8), _mm_clmulepi64_si128(state, fold, 0x10));
    __m128i upper = _mm_srli_si128(state, 4);
    state = _mm_clmulepi64_si128(_mm_and_si128(state, low_words), _mm_set_epi64x(0, 0x0163cd6124), 0x00);
    state = _mm_xor_si128(state, upper);
    __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(state, low_words), reduce, 0x10);
    quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, low_words), reduce, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(state, quotient), 1);
}

static int has_multiplication;
__attribute__((constructor)) static void look_at_processor(void) {
    __builtin_cpu_init();
    has_multiplication = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

uint32_t cchecksum_crc32(uint32_t crc, const void *bytes, size_t count) {
    if (count >= 16 && has_multiplication) return ~by_multiplication(~crc, bytes, count);
    return cchecksum_crc32_portable(crc, bytes, count);
}
#else
uint32_t cchecksum_crc32(uint32_t crc, const void *bytes, size_t count) {
    return cchecksum_crc32_portable(crc, bytes, count);
}
#endif
