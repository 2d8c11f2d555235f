#include "CCacheLines.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>

void ccachelines_copy_streaming(void *to, const void *from, size_t count) {
    enum { LINE = 64 };
    uint8_t *target = to;
    const uint8_t *source = from;
    size_t head = (LINE - ((uintptr_t)target & (LINE - 1))) & (LINE - 1);
    if (head > count) head = count;
    memcpy(target, source, head);
    target += head, source += head, count -= head;
    for (; count >= LINE; target += LINE, source += LINE, count -= LINE) {
        __m128i words[4];
        memcpy(words, source, LINE);
        for (int i = 0; i < 4; i++) _mm_stream_si128((__m128i *)target + i, words[i]);
    }
    memcpy(target, source, count);
    _mm_sfence();
}
#else
void ccachelines_copy_streaming(void *to, const void *from, size_t count) { memcpy(to, from, count); }
#endif
