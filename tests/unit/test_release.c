/* The decision to release, case by case: what the ledger says, and what follows from it. Proofs and
 * real ledgers are in test_exchange. */
#include "check.h"

#include "base/errors.h"
#include "base/memory.h"
#include "exchange/release.h"

#include <string.h>

#define PROVIDER "11440000006940175Y"
#define CONSUMER "11440000006939916J"
#define OTHER "114400000069401674"
#define NOW INT64_C(1770000000000)
#define HEIGHT 10 /* of the newest block: what is signed now is for the next */

static struct doc *parse(const char *text)
{
    struct doc *doc = NULL;
    AUTO(buf_free) struct buf copy = {0};
    buf_append_text(&copy, text);
    for (size_t i = 0; i < copy.len; i++) {
        copy.data[i] = copy.data[i] == '\'' ? '"' : copy.data[i];
    }
    assert_int_equal(doc_parse(&doc, view_of_buf(&copy), 1 << 20), 0);
    return doc;
}

/* What everything is when all is well; a case changes one member of one of the documents. */
static const struct {
    const char *name, *text;
} records[] = {
    {"params", "{'release_max_age_ms':30000}"},
    {"open", "{'provider':'" PROVIDER "','consumer':'" CONSUMER "','expires_ms':1770000600000}"},
    {"grant", "{'provider':'" PROVIDER "','consumer':'" CONSUMER "','status':'active',"
              "'mode':'file','system':'审批系统','purpose':'行道树巡查',"
              "'items':['姓名'],'expires_ms':1780000000000}"},
    {"provider", "{'status':'active'}"},
    {"consumer", "{'status':'active'}"},
    {"body", "{'system':'审批系统','purpose':'行道树巡查','method':'file'}"},
    {"halt", "{}"},
    {"restriction", "{}"},
    {"bar", "{}"},
    {"entry", "{}"},
    {"listing", "{}"},
    {"signer", "{'from':3,'to':null}"},
    {"user", "{'from':3,'to':null}"},
    {"sender", "{'from':3,'to':null}"},
};

struct change {
    const char *record, *field, *value; /* value JSON; NULL: removed; field NULL: no record */
    int64_t now_ms, tip_ms;             /* added to NOW */
    const char *caller;
    int error;
    const char *fault;
};

static void apply(struct doc *doc[], const struct change *change)
{
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        if (change->record == NULL || strcmp(change->record, records[i].name) != 0) {
            continue;
        }
        if (change->field == NULL) {
            doc_free(&doc[i]);
        } else if (change->value == NULL) {
            doc_remove(doc[i], change->field);
        } else {
            doc_set(doc[i], change->field, parse(change->value));
        }
    }
}

/* The last change says who asks, and when. */
static int judge_all(const struct change *changes, size_t count, struct faults *faults)
{
    struct doc *doc[COUNT_OF(records)];
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        doc[i] = parse(records[i].text);
    }
    for (size_t i = 0; i < count; i++) {
        apply(doc, &changes[i]);
    }
    const struct change *last = &changes[count - 1];
    struct release_open open = {.body = doc[5]};
    memcpy(open.consumer, CONSUMER, sizeof open.consumer);
    const struct release_facts facts = {.now_ms = NOW + last->now_ms,
                                        .tip_time_ms = NOW + last->tip_ms,
                                        .params = doc[0],
                                        .open = doc[1],
                                        .grant = doc[2],
                                        .provider = doc[3],
                                        .consumer = doc[4],
                                        .halt = doc[6],
                                        .restriction = doc[7],
                                        .bar = doc[8],
                                        .entry = doc[9],
                                        .listing = doc[10],
                                        .signer = doc[11],
                                        .user = doc[12],
                                        .sender = doc[13],
                                        .height = HEIGHT};
    int error = release_judge(faults, &open, PROVIDER,
                              last->caller == NULL ? CONSUMER : last->caller, &facts);
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        doc_free(&doc[i]);
    }
    return error;
}

static int judge(const struct change *change, struct faults *faults)
{
    return judge_all(change, 1, faults);
}

/* CN 14 is about sharing: what an applicant was given of the open list is not taken back by it.
 * Where no list is kept, the entry is all there is. */
static void applicants_go_by_the_list(void **state)
{
    (void)state;
    const struct change listed[] = {{"entry", "ruling", "{'sharing':'none'}", .error = 0},
                                    {"grant", "applicant", "'aa'", .error = 0}};
    const struct change unlisted[] = {listed[0], listed[1], {"listing", NULL, NULL, .error = 0}};
    struct faults faults = {0};
    assert_int_equal(judge_all(listed, COUNT_OF(listed), &faults), 0);
    assert_int_equal(judge_all(unlisted, COUNT_OF(unlisted), &faults), ERR_NOT_SHARED);
}

static void cases(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {.error = 0},
        {"grant", "system", NULL, .error = 0}, /* a basic query names no system */
        /* Who asks. */
        {.caller = OTHER, .error = ERR_NOT_GRANTED, .fault = "open"},
        {.caller = PROVIDER, .error = ERR_NOT_GRANTED, .fault = "open"},
        /* How old the ledger is. */
        {.now_ms = 30000, .error = 0},
        {.now_ms = 30001, .error = ERR_STALE_LEDGER, .fault = "tip"},
        {.tip_ms = -30001, .error = ERR_STALE_LEDGER, .fault = "tip"},
        {.tip_ms = 400, .error = 0}, /* the block's clock is ahead of ours */
        {"params", NULL, NULL, .now_ms = 1, .error = ERR_STALE_LEDGER, .fault = "tip"},
        /* The open. */
        {"open", NULL, NULL, .error = ERR_OPEN_CLOSED, .fault = "open"},
        {"open", "provider_receipt", "{}", .error = ERR_OPEN_CLOSED, .fault = "open"},
        {"open", "consumer_receipt", "{}", .error = ERR_OPEN_CLOSED, .fault = "open"},
        {"open", "provider", "'" OTHER "'", .error = ERR_NOT_GRANTED, .fault = "open"},
        {"open", "consumer", "'" OTHER "'", .error = ERR_NOT_GRANTED, .fault = "open"},
        {.now_ms = 599999, .tip_ms = 599000, .error = 0},
        {.now_ms = 600000, .tip_ms = 599000, .error = ERR_OPEN_EXPIRED, .fault = "open"},
        {.now_ms = 599000, .tip_ms = 600000, .error = ERR_OPEN_EXPIRED, .fault = "open"},
        {"open", "expires_ms", NULL, .error = ERR_OPEN_EXPIRED, .fault = "open"},
        /* The grant. */
        {"grant", NULL, NULL, .error = ERR_NOT_GRANTED, .fault = "grant"},
        {"grant", "provider", "'" OTHER "'", .error = ERR_NOT_GRANTED, .fault = "grant"},
        {"grant", "consumer", "'" OTHER "'", .error = ERR_NOT_GRANTED, .fault = "grant"},
        {"grant", "status", "'suspended'", .error = ERR_GRANT_SUSPENDED, .fault = "grant.status"},
        {"grant", "status", "'ended'", .error = ERR_GRANT_EXPIRED, .fault = "grant.status"},
        {"grant", "status", "'terminated'", .error = ERR_GRANT_EXPIRED, .fault = "grant.status"},
        {"grant", "status", "'expired'", .error = ERR_GRANT_EXPIRED, .fault = "grant.status"},
        {"grant", "status", "'agreement'", .error = ERR_NOT_GRANTED, .fault = "grant.status"},
        {"grant", "status", "'unheard-of'", .error = ERR_NOT_GRANTED, .fault = "grant.status"},
        {"grant", "status", NULL, .error = ERR_NOT_GRANTED, .fault = "grant.status"},
        {"grant", "expires_ms", "1770000000000", .error = ERR_GRANT_EXPIRED,
         .fault = "grant.expires_ms"},
        {"grant", "expires_ms", "1770000000001", .error = 0},
        {"grant", "mode", "'table'", .error = ERR_NOT_GRANTED, .fault = "grant.mode"},
        {"grant", "system", "'别的系统'", .error = ERR_PURPOSE, .fault = "system"},
        {"grant", "purpose", "'别的用途'", .error = ERR_PURPOSE, .fault = "purpose"},
        {"body", "purpose", NULL, .error = ERR_PURPOSE, .fault = "purpose"},
        /* What stands against it although the grant is active. */
        {"halt", NULL, NULL, .error = 0},
        {"halt", "notices", "{'aa':{}}", .error = ERR_ENTRY_HALTED, .fault = "grant.entry"},
        {"bar", NULL, NULL, .error = 0},
        {"bar", "masked", "['姓名']", .error = 0},
        {"bar", "grants", "{'aa':{'clause':'PT 31'}}", .error = ERR_GRANT_SUSPENDED,
         .fault = "grant.holds.aa"},
        {"restriction", "measures", "{'aa':{'measure':'close'}}", .error = ERR_ACCESS_CLOSED,
         .fault = "grant.consumer"},
        {"restriction", "measures", "{'aa':{'measure':'limit','calls_per_day':0}}", .error = 0},
        {"restriction", "measures", "{'aa':{'measure':'close','provider':'" OTHER "'}}",
         .error = 0},
        /* CN 14: what was ruled; an applicant's grant goes by the list, where there is one. */
        {"entry", NULL, NULL, .error = 0},
        {"entry", "ruling", "{'sharing':'none'}", .error = ERR_NOT_SHARED, .fault = "grant.entry"},
        {"entry", "ruling", "{'sharing':'authorised'}", .error = 0},
        {"entry", "ruling", "{'sharing':'authorised','items':[{'name':'姓名','sharing':'none'}]}",
         .error = ERR_NOT_SHARED, .fault = "grant.items[0]"},
        {"entry", "ruling", "{'sharing':'authorised','items':[{'name':'住址','sharing':'none'}]}",
         .error = 0},
        /* The two members. */
        {"consumer", "status", "'suspended'", .error = ERR_TX_SUSPENDED, .fault = "consumer"},
        {"consumer", "status", "'removed'", .error = ERR_CONSUMER, .fault = "consumer"},
        {"consumer", NULL, NULL, .error = ERR_CONSUMER, .fault = "consumer"},
        {"provider", "status", "'suspended'", .error = ERR_TX_SUSPENDED, .fault = "provider"},
        {"provider", "status", "'removed'", .error = ERR_PROVIDER, .fault = "provider"},
        /* The keys: up to the block in which one is retired or suspended, and not after it. */
        {"signer", "to", "11", .error = 0},
        {"signer", "to", "10", .error = ERR_ACCESS_KEY, .fault = "open.key"},
        {"signer", "suspended", "12", .error = 0},
        {"signer", "suspended", "11", .error = ERR_KEY_SUSPENDED, .fault = "open.key"},
        {"signer", "restored", "11", .error = 0},
        {"signer", "restored", "12", .error = ERR_KEY_SUSPENDED, .fault = "open.key"},
        {"signer", NULL, NULL, .error = ERR_ACCESS_KEY, .fault = "open.key"},
        {"user", "to", "10", .error = ERR_ACCESS_KEY, .fault = "open.operator"},
        {"user", "suspended", "11", .error = ERR_KEY_SUSPENDED, .fault = "open.operator"},
        {"user", NULL, NULL, .error = ERR_ACCESS_KEY, .fault = "open.operator"},
        {"sender", "to", "11", .error = 0},
        {"sender", "to", "10", .error = ERR_PROVIDER_KEY, .fault = "provider.key"},
        {"sender", "suspended", "11", .error = ERR_PROVIDER_KEY, .fault = "provider.key"},
        {"sender", NULL, NULL, .error = ERR_PROVIDER_KEY, .fault = "provider.key"},
    };
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        struct faults faults = {0};
        int error = judge(&changes[i], &faults);
        const char *fault = faults.count > 0 ? faults.item[0].field : NULL;
        if (error != changes[i].error || faults_first(&faults) != error ||
            (fault == NULL) != (changes[i].fault == NULL) ||
            (fault != NULL && strcmp(fault, changes[i].fault) != 0)) {
            fail_msg("case %zu: %s at %s", i, error_code(error), fault == NULL ? "-" : fault);
        }
    }
}

/* Whatever says no for good is put on record; whatever passes by itself is not. */
static void reasons(void **state)
{
    (void)state;
    static const struct {
        int error;
        const char *reason;
    } expected[] = {
        {ERR_NOT_GRANTED, "not-granted"},
        {ERR_GRANT_SUSPENDED, "suspended"},
        {ERR_TX_SUSPENDED, "suspended"},
        {ERR_GRANT_EXPIRED, "expired"},
        {ERR_OPEN_EXPIRED, "expired"},
        {ERR_PURPOSE, "off-purpose"},
        {ERR_SCOPE, "off-scope"},
        {ERR_SCOPE_NARROWED, "off-scope"},
        {ERR_NOT_SHARED, "not-granted"},
        {ERR_QUOTA, "over-quota"},
        {ERR_CONSUMER, "not-granted"},
        {ERR_PROVIDER, "not-granted"},
        {ERR_ACCESS_KEY, "not-granted"},
        {ERR_KEY_SUSPENDED, "suspended"},
        {ERR_PROVIDER_KEY, NULL},
        {ERR_STALE_LEDGER, NULL},
        {ERR_NO_CERTIFICATE, NULL},
        {ERR_OPEN_CLOSED, NULL},
        {ERR_IO, NULL},
        {ERR_DIGEST, NULL},
        {0, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const char *reason = release_refusal_reason(expected[i].error);
        if (expected[i].reason == NULL) {
            assert_null(reason);
        } else {
            assert_non_null(reason);
            assert_string_equal(reason, expected[i].reason);
        }
    }
}

/* What may be lifted ends nothing; and one who is not the consumer ends nobody's transfer. */
static void what_is_over(void **state)
{
    (void)state;
    static const int over[] = {ERR_GRANT_EXPIRED, ERR_NOT_SHARED, ERR_OPEN_EXPIRED,
                               ERR_OPEN_CLOSED,   ERR_PURPOSE,    ERR_SCOPE_NARROWED,
                               ERR_CONSUMER,      ERR_PROVIDER,   ERR_ACCESS_KEY};
    static const int not_over[] = {0,
                                   ERR_GRANT_SUSPENDED,
                                   ERR_ENTRY_HALTED,
                                   ERR_ACCESS_CLOSED,
                                   ERR_TX_SUSPENDED,
                                   ERR_KEY_SUSPENDED,
                                   ERR_PROVIDER_KEY,
                                   ERR_STALE_LEDGER,
                                   ERR_NOT_GRANTED,
                                   ERR_IO};
    for (size_t i = 0; i < COUNT_OF(over); i++) {
        assert_true(release_is_over(over[i]));
    }
    for (size_t i = 0; i < COUNT_OF(not_over); i++) {
        assert_false(release_is_over(not_over[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(applicants_go_by_the_list),
        cmocka_unit_test(reasons),
        cmocka_unit_test(what_is_over),
    };
    return cmocka_run_group_tests_name("release", tests, NULL, NULL);
}
