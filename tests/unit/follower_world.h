/* A follower with its book, in front of a small server that answers as a node would from certified
 * headers that the test sets: those of a ledger, or others, certified by the same keys or not at
 * all. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_FOLLOWER_WORLD_H
#define DIRCHAIN_TESTS_UNIT_FOLLOWER_WORLD_H

#include "light_items.h"
#include "scratch.h"

#include "node/cli/follower.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#define HEIGHT 6
static const size_t all_four[] = {1, 2, 3, 4};
static const volatile sig_atomic_t go_on;

/* ---- the server: one connection, one answer ---- */

static struct {
    int listener;
    pthread_t thread;
    char url[64];
    struct hash genesis;
    uint64_t tip;
    struct doc *item[HEIGHT + 1]; /* by height */
    struct doc *start;            /* start line of a checkpoint */
} node;

static inline struct doc *answer_headers(uint64_t from, uint64_t count)
{
    struct doc *document = doc_new_object(), *headers = doc_new_array();
    for (uint64_t height = from; height <= node.tip && height <= HEIGHT && height < from + count;
         height++)
        doc_push(headers, doc_copy(node.item[height]));
    doc_set_hash(document, "genesis", &node.genesis);
    doc_set(document, "headers", headers);
    doc_set_int(document, "tip", (int64_t)node.tip);
    return document;
}

static inline void answer(int client)
{
    char request[2048] = "";
    AUTO(buf_free) struct buf body = {0};
    AUTO(buf_free) struct buf text = {0};
    uint64_t from = 0, count = 0;
    ssize_t got = recv(client, request, sizeof request - 1, 0);
    bool headers = got > 0 && sscanf(request, "GET /v1/headers?from=%" SCNu64 "&count=%" SCNu64,
                                     &from, &count) == 2;
    AUTO(doc_free)
    struct doc *document = headers      ? answer_headers(from, count)
                           : node.start ? doc_copy(node.start)
                                        : doc_new_array();
    doc_append_canonical(&body, document);
    buf_append_format(&text, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
                      body.len);
    buf_append_view(&text, view_of_buf(&body));
    for (size_t sent = 0; sent < text.len;) {
        ssize_t more = send(client, text.data + sent, text.len - sent, MSG_NOSIGNAL);
        if (more <= 0)
            break;
        sent += (size_t)more;
    }
    close(client);
}

static inline void *serve(void *context)
{
    (void)context;
    for (int client; (client = accept(node.listener, NULL, NULL)) >= 0;)
        answer(client);
    return NULL;
}

static inline int start_server(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    node.listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(node.listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(node.listener, 8), 0);
    assert_int_equal(getsockname(node.listener, (struct sockaddr *)&address, &len), 0);
    snprintf(node.url, sizeof node.url, "http://127.0.0.1:%u", ntohs(address.sin_port));
    return scratch_make(state) != 0 || pthread_create(&node.thread, NULL, serve, NULL) != 0;
}

static inline int stop_server(void **state)
{
    for (size_t i = 0; i <= HEIGHT; i++)
        doc_free(&node.item[i]);
    doc_free(&node.start);
    shutdown(node.listener, SHUT_RDWR);
    close(node.listener);
    return pthread_join(node.thread, NULL) != 0 || scratch_remove(state) != 0;
}

/* ---- a client in front of it ---- */

struct client {
    struct ledger ledger;
    char path[PATH_MAX], headers[PATH_MAX + 8];
    struct follow_book *book;
    struct follow_source source;
    struct follower follower;
    struct faults faults;
};

static inline int open_client(struct client *client)
{
    client->faults = (struct faults){0};
    int error = follow_book_open(&client->book, &client->faults, client->path,
                                 client->ledger.genesis, &client->ledger.genesis_hash);
    assert_int_equal(error, faults_first(&client->faults));
    if (error != 0)
        return error;
    client->source = (struct follow_source){.url = node.url,
                                            .http = cli_http_open(),
                                            .timeout_ms = 5000,
                                            .highest = follow_book_node(client->book, node.url)};
    follower_open(&client->follower, client->ledger.genesis, &client->ledger.genesis_hash,
                  client->book);
    client->follower.stop = &go_on;
    return 0;
}

static inline void close_client(struct client *client)
{
    follower_close(&client->follower);
    cli_http_close(&client->source.http);
    follow_book_close(&client->book);
}

static inline void serve_ledger(const struct ledger *ledger)
{
    node.genesis = ledger->genesis_hash;
    node.tip = HEIGHT;
    doc_free(&node.start);
    for (uint64_t height = 1; height <= HEIGHT; height++) {
        doc_free(&node.item[height]);
        node.item[height] = item_doc(ledger, height);
    }
}

static inline struct client client_of(void)
{
    static unsigned number;
    struct hash first, last;
    struct client client = {.ledger = make_ledger(&first, &last)};
    char name[32];
    snprintf(name, sizeof name, "state-%u", ++number);
    snprintf(client.path, sizeof client.path, "%s", scratch_path(name));
    snprintf(client.headers, sizeof client.headers, "%s.headers", client.path);
    serve_ledger(&client.ledger);
    assert_int_equal(open_client(&client), 0);
    return client;
}

static inline void client_free(struct client *client)
{
    close_client(client);
    ledger_close(&client->ledger);
}

static inline int advance(struct client *client)
{
    client->faults = (struct faults){0};
    int error = follower_advance(&client->follower, &client->faults, &client->source);
    if (error == 0)
        assert_int_equal(client->faults.count, 0);
    else
        assert_true(client->faults.count > 0);
    return error;
}

static inline uint64_t height_of(const struct client *client)
{
    return follow_book_height(client->book);
}

/* From a height on the node has blocks of its own; certified by so many of those who may. */
static inline void branch_off(const struct client *client, uint64_t from, uint32_t round,
                              size_t signers)
{
    struct hash previous = {{0}};
    for (uint64_t height = from; height <= HEIGHT; height++) {
        struct light_item item = item_at(&client->ledger, height);
        if (height == from)
            item.header.state_root.bytes[0] ^= 1;
        else
            item.header.previous = previous;
        recertify(&item, &client->ledger, round, all_four, signers);
        previous = item.place.hash;
        doc_free(&node.item[height]);
        node.item[height] = light_item_doc(&item);
    }
}

static inline void reopen(struct client *client)
{
    close_client(client);
    assert_int_equal(open_client(client), 0);
}

#endif
