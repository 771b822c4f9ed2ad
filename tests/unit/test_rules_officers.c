/* Officers, and the standing and rotation of their keys (A2: PT 6, CN 10, CN 24). */
#include "rules_fixture.h"

#include "key_steps.h"

#include "chain/rules/records.h"

/* clang-format off */
#define DUTY "{'code':'%s','name':'年检','category':'行政检查'," \
             "'implementer':'民政厅','basis':'条例'}"
/* clang-format on */

static int publish(struct ledger *ledger, const char *kid, const char *code)
{
    return ledger_do(ledger, kid, "duty.publish", DUTY, code);
}

static void next_block(struct ledger *ledger)
{
    ledger_blocks(ledger, 1);
}

/* ---- officers from their keys ---- */

static void each_persons_key_has_an_officer_from_the_start(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    assert_string_equal(ledger_text(ledger, "officer/" ALPHA "/chief", "office"), "chief");
    assert_string_equal(ledger_text(ledger, "officer/" ALPHA "/compile", "office"), "data");
    assert_string_equal(ledger_text(ledger, "key/" ALPHA "/review", "officer"), "review");
    assert_int_equal(ledger_int(ledger, "officer/" ALPHA "/approve", "from"), 1);
    assert_null(ledger_get(ledger, "officer/" ALPHA "/gateway")); /* a system */
    assert_int_equal(ledger_count(ledger, "officer/" ALPHA "/"), 4);
    assert_int_equal(ledger_count(ledger, "officer/" CENTER "/"), 5); /* and its admin */
    ledger_close(&ledger);
}

static int admit(struct ledger *ledger, const struct doc *join)
{
    AUTO(doc_free) struct doc *body = doc_new_object();
    doc_set(body, "join", doc_ref(join));
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, CENTER "/admin", "member.admit", body);
}

static struct doc *join_with_officers(const char *first, const char *second, const char *gateway)
{
    struct doc *join = ledger_join(MEMBER_COUNT, NEWCOMER);
    const char *const named[] = {NULL, first, second, NULL, gateway}; /* fixture_roles */
    for (size_t i = 0; i < COUNT_OF(named); i++) {
        struct doc *key = (struct doc *)(uintptr_t)doc_at(doc_get(join, "keys"), i);
        if (named[i] != NULL) {
            doc_set_text(key, "officer", named[i]);
        }
    }
    ledger_sign_join(join, MEMBER_COUNT);
    return join;
}

static void a_join_request_says_who_holds_which_key(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    AUTO(doc_free) struct doc *same = join_with_officers("data-1", "data-1", NULL);
    assert_int_equal(admit(ledger, same), ERR_SAME_OFFICER);
    assert_true(ledger_fault(ledger, ERR_SAME_OFFICER, "join.keys[2].officer"));
    AUTO(doc_free) struct doc *system = join_with_officers("data-1", "data-2", "data-3");
    assert_int_equal(admit(ledger, system), ERR_FIELD_CHOICE);
    assert_true(ledger_fault(ledger, ERR_FIELD_CHOICE, "join.keys[4].officer"));
    AUTO(doc_free) struct doc *named = join_with_officers("Data", "data-2", NULL);
    assert_int_equal(admit(ledger, named), ERR_FIELD_FORMAT);
    AUTO(doc_free) struct doc *good = join_with_officers("chief", "data-2", NULL);
    assert_int_equal(admit(ledger, good), 0);
    const struct doc *chief = ledger_get(ledger, "officer/" NEWCOMER "/chief");
    assert_int_equal(doc_count(doc_get(chief, "keys")), 2); /* chief and compile in one hand */
    assert_true(doc_text_is(chief, "office", "chief"));
    assert_string_equal(ledger_text(ledger, "key/" NEWCOMER "/compile", "officer"), "chief");
    ledger_close(&ledger);
}

/* ---- officer.register, officer.update, officer.end ---- */

#define KEY "{'name':'%s','role':'%s','public':'%s'}"

static void an_officer_is_registered_with_keys(void **state)
{
    (void)state;
    char first[80];
    struct ledger *ledger = ledger_open("putuo");
    (void)snprintf(first, sizeof first, "%s", fixture_public(ALPHA "/data-1"));
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.register",
                               "{'code':'data-1','keys':[" KEY "," KEY "]}", "data-1", "compile",
                               first, "data-1b", "review", fixture_public(ALPHA "/data-1b")),
                     ERR_SAME_OFFICER);
    assert_true(ledger_fault(ledger, ERR_SAME_OFFICER, "keys[1].officer"));
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "officer.register",
                               "{'code':'data-1','keys':[" KEY "]}", "data-1", "compile", first),
                     ERR_TX_ROLE);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.register",
                               "{'code':'Data','keys':[" KEY "]}", "data-1", "compile", first),
                     ERR_FIELD_FORMAT);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.register",
                               "{'code':'review','keys':[" KEY "]}", "data-1", "compile", first),
                     ERR_DUPLICATE);
    /* 2026-01-05: what comes tomorrow is registered tomorrow. */
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.register",
                               "{'code':'data-1','changed_on':'2026-01-06','keys':[" KEY "]}",
                               "data-1", "compile", first),
                     ERR_FIELD_RANGE);
    ledger_must(ledger, ALPHA "/chief", "officer.register",
                "{'code':'data-1','changed_on':'2026-01-05','filing':'%064x','keys':[" KEY "]}", 7,
                "data-1", "compile", first);
    const char *officer = "officer/" ALPHA "/data-1";
    assert_string_equal(ledger_text(ledger, officer, "office"), "data");
    assert_string_equal(ledger_text(ledger, officer, "changed_on"), "2026-01-05");
    assert_int_equal(ledger_int(ledger, officer, "from"), ledger->height + 1);
    assert_int_equal(publish(ledger, ALPHA "/data-1", "X1"), ERR_TX_KEY); /* from the next block */
    next_block(ledger);
    assert_int_equal(publish(ledger, ALPHA "/data-1", "X1"), 0);
    /* A review key would be the fourth eye of the same pair. */
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "key.add",
                               "{'name':'r','role':'review','officer':'data-1','public':'%s'}",
                               fixture_public(ALPHA "/r")),
                     ERR_SAME_OFFICER);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "key.add",
                               "{'name':'g','role':'gateway','officer':'data-1','public':'%s'}",
                               fixture_public(ALPHA "/g")),
                     ERR_FIELD_CHOICE);
    ledger_must(ledger, ALPHA "/chief", "key.add",
                "{'name':'c','role':'compile','officer':'data-1','public':'%s'}",
                fixture_public(ALPHA "/c"));
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, "%s", officer), "keys")), 2);
    ledger_close(&ledger);
}

static void what_is_filed_is_updated(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    const char *version = ledger_version(ledger, "officer/" ALPHA "/compile");
    ledger_must(ledger, ALPHA "/chief", "officer.update",
                "{'code':'compile','acts_on':'%s','filing':'%064x','reason':'联系方式变更'}",
                version, 5);
    char filing[65];
    (void)snprintf(filing, sizeof filing, "%064x", 5);
    assert_string_equal(ledger_text(ledger, "officer/" ALPHA "/compile", "filing"), filing);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.update",
                               "{'code':'compile','acts_on':'%s','filing':'%064x','reason':'再次'}",
                               version, 6),
                     ERR_VERSION_STALE);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.update",
                               "{'code':'none','acts_on':'%s','filing':'%064x','reason':'无此人'}",
                               version, 6),
                     ERR_SUBJECT);
    ledger_close(&ledger);
}

static int end_officer(struct ledger *ledger, const char *code)
{
    return ledger_do(ledger, ALPHA "/chief", "officer.end",
                     "{'code':'%s','acts_on':'%s','reason':'调离'}", code,
                     ledger_version(ledger, "officer/" ALPHA "/%s", code));
}

static void who_leaves_takes_all_keys_along(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, ALPHA "/chief", "key.add",
                "{'name':'c2','role':'compile','officer':'compile','public':'%s'}",
                fixture_public(ALPHA "/c2"));
    assert_int_equal(end_officer(ledger, "compile"), 0);
    assert_int_equal(ledger_int(ledger, "officer/" ALPHA "/compile", "to"), ledger->height);
    assert_int_equal(ledger_int(ledger, "key/" ALPHA "/c2", "to"), ledger->height);
    assert_int_equal(end_officer(ledger, "compile"), ERR_STATUS);
    next_block(ledger);
    assert_int_equal(publish(ledger, ALPHA "/compile", "X1"), ERR_TX_KEY);
    assert_int_equal(publish(ledger, ALPHA "/c2", "X1"), ERR_TX_KEY);
    /* Nobody comes back into an office that was left. */
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "key.add",
                               "{'name':'c3','role':'compile','officer':'compile','public':'%s'}",
                               fixture_public(ALPHA "/c3")),
                     ERR_STATUS);
    ledger_close(&ledger);
}

static void the_last_key_retired_is_the_office_left(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, ALPHA "/chief", "key.retire",
                "{'name':'review','acts_on':'%s','reason':'离任'}",
                ledger_version(ledger, "key/" ALPHA "/review"));
    assert_int_equal(ledger_int(ledger, "officer/" ALPHA "/review", "to"), ledger->height);
    assert_int_equal(doc_kind(doc_get(ledger_get(ledger, "officer/" ALPHA "/compile"), "to")),
                     DOC_NULL);
    ledger_close(&ledger);
}

/* ---- succession: no moment without a chief ---- */

static void a_chief_is_followed_by_a_chief(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(end_officer(ledger, "chief"), ERR_LAST_CHIEF);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.register",
                               "{'code':'chief-2','succeeds':'compile','keys':[" KEY "]}",
                               "chief-2", "chief", fixture_public(ALPHA "/chief-2")),
                     ERR_STATUS);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.register",
                               "{'code':'data-2','succeeds':'chief','keys':[" KEY "]}", "data-2",
                               "approve", fixture_public(ALPHA "/data-2")),
                     ERR_STATUS);
    ledger_must(ledger, ALPHA "/chief", "officer.register",
                "{'code':'chief-2','succeeds':'chief','keys':[" KEY "]}", "chief-2", "chief",
                fixture_public(ALPHA "/chief-2"));
    assert_string_equal(ledger_text(ledger, "officer/" ALPHA "/chief", "succeeded_by"), "chief-2");
    assert_int_equal(ledger_int(ledger, "key/" ALPHA "/chief", "to"), ledger->height);
    assert_int_equal(ledger_int(ledger, "key/" ALPHA "/chief-2", "from"), ledger->height + 1);
    next_block(ledger);
    assert_int_equal(end_officer(ledger, "review"), ERR_TX_KEY); /* the old chief's hand */
    ledger_must(ledger, ALPHA "/chief-2", "officer.end",
                "{'code':'review','acts_on':'%s','reason':'调离'}",
                ledger_version(ledger, "officer/" ALPHA "/review"));
    ledger_close(&ledger);
}

static void nobody_succeeds_itself(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.register",
                               "{'code':'chief-2','succeeds':'chief-2','keys':[" KEY "]}",
                               "chief-2", "chief", fixture_public(ALPHA "/chief-2")),
                     ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "succeeds"));
    ledger_close(&ledger);
}

static void the_center_brings_in_a_chief_and_nobody_else(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "officer.register",
                               "{'member':'" ALPHA "','code':'data-2','keys':[" KEY "]}", "data-2",
                               "compile", fixture_public(ALPHA "/data-2")),
                     ERR_PARTY);
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "officer.register",
                               "{'member':'" ALPHA "','code':'chief-2','keys':[" KEY "]}",
                               "chief-2", "chief", fixture_public(ALPHA "/chief-2")),
                     ERR_FIELD_MISSING); /* it shows on what papers */
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "filing"));
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "reason"));
    ledger->faults = (struct faults){0};
    ledger_must(ledger, CENTER "/admin", "officer.register",
                "{'member':'" ALPHA "','code':'chief-2','succeeds':'chief','reason':'原任离职',"
                "'filing':'00000000000000000000000000000000000000000000000000000000000000aa',"
                "'keys':[" KEY "]}",
                "chief-2", "chief", fixture_public(ALPHA "/chief-2"));
    assert_true(ledger_act_is(ledger, 0, "officer/" ALPHA "/chief-2", "chief-brought-in"));
    assert_string_equal(ledger_text(ledger, "officer/" ALPHA "/chief-2", "office"), "chief");
    ledger_close(&ledger);
}

/* ---- key.suspend, key.restore ---- */

static void a_suspended_key_signs_nothing_until_restored(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.restore", ALPHA, "compile"), ERR_STATUS);
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.suspend", ALPHA, "compile"), 0);
    assert_int_equal(publish(ledger, ALPHA "/compile", "X1"), 0); /* in the same block it does */
    next_block(ledger);
    assert_int_equal(publish(ledger, ALPHA "/compile", "X2"), ERR_KEY_SUSPENDED);
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.suspend", ALPHA, "compile"), ERR_STATUS);
    assert_string_equal(ledger_text(ledger, "key/" ALPHA "/compile", "role"), "compile");
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.restore", ALPHA, "compile"), 0);
    assert_int_equal(publish(ledger, ALPHA "/compile", "X2"), ERR_KEY_SUSPENDED);
    next_block(ledger);
    assert_int_equal(publish(ledger, ALPHA "/compile", "X2"), 0);
    ledger_close(&ledger);
}

static void who_may_suspend_and_restore(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(key_step(ledger, BETA "/chief", "key.suspend", ALPHA, "compile"), ERR_PARTY);
    assert_int_equal(key_step(ledger, ALPHA "/compile", "key.suspend", ALPHA, "review"),
                     ERR_TX_ROLE);
    assert_int_equal(key_step(ledger, CENTER "/admin", "key.suspend", ALPHA, "compile"), 0);
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.restore", ALPHA, "compile"), ERR_PARTY);
    assert_int_equal(key_step(ledger, CENTER "/admin", "key.restore", ALPHA, "compile"), 0);
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.suspend", ALPHA, "review"), 0);
    assert_int_equal(key_step(ledger, CENTER "/admin", "key.restore", ALPHA, "review"), 0);
    ledger_close(&ledger);
}

/* Two chiefs, one of them suspended: the other one stays, whatever is tried. */
static void a_suspended_chief_does_not_count(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(key_step(ledger, CENTER "/admin", "key.suspend", ALPHA, "chief"),
                     ERR_LAST_CHIEF);
    ledger_must(ledger, ALPHA "/chief", "officer.register", "{'code':'chief-2','keys':[" KEY "]}",
                "chief-2", "chief", fixture_public(ALPHA "/chief-2"));
    next_block(ledger);
    assert_int_equal(key_step(ledger, ALPHA "/chief-2", "key.suspend", ALPHA, "chief"), 0);
    next_block(ledger);
    assert_int_equal(key_step(ledger, ALPHA "/chief-2", "key.suspend", ALPHA, "chief-2"),
                     ERR_LAST_CHIEF);
    assert_int_equal(key_step(ledger, ALPHA "/chief-2", "key.retire", ALPHA, "chief-2"),
                     ERR_LAST_CHIEF);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief-2", "officer.end",
                               "{'code':'chief-2','acts_on':'%s','reason':'调离'}",
                               ledger_version(ledger, "officer/" ALPHA "/chief-2")),
                     ERR_LAST_CHIEF);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief-2", "officer.end",
                               "{'code':'chief','acts_on':'%s','reason':'调离'}",
                               ledger_version(ledger, "officer/" ALPHA "/chief")),
                     0);
    ledger_close(&ledger);
}

/* ---- key.rotate ---- */

static void a_new_key_takes_the_place_of_the_old(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    const char *next = ALPHA "/compile-2";
    assert_int_equal(key_turn(ledger, ALPHA "/compile", "compile", next, "compile"), ERR_SIGNATURE);
    assert_true(ledger_fault(ledger, ERR_SIGNATURE, "proof"));
    assert_int_equal(key_turn(ledger, ALPHA "/review", "compile", next, "compile-2"), ERR_TX_ROLE);
    assert_int_equal(key_turn(ledger, ALPHA "/compile", "compile", next, "compile-2"), 0);
    assert_string_equal(ledger_text(ledger, "key/" ALPHA "/compile-2", "role"), "compile");
    assert_string_equal(ledger_text(ledger, "key/" ALPHA "/compile-2", "officer"), "compile");
    const struct doc *officer = ledger_get(ledger, "officer/" ALPHA "/compile");
    assert_int_equal(doc_count(doc_get(officer, "keys")), 1);
    assert_true(doc_has_text(doc_get(officer, "keys"), "compile-2"));
    assert_true(doc_has_text(doc_get(officer, "roles"), "compile"));
    assert_int_equal(doc_kind(doc_get(officer, "to")), DOC_NULL); /* the office stays */
    /* One of them signs in every block, never both. */
    assert_int_equal(publish(ledger, ALPHA "/compile", "X1"), 0);
    assert_int_equal(publish(ledger, next, "X2"), ERR_TX_KEY);
    next_block(ledger);
    assert_int_equal(publish(ledger, ALPHA "/compile", "X2"), ERR_TX_KEY);
    assert_int_equal(publish(ledger, next, "X2"), 0);
    ledger_close(&ledger);
}

static void the_chief_rotates_what_was_lost(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(key_turn(ledger, ALPHA "/chief", "approve", ALPHA "/compile", "compile"),
                     ERR_KEY_DUPLICATE);
    assert_true(ledger_fault(ledger, ERR_KEY_DUPLICATE, "new_name"));
    assert_true(ledger_fault(ledger, ERR_KEY_DUPLICATE, "new_public"));
    assert_int_equal(key_turn(ledger, ALPHA "/chief", "approve", ALPHA "/approve-2", "approve-2"),
                     0);
    assert_int_equal(key_turn(ledger, ALPHA "/chief", "chief", ALPHA "/chief-2", "chief-2"), 0);
    assert_int_equal(key_step(ledger, ALPHA "/chief", "key.suspend", ALPHA, "gateway"), 0);
    assert_int_equal(key_turn(ledger, ALPHA "/chief", "gateway", ALPHA "/gateway-2", "gateway-2"),
                     ERR_STATUS);
    next_block(ledger);
    ledger_must(ledger, ALPHA "/chief-2", "officer.end",
                "{'code':'review','acts_on':'%s','reason':'调离'}",
                ledger_version(ledger, "officer/" ALPHA "/review"));
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_persons_key_has_an_officer_from_the_start),
        cmocka_unit_test(a_join_request_says_who_holds_which_key),
        cmocka_unit_test(an_officer_is_registered_with_keys),
        cmocka_unit_test(what_is_filed_is_updated),
        cmocka_unit_test(who_leaves_takes_all_keys_along),
        cmocka_unit_test(the_last_key_retired_is_the_office_left),
        cmocka_unit_test(a_chief_is_followed_by_a_chief),
        cmocka_unit_test(nobody_succeeds_itself),
        cmocka_unit_test(the_center_brings_in_a_chief_and_nobody_else),
        cmocka_unit_test(a_suspended_key_signs_nothing_until_restored),
        cmocka_unit_test(who_may_suspend_and_restore),
        cmocka_unit_test(a_suspended_chief_does_not_count),
        cmocka_unit_test(a_new_key_takes_the_place_of_the_old),
        cmocka_unit_test(the_chief_rotates_what_was_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
