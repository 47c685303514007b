/* What every client and server of the benchmarks in C needs: a clock, sockets, a histogram. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ull
#define PER_ADDRESS 20000 /* connections from one source address: below the ephemeral ports */
#define BUCKETS 2400

static inline uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static inline void fail(const char *what) {
    perror(what);
    exit(1);
}

static inline double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline void many_files(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* A connection under way to 127.0.0.1:port, from one of several loopback addresses. */
static inline int dial(int port, unsigned number) {
    static unsigned base;
    if (!base) base = 2 + (unsigned)getpid() % 200;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    struct sockaddr_in here = {.sin_family = AF_INET};
    here.sin_addr.s_addr = htonl(0x7f000000u + ((number / PER_ADDRESS) << 8) + base);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct linger reset = {1, 0}; /* closing leaves nothing in TIME_WAIT */
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (bind(fd, (struct sockaddr *)&here, sizeof here)) fail("bind");
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&there, sizeof there) && errno != EINPROGRESS)
        fail("connect");
    return fd;
}

static inline char *whole_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) fail(path);
    char *text = malloc(1 << 20);
    *length = fread(text, 1, (1 << 20) - 1, file);
    text[*length] = 0;
    fclose(file);
    return text;
}

/* Times to within 1%, from 1 microsecond to 7 hours. */
struct histogram {
    uint64_t count, slots[BUCKETS];
    double most;
};

static inline void note(struct histogram *h, uint64_t ns) {
    double us = (double)ns / 1e3;
    int slot = (int)(log(us + 1) * 100);
    h->slots[slot < BUCKETS ? slot : BUCKETS - 1]++;
    h->count++;
    if (us > h->most) h->most = us;
}

/* In microseconds. */
static inline double percentile(const struct histogram *h, double share) {
    uint64_t seen = 0, wanted = (uint64_t)ceil((double)h->count * share);
    for (int slot = 0; slot < BUCKETS; slot++)
        if ((seen += h->slots[slot]) >= wanted && h->count)
            return fmin(exp((slot + 0.5) / 100) - 1, h->most);
    return 0;
}
