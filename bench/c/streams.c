/* Opens many streams, and times every update on each of them: streams PORT COUNT BOARD REQUEST
 *
 * Update number k is a card of site k % sites that shows the count 2 + k / sites; a newer count of
 * a site shows every older one too. BOARD is a file of 64-bit numbers shared with whoever
 * publishes: [0] published, [1] sites, [2] updates shown by all streams together (ours to write),
 * [4 + k] the clock before update k was written. REQUEST is what each stream sends.
 *
 * Says {"open": ...} once all are open; then, for each line on stdin, the state so far; ends with
 * its stdin. */
#include "common.h"

#define WINDOW 256 /* connections under way at once */
#define OPENING (90 * SECOND)
#define MARK "id=\"site-s"
#define MARK_LENGTH (sizeof MARK - 1)
#define UPDATES 100000

enum stage { CONNECTING, ASKED, OPEN, CLOSED };

struct stream {
    int fd;
    enum stage stage;
    size_t kept_length;
    char *kept; /* the end of what was read, where a card is cut in two */
    uint16_t *seen; /* the newest count of each site */
};

static volatile uint64_t *board;
static struct stream *streams;
static unsigned count, started, opened, refused, dropped;
static uint64_t sites, bytes, reads, reached[UPDATES], last[UPDATES];
static struct histogram delays;
static int poller, port;
static char *request, buffer[1 << 18];
static size_t request_length;

static void watch(unsigned number, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.u32 = number};
    if (epoll_ctl(poller, operation, streams[number].fd, &event)) fail("epoll_ctl");
}

static void start_one(void) {
    struct stream *s = &streams[started];
    s->fd = dial(port, started);
    s->stage = CONNECTING;
    s->seen = calloc(sites, sizeof *s->seen);
    for (uint64_t site = 0; site < sites; site++) s->seen[site] = 1;
    watch(started++, EPOLL_CTL_ADD, EPOLLOUT);
}

static void lose(struct stream *s) {
    if (s->stage == OPEN) dropped++;
    else refused++;
    s->stage = CLOSED;
    close(s->fd);
}

static void show(struct stream *s, uint64_t site, uint64_t newest, uint64_t now) {
    for (uint64_t n = s->seen[site] + 1u; n <= newest; n++) {
        uint64_t k = (n - 2) * sites + site;
        if (k >= board[0] || k >= UPDATES) return;
        note(&delays, now - board[4 + k]);
        reached[k]++;
        last[k] = now - board[4 + k];
        s->seen[site] = (uint16_t)n;
        board[2]++;
    }
}

/* Reads every whole card; returns how much of the text is used up. */
static size_t read_cards(struct stream *s, char *text, size_t length, uint64_t now) {
    char *at = text, *end = text + length, *card, *number, *after;
    while ((card = memmem(at, (size_t)(end - at), MARK, MARK_LENGTH))) {
        number = memmem(card, (size_t)(end - card), "<b>", 3);
        if (!number || !memchr(number + 3, '<', (size_t)(end - number - 3)))
            return (size_t)(card - text);
        uint64_t site = strtoull(card + MARK_LENGTH, &after, 10);
        uint64_t newest = strtoull(number + 3, &after, 10);
        if (site < sites) show(s, site, newest, now);
        at = after;
    }
    size_t rest = (size_t)(end - at);
    if (!rest || end[-1] == '\n') return length;
    return length - (rest < MARK_LENGTH ? rest : MARK_LENGTH - 1);
}

static void keep(struct stream *s, const char *text, size_t length) {
    free(s->kept);
    s->kept = length ? memcpy(malloc(length), text, length) : NULL;
    s->kept_length = length;
}

static void read_some(struct stream *s) {
    memcpy(buffer, s->kept, s->kept_length);
    ssize_t got = recv(s->fd, buffer + s->kept_length, sizeof buffer - s->kept_length - 1, 0);
    uint64_t now = now_ns();
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return lose(s);
    size_t length = s->kept_length + (size_t)got;
    buffer[length] = 0;
    bytes += (uint64_t)got;
    reads++;
    if (s->stage == ASKED) {
        if (!memmem(buffer, length, "\r\n\r\n", 4)) return keep(s, buffer, length);
        if (memcmp(buffer, "HTTP/1.1 200", 12)) return lose(s);
        s->stage = OPEN;
        opened++;
    }
    size_t used = read_cards(s, buffer, length, now);
    if (used == 0 && length > sizeof buffer / 2) fail("a card that never ends");
    if (used < length || s->kept) keep(s, buffer + used, length - used);
}

static void turn(struct epoll_event *event) {
    struct stream *s = &streams[event->data.u32];
    if (s->stage == CLOSED) return;
    if (s->stage != CONNECTING) return read_some(s);
    if (send(s->fd, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length)
        return lose(s);
    s->stage = ASKED;
    watch(event->data.u32, EPOLL_CTL_MOD, EPOLLIN);
}

static void say_state(void) {
    uint64_t published = board[0] < UPDATES ? board[0] : UPDATES, behind = 0, missed = 0;
    for (unsigned n = 0; n < started; n++)
        for (uint64_t site = 0, wrong = 0; site < sites && !wrong; site++) {
            uint64_t newest = 1 + (published + sites - 1 - site) / sites;
            behind += wrong = streams[n].seen[site] != newest;
        }
    for (uint64_t k = 0; k < published; k++) missed += count - reached[k];
    printf("{\"open\": %u, \"dropped\": %u, \"behind\": %lu, \"missed\": %lu, \"bytes\": %lu, "
           "\"reads\": %lu, \"cpu\": %.6f, \"p50\": %.1f, \"p99\": %.1f, \"most\": %.1f, \"last\": [",
           opened - dropped, dropped, behind, missed, bytes, reads, cpu_seconds(),
           percentile(&delays, 0.5), percentile(&delays, 0.99), delays.most);
    for (uint64_t k = 0; k < published; k++)
        printf("%s%.1f", k ? ", " : "", reached[k] == count ? (double)last[k] / 1e3 : -1.0);
    printf("]}\n");
}

static void poll_once(int patience) {
    struct epoll_event events[512];
    int found = epoll_wait(poller, events, 512, patience);
    for (int n = 0; n < found; n++) {
        if (events[n].data.u32 < count) {
            turn(&events[n]);
        } else {
            char line[64];
            if (read(0, line, sizeof line) <= 0) exit(0);
            say_state();
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 5) return fprintf(stderr, "streams PORT COUNT BOARD REQUEST\n"), 2;
    many_files();
    setvbuf(stdout, NULL, _IOLBF, 0);
    port = atoi(argv[1]);
    count = (unsigned)atoi(argv[2]);
    int file = open(argv[3], O_RDWR);
    board = mmap(NULL, (4 + UPDATES) * 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (board == MAP_FAILED) fail("mmap");
    sites = board[1];
    request = whole_file(argv[4], &request_length);
    streams = calloc(count, sizeof *streams);
    poller = epoll_create1(0);
    uint64_t begun = now_ns(), done;
    while ((done = opened + refused) < count && now_ns() - begun < OPENING) {
        while (started < count && started - done < WINDOW) start_one();
        poll_once(1000);
    }
    double seconds = (double)(now_ns() - begun) / 1e9;
    printf("{\"open\": %u, \"refused\": %u, \"seconds\": %.6f, \"cpu\": %.6f}\n", opened, refused,
           seconds, cpu_seconds());
    struct epoll_event stdin_event = {.events = EPOLLIN, .data.u32 = count};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, 0, &stdin_event)) fail("stdin");
    for (;;) poll_once(-1);
}
