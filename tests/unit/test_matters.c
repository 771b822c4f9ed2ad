/* Matters over HTTP: what is not settled, about whom, and measures in force. */
#include "check.h"

#include "world_http.h"

#define PAPERS "'papers':'00000000000000000000000000000000000000000000000000000000000000dd'"

static char matter[2 * HASH_BYTES + 1];

static int open_world(void **state)
{
    (void)scratch_make(state);
    world = world_open(DIRCHAIN_SOURCE_DIR "/web");
    return 0;
}

static int close_world(void **state)
{
    world_close(&world);
    return scratch_remove(state);
}

static void check_count(const char *query, size_t count)
{
    AUTO(answer_free) struct answer answer = get("/v1/matters?%s", query);
    const struct doc *items = doc_get(answer.body, "items");
    if (answer.status != 200 || doc_count(items) != count)
        fail_msg("%s: %d, %zu items\n%s", query, answer.status, doc_count(items),
                 buf_text(&answer.raw));
}

static void what_is_open_and_about_whom(void **state)
{
    (void)state;
    char key[100];
    check_count("open=1", 0);
    world_must(world, matter, CENTER "/review", "case.open",
               "{'member':'" BETA "','kind':'off-purpose','source':'report'," PAPERS
               ",'statement':'用于其他场景'}");
    check_count("open=1", 1);
    check_count("kind=case&member=" BETA, 1);
    check_count("kind=case&member=" ALPHA, 0);
    check_count("kind=measure", 0);
    (void)snprintf(key, sizeof key, "case/%s", matter);
    AUTO(answer_free) struct answer list = get("/v1/matters?status=open");
    const struct doc *item = doc_at(doc_get(list.body, "items"), 0);
    assert_string_equal(doc_get_text(item, "subject"), key);
    assert_string_equal(doc_get_text(item, "member"), BETA);
    assert_true(doc_get_int(item, "since_ms", 0) > 0);
    world_must(world, NULL, CENTER "/review", "case.find",
               "{'case':'%s','acts_on':'%s','finding':'none','rule':'第三十二条',"
               "'statement':'经核查不属实'}",
               matter, world_version(world, "%s", key));
    check_count("open=1", 0); /* the same row, no second one */
    check_count("kind=case", 1);
    check_count("status=dismissed&member=" BETA, 1);
    world_must(world, NULL, ALPHA "/chief", "incident.report",
               "{'kind':'leak','found_ms':1000,'statement':'密钥外泄','actions':'停用密钥',"
               "'authority':'区委网信办'}");
    check_count("open=1&kind=incident&member=" ALPHA, 1);
    expect_problem(get("/v1/matters?kind=never"), 422, "field-choice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_open_and_about_whom),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
