/* Governance by the center, by the clause: requirements A3 and D14. */
#include "row.h"

#include "chain/validators.h"

static size_t seats(struct ledger *ledger, uint64_t height)
{
    struct validator_set set;
    assert_int_equal(rules_validators(&set, ledger->state, height), 0);
    return set.count;
}

static void A3_validators(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "validator.change",
                               "{'add':['" CENTER "'],'reason':'扩充'}"),
                     ERR_TX_ROLE);
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'add':['" CENTER "'],'reason':'扩充'}");
    uint64_t height = ledger->height;
    assert_int_equal(seats(ledger, height + 1), 4);
    assert_int_equal(seats(ledger, height + 2), 5);
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "validator.change",
                               "{'remove':['" GAMMA "'],'reason':'轮换'}"),
                     ERR_SEAT_PENDING);
    ledger_close(&ledger);
}

static void A3_vote_keys(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    char before[2 * VOTE_KEY_BYTES + 1];
    struct secret_key secret = {{0x5a}};
    struct vote_key key;
    char hex[2 * VOTE_KEY_BYTES + 1], signature[87];
    assert_int_equal(sign_vote_key(&key, &secret), 0);
    hex_encode(hex, view_of(key.bytes, sizeof key.bytes));
    memset(signature, 'A', 86);
    signature[86] = 0;
    ledger_blocks(ledger, 8);
    (void)snprintf(before, sizeof before, "%s", ledger_text(ledger, "member/" ALPHA, "vote_key"));
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "validator.rotate",
                               "{'vote_key':'%s','vote_signature':'%s','acts_on':'%s',"
                               "'reason':'定期轮换'}",
                               hex, signature, ledger_version(ledger, "member/" ALPHA)),
                     ERR_SIGNATURE);
    assert_true(ledger_fault(ledger, ERR_SIGNATURE, "vote_signature"));
    assert_string_equal(ledger_text(ledger, "member/" ALPHA, "vote_key"), before);
    ledger_close(&ledger);
}

static void A3_resumption(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    int height = (int)ledger->height;
    const char *body = "{'height':%d,'held_until':%d,'reason':'磁盘还原'}";
    assert_int_equal(ledger_do(ledger, ALPHA "/approve", "validator.resume", body, height, height),
                     ERR_TX_ROLE);
    assert_null(ledger_get(ledger, "resume/" ALPHA));
    ledger_must(ledger, ALPHA "/chief", "validator.resume", body, height, height + 3);
    assert_int_equal(ledger_int(ledger, "resume/" ALPHA, "held_until"), height + 3);
    ledger_close(&ledger);
}

static void A3_calendar(void **state)
{
    (void)state;
    char request[2 * HASH_BYTES + 1], key[100];
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-12-30T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, request, "E1", "{'until':'2027-06-30'}"), 0);
    (void)snprintf(key, sizeof key, "request/%s", request);
    /* Wednesday 30 December: 31; by the weekdays of 2027: Friday 1, Monday 4, 5, 6 January. */
    assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"),
                     at("2027-01-07T00:00:00+08:00"));
    assert_true(doc_get_bool(doc_get(doc_get(ledger_get(ledger, "%s", key), "terms"), "answer"),
                             "provisional", false));
    /* 1 January is off: 31, then Monday 4, 5, 6, 7 January. */
    ledger_must(ledger, CENTER "/admin", "calendar.publish",
                "{'year':2027,'off':['2027-01-01'],'work':[],'source':'测试用通知'}");
    ledger_at(ledger, "2026-12-31T10:00:00+08:00");
    assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"),
                     at("2027-01-08T00:00:00+08:00"));
    assert_false(doc_get_bool(doc_get(doc_get(ledger_get(ledger, "%s", key), "terms"), "answer"),
                              "provisional", false));
    ledger_at_ms(ledger, at("2027-01-08T00:00:00+08:00") - 1);
    assert_string_equal(ledger_text(ledger, key, "status"), "pending");
    ledger_at(ledger, "2027-01-08T00:00:00+08:00");
    assert_string_equal(ledger_text(ledger, key, "status"), "granted");
    ledger_close(&ledger);
}

/* An amendment announced for a day, and called off before it. */
static void A3_profile_withdrawn(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    AUTO(doc_free) struct doc *body = fixture_parse("{'from':'2026-04-01','reason':'细则修订'}");
    doc_set_text(body, "acts_on", ledger_text(ledger, "profile", "version"));
    doc_set(body, "profile", doc_ref(doc_get(ledger_get(ledger, "profile"), "profile")));
    assert_int_equal(fixture_submit(ledger, CENTER "/admin", "profile.publish", body), 0);
    assert_int_equal(ledger_count(ledger, "profile/"), 2);
    ledger_must(ledger, CENTER "/admin", "profile.withdraw",
                "{'from':'2026-04-01','acts_on':'%s','reason':'修订暂缓'}",
                ledger_version(ledger, "profile/%016llx",
                               (unsigned long long)at("2026-04-01T00:00:00+08:00")));
    ledger_at(ledger, "2026-04-01T00:00:00+08:00");
    assert_int_equal(doc_count(ledger->acts), 0);
    assert_true(ledger_int(ledger, "profile", "since_ms") < at("2026-03-02T10:00:00+08:00"));
    ledger_close(&ledger);
}

static void A3_profile(void **state)
{
    (void)state;
    char before[2 * HASH_BYTES + 1], after[2 * HASH_BYTES + 1], key[100];
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, before, "E1", NULL), 0);
    assert_int_equal(ledger_policy(ledger, "answer",
                                   "{\"days\":7,\"clause\":\"PT 20\",\"silence\":\"approve\","
                                   "\"silence_clause\":\"PT 20\"}"),
                     0);
    assert_int_equal(ledger_ask(ledger, after, "E1", NULL), 0);
    /* From Monday, 2 March: five days 3 4 5 6 9, seven 3 4 5 6 9 10 11. */
    (void)snprintf(key, sizeof key, "request/%s", before);
    assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"),
                     at("2026-03-10T00:00:00+08:00"));
    (void)snprintf(key, sizeof key, "request/%s", after);
    assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"),
                     at("2026-03-12T00:00:00+08:00"));
    ledger_close(&ledger);
}

/* Suspended under 普陀's rule, which a later profile no longer has: the objection is heard. */
static void A3_profile_strands_nothing(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1], key[100];
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-01-15T10:00:00+08:00");
    ledger_give_grant(ledger, id, NULL);
    (void)snprintf(key, sizeof key, "grant/%s", id);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00"); /* the last day was Wednesday 15 April */
    assert_string_equal(ledger_text(ledger, key, "status"), "suspended");
    AUTO(doc_free) struct doc *body = doc_new_object();
    struct doc *profile = doc_copy(doc_get(ledger_get(ledger, "profile"), "profile"));
    doc_remove(profile, "disuse");
    doc_remove(profile, "objection");
    doc_set(body, "profile", profile);
    doc_set_text(body, "acts_on", ledger_text(ledger, "profile", "version"));
    doc_set_text(body, "reason", "修订");
    ledger->faults = (struct faults){0};
    assert_int_equal(fixture_submit(ledger, CENTER "/admin", "profile.publish", body), 0);
    ledger_at_ms(ledger, at("2026-05-17T00:00:00+08:00") - 1); /* the last of thirty days */
    assert_int_equal(ledger_do(ledger, BETA "/compile", "grant.object",
                               "{'grant':'%s','acts_on':'%s','reason':'年度核验在即'}", id,
                               ledger_version(ledger, "grant/%s", id)),
                     0);
    assert_string_equal(ledger_text(ledger, key, "status"), "active");
    assert_int_equal(ledger_due(ledger, "disuse"), 0);
    ledger_close(&ledger);
}
