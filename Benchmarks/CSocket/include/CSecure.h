/// TLS for the load generator, through the system's OpenSSL 3. The library is loaded when it is first
/// asked for, so that building and running without TLS need neither it nor its headers.
#ifndef AVIARY_CSECURE_H
#define AVIARY_CSECURE_H

#include <stddef.h>
#include <stdint.h>

struct csecure_context;
struct csecure_stream;

/// Loads the library and makes a client's context that trusts the certificates of a PEM file, and
/// offers TLS 1.3 and 1.2 with AES-128-GCM only, so that every server does the same work. NULL on
/// failure; why is in `problem`, cut to `capacity` bytes. Ignores SIGPIPE from then on.
struct csecure_context *csecure_open(const char *authorities, char *problem, size_t capacity);
void csecure_free(struct csecure_context *context);

/// Shakes hands over a connected socket that blocks, and checks the server's certificate; its name is
/// not checked, as loads name servers by numbers. NULL on failure, as above. The socket stays the
/// caller's.
struct csecure_stream *csecure_connect(
    struct csecure_context *context, int fd, char *problem, size_t capacity);
/// Sends what the socket takes, at most one record; -EAGAIN when that is nothing, -EPROTO on a failure.
int64_t csecure_send(struct csecure_stream *stream, const void *bytes, size_t count);
/// Receives what is there, up to `count`; 0 when the peer has ended the stream, -EAGAIN when there is
/// nothing, -EPROTO on a failure. After a receipt of all `count` bytes more may be in memory, of which
/// no poller knows.
int64_t csecure_receive(struct csecure_stream *stream, void *bytes, size_t count);
/// Version and cipher suite, such as "TLSv1.3 TLS_AES_128_GCM_SHA256".
void csecure_describe(struct csecure_stream *stream, char *text, size_t capacity);
/// Tells the peer that the stream ends, and frees it.
void csecure_close(struct csecure_stream *stream);

#endif
