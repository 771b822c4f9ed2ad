/* Access records: no grant, no record; quotas by Beijing day; refusals. */
#include "access_steps.h"

/* ---- opening ---- */

static void an_access_is_opened(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = granted(NULL);
    assert_int_equal(open_as(ledger, BETA "/gateway", NULL), 0);
    /* What the throughput of the chain rests on: few records touched, four of them not there (no
     * halt, no measure, no hold, no recount of terms). */
    assert_in_range(ledger->reads, 1, 10);
    assert_int_equal(ledger->writes, 3); /* with the first call of the day: by which grant */
    (void)snprintf(key, sizeof key, "open/%s", ledger->txid);
    assert_string_equal(ledger_text(ledger, key, "grant"), id);
    assert_string_equal(ledger_text(ledger, key, "provider"), ALPHA);
    assert_string_equal(ledger_text(ledger, key, "consumer"), BETA);
    assert_int_equal(ledger_int(ledger, key, "expires_ms"),
                     at("2026-03-02T11:00:00+08:00")); /* the profile's hour */
    assert_int_equal(usage(ledger, "20260302", "calls"), 1);
    ledger_close(&ledger);
}

static void what_is_not_granted_is_not_opened(void **state)
{
    (void)state;
    static const struct {
        const char *kid, *extra;
        int error;
        const char *field;
    } cases[] = {
        {BETA "/gateway", "{'system':'其他系统'}", ERR_PURPOSE, "system"},
        {BETA "/gateway", "{'purpose':'商业营销'}", ERR_PURPOSE, "purpose"},
        {BETA "/gateway", "{'method':'file'}", ERR_NOT_GRANTED, "method"},
        {BETA "/gateway", "{'grant':'" HASH_B "'}", ERR_NOT_GRANTED, "grant"},
        {BETA "/gateway", "{'acts_on':'" HASH_B "'}", ERR_VERSION_STALE, "acts_on"},
        {GAMMA "/gateway", NULL, ERR_NOT_GRANTED, "grant"},
        {ALPHA "/gateway", NULL, ERR_NOT_GRANTED, "grant"},
        {BETA "/gateway", "{'operator':'张三'}", ERR_FIELD_FORMAT, "body.operator"},
    };
    struct ledger *ledger = granted(NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(open_as(ledger, cases[i].kid, cases[i].extra), cases[i].error);
        if (cases[i].error != ERR_FIELD_FORMAT) {
            assert_true(ledger_fault(ledger, cases[i].error, cases[i].field));
        }
    }
    assert_int_equal(open_as(ledger, BETA "/compile", NULL), ERR_TX_ROLE);
    assert_int_equal(ledger_count(ledger, "open/"), 0);
    assert_int_equal(ledger_count(ledger, "usage/"), 0);
    ledger_close(&ledger);
}

/* CESI 6.4.2, design §4: who uses the data, by a key in force that may open, never by a name. */
static void the_operator_is_a_key_that_may_open(void **state)
{
    (void)state;
    static const char *const unfit[] = {"zhang.san-13800138000", "compile", "chief", "gateway-3"};
    struct ledger *ledger = granted(NULL);
    ledger_must(ledger, BETA "/chief", "key.add",
                "{'name':'gateway-2','role':'gateway','public':'%s'}",
                fixture_public(BETA "/gateway-2"));
    ledger_must(ledger, ALPHA "/chief", "key.add",
                "{'name':'gateway-3','role':'gateway','public':'%s'}",
                fixture_public(ALPHA "/gateway-3"));
#define BY_SECOND "{'operator':'gateway-2'}"
    assert_int_equal(open_as(ledger, BETA "/gateway", BY_SECOND), ERR_OPERATOR); /* next block */
    ledger_at(ledger, "2026-03-02T10:10:00+08:00");
    for (size_t i = 0; i < COUNT_OF(unfit); i++) {
        char extra[80];
        (void)snprintf(extra, sizeof extra, "{'operator':'%s'}", unfit[i]);
        assert_int_equal(open_as(ledger, BETA "/gateway", extra), ERR_OPERATOR);
        assert_true(ledger_fault(ledger, ERR_OPERATOR, "operator"));
    }
    assert_int_equal(open_as(ledger, BETA "/gateway", BY_SECOND), 0);
    assert_int_equal(open_as(ledger, BETA "/gateway-2", NULL), 0);
    assert_int_equal(batch(ledger, 2, "{'parameters':'" HASH_A "'}"), 0);
    ledger_must(ledger, BETA "/chief", "key.retire",
                "{'name':'gateway-2','acts_on':'%s','reason':'岗位调整'}",
                ledger_version(ledger, "key/" BETA "/gateway-2"));
    assert_int_equal(open_as(ledger, BETA "/gateway", BY_SECOND), ERR_OPERATOR);
    /* Nor does a refusal carry a name; one by a key that is out of force may be on record. */
#define REFUSED                                                                                    \
    "{'grant':'%s','provider':'" ALPHA "','consumer':'" BETA "','operator':'%s',"                  \
    "'reason':'not-granted'}"
    assert_int_equal(ledger_do(ledger, BETA "/gateway", "access.refused", REFUSED, id, "zhang.san"),
                     ERR_OPERATOR);
    ledger_must(ledger, BETA "/gateway", "access.refused", REFUSED, id, "gateway-2");
    ledger_close(&ledger);
}

static void a_suspended_provider_gives_nothing(void **state)
{
    (void)state;
    struct ledger *ledger = granted(NULL);
    ledger_must(ledger, CENTER "/admin", "member.suspend",
                "{'member':'" ALPHA "','acts_on':'%s','reason':'安全事件'," NO_RISK "}",
                ledger_version(ledger, "member/" ALPHA));
    assert_int_equal(open_as(ledger, BETA "/gateway", NULL), ERR_NOT_GRANTED);
    assert_true(ledger_fault(ledger, ERR_NOT_GRANTED, "grant.provider"));
    ledger_close(&ledger);
}

/* PT 19 (四): authorised by the person, each time. */
static void a_grant_bound_to_the_persons_authorisation(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1",
                                "{'scenario':{'case':4,'description':'本人授权查询',"
                                "'restriction':'person-authorised'}}"),
                     0);
    assert_int_equal(open_as(ledger, BETA "/gateway", NULL), ERR_NOT_GRANTED);
    assert_true(ledger_fault(ledger, ERR_NOT_GRANTED, "authorisation"));
    static const char once[] = "{'authorisation':'" HASH_B "','rows_max':100}";
    assert_int_equal(open_as(ledger, BETA "/gateway", "{'authorisation':'" HASH_B "'}"),
                     ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "rows_max"));
    assert_int_equal(
        open_as(ledger, BETA "/gateway", "{'authorisation':'" HASH_B "','rows_max':101}"),
        ERR_FIELD_RANGE);
    assert_int_equal(open_as(ledger, BETA "/gateway", once), 0);
    assert_int_equal(open_as(ledger, BETA "/gateway", once), ERR_DUPLICATE); /* it is used up */
    assert_true(ledger_fault(ledger, ERR_DUPLICATE, "authorisation"));
    assert_int_equal(
        open_as(ledger, BETA "/gateway", "{'authorisation':'" HASH_A "','rows_max':1}"), 0);
    assert_int_equal(batch(ledger, 2, "{'parameters':'" HASH_A "','authorisation':'" HASH_B "'}"),
                     ERR_NOT_GRANTED);
    assert_true(ledger_fault(ledger, ERR_NOT_GRANTED, "calls"));
    ledger_close(&ledger);
}

/* ---- quotas, by Beijing day ---- */

static void calls_are_counted_by_day(void **state)
{
    (void)state;
    struct ledger *ledger = granted("{'quota':{'calls_per_day':3}}");
    ledger_at_ms(ledger, at("2026-03-03T00:00:00+08:00") - 1);
    assert_int_equal(open_as(ledger, BETA "/gateway", NULL), 0);
    assert_int_equal(batch(ledger, 2, "{'parameters':'" HASH_A "'}"), 0);
    assert_int_equal(open_as(ledger, BETA "/gateway", NULL), ERR_QUOTA);
    assert_true(ledger_fault(ledger, ERR_QUOTA, "quota.calls_per_day"));
    assert_int_equal(usage(ledger, "20260302", "calls"), 3);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00");
    assert_int_equal(batch(ledger, 4, "{'parameters':'" HASH_A "'}"), ERR_QUOTA);
    assert_int_equal(batch(ledger, 3, "{'parameters':'" HASH_A "'}"), 0);
    assert_int_equal(usage(ledger, "20260303", "calls"), 3);
    ledger_close(&ledger);
}

static void rows_and_bytes_close_the_day(void **state)
{
    (void)state;
    static const struct {
        const char *quota, *field; /* each access: 10 rows, 1000 bytes */
    } cases[] = {{"{'quota':{'rows_per_day':20}}", "quota.rows_per_day"},
                 {"{'quota':{'bytes_per_day':2000}}", "quota.bytes_per_day"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = granted(cases[i].quota);
        for (int k = 0; k < 2; k++) {
            char open[2 * HASH_BYTES + 1];
            assert_int_equal(open_as(ledger, BETA "/gateway", NULL), 0);
            memcpy(open, ledger->txid, sizeof open);
            assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 10), 0);
            assert_int_equal(receipt(ledger, BETA "/gateway", open, "consumer", HASH_A, 10), 0);
        }
        assert_int_equal(open_as(ledger, BETA "/gateway", NULL), ERR_QUOTA);
        assert_true(ledger_fault(ledger, ERR_QUOTA, cases[i].field));
        assert_int_equal(ledger->faults.count, 1);
        ledger_at(ledger, "2026-03-03T10:00:00+08:00");
        assert_int_equal(open_as(ledger, BETA "/gateway", NULL), 0);
        ledger_close(&ledger);
    }
}

/* Opened side by side, before any receipt: the quota of the day is there once, not once for each.
 */
static void opens_side_by_side_share_the_quota(void **state)
{
    (void)state;
    static const struct {
        const char *quota, *third, *two_thirds, *half, *field, *reserved;
    } cases[] = {{"{'quota':{'rows_per_day':30}}", "{'rows_max':10}", "{'rows_max':20}",
                  "{'rows_max':15}", "quota.rows_per_day", "rows_reserved"},
                 {"{'quota':{'bytes_per_day':3000}}", "{'bytes_max':1000}", "{'bytes_max':2000}",
                  "{'bytes_max':1500}", "quota.bytes_per_day", "bytes_reserved"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char open[3][2 * HASH_BYTES + 1];
        struct ledger *ledger = granted(cases[i].quota);
        int64_t unit = i == 0 ? 10 : 1000; /* what a receipt of 10 rows, 1000 bytes states */
        assert_int_equal(open_kept(ledger, open[0], cases[i].third), 0);
        assert_int_equal(open_kept(ledger, open[1], NULL), 0); /* the rest */
        assert_int_equal(usage(ledger, "20260302", cases[i].reserved), 3 * unit);
        assert_int_equal(open_as(ledger, BETA "/gateway", NULL), ERR_QUOTA);
        assert_true(ledger_fault(ledger, ERR_QUOTA, cases[i].field));
        assert_int_equal(open_as(ledger, BETA "/gateway", cases[i].third), ERR_QUOTA);
        assert_int_equal(batch(ledger, 2, "{'parameters':'" HASH_A "'}"), ERR_QUOTA);
        /* The provider's word gives back what did not leave; the consumer's is not needed. */
        assert_int_equal(receipt(ledger, BETA "/gateway", open[1], "consumer", HASH_A, 10), 0);
        assert_int_equal(open_as(ledger, BETA "/gateway", cases[i].third), ERR_QUOTA);
        assert_int_equal(receipt(ledger, ALPHA "/gateway", open[1], "provider", HASH_A, 10), 0);
        assert_int_equal(usage(ledger, "20260302", cases[i].reserved), unit);
        assert_int_equal(open_as(ledger, BETA "/gateway", cases[i].half), ERR_QUOTA);
        assert_int_equal(open_as(ledger, BETA "/gateway", cases[i].two_thirds), ERR_QUOTA);
        assert_int_equal(open_kept(ledger, open[2], cases[i].third), 0);
        assert_int_equal(open_as(ledger, BETA "/gateway", NULL), ERR_QUOTA);
        /* Expired without a word of the provider, they keep their share: it may have left. */
        ledger_at(ledger, "2026-03-02T23:00:00+08:00");
        assert_int_equal(open_as(ledger, BETA "/gateway", NULL), ERR_QUOTA);
        ledger_at(ledger, "2026-03-03T10:00:00+08:00");
        assert_int_equal(open_as(ledger, BETA "/gateway", NULL), 0);
        /* A receipt of the day before settles that day. */
        assert_int_equal(receipt(ledger, ALPHA "/gateway", open[0], "provider", HASH_A, 10), 0);
        assert_int_equal(receipt(ledger, ALPHA "/gateway", open[2], "provider", HASH_A, 10), 0);
        assert_int_equal(usage(ledger, "20260302", cases[i].reserved), 0);
        assert_int_equal(usage(ledger, "20260302", i == 0 ? "rows" : "bytes"), 3 * unit);
        assert_int_equal(usage(ledger, "20260303", cases[i].reserved), 3 * unit);
        ledger_close(&ledger);
    }
}

/* What an open may carry stands in its record, for the provider's gateway to keep to. */
static void an_open_says_what_it_may_carry(void **state)
{
    (void)state;
    char open[2 * HASH_BYTES + 1], key[100];
    struct ledger *ledger = granted("{'quota':{'bytes_per_day':3000}}");
    assert_int_equal(open_kept(ledger, open, "{'rows_max':7,'bytes_max':1000}"), 0);
    (void)snprintf(key, sizeof key, "open/%s", open);
    assert_int_equal(ledger_int(ledger, key, "rows_max"), 7); /* bounded, though no quota asks */
    assert_int_equal(ledger_int(ledger, key, "bytes_max"), 1000);
    assert_int_equal(open_kept(ledger, open, NULL), 0);
    (void)snprintf(key, sizeof key, "open/%s", open);
    assert_null(doc_get(ledger_get(ledger, "%s", key), "rows_max"));
    assert_int_equal(ledger_int(ledger, key, "bytes_max"), 2000);
    assert_int_equal(usage(ledger, "20260302", "rows_reserved"), 0);
    assert_int_equal(open_as(ledger, BETA "/gateway", "{'bytes_max':0}"), ERR_FIELD_RANGE);
    ledger_close(&ledger);
}

/* ---- refusals (D10) ---- */

static void a_refused_access_is_on_record(void **state)
{
    (void)state;
    struct ledger *ledger = granted(NULL);
    assert_int_equal(ledger_do(ledger, GAMMA "/gateway", "access.refused",
                               "{'grant':'%s','provider':'" ALPHA "','consumer':'" BETA
                               "','reason':'off-purpose'}",
                               id),
                     ERR_PARTY);
    ledger_must(ledger, ALPHA "/gateway", "access.refused",
                "{'grant':'%s','provider':'" ALPHA "','consumer':'" BETA
                "','purpose':'商业营销','reason':'off-purpose'}",
                id);
    ledger_must(ledger, BETA "/gateway", "access.refused",
                "{'grant':'%s','provider':'" ALPHA "','consumer':'" BETA "','reason':'over-quota'}",
                id);
    assert_int_equal(usage(ledger, "20260302", "refused"), 2);
    assert_int_equal(usage(ledger, "20260302", "calls"), 0);
    /* Without a grant it is in the log all the same. */
    ledger_must(ledger, ALPHA "/gateway", "access.refused",
                "{'provider':'" ALPHA "','consumer':'" GAMMA "','reason':'not-granted'}");
    assert_int_equal(ledger_do(ledger, ALPHA "/gateway", "access.refused",
                               "{'grant':'%s','provider':'" ALPHA "','consumer':'" GAMMA
                               "','reason':'not-granted'}",
                               id),
                     ERR_SUBJECT); /* another's grant */
    assert_int_equal(ledger_do(ledger, ALPHA "/gateway", "access.refused",
                               "{'grant':'" HASH_B "','provider':'" ALPHA "','consumer':'" BETA
                               "','reason':'not-granted'}"),
                     ERR_SUBJECT); /* no such grant */
    assert_int_equal(ledger_do(ledger, ALPHA "/gateway", "access.refused",
                               "{'provider':'" ALPHA "','consumer':'" NEWCOMER
                               "','reason':'not-granted'}"),
                     ERR_SUBJECT);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_access_is_opened),
        cmocka_unit_test(what_is_not_granted_is_not_opened),
        cmocka_unit_test(the_operator_is_a_key_that_may_open),
        cmocka_unit_test(a_suspended_provider_gives_nothing),
        cmocka_unit_test(a_grant_bound_to_the_persons_authorisation),
        cmocka_unit_test(calls_are_counted_by_day),
        cmocka_unit_test(rows_and_bytes_close_the_day),
        cmocka_unit_test(opens_side_by_side_share_the_quota),
        cmocka_unit_test(an_open_says_what_it_may_carry),
        cmocka_unit_test(a_refused_access_is_on_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
