/* Duties: published from real lists, versioned, retired. */
#include "rules_fixture.h"

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
        ERR_FIELD_LENGTH);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duty_is_published_and_replaced_by_version),
        cmocka_unit_test(what_a_duty_must_hold),
        cmocka_unit_test(a_retired_duty_takes_no_entries),
        cmocka_unit_test(real_duties_are_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
