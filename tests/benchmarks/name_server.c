/* A name server that is never what is waited for: it computes each answer and keeps nothing.
 *
 * hN.bench.example has one address of IPv4, FIRST + N, and no other record; no other name exists.
 *
 * usage: name_server ADDRESS PORT FIRST     (prints a line when it listens; runs until it is ended)
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { DATAGRAM_BYTES = 512, HEADER_BYTES = 12, TYPE_A = 1, NXDOMAIN = 3, BUFFER_BYTES = 4 << 20 };

static const char ZONE[] = "\5bench\7example"; /* as on the wire; the string's own end is the root's label */

/* The N of a name that begins with the label hN and goes on with the zone; -1 where it is no such name. */
static long number_of(const unsigned char *name) {
    int length = name[0];
    char label[64], *end;
    if (length < 2 || length > 63 || (name[1] != 'h' && name[1] != 'H')
        || strcasecmp((const char *)name + 1 + length, ZONE))
        return -1;
    memcpy(label, name + 2, length - 1);
    label[length - 1] = 0;
    long number = strtol(label, &end, 10);
    return *end ? -1 : number;
}

/* Turn the query into its answer where it stands; returns the answer's length, or 0 for what is no query. */
static size_t answer(unsigned char *message, size_t length, uint32_t first) {
    if (length < HEADER_BYTES + 5 || message[2] & 0x80)
        return 0;
    unsigned char *name = message + HEADER_BYTES, *root = memchr(name, 0, length - HEADER_BYTES - 4);
    if (!root)
        return 0;
    unsigned char *at = root + 1;
    int type = at[0] << 8 | at[1];
    long number = number_of(name);
    int answers = number >= 0 && type == TYPE_A;
    message[2] = 0x84 | (message[2] & 1); /* a response, authoritative, recursion as it was desired */
    message[3] = 0x80 | (number < 0 ? NXDOMAIN : 0);
    memcpy(message + 4, (unsigned char[]){0, 1, 0, answers, 0, 0, 0, 0}, 8);
    at += 4;
    if (answers) {
        uint32_t address = htonl(first + number);
        /* the question's name, A, IN, a TTL of an hour, four bytes */
        memcpy(at, (unsigned char[]){0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0x0e, 0x10, 0, 4}, 12);
        memcpy(at + 12, &address, sizeof address);
        at += 16;
    }
    return at - message;
}

int main(int argc, char **argv) {
    struct sockaddr_in own = {.sin_family = AF_INET}, asker;
    struct in_addr first;
    if (argc != 4 || !inet_pton(AF_INET, argv[1], &own.sin_addr) || !inet_pton(AF_INET, argv[3], &first)) {
        fprintf(stderr, "usage: name_server ADDRESS PORT FIRST\n");
        return 2;
    }
    own.sin_port = htons(atoi(argv[2]));
    int fd = socket(AF_INET, SOCK_DGRAM, 0), bytes = BUFFER_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); /* hundreds ask at once */
    if (bind(fd, (struct sockaddr *)&own, sizeof own)) {
        perror("name_server: bind");
        return 1;
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        unsigned char message[DATAGRAM_BYTES + 16];
        socklen_t size = sizeof asker;
        ssize_t got = recvfrom(fd, message, DATAGRAM_BYTES, 0, (struct sockaddr *)&asker, &size);
        size_t length = got > 0 ? answer(message, got, ntohl(first.s_addr)) : 0;
        if (length)
            sendto(fd, message, length, 0, (struct sockaddr *)&asker, size);
    }
}
