/* Grants: the agreement of both sides, suspension and restoration, the three ways they end. */
#include "rules_fixture.h"

static char id[2 * HASH_BYTES + 1];

static const char *grant_text(struct ledger *ledger, const char *path)
{
    char key[100];
    (void)snprintf(key, sizeof key, "grant/%s", id);
    return ledger_text(ledger, key, path);
}

static int act(struct ledger *ledger, const char *kid, const char *type)
{
    bool reports = strcmp(type, "grant.suspend") == 0 || strcmp(type, "grant.terminate") == 0;
    return ledger_do(ledger, kid, type, "{'grant':'%s','acts_on':'%s','reason':'试验理由'%s}", id,
                     ledger_version(ledger, "grant/%s", id), reports ? "," RISK_REPORT : "");
}

static int sign(struct ledger *ledger, const char *kid, char digit)
{
    char digest[2 * HASH_BYTES + 1];
    memset(digest, digit, sizeof digest - 1);
    digest[sizeof digest - 1] = 0;
    return ledger_do(ledger, kid, "agreement.sign",
                     "{'grant':'%s','acts_on':'%s','digest':'%s',"
                     "'contains':['safeguards','confidentiality'],"
                     "'form':'00000000000000000000000000000000000000000000000000000000000000ff'}",
                     id, ledger_version(ledger, "grant/%s", id), digest);
}

static struct ledger *awaiting_agreement(void)
{
    struct ledger *ledger = ledger_open("changning");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s'," APPROVED "}", id,
                ledger_version(ledger, "request/%s", id));
    return ledger;
}

static int open_access(struct ledger *ledger)
{
    return ledger_do(
        ledger, BETA "/gateway", "access.open",
        "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统','operator':'gateway',"
        "'purpose':'一网通办：社会组织登记核验','method':'service',"
        "'parameters':"
        "'00000000000000000000000000000000000000000000000000000000000000aa'}",
        id, ledger_version(ledger, "grant/%s", id));
}

/* CN 17: no data before both sides have signed the same text. */
static void both_sides_sign_the_same_text(void **state)
{
    (void)state;
    struct ledger *ledger = awaiting_agreement();
    assert_string_equal(grant_text(ledger, "status"), "agreement");
    assert_int_equal(open_access(ledger), ERR_NOT_GRANTED);
    assert_int_equal(sign(ledger, GAMMA "/chief", 'a'), ERR_PARTY);
    assert_int_equal(sign(ledger, BETA "/compile", 'a'), ERR_TX_ROLE);
    assert_int_equal(sign(ledger, BETA "/chief", 'a'), 0);
    assert_string_equal(grant_text(ledger, "status"), "agreement");
    assert_int_equal(sign(ledger, ALPHA "/chief", 'b'), ERR_AGREEMENT); /* two texts */
    assert_true(ledger_fault(ledger, ERR_AGREEMENT, "digest"));
    assert_string_equal(grant_text(ledger, "status"), "agreement");
    assert_int_equal(open_access(ledger), ERR_NOT_GRANTED);
    assert_int_equal(sign(ledger, ALPHA "/chief", 'a'), 0);
    assert_string_equal(grant_text(ledger, "status"), "active");
    assert_string_equal(grant_text(ledger, "agreement.provider.tx"), ledger->txid);
    assert_int_equal(sign(ledger, BETA "/chief", 'c'), ERR_STATUS);
    assert_int_equal(open_access(ledger), 0);
    ledger_close(&ledger);
}

/* One side alone, signing twice, is still one side. */
static void one_side_is_not_two(void **state)
{
    (void)state;
    struct ledger *ledger = awaiting_agreement();
    assert_int_equal(sign(ledger, BETA "/chief", 'a'), 0);
    assert_int_equal(sign(ledger, BETA "/chief", 'a'), 0);
    assert_string_equal(grant_text(ledger, "status"), "agreement");
    ledger_close(&ledger);
}

/* Who signed first may sign another text, until the other side has signed. */
static void the_first_may_sign_another_text(void **state)
{
    (void)state;
    struct ledger *ledger = awaiting_agreement();
    assert_int_equal(sign(ledger, BETA "/chief", 'a'), 0);
    assert_int_equal(sign(ledger, BETA "/chief", 'b'), 0);
    assert_int_equal(sign(ledger, ALPHA "/chief", 'a'), ERR_AGREEMENT);
    assert_int_equal(sign(ledger, ALPHA "/chief", 'b'), 0);
    assert_string_equal(grant_text(ledger, "status"), "active");
    ledger_close(&ledger);
}

/* OPEN 20 lists what the text contains; CN 17 has the stamped form with it. All faults at once. */
static void what_an_agreement_must_contain(void **state)
{
    (void)state;
    struct ledger *ledger = awaiting_agreement();
    assert_int_equal(
        ledger_do(ledger, BETA "/chief", "agreement.sign",
                  "{'grant':'%s','acts_on':'%s','contains':['safeguards'],'digest':"
                  "'00000000000000000000000000000000000000000000000000000000000000aa'}",
                  id, ledger_version(ledger, "grant/%s", id)),
        ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "contains.confidentiality"));
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "form"));
    assert_int_equal(ledger->faults.count, 2);
    assert_int_equal(ledger_policy(ledger, "agreement",
                                   "{'required':true,'contents':['scenario','usage-reports',"
                                   "'safeguards','liability'],'clause':'OPEN 20'}"),
                     0);
    assert_int_equal(sign(ledger, BETA "/chief", 'a'), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "contains.scenario"));
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "contains.usage-reports"));
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "contains.liability"));
    assert_string_equal(grant_text(ledger, "status"), "agreement");
    ledger_close(&ledger);
}

static void the_consumer_ends_it(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_grant(ledger, id, NULL);
    assert_int_equal(ledger_count(ledger, "live/" ALPHA "/E1/"), 1);
    assert_int_equal(act(ledger, GAMMA "/compile", "grant.end"), ERR_PARTY);
    assert_int_equal(act(ledger, BETA "/gateway", "grant.end"), ERR_TX_ROLE);
    assert_int_equal(act(ledger, BETA "/compile", "grant.end"), 0);
    assert_string_equal(grant_text(ledger, "status"), "ended");
    assert_string_equal(grant_text(ledger, "last_act.by"), BETA);
    assert_int_equal(ledger_count(ledger, "live/"), 0);
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    assert_int_equal(act(ledger, BETA "/compile", "grant.end"), ERR_STATUS);
    assert_int_equal(act(ledger, CENTER "/review", "grant.terminate"), ERR_STATUS);
    assert_int_equal(open_access(ledger), ERR_NOT_GRANTED);
    ledger_close(&ledger);
}

static void suspension_and_restoration(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_grant(ledger, id, NULL);
    assert_int_equal(act(ledger, GAMMA "/review", "grant.suspend"), ERR_PARTY);
    assert_int_equal(act(ledger, BETA "/approve", "grant.suspend"), ERR_TX_ROLE);
    assert_int_equal(act(ledger, ALPHA "/review", "grant.suspend"), ERR_PARTY);
    assert_int_equal(act(ledger, CENTER "/approve", "grant.suspend"), ERR_TX_ROLE);
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore"), ERR_STATUS);
    /* By the center (PT 31): only the center lifts it. */
    assert_int_equal(act(ledger, CENTER "/review", "grant.suspend"), 0);
    assert_string_equal(grant_text(ledger, "status"), "suspended");
    assert_int_equal(open_access(ledger), ERR_NOT_GRANTED);
    assert_true(ledger_fault(ledger, ERR_NOT_GRANTED, "grant.status.suspended"));
    assert_int_equal(act(ledger, ALPHA "/review", "grant.restore"), ERR_PARTY);
    assert_int_equal(act(ledger, CENTER "/review", "grant.suspend"), ERR_STATUS);
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore"), 0);
    assert_int_equal(open_access(ledger), 0);
    assert_string_equal(grant_text(ledger, "status"), "active");
    ledger_close(&ledger);
}

static void termination(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_grant(ledger, id, NULL);
    assert_int_equal(act(ledger, CENTER "/review", "grant.suspend"), 0);
    assert_int_equal(act(ledger, CENTER "/review", "grant.terminate"), 0);
    assert_string_equal(grant_text(ledger, "status"), "terminated");
    assert_int_equal(ledger_count(ledger, "live/"), 0);
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    /* The hold outlasts it, and is lifted without it. */
    assert_int_equal(ledger_count(ledger, "bar/"), 1);
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore"), 0);
    assert_int_equal(ledger_count(ledger, "bar/"), 0);
    assert_string_equal(grant_text(ledger, "status"), "terminated");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore"), ERR_STATUS);
    ledger_close(&ledger);
}

/* A grant lasts until 24:00 Beijing time of its last day, to the millisecond. */
static void it_expires_at_the_end_of_its_last_day(void **state)
{
    (void)state;
    char subject[100];
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_grant(ledger, id, "{'until':'2026-03-31'}");
    (void)snprintf(subject, sizeof subject, "grant/%s", id);
    ledger_at_ms(ledger, at("2026-04-01T00:00:00+08:00") - 1);
    assert_int_equal(open_access(ledger), 0);
    ledger_at(ledger, "2026-04-01T00:00:00+08:00");
    assert_string_equal(grant_text(ledger, "status"), "expired");
    assert_true(ledger_act_is(ledger, 0, subject, "expired"));
    assert_int_equal(open_access(ledger), ERR_NOT_GRANTED);
    assert_true(ledger_fault(ledger, ERR_NOT_GRANTED, "grant.status.expired"));
    assert_int_equal(ledger_count(ledger, "live/"), 0);
    assert_int_equal(act(ledger, BETA "/compile", "grant.end"), ERR_STATUS);
    ledger_close(&ledger);
}

/* An outage prolongs no right to data, and a suspended grant expires like any other. */
static void no_outage_prolongs_a_grant(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_grant(ledger, id, "{'until':'2026-03-31'}");
    assert_int_equal(act(ledger, CENTER "/review", "grant.suspend"), 0);
    ledger_at(ledger, "2026-03-31T20:00:00+08:00");
    ledger_after_gap(ledger, "2026-04-01T09:00:00+08:00");
    assert_string_equal(grant_text(ledger, "status"), "expired");
    ledger_close(&ledger);
}

/* What ends with its entry owes nobody a signature any more. */
static void what_ends_with_its_entry_leaves_nothing(void **state)
{
    (void)state;
    struct ledger *ledger = awaiting_agreement();
    assert_int_equal(sign(ledger, BETA "/chief", 'a'), 0);
    assert_string_equal(grant_text(ledger, "unsigned"), ALPHA);
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept','plan':"
                "'00000000000000000000000000000000000000000000000000000000000000ee'}",
                ledger_version(ledger, "change/" ALPHA "/E1"));
    ledger_at_ms(ledger, civil_day_start(civil_day(ledger->time_ms) + 1));
    assert_string_equal(grant_text(ledger, "status"), "terminated");
    assert_string_equal(grant_text(ledger, "unsigned"), "");
    assert_int_equal(ledger_due(ledger, "expiry"), 0);
    assert_int_equal(ledger_count(ledger, "live/"), 0);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_sign_the_same_text),
        cmocka_unit_test(one_side_is_not_two),
        cmocka_unit_test(the_first_may_sign_another_text),
        cmocka_unit_test(what_an_agreement_must_contain),
        cmocka_unit_test(the_consumer_ends_it),
        cmocka_unit_test(suspension_and_restoration),
        cmocka_unit_test(termination),
        cmocka_unit_test(it_expires_at_the_end_of_its_last_day),
        cmocka_unit_test(no_outage_prolongs_a_grant),
        cmocka_unit_test(what_ends_with_its_entry_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
