/* Agencies of exchange_net.h: what the ledger knows of them, and their gateways. */
#ifndef DIRCHAIN_TESTS_UNIT_EXCHANGE_AGENCY_H
#define DIRCHAIN_TESTS_UNIT_EXCHANGE_AGENCY_H

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
        buf_append_format(out,
                          "%s{'name':'树木信息%02zu','field':'%s','type':'%s','length':200,"
                          "'description':'普查表 %s 栏'}",
                          number == 0 ? "" : ",", number + 1, name,
                          strncmp(name, "Altezza", 7) == 0 ? "N" : "C", name),
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
    world_must(world, NULL, ALPHA "/compile", "catalog.collect",
               "{'code':'%s','acts_on':'%s','method':'table','system':'园林系统','content':'行道树',"
               "'tables':1,'rows':1200}",
               code, world_version(world, "entry/" ALPHA "/%s", code));
    world_must(world, NULL, ALPHA "/compile", "catalog.bind",
               "{'code':'%s','acts_on':'%s','bindings':[%s]}", code,
               world_version(world, "entry/" ALPHA "/%s", code), bindings);
}

/* A consumer's request, by its id; `items` are the numbers of columns, ended by 0; none: all of
 * them. `more` are further members of it. */
static inline void net_ask_for(char id[2 * HASH_BYTES + 1], const char *consumer, const char *code,
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
}

/* A grant in force for a consumer, where the center looks at the way of use (PT 21). */
static inline void net_grant_to(char id[2 * HASH_BYTES + 1], const char *consumer, const char *code,
                                const int *items, const char *more)
{
    net_ask_for(id, consumer, code, items, more);
    world_must(world, NULL, CENTER "/review", "request.assess",
               "{'request':'%s','acts_on':'%s','opinion':'一次性核对，可行','mode':'accept'}", id,
               world_version(world, "request/%s", id));
    assert_string_not_equal(world_version(world, "grant/%s", id), "");
}

static inline void net_grant(char id[2 * HASH_BYTES + 1], const char *code, const int *items,
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

#endif
