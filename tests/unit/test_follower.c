/* The follower and its book, in front of a small server that answers as a node would from certified
 * headers that the test sets: those of a ledger, or others, certified by the same keys or not at
 * all. */
#include "light_items.h"
#include "scratch.h"

#include "node/cli/follower.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define HEIGHT 6
static const size_t all_four[] = {1, 2, 3, 4}, first_three[] = {1, 2, 3};
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

static struct doc *answer_headers(uint64_t from, uint64_t count)
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

static void answer(int client)
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

static void *serve(void *context)
{
    (void)context;
    for (int client; (client = accept(node.listener, NULL, NULL)) >= 0;)
        answer(client);
    return NULL;
}

static int start_server(void **state)
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

static int stop_server(void **state)
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

static int open_client(struct client *client)
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

static void close_client(struct client *client)
{
    follower_close(&client->follower);
    cli_http_close(&client->source.http);
    follow_book_close(&client->book);
}

static void serve_ledger(const struct ledger *ledger)
{
    node.genesis = ledger->genesis_hash;
    node.tip = HEIGHT;
    doc_free(&node.start);
    for (uint64_t height = 1; height <= HEIGHT; height++) {
        doc_free(&node.item[height]);
        node.item[height] = item_doc(ledger, height);
    }
}

static struct client client_of(void)
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

static void client_free(struct client *client)
{
    close_client(client);
    ledger_close(&client->ledger);
}

static int advance(struct client *client)
{
    client->faults = (struct faults){0};
    int error = follower_advance(&client->follower, &client->faults, &client->source);
    if (error == 0)
        assert_int_equal(client->faults.count, 0);
    else
        assert_true(client->faults.count > 0);
    return error;
}

static uint64_t height_of(const struct client *client)
{
    return follow_book_height(client->book);
}

/* From a height on the node has blocks of its own; certified by so many of those who may. */
static void branch_off(const struct client *client, uint64_t from, uint32_t round, size_t signers)
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

static void reopen(struct client *client)
{
    close_client(client);
    assert_int_equal(open_client(client), 0);
}

/* ---- following ---- */

static void to_the_tip_and_on(void **state)
{
    (void)state;
    struct client client = client_of();
    struct hash newest = block_hash(&client.ledger, HEIGHT);
    node.tip = 3;
    assert_int_equal(advance(&client), 0);
    assert_int_equal(height_of(&client), 3);
    reopen(&client);
    assert_int_equal(height_of(&client), 3);
    assert_int_equal(follow_book_node(client.book, node.url), 3);
    node.tip = HEIGHT;
    assert_int_equal(advance(&client), 0);
    assert_int_equal(client.follower.headers, HEIGHT - 3);
    reopen(&client);
    const struct light *light = follow_book_light(client.book);
    assert_int_equal(light->tip.height, HEIGHT);
    assert_true(hash_equal(&light->tip.hash, &newest));
    assert_int_equal(light->walk.set.count, LEDGER_VALIDATORS - 1);
    assert_int_equal(doc_count(follow_book_history(client.book)), 1);
    for (uint64_t height = 1; height <= HEIGHT; height++) {
        struct light_item item;
        AUTO(doc_free) struct doc *expected = item_doc(&client.ledger, height);
        assert_int_equal(follow_book_read(&item, client.book, height), 0);
        AUTO(doc_free) struct doc *kept = light_item_doc(&item);
        assert_true(doc_equal(kept, expected));
    }
    client_free(&client);
}

static void nothing_of_a_batch_with_a_lie(void **state)
{
    (void)state;
    struct client client = client_of();
    for (uint64_t height = 1; height <= HEIGHT; height++) {
        struct light_item item = item_at(&client.ledger, height);
        char claim[64];
        item.certificate.signer[2].signature.bytes[40] ^= 1;
        serve_ledger(&client.ledger);
        doc_free(&node.item[height]);
        node.item[height] = light_item_doc(&item);
        assert_int_equal(advance(&client), ERR_SIGNATURE);
        snprintf(claim, sizeof claim, "height %" PRIu64 ".certificate", height);
        assert_string_equal(client.faults.item[0].field, claim);
        assert_int_equal(height_of(&client), 0);
    }
    client_free(&client);
}

static void from_a_checkpoint(void **state)
{
    (void)state;
    struct client client = client_of();
    struct store_view view;
    struct hash hash = block_hash(&client.ledger, 5), other = hash;
    other.bytes[0] ^= 1;
    assert_int_equal(store_view_open(&view, client.ledger.kv), 0);
    assert_int_equal(pack_start_line(&node.start, &view, 5), 0);
    store_view_close(&view);
    assert_int_equal(
        follower_checkpoint(&client.follower, &client.faults, &client.source, 5, &other),
        ERR_NODE_CHECKPOINT);
    assert_int_equal(
        follower_checkpoint(&client.follower, &client.faults, &client.source, 4, &hash),
        ERR_NODE_CHECKPOINT);
    assert_int_equal(height_of(&client), 0);
    assert_int_equal(
        follower_checkpoint(&client.follower, &client.faults, &client.source, 5, &hash), 0);
    assert_int_equal(follow_book_first(client.book), 5);
    assert_int_equal(advance(&client), 0);
    reopen(&client);
    assert_int_equal(height_of(&client), HEIGHT);
    assert_int_equal(follow_book_first(client.book), 5);
    assert_int_equal(
        follower_checkpoint(&client.follower, &client.faults, &client.source, 5, &hash), 0);
    assert_int_equal(
        follower_checkpoint(&client.follower, &client.faults, &client.source, 5, &other),
        ERR_CHECKPOINT);
    assert_int_equal(
        follower_checkpoint(&client.follower, &client.faults, &client.source, 4, &hash),
        ERR_CHECKPOINT);
    client_free(&client);
}

/* ---- forks ---- */

static void a_branch_that_is_certified(void **state)
{
    (void)state;
    for (uint64_t from = 1; from <= HEIGHT; from++) {
        struct client client = client_of();
        struct fork_facts facts;
        assert_int_equal(advance(&client), 0);
        branch_off(&client, from, 2, 3);
        assert_int_equal(advance(&client), ERR_FORK);
        assert_int_equal(client.follower.fork.height, from);
        assert_int_equal(fork_verify(&facts, NULL, view_of_buf(&client.follower.evidence),
                                     client.ledger.genesis, &client.ledger.genesis_hash),
                         0);
        assert_int_equal(facts.height, from);
        /* A node that has less than we do, and other blocks. */
        if (from < HEIGHT - 1) {
            client.source.highest = 0;
            node.tip = HEIGHT - 1;
            assert_int_equal(advance(&client), ERR_FORK);
            assert_int_equal(client.follower.fork.height, from);
        }
        client_free(&client);
    }
}

static void a_branch_that_is_not_certified(void **state)
{
    (void)state;
    struct client client = client_of();
    assert_int_equal(advance(&client), 0);
    branch_off(&client, 3, 0, 2);
    assert_int_equal(advance(&client), ERR_NODE_BRANCH);
    assert_int_equal(client.follower.evidence.len, 0);
    assert_int_equal(client.faults.item[0].error, ERR_CERT_QUORUM);
    /* Certified by one who is no validator any more at that height. */
    serve_ledger(&client.ledger);
    struct light_item item = item_at(&client.ledger, HEIGHT);
    static const size_t with_the_last[] = {1, 2, 4};
    item.header.log_size++;
    recertify(&item, &client.ledger, 0, with_the_last, 3);
    doc_free(&node.item[HEIGHT]);
    node.item[HEIGHT] = light_item_doc(&item);
    assert_int_equal(advance(&client), ERR_NODE_BRANCH);
    assert_int_equal(client.follower.evidence.len, 0);
    client_free(&client);
}

/* Rot on our own disk accuses nobody: the evidence is judged before anybody sees it. */
static void our_own_certificate_is_damaged(void **state)
{
    (void)state;
    struct client client = client_of();
    node.tip = 1;
    assert_int_equal(advance(&client), 0);
    FILE *file = fopen(client.headers, "r+");
    assert_int_equal(fseek(file, 4 + HEADER_BYTES + 46 + MEMBER_ID_CHARS + 10, SEEK_SET), 0);
    assert_int_equal(fputc(0x5a, file), 0x5a);
    fclose(file);
    struct light_item other = item_at(&client.ledger, 1);
    other.header.state_root.bytes[0] ^= 1;
    recertify(&other, &client.ledger, 0, first_three, 3);
    doc_free(&node.item[1]);
    node.item[1] = light_item_doc(&other);
    assert_int_equal(advance(&client), ERR_SIGNATURE);
    client_free(&client);
}

static void nodes_that_show_less(void **state)
{
    (void)state;
    struct client client = client_of();
    assert_int_equal(advance(&client), 0);
    node.tip = 4;
    assert_int_equal(advance(&client), ERR_NODE_LOWER);
    reopen(&client); /* it is remembered */
    assert_int_equal(advance(&client), ERR_NODE_LOWER);
    client.source.highest = 0; /* another node, which is behind */
    assert_int_equal(advance(&client), 0);
    node.tip = HEIGHT;
    assert_int_equal(advance(&client), 0);
    node.genesis.bytes[0] ^= 1;
    assert_int_equal(advance(&client), ERR_NODE_CHAIN);
    client_free(&client);
}

/* A height that nothing backs is not held against the node when it is honest again. */
static void a_tip_without_headers(void **state)
{
    (void)state;
    struct client client = client_of();
    node.tip = HEIGHT + 100;
    assert_int_equal(advance(&client), ERR_NODE_ANSWER);
    assert_int_equal(height_of(&client), HEIGHT);
    node.tip = HEIGHT;
    assert_int_equal(advance(&client), 0);
    reopen(&client);
    assert_int_equal(advance(&client), 0);
    node.tip = HEIGHT - 1; /* what it did show is */
    assert_int_equal(advance(&client), ERR_NODE_LOWER);
    client_free(&client);
}

/* ---- the book ---- */

static struct buf read_all(const char *path)
{
    struct buf bytes = {0};
    assert_int_equal(file_read(&bytes, path, 1 << 20), 0);
    return bytes;
}

static void after_a_crash_between_its_two_files(void **state)
{
    (void)state;
    struct client client = client_of();
    struct stat status;
    node.tip = 3;
    assert_int_equal(advance(&client), 0);
    AUTO(buf_free) struct buf before = read_all(client.path);
    assert_int_equal(stat(client.headers, &status), 0);
    off_t short_len = status.st_size;
    node.tip = HEIGHT;
    assert_int_equal(advance(&client), 0);
    close_client(&client);
    assert_int_equal(file_write_atomic(client.path, view_of_buf(&before), 0644), 0);
    assert_int_equal(open_client(&client), 0);
    assert_int_equal(height_of(&client), 3);
    assert_int_equal(stat(client.headers, &status), 0);
    assert_int_equal(status.st_size, short_len);
    assert_int_equal(advance(&client), 0);
    assert_int_equal(height_of(&client), HEIGHT);
    client_free(&client);
}

/* What the state says of these headers. */
static struct hash digest_of(const struct buf *whole)
{
    struct hash digest = {{0}};
    struct reader reader = reader_of(view_of_buf(whole));
    while (reader.rest.len > 0) {
        uint32_t len = reader_u32(&reader);
        struct view parts[] = {hash_view(&digest), reader_take(&reader, len)};
        digest = hash_sha256_parts(parts, 2);
    }
    return digest;
}

static void headers_that_were_changed(void **state)
{
    (void)state;
    struct client client = client_of();
    assert_int_equal(advance(&client), 0);
    close_client(&client);
    AUTO(buf_free) struct buf whole = read_all(client.headers);
    AUTO(buf_free) struct buf text = read_all(client.path);
    AUTO(doc_free) struct doc *told = NULL;
    assert_int_equal(doc_parse(&told, view_of_buf(&text), text.len), 0);
    /* All over the first record and the second header, and the lengths before them. */
    struct reader reader = reader_of(view_of_buf(&whole));
    size_t first = 4 + reader_u32(&reader);
    for (size_t i = 0; i < first + 4 + HEADER_BYTES; i += i < 4 ? 1 : 3) {
        whole.data[i] ^= 1;
        assert_int_equal(file_write_atomic(client.headers, view_of_buf(&whole), 0644), 0);
        assert_int_equal(open_client(&client), ERR_FOLLOW_STATE);
        whole.data[i] ^= 1;
    }
    /* Where the state goes with them, the headers do not follow each other. */
    for (size_t i = 4; i < 4 + HEADER_BYTES; i += 7) {
        AUTO(doc_free) struct doc *lie = doc_copy(told);
        AUTO(buf_free) struct buf changed = {0};
        whole.data[i] ^= 1;
        const struct hash digest = digest_of(&whole);
        doc_set_hash(lie, "headers", &digest);
        doc_append_canonical(&changed, lie);
        assert_int_equal(file_write_atomic(client.path, view_of_buf(&changed), 0644), 0);
        assert_int_equal(file_write_atomic(client.headers, view_of_buf(&whole), 0644), 0);
        assert_int_equal(open_client(&client), ERR_FOLLOW_STATE);
        whole.data[i] ^= 1;
    }
    assert_int_equal(file_write_atomic(client.path, view_of_buf(&text), 0644), 0);
    struct view cut = view_of(whole.data, whole.len - 1);
    assert_int_equal(file_write_atomic(client.headers, cut, 0644), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_STATE);
    assert_int_equal(file_write_atomic(client.headers, view_of_buf(&whole), 0644), 0);
    assert_int_equal(open_client(&client), 0);
    client_free(&client);
}

static void states_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value;
        int number;
        int error;
    } cases[] = {{"genesis", "hash", 0, ERR_FOLLOW_GENESIS}, {"hash", "hash", 0, ERR_FOLLOW_STATE},
                 {"headers", "hash", 0, ERR_FOLLOW_STATE},   {"headers", "x", 0, ERR_FOLLOW_STATE},
                 {"format", "x", 0, ERR_FOLLOW_FORM},        {"height", NULL, 7, ERR_FOLLOW_STATE},
                 {"height", NULL, 5, ERR_FOLLOW_STATE},      {"height", NULL, -1, ERR_FOLLOW_STATE},
                 {"first", NULL, 0, ERR_FOLLOW_STATE},       {"first", NULL, 2, ERR_FOLLOW_STATE}};
    struct client client = client_of();
    const struct hash other = {{1}};
    assert_int_equal(advance(&client), 0);
    struct follow_book *second = NULL;
    assert_int_equal(follow_book_open(&second, NULL, client.path, client.ledger.genesis,
                                      &client.ledger.genesis_hash),
                     ERR_BUSY);
    close_client(&client);
    AUTO(buf_free) struct buf text = read_all(client.path);
    AUTO(doc_free) struct doc *good = NULL;
    assert_int_equal(doc_parse(&good, view_of_buf(&text), text.len), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *bad = doc_copy(good);
        AUTO(buf_free) struct buf changed = {0};
        if (cases[i].value == NULL)
            doc_set_int(bad, cases[i].key, cases[i].number);
        else if (strcmp(cases[i].value, "hash") == 0)
            doc_set_hash(bad, cases[i].key, &other);
        else
            doc_set_text(bad, cases[i].key, cases[i].value);
        doc_append_canonical(&changed, bad);
        assert_int_equal(file_write_atomic(client.path, view_of_buf(&changed), 0644), 0);
        assert_int_equal(open_client(&client), cases[i].error);
    }
    assert_int_equal(unlink(client.path), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_STATE); /* headers without their state */
    assert_int_equal(file_write_atomic(client.path, view_of_buf(&text), 0644), 0);
    assert_int_equal(open_client(&client), 0);
    client_free(&client);
}

/* A book of before "headers" was in the state loses nothing; once taken, it is of today's form. */
static void a_book_of_the_older_form(void **state)
{
    (void)state;
    struct client client = client_of();
    assert_int_equal(advance(&client), 0);
    close_client(&client);
    AUTO(buf_free) struct buf whole = read_all(client.headers);
    AUTO(buf_free) struct buf today = read_all(client.path);
    AUTO(buf_free) struct buf before = {0};
    AUTO(doc_free) struct doc *old = NULL;
    assert_int_equal(doc_parse(&old, view_of_buf(&today), today.len), 0);
    doc_remove(old, "headers"); /* today's without it is damaged */
    doc_append_canonical(&before, old);
    assert_int_equal(file_write_atomic(client.path, view_of_buf(&before), 0644), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_STATE);
    doc_set_text(old, "format", "dirchain-follow/1");
    buf_clear(&before);
    doc_append_canonical(&before, old);
    assert_int_equal(file_write_atomic(client.path, view_of_buf(&before), 0644), 0);
    whole.data[4 + HEADER_BYTES / 2] ^= 1; /* its headers must lead to its hash as ever */
    assert_int_equal(file_write_atomic(client.headers, view_of_buf(&whole), 0644), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_STATE);
    whole.data[4 + HEADER_BYTES / 2] ^= 1;
    assert_int_equal(file_write_atomic(client.headers, view_of_buf(&whole), 0644), 0);
    assert_int_equal(open_client(&client), 0);
    assert_int_equal(height_of(&client), HEIGHT);
    assert_int_equal(follow_book_node(client.book, node.url), HEIGHT);
    close_client(&client);
    AUTO(buf_free) struct buf taken = read_all(client.path);
    assert_true(view_equal(view_of_buf(&taken), view_of_buf(&today)));
    client_free(&client);
}

/* A file of the auditor's own, named by mistake, gets no .headers beside it; nor does a state whose
 * headers are lost. */
static void nothing_is_left_beside_what_is_refused(void **state)
{
    (void)state;
    struct client client = client_of();
    assert_int_equal(advance(&client), 0);
    close_client(&client);
    assert_int_equal(unlink(client.headers), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_STATE);
    assert_int_not_equal(access(client.headers, F_OK), 0);
    assert_int_equal(file_write_atomic(client.path, view_of_text("{\"a\":1}"), 0644), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_FORM);
    assert_int_equal(file_write_atomic(client.path, view_of_text("no JSON"), 0644), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_FORM);
    assert_int_not_equal(access(client.headers, F_OK), 0);
    client_free(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_the_tip_and_on),
        cmocka_unit_test(nothing_of_a_batch_with_a_lie),
        cmocka_unit_test(from_a_checkpoint),
        cmocka_unit_test(a_branch_that_is_certified),
        cmocka_unit_test(a_branch_that_is_not_certified),
        cmocka_unit_test(our_own_certificate_is_damaged),
        cmocka_unit_test(nodes_that_show_less),
        cmocka_unit_test(a_tip_without_headers),
        cmocka_unit_test(after_a_crash_between_its_two_files),
        cmocka_unit_test(headers_that_were_changed),
        cmocka_unit_test(states_that_do_not_fit),
        cmocka_unit_test(a_book_of_the_older_form),
        cmocka_unit_test(nothing_is_left_beside_what_is_refused),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
