/* The limit: what fetching heads costs at the least. One epoll, non-blocking sockets; connect, send HEAD, read to
 * the blank line, close. It resolves nothing, judges nothing and writes nothing but the count of heads it saw.
 *
 * usage: limit CONCURRENCY < LIST     (lines of the form http://A.B.C.D:PORT/PATH)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_BYTES = 8192, HEAD_BYTES = 16384, EVENTS = 512 };

struct connection {
    int fd, sent, received;
    size_t request_bytes;
    char request[LINE_BYTES], head[HEAD_BYTES];
};

static int poller;
static long heads, failures, in_flight;

static int begin(struct connection *c) {
    static char line[LINE_BYTES];
    char host[64], path[LINE_BYTES - 512];
    int port;
    if (!fgets(line, sizeof line, stdin))
        return 0;
    if (sscanf(line, "http://%63[^:]:%d%7000s", host, &port, path) != 3) {
        failures++;
        return 1;
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->sent = c->received = 0;
    c->request_bytes = snprintf(c->request, sizeof c->request,
                                "HEAD %s HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: limit\r\nAccept: */*\r\n"
                                "Connection: close\r\n\r\n", path, host, port);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) {
        close(c->fd);
        failures++;
        return 1;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event);
    in_flight++;
    return 1;
}

static void end(struct connection *c, long *counter) {
    close(c->fd);
    ++*counter;
    in_flight--;
    long before;
    do
        before = in_flight;
    while (begin(c) && in_flight == before);
}

static void proceed(struct connection *c, unsigned events) {
    if (!c->sent) {
        if (events & (EPOLLERR | EPOLLHUP) || send(c->fd, c->request, c->request_bytes, MSG_NOSIGNAL) < 0) {
            end(c, &failures);
            return;
        }
        c->sent = 1;
        if (!(events & EPOLLIN))
            return;
    }
    for (;;) {
        ssize_t got = recv(c->fd, c->head + c->received, HEAD_BYTES - c->received, 0);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            end(c, &failures);
            return;
        }
        c->received += got;
        if (memmem(c->head, c->received, "\r\n\r\n", 4)) {
            end(c, &heads);
            return;
        }
    }
}

int main(int argc, char **argv) {
    long concurrency = argc > 1 ? atol(argv[1]) : 256;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
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
    return failures != 0;
}
