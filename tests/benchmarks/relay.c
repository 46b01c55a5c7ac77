/* Two networks and a long line between them: every packet arrives a fixed time later, those to a silent range
 * never. It makes two network namespaces, each with a TUN device `line`, and holds them by its descriptors:
 * when it ends, all is gone, whatever way it ends.
 *
 * usage: relay ONE_WAY_MS SILENT_NETWORK PREFIX_BITS
 * prints the descriptors of the near and the far namespace, for nsenter --net=/proc/PID/fd/N; needs root
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { PACKET_BYTES = 1500, PACKETS = 16384 }; /* on the way at once, a power of two */

struct packet {
    int64_t due_ns;
    int length;
    unsigned char bytes[PACKET_BYTES];
};

struct direction {
    int from, to;
    unsigned first, end;
    uint32_t silent, mask;
    struct packet *packets;
};

static int64_t delay_ns;

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* Go to a namespace of our own; returns its descriptor, and in `device` that of the line's end in it. */
static int make_network(int *device) {
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "line"};
    if (unshare(CLONE_NEWNET))
        fail("relay: unshare");
    *device = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    if (*device < 0 || ioctl(*device, TUNSETIFF, &request))
        fail("relay: /dev/net/tun");
    return open("/proc/self/ns/net", O_RDONLY);
}

static void take(struct direction *d) {
    while (d->end - d->first < PACKETS) {
        struct packet *packet = &d->packets[d->end % PACKETS];
        packet->length = read(d->from, packet->bytes, PACKET_BYTES);
        if (packet->length < 20)
            return;
        const unsigned char *to = packet->bytes + 16; /* of IPv4, which alone is passed on */
        uint32_t address = (uint32_t)to[0] << 24 | to[1] << 16 | to[2] << 8 | to[3];
        if (packet->bytes[0] >> 4 != 4 || (d->mask && (address & d->mask) == d->silent))
            continue;
        packet->due_ns = now_ns() + delay_ns;
        d->end++;
    }
}

/* Returns when the next packet is due, or `next_ns` where that is earlier. */
static int64_t deliver(struct direction *d, int64_t next_ns) {
    for (; d->first != d->end; d->first++) {
        struct packet *packet = &d->packets[d->first % PACKETS];
        if (packet->due_ns > now_ns())
            return packet->due_ns < next_ns ? packet->due_ns : next_ns;
        if (write(d->to, packet->bytes, packet->length) < 0)
            continue; /* a line loses what its other end does not take */
    }
    return next_ns;
}

int main(int argc, char **argv) {
    struct in_addr silent;
    if (argc != 4 || !inet_pton(AF_INET, argv[2], &silent)) {
        fprintf(stderr, "usage: relay ONE_WAY_MS SILENT_NETWORK PREFIX_BITS\n");
        return 2;
    }
    delay_ns = atoll(argv[1]) * 1000000;
    int near_device, far_device;
    int near = make_network(&near_device), far = make_network(&far_device);
    struct direction out = {.from = near_device, .to = far_device, .packets = calloc(PACKETS, sizeof *out.packets)};
    struct direction back = {.from = far_device, .to = near_device, .packets = calloc(PACKETS, sizeof *out.packets)};
    out.mask = ~0u << (32 - atoi(argv[3]));
    out.silent = ntohl(silent.s_addr);
    printf("%d %d\n", near, far);
    fflush(stdout);
    struct pollfd ends[] = {{.fd = near_device, .events = POLLIN}, {.fd = far_device, .events = POLLIN}};
    for (;;) {
        take(&out);
        take(&back);
        int64_t wait_ns = deliver(&back, deliver(&out, now_ns() + 1000000000)) - now_ns();
        struct timespec wait = {.tv_nsec = wait_ns < 0 ? 0 : wait_ns > 999999999 ? 999999999 : wait_ns};
        ppoll(ends, 2, &wait, NULL);
    }
}
