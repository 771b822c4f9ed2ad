/* A profile that is silent where the one before it was not: nothing new begins, and what began ends
 * as it would have. Dates are literals, worked out by hand. */
#include "rules_fixture.h"

#include "chain/rules/records.h"

#include "base/memory.h"

static char request[2 * HASH_BYTES + 1];

/* What is on the table only because a district has it: none of these is in every profile. */
static const char *const optional[] = {
    "applicants", "certificate", "collect",   "compile",  "disclosure", "dispute",       "disuse",
    "evaluate",   "feedback",    "fusion",    "maintain", "measures",   "need",          "notices",
    "objection",  "onward",      "open_list", "quality",  "recollect",  "rectification", "refresh",
    "ruling",     "supplement",  "update",    "upper",    "warnings",   "quality_answer"};

/* Publishes the profile in force without any of them. */
static void publish_silence(struct ledger *ledger, const char *time)
{
    ledger_at(ledger, time);
    AUTO(doc_free) struct doc *now = doc_ref(doc_get(ledger_get(ledger, "profile"), "profile"));
    AUTO(doc_free) struct doc *body = doc_new_object();
    struct doc *profile = record_edit(now), *answer = record_edit(doc_get(now, "answer"));
    for (size_t i = 0; i < COUNT_OF(optional); i++) {
        doc_remove(profile, optional[i]);
    }
    doc_set_text(answer, "silence", "approve"); /* or somebody would have to rule */
    doc_set(profile, "answer", answer);
    doc_set(body, "profile", profile);
    doc_set_text(body, "acts_on", ledger_text(ledger, "profile", "version"));
    doc_set_text(body, "reason", "简化");
    ledger->faults = (struct faults){0};
    assert_int_equal(fixture_submit(ledger, CENTER "/admin", "profile.publish", body), 0);
}

static const char *grant_text(struct ledger *ledger, const char *id, const char *path)
{
    char key[100];
    (void)snprintf(key, sizeof key, "grant/%s", id);
    return ledger_text(ledger, key, path);
}

static int object(struct ledger *ledger, const char *id)
{
    return ledger_do(ledger, BETA "/compile", "grant.object",
                     "{'grant':'%s','acts_on':'%s','reason':'年度核验在即'}", id,
                     ledger_version(ledger, "grant/%s", id));
}

static void unused_grants_end_as_they_began(void **state)
{
    (void)state;
    char objected[2 * HASH_BYTES + 1], silent[2 * HASH_BYTES + 1], used[2 * HASH_BYTES + 1],
        unused[2 * HASH_BYTES + 1], later[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-01-15T10:00:00+08:00");
    ledger_give_grant(ledger, objected, NULL);
    ledger_give_grant(ledger, silent, NULL);
    ledger_at(ledger, "2026-03-01T10:00:00+08:00");
    ledger_give_grant(ledger, used, NULL);
    ledger_give_grant(ledger, unused, NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00"); /* the first two were last not used in time */
    publish_silence(ledger, "2026-04-20T10:00:00+08:00");
    assert_string_equal(grant_text(ledger, objected, "status"), "suspended");
    ledger_give_grant(ledger, later, NULL);
    assert_int_equal(object(ledger, later), ERR_POLICY); /* nothing of it is in force any more */
    /* An objection is heard, and no new term begins. 30 days from 16 April end on 16 May. */
    ledger_at_ms(ledger, at("2026-05-17T00:00:00+08:00") - 1);
    assert_int_equal(object(ledger, objected), 0);
    assert_string_equal(grant_text(ledger, objected, "status"), "active");
    assert_string_equal(grant_text(ledger, silent, "status"), "suspended");
    ledger_must(ledger, BETA "/gateway", "access.open",
                "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统','operator':'gateway',"
                "'purpose':'一网通办：社会组织登记核验','method':'service','parameters':"
                "'00000000000000000000000000000000000000000000000000000000000000aa'}",
                used, ledger_version(ledger, "grant/%s", used));
    char open[sizeof used];
    memcpy(open, ledger->txid, sizeof open);
    ledger_must(ledger, ALPHA "/gateway", "access.receipt",
                "{'open':'%s','side':'provider','rows':1,'bytes':80,'result':'complete','digest':"
                "'00000000000000000000000000000000000000000000000000000000000000dd'}",
                open);
    assert_int_equal(ledger_due(ledger, "disuse"), 1); /* of the one that stays unused */
    ledger_at(ledger, "2026-05-17T00:00:00+08:00");
    assert_string_equal(grant_text(ledger, silent, "status"), "terminated");
    /* What ran on ends as it would have: the last day is 1 June; 30 days more end on 1 July. */
    ledger_at_ms(ledger, at("2026-06-02T00:00:00+08:00") - 1);
    assert_string_equal(grant_text(ledger, unused, "status"), "active");
    ledger_at(ledger, "2026-06-02T00:00:00+08:00");
    assert_string_equal(grant_text(ledger, unused, "status"), "suspended");
    assert_int_equal(doc_get_int(doc_at(ledger->acts, doc_count(ledger->acts) - 1), "due_ms", 0),
                     at("2026-07-03T00:00:00+08:00"));
    char key[100];
    (void)snprintf(key, sizeof key, "grant/%s", unused);
    assert_int_equal(ledger_int(ledger, key, "terms.objection.profile_ms"),
                     at("2026-01-05T09:00:00+08:00"));
    ledger_at_ms(ledger, at("2026-07-03T00:00:00+08:00") - 1);
    assert_string_equal(grant_text(ledger, unused, "status"), "suspended");
    ledger_at(ledger, "2026-07-03T00:00:00+08:00");
    assert_string_equal(grant_text(ledger, unused, "status"), "terminated");
    assert_string_equal(grant_text(ledger, used, "status"), "active");
    assert_string_equal(grant_text(ledger, objected, "status"), "active");
    assert_string_equal(grant_text(ledger, later, "status"), "active");
    ledger_close(&ledger);
}

#define REFUSE                                                                                     \
    "'decision':'refuse','grounds':{'reasons':['数据尚在核查'],"                             \
    "'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}"

/* Negotiated in 普陀, silent in 长宁: whoever would have ruled rules. */
static void disputes_are_ruled_on_all_the_same(void **state)
{
    (void)state;
    static const char *const profiles[] = {"putuo", "changning"};
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        char dispute[2 * HASH_BYTES + 1];
        struct ledger *ledger = ledger_open(profiles[i]);
        ledger_at(ledger, "2026-03-02T10:00:00+08:00");
        ledger_give_entry(ledger, "E1", "authorised");
        assert_int_equal(ledger_ask(ledger, request, "E1", NULL), 0);
        memcpy(dispute, request, sizeof dispute);
        if (i == 0) {
            ledger_must(ledger, ALPHA "/approve", "request.answer",
                        "{'request':'%s','acts_on':'%s'," REFUSE "}", request,
                        ledger_version(ledger, "request/%s", request));
            ledger_must(ledger, BETA "/compile", "dispute.raise",
                        "{'request':'%s','acts_on':'%s','kind':'refusal','reason':'持有异议'}",
                        request, ledger_version(ledger, "request/%s", request));
            memcpy(dispute, ledger->txid, sizeof dispute);
        }
        publish_silence(ledger, "2026-03-04T10:00:00+08:00");
        /* 长宁, ten days from Monday 2 March: 3 4 5 6, 9 10 11 12 13, 16. */
        ledger_at(ledger, "2026-03-17T00:00:00+08:00");
        if (i == 0) {
            static const char *const sides[] = {BETA "/compile", ALPHA "/approve"};
            for (size_t side = 0; side < COUNT_OF(sides); side++) {
                ledger_must(
                    ledger, sides[side], "dispute.refer",
                    "{'dispute':'%s','acts_on':'%s','reason':'协商不成',"
                    "'minutes':'00000000000000000000000000000000000000000000000000000000000000dd'}",
                    dispute, ledger_version(ledger, "dispute/%s", dispute));
            }
        }
        ledger_must(ledger, SUPERVISOR "/approve", "dispute.rule",
                    "{'dispute':'%s','acts_on':'%s','decision':'as-asked','reason':'应予共享'}",
                    dispute, ledger_version(ledger, "dispute/%s", dispute));
        assert_non_null(ledger_get(ledger, "grant/%s", request));
        /* And no new one is raised. */
        assert_int_equal(ledger_do(ledger, BETA "/compile", "dispute.raise",
                                   "{'request':'%s','acts_on':'%s','kind':'terms',"
                                   "'reason':'持有异议'}",
                                   request, ledger_version(ledger, "request/%s", request)),
                         ERR_POLICY);
        ledger_close(&ledger);
    }
}

/* CN 10: the year that began is concluded, and no other begins. */
static void a_year_of_maintenance_is_concluded(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "unconditional");
    assert_int_equal(ledger_due(ledger, "maintain"), 1);
    publish_silence(ledger, "2026-04-20T10:00:00+08:00");
    const char *done = "{'summary':'已全面核对目录'}";
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.maintain", "%s", done), 0);
    assert_int_equal(ledger_due(ledger, "maintain"), 0);
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.maintain", "%s", done),
                     ERR_POLICY);
    ledger_close(&ledger);
}

/* Which profile a section is taken from: the last that had it; and one that has it again is the
 * one.
 */
static void the_last_that_had_it_counts(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-01-15T10:00:00+08:00");
    ledger_give_grant(ledger, request, NULL);
    char second[2 * HASH_BYTES + 1];
    ledger_give_grant(ledger, second, NULL);
    ledger_at(ledger, "2026-04-01T10:00:00+08:00");
    assert_int_equal(ledger_policy(ledger, "objection", "{'calendar_days':10,'clause':'PT 26'}"),
                     0);
    publish_silence(ledger, "2026-04-02T10:00:00+08:00");
    assert_int_equal(ledger_policy(ledger, "collect", "{'days':8,'clause':'PT 15'}"), 0);
    assert_int_equal(ledger_int(ledger, "profile", "past.objection"),
                     at("2026-04-01T10:00:00+08:00"));
    assert_int_equal(ledger_int(ledger, "profile", "past.collect"), -1); /* it is back */
    assert_int_equal(ledger_int(ledger, "profile", "past.answer"), -1);  /* it was never away */
    ledger_at(ledger, "2026-04-16T00:00:00+08:00"); /* ten days: 17 to 26 April */
    assert_string_equal(grant_text(ledger, request, "status"), "suspended");
    ledger_at_ms(ledger, at("2026-04-27T00:00:00+08:00") - 1);
    assert_string_equal(grant_text(ledger, request, "status"), "suspended");
    ledger_at(ledger, "2026-04-27T00:00:00+08:00");
    assert_string_equal(grant_text(ledger, request, "status"), "terminated");
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unused_grants_end_as_they_began),
        cmocka_unit_test(disputes_are_ruled_on_all_the_same),
        cmocka_unit_test(a_year_of_maintenance_is_concluded),
        cmocka_unit_test(the_last_that_had_it_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
