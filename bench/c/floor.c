/* The floor: the least that a server of streams can do. floor PORT REDIS_SOCKET CHANNEL
 *
 * One epoll loop answers every request with a stream, and sends what the channel says, as it
 * stands, to every stream. What has come meanwhile goes out in one send. A stream that can't take
 * it is let go. */
#include "common.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n"
#define ROOM (1 << 22)

static int poller, listener, redis, *streams;
static unsigned count, room;
static char news[ROOM], message[ROOM];
static size_t length, message_length;

static void watch(int fd) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.fd = fd};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

static void accept_all(void) {
    int fd, one = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        watch(fd);
    }
}

static void answer(int fd) {
    char asked[4096];
    if (recv(fd, asked, sizeof asked, 0) <= 0) {
        for (unsigned n = 0; n < count; n++)
            if (streams[n] == fd) streams[n--] = streams[--count];
        close(fd);
        return;
    }
    if (count == room) streams = realloc(streams, (room = room * 2 + 1024) * sizeof *streams);
    streams[count++] = fd;
    if (send(fd, HEAD, sizeof HEAD - 1, MSG_NOSIGNAL) < 0) perror("head");
}

/* Takes whole replies off the front of `news`; a message's text is the last bulk string of three. */
static void unpack(void) {
    char *at = news, *end = news + length, *line;
    while (at < end && *at == '*') {
        char *part = at, *text = NULL;
        long size = 0;
        int parts = atoi(at + 1), n = 0;
        if (!(line = memmem(part, (size_t)(end - part), "\r\n", 2))) break;
        for (part = line + 2; n < parts; n++) {
            if (!(line = memmem(part, (size_t)(end - part), "\r\n", 2))) break;
            size = *part == '$' ? atol(part + 1) : -2;
            text = line + 2;
            part = text + (size + 2);
            if (part > end) break;
        }
        if (n < parts) break;
        if (size >= 0 && message_length + (size_t)size < ROOM) {
            memcpy(message + message_length, text, (size_t)size);
            message_length += (size_t)size;
        }
        at = part;
    }
    length = (size_t)(end - at);
    memmove(news, at, length);
}

static void tell(void) {
    ssize_t got = recv(redis, news + length, ROOM - length, 0);
    if (got <= 0) exit(0);
    length += (size_t)got;
    message_length = 0;
    unpack();
    for (unsigned n = 0; message_length && n < count; n++)
        if (send(streams[n], message, message_length, MSG_NOSIGNAL) != (ssize_t)message_length)
            shutdown(streams[n], SHUT_RDWR);
}

static int subscribe(const char *path, const char *channel) {
    char command[256];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un there = {.sun_family = AF_UNIX};
    strncpy(there.sun_path, path, sizeof there.sun_path - 1);
    if (connect(fd, (struct sockaddr *)&there, sizeof there)) fail("redis");
    int size = snprintf(command, sizeof command, "SUBSCRIBE %s\r\n", channel);
    if (write(fd, command, (size_t)size) != size) fail("subscribe");
    return fd;
}

int main(int argc, char **argv) {
    if (argc != 4) return fprintf(stderr, "floor PORT REDIS_SOCKET CHANNEL\n"), 2;
    many_files();
    int one = 1;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 4096))
        fail("listen");
    poller = epoll_create1(0);
    redis = subscribe(argv[2], argv[3]);
    watch(listener);
    watch(redis);
    for (;;) {
        struct epoll_event events[512];
        int found = epoll_wait(poller, events, 512, -1);
        for (int n = 0; n < found; n++) {
            int fd = events[n].data.fd;
            if (fd == listener) accept_all();
            else if (fd == redis) tell();
            else answer(fd);
        }
    }
}
