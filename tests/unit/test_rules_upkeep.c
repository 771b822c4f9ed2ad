/* Milestones, collection, refreshing and maintenance at their edges; what each clause asks for is
 * in tests/rules/rows_upkeep.c. */
#include "rules_fixture.h"

#define ENTRY(code) "entry/" ALPHA "/" code

static int milestone(struct ledger *ledger, const char *rest)
{
    return ledger_do(ledger, ALPHA "/compile", "catalog.milestone", "{'code':'M1',%s}", rest);
}

static void milestones_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *rest;
        int error;
        const char *field;
    } cases[] = {
        {"'kind':'system','matter':'年检系统','date':'2026-03-03'", ERR_DATE_FUTURE, "date"},
        {"'kind':'system','matter':'年检系统','date':'2026-03-02','duty':'D9'", ERR_SUBJECT,
         "duty"},
        {"'kind':'system','matter':'年检系统','date':'2026-03-02','entry':'E1'", ERR_FIELD_UNKNOWN,
         "entry"},
        {"'kind':'change','matter':'改版','date':'2026-03-02'", ERR_FIELD_MISSING, "entry"},
        {"'kind':'change','matter':'改版','date':'2026-03-02','entry':'E9'", ERR_SUBJECT, "entry"},
        {"'kind':'change','matter':'改版','date':'2026-03-02','entry':'E2'", ERR_STATUS, "entry"},
        {"'kind':'system','matter':'年检系统','date':'2026-03-02','duty':'D1'", 0, NULL},
        {"'kind':'system','matter':'年检系统','date':'2026-03-02'", ERR_DUPLICATE, "code"},
    };
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T23:59:59.999+08:00");
    ledger_give_entry(ledger, "E1", "unconditional");
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E2','entry':%s}",
                entry_text("E2", "unconditional", NULL));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ledger->faults = (struct faults){0};
        assert_int_equal(milestone(ledger, cases[i].rest), cases[i].error);
        assert_true(cases[i].error == 0 || ledger_fault(ledger, cases[i].error, cases[i].field));
    }
    ledger_close(&ledger);
}

static int submit_for(struct ledger *ledger, const char *code, const char *name)
{
    return ledger_do(ledger, ALPHA "/compile", "catalog.submit",
                     "{'code':'%s','milestone':'%s','entry':%s}", code, name,
                     entry_text(code, "unconditional", NULL));
}

/* A milestone is met by what it is for; the first entry meets it, later ones are listed. */
static void milestones_are_met(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E0", "unconditional");
    assert_int_equal(milestone(ledger, "'kind':'system','matter':'系统','date':'2026-01-05'"), 0);
    ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                "{'code':'M2','kind':'change','matter':'改版','date':'2026-01-05','entry':'E0'}");
    assert_int_equal(submit_for(ledger, "E1", "M9"), ERR_SUBJECT);
    assert_int_equal(submit_for(ledger, "E1", "M2"), ERR_SUBJECT);
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.retire",
                               "{'code':'E0','acts_on':'%s','reason':'业务撤销','milestone':'M1'}",
                               ledger_version(ledger, ENTRY("E0"))),
                     ERR_SUBJECT);
    assert_int_equal(submit_for(ledger, "E1", "M1"), 0);
    int64_t met_ms = ledger->time_ms;
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    assert_int_equal(submit_for(ledger, "E2", "M1"), 0);
    const struct doc *record = ledger_get(ledger, "milestone/" ALPHA "/M1");
    assert_int_equal(doc_get_int(record, "met_ms", 0), met_ms);
    assert_int_equal(doc_count(doc_get(record, "entries")), 2);
    assert_null(doc_get(record, "late"));
    /* putuo knows no term for changes: on record all the same. */
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, "milestone/" ALPHA "/M2"), "terms")), 0);
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E0','acts_on':'%s','reason':'业务撤销','milestone':'M2'}",
                ledger_version(ledger, ENTRY("E0")));
    assert_string_equal(ledger_text(ledger, "milestone/" ALPHA "/M2", "status"), "met");
    ledger_close(&ledger);
}

static int collect(struct ledger *ledger, const char *code, const char *rest)
{
    return ledger_do(ledger, ALPHA "/compile", "catalog.collect", "{'code':'%s','acts_on':'%s'%s}",
                     code, ledger_version(ledger, "entry/" ALPHA "/%s", code), rest);
}

#define FIGURES ",'method':'offline','system':'系统','content':'名录','tables':1,'rows':3"

static void a_report_has_figures_or_a_refusal(void **state)
{
    (void)state;
    static const char *const figures[] = {"method", "system", "content", "rows", "tables"};
    struct ledger *ledger = ledger_open("changning");
    ledger_give_entry(ledger, "E1", "unconditional");
    assert_int_equal(collect(ledger, "E1", ""), ERR_FIELD_MISSING);
    for (size_t i = 0; i < COUNT_OF(figures); i++) {
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, figures[i]));
    }
    ledger->faults = (struct faults){0};
    assert_int_equal(collect(ledger, "E1", FIGURES ",'refusal':{'reason':'不便','basis':'法律'}"),
                     ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "rows"));
    assert_int_equal(ledger->faults.count, COUNT_OF(figures));
    /* A basis of nothing is none. */
    assert_int_equal(collect(ledger, "E1", ",'refusal':{'reason':'不便','basis':'\u3000 '}"), 0);
    assert_string_equal(ledger_text(ledger, "collection/" ALPHA "/E1", "status"), "unfounded");
    assert_int_equal(collect(ledger, "E1", FIGURES), 0);
    assert_null(doc_get(ledger_get(ledger, "collection/" ALPHA "/E1"), "refusal"));
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.certify",
                               "{'provider':'" ALPHA "','code':'E1','acts_on':'%s',"
                               "'decision':'accept'}",
                               ledger_version(ledger, "collection/" ALPHA "/E1")),
                     ERR_TX_ROLE);
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E2','entry':%s}",
                entry_text("E2", "unconditional", NULL));
    assert_int_equal(collect(ledger, "E2", FIGURES), ERR_STATUS);
    ledger_close(&ledger);
}

static int refresh(struct ledger *ledger, const char *kid, const char *updates)
{
    return ledger_do(ledger, kid, "catalog.refresh", "{'entries':[%s]}", updates);
}

static void updates_are_of_ones_own_published_entries(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "unconditional");
    ledger_give_entry(ledger, "E2", "unconditional");
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E3','entry':%s}",
                entry_text("E3", "unconditional", NULL));
    assert_int_equal(refresh(ledger, BETA "/compile", "{'code':'E1'}"), ERR_SUBJECT);
    assert_int_equal(refresh(ledger, ALPHA "/compile", "{'code':'E1'},{'code':'E3'},{'code':'E1'}"),
                     ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entries[1].code"));
    assert_true(ledger_fault(ledger, ERR_DUPLICATE, "entries[2].code"));
    assert_int_equal(ledger_int(ledger, "refresh/" ALPHA "/E1", "refreshed_ms"),
                     at("2026-01-05T09:00:01+08:00"));
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    assert_int_equal(
        refresh(ledger, ALPHA "/gateway", "{'code':'E1','rows':7},{'code':'E2','rows':8}"), 0);
    assert_int_equal(ledger_int(ledger, "refresh/" ALPHA "/E1", "rows"), 7);
    assert_int_equal(ledger_int(ledger, "refresh/" ALPHA "/E2", "rows"), 8);
    assert_int_equal(ledger_int(ledger, "refresh/" ALPHA "/E2", "refreshed_ms"), ledger->time_ms);
    ledger_close(&ledger);
}

static void change(struct ledger *ledger, const char *cycle)
{
    AUTO(doc_free)
    struct doc *body =
        fixture_parse("{'code':'E1','acts_on':'%s','reason':'周期调整','entry':%s}",
                      ledger_version(ledger, ENTRY("E1")), entry_text("E1", "unconditional", NULL));
    struct doc *entry = (struct doc *)(uintptr_t)doc_get(body, "entry");
    doc_set_text(entry, "update", cycle);
    doc_set_text(entry, "summary", ledger->txid); /* another each time */
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.change", body), 0);
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "change/" ALPHA "/E1"));
}

/* The cycle follows the entry; a retired entry owes nothing. */
static void duties_follow_the_entry(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "unconditional");
    assert_int_equal(ledger_due(ledger, "refresh"), 0);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    change(ledger, "weekly");
    assert_string_equal(ledger_text(ledger, "refresh/" ALPHA "/E1", "cycle"), "weekly");
    assert_int_equal(ledger_int(ledger, "refresh/" ALPHA "/E1", "terms.refresh.due_ms"),
                     at("2026-03-10T00:00:00+08:00"));
    /* Another change that leaves the cycle alone leaves the term alone. */
    ledger_at(ledger, "2026-03-05T10:00:00+08:00");
    change(ledger, "weekly");
    assert_int_equal(ledger_int(ledger, "refresh/" ALPHA "/E1", "terms.refresh.due_ms"),
                     at("2026-03-10T00:00:00+08:00"));
    change(ledger, "static");
    assert_int_equal(ledger_due(ledger, "refresh"), 0);
    assert_string_equal(ledger_text(ledger, "refresh/" ALPHA "/E1", "status"), "static");
    change(ledger, "daily");
    assert_int_equal(ledger_due(ledger, "refresh"), 1);
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                ledger_version(ledger, ENTRY("E1")));
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "change/" ALPHA "/E1"));
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    assert_string_equal(ledger_text(ledger, "collection/" ALPHA "/E1", "status"), "ended");
    assert_string_equal(ledger_text(ledger, "refresh/" ALPHA "/E1", "status"), "ended");
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(milestones_are_checked),
        cmocka_unit_test(milestones_are_met),
        cmocka_unit_test(a_report_has_figures_or_a_refusal),
        cmocka_unit_test(updates_are_of_ones_own_published_entries),
        cmocka_unit_test(duties_follow_the_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
