/* Membership and keys: the initial state, admission with real signatures, suspension, removal,
 * the keys of officers. */
#include "rules_fixture.h"

#include "chain/rules/records.h"
#include "chain/validators.h"

/* ---- the initial state ---- */

static void the_initial_state_holds_the_genesis(void **state)
{
    (void)state;
    char genesis[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    hash_to_hex(genesis, &ledger->genesis_hash);
    assert_string_equal(ledger_text(ledger, "center", "id"), CENTER);
    assert_int_equal(ledger_int(ledger, "members", "count"), MEMBER_COUNT);
    assert_string_equal(ledger_text(ledger, "member/" ALPHA, "status"), "active");
    assert_string_equal(ledger_text(ledger, "member/" ALPHA, "version"), genesis);
    assert_int_equal(ledger_int(ledger, "member/" ALPHA, "since"), 1);
    assert_string_equal(ledger_text(ledger, "key/" ALPHA "/compile", "role"), "compile");
    assert_int_equal(ledger_int(ledger, "key/" ALPHA "/compile", "from"), 1);
    assert_int_equal(doc_kind(doc_get(ledger_get(ledger, "key/" ALPHA "/compile"), "to")),
                     DOC_NULL);
    assert_string_equal(ledger_text(ledger, "profile", "profile.answer.silence"), "approve");
    assert_int_equal(ledger_int(ledger, "params", "outage_ms"), 600000);
    assert_int_equal(ledger_int(ledger, "calendar/2026", "year"), 2026);
    struct validator_set set;
    assert_int_equal(rules_validators(&set, ledger->state, 1), 0);
    assert_int_equal(set.count, 4);
    assert_int_equal(validators_check(&set), 0); /* in order of ids, whatever the genesis wrote */
    assert_int_equal(validators_find(&set, CENTER), -1);
    assert_int_equal(rules_validators(&set, ledger->state, 0), ERR_NOT_FOUND);
    ledger_close(&ledger);
}

static int init_with(struct ledger *ledger, const struct doc *genesis)
{
    const struct state_source empty = {.get = fixture_get, .next = fixture_next};
    AUTO(state_close) struct state *other = state_open(&empty);
    ledger->faults = (struct faults){0};
    return rules_init_state(other, &ledger->faults, genesis);
}

static void a_bad_genesis_makes_no_state(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    AUTO(doc_free) struct doc *genesis = doc_copy(ledger->genesis);
    doc_set_text(genesis, "center", ALPHA);
    assert_int_equal(init_with(ledger, genesis), ERR_CENTER);

    doc_free(&genesis);
    genesis = doc_copy(ledger->genesis);
    struct doc *twice = doc_new_array();
    doc_push_text(twice, ALPHA);
    doc_push_text(twice, ALPHA);
    doc_set(genesis, "validators", twice);
    assert_int_equal(init_with(ledger, genesis), ERR_VALIDATORS);
    doc_set(genesis, "validators", doc_new_array());
    assert_int_equal(init_with(ledger, genesis), ERR_VALIDATORS);
    struct doc *stranger = doc_new_array();
    doc_push_text(stranger, NEWCOMER);
    doc_set(genesis, "validators", stranger);
    assert_int_equal(init_with(ledger, genesis), ERR_SUBJECT);

    doc_free(&genesis);
    genesis = doc_copy(ledger->genesis);
    doc_set_text((struct doc *)(uintptr_t)doc_at(doc_get(genesis, "members"), 4), "name", "冒名");
    assert_int_equal(init_with(ledger, genesis), ERR_SIGNATURE);
    assert_true(ledger_fault(ledger, ERR_SIGNATURE, "members[4].signature"));

    doc_free(&genesis);
    genesis = doc_copy(ledger->genesis);
    struct doc *members = doc_new_array();
    for (size_t i = 0; i < 4; i++)
        doc_push(members, doc_copy(doc_at(doc_get(ledger->genesis, "members"), i)));
    struct doc *join = ledger_join(4, SUPERVISOR);
    const struct doc *key = doc_at(doc_get(join, "keys"), 1);
    doc_set_text((struct doc *)(uintptr_t)key, "public", fixture_public(ALPHA "/compile"));
    ledger_sign_join(join, 4);
    doc_push(members, join);
    doc_set(genesis, "members", members);
    assert_int_equal(init_with(ledger, genesis), ERR_KEY_DUPLICATE);
    assert_true(ledger_fault(ledger, ERR_KEY_DUPLICATE, "members[4].keys[1].public"));

    doc_free(&genesis);
    genesis = doc_copy(ledger->genesis);
    struct doc *profile = doc_copy(doc_get(genesis, "profile"));
    doc_remove(profile, "answer");
    doc_set(genesis, "profile", profile);
    assert_int_equal(init_with(ledger, genesis), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "profile.answer"));
    ledger_close(&ledger);
}

/* ---- member.admit ---- */

static int admit(struct ledger *ledger, const struct doc *join)
{
    AUTO(doc_free) struct doc *body = doc_new_object();
    doc_set(body, "join", doc_ref(join));
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, CENTER "/admin", "member.admit", body);
}

static void a_newcomer_is_admitted(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    AUTO(doc_free) struct doc *join = ledger_join(MEMBER_COUNT, NEWCOMER);
    assert_int_equal(admit(ledger, join), 0);
    assert_string_equal(ledger_text(ledger, "member/" NEWCOMER, "status"), "active");
    assert_string_equal(ledger_text(ledger, "member/" NEWCOMER, "version"), ledger->txid);
    assert_int_equal(ledger_int(ledger, "member/" NEWCOMER, "since"), ledger->height + 1);
    assert_int_equal(ledger_int(ledger, "members", "count"), MEMBER_COUNT + 1);
    /* Its keys act from the next block. */
    assert_int_equal(ledger_do(ledger, NEWCOMER "/compile", "duty.publish", "{}"),
                     ERR_FIELD_MISSING);
    assert_int_equal(ledger_do(ledger, NEWCOMER "/compile", "duty.publish",
                               "{'code':'D1','name':'备案','category':'其他',"
                               "'implementer':'发改委','basis':'条例'}"),
                     ERR_TX_KEY);
    ledger_at(ledger, "2026-01-06T09:00:00+08:00");
    ledger_must(ledger, NEWCOMER "/compile", "duty.publish",
                "{'code':'D1','name':'备案','category':'其他',"
                "'implementer':'发改委','basis':'条例'}");
    assert_int_equal(admit(ledger, join), ERR_DUPLICATE);
    ledger_close(&ledger);
}

static void change_name(struct doc *join)
{
    doc_set_text(join, "name", "冒名单位"); /* after the signatures */
}
static void wrong_check_digit(struct doc *join)
{
    doc_set_text(join, "member", "11440000006939756A");
    ledger_sign_join(join, MEMBER_COUNT);
}
static void real_code_that_fails(struct doc *join)
{
    doc_set_text(join, "member", "13440000515356094L"); /* 广东省红十字会, as published */
    ledger_sign_join(join, MEMBER_COUNT);
}
static void second_center(struct doc *join)
{
    struct doc *parties = doc_new_array();
    doc_push_text(parties, "center");
    doc_set(join, "parties", parties);
    fixture_add_key((struct doc *)(uintptr_t)doc_get(join, "keys"), MEMBER_COUNT, 5);
    ledger_sign_join(join, MEMBER_COUNT);
}
static void no_chief(struct doc *join)
{
    struct doc *keys = doc_new_array();
    fixture_add_key(keys, MEMBER_COUNT, 1);
    doc_set(join, "keys", keys);
    ledger_sign_join(join, MEMBER_COUNT);
}
static void peer_key_of_another(struct doc *join)
{
    doc_set_format(join, "peer_key", "%064zx", (size_t)2); /* ALPHA's */
    ledger_sign_join(join, MEMBER_COUNT);
}
static void key_of_another(struct doc *join)
{
    const struct doc *key = doc_at(doc_get(join, "keys"), 2);
    doc_set_text((struct doc *)(uintptr_t)key, "public", fixture_public(BETA "/approve"));
    ledger_sign_join(join, MEMBER_COUNT);
}
static void vote_key_is_the_chiefs(struct doc *join)
{
    doc_set_text(join, "vote_key", fixture_public(NEWCOMER "/chief") + 2);
}

static void join_requests_are_judged(void **state)
{
    (void)state;
    static const struct {
        void (*spoil)(struct doc *join);
        int error;
        const char *field;
    } cases[] = {
        {change_name, ERR_SIGNATURE, "join.signature"},
        {change_name, ERR_SIGNATURE, "join.vote_signature"},
        {wrong_check_digit, ERR_USCC_CHECK, "join.member"},
        {real_code_that_fails, ERR_USCC_CHECK, "join.member"},
        {second_center, ERR_CENTER, "join.parties"},
        {no_chief, ERR_CHIEF_MISSING, "join.keys"},
        {peer_key_of_another, ERR_KEY_DUPLICATE, "join.peer_key"},
        {key_of_another, ERR_KEY_DUPLICATE, "join.keys[2].public"},
        {vote_key_is_the_chiefs, ERR_KEY_DUPLICATE, "join.keys[0].public"},
    };
    struct ledger *ledger = ledger_open("putuo");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *join = ledger_join(MEMBER_COUNT, NEWCOMER);
        cases[i].spoil(join);
        assert_int_not_equal(admit(ledger, join), 0);
        assert_true(ledger_fault(ledger, cases[i].error, cases[i].field));
        assert_null(ledger_get(ledger, "member/" NEWCOMER));
    }
    ledger_close(&ledger);
}

static void membership_is_bounded(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    AUTO(doc_free) struct doc *join = ledger_join(MEMBER_COUNT, NEWCOMER);
    struct doc *count = doc_new_object();
    doc_set_int(count, "count", MEMBERS_MAX);
    state_put(ledger->state, "members", count);
    assert_int_equal(admit(ledger, join), ERR_QUOTA);
    count = doc_new_object();
    doc_set_int(count, "count", MEMBERS_MAX - 1);
    state_put(ledger->state, "members", count);
    assert_int_equal(admit(ledger, join), 0);
    ledger_close(&ledger);
}

static void only_the_center_admits(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    AUTO(doc_free) struct doc *join = ledger_join(MEMBER_COUNT, NEWCOMER);
    AUTO(doc_free) struct doc *body = doc_new_object();
    doc_set(body, "join", doc_ref(join));
    assert_int_equal(fixture_submit(ledger, ALPHA "/chief", "member.admit", body), ERR_TX_ROLE);
    assert_int_equal(fixture_submit(ledger, CENTER "/chief", "member.admit", body), ERR_TX_ROLE);
    ledger_close(&ledger);
}

/* ---- suspension, removal ---- */

#define MEMBER_ACT "{'member':'%s','acts_on':'%s','reason':'%s'}"
#define MEMBER_STOP "{'member':'%s','acts_on':'%s','reason':'%s'," NO_RISK "}"

static void members_are_suspended_and_restored(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    const char *genesis = ledger_version(ledger, "member/" BETA);
    assert_int_equal(
        ledger_do(ledger, CENTER "/admin", "member.restore", MEMBER_ACT, BETA, genesis, "没有暂停"),
        ERR_STATUS);
    ledger_must(ledger, CENTER "/admin", "member.suspend", MEMBER_STOP, BETA, genesis,
                "安全事件核查");
    assert_string_equal(ledger_text(ledger, "member/" BETA, "status"), "suspended");
    assert_int_equal(
        ledger_do(ledger, CENTER "/admin", "member.suspend", MEMBER_STOP, BETA, genesis, "再次"),
        ERR_VERSION_STALE);
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "member.suspend", MEMBER_STOP, BETA,
                               ledger_version(ledger, "member/" BETA), "再次"),
                     ERR_STATUS);
    ledger_must(ledger, CENTER "/admin", "member.restore", MEMBER_ACT, BETA,
                ledger_version(ledger, "member/" BETA), "核查完毕");
    assert_string_equal(ledger_text(ledger, "member/" BETA, "status"), "active");
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "member.suspend", MEMBER_STOP, CENTER,
                               ledger_version(ledger, "member/" CENTER), "自我暂停"),
                     ERR_SELF);
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "member.suspend", MEMBER_STOP, NEWCOMER,
                               genesis, "不存在"),
                     ERR_SUBJECT);
    ledger_close(&ledger);
}

static void a_validator_steps_down_before_it_goes(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo"); /* BETA: the first of the set */
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "member.remove", MEMBER_STOP, BETA,
                               ledger_version(ledger, "member/" BETA), "机构撤销"),
                     ERR_SEATED);
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'remove':['" BETA "'],'reason':'机构撤销'}");
    ledger_must(ledger, CENTER "/admin", "member.remove", MEMBER_STOP, BETA,
                ledger_version(ledger, "member/" BETA), "机构撤销");
    assert_string_equal(ledger_text(ledger, "member/" BETA, "status"), "removed");
    assert_int_equal(ledger_do(ledger, BETA "/chief", "member.update",
                               "{'acts_on':'%s','name':'新名'}",
                               ledger_version(ledger, "member/" BETA)),
                     ERR_TX_SUSPENDED);
    ledger_close(&ledger);
}

static void a_member_updates_its_record(void **state)
{
    (void)state;
    char peer[65];
    struct ledger *ledger = ledger_open("putuo");
    (void)snprintf(peer, sizeof peer, "%064x", 0xabc);
    const char *version = ledger_version(ledger, "member/" ALPHA);
    assert_int_equal(
        ledger_do(ledger, ALPHA "/chief", "member.update", "{'acts_on':'%s'}", version),
        ERR_FIELD_MISSING);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "member.update",
                               "{'acts_on':'%s','name':' \u3000'}", version),
                     ERR_FIELD_BLANK);
    /* BETA's key is taken; ALPHA's own is not. */
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "member.update",
                               "{'acts_on':'%s','peer_key':'%064x'}", version, 3),
                     ERR_KEY_DUPLICATE);
    ledger_must(ledger, ALPHA "/chief", "member.update",
                "{'acts_on':'%s','peer_key':'%s','peer_endpoint':'10.0.0.9:9443'}", version, peer);
    assert_string_equal(ledger_text(ledger, "member/" ALPHA, "peer_key"), peer);
    assert_string_equal(ledger_text(ledger, "member/" ALPHA, "peer_endpoint"), "10.0.0.9:9443");
    assert_non_null(ledger_get(ledger, "peer/%s", peer));
    assert_null(ledger_get(ledger, "peer/%064x", 2)); /* free again */
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "member.update",
                               "{'acts_on':'%s','name':'新名'}",
                               ledger_version(ledger, "member/" ALPHA)),
                     ERR_TX_ROLE);
    ledger_close(&ledger);
}

/* ---- keys ---- */

#define KEY_ADD "{'name':'%s','role':'%s','public':'%s'}"

static void a_chief_registers_officers(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, ALPHA "/chief", "key.add", KEY_ADD, "compile-2", "compile",
                fixture_public(ALPHA "/compile-2"));
    assert_string_equal(ledger_text(ledger, "key/" ALPHA "/compile-2", "role"), "compile");
    assert_int_equal(ledger_int(ledger, "key/" ALPHA "/compile-2", "from"), ledger->height + 1);
    char owner[RECORD_KEY_BYTES];
    record_key(owner, "public/%s", fixture_public(ALPHA "/compile-2"));
    assert_string_equal(ledger_text(ledger, owner, "member"), ALPHA);
    assert_int_equal(ledger_do(ledger, BETA "/chief", "key.add", KEY_ADD, "mine", "compile",
                               fixture_public(ALPHA "/compile-2")),
                     ERR_KEY_DUPLICATE);
    ledger_at(ledger, "2026-01-06T09:00:00+08:00");
    ledger_must(ledger, ALPHA "/compile-2", "duty.publish",
                "{'code':'D2','name':'年检','category':'行政检查',"
                "'implementer':'广东省民政厅','basis':'条例'}");
    ledger_close(&ledger);
}

/* The auditor's key is on record; it signs nothing, not even what any member may say. */
static void an_auditors_key_is_on_record_and_signs_nothing(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, ALPHA "/chief", "key.add", KEY_ADD, "audit", "audit",
                fixture_public(ALPHA "/audit"));
    assert_string_equal(ledger_text(ledger, "key/" ALPHA "/audit", "role"), "audit");
    ledger_at(ledger, "2026-01-06T09:00:00+08:00");
    assert_int_equal(ledger_do(ledger, ALPHA "/audit", "duty.publish",
                               "{'code':'D2','name':'年检','category':'行政检查',"
                               "'implementer':'广东省民政厅','basis':'条例'}"),
                     ERR_TX_ROLE);
    assert_int_equal(ledger_do(ledger, ALPHA "/audit", "key.add", KEY_ADD, "audit-2", "audit",
                               fixture_public(ALPHA "/audit-2")),
                     ERR_TX_ROLE);
    ledger_close(&ledger);
}

/* A2: compile, review and approve are different keys; a key and a name serve once. */
static void keys_that_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *signer, *name, *role, *public_of;
        int error;
    } cases[] = {
        {ALPHA "/compile", "x", "compile", ALPHA "/x", ERR_TX_ROLE},
        {ALPHA "/chief", "compile", "compile", ALPHA "/x", ERR_KEY_DUPLICATE},
        {ALPHA "/chief", "other", "approve", ALPHA "/compile", ERR_KEY_DUPLICATE},
        {ALPHA "/chief", "other", "gateway", BETA "/gateway", ERR_KEY_DUPLICATE},
        {ALPHA "/chief", "Other", "approve", ALPHA "/x", ERR_FIELD_FORMAT},
        {ALPHA "/chief", "other", "admin", ALPHA "/x", ERR_ADMIN_KEY},
        {ALPHA "/chief", "other", "clerk", ALPHA "/x", ERR_FIELD_CHOICE},
    };
    struct ledger *ledger = ledger_open("putuo");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(ledger_do(ledger, cases[i].signer, "key.add", KEY_ADD, cases[i].name,
                                   cases[i].role, fixture_public(cases[i].public_of)),
                         cases[i].error);
    }
    /* The vote key's secret, in its compressed form. */
    char hex[2 * PUBLIC_KEY_BYTES + 1];
    (void)snprintf(hex, sizeof hex, "02%s", ledger_text(ledger, "member/" ALPHA, "vote_key"));
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "key.add", KEY_ADD, "other", "compile", hex),
                     ERR_KEY_DUPLICATE);
    ledger_close(&ledger);
}

static void a_key_is_retired_and_stays_on_record(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    const char *version = ledger_version(ledger, "key/" ALPHA "/compile");
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "key.retire",
                               "{'name':'chief','acts_on':'%s','reason':'离任'}", version),
                     ERR_LAST_CHIEF);
    ledger_must(ledger, ALPHA "/chief", "key.retire",
                "{'name':'compile','acts_on':'%s','reason':'人员变动'}", version);
    assert_int_equal(ledger_int(ledger, "key/" ALPHA "/compile", "to"), ledger->height);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "key.retire",
                               "{'name':'compile','acts_on':'%s','reason':'再次'}",
                               ledger_version(ledger, "key/" ALPHA "/compile")),
                     ERR_STATUS);
    ledger_at(ledger, "2026-01-06T09:00:00+08:00");
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "duty.publish",
                               "{'code':'D2','name':'年检','category':'行政检查',"
                               "'implementer':'广东省民政厅','basis':'条例'}"),
                     ERR_TX_KEY);
    /* The name is not used again. */
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "key.add", KEY_ADD, "compile", "compile",
                               fixture_public(ALPHA "/x")),
                     ERR_KEY_DUPLICATE);
    ledger_close(&ledger);
}

/* The chief is gone and left no successor: the center registers one, and retires the old key. */
static void the_center_registers_a_successor(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "key.add",
                               "{'member':'%s','name':'x','role':'compile','public':'%s'}", ALPHA,
                               fixture_public(ALPHA "/x")),
                     ERR_PARTY);
    assert_int_equal(ledger_do(ledger, BETA "/chief", "key.add",
                               "{'member':'%s','name':'x','role':'chief','public':'%s'}", ALPHA,
                               fixture_public(ALPHA "/x")),
                     ERR_PARTY);
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "key.add", KEY_ADD, "x", "review",
                               fixture_public(CENTER "/x")),
                     ERR_TX_ROLE); /* its own keys are its chief's business */
    ledger_must(ledger, CENTER "/admin", "key.add",
                "{'member':'%s','name':'chief-2','role':'chief','public':'%s'}", ALPHA,
                fixture_public(ALPHA "/chief-2"));
    assert_true(ledger_act_is(ledger, 0, "key/" ALPHA "/chief-2", "chief-brought-in"));
    ledger_at(ledger, "2026-01-06T09:00:00+08:00");
    ledger_must(ledger, CENTER "/admin", "key.retire",
                "{'member':'%s','name':'chief','acts_on':'%s','reason':'离任'}", ALPHA,
                ledger_version(ledger, "key/" ALPHA "/chief"));
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "key.retire",
                               "{'member':'%s','name':'compile','acts_on':'%s','reason':'越权'}",
                               ALPHA, ledger_version(ledger, "key/" ALPHA "/compile")),
                     ERR_PARTY);
    ledger_must(ledger, ALPHA "/chief-2", "key.add", KEY_ADD, "approve-2", "approve",
                fixture_public(ALPHA "/approve-2"));
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_initial_state_holds_the_genesis),
        cmocka_unit_test(a_bad_genesis_makes_no_state),
        cmocka_unit_test(a_newcomer_is_admitted),
        cmocka_unit_test(join_requests_are_judged),
        cmocka_unit_test(membership_is_bounded),
        cmocka_unit_test(only_the_center_admits),
        cmocka_unit_test(members_are_suspended_and_restored),
        cmocka_unit_test(a_validator_steps_down_before_it_goes),
        cmocka_unit_test(a_member_updates_its_record),
        cmocka_unit_test(a_chief_registers_officers),
        cmocka_unit_test(an_auditors_key_is_on_record_and_signs_nothing),
        cmocka_unit_test(keys_that_are_refused),
        cmocka_unit_test(a_key_is_retired_and_stays_on_record),
        cmocka_unit_test(the_center_registers_a_successor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
