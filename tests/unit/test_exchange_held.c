/* Who may no longer act gets nothing more in the midst of a transfer (PT 29, 31), and a cut copy
 * stays in the spool for as long as it may still leave. */
#include "exchange_net.h"

static const struct agency_plan chunks = {.chunk_bytes = CHUNK};
/* Fewer columns than the file has: what leaves is a copy. */
static const int some[] = {1, 2, 4, 5, 8, 9, 10, 18, 19, 0};

/* A transfer that the test itself moves, chunk by chunk: of a copy. */
static void begin_for(char id[65], const struct agency *consumer, const char *grant)
{
    AUTO(buf_free) struct buf header = {0};
    net_open_by_hand(id, &header, consumer->member, grant);
    NET_WAIT(net_ask(NULL, consumer->seed, id, "manifest", buf_text(&header))[0] == 0);
    assert_string_equal(net_ask(NULL, consumer->seed, id, "chunks/0", NULL), "");
}

static void begin(char id[65], const char *grant)
{
    begin_for(id, &beta, grant);
}

static const char *next(const char *id)
{
    return net_ask(NULL, beta.seed, id, "chunks/1", NULL);
}

static bool copy_is_there(const char *name)
{
    char path[PATH_MAX + 256];
    snprintf(path, sizeof path, "%s/gateway/spool/%s", alpha.directory, name);
    return access(path, F_OK) == 0;
}

static void key_step(const char *member, const char *type, const char *name)
{
    char kid[64];
    snprintf(kid, sizeof kid, "%s/chief", member);
    world_must(world, NULL, kid, type,
               "{'member':'%s','name':'%s','acts_on':'%s','reason':'疑似遗失'}", member, name,
               world_version(world, "key/%s/%s", member, name));
}

static void member_step(const char *type, const char *member)
{
    world_must(world, NULL, CENTER "/admin", type,
               "{'member':'%s','acts_on':'%s','reason':'核查'%s}", member,
               world_version(world, "member/%s", member), ledger_no_risk(type));
}

/* Held back, and kept: what is lifted goes on where it was. */
static void held(const char *id, const char *code)
{
    assert_string_equal(next(id), code);
    assert_string_equal(net_ask(NULL, beta.seed, id, "manifest", NULL), code);
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), code); /* nor once more */
    usleep(1200000); /* the gateway has looked at its deliveries meanwhile */
    assert_true(copy_is_there(id));
}

static void who_is_suspended(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("suspended", &chunks);
    net_grant(grant, "TREES", some, "");
    begin(id, grant);
    assert_true(copy_is_there(id));
    member_step("member.suspend", BETA);
    held(id, "tx-member-suspended");
    NET_WAIT(net_refused(grant) == 1);
    member_step("member.restore", BETA);
    assert_string_equal(next(id), "");
    member_step("member.suspend", ALPHA);
    held(id, "tx-member-suspended");
    member_step("member.restore", ALPHA);
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/2", NULL), "");
    net_stop();
}

static void whose_key_is_suspended(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("key", &chunks);
    net_grant(grant, "TREES", some, "");
    begin(id, grant);
    key_step(BETA, "key.suspend", "compile"); /* another one of it */
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), "");
    key_step(BETA, "key.restore", "compile");
    key_step(BETA, "key.suspend", "gateway");
    held(id, "key-suspended");
    NET_WAIT(net_refused(grant) == 1);
    key_step(BETA, "key.restore", "gateway");
    assert_string_equal(next(id), "");
    key_step(ALPHA, "key.suspend", "gateway");
    held(id, "provider-key");
    key_step(ALPHA, "key.restore", "gateway");
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/2", NULL), "");
    net_stop();
}

/* A node's own transfer ends with the reason, in words; restored, the key signs for what had moved,
 * and both sides say the same. */
static void a_node_hears_of_it(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("node", &slow);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_until_moved(id, 5 * CHUNK);
    key_step(BETA, "key.suspend", "gateway");
    int64_t moved = net_field(id, "bytes_done");
    net_until(id, "state", "closing");
    assert_true(net_is(id, "error", "key-suspended"));
    assert_true(net_is(id, "error_detail_zh",
                       "该密钥已被暂停，可由本单位首席数据官或中心恢复。（open.key）"));
    assert_true(net_field(id, "bytes_done") <= moved + 2 * CHUNK); /* at most one on its way */
    key_step(BETA, "key.restore", "gateway");
    net_until(id, "state", "failed");
    assert_true(net_is(id, "reconciled", "agreed"));
    net_stop();
}

/* Rows of what a by-hand consumer got in its first chunk: whole lines, less the header. */
static int64_t rows_in_first_chunk(const struct agency *consumer, const char *id)
{
    AUTO(buf_free) struct buf chunk = {0};
    int64_t lines = 0;
    assert_string_equal(net_ask(&chunk, consumer->seed, id, "chunks/0", NULL), "");
    for (size_t i = 0; i < chunk.len; i++)
        lines += chunk.data[i] == '\n';
    return lines - 1;
}

static void check_receipt(const char *id, int64_t rows)
{
    AUTO(doc_free) struct doc *open = net_record("open/%s", id);
    const struct doc *receipt = doc_get(open, "provider_receipt");
    assert_int_equal(doc_get_int(receipt, "bytes", 0), CHUNK);
    assert_int_equal(doc_get_int(receipt, "rows", 0), rows);
}

static bool has_receipt(const char *id)
{
    AUTO(doc_free) struct doc *open = net_record("open/%s", id);
    return doc_get(open, "provider_receipt") != NULL;
}

static void terminate(const char *grant)
{
    world_must(world, NULL, CENTER "/review", "grant.terminate",
               "{'grant':'%s','acts_on':'%s','reason':'存在安全风险'," RISK_REPORT "}", grant,
               world_version(world, "grant/%s", grant));
}

/* Nobody asks again: the copy goes all the same, and the receipt knows what had left of it, also
 * after a restart. */
static void a_copy_goes_with_its_grant(void **state)
{
    (void)state;
    char grant[65], id[65], other[65];
    net_start("copy", &chunks);
    net_grant(grant, "TREES", some, "");
    begin(id, grant);
    begin(other, grant);
    int64_t rows = rows_in_first_chunk(&beta, id);
    assert_true(rows > 100);
    assert_true(copy_is_there(id) && copy_is_there(other));
    terminate(grant);
    NET_WAIT(!copy_is_there(id) && !copy_is_there(other));
    assert_string_equal(next(id), "grant-expired");
    assert_string_equal(net_ask(NULL, beta.seed, id, "complete", NULL), "");
    NET_WAIT(has_receipt(id));
    check_receipt(id, rows);
    agency_stop(&alpha);
    agency_start(&alpha, &chunks);
    assert_string_equal(next(other), "grant-expired");
    assert_string_equal(net_ask(NULL, beta.seed, other, "complete", NULL), "");
    NET_WAIT(has_receipt(other));
    check_receipt(other, rows);
    net_stop();
}

/* Its key is retired: nothing leaves any more, whatever key follows. */
static void a_key_is_retired(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("retired", &chunks);
    net_grant_to(grant, GAMMA, "TREES", some, "");
    begin_for(id, &gamma_agency, grant);
    key_step(GAMMA, "key.retire", "gateway");
    assert_string_equal(net_ask(NULL, gamma_agency.seed, id, "chunks/1", NULL),
                        "access-key-retired");
    assert_false(copy_is_there(id));
    NET_WAIT(net_on_record(GAMMA, "not-granted"));
    assert_string_equal(net_ask(NULL, gamma_agency.seed, id, "complete", NULL), "");
    NET_WAIT(has_receipt(id));
    net_stop();
}

/* Copies that nobody's delivery knows are from before a crash. */
static void what_a_crash_left(void **state)
{
    (void)state;
    static const char stray[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    char grant[65], id[65], path[PATH_MAX + 256];
    net_start("crash", &chunks);
    net_grant(grant, "TREES", some, "");
    begin(id, grant);
    agency_stop(&alpha);
    snprintf(path, sizeof path, "%s/gateway/spool/%s", alpha.directory, stray);
    assert_int_equal(file_write_atomic(path, view_of("姓名", 6), 0600), 0);
    agency_start(&alpha, &chunks);
    assert_false(copy_is_there(stray));
    assert_true(copy_is_there(id));
    assert_string_equal(next(id), "");
    assert_string_equal(net_ask(NULL, beta.seed, id, "complete", NULL), "");
    assert_false(copy_is_there(id));
    net_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_suspended),
        cmocka_unit_test(whose_key_is_suspended),
        cmocka_unit_test(a_node_hears_of_it),
        cmocka_unit_test(a_copy_goes_with_its_grant),
        cmocka_unit_test(what_a_crash_left),
        cmocka_unit_test(a_key_is_retired), /* the last: GAMMA has none after it */
    };
    return cmocka_run_group_tests_name("exchange_held", tests, net_open_all, net_close_all);
}
