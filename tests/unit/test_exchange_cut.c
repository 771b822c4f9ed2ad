/* What is masked, ruled on or taken back in the midst of a transfer: nothing more of it leaves, and
 * what had left is on the ledger. */
#include "exchange_net.h"

#define PAPERS "00000000000000000000000000000000000000000000000000000000000000bb"
#define SPECIES "树木信息03"

/* OPEN 31: 处理后再开放. */
static void mask(char notice[65], const char *grant, const char *item)
{
    world_must(world, notice, CENTER "/review", "notice.file",
               "{'kind':'risk','provider':'" ALPHA "','entry':'TREES','grant':'%s',"
               "'papers':'" PAPERS "','summary':'信息泄露风险'," RISK_REPORT "}",
               grant);
    world_must(world, NULL, CENTER "/review", "notice.resolve",
               "{'notice':'%s','acts_on':'%s','outcome':'reprocess','finding':'核实属实',"
               "'reply':'" PAPERS "','terms':'脱敏','masked':['%s']}",
               notice, world_version(world, "notice/%s", notice), item);
}

static void lift(const char *notice)
{
    world_must(world, NULL, CENTER "/review", "notice.lift",
               "{'notice':'%s','acts_on':'%s','reason':'核实不涉及权益','papers':'" PAPERS "'}",
               notice, world_version(world, "notice/%s", notice));
}

/* A transfer that the test itself moves, chunk by chunk. */
static void begin(char id[65], const char *grant)
{
    AUTO(buf_free) struct buf header = {0};
    net_open_by_hand(id, &header, BETA, grant);
    NET_WAIT(net_ask(NULL, beta.seed, id, "manifest", buf_text(&header))[0] == 0);
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), "");
}

static const char *next(const char *id)
{
    return net_ask(NULL, beta.seed, id, "chunks/1", NULL);
}

static const struct agency_plan chunks = {.chunk_bytes = CHUNK};

static void a_mask_comes(void **state)
{
    (void)state;
    char grant[65], id[65], notice[65], path[PATH_MAX + 256];
    AUTO(buf_free) struct buf text = {0};
    net_start("mask", &slow);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_until_moved(id, 5 * CHUNK);
    mask(notice, grant, SPECIES);
    int64_t moved = net_field(id, "bytes_done");
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "scope-narrowed"));
    assert_true(net_is(id, "error_detail_zh",
                       "本次传输准备之后，相关信息项已被脱敏或者撤回，其余部分不再提供；请弃用已收到的"
                       "部分，重新发起传输，按现行范围获取。（grant.items." SPECIES "）"));
    assert_true(net_field(id, "bytes_done") <= moved + 2 * CHUNK); /* at most one on its way */
    net_path(path, id, "");
    assert_int_not_equal(access(path, F_OK), 0);
    /* Both sides say of the same part that it moved; it is counted, and the refusal on record. */
    assert_true(net_is(id, "reconciled", "agreed"));
    AUTO(doc_free) struct doc *open = net_record("open/%s", id);
    assert_null(open);
    NET_WAIT(net_refused(grant) == 1);
    assert_true(net_on_record(BETA, "off-scope"));
    AUTO(doc_free) struct doc *usage = net_record("usage/%s/20260209", grant);
    assert_true(doc_get_int(usage, "bytes", 0) >= 5 * CHUNK);
    assert_int_equal(doc_get_int(usage, "bytes", 0), net_field(id, "bytes_done"));
    assert_int_equal(doc_get_int(usage, "rows", 0), net_field(id, "rows"));
    /* What may leave now does. */
    net_open(id, grant);
    net_until(id, "state", "complete");
    net_path(path, id, "trees.csv");
    assert_int_equal(file_read(&text, path, 1 << 25), 0);
    assert_null(strstr(buf_text(&text), "Platanus"));
    assert_int_equal(net_field(id, "rows"), TREES_ROWS);
    lift(notice);
    net_stop();
}

/* A delivery that is over stays over; and nobody's that gives nothing of what was masked is. */
static void only_what_is_masked_ends(void **state)
{
    (void)state;
    static const int others[] = {1, 2, 4, 5, 8, 9, 10, 18, 19, 0};
    char grant[65], without[65], cut[65], goes_on[65], notice[65];
    net_start("others", &chunks);
    net_grant(grant, "TREES", NULL, "");
    net_grant(without, "TREES", others, "");
    begin(cut, grant);
    begin(goes_on, without);
    mask(notice, grant, SPECIES);
    assert_string_equal(net_ask(NULL, beta.seed, cut, "manifest", NULL), "scope-narrowed");
    assert_string_equal(next(cut), "scope-narrowed");
    assert_string_equal(next(goes_on), "");
    lift(notice);
    assert_string_equal(next(cut), "scope-narrowed");
    assert_string_equal(net_ask(NULL, beta.seed, cut, "complete", NULL), "");
    NET_WAIT(strcmp(next(cut), "access-closed") == 0);
    /* Where a mask goes, what is under way goes on as it was prepared. */
    mask(notice, grant, SPECIES);
    begin(cut, grant);
    lift(notice);
    assert_string_equal(next(cut), "");
    net_stop();
}

/* A condition that chooses rows by what is masked now tells it, given or not. */
static void a_condition_on_what_is_masked(void **state)
{
    (void)state;
    static const int others[] = {1, 2, 4, 5, 8, 9, 10, 18, 19, 0};
    char grant[65], choosing[65], id[65], notice[65];
    net_start("condition", &chunks);
    net_grant(grant, "TREES", NULL, "");
    net_grant(choosing, "TREES", others,
              "'rows':[{'item':'" SPECIES "','is':'prefix','value':'P'}],");
    begin(id, choosing);
    mask(notice, grant, SPECIES);
    assert_string_equal(next(id), "scope-narrowed");
    net_open(id, choosing);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "off-scope"));
    lift(notice);
    net_stop();
}

/* The provider's gateway knows after a restart what it had prepared. */
static void the_provider_is_down_meanwhile(void **state)
{
    (void)state;
    char grant[65], id[65], other[65], notice[65];
    net_start("down", &chunks);
    net_grant(grant, "TREES", NULL, "");
    begin(id, grant);
    begin(other, grant);
    agency_stop(&alpha);
    agency_start(&alpha, &chunks);
    assert_string_equal(next(other), "");
    agency_stop(&alpha);
    mask(notice, grant, SPECIES);
    agency_start(&alpha, &chunks);
    assert_string_equal(next(id), "scope-narrowed");
    agency_stop(&alpha);
    lift(notice);
    agency_start(&alpha, &chunks);
    assert_string_equal(next(id), "scope-narrowed"); /* it is over, and that is on disk */
    net_stop();
}

static void rule(const char *more)
{
    world_must(world, NULL, SUPERVISOR "/approve", "catalog.attribute",
               "{'provider':'" ALPHA "','code':'TREES','acts_on':'%s','basis':'管理办法第十四条',"
               "'reason':'领导小组认定',%s}",
               world_version(world, "entry/" ALPHA "/TREES"), more);
}

/* CN 14: what is ruled not to be shared flows no more, whatever was granted. */
static void a_ruling_comes(void **state)
{
    (void)state;
    static const int others[] = {1, 2, 4, 5, 8, 9, 10, 18, 19, 0};
    char grant[65], without[65], id[65], goes_on[65];
    net_start("ruling", &chunks);
    net_grant(grant, "TREES", NULL, "");
    net_grant(without, "TREES", others, "");
    begin(id, grant);
    begin(goes_on, without);
    rule("'sharing':'authorised','items':[{'name':'" SPECIES "','sharing':'none'}]");
    assert_string_equal(next(id), "not-shared");
    assert_string_equal(next(goes_on), "");
    NET_WAIT(net_refused(grant) == 1);
    rule("'sharing':'none'");
    assert_string_equal(net_ask(NULL, beta.seed, goes_on, "chunks/2", NULL), "not-shared");
    net_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mask_comes),
        cmocka_unit_test(only_what_is_masked_ends),
        cmocka_unit_test(a_condition_on_what_is_masked),
        cmocka_unit_test(the_provider_is_down_meanwhile),
        cmocka_unit_test(a_ruling_comes), /* the last: the ruling stays */
    };
    return cmocka_run_group_tests_name("exchange_cut", tests, net_open_all, net_close_all);
}
