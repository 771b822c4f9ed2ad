/* Real gateways in one process: the real ledger of world.h beneath them, TLS over loopback between
 * them. ALPHA provides the trees of samples/files, BETA consumes, GAMMA wants what is not its own.
 * Include once a program; what only some need is inline. */
#ifndef DIRCHAIN_TESTS_UNIT_EXCHANGE_NET_H
#define DIRCHAIN_TESTS_UNIT_EXCHANGE_NET_H

#include "exchange_agency.h"

/* ---- transfers ---- */

static const char *net_operator = "gateway";
static int64_t net_bytes_max; /* of the opens to come; 0: not stated */

static int net_try(char id[2 * HASH_BYTES + 1], const char *grant, const char *purpose,
                   const char *resource)
{
    struct faults faults = {0};
    struct hash hash;
    AUTO(doc_free) struct doc *body = doc_new_object();
    doc_set_text(body, "grant", grant);
    doc_set_text(body, "operator", net_operator);
    doc_set_text(body, "purpose", purpose);
    doc_set_text(body, "system", SYSTEM);
    if (resource != NULL)
        doc_set_text(body, "resource", resource);
    if (net_bytes_max != 0)
        doc_set_int(body, "bytes_max", net_bytes_max);
    int error = gateway_transfer_start(&hash, beta.gateway, &faults, body);
    if (error == 0)
        hash_to_hex(id, &hash);
    assert_int_equal(error, faults_first(&faults));
    return error;
}

static void net_open(char id[2 * HASH_BYTES + 1], const char *grant)
{
    assert_int_equal(net_try(id, grant, PURPOSE, NULL), 0);
}

static struct doc *net_look(const char *id)
{
    struct doc *transfer = NULL;
    assert_int_equal(gateway_transfer_get(&transfer, beta.gateway, id), 0);
    return transfer;
}

static void net_show(const struct doc *transfer)
{
    AUTO(buf_free) struct buf text = {0};
    doc_append_pretty(&text, transfer);
    print_message("%s\n", buf_text(&text));
}

static int64_t net_field(const char *id, const char *field)
{
    AUTO(doc_free) struct doc *transfer = net_look(id);
    return doc_get_int(transfer, field, -1);
}

static bool net_is(const char *id, const char *field, const char *value)
{
    AUTO(doc_free) struct doc *transfer = net_look(id);
    return doc_text_is(transfer, field, value);
}

/* Waits until a field says this. */
static void net_until(const char *id, const char *field, const char *value)
{
    int64_t until_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (!net_is(id, field, value)) {
        if (clock_monotonic_ms() > until_ms) {
            AUTO(doc_free) struct doc *transfer = net_look(id);
            net_show(transfer);
            fail_msg("not %s %s in time", field, value);
        }
        usleep(5000);
    }
}

static inline void net_until_moved(const char *id, int64_t bytes)
{
    int64_t until_ms = clock_monotonic_ms() + PATIENCE_MS;
    while (net_field(id, "bytes_done") < bytes) {
        if (clock_monotonic_ms() > until_ms)
            fail_msg("%lld bytes not moved in time", (long long)bytes);
        usleep(2000);
    }
}

static void net_path(char out[PATH_MAX + 256], const char *id, const char *name)
{
    snprintf(out, PATH_MAX + 256, "%s/inbox/%s/%s", beta.directory, id, name);
}

/* What arrived is what is expected. */
static inline void net_arrived(const char *id, struct view expected)
{
    char path[PATH_MAX + 256];
    AUTO(buf_free) struct buf text = {0};
    net_path(path, id, "trees.csv");
    assert_int_equal(file_read(&text, path, 1 << 24), 0);
    assert_int_equal(text.len, expected.len);
    assert_true(view_equal(view_of_buf(&text), expected));
    net_path(path, id, "trees.csv.part");
    assert_int_not_equal(access(path, F_OK), 0);
}

static inline void net_arrived_whole(const char *id)
{
    AUTO(buf_free) struct buf text = {0};
    assert_int_equal(file_read(&text, TREES, 1 << 24), 0);
    net_arrived(id, view_of_buf(&text));
}

/* The open's item in reconciliation; NULL if it is not listed. */
static inline struct doc *net_reconcile(const char *id)
{
    char place[RECONCILE_PLACE_BYTES] = "";
    AUTO(store_view_close) struct store_view view = {0};
    assert_int_equal(store_view_open(&view, world->kv), 0);
    do {
        AUTO(doc_free) struct doc *list = NULL;
        assert_int_equal(reconcile_list(&list, place, &view, 3, false), 0);
        for (size_t i = 0; i < doc_count(list); i++)
            if (doc_text_is(doc_at(list, i), "open", id))
                return doc_ref(doc_at(list, i));
    } while (place[0] != 0);
    return NULL;
}

/* ---- a gateway's question by hand ---- */

static const atomic_bool net_never = false;

/* Asks ALPHA's gateway with the key of a seed; the stable code of a refusal, "" for 200, "wait" for
 * 202. */
static inline const char *net_ask(struct buf *body, const uint8_t seed[TLS_KEY_BYTES],
                                  const char *open, const char *what, const char *header)
{
    static char code[64];
    struct tls_identity identity;
    char path[256];
    unsigned status = 0;
    AUTO(doc_free) struct doc *problem = NULL;
    AUTO(buf_free) struct buf ignored = {0};
    body = body == NULL ? &ignored : body;
    assert_int_equal(tls_identity_open(&identity, seed), 0);
    struct gateway_client *client = gateway_client_new(&identity, &net_never);
    snprintf(path, sizeof path, "/gateway/v1/transfers/%s/%s", open, what);
    struct gateway_request request = {.endpoint = alpha.endpoint,
                                      .post = strcmp(what, "complete") == 0,
                                      .path = path,
                                      .header = header,
                                      .answer_bytes_max = 1 << 24,
                                      .deadline_ms = 10000};
    secret_peer_key(request.key, alpha.seed);
    int error = gateway_client_ask(&status, body, client, &request);
    snprintf(code, sizeof code, "%s", error == 0 ? "" : error_code(error));
    if (error == 0 && status != 200) {
        (void)doc_parse(&problem, view_of_buf(body), 1 << 20);
        const char *text = status == 202 ? "wait" : doc_get_text(problem, "code");
        snprintf(code, sizeof code, "%s", text == NULL ? "?" : text);
    }
    gateway_client_free(&client);
    tls_identity_close(&identity);
    return code;
}

/* The header that opens a transfer's commitment, as BETA's gateway keeps it. */
static inline void net_opening(struct buf *out, const char *id)
{
    char path[PATH_MAX + 256];
    struct hash salt;
    AUTO(buf_free) struct buf text = {0};
    AUTO(doc_free) struct doc *opening = NULL;
    snprintf(path, sizeof path, "%s/gateway/openings/%s.json", beta.directory, id);
    assert_int_equal(file_read(&text, path, 4096), 0);
    assert_int_equal(doc_parse(&opening, view_of_buf(&text), 4096), 0);
    assert_int_equal(hash_from_hex(&salt, doc_get_text(opening, "salt")), 0);
    buf_append_text(out, OPENING_HEADER ": ");
    opening_to_text(out, &salt, doc_get(opening, "value"));
}

/* An access.open past the consumer's own gateway, and the header that opens its commitment. */
static inline void net_open_by_hand(char id[65], struct buf *header, const char *consumer,
                                    const char *grant)
{
    char hex[65], kid[64];
    struct hash salt = {{7}};
    AUTO(doc_free) struct doc *parameters = doc_new_object();
    struct hash commitment = commitment_of(&salt, parameters);
    hash_to_hex(hex, &commitment);
    (void)snprintf(kid, sizeof kid, "%s/gateway", consumer);
    world_must(world, id, kid, "access.open",
               "{'grant':'%s','acts_on':'%s','system':'" SYSTEM "','operator':'gateway',"
               "'method':'file','purpose':'" PURPOSE "','parameters':'%s'}",
               grant, world_version(world, "grant/%s", grant), hex);
    buf_clear(header);
    buf_append_text(header, OPENING_HEADER ": ");
    opening_to_text(header, &salt, parameters);
}

/* Whether one of the newest blocks holds an access.refused about this consumer and reason. */
static inline bool net_on_record(const char *consumer, const char *reason)
{
    AUTO(store_view_close) struct store_view view = {0};
    assert_int_equal(store_view_open(&view, world->kv), 0);
    bool found = false;
    for (uint64_t height = view.height; height > 0 && height + 20 > view.height; height--) {
        AUTO(buf_free) struct buf bytes = {0};
        AUTO(block_free) struct block *block = NULL;
        assert_int_equal(store_read_block_bytes(&bytes, &view, height), 0);
        assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &world->genesis_hash), 0);
        for (size_t i = 0; i < block->tx_count; i++)
            found |= strcmp(block->txs[i]->type->name, "access.refused") == 0 &&
                     doc_text_is(block->txs[i]->body, "consumer", consumer) &&
                     doc_text_is(block->txs[i]->body, "reason", reason);
    }
    return found;
}

/* Waits for what other threads bring about. */
#define NET_WAIT(condition)                                                                        \
    do {                                                                                           \
        int64_t net_until_ms = clock_monotonic_ms() + PATIENCE_MS;                                 \
        while (!(condition) && clock_monotonic_ms() < net_until_ms)                                \
            usleep(5000);                                                                          \
        assert_true(condition);                                                                    \
    } while (0)

/* ---- the network ---- */

static inline int net_open_under(void **state, const char *profile)
{
    if (scratch_make(state) != 0)
        return -1;
    world = world_open_under(profile, NULL);
    net_give_key(&alpha, ALPHA);
    net_give_key(&beta, BETA);
    net_give_key(&gamma_agency, GAMMA);
    world_must(world, NULL, ALPHA "/compile", "duty.publish",
               "{'code':'D1','name':'行道树管理','category':'行政检查',"
               "'implementer':'园林局','basis':'城市绿化条例第十七条'}");
    return 0;
}

static inline int net_open_all(void **state)
{
    int error = net_open_under(state, "putuo");
    if (error == 0)
        net_publish("TREES", "{'method':'file','resource':'trees'}");
    return error;
}

static int net_close_all(void **state)
{
    world_close(&world);
    return scratch_remove(state);
}

#endif
