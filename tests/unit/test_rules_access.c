/* Access records: no grant, no record; quotas; receipts of both sides; what does not match stays.
 */
#include "rules_fixture.h"

static char id[2 * HASH_BYTES + 1];

#define SYSTEM "一网通办受理系统"
#define PURPOSE "一网通办：社会组织登记核验"
#define HASH_A "00000000000000000000000000000000000000000000000000000000000000aa"
#define HASH_B "00000000000000000000000000000000000000000000000000000000000000bb"

static struct ledger *granted(const char *extra)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_grant(ledger, id, extra);
    return ledger;
}

/* `extra` replaces members of the body. */
static int open_as(struct ledger *ledger, const char *kid, const char *extra)
{
    AUTO(doc_free)
    struct doc *body =
        fixture_parse("{'grant':'%s','acts_on':'%s','system':'" SYSTEM "','operator':'gateway',"
                      "'purpose':'" PURPOSE "','method':'service','parameters':'" HASH_A "'}",
                      id, ledger_version(ledger, "grant/%s", id));
    fixture_merge(body, "%s", extra == NULL ? "{}" : extra);
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, kid, "access.open", body);
}

static int batch(struct ledger *ledger, size_t calls, const char *call)
{
    AUTO(buf_free) struct buf list = {0};
    for (size_t i = 0; i < calls; i++) {
        buf_append_format(&list, "%s%s", i == 0 ? "" : ",", call);
    }
    return ledger_do(ledger, BETA "/gateway", "access.batch",
                     "{'grant':'%s','acts_on':'%s','system':'" SYSTEM "','operator':'gateway',"
                     "'purpose':'" PURPOSE "','method':'service','calls':[%s]}",
                     id, ledger_version(ledger, "grant/%s", id), buf_text(&list));
}

static int receipt(struct ledger *ledger, const char *kid, const char *open, const char *side,
                   const char *digest, int rows)
{
    return ledger_do(ledger, kid, "access.receipt",
                     "{'open':'%s','side':'%s','digest':'%s','rows':%d,'bytes':1000,"
                     "'result':'complete'}",
                     open, side, digest, rows);
}

static int64_t usage(struct ledger *ledger, const char *day, const char *name)
{
    char key[100];
    (void)snprintf(key, sizeof key, "usage/%s/%s", id, day);
    return doc_get_int(ledger_get(ledger, "%s", key), name, 0);
}

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

/* The same, with an id that outlives the next transaction. */
static int open_kept(struct ledger *ledger, char open[2 * HASH_BYTES + 1], const char *extra)
{
    int error = open_as(ledger, BETA "/gateway", extra);
    memcpy(open, ledger->txid, 2 * HASH_BYTES + 1);
    return error;
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

/* ---- receipts ---- */

static void two_equal_receipts_close_it(void **state)
{
    (void)state;
    char open[2 * HASH_BYTES + 1], key[100];
    struct ledger *ledger = granted(NULL);
    assert_int_equal(open_as(ledger, BETA "/gateway", NULL), 0);
    memcpy(open, ledger->txid, sizeof open);
    (void)snprintf(key, sizeof key, "open/%s", open);
    assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "consumer", HASH_A, 5), ERR_PARTY);
    assert_int_equal(receipt(ledger, GAMMA "/gateway", open, "provider", HASH_A, 5), ERR_PARTY);
    assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 5), 0);
    assert_string_equal(ledger_text(ledger, key, "provider_receipt.tx"), ledger->txid);
    assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 5), ERR_DUPLICATE);
    ledger_at(ledger, "2026-03-03T00:10:00+08:00"); /* counts for the day it was opened */
    assert_int_equal(receipt(ledger, BETA "/gateway", open, "consumer", HASH_A, 5), 0);
    assert_null(ledger_get(ledger, "%s", key));
    assert_int_equal(ledger_count(ledger, "mismatch/"), 0);
    assert_int_equal(usage(ledger, "20260302", "closed"), 1);
    assert_int_equal(usage(ledger, "20260302", "rows"), 5);
    assert_int_equal(usage(ledger, "20260302", "bytes"), 1000);
    assert_int_equal(usage(ledger, "20260303", "closed"), 0);
    assert_int_equal(receipt(ledger, BETA "/gateway", open, "consumer", HASH_A, 5), ERR_SUBJECT);
    ledger_close(&ledger);
}

static void what_differs_stays_for_reconciliation(void **state)
{
    (void)state;
    static const struct {
        const char *digest;
        int rows;
    } cases[] = {{HASH_B, 5}, {HASH_A, 4}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char open[2 * HASH_BYTES + 1], key[100];
        struct ledger *ledger = granted(NULL);
        assert_int_equal(open_as(ledger, BETA "/gateway", NULL), 0);
        memcpy(open, ledger->txid, sizeof open);
        (void)snprintf(key, sizeof key, "mismatch/%s", open);
        assert_int_equal(
            receipt(ledger, BETA "/gateway", open, "consumer", cases[i].digest, cases[i].rows), 0);
        assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 5), 0);
        assert_int_equal(ledger_count(ledger, "open/"), 0);
        assert_int_equal(ledger_int(ledger, key, "provider_receipt.rows"), 5);
        assert_int_equal(ledger_int(ledger, key, "consumer_receipt.rows"), cases[i].rows);
        assert_string_equal(ledger_text(ledger, key, "version"), ledger->txid);
        assert_int_equal(usage(ledger, "20260302", "mismatched"), 1);
        assert_int_equal(usage(ledger, "20260302", "closed"), 0);
        assert_int_equal(usage(ledger, "20260302", "rows"), 5); /* what left counts */
        ledger_close(&ledger);
    }
}

/* An access that lacks a side stays listed after its time; a late receipt is marked. */
static void a_missing_side_stays_listed(void **state)
{
    (void)state;
    char open[2 * HASH_BYTES + 1], key[100];
    struct ledger *ledger = granted(NULL);
    assert_int_equal(open_as(ledger, BETA "/gateway", NULL), 0);
    memcpy(open, ledger->txid, sizeof open);
    (void)snprintf(key, sizeof key, "open/%s", open);
    ledger_at_ms(ledger, at("2026-03-02T11:00:00+08:00") - 1);
    assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 5), 0);
    const struct doc *record = ledger_get(ledger, "%s", key);
    assert_null(doc_get(doc_get(record, "provider_receipt"), "late"));
    ledger_at(ledger, "2026-03-09T00:00:00+08:00");
    assert_non_null(ledger_get(ledger, "%s", key));
    assert_int_equal(receipt(ledger, BETA "/gateway", open, "consumer", HASH_B, 5), 0);
    (void)snprintf(key, sizeof key, "mismatch/%s", open);
    record = ledger_get(ledger, "%s", key);
    assert_true(doc_get_bool(doc_get(record, "consumer_receipt"), "late", false));
    ledger_close(&ledger);
}

/* A batch is one transfer of many calls: counted as so many, closed by one pair of receipts. */
static void a_batch_closes_as_one(void **state)
{
    (void)state;
    char open[2 * HASH_BYTES + 1];
    struct ledger *ledger = granted(NULL);
    assert_int_equal(batch(ledger, 200, "{'parameters':'" HASH_A "'}"), 0);
    memcpy(open, ledger->txid, sizeof open);
    assert_int_equal(usage(ledger, "20260302", "calls"), 200);
    assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 180), 0);
    assert_int_equal(receipt(ledger, BETA "/gateway", open, "consumer", HASH_A, 180), 0);
    assert_int_equal(usage(ledger, "20260302", "closed"), 200);
    assert_int_equal(usage(ledger, "20260302", "rows"), 180);
    assert_int_equal(batch(ledger, 0, ""), ERR_FIELD_COUNT);
    assert_int_equal(batch(ledger, 1001, "{'parameters':'" HASH_A "'}"), ERR_FIELD_COUNT);
    ledger_close(&ledger);
}

/* The day's hash chains every transaction that touched it: H(hash ‖ txid), from zero. */
static void the_running_hash_can_be_recomputed(void **state)
{
    (void)state;
    char open[2 * HASH_BYTES + 1], key[100], expected[2 * HASH_BYTES + 1];
    uint8_t chained[2 * HASH_BYTES] = {0};
    struct ledger *ledger = granted(NULL);
    for (int i = 0; i < 4; i++) {
        if (i == 0) {
            assert_int_equal(open_as(ledger, BETA "/gateway", NULL), 0);
            memcpy(open, ledger->txid, sizeof open);
        } else if (i == 1) {
            assert_int_equal(open_as(ledger, BETA "/gateway", NULL), 0);
        } else if (i == 2) {
            assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 5), 0);
        } else {
            assert_int_equal(receipt(ledger, BETA "/gateway", open, "consumer", HASH_A, 5), 0);
        }
        struct hash tx, link;
        assert_int_equal(hash_from_hex(&tx, ledger->txid), 0);
        memcpy(chained + HASH_BYTES, tx.bytes, HASH_BYTES);
        link = hash_tagged("dirchain/usage/1", view_of(chained, sizeof chained));
        memcpy(chained, link.bytes, HASH_BYTES);
        hash_to_hex(expected, &link);
    }
    (void)snprintf(key, sizeof key, "usage/%s/20260302", id);
    assert_string_equal(ledger_text(ledger, key, "hash"), expected);
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
        cmocka_unit_test(two_equal_receipts_close_it),
        cmocka_unit_test(what_differs_stays_for_reconciliation),
        cmocka_unit_test(a_missing_side_stays_listed),
        cmocka_unit_test(a_batch_closes_as_one),
        cmocka_unit_test(the_running_hash_can_be_recomputed),
        cmocka_unit_test(a_refused_access_is_on_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
