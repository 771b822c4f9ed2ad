/* What keeps a catalog alive, by the clause: PT 11, 15 and 16, CN 10 and 15 with 附件1, OPEN 9.
 *
 * 国务院办公厅关于2026年部分节假日安排的通知: 春节 2月15日至23日放假，2月14日、28日上班; 国庆节
 * 10月1日至 7日放假，9月20日、10月10日上班. */
#include "row.h"

#include "collected.h"

/* ---- collection ---- */

/* Accepted on Monday 2 March: 3, 4, 5, 6, 9, 10, 11, 12, 13, 16. */
static void C6_collect(void **state)
{
    (void)state;
    static const struct {
        const char *collected;
        bool late;
    } cases[] = {{"2026-03-16T23:59:59.999+08:00", false}, {"2026-03-17T00:00:00+08:00", true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
        ledger_at(ledger, cases[i].collected);
        assert_int_equal(doc_count(ledger->acts), cases[i].late);
        assert_true(!cases[i].late || ledger_act_is(ledger, 0, COLLECTION, "collect-overdue"));
        ledger_collect(ledger, "E1");
        assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "collected");
        assert_int_equal(ledger_int(ledger, COLLECTION, "report.rows"), 1200);
        assert_int_equal(
            doc_get_bool(doc_get(ledger_get(ledger, COLLECTION), "report"), "late", false),
            cases[i].late);
        assert_int_equal(ledger_due(ledger, "collect"), 0);
        ledger_close(&ledger);
    }
}

static void C6_refusal(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    assert_int_equal(refuse(ledger, "{'reason':'本单位认为不便提供'}"), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "unfounded");
    assert_true(ledger_act_is(ledger, 0, COLLECTION, "refusal-unfounded"));
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, COLLECTION, "collect-overdue"));
    ledger_close(&ledger);

    ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    assert_int_equal(refuse(ledger, "{'reason':'涉密','basis':'保守国家秘密法第二十六条'}"), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "refused");
    assert_int_equal(ledger_due(ledger, "collect"), 1); /* until it is accepted */
    assert_int_equal(doc_count(ledger->acts), 0);
    assert_int_equal(certify(ledger, "'accept'"), 0);
    assert_int_equal(ledger_due(ledger, "collect"), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "exempt");
    ledger_close(&ledger);

    /* The center finds the basis none: reported, and the term has never stood. */
    ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    assert_int_equal(refuse(ledger, "{'reason':'涉密','basis':'内部规定'}"), 0);
    ledger_at(ledger, "2026-03-03T10:00:00+08:00");
    assert_int_equal(certify(ledger, "'return'"), ERR_GROUNDS);
    assert_int_equal(certify(ledger, "'return','reasons':[{'reason':'内部规定不是法律、法规'}]"),
                     0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "unfounded");
    assert_true(ledger_act_is(ledger, 0, COLLECTION, "refusal-unfounded"));
    assert_int_equal(ledger_int(ledger, COLLECTION, "terms.collect.due_ms"),
                     at("2026-03-17T00:00:00+08:00"));
    ledger_collect(ledger, "E1");
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "collected");
    ledger_close(&ledger);
}

/* A basis in words only ("没有") keeps nobody from being overdue: accepted on Monday 2 March, ten
 * days until the end of Monday 16. */
static void C6_refusal_runs(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    assert_int_equal(refuse(ledger, "{'reason':'不便','basis':'没有'}"), 0);
    ledger_at_ms(ledger, at("2026-03-17T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, COLLECTION, "collect-overdue"));
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "refused");
    ledger_close(&ledger);
}

/* Ten days in all. Accepted on Monday 2 March: 3, 4; reported on Thursday 5, returned on Monday 9:
 * 10, 11, 12, 13, 16, 17, 18, 19. Reported in the last millisecond of that, returned on Monday 23:
 * 24. */
static void C6_collect_returned(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    ledger_at(ledger, "2026-03-05T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    assert_int_equal(ledger_due(ledger, "collect"), 0);
    ledger_at(ledger, "2026-03-09T10:00:00+08:00");
    assert_int_equal(certify(ledger, RETURN), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "due");
    assert_int_equal(ledger_int(ledger, COLLECTION, "returned"), 1);
    assert_int_equal(ledger_int(ledger, COLLECTION, "terms.collect.due_ms"),
                     at("2026-03-20T00:00:00+08:00"));
    ledger_at_ms(ledger, at("2026-03-20T00:00:00+08:00") - 1);
    ledger_collect(ledger, "E1");
    assert_false(doc_get_bool(doc_get(ledger_get(ledger, COLLECTION), "report"), "late", false));
    ledger_at(ledger, "2026-03-23T10:00:00+08:00");
    assert_int_equal(doc_count(ledger->acts), 0); /* it stands while the center looks */
    assert_int_equal(certify(ledger, RETURN), 0);
    assert_int_equal(ledger_int(ledger, COLLECTION, "returned"), 2);
    ledger_at_ms(ledger, at("2026-03-25T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at(ledger, "2026-03-25T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, COLLECTION, "collect-overdue"));
    ledger_close(&ledger);
}

/* Suspended from Tuesday 3 March to Wednesday 11, days that are none of the ten: on Thursday 12,
 * when it reports, all ten are left. Returned on Friday 13: 16 to 20, 23 to 27. */
static void C6_collect_suspended(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    ledger_at(ledger, "2026-03-03T09:00:00+08:00");
    ledger_must(ledger, CENTER "/admin", "member.suspend",
                "{'member':'" ALPHA "','acts_on':'%s','reason':'安全检查处置'," NO_RISK "}",
                ledger_version(ledger, "member/" ALPHA));
    ledger_at(ledger, "2026-03-11T09:00:00+08:00");
    ledger_must(ledger, CENTER "/admin", "member.restore",
                "{'member':'" ALPHA "','acts_on':'%s','reason':'整改完毕'}",
                ledger_version(ledger, "member/" ALPHA));
    ledger_at(ledger, "2026-03-12T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    ledger_at(ledger, "2026-03-13T10:00:00+08:00");
    assert_int_equal(certify(ledger, RETURN), 0);
    ledger_at_ms(ledger, at("2026-03-28T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at(ledger, "2026-03-28T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, COLLECTION, "collect-overdue"));
    ledger_close(&ledger);
}

/* Overdue on Tuesday 17 March, reported late and returned: it is overdue still, told once. */
static void C6_collect_returned_late(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    ledger_at(ledger, "2026-03-17T10:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, COLLECTION, "collect-overdue"));
    ledger_collect(ledger, "E1");
    ledger_collect(ledger, "E1"); /* once more, before the center looks */
    assert_true(doc_get_bool(doc_get(ledger_get(ledger, COLLECTION), "report"), "late", false));
    ledger_at(ledger, "2026-03-18T10:00:00+08:00");
    assert_int_equal(certify(ledger, RETURN), 0);
    ledger_at(ledger, "2026-04-30T10:00:00+08:00");
    assert_int_equal(doc_count(ledger->acts), 1);
    ledger_collect(ledger, "E1");
    assert_true(doc_get_bool(doc_get(ledger_get(ledger, COLLECTION), "report"), "late", false));
    assert_int_equal(certify(ledger, "'accept'"), 0);
    assert_null(doc_get(doc_get(ledger_get(ledger, COLLECTION), "terms"), "collect"));
    ledger_close(&ledger);
}

/* Reported, then refused after all: no day is won by that. Accepted on Monday 2 March: until the
 * end of Monday 16, be it reported and refused on that day, or reported then and refused on the
 * 18th. */
static void C6_refused_after_report(void **state)
{
    (void)state;
    static const char *const refused[] = {"2026-03-06T10:00:00+08:00", "2026-03-16T10:00:00+08:00",
                                          "2026-03-18T10:00:00+08:00"};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
        ledger_at(ledger, i == 0 ? "2026-03-05T10:00:00+08:00" : "2026-03-16T09:00:00+08:00");
        ledger_collect(ledger, "E1");
        ledger_at(ledger, refused[i]);
        assert_int_equal(doc_count(ledger->acts), 0);
        assert_int_equal(refuse(ledger, "{'reason':'涉密','basis':'保守国家秘密法第二十六条'}"), 0);
        assert_int_equal(ledger_int(ledger, COLLECTION, "terms.collect.due_ms"),
                         at("2026-03-17T00:00:00+08:00"));
        assert_null(doc_get(ledger_get(ledger, COLLECTION), "paused"));
        if (i < 2) {
            ledger_at_ms(ledger, at("2026-03-17T00:00:00+08:00") - 1);
            assert_int_equal(doc_count(ledger->acts), 0);
            ledger_at(ledger, "2026-03-17T00:00:00+08:00");
        } else {
            ledger_at(ledger, "2026-03-18T10:00:01+08:00");
        }
        assert_true(ledger_act_is(ledger, 0, COLLECTION, "collect-overdue"));
        ledger_close(&ledger);
    }
}

/* CN 15: 除经领导小组认定的特殊情况外. PT names nobody: the center. */
static void C6_exemption(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("changning", "2026-03-02T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    assert_int_equal(certify_as(ledger, SUPERVISOR "/approve", "'accept'"), ERR_PARTY);
    assert_int_equal(refuse(ledger, "{'reason':'涉密','basis':'保守国家秘密法第二十六条'}"), 0);
    assert_int_equal(certify_as(ledger, CENTER "/review", "'accept'"), ERR_PARTY);
    assert_int_equal(certify_as(ledger, CENTER "/review", RETURN), ERR_PARTY);
    assert_true(ledger_fault(ledger, ERR_PARTY, "code"));
    assert_int_equal(certify_as(ledger, SUPERVISOR "/approve", "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "exempt");
    ledger_close(&ledger);
    ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    assert_int_equal(refuse(ledger, "{'reason':'涉密','basis':'保守国家秘密法第二十六条'}"), 0);
    assert_int_equal(certify_as(ledger, SUPERVISOR "/approve", "'accept'"), ERR_PARTY);
    assert_int_equal(certify_as(ledger, CENTER "/review", "'accept'"), 0);
    ledger_close(&ledger);
}

/* 附件1: CNZYHJ+年份+序号, e.g. CNZYHJ180001. */
static void C6_certificate(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("changning", "2026-03-02T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    assert_int_equal(certify(ledger, "'return','reasons':[{'reason':'汇聚量与现场不符'}]"), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "due");
    assert_int_equal(certify(ledger, "'accept'"), ERR_STATUS);
    ledger_collect(ledger, "E1");
    assert_int_equal(certify(ledger, "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "certified");
    assert_string_equal(ledger_text(ledger, COLLECTION, "number"), "CNZYHJ260001");
    ledger_close(&ledger);
}

/* Each certificate proves what was collected then; a later one takes nothing from it. */
static void C6_certificates_stay(void **state)
{
    (void)state;
    static const char first[] = "certificate/CNZYHJ260001", second[] = "certificate/CNZYHJ260002";
    struct ledger *ledger = accepted("changning", "2026-03-02T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    assert_int_equal(certify(ledger, "'accept'"), 0);
    char version[2 * HASH_BYTES + 1];
    (void)snprintf(version, sizeof version, "%s", ledger_version(ledger, "%s", first));
    change_to(ledger, ONE_ITEM, NULL);
    ledger_must(ledger, ALPHA "/compile", "catalog.collect",
                "{'code':'E1','acts_on':'%s','method':'offline','system':'登记系统',"
                "'content':'变更后的登记信息','tables':2,'rows':1300}",
                ledger_version(ledger, ENTRY("E1")));
    assert_int_equal(certify(ledger, "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "number"), "CNZYHJ260002");
    assert_string_equal(ledger_version(ledger, "%s", first), version);
    assert_string_equal(ledger_text(ledger, first, "code"), "E1");
    assert_int_equal(ledger_int(ledger, first, "report.rows"), 1200);
    assert_int_equal(ledger_int(ledger, second, "report.rows"), 1300);
    assert_string_equal(ledger_text(ledger, second, "previous"), "CNZYHJ260001");
    ledger_close(&ledger);
}

/* The change is accepted on Friday 27 February: Saturday 28 (调休), Monday 2 March. */
static void C6_recollect(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("changning", "2026-02-27T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    assert_int_equal(certify(ledger, "'accept'"), 0);
    change_to(ledger, ONE_ITEM, NULL);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "due");
    ledger_at_ms(ledger, at("2026-03-03T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, COLLECTION, "recollect-overdue"));
    ledger_collect(ledger, "E1");
    assert_int_equal(ledger_due(ledger, "recollect"), 0);
    assert_true(doc_get_bool(doc_get(ledger_get(ledger, COLLECTION), "report"), "late", false));
    ledger_close(&ledger);
}

/* What the center returns is owed again: of two days none was over. Returned on Monday 2 March: 3,
 * 4. */
static void C6_recollect_returned(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("changning", "2026-02-27T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    assert_int_equal(certify(ledger, "'accept'"), 0);
    change_to(ledger, ONE_ITEM, NULL);
    ledger_collect(ledger, "E1");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    assert_int_equal(certify(ledger, "'return','reasons':[{'reason':'缺少变更后的信息项'}]"), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "due");
    assert_int_equal(ledger_int(ledger, COLLECTION, "terms.recollect.due_ms"),
                     at("2026-03-05T00:00:00+08:00"));
    ledger_at_ms(ledger, at("2026-03-05T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at(ledger, "2026-03-05T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, COLLECTION, "recollect-overdue"));
    ledger_close(&ledger);
}

/* ---- refreshing and maintenance ---- */

#define REFRESH "refresh/" ALPHA "/E1"

static struct ledger *declared_at(const char *profile, const char *cycle, const char *when)
{
    struct ledger *ledger = with_duty(profile);
    if (when != NULL) {
        ledger_at(ledger, when);
    }
    AUTO(doc_free)
    struct doc *body = fixture_parse("{'code':'E1','entry':%s}",
                                     entry_text("社会组织信息", "unconditional", NULL));
    doc_set_text((struct doc *)(uintptr_t)doc_get(body, "entry"), "update", cycle);
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
    review(ledger, "E1", "'accept'");
    return ledger;
}

static struct ledger *declared(const char *profile, const char *cycle)
{
    return declared_at(profile, cycle, NULL);
}

static int refresh(struct ledger *ledger, const char *kid, const char *updates)
{
    return ledger_do(ledger, kid, "catalog.refresh", "{'entries':[%s]}", updates);
}

/* The day of the update does not count: of daily data the next is due by the end of the next day,
 * weekend or not; a month ends with the day of the same number, or the last. */
#define FRIDAY "2026-03-06T10:00:00+08:00"

static void C6_refresh(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *cycle, *updated, *due;
    } cases[] = {
        {"putuo", "daily", FRIDAY, "2026-03-08T00:00:00+08:00"},
        {"putuo", "weekly", FRIDAY, "2026-03-14T00:00:00+08:00"},
        {"putuo", "monthly", FRIDAY, "2026-04-07T00:00:00+08:00"},
        {"putuo", "quarterly", FRIDAY, "2026-06-07T00:00:00+08:00"},
        {"putuo", "yearly", FRIDAY, "2027-03-07T00:00:00+08:00"},
        {"changning", "daily", FRIDAY, "2026-03-08T00:00:00+08:00"},
        {"changning", "weekly", FRIDAY, "2026-03-14T00:00:00+08:00"},
        {"changning", "monthly", FRIDAY, "2026-04-07T00:00:00+08:00"},
        {"changning", "quarterly", FRIDAY, "2026-06-07T00:00:00+08:00"},
        {"changning", "yearly", FRIDAY, "2027-03-07T00:00:00+08:00"},
        {"shanghai-open", "daily", FRIDAY, "2026-03-08T00:00:00+08:00"},
        {"shanghai-open", "weekly", FRIDAY, "2026-03-14T00:00:00+08:00"},
        {"shanghai-open", "monthly", FRIDAY, "2026-04-07T00:00:00+08:00"},
        {"shanghai-open", "quarterly", FRIDAY, "2026-06-07T00:00:00+08:00"},
        {"shanghai-open", "yearly", FRIDAY, "2027-03-07T00:00:00+08:00"},
        {"putuo", "monthly", "2026-01-31T23:59:59.999+08:00", "2026-03-01T00:00:00+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = declared(cases[i].profile, cases[i].cycle);
        ledger_at(ledger, cases[i].updated);
        assert_int_equal(refresh(ledger, ALPHA "/gateway", "{'code':'E1','rows':1200}"), 0);
        assert_int_equal(ledger_int(ledger, REFRESH, "terms.refresh.due_ms"), at(cases[i].due));
        ledger_at(ledger, cases[i].due);
        assert_true(ledger_act_is(ledger, 0, REFRESH, "refresh-overdue"));
        assert_int_equal(refresh(ledger, ALPHA "/compile", "{'code':'E1'}"), 0);
        assert_true(doc_get_bool(ledger_get(ledger, REFRESH), "late", false));
        assert_true(ledger_int(ledger, REFRESH, "terms.refresh.due_ms") > at(cases[i].due));
        ledger_close(&ledger);
    }
}

/* Accepted on Friday 6 March, and nothing reported: daily data is overdue with the end of Saturday
 * the 7th where no collection is owed; under PT 15 that is owed first. */
static void C6_refresh_owed(void **state)
{
    (void)state;
    static const struct {
        const char *profile;
        bool owed;
    } cases[] = {{"changning", true}, {"shanghai-open", true}, {"putuo", false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = declared_at(cases[i].profile, "daily", FRIDAY);
        assert_int_equal(ledger_due(ledger, "refresh"), cases[i].owed);
        assert_int_equal(ledger_due(ledger, "collect"), !cases[i].owed);
        assert_int_equal(ledger_get(ledger, REFRESH) != NULL, cases[i].owed);
        ledger_at_ms(ledger, at("2026-03-08T00:00:00+08:00") - 1);
        assert_int_equal(doc_count(ledger->acts), 0);
        ledger_at(ledger, "2026-03-08T00:00:00+08:00");
        assert_int_equal(ledger_act_is(ledger, 0, REFRESH, "refresh-overdue"), cases[i].owed);
        assert_null(doc_get(ledger_get(ledger, REFRESH), "refreshed_ms"));
        assert_int_equal(refresh(ledger, ALPHA "/compile", "{'code':'E1'}"), 0);
        assert_int_equal(doc_get_bool(ledger_get(ledger, REFRESH), "late", false), cases[i].owed);
        ledger_close(&ledger);
    }
}

static void C6_static(void **state)
{
    (void)state;
    static const char *const without[] = {"realtime", "irregular", "static"};
    struct ledger *ledger = declared("putuo", "daily");
    assert_int_equal(refresh(ledger, ALPHA "/compile", "{'code':'E1'}"), 0);
    assert_int_equal(ledger_due(ledger, "refresh"), 1);
    /* PT 16: 根据目录中公共数据的更新频率. Not by the provider's word: by a change of the catalog,
     * which the center assesses (PT 14). */
    assert_int_equal(refresh(ledger, ALPHA "/compile", "{'code':'E1','ended':true}"),
                     ERR_FIELD_UNKNOWN);
    ledger->faults = (struct faults){0};
    change_to(ledger, NULL, "static");
    assert_string_equal(ledger_text(ledger, REFRESH, "status"), "static");
    assert_int_equal(ledger_due(ledger, "refresh"), 0);
    ledger_close(&ledger);
    for (size_t i = 0; i < COUNT_OF(without); i++) {
        ledger = declared("putuo", without[i]);
        assert_int_equal(refresh(ledger, ALPHA "/compile", "{'code':'E1'}"), 0);
        assert_int_equal(ledger_due(ledger, "refresh"), 0);
        ledger_close(&ledger);
    }
}

/* The first entry is accepted on 5 January 2026: until the end of 5 January 2027. */
static void C6_maintain(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_give_entry(ledger, "E1", "unconditional");
    ledger_at(ledger, "2026-06-01T10:00:00+08:00");
    ledger_give_entry(ledger, "E2", "unconditional");
    ledger_at_ms(ledger, at("2027-01-06T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, "maintenance/" ALPHA, "maintain-overdue"));
    ledger_at(ledger, "2027-01-06T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, "maintenance/" ALPHA, "maintain-overdue"));
    ledger_must(ledger, ALPHA "/compile", "catalog.maintain", "{'summary':'逐条核对，更新摘要'}");
    assert_true(doc_get_bool(ledger_get(ledger, "maintenance/" ALPHA), "late", false));
    assert_int_equal(ledger_int(ledger, "maintenance/" ALPHA, "terms.maintain.due_ms"),
                     at("2028-01-07T00:00:00+08:00"));
    ledger_close(&ledger);
}

#define REPORT                                                                                     \
    "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','authority':'市政府办公厅',"         \
    "'document':'00000000000000000000000000000000000000000000000000000000000000aa'}"

static int report(struct ledger *ledger, const char *kid)
{
    return ledger_do(ledger, kid, "catalog.report", REPORT, ledger_version(ledger, COLLECTION));
}

/* Of a refusal with no law the supervisor reports, once; of one that names the law nobody. */
static void C6_refusal_reported(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    assert_int_equal(report(ledger, SUPERVISOR "/approve"), ERR_STATUS); /* nothing refused yet */
    assert_int_equal(refuse(ledger, "{'reason':'涉密','basis':'保守国家秘密法第二十九条'}"), 0);
    assert_int_equal(report(ledger, SUPERVISOR "/approve"), ERR_STATUS);
    assert_int_equal(refuse(ledger, "{'reason':'本单位认为不便提供'}"), 0);
    assert_int_equal(report(ledger, CENTER "/review"), ERR_PARTY);
    assert_int_equal(report(ledger, SUPERVISOR "/approve"), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "reported.by"), SUPERVISOR);
    assert_int_equal(report(ledger, SUPERVISOR "/approve"), ERR_DUPLICATE);
    assert_int_equal(refuse(ledger, "{'reason':'仍不便提供'}"), 0);
    assert_int_equal(report(ledger, SUPERVISOR "/approve"), 0); /* of the second one too */
    ledger_close(&ledger);
}
