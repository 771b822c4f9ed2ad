/* Matters over HTTP: what is not settled, about whom, and what waits for what day; and the paper
 * forms of what they come to. The day is Monday, 9 February 2026. */
#include "check.h"

#include "world_law.h"

#include "exchange/sheet.h"
#include "exchange/xlsx.h"

static void check_count(const char *query, size_t count)
{
    AUTO(answer_free) struct answer answer = get("/v1/matters?%s", query);
    const struct doc *items = doc_get(answer.body, "items");
    if (answer.status != 200 || doc_count(items) != count)
        fail_msg("%s: %d, %zu items\n%s", query, answer.status, doc_count(items),
                 buf_text(&answer.raw));
}

/* The only matter of the list; `due` NULL: it waits for no day. */
static void check_one(const char *query, const char *title, const char *status_zh, const char *due)
{
    AUTO(answer_free) struct answer answer = get("/v1/matters?%s", query);
    const struct doc *items = doc_get(answer.body, "items"), *item = doc_at(items, 0);
    if (answer.status != 200 || doc_count(items) != 1)
        fail_msg("%s: %d, %zu items\n%s", query, answer.status, doc_count(items),
                 buf_text(&answer.raw));
    assert_string_equal(doc_get_text(item, "title"), title);
    assert_string_equal(doc_get_text(item, "status_zh"), status_zh);
    assert_int_equal(doc_get_int(item, "due_ms", 0), due == NULL ? 0 : at(due));
}

static void what_is_open_and_about_whom(void **state)
{
    (void)state;
    char key[100];
    check_count("open=1", 0);
    law_supervise();
    check_count("open=1", 2);
    check_count("kind=case&member=" BETA, 1);
    check_count("kind=case&member=" CENTER, 1); /* who opened it */
    check_count("kind=case&member=" ALPHA, 0);
    check_count("kind=measure", 0);
    (void)snprintf(key, sizeof key, "case/%s", law_case);
    AUTO(answer_free) struct answer list = get("/v1/matters?kind=case&status=open");
    const struct doc *item = doc_at(doc_get(list.body, "items"), 0);
    assert_string_equal(doc_get_text(item, "subject"), key);
    assert_string_equal(doc_get_text(item, "member"), BETA);
    assert_string_equal(doc_get_text(item, "chinese"), "案件");
    assert_true(doc_get_int(item, "since_ms", 0) > 0);
    world_must(world, NULL, CENTER "/review", "case.find",
               "{'case':'%s','acts_on':'%s','finding':'none','rule':'第三十二条',"
               "'statement':'经核查不属实'}",
               law_case, world_version(world, "%s", key));
    check_count("kind=case&open=1", 0); /* the same row, no second one */
    check_count("kind=case", 1);
    check_count("status=dismissed&member=" BETA, 1);
    check_count("open=1&kind=incident&member=" ALPHA, 1);
    expect_problem(get("/v1/matters?kind=never"), 422, "field-choice");
}

/* PT 31: 报送…区府办处理: it has the risk on its list until it has said what became of it. */
static void what_the_supervisor_is_told(void **state)
{
    (void)state;
    char risk[2 * HASH_BYTES + 1];
    world_must(world, risk, CENTER "/review", "notice.file",
               "{'kind':'risk','provider':'" ALPHA "','entry':'E1'," PAPERS
               ",'summary':'接口密钥外泄'," RISK_REPORT "}");
    check_one("kind=risk&open=1&member=" SUPERVISOR, "接口密钥外泄", "待处理", NULL);
    check_one("kind=risk&member=" ALPHA, "接口密钥外泄", "待处理", NULL);
    check_count("kind=risk&member=" BETA, 0);
    world_must(world, NULL, SUPERVISOR "/review", "risk.handle",
               "{'risk':'%s','acts_on':'%s','finding':'已更换密钥'}", risk,
               world_version(world, "risk/%s", risk));
    check_count("kind=risk&open=1&member=" SUPERVISOR, 0);
    check_one("kind=risk&member=" SUPERVISOR, "接口密钥外泄", "已处理", NULL);
}

/* A designation in force, an office, a delegation are nothing to be settled. */
static void who_acts_for_whom(void **state)
{
    (void)state;
    check_one("kind=designation&member=" ALPHA, "社会组织信用信息", "有效", NULL);
    check_count("kind=designation&open=1", 0);
    law_delegate();
    /* PT 2: to 24:00 of the last day */
    check_one("kind=delegation&status=active", "数据服务公司", "有效", "2026-04-01T00:00:00+08:00");
    check_count("kind=delegation&member=" NEWCOMER, 1);
    check_count("kind=delegation&member=" BETA, 0);
    AUTO(answer_free) struct answer officers = get("/v1/members/" ALPHA "/officers");
    check_count("kind=officer&status=in-office&member=" ALPHA,
                doc_count(doc_get(officers.body, "items")));
    check_count("kind=officer&status=left-office", 0);
}

static void what_is_asked_for(void **state)
{
    (void)state;
    law_ask();
    /* PT 24 counts no days for it; both sides see it. */
    check_one("kind=dispute&member=" ALPHA, "对需求的合理性有不同意见", "协商中", NULL);
    check_count("kind=dispute&member=" BETA, 1);
    check_count("kind=dispute&member=" GAMMA, 0);
    law_require();
    check_count("kind=need&status=asked&member=" GAMMA, 1);
    check_count("kind=need&provider=" GAMMA, 1);
    check_count("kind=need&status=submitted", 0);
    law_fuse();
    /* PT 22: 10, 11, 12, 13, Saturday 14. */
    check_one("kind=fusion&status=reviewing&member=" GAMMA, "企业与社会组织联合画像", "审核中",
              "2026-02-15T00:00:00+08:00");
    check_count("kind=fusion&member=" ALPHA, 1);
    check_count("kind=fusion&member=" BETA, 1);
    check_count("kind=fusion", 1);
}

/* The only matter of its kind is called so; as is what the entry's own address shows of it. */
static void check_applied(const char *chinese, const char *english, const char *kind)
{
    AUTO(answer_free) struct answer list = get("/v1/matters?kind=change&open=1");
    AUTO(answer_free) struct answer entry = get("/v1/entries/" ALPHA "/E1");
    const struct doc *item = doc_at(doc_get(list.body, "items"), 0);
    assert_int_equal(doc_count(doc_get(list.body, "items")), 1);
    assert_string_equal(doc_get_text(item, "chinese"), chinese);
    assert_string_equal(doc_get_text(item, "english"), english);
    assert_string_equal(doc_get_text(item, "status_zh"), "待评估");
    assert_string_equal(doc_get_text(doc_get(entry.body, "change"), "kind"), kind);
}

/* PT 14: 变更、删除 are assessed alike, and whoever assesses is told which it is. */
static void what_is_applied_for_of_an_entry(void **state)
{
    (void)state;
    AUTO(answer_free) struct answer before = get("/v1/entries/" ALPHA "/E1");
    assert_int_equal(doc_kind(doc_get(before.body, "change")), DOC_NULL);
    world_must(world, NULL, ALPHA "/compile", "catalog.retire",
               "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
               world_version(world, "entry/" ALPHA "/E1"));
    check_applied("申请删除", "deletion applied for", "retire");
    world_must(world, NULL, CENTER "/review", "catalog.assess",
               "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'return',"
               "'reasons':[{'reason':'尚有使用单位'}]}",
               world_version(world, "change/" ALPHA "/E1"));
    check_count("kind=change&open=1", 0);
    world_must(world, NULL, ALPHA "/compile", "catalog.change",
               "{'code':'E1','acts_on':'%s','reason':'更名','entry':%s}",
               world_version(world, "entry/" ALPHA "/E1"),
               entry_text("社会团体登记信息", "authorised", NULL));
    check_applied("申请变更", "change applied for", "change");
}

static void check_form(const char *path, const char *text)
{
    AUTO(answer_free) struct answer page = get("%s", path);
    assert_int_equal(page.status, 200);
    assert_non_null(strstr(buf_text(&page.raw), "Content-Type: text/html; charset=utf-8"));
    assert_non_null(strstr(buf_text(&page.raw), text));
    /* its style is its own, and scripts have no place in it */
    assert_non_null(strstr(buf_text(&page.raw), "default-src 'none'; style-src 'unsafe-inline'"));
    assert_null(strstr(buf_text(&page.raw), "script-src"));
}

/* The workbook, and the title in it. */
static void check_workbook(const char *path, const char *title)
{
    AUTO(answer_free) struct answer file = get("%s?as=xlsx", path);
    AUTO(workbook_free) struct workbook book = {0};
    const char *text = buf_text(&file.raw), *body = strstr(text, "\r\n\r\n");
    assert_int_equal(file.status, 200);
    assert_non_null(strstr(text, "spreadsheetml.sheet"));
    assert_non_null(strstr(text, "Content-Disposition: attachment"));
    assert_non_null(body);
    size_t head = (size_t)(body + 4 - text);
    assert_int_equal(xlsx_read(&book, view_of(file.raw.data + head, file.raw.len - head)), 0);
    assert_non_null(strstr(sheet_row_text(sheet_row_at(&book.sheets[0], 1), 0), title));
}

static void what_is_collected_and_certified(void **state)
{
    (void)state;
    static const char form[] = "/v1/forms/collection/" ALPHA "/E1";
    law_publish(ALPHA, "社会组织登记信息");
    law_publish(GAMMA, "律师事务所登记信息");
    /* PT 15: 10, 11, 12, 13, 14 February, 24 to 28 (Saturday the 28th works). */
    check_one("kind=collection&status=due&member=" ALPHA, "社会组织登记信息", "待归集",
              "2026-03-01T00:00:00+08:00");
    check_count("kind=collection&open=1&member=" ALPHA, 1);
    expect_problem(get("%s", form), 404, "not-found"); /* there is nothing to certify */
    law_collect(ALPHA);
    check_one("kind=collection&status=collected", "社会组织登记信息", "已归集", NULL);
    check_count("kind=collection&member=" ALPHA, 1);
    check_count("kind=collection&open=1&member=" ALPHA, 0);
    check_form(form, "汇聚成果认定表");
    check_form(form, "社会组织基本信息");
    check_workbook(form, "汇聚成果认定表");
}

static void the_form_of_a_request(void **state)
{
    (void)state;
    char path[200];
    (void)snprintf(path, sizeof path, "/v1/forms/request/%s", law_request);
    check_form(path, "共享申请审核表");
    check_form(path, "一网通办：社会组织登记核验");
    check_workbook(path, "共享申请审核表");
    expect_problem(get("/v1/forms/request/%064x", 1), 404, "not-found");
    expect_problem(get("%s?as=pdf", path), 422, "field-choice");
}

static void check_history(const char *what, const char *family, const char *id)
{
    AUTO(buf_free) struct buf shown = {0};
    AUTO(answer_free) struct answer answer = get("/v1/history/%s/%s", family, id);
    const struct doc *items = doc_get(answer.body, "items");
    assert_int_equal(answer.status, 200);
    for (size_t i = 0; i < doc_count(items); i++) {
        const struct doc *item = doc_at(items, i);
        const char *type = doc_get_text(item, "type");
        buf_append_format(&shown, "%s%s", i == 0 ? "" : " ",
                          type != NULL ? type : doc_get_text(item, "effect"));
    }
    assert_string_equal(buf_text(&shown), what);
}

/* A record's history begins with what made it, and has each act on it. */
static void what_happened_to_each(void **state)
{
    (void)state;
    check_history("case.open case.find", "case", law_case);
    check_history("dispute.raise", "dispute", law_dispute);
    AUTO(answer_free) struct answer asked = get("/v1/requests/%s", law_request);
    assert_string_equal(doc_get_text(doc_get(asked.body, "disputed"), "dispute"), law_dispute);
    check_history("need.submit need.intake", "need", law_need);
    check_history("catalog.review catalog.collect", "collection", ALPHA "/E1");
    check_history("delegation.grant", "delegation", ALPHA "/lan");
    check_history("request.submit dispute.raise", "request", law_request);
    check_history("catalog.submit catalog.review catalog.collect fusion.submit", "entry",
                  GAMMA "/E1");
    world_must(world, NULL, BETA "/compile", "dispute.withdraw",
               "{'dispute':'%s','acts_on':'%s','reason':'已协商一致'}", law_dispute,
               world_version(world, "dispute/%s", law_dispute));
    check_history("dispute.raise dispute.withdraw", "dispute", law_dispute);
    check_count("kind=dispute&status=withdrawn", 1);
}

/* Words for what pages show: a status, a member's own meaning of one, a type, a term. */
static void words_of_the_protocol(void **state)
{
    (void)state;
    AUTO(answer_free) struct answer answer = get("/v1/words");
    const struct doc *words = doc_get(answer.body, "words"), *first;
    assert_int_equal(answer.status, 200);
    assert_string_equal(doc_get_text(words, "deemed-approved"), "视作同意");
    assert_string_equal(doc_get_text(words, "opening:unconditional"), "无条件开放");
    first = doc_at(doc_get(answer.body, "types"), 0);
    assert_string_equal(doc_get_text(first, "type"), "access.batch");
    assert_string_equal(doc_get_text(first, "chinese"), "批量发起调用");
    assert_string_equal(doc_get_text(first, "clause"), "PT 30, CESI 6.4.2");
    first = doc_at(doc_get(answer.body, "terms"), 0);
    assert_string_equal(doc_get_text(first, "term"), "adjust");
}

/* Every status that a record of the world has is one that its kind knows in words. */
static void every_status_has_words(void **state)
{
    (void)state;
    AUTO(answer_free) struct answer kinds = get("/v1/matters/kinds");
    AUTO(answer_free) struct answer all = get("/v1/matters?limit=200");
    const struct doc *items = doc_get(all.body, "items");
    assert_int_equal(kinds.status, 200);
    assert_true(doc_count(doc_get(kinds.body, "items")) > 10);
    assert_true(doc_count(items) > 10);
    for (size_t i = 0; i < doc_count(items); i++) {
        const char *status = doc_get_text(doc_at(items, i), "status");
        if (doc_text_is(doc_at(items, i), "status_zh", status))
            fail_msg("%s: %s", doc_get_text(doc_at(items, i), "kind"), status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_open_and_about_whom),     cmocka_unit_test(who_acts_for_whom),
        cmocka_unit_test(what_is_collected_and_certified), cmocka_unit_test(what_is_asked_for),
        cmocka_unit_test(the_form_of_a_request),           cmocka_unit_test(what_happened_to_each),
        cmocka_unit_test(every_status_has_words),          cmocka_unit_test(words_of_the_protocol),
        cmocka_unit_test(what_the_supervisor_is_told),
        cmocka_unit_test(what_is_applied_for_of_an_entry),
    };
    return cmocka_run_group_tests(tests, world_start, world_stop);
}
