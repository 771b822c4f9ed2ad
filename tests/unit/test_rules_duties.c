/* Duties: published from real lists, versioned, retired. */
#include "rules_fixture.h"

#include "base/uscc.h"
#include "chain/rules/stems.h"

#define DUTY                                                                                       \
    "{'code':'%s',%s'name':'%s','category':'%s','implementer':'广东省民政厅',"               \
    "'basis':'社会团体登记管理条例'}"

static void a_duty_is_published_and_replaced_by_version(void **state)
{
    (void)state;
    char with_version[100];
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, ALPHA "/compile", "duty.publish", DUTY, "D1", "", "社会团体年检",
                "行政检查");
    const char *key = "duty/" ALPHA "/D1";
    assert_string_equal(ledger_text(ledger, key, "name"), "社会团体年检");
    assert_string_equal(ledger_text(ledger, key, "status"), "active");
    assert_string_equal(ledger_text(ledger, key, "version"), ledger->txid);
    assert_int_equal(
        ledger_do(ledger, ALPHA "/compile", "duty.publish", DUTY, "D1", "", "改名", "行政检查"),
        ERR_DUPLICATE);
    (void)snprintf(with_version, sizeof with_version, "'acts_on':'%s',",
                   ledger_version(ledger, "%s", key));
    ledger_must(ledger, ALPHA "/compile", "duty.publish", DUTY, "D1", with_version, "改名",
                "行政检查");
    assert_string_equal(ledger_text(ledger, key, "name"), "改名");
    assert_null(doc_get(ledger_get(ledger, "%s", key), "acts_on"));
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "duty.publish", DUTY, "D1", with_version,
                               "再改", "行政检查"),
                     ERR_VERSION_STALE);
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "duty.publish", DUTY, "D2", with_version,
                               "没有旧版", "行政检查"),
                     ERR_SUBJECT);
    ledger_close(&ledger);
}

static void what_a_duty_must_hold(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(
        ledger_do(ledger, ALPHA "/compile", "duty.publish", DUTY, "D1", "", "名", "行政处理"),
        ERR_FIELD_CHOICE);
    assert_int_equal(
        ledger_do(ledger, ALPHA "/compile", "duty.publish", DUTY, "D1", "", " ", "行政许可"),
        ERR_FIELD_BLANK);
    assert_int_equal(
        ledger_do(ledger, ALPHA "/compile", "duty.publish", DUTY, "D 1", "", "名", "行政许可"),
        ERR_FIELD_FORMAT);
    assert_int_equal(
        ledger_do(ledger, ALPHA "/approve", "duty.publish", DUTY, "D1", "", "名", "行政许可"),
        ERR_TX_ROLE);
    assert_int_equal(
        ledger_do(ledger, CENTER "/compile", "duty.publish", DUTY, "D1", "", "名", "行政许可"),
        ERR_PARTY);
    /* Every category that the law and the published lists use. */
    static const char *const categories[] = {"行政许可", "行政处罚", "行政强制", "行政征收",
                                             "行政给付", "行政检查", "行政确认", "行政奖励",
                                             "行政裁决", "其他",     "公共服务", "其他行政权力"};
    for (size_t i = 0; i < COUNT_OF(categories); i++) {
        char code[16];
        (void)snprintf(code, sizeof code, "C%zu", i);
        ledger_must(ledger, ALPHA "/compile", "duty.publish", DUTY, code, "", "名", categories[i]);
    }
    ledger_close(&ledger);
}

static void a_retired_duty_takes_no_entries(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "unconditional");
    const char *version = ledger_version(ledger, "duty/" ALPHA "/D1");
    ledger_must(ledger, ALPHA "/compile", "duty.retire",
                "{'code':'D1','acts_on':'%s','reason':'职权下放'}", version);
    assert_string_equal(ledger_text(ledger, "duty/" ALPHA "/D1", "status"), "retired");
    assert_string_equal(ledger_text(ledger, "entry/" ALPHA "/E1", "status"), "published");
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.submit",
                               "{'code':'E2','entry':%s}",
                               entry_text("新目录", "unconditional", NULL)),
                     ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entry.duty"));
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "duty.retire",
                               "{'code':'D1','acts_on':'%s','reason':'再次'}",
                               ledger_version(ledger, "duty/" ALPHA "/D1")),
                     ERR_STATUS);
    /* It can come back as a new version. */
    ledger_must(ledger, ALPHA "/compile", "duty.publish",
                "{'code':'D1','acts_on':'%s','name':'恢复','category':'其他',"
                "'implementer':'广东省民政厅','basis':'条例'}",
                ledger_version(ledger, "duty/" ALPHA "/D1"));
    assert_string_equal(ledger_text(ledger, "duty/" ALPHA "/D1", "status"), "active");
    ledger_close(&ledger);
}

/* The published lists as they are: every item of a real agency enters the ledger. */
static void real_duties_are_accepted(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf text = {0};
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(file_read(&text, DIRCHAIN_SOURCE_DIR "/samples/duties/renshe.jsonl", 8 << 20),
                     0);
    char *save = NULL, *copy = memory_copy_text(buf_text(&text));
    size_t accepted = 0;
    for (char *line = strtok_r(copy, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        AUTO(doc_free) struct doc *item = NULL;
        AUTO(doc_free) struct doc *body = doc_new_object();
        assert_int_equal(doc_parse(&item, view_of_text(line), 1 << 20), 0);
        doc_set(body, "code", doc_ref(doc_get(item, "code")));
        doc_set(body, "name", doc_ref(doc_get(item, "name")));
        doc_set(body, "category", doc_ref(doc_get(item, "category")));
        doc_set(body, "implementer", doc_ref(doc_get(item, "agency")));
        doc_set(body, "basis", doc_ref(doc_get(item, "basis")));
        ledger->faults = (struct faults){0};
        int error = fixture_submit(ledger, ALPHA "/compile", "duty.publish", body);
        /* The agencies' own oddities: a code twice, a basis left empty. */
        assert_true(error == 0 || error == ERR_DUPLICATE || error == ERR_FIELD_LENGTH);
        accepted += error == 0;
    }
    assert_true(accepted >= 100);
    assert_int_equal(ledger_count(ledger, "duty/" ALPHA "/"), accepted);
    memory_free(copy);
    ledger_close(&ledger);
}

/* ---- all of a province ---- */

struct tally {
    size_t items, accepted, wrong_code;
    size_t other; /* refused for anything else */
};

/* One published item, by ALPHA in its agency's place: its own code is judged first, as a join
 * request would. */
static void take_item(struct ledger *ledger, struct tally *tally, const char *line)
{
    static const char *const names[][2] = {
        {"code", "code"},          {"name", "name"},   {"category", "category"},
        {"agency", "implementer"}, {"basis", "basis"}, {"catalog_group", "responsibility"}};
    AUTO(doc_free) struct doc *item = NULL;
    AUTO(doc_free) struct doc *body = doc_new_object();
    assert_int_equal(doc_parse(&item, view_of_text(line), 1 << 20), 0);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (doc_get(item, names[i][0]) != NULL) {
            doc_set(body, names[i][1], doc_ref(doc_get(item, names[i][0])));
        }
    }
    tally->items++;
    if (uscc_check(doc_get_text(item, "agency_code")) != 0) {
        tally->wrong_code++;
        return;
    }
    ledger->faults = (struct faults){0};
    int error = fixture_submit(ledger, ALPHA "/compile", "duty.publish", body);
    tally->accepted += error == 0;
    tally->other += error != 0;
}

/* 2,262 items of 177 agencies; 6 are of the two agencies whose codes fail GB 32100-2015 and who
 * could not join. Nothing else is refused. */
static void all_duties_of_a_province_enter(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf text = {0};
    struct tally tally = {0};
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(
        file_read(&text, DIRCHAIN_SOURCE_DIR "/samples/duties/guangdong-2021.jsonl", 8 << 20), 0);
    char *save = NULL, *copy = memory_copy_text(buf_text(&text));
    for (char *line = strtok_r(copy, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        take_item(ledger, &tally, line);
    }
    memory_free(copy);
    assert_int_equal(tally.items, 2262);
    assert_int_equal(tally.wrong_code, 6);
    assert_int_equal(tally.accepted, 2256);
    assert_int_equal(tally.other, 0);
    assert_int_equal(ledger_count(ledger, "duty/" ALPHA "/"), 2256);
    ledger_close(&ledger);
}

/* ---- versions ---- */

static void each_version_names_the_one_before(void **state)
{
    (void)state;
    char first[65], acts_on[100];
    const char *key = "duty/" ALPHA "/D1";
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, ALPHA "/compile", "duty.publish", DUTY, "D1", "", "年检", "行政检查");
    assert_int_equal(ledger_int(ledger, key, "number"), 1);
    assert_null(doc_get(ledger_get(ledger, "%s", key), "replaces"));
    (void)snprintf(first, sizeof first, "%s", ledger->txid);
    (void)snprintf(acts_on, sizeof acts_on, "'acts_on':'%s',", first);
    ledger_must(ledger, ALPHA "/compile", "duty.publish", DUTY, "D1", acts_on, "年报", "行政检查");
    assert_int_equal(ledger_int(ledger, key, "number"), 2);
    assert_string_equal(ledger_text(ledger, key, "replaces"), first);
    ledger_must(ledger, ALPHA "/compile", "duty.retire",
                "{'code':'D1','acts_on':'%s','reason':'职权下放'}",
                ledger_version(ledger, "%s", key));
    char retired[65];
    (void)snprintf(retired, sizeof retired, "%s", ledger_version(ledger, "%s", key));
    (void)snprintf(acts_on, sizeof acts_on, "'acts_on':'%s',", retired);
    ledger_must(ledger, ALPHA "/compile", "duty.publish", DUTY, "D1", acts_on, "年报", "行政检查");
    assert_int_equal(ledger_int(ledger, key, "number"), 3);
    assert_string_equal(ledger_text(ledger, key, "replaces"), retired);
    assert_null(doc_get(ledger_get(ledger, "%s", key), "affected"));
    ledger_close(&ledger);
}

/* ---- what stems from a duty ---- */

/* Another entry of D1, accepted into the catalog. */
static void give_entry(struct ledger *ledger, const char *code)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'%s','entry':%s}", code,
                entry_text(code, "unconditional", NULL));
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
                ledger_version(ledger, "entry/" ALPHA "/%s", code));
}

static size_t affected_by_retiring(struct ledger *ledger, const char *code)
{
    ledger_must(ledger, ALPHA "/compile", "duty.retire",
                "{'code':'%s','acts_on':'%s','reason':'职权下放'}", code,
                ledger_version(ledger, "duty/" ALPHA "/%s", code));
    return doc_count(doc_get(ledger_get(ledger, "duty/" ALPHA "/%s", code), "affected"));
}

static void retiring_lists_what_stems_from_it(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, ALPHA "/compile", "duty.publish", DUTY, "D2", "", "许可", "行政许可");
    ledger_give_entry(ledger, "E1", "unconditional"); /* of D1 */
    give_entry(ledger, "E2");
    size_t acts = doc_count(ledger->acts);
    assert_int_equal(affected_by_retiring(ledger, "D2"), 0);
    assert_int_equal(doc_count(ledger->acts), acts);
    assert_int_equal(affected_by_retiring(ledger, "D1"), 2);
    const struct doc *affected = doc_get(ledger_get(ledger, "duty/" ALPHA "/D1"), "affected");
    assert_string_equal(doc_text(doc_at(affected, 0)), ALPHA "/E1");
    assert_string_equal(doc_text(doc_at(affected, 1)), ALPHA "/E2");
    assert_true(ledger_act_is(ledger, 1, "entry/" ALPHA "/E1", "duty-retired"));
    assert_true(ledger_act_is(ledger, 0, "entry/" ALPHA "/E2", "duty-retired"));
    ledger_close(&ledger);
}

static void assess(struct ledger *ledger, const char *code)
{
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
                ledger_version(ledger, "change/" ALPHA "/%s", code));
}

/* E1 is of D2 now, E2 is retired: neither stems from D1 any more. */
static void what_left_a_duty_is_not_affected(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, ALPHA "/compile", "duty.publish", DUTY, "D2", "", "许可", "行政许可");
    ledger_give_entry(ledger, "E1", "unconditional");
    give_entry(ledger, "E2");
    AUTO(doc_free)
    struct doc *moved = fixture_parse("{'code':'E1','acts_on':'%s','reason':'调整','entry':%s}",
                                      ledger_version(ledger, "entry/" ALPHA "/E1"),
                                      entry_text("E1", "unconditional", NULL));
    doc_set_text((struct doc *)(uintptr_t)doc_get(moved, "entry"), "duty", "D2");
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.change", moved), 0);
    assess(ledger, "E1");
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E2','acts_on':'%s','reason':'撤销'}",
                ledger_version(ledger, "entry/" ALPHA "/E2"));
    assess(ledger, "E2");
    assert_int_equal(affected_by_retiring(ledger, "D1"), 0);
    assert_int_equal(affected_by_retiring(ledger, "D2"), 1);
    ledger_close(&ledger);
}

/* One more than are listed: the record says so. */
static void a_long_list_says_that_there_is_more(void **state)
{
    (void)state;
    char code[16];
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, ALPHA "/compile", "duty.publish", DUTY, "D1", "", "年检", "行政检查");
    for (int i = 0; i < STEM_ENTRIES_LISTED_MAX + 1; i++) {
        (void)snprintf(code, sizeof code, "E%03d", i);
        give_entry(ledger, code);
    }
    assert_int_equal(affected_by_retiring(ledger, "D1"), STEM_ENTRIES_LISTED_MAX);
    assert_true(doc_get_bool(ledger_get(ledger, "duty/" ALPHA "/D1"), "affected_more", false));
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duty_is_published_and_replaced_by_version),
        cmocka_unit_test(what_a_duty_must_hold),
        cmocka_unit_test(a_retired_duty_takes_no_entries),
        cmocka_unit_test(real_duties_are_accepted),
        cmocka_unit_test(all_duties_of_a_province_enter),
        cmocka_unit_test(each_version_names_the_one_before),
        cmocka_unit_test(retiring_lists_what_stems_from_it),
        cmocka_unit_test(what_left_a_duty_is_not_affected),
        cmocka_unit_test(a_long_list_says_that_there_is_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
