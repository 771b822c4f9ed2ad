/* Lists of a node that does not have all old blocks: restored from a snapshot, or pruned. Requests,
 * grants and evidence are there all the same, in the order and at the times of a node that has
 * everything, before and after the model is built anew; what is known of blocks alone says since
 * which block. A ledger that has lost a place in the log is found out. */
#include "world.h"
#include "world_http.h"

#include "api/index_block.h"
#include "api/read_model.h"
#include "chain/restore.h"
#include "chain/store_layout.h"

#define REQUESTS_MAX 8

static char ids[REQUESTS_MAX][2 * HASH_BYTES + 1];
static int64_t submitted_ms[REQUESTS_MAX];
static size_t requests; /* in all */
static uint64_t middle; /* height of the snapshot: three requests before, the others after */

struct ledger_of {
    struct kv *kv;
    struct app *app;
};
static struct ledger_of whole;

/* ---- the story ---- */

static void publish_entry(const char *code, const char *name, const char *sharing)
{
    world_must(world, NULL, ALPHA "/compile", "catalog.submit", "{'code':'%s','entry':%s}", code,
               entry_text(name, sharing, NULL));
    world_must(world, NULL, CENTER "/review", "catalog.review",
               "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
               world_version(world, "entry/" ALPHA "/%s", code));
    world_must(world, NULL, ALPHA "/compile", "catalog.collect",
               "{'code':'%s','acts_on':'%s','method':'table','system':'业务系统',"
               "'content':'业务信息','tables':1,'rows':1200}",
               code, world_version(world, "entry/" ALPHA "/%s", code));
}

static void request(const char *entry)
{
    char *id = ids[requests];
    world_must(world, id, BETA "/compile", "request.submit",
               "{'provider':'" ALPHA "','entry':'%s','acts_on':'%s','need':'service',"
               "'purpose':'一网通办：社会组织登记核验','basis':'职责清单','goal':'减少材料提交',"
               "'items':['姓名'],'mode':'service','frequency':{'times':10,'per':'month'},"
               "'security_level':2,'safeguards':'专网访问','system':'一网通办受理系统',"
               "'until':'2026-12-31',"
               "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}",
               entry, world_version(world, "entry/" ALPHA "/%s", entry));
    submitted_ms[requests++] = app_tip_time_ms(world->app);
    world_advance(world, 60000);
}

static void approve(const char *id)
{
    world_must(world, NULL, ALPHA "/approve", "request.answer",
               "{'request':'%s','acts_on':'%s','decision':'approve'}", id,
               world_version(world, "request/%s", id));
}

/* A block with evidence alone, past the thread that makes blocks: it waits for transactions. */
static void append_evidence(uint32_t round)
{
    const char *member = app_next_validators(world->app)->item[1].member;
    struct secret_key secret = fixture_secret(fixture_number(member), FIXTURE_VOTE);
    struct evidence evidence;
    struct vote *votes[] = {&evidence.a, &evidence.b};
    for (size_t i = 0; i < COUNT_OF(votes); i++) {
        struct hash digest;
        *votes[i] = (struct vote){.type = VOTE_PRECOMMIT, .height = 2, .round = round};
        memcpy(votes[i]->validator, member, MEMBER_ID_CHARS + 1);
        votes[i]->block.bytes[0] = (uint8_t)(i + 1);
        vote_digest(&digest, &world->genesis_hash, votes[i]);
        assert_int_equal(schnorr_sign(&votes[i]->signature, &secret, &digest), 0);
    }
    const struct app_proposal proposal = {.time_ms = app_tip_time_ms(world->app) + 1,
                                          .proposer =
                                              app_next_validators(world->app)->item[0].member,
                                          .evidence = &evidence,
                                          .evidence_count = 1};
    AUTO(block_free) struct block *block = NULL;
    struct app_commit commit;
    assert_int_equal(app_prepare(&block, world->app, &proposal), 0);
    assert_int_equal(block->evidence_count, 1);
    struct certificate certificate = certify(world->app, block);
    assert_int_equal(app_commit(&commit, world->app, &block->hash, &certificate), 0);
    app_commit_free(&commit);
}

static void tell_story(void)
{
    world_must(world, NULL, ALPHA "/compile", "duty.publish",
               "{'code':'D1','name':'社会组织登记','category':'行政许可',"
               "'implementer':'广东省民政厅','basis':'社会团体登记管理条例第六条'}");
    publish_entry("E1", "社会组织名录", "unconditional");
    publish_entry("E2", "古树名木保护信息", "authorised");
    request("E1");
    world_advance(world, 3 * 3600000); /* so that the first headers stay behind */
    request("E2");
    append_evidence(3); /* keys of the state are in another order */
    append_evidence(1);
    request("E1");
    middle = app_height(world->app);
    request("E2");
    append_evidence(2);
    approve(ids[1]); /* a grant after the snapshot, for a request before it */
    request("E1");
}

/* ---- ledgers that lack old blocks ---- */

static void restore_at(struct kv *kv, uint64_t height)
{
    AUTO(buf_free) struct buf payload = {0};
    AUTO(store_view_close) struct store_view view = {0};
    const struct restore_plan plan = {
        .genesis = world->genesis, .genesis_hash = world->genesis_hash, .height = height};
    struct restore *restore = NULL;
    struct snapshot_part part;
    assert_int_equal(store_view_open(&view, whole.kv), 0);
    assert_int_equal(restore_open(&restore, kv, &plan), 0);
    while (restore_next(&part, restore)) {
        buf_clear(&payload);
        assert_int_equal(snapshot_part_make(&payload, &view, &part), 0);
        assert_int_equal(restore_take(restore, &part, view_of_buf(&payload)), 0);
    }
    assert_true(restore_finished(restore));
    restore_close(&restore);
}

/* The next block of the whole ledger, as block sync applies it. */
static void follow(void)
{
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *block = NULL;
    AUTO(store_view_close) struct store_view view = {0};
    struct certificate certificate;
    struct app_commit commit;
    uint64_t height = app_height(world->app) + 1;
    assert_int_equal(store_view_open(&view, whole.kv), 0);
    assert_int_equal(store_read_block_bytes(&bytes, &view, height), 0);
    assert_int_equal(store_read_certificate(&certificate, &view, height), 0);
    assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &world->genesis_hash), 0);
    for (size_t i = 0; i < block->tx_count; i++) {
        struct public_key key;
        struct tx *tx = block->txs[i];
        assert_int_equal(app_signer_key(&key, world->app, tx->member, tx->key_name), 0);
        assert_int_equal(tx_verify(tx, &key), 0);
    }
    assert_int_equal(app_apply_synced(&commit, world->app, NULL, block, &certificate), 0);
    if (world->api)
        api_block_committed(world->api, &commit);
    app_commit_free(&commit);
}

static void follow_all(void)
{
    while (app_height(world->app) < app_height(whole.app))
        follow();
}

/* Another ledger under the API, at the snapshot; `follow_first`: with all blocks after it. */
static void serve_restored(bool follow_first)
{
    struct faults faults = {0};
    world->kv = kv_open_memory();
    restore_at(world->kv, middle);
    assert_int_equal(
        app_open(&world->app, &faults, world->kv, world->genesis, &world->genesis_hash), 0);
    if (follow_first)
        follow_all();
    world_start_api(world, "");
}

static void serve_whole_again(void)
{
    api_stop(&world->api);
    (void)unlink(scratch_path("explorer.sqlite"));
    if (world->kv != whole.kv) {
        app_close(&world->app);
        kv_close(&world->kv);
    }
    world->kv = whole.kv;
    world->app = whole.app;
}

static void wait_caught_up(void)
{
    int64_t until_ms = clock_monotonic_ms() + 10000;
    while (clock_monotonic_ms() < until_ms) {
        AUTO(answer_free) struct answer list = get("/v1/duties?limit=1"); /* wakes the indexer */
        if (doc_get_int(list.body, "height", -1) == (int64_t)app_height(world->app))
            return;
        usleep(1000);
    }
    fail_msg("the read model does not catch up");
}

/* ---- what is expected ---- */

/* The ids of a list, newest first, by pages of one. */
static void expect_ids(const char *path, const size_t *expected, size_t count)
{
    char cursor[300] = "";
    for (size_t i = 0; i < count; i++) {
        AUTO(answer_free) struct answer page = get("%slimit=1%s", path, cursor);
        const struct doc *items = doc_get(page.body, "items");
        const char *next = doc_get_text(page.body, "next");
        if (page.status != 200 || !doc_text_is(doc_at(items, 0), "id", ids[expected[i]]))
            fail_msg("%s, page %zu: not request %zu\n%s", path, i, expected[i],
                     buf_text(&page.raw));
        assert_int_equal(next != NULL, i + 1 < count);
        snprintf(cursor, sizeof cursor, "&cursor=%s", next ? next : "");
    }
}

#define IDS(path, ...)                                                                             \
    expect_ids(path, (const size_t[]){__VA_ARGS__},                                                \
               sizeof((const size_t[]){__VA_ARGS__}) / sizeof(size_t))

/* Lists of what happened, and those that the state has whole. */
static void expect_since(uint64_t since_block)
{
    static const char *const happened[] = {"/v1/transactions",
                                           "/v1/acts",
                                           "/v1/accesses",
                                           "/v1/history/entry/" ALPHA "/E1",
                                           "/v1/search?q=E1",
                                           "/v1/deadlines",
                                           "/v1/deadlines?state=in-time",
                                           ("/v1/assessment?member=" ALPHA)};
    static const char *const whole_lists[] = {"/v1/requests", "/v1/grants", "/v1/duties",
                                              "/v1/entries", "/v1/matters"};
    for (size_t i = 0; i < COUNT_OF(happened); i++) {
        AUTO(answer_free) struct answer answer = get("%s", happened[i]);
        if (doc_get_int(answer.body, "since_block", 0) != (int64_t)since_block)
            fail_msg("%s\n%s", happened[i], buf_text(&answer.raw));
    }
    for (size_t i = 0; i < COUNT_OF(whole_lists); i++) {
        AUTO(answer_free) struct answer answer = get("%s", whole_lists[i]);
        assert_int_equal(answer.status, 200);
        assert_null(doc_get(answer.body, "since_block"));
        assert_int_equal(doc_get_int(answer.body, "tip", 0), app_height(world->app));
        assert_int_equal(doc_get_int(answer.body, "height", 0), app_height(world->app));
    }
}

/* The figures begin with a day, and of what was before it there are none. */
static void expect_figures_since(uint64_t height, unsigned status, const char *code)
{
    static const char earlier[] = "/v1/assessment?member=" ALPHA "&from=2026-02-01&to=2026-02-08";
    AUTO(answer_free) struct answer answer = get("/v1/assessment?member=" ALPHA);
    AUTO(store_view_close) struct store_view view = {0};
    struct header header;
    assert_int_equal(store_view_open(&view, whole.kv), 0);
    assert_int_equal(store_read_header(&header, &view, height), 0);
    assert_int_equal(doc_get_int(answer.body, "since_ms", 0), header.time_ms);
    AUTO(answer_free) struct answer before = get("%s", earlier);
    const struct doc *fault = doc_at(doc_get(before.body, "faults"), 0);
    assert_int_equal(before.status, status);
    assert_string_equal(doc_get_text(fault, "code"), code);
    assert_string_equal(doc_get_text(fault, "field"), "to");
    assert_string_equal(doc_text(doc_at(doc_get(fault, "may"), 0)), "2026-02-09");
}

/* All of it, newest first; the times of what was recorded before the history are not known. */
static void expect_evidence(const char *query, uint64_t since_block, const int64_t *rounds,
                            size_t count)
{
    AUTO(answer_free) struct answer answer = get("/v1/evidence%s", query);
    const struct doc *items = doc_get(answer.body, "items");
    if (doc_count(items) != count)
        fail_msg("%s\n%s", query, buf_text(&answer.raw));
    for (size_t i = 0; i < count; i++) {
        const struct doc *item = doc_at(items, i);
        bool known = doc_get_int(item, "height", 0) > (int64_t)middle || since_block == 1;
        assert_int_equal(doc_get_int(item, "round", 0), rounds[i]);
        assert_int_equal(doc_get_int(item, "vote_height", 0), 2);
        assert_non_null(doc_get_text(item, "hash"));
        assert_int_equal(doc_get(item, "time_ms") != NULL, known);
        assert_int_equal(doc_get(item, "log_index") != NULL, known);
    }
    assert_null(doc_get(answer.body, "since_block"));
}

static void expect_all_evidence(uint64_t since_block)
{
    char query[80];
    static const int64_t all[] = {2, 1, 3};
    size_t since = since_block == 1 ? 1 : 3; /* what has no time may be of the time asked for */
    expect_evidence("", since_block, all, 3);
    expect_evidence("?validator=" ALPHA, since_block, NULL, 0);
    snprintf(query, sizeof query, "?from_ms=%lld", (long long)submitted_ms[2]);
    expect_evidence(query, since_block, all, since);
    snprintf(query, sizeof query, "?from_ms=%lld", (long long)submitted_ms[3]);
    expect_evidence(query, since_block, all, since);
    snprintf(query, sizeof query, "?from_ms=1&to_ms=%lld", (long long)submitted_ms[3]);
    expect_evidence(query, since_block, all + 1, 2);
}

static void expect_requests_and_grants(void)
{
    char path[200];
    IDS("/v1/requests?", 4, 3, 2, 1, 0);
    IDS("/v1/grants?", 4, 2, 1, 0);
    IDS("/v1/requests?status=pending&", 3);
    IDS("/v1/grants?status=active&provider=" ALPHA "&", 4, 2, 1, 0);
    snprintf(path, sizeof path, "/v1/requests?from_ms=%lld&", (long long)submitted_ms[1]);
    IDS(path, 4, 3, 2, 1);
    snprintf(path, sizeof path, "/v1/requests?from_ms=%lld&", (long long)submitted_ms[1] + 1);
    IDS(path, 4, 3, 2);
    snprintf(path, sizeof path, "/v1/grants?from_ms=1&to_ms=%lld&", (long long)submitted_ms[2]);
    IDS(path, 2, 1, 0);
    snprintf(path, sizeof path, "/v1/requests?to_ms=%lld&", (long long)submitted_ms[1] - 1);
    IDS(path, 0);
}

static void rebuild(void)
{
    AUTO(answer_free)
    struct answer answer = post("/v1/explorer/rebuild", "application/json", "", view_of_text("{}"));
    assert_int_equal(answer.status, 202);
    for (bool over = false; !over; usleep(1000)) {
        AUTO(answer_free) struct answer status = get("/v1/status");
        over = !doc_get_bool(doc_get(status.body, "api"), "read_model_rebuilding", true);
    }
}

/* ---- tests ---- */

static void test_whole(void **state)
{
    (void)state;
    world_start_api(world, "");
    wait_caught_up();
    expect_requests_and_grants();
    expect_since(1);
    expect_figures_since(1, 422, "field-range");
    expect_all_evidence(1);
    expect_problem(get("/v1/transactions/%064d", 1), 404, "not-found");
    serve_whole_again();
}

/* The model begins with the snapshot, and what comes then changes requests from before it. */
static void test_restored_and_following(void **state)
{
    (void)state;
    serve_restored(false);
    wait_caught_up();
    IDS("/v1/requests?", 2, 1, 0);
    IDS("/v1/grants?", 2, 0);
    IDS("/v1/requests?status=pending&", 1);
    follow_all();
    wait_caught_up();
    expect_requests_and_grants();
    expect_since(middle + 1);
    expect_all_evidence(middle + 1);
    rebuild();
    expect_requests_and_grants();
    expect_since(middle + 1);
    expect_all_evidence(middle + 1);
    expect_problem(get("/v1/transactions/%s", ids[0]), 404, "not-in-history");
    expect_problem(get("/v1/transactions/%s/receipt", ids[0]), 404, "not-in-history");
    AUTO(answer_free) struct answer blocks = get("/v1/blocks?limit=1");
    expect_figures_since(middle + 1, 404, "not-in-history");
    int64_t first_header = doc_get_int(blocks.body, "since_block", 0);
    assert_true(first_header > 1 && first_header <= (int64_t)middle);
    serve_whole_again();
}

/* The model begins later than the snapshot, and again with a file from before it. */
static void test_restored_before(void **state)
{
    (void)state;
    serve_restored(true);
    wait_caught_up();
    expect_requests_and_grants();
    api_stop(&world->api);
    world_start_api(world, "");
    wait_caught_up();
    expect_requests_and_grants();
    expect_since(middle + 1);
    expect_all_evidence(middle + 1);
    serve_whole_again();
}

/* A model of the blocks before the snapshot cannot go on: it would never know those between. */
static void test_file_from_before(void **state)
{
    (void)state;
    const char *path = scratch_path("explorer.sqlite");
    AUTO(store_view_close) struct store_view view = {0};
    struct read_model *model = NULL;
    struct header header;
    struct hash hash;
    assert_int_equal(store_view_open(&view, whole.kv), 0);
    assert_int_equal(store_read_header(&header, &view, middle - 1), 0);
    header_hash(&hash, &header);
    assert_int_equal(read_model_open(&model, path, &world->genesis_hash), 0);
    assert_int_equal(read_model_begin(model), 0);
    assert_int_equal(read_model_commit(model, 1, middle - 1, &hash), 0);
    read_model_close(&model);
    serve_restored(true);
    wait_caught_up();
    expect_requests_and_grants();
    serve_whole_again();
}

/* ---- what must not be taken for a snapshot's doing ---- */

static void lose_place(struct kv *kv, const char *id)
{
    struct hash txid;
    assert_int_equal(hash_from_hex(&txid, id), 0);
    struct store_key key = store_key_place(&txid);
    struct kv_batch *batch = kv_batch_new();
    kv_batch_delete(batch, store_key_view(&key));
    assert_int_equal(kv_write(kv, batch, true), 0);
    kv_batch_free(&batch);
}

static int build(struct kv *kv)
{
    AUTO(store_view_close) struct store_view view = {0};
    AUTO(read_model_close) struct read_model *model = NULL;
    assert_int_equal(store_view_open(&view, kv), 0);
    assert_int_equal(read_model_open(&model, scratch_path("built.sqlite"), &world->genesis_hash),
                     0);
    assert_int_equal(read_model_begin(model), 0);
    int error = view.first_block > 1 ? index_state(model, &view) : index_genesis(model, &view);
    read_model_rollback(model);
    return error;
}

static void test_lost_places(void **state)
{
    (void)state;
    struct faults faults = {0};
    world->kv = kv_open_memory();
    restore_at(world->kv, middle);
    assert_int_equal(build(world->kv), 0); /* with no block after it yet */
    assert_int_equal(
        app_open(&world->app, &faults, world->kv, world->genesis, &world->genesis_hash), 0);
    follow_all();
    assert_int_equal(build(world->kv), 0);
    lose_place(world->kv, ids[3]); /* the first one after the snapshot */
    assert_int_equal(build(world->kv), ERR_CORRUPT);
    serve_whole_again();
}

/* The last, since it takes blocks away: pruned, and one of its places lost. */
static void test_pruned(void **state)
{
    (void)state;
    bool more = true;
    world_start_api(world, "");
    wait_caught_up();
    while (more)
        assert_int_equal(app_prune(&more, world->app, middle + 1, 1000), 0);
    assert_int_equal(app_first_block(world->app), middle + 1);
    expect_since(1);
    expect_all_evidence(1); /* this model has seen them all */
    AUTO(answer_free) struct answer said = get("/v1/history/request/%s?body=purpose", ids[0]);
    const struct doc *first = doc_at(doc_get(said.body, "items"), 0);
    assert_true(doc_text_is(first, "txid", ids[0]));
    assert_int_equal(doc_kind(doc_get(first, "body")), DOC_NULL);
    rebuild();
    expect_requests_and_grants();
    expect_since(middle + 1);
    expect_all_evidence(middle + 1);
    expect_problem(get("/v1/transactions/%s", ids[0]), 410, "pruned");
    api_stop(&world->api);
    assert_int_equal(build(world->kv), 0);
    lose_place(world->kv, ids[1]); /* another one, older than it, is still there */
    assert_int_equal(build(world->kv), ERR_CORRUPT);
    serve_whole_again();
}

static int start(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    world = world_open(NULL);
    tell_story();
    pthread_mutex_lock(&world->lock);
    world->paused = true; /* from now on the ledger is the tests' own */
    pthread_mutex_unlock(&world->lock);
    whole = (struct ledger_of){world->kv, world->app};
    return 0;
}

static int stop(void **state)
{
    world_close(&world);
    return scratch_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),           cmocka_unit_test(test_restored_and_following),
        cmocka_unit_test(test_restored_before), cmocka_unit_test(test_file_from_before),
        cmocka_unit_test(test_lost_places),     cmocka_unit_test(test_pruned),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
