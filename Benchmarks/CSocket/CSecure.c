#include "CSecure.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

// The few numbers and functions of OpenSSL 3's interface that are needed, which it keeps stable.
enum {
    VERIFY_PEER = 1,
    ERROR_WANT_READ = 2,
    ERROR_WANT_WRITE = 3,
    ERROR_ZERO_RETURN = 6,
    CONTROL_MODE = 33,
    CONTROL_READ_AHEAD = 41,
    CONTROL_MIN_VERSION = 123,
    TLS_1_2 = 0x0303,
    MODE_PARTIAL_WRITE = 1,
    MODE_MOVING_BUFFER = 2,
};

static struct {
    const void *(*client_method)(void);
    void *(*context_new)(const void *);
    void (*context_free)(void *);
    int (*context_load)(void *, const char *, const char *);
    void (*context_verify)(void *, int, void *);
    long (*context_control)(void *, int, long, void *);
    int (*context_suites)(void *, const char *);
    int (*context_ciphers)(void *, const char *);
    void *(*stream_new)(void *);
    void (*stream_free)(void *);
    int (*set_fd)(void *, int);
    int (*connect)(void *);
    int (*read)(void *, void *, int);
    int (*write)(void *, const void *, int);
    int (*pending)(const void *);
    int (*shutdown)(void *);
    int (*get_error)(const void *, int);
    const char *(*get_version)(const void *);
    const void *(*get_cipher)(const void *);
    const char *(*cipher_name)(const void *);
    unsigned long (*last_error)(void);
    void (*error_text)(unsigned long, char *, size_t);
    void (*clear_errors)(void);
} ssl;

static int load(char *problem, size_t capacity) {
    static void *library;
    if (library) return 1;
    void *handle = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        snprintf(problem, capacity, "TLS needs OpenSSL 3 (Debian's libssl3): %s", dlerror());
        return 0;
    }
    const struct { const char *name; void *function; } names[] = {
        {"TLS_client_method", &ssl.client_method}, {"SSL_CTX_new", &ssl.context_new},
        {"SSL_CTX_free", &ssl.context_free}, {"SSL_CTX_load_verify_locations", &ssl.context_load},
        {"SSL_CTX_set_verify", &ssl.context_verify}, {"SSL_CTX_ctrl", &ssl.context_control},
        {"SSL_CTX_set_ciphersuites", &ssl.context_suites}, {"SSL_CTX_set_cipher_list", &ssl.context_ciphers},
        {"SSL_new", &ssl.stream_new}, {"SSL_free", &ssl.stream_free}, {"SSL_set_fd", &ssl.set_fd},
        {"SSL_connect", &ssl.connect}, {"SSL_read", &ssl.read}, {"SSL_write", &ssl.write},
        {"SSL_has_pending", &ssl.pending}, {"SSL_shutdown", &ssl.shutdown},
        {"SSL_get_error", &ssl.get_error}, {"SSL_get_version", &ssl.get_version},
        {"SSL_get_current_cipher", &ssl.get_cipher}, {"SSL_CIPHER_get_name", &ssl.cipher_name},
        {"ERR_get_error", &ssl.last_error}, {"ERR_error_string_n", &ssl.error_text},
        {"ERR_clear_error", &ssl.clear_errors},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        void *function = dlsym(handle, names[i].name);
        if (!function) {
            snprintf(problem, capacity, "libssl.so.3 has no %s", names[i].name);
            dlclose(handle);
            return 0;
        }
        *(void **)names[i].function = function;
    }
    signal(SIGPIPE, SIG_IGN);  // the library writes with write(2)
    library = handle;
    return 1;
}

static void explain(const char *what, char *problem, size_t capacity) {
    char text[160] = "no reason given";
    unsigned long error = ssl.last_error();
    if (error) ssl.error_text(error, text, sizeof text);
    ssl.clear_errors();
    snprintf(problem, capacity, "%s: %s", what, text);
}

struct csecure_context *csecure_open(const char *authorities, char *problem, size_t capacity) {
    if (!load(problem, capacity)) return NULL;
    void *context = ssl.context_new(ssl.client_method());
    if (!context) {
        explain("TLS", problem, capacity);
        return NULL;
    }
    ssl.context_verify(context, VERIFY_PEER, NULL);
    ssl.context_control(context, CONTROL_MODE, MODE_PARTIAL_WRITE | MODE_MOVING_BUFFER, NULL);
    ssl.context_control(context, CONTROL_READ_AHEAD, 1, NULL);
    if (ssl.context_control(context, CONTROL_MIN_VERSION, TLS_1_2, NULL) != 1 ||
        ssl.context_suites(context, "TLS_AES_128_GCM_SHA256") != 1 ||
        ssl.context_ciphers(context, "ECDHE+AESGCM:!AES256") != 1 ||
        ssl.context_load(context, authorities, NULL) != 1) {
        explain(authorities, problem, capacity);
        ssl.context_free(context);
        return NULL;
    }
    return context;
}

void csecure_free(struct csecure_context *context) { ssl.context_free(context); }

struct csecure_stream *csecure_connect(
    struct csecure_context *context, int fd, char *problem, size_t capacity) {
    void *stream = ssl.stream_new(context);
    if (stream && ssl.set_fd(stream, fd) == 1 && ssl.connect(stream) == 1) return stream;
    explain("TLS handshake", problem, capacity);
    if (stream) ssl.stream_free(stream);
    return NULL;
}

/// What a read or write that came to nothing means: -EAGAIN, 0 for an orderly end, -EPROTO.
static int64_t outcome(void *stream, int result) {
    int error = ssl.get_error(stream, result);
    if (error == ERROR_WANT_READ || error == ERROR_WANT_WRITE) return -EAGAIN;
    ssl.clear_errors();
    return error == ERROR_ZERO_RETURN ? 0 : -EPROTO;
}

static int at_most_int(size_t count) { return count > 1 << 30 ? 1 << 30 : (int)count; }

int64_t csecure_send(struct csecure_stream *stream, const void *bytes, size_t count) {
    int sent = ssl.write(stream, bytes, at_most_int(count));
    if (sent > 0) return sent;
    int64_t why = outcome(stream, sent);
    return why == 0 ? -EPIPE : why;
}

int64_t csecure_receive(struct csecure_stream *stream, void *bytes, size_t count) {
    size_t done = 0;
    // A read gives one record; several may have come, and only the first would wake the poller.
    do {
        int received = ssl.read(stream, (char *)bytes + done, at_most_int(count - done));
        if (received <= 0) return done ? (int64_t)done : outcome(stream, received);
        done += (size_t)received;
    } while (done < count && ssl.pending(stream));
    return (int64_t)done;
}

void csecure_describe(struct csecure_stream *stream, char *text, size_t capacity) {
    const void *cipher = ssl.get_cipher(stream);
    snprintf(text, capacity, "%s %s", ssl.get_version(stream), cipher ? ssl.cipher_name(cipher) : "");
}

void csecure_close(struct csecure_stream *stream) {
    ssl.shutdown(stream);
    ssl.clear_errors();
    ssl.stream_free(stream);
}
