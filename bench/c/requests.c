/* Sends one request over and over, and times each answer: requests PORT CONNECTIONS MS RATE FILE
 *
 * RATE 0: each connection sends the next as soon as it has its answer. Otherwise so many a second
 * over all connections, each timed from when it was due, sent late or not. FILE is the request;
 * in it {number00} becomes ten digits that never repeat, {v} a count, {site} a site (s00000 to
 * s00029), {now0000000000000000000} the time. Says one line of JSON at the end. */
#include "common.h"

#define CONNECTIONS 4096
#define ANSWER (1 << 22)
#define SITES 30
#define WAIT (5 * SECOND) /* for what is under way when the time is up */

struct connection {
    int fd, busy;
    char *answer, *request;
    size_t length, wanted;
    uint64_t due;
};

static struct connection all[CONNECTIONS];
static unsigned idle[CONNECTIONS], idle_count, connections;
static uint64_t sent, good, bad, lost, bytes, serial;
static size_t request_length;
static struct histogram delays;
static int poller, port;

static void put(char *request, const char *name, const char *text) {
    for (char *at = request; (at = strstr(at, name));) memcpy(at, text, strlen(text));
}

static void fill(char *request, const char *name, const char *form, uint64_t value) {
    char text[32];
    snprintf(text, sizeof text, form, value);
    put(request, name, text);
}

static void fill_now(char *request) {
    char text[32];
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.", gmtime_r(&now.tv_sec, &parts));
    snprintf(text + 20, 5, "%03dZ", (int)(now.tv_nsec / 1000000));
    put(request, "{now0000000000000000000}", text);
}

static void connect_one(unsigned n) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = n};
    all[n].fd = dial(port, n);
    fcntl(all[n].fd, F_SETFL, 0); /* waits for the connection, and for room when it sends */
    struct sockaddr_in there;
    socklen_t size = sizeof there;
    for (int left = 2000; getpeername(all[n].fd, (struct sockaddr *)&there, &size) && left; left--)
        usleep(500);
    if (epoll_ctl(poller, EPOLL_CTL_ADD, all[n].fd, &event)) fail("epoll_ctl");
    all[n].length = all[n].wanted = 0;
    all[n].busy = 0;
    idle[idle_count++] = n;
}

static void send_one(unsigned n, const char *model, uint64_t due) {
    struct connection *c = &all[n];
    memcpy(c->request, model, request_length + 1);
    fill(c->request, "{number00}", "%010lu", serial);
    fill(c->request, "{v}", "%3lu", 100 + serial % 900);
    fill(c->request, "{site}", "s%05lu", serial % SITES);
    fill_now(c->request);
    serial++;
    c->due = due;
    c->busy = 1;
    sent++;
    if (send(c->fd, c->request, request_length, MSG_NOSIGNAL) < 0) lost++;
}

/* The length of the whole answer, or 0 while its head is not all there. */
static size_t expected(struct connection *c) {
    char *head_end = memmem(c->answer, c->length, "\r\n\r\n", 4);
    if (!head_end) return 0;
    *head_end = 0;
    char *length = strcasestr(c->answer, "\r\ncontent-length:");
    size_t body = length ? strtoull(length + 17, NULL, 10) : 0;
    *head_end = '\r';
    return (size_t)(head_end - c->answer) + 4 + body;
}

static void answered(unsigned n, uint64_t now) {
    struct connection *c = &all[n];
    note(&delays, now - c->due);
    if (c->answer[9] == '2' || !memcmp(c->answer + 9, "303", 3)) good++;
    else if (!bad++) fprintf(stderr, "%.*s\n", (int)(c->length < 900 ? c->length : 900), c->answer);
    c->length = c->wanted = 0;
    c->busy = 0;
    idle[idle_count++] = n;
}

static void turn(unsigned n) {
    struct connection *c = &all[n];
    ssize_t got = recv(c->fd, c->answer + c->length, ANSWER - c->length, MSG_DONTWAIT);
    uint64_t now = now_ns();
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        lost += (uint64_t)c->busy;
        for (unsigned at = 0; at < idle_count; at++)
            if (idle[at] == n) idle[at--] = idle[--idle_count];
        close(c->fd);
        return connect_one(n);
    }
    c->length += (size_t)got;
    bytes += (uint64_t)got;
    if (!c->wanted) c->wanted = expected(c);
    if (c->wanted && c->length >= c->wanted) answered(n, now);
}

static void say(double seconds) {
    printf("{\"sent\": %lu, \"good\": %lu, \"bad\": %lu, \"lost\": %lu, \"seconds\": %.6f, "
           "\"bytes\": %lu, \"cpu\": %.6f, \"p50\": %.1f, \"p99\": %.1f, \"most\": %.1f}\n",
           sent, good, bad, lost, seconds, bytes, cpu_seconds(), percentile(&delays, 0.5),
           percentile(&delays, 0.99), delays.most);
}

int main(int argc, char **argv) {
    if (argc != 6) return fprintf(stderr, "requests PORT CONNECTIONS MS RATE FILE\n"), 2;
    port = atoi(argv[1]);
    connections = (unsigned)atoi(argv[2]);
    if (connections > CONNECTIONS) return 2;
    uint64_t length = strtoull(argv[3], NULL, 10) * 1000000, rate = strtoull(argv[4], NULL, 10);
    char *model = whole_file(argv[5], &request_length);
    serial = now_ns() / 1000 % 9000000000ull; /* no key of an earlier run again */
    poller = epoll_create1(0);
    for (unsigned n = 0; n < connections; n++) {
        all[n].answer = malloc(ANSWER + 1);
        all[n].request = malloc(request_length + 1);
        connect_one(n);
    }
    uint64_t begun = now_ns(), end = begun + length, due = begun, now;
    struct epoll_event events[256];
    while ((now = now_ns()) < end || (idle_count < connections && now < end + WAIT)) {
        while (now < end && idle_count && (!rate || due <= now)) {
            send_one(idle[--idle_count], model, rate ? due : now);
            if (rate) due += SECOND / rate;
        }
        uint64_t next = rate && due > now && idle_count && due < end ? due - now : SECOND / 20;
        struct timespec patience = {.tv_nsec = (long)next};
        int found = epoll_pwait2(poller, events, 256, &patience, NULL);
        for (int n = 0; n < found; n++) turn(events[n].data.u32);
    }
    double seconds = (double)((now < end ? now : end) - begun) / 1e9;
    lost += connections - idle_count;
    say(seconds);
    return 0;
}
