/* A server that lets its clients wait: it answers each request a fixed time after it came, and says at its end
 * how many were waiting at most. One process with one epoll; those that wait stand in a queue, since all wait
 * as long.
 *
 * usage: slow_server PORT DELAY_MS     (prints a line when it listens, and the most that waited on SIGTERM)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, WAITING = 32768, REQUEST_BYTES = 4096, BACKLOG = 4096 }; /* a power of two: it wraps */

static const char RESPONSE[] = "HTTP/1.1 200 OK\r\n"
                               "Server: slow\r\n"
                               "Content-Type: text/html\r\n"
                               "Strict-Transport-Security: max-age=31536000\r\n"
                               "Content-Security-Policy: default-src 'self'\r\n"
                               "X-Frame-Options: DENY\r\n"
                               "Cache-Control: no-store\r\n"
                               "Connection: close\r\n\r\n";

static struct {
    int64_t due_ms;
    int fd;
} waiting[WAITING];
static unsigned first, end, most;
static volatile sig_atomic_t stopped;

static void stop(int number) {
    stopped = number;
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void accept_all(int listener, int poller) {
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = fd};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

static void take(int fd, int64_t due_ms) {
    char request[REQUEST_BYTES]; /* a request of one packet is whole when it comes */
    if (recv(fd, request, sizeof request, 0) <= 0 || end - first == WAITING) {
        close(fd);
        return;
    }
    waiting[end % WAITING].fd = fd;
    waiting[end++ % WAITING].due_ms = due_ms;
    if (end - first > most)
        most = end - first;
}

/* Answer those whose time has come; returns how long the next one has to wait. */
static int answer_due(void) {
    for (; first != end; first++) {
        int64_t left_ms = waiting[first % WAITING].due_ms - now_ms();
        if (left_ms > 0)
            return left_ms;
        int fd = waiting[first % WAITING].fd;
        send(fd, RESPONSE, sizeof RESPONSE - 1, MSG_NOSIGNAL);
        close(fd);
    }
    return -1;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: slow_server PORT DELAY_MS\n");
        return 2;
    }
    struct rlimit descriptors;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
    /* Let in only while waiting: one that came between the look at `stopped` and the wait would be lost. */
    sigset_t term, none;
    sigemptyset(&none);
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = stop}, NULL);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poller = epoll_create1(0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    if (bind(listener, (struct sockaddr *)&own, sizeof own) || listen(listener, BACKLOG)) {
        perror("slow_server: listen");
        return 1;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[EVENTS];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    puts("ready");
    fflush(stdout);
    while (!stopped) {
        int ready = epoll_pwait(poller, events, EVENTS, answer_due(), &none);
        int64_t due_ms = now_ms() + atoi(argv[2]);
        for (int n = 0; n < ready; n++) {
            if (events[n].data.fd == listener)
                accept_all(listener, poller);
            else
                take(events[n].data.fd, due_ms);
        }
    }
    printf("%u\n", most);
}
