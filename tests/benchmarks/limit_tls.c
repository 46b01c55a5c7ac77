/* The limit over TLS: what fetching heads from verified hosts costs at the least, with the system's OpenSSL. One
 * epoll, non-blocking sockets, one SSL_CTX; connect, shake hands (SNI, the chain checked against a file of roots,
 * the host against the certificate), send HEAD, read to the blank line, close without a word. It resolves nothing,
 * extracts no facts and writes nothing but the count of heads it saw.
 *
 * It is built as one would build it to be quick: no session cache, read-ahead (one read a flight, not two a record).
 *
 * usage: limit_tls CONCURRENCY CA_FILE < LIST    (lines of the form https://HOST:PORT/PATH [A.B.C.D])
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_BYTES = 8192, HEAD_BYTES = 16384, EVENTS = 512 };

struct connection {
    int fd, connected, sent, received, request_bytes;
    SSL *tls;
    char request[LINE_BYTES], head[HEAD_BYTES];
};

static SSL_CTX *context;
static int poller;
static long heads, failures, in_flight;

/* Name the host in the hello and in what the certificate is checked for; an address is checked for, not named. */
static int name_host(SSL *tls, const char *host) {
    struct in_addr address;
    if (inet_pton(AF_INET, host, &address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host);
    return SSL_set1_host(tls, host) && SSL_set_tlsext_host_name(tls, host);
}

static int begin(struct connection *c) {
    static char line[LINE_BYTES];
    char host[256], path[LINE_BYTES - 1024], literal[64];
    int port;
    if (!fgets(line, sizeof line, stdin))
        return 0;
    int found = sscanf(line, "https://%255[^:]:%d%7000s %63s", host, &port, path, literal);
    if (found < 3) {
        failures++;
        return 1;
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, found == 4 ? literal : host, &address.sin_addr) != 1) {
        failures++;
        return 1;
    }
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->connected = c->sent = c->received = 0;
    c->request_bytes = snprintf(c->request, sizeof c->request,
                                "HEAD %s HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: limit\r\nAccept: */*\r\n"
                                "Connection: close\r\n\r\n", path, host, port);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) {
        close(c->fd);
        failures++;
        return 1;
    }
    c->tls = SSL_new(context);
    if (!c->tls || !name_host(c->tls, host) || !SSL_set_fd(c->tls, c->fd)) {
        SSL_free(c->tls);
        close(c->fd);
        failures++;
        return 1;
    }
    SSL_set_connect_state(c->tls);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event);
    in_flight++;
    return 1;
}

static void end(struct connection *c, long *counter) {
    SSL_free(c->tls);
    close(c->fd);
    ERR_clear_error();
    ++*counter;
    in_flight--;
    long before;
    do
        before = in_flight;
    while (begin(c) && in_flight == before);
}

/* Whether an unfinished step is to be tried again at the next edge; where it is not, the connection has ended. */
static int waits(struct connection *c, int result) {
    int error = SSL_get_error(c->tls, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return 1;
    if (!failures)
        ERR_print_errors_fp(stderr);
    end(c, &failures);
    return 0;
}

static void proceed(struct connection *c, unsigned events) {
    if (!c->connected) {
        if (events & (EPOLLERR | EPOLLHUP)) {
            end(c, &failures);
            return;
        }
        c->connected = 1;
    }
    if (!c->sent) {
        int done = SSL_do_handshake(c->tls);
        if (done == 1)
            done = SSL_write(c->tls, c->request, c->request_bytes);
        if (done <= 0) {
            waits(c, done);
            return;
        }
        c->sent = 1;
    }
    for (;;) {
        int got = SSL_read(c->tls, c->head + c->received, HEAD_BYTES - c->received);
        if (got <= 0) {
            waits(c, got);
            return;
        }
        c->received += got;
        if (memmem(c->head, c->received, "\r\n\r\n", 4)) {
            end(c, &heads);
            return;
        }
    }
}

static SSL_CTX *make_context(const char *ca_file) {
    SSL_CTX *made = SSL_CTX_new(TLS_client_method());
    if (!made || !SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION)
        || !SSL_CTX_load_verify_locations(made, ca_file, NULL)) {
        ERR_print_errors_fp(stderr);
        exit(2);
    }
    SSL_CTX_set_verify(made, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(made, 1);
    return made;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: limit_tls CONCURRENCY CA_FILE < LIST\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    long concurrency = atol(argv[1]);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    context = make_context(argv[2]);
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct connection *connections = calloc(concurrency, sizeof *connections);
    for (long n = 0; n < concurrency; n++) {
        long before = in_flight;
        while (begin(&connections[n]) && in_flight == before)
            ;
    }
    struct epoll_event events[EVENTS];
    while (in_flight) {
        int ready = epoll_wait(poller, events, EVENTS, -1);
        for (int n = 0; n < ready; n++)
            proceed(events[n].data.ptr, events[n].events);
    }
    printf("%ld heads, %ld failures\n", heads, failures);
    SSL_CTX_free(context);
    free(connections);
    return failures != 0;
}
