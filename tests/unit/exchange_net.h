/* Real gateways in one process: the real ledger of world.h beneath them, TLS over loopback between
 * them. ALPHA provides the trees of samples/files, BETA consumes, GAMMA wants what is not its own.
 * Include once a program; what only some need is inline. */
#ifndef DIRCHAIN_TESTS_UNIT_EXCHANGE_NET_H
#define DIRCHAIN_TESTS_UNIT_EXCHANGE_NET_H

#include "world.h"

#include "api/gateway_server.h"
#include "base/civil.h"
#include "base/secret.h"
#include "exchange/commitment.h"
#include "exchange/gateway.h"
#include "exchange/gateway_client.h"
#include "exchange/manifest.h"
#include "exchange/paths.h"
#include "exchange/reconcile.h"

#include <fcntl.h>
#include <sys/stat.h>

#define TREES DIRCHAIN_SOURCE_DIR "/samples/files/alberi.csv"
#define SYSTEM "园林巡查系统"
#define PURPOSE "一网统管：行道树巡查"
#define PATIENCE_MS 20000
#define TREES_BYTES 3110990
#define TREES_ROWS 16484
#define CHUNK 65536
#define SLOW (1024 * 1024) /* bytes a second: the file takes three */

struct agency {
    const char *member;
    uint8_t seed[TLS_KEY_BYTES];
    struct secret_key secret;
    char directory[PATH_MAX];
    struct exchange_gateway *gateway;
    struct http_server *server;
    uint16_t port; /* kept between starts, so that the other side finds it again */
    char endpoint[32];
};

struct agency_plan {
    uint32_t chunk_bytes;
    uint64_t rate_bytes_per_s;
    const char *path; /* of resource "trees" beneath the root; NULL: trees.csv */
    bool no_table;
};
static const struct agency_plan plain = {0};
static const struct agency_plan slow = {.chunk_bytes = CHUNK, .rate_bytes_per_s = SLOW};

static struct world *world;
static struct agency alpha, beta, gamma_agency;

/* ---- the ledger's side ---- */

/* The real key of the node's certificate takes the place of the fixture's. */
static void net_give_key(struct agency *agency, const char *member)
{
    char hex[2 * TLS_KEY_BYTES + 1], kid[64];
    uint8_t key[TLS_KEY_BYTES];
    agency->member = member;
    memset(agency->seed, (int)fixture_number(member) + 1, sizeof agency->seed);
    secret_peer_key(key, agency->seed);
    hex_encode(hex, view_of(key, sizeof key));
    snprintf(kid, sizeof kid, "%s/gateway", member);
    agency->secret = fixture_secret_of(kid);
    snprintf(kid, sizeof kid, "%s/chief", member);
    world_must(world, NULL, kid, "member.update", "{'acts_on':'%s','peer_key':'%s'}",
               world_version(world, "member/%s", member), hex);
}

/* The columns of the trees as items of an entry; each is named in Chinese by its number. */
static void net_items(struct buf *out)
{
    AUTO(buf_free) struct buf text = {0};
    assert_int_equal(file_read(&text, TREES, 1 << 24), 0);
    char *header = strndup((const char *)text.data, strcspn((const char *)text.data, "\n"));
    char *save = NULL;
    size_t number = 0;
    for (char *name = strtok_r(header, ";", &save); name; name = strtok_r(NULL, ";", &save))
        buf_append_format(out, "%s{'name':'树木信息%02zu','field':'%s','type':'%s','length':200}",
                          number == 0 ? "" : ",", number + 1, name,
                          strncmp(name, "Altezza", 7) == 0 ? "N" : "C"),
            number++;
    assert_int_equal(number, 19);
    free(header);
}

static void net_publish(const char *code, const char *bindings)
{
    AUTO(buf_free) struct buf items = {0};
    net_items(&items);
    world_must(
        world, NULL, ALPHA "/compile", "catalog.submit",
        "{'code':'%s','entry':{'category':'城市管理','name':'行道树 %s','summary':'行道树普查。',"
        "'format':'spreadsheet','sharing':'unconditional','opening':'closed','update':'yearly',"
        "'published_on':'2026-01-05','source':{'system':'园林系统'},'grade':1,'coverage':'全市',"
        "'manager':'园林处','duty':'D1','items':[%s]}}",
        code, code, buf_text(&items));
    world_must(world, NULL, CENTER "/review", "catalog.review",
               "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
               world_version(world, "entry/" ALPHA "/%s", code));
    world_must(world, NULL, ALPHA "/compile", "catalog.bind",
               "{'code':'%s','acts_on':'%s','bindings':[%s]}", code,
               world_version(world, "entry/" ALPHA "/%s", code), bindings);
}

/* A grant in force for a consumer; `items` are the numbers of columns, ended by 0; none: all of
 * them. `more` are further members of the request. */
static void net_grant_to(char id[2 * HASH_BYTES + 1], const char *consumer, const char *code,
                         const int *items, const char *more)
{
    char kid[64];
    snprintf(kid, sizeof kid, "%s/compile", consumer);
    static const int all[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 0};
    AUTO(buf_free) struct buf names = {0};
    for (items = items == NULL ? all : items; *items != 0; items++)
        buf_append_format(&names, "%s'树木信息%02d'", names.len == 0 ? "" : ",", *items);
    world_must(world, id, kid, "request.submit",
               "{'provider':'" ALPHA "','entry':'%s','acts_on':'%s','need':'data',"
               "'purpose':'" PURPOSE "','basis':'职责清单','goal':'巡查排班',"
               "'items':[%s],'mode':'file','mode_reason':'一次性核对','frequency':{'times':1,"
               "'per':'quarter'},'security_level':1,'safeguards':'专网','system':'" SYSTEM "',"
               "'until':'2026-12-31',%s'commitments':{'genuine':true,'reasonable':true,"
               "'compliant':true}}",
               code, world_version(world, "entry/" ALPHA "/%s", code), buf_text(&names), more);
    world_must(world, NULL, CENTER "/review", "request.assess",
               "{'request':'%s','acts_on':'%s','opinion':'一次性核对，可行','mode':'accept'}", id,
               world_version(world, "request/%s", id));
    assert_string_not_equal(world_version(world, "grant/%s", id), "");
}

static void net_grant(char id[2 * HASH_BYTES + 1], const char *code, const int *items,
                      const char *more)
{
    net_grant_to(id, BETA, code, items, more);
}

/* A block, so that the tip's time is now. */
static inline void net_block(int64_t after_ms)
{
    assert_int_equal(world_advance(world, after_ms), 0);
}

static struct doc *net_record(const char *format, ...) __attribute__((format(printf, 1, 2)));
static struct doc *net_record(const char *format, ...)
{
    char key[STATE_KEY_BYTES_MAX];
    struct doc *record = NULL;
    AUTO(store_view_close) struct store_view view = {0};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(key, sizeof key, format, arguments);
    va_end(arguments);
    assert_int_equal(store_view_open(&view, world->kv), 0);
    int error = store_read_state(&record, &view, key);
    assert_true(error == 0 || error == ERR_NOT_FOUND);
    return record;
}

/* How many refusals of this reason the grant's usage of today counts. */
static inline int64_t net_refused(const char *grant)
{
    int year, month, day;
    civil_date_from_day(&year, &month, &day, civil_day(atomic_load(&world->now_ms)));
    AUTO(doc_free)
    struct doc *usage = net_record("usage/%s/%04d%02d%02d", grant, year, month, day);
    return doc_get_int(usage, "refused", 0);
}

/* ---- agencies ---- */

/* Where BETA's gateway looks for ALPHA's; NULL: where it is. */
static _Atomic(const char *) net_diverted;

static const char *net_endpoint(void *context, const char *member)
{
    (void)context;
    const char *diverted = atomic_load(&net_diverted);
    return strcmp(member, ALPHA) != 0 ? NULL : diverted != NULL ? diverted : alpha.endpoint;
}

static void agency_listen(struct agency *agency)
{
    assert_int_equal(
        gateway_server_start(&agency->server, "127.0.0.1", agency->port, 2, agency->gateway), 0);
    if (agency->port == 0) {
        agency->port = http_server_port(agency->server);
        snprintf(agency->endpoint, sizeof agency->endpoint, "127.0.0.1:%u", agency->port);
    }
}

static void agency_copy(const struct agency *agency, const char *from, const char *name)
{
    char path[PATH_MAX + 64];
    AUTO(buf_free) struct buf text = {0};
    assert_int_equal(file_read(&text, from, 1 << 24), 0);
    snprintf(path, sizeof path, "%s/shared/%s", agency->directory, name);
    assert_int_equal(file_write_atomic(path, view_of_buf(&text), 0600), 0);
}

static void agency_start(struct agency *agency, const struct agency_plan *plan)
{
    char root[PATH_MAX + 64], inbox[PATH_MAX + 64];
    struct faults faults = {0};
    snprintf(root, sizeof root, "%s/shared", agency->directory);
    snprintf(inbox, sizeof inbox, "%s/inbox", agency->directory);
    const struct exchange_resource resources[] = {
        {.id = "trees", .path = plan->path ? plan->path : "trees.csv", .table = !plan->no_table},
        {.id = "other", .path = "other.csv", .table = true},
    };
    const struct exchange_config config = {.data_directory = agency->directory,
                                           .root = root,
                                           .inbox = inbox,
                                           .resources = resources,
                                           .resource_count = COUNT_OF(resources),
                                           .chunk_bytes = plan->chunk_bytes,
                                           .rate_bytes_per_s = plan->rate_bytes_per_s,
                                           .key = {.name = "gateway", .secret = &agency->secret},
                                           .peer_seed = agency->seed,
                                           .endpoint_of = net_endpoint};
    const struct exchange_host host = {.context = world,
                                       .kv = world->kv,
                                       .genesis = world->genesis,
                                       .genesis_hash = world->genesis_hash,
                                       .member = agency->member,
                                       .submit = world_submit,
                                       .now_ms = world_now_ms};
    int error = exchange_gateway_start(&agency->gateway, &faults, &config, &host);
    if (error != 0) {
        AUTO(buf_free) struct buf text = {0};
        faults_append_text(&text, &faults);
        fail_msg("gateway: %s\n%s", error_code(error), buf_text(&text));
    }
    agency_listen(agency);
}

static void agency_stop(struct agency *agency)
{
    http_server_stop(&agency->server);
    exchange_gateway_stop(&agency->gateway);
}

/* Directories of its own for a test. */
static void agency_prepare(struct agency *agency, const char *test)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s/%s/shared", scratch_directory, test, agency->member);
    assert_int_equal(file_make_directory(path, 0700), 0);
    assert_true((size_t)snprintf(agency->directory, sizeof agency->directory, "%s/%s/%s",
                                 scratch_directory, test,
                                 agency->member) < sizeof agency->directory);
    agency->port = 0;
}

static void net_start(const char *test, const struct agency_plan *plan)
{
    agency_prepare(&alpha, test);
    agency_prepare(&beta, test);
    agency_copy(&alpha, TREES, "trees.csv");
    agency_start(&alpha, plan);
    agency_start(&beta, &(struct agency_plan){0});
}

static void net_stop(void)
{
    agency_stop(&beta);
    agency_stop(&alpha);
}

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

static void net_until_moved(const char *id, int64_t bytes)
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
static void net_arrived(const char *id, struct view expected)
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

static void net_arrived_whole(const char *id)
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

static int net_open_all(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    world = world_open(NULL);
    net_give_key(&alpha, ALPHA);
    net_give_key(&beta, BETA);
    net_give_key(&gamma_agency, GAMMA);
    world_must(world, NULL, ALPHA "/compile", "duty.publish",
               "{'code':'D1','name':'行道树管理','category':'行政检查',"
               "'implementer':'园林局','basis':'城市绿化条例第十七条'}");
    net_publish("TREES", "{'method':'file','resource':'trees'}");
    return 0;
}

static int net_close_all(void **state)
{
    world_close(&world);
    return scratch_remove(state);
}

#endif
