/* How many keys a member has (A2): old ones hold nothing up, those in force are bounded, and the
 * numbers on record are what a count of the keys gives. */
#include "rules_fixture.h"

#include "key_steps.h"

#include "chain/key_record.h"

#define THIRD "91440000231112653B" /* no member; its check digit is right */
#define OLD_KEYS 300               /* more than may be in force at once */

static int add_key(struct ledger *ledger, const char *name, const char *role)
{
    char kid[80];
    (void)snprintf(kid, sizeof kid, ALPHA "/%s", name);
    return ledger_do(ledger, ALPHA "/chief", "key.add", "{'name':'%s','role':'%s','public':'%s'}",
                     name, role, fixture_public(kid));
}

static int register_officer(struct ledger *ledger, const char *code, const char *role,
                            const char *more)
{
    char kid[80];
    (void)snprintf(kid, sizeof kid, ALPHA "/%s", code);
    return ledger_do(ledger, ALPHA "/chief", "officer.register",
                     "{'code':'%s',%s'keys':[{'name':'%s','role':'%s','public':'%s'}]}", code, more,
                     code, role, fixture_public(kid));
}

static int entrust(struct ledger *ledger, const char *code, const char *name, const char *until)
{
    char kid[80], proof[100];
    (void)snprintf(kid, sizeof kid, ALPHA "/%s", name);
    key_proof(proof, ledger, kid, name);
    return ledger_do(ledger, ALPHA "/chief", "delegation.grant",
                     "{'code':'%s','delegate':'" THIRD "','delegate_name':'数据服务公司',"
                     "'types':['catalog.submit'],'until':'%s','basis':'政府采购法',"
                     "'keys':[{'name':'%s','role':'compile','public':'%s','proof':'%s'}]}",
                     code, until, name, fixture_public(kid), proof);
}

/* The keys that are in force, counted one by one; of a role, its own that can sign. */
static int64_t counted(struct ledger *ledger, const char *role)
{
    char at[STATE_KEY_BYTES_MAX + 1], after[STATE_KEY_BYTES_MAX + 1];
    const char *last = NULL;
    int64_t count = 0;
    while (state_next(ledger->state, at, "key/" ALPHA "/", last)) {
        const struct doc *key = state_get(ledger->state, at);
        count += role == NULL ? doc_kind(doc_get(key, "to")) == DOC_NULL
                              : key_stands(key) && doc_text_is(key, "role", role) &&
                                    doc_get(key, "delegation") == NULL;
        memcpy(after, at, sizeof after);
        last = after;
    }
    return count;
}

static void numbers_are(struct ledger *ledger, int64_t in_force, int64_t chiefs, int64_t compile)
{
    assert_int_equal(ledger_int(ledger, "keys/" ALPHA, "in_force"), in_force);
    assert_int_equal(ledger_int(ledger, "keys/" ALPHA, "standing.chief"), chiefs);
    assert_int_equal(ledger_int(ledger, "keys/" ALPHA, "standing.compile"), compile);
    assert_int_equal(counted(ledger, NULL), in_force);
    assert_int_equal(counted(ledger, "chief"), chiefs);
    assert_int_equal(counted(ledger, "compile"), compile);
}

/* The genesis gives ALPHA chief, compile, review, approve, gateway. */
static void the_numbers_follow_every_key(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    numbers_are(ledger, 5, 1, 1);
    assert_int_equal(add_key(ledger, "compile-2", "compile"), 0);
    numbers_are(ledger, 6, 1, 2);
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.suspend", ALPHA, "compile"), 0);
    numbers_are(ledger, 6, 1, 1); /* suspended: in force, and cannot sign */
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.retire", ALPHA, "compile"), 0);
    numbers_are(ledger, 5, 1, 1);
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.suspend", ALPHA, "compile-2"), 0);
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.restore", ALPHA, "compile-2"), 0);
    numbers_are(ledger, 5, 1, 1);
    ledger_blocks(ledger, 1);
    assert_int_equal(key_turn(ledger, ALPHA "/chief", "compile-2", ALPHA "/compile-3", "compile-3"),
                     0);
    numbers_are(ledger, 5, 1, 1);
    assert_int_equal(register_officer(ledger, "chief-2", "chief", "'succeeds':'chief',"), 0);
    numbers_are(ledger, 5, 1, 1);
    ledger_close(&ledger);
}

/* A third party's keys are in force in the agency's name, to the end of the term (24:00 of the
 * 31st) or until it is ended, and none of its own. */
static void delegates_keys_are_counted(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    assert_int_equal(entrust(ledger, "lan", "lan-1", "2026-03-31"), 0);
    assert_int_equal(entrust(ledger, "wan", "wan-1", "2026-03-31"), 0);
    numbers_are(ledger, 7, 1, 1);
    ledger_must(ledger, ALPHA "/chief", "delegation.end",
                "{'code':'wan','acts_on':'%s','reason':'合同终止'}",
                ledger_version(ledger, "delegation/" ALPHA "/wan"));
    numbers_are(ledger, 6, 1, 1);
    ledger_at(ledger, "2026-04-01T00:00:00+08:00");
    numbers_are(ledger, 5, 1, 1);
    ledger_close(&ledger);
}

/* Whatever a member had in former years, its keys are suspended, retired and rotated as before. */
static void old_keys_hold_nothing_up(void **state)
{
    (void)state;
    char name[40];
    struct ledger *ledger = ledger_open("putuo");
    for (int i = 0; i < OLD_KEYS; i++) {
        (void)snprintf(name, sizeof name, "a%d", i); /* before the names of those in force */
        assert_int_equal(add_key(ledger, name, "chief"), 0);
        assert_int_equal(key_step(ledger, ALPHA "/chief", "key.retire", ALPHA, name), 0);
    }
    numbers_are(ledger, 5, 1, 1);
    assert_int_equal(add_key(ledger, "compile-2", "compile"), 0);
    assert_true(ledger->reads <= 16);
    assert_int_equal(key_step(ledger, CENTER "/admin", "key.suspend", ALPHA, "compile"), 0);
    assert_true(ledger->reads <= 16);
    assert_int_equal(key_step(ledger, CENTER "/admin", "key.suspend", ALPHA, "chief"),
                     ERR_LAST_CHIEF);
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.retire", ALPHA, "compile"), 0);
    assert_true(ledger->reads <= 16);
    ledger_blocks(ledger, 1);
    assert_int_equal(key_turn(ledger, ALPHA "/chief", "compile-2", ALPHA "/compile-3", "compile-3"),
                     0);
    assert_true(ledger->reads <= 16);
    assert_int_equal(register_officer(ledger, "chief-2", "chief", "'succeeds':'chief',"), 0);
    assert_true(ledger->reads <= 32);
    ledger_blocks(ledger, 1);
    ledger_must(ledger, ALPHA "/chief-2", "officer.end",
                "{'code':'review','acts_on':'%s','reason':'调离'}",
                ledger_version(ledger, "officer/" ALPHA "/review"));
    assert_true(ledger->reads <= 16);
    ledger_close(&ledger);
}

/* 256 in force, and not one more; who retires one has room again. Rotation and succession put one
 * in the place of another, so they are never refused for want of room. */
static void keys_in_force_are_bounded(void **state)
{
    (void)state;
    char name[40], public[2 * PUBLIC_KEY_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    for (int i = 5; i < 255; i++) {
        (void)snprintf(name, sizeof name, "g%d", i);
        assert_int_equal(add_key(ledger, name, "gateway"), 0);
    }
    /* 255: room for one, not for two. */
    (void)snprintf(public, sizeof public, "%s", fixture_public(ALPHA "/t1"));
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.register",
                               "{'code':'two','keys':[{'name':'t1','role':'compile','public':'%s'},"
                               "{'name':'t2','role':'chief','public':'%s'}]}",
                               public, fixture_public(ALPHA "/t2")),
                     ERR_KEYS_FULL);
    assert_int_equal(ledger->faults.count, 1);
    assert_true(ledger_fault(ledger, ERR_KEYS_FULL, "keys"));
    assert_int_equal(add_key(ledger, "g255", "gateway"), 0);
    numbers_are(ledger, 256, 1, 1);
    assert_int_equal(add_key(ledger, "g256", "gateway"), ERR_KEYS_FULL);
    assert_true(ledger_fault(ledger, ERR_KEYS_FULL, "name"));
    assert_int_equal(entrust(ledger, "lan", "lan-1", "2026-03-31"), ERR_KEYS_FULL);
    assert_int_equal(register_officer(ledger, "data-2", "compile", ""), ERR_KEYS_FULL);
    assert_int_equal(register_officer(ledger, "compile-2", "compile", "'succeeds':'compile',"), 0);
    assert_int_equal(key_turn(ledger, ALPHA "/chief", "g9", ALPHA "/g9-2", "g9-2"), 0);
    numbers_are(ledger, 256, 1, 1);
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.retire", ALPHA, "g5"), 0);
    assert_int_equal(add_key(ledger, "g256", "gateway"), 0);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_numbers_follow_every_key),
        cmocka_unit_test(delegates_keys_are_counted),
        cmocka_unit_test(old_keys_hold_nothing_up),
        cmocka_unit_test(keys_in_force_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
