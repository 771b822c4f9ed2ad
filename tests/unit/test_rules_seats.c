/* validator.change: seats given and taken by the center, and the preflight that keeps a quorum of
 * those that are up. What a member does to its own seat: test_rules_rotation; evidence:
 * test_rules_removals. */
#include "rules_fixture.h"

#include "base/limits.h"
#include "base/uscc.h"
#include "chain/validators.h"

static size_t validators_of(struct ledger *ledger, uint64_t height, struct validator_set *set)
{
    assert_int_equal(rules_validators(set, ledger->state, height), 0);
    assert_int_equal(validators_check(set), 0);
    return set->count;
}

static void a_change_acts_two_blocks_later(void **state)
{
    (void)state;
    struct validator_set set;
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'add':['" CENTER "'],'reason':'扩充'}");
    uint64_t height = ledger->height;
    assert_int_equal(validators_of(ledger, height, &set), 4);
    assert_int_equal(validators_of(ledger, height + 1, &set), 4);
    assert_int_equal(validators_of(ledger, height + 2, &set), 5);
    assert_true(validators_find(&set, CENTER) >= 0);
    /* One change at a time: the next one comes when this one acts. */
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "validator.change",
                               "{'remove':['" GAMMA "'],'reason':'轮换'}"),
                     ERR_SEAT_PENDING);
    ledger_at(ledger, "2026-01-06T09:00:00+08:00");
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "validator.change",
                               "{'remove':['" GAMMA "'],'reason':'轮换'}"),
                     ERR_SEAT_PENDING);
    ledger_at(ledger, "2026-01-06T09:00:01+08:00");
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'remove':['" GAMMA "'],'reason':'轮换'}");
    assert_int_equal(validators_of(ledger, ledger->height + 1, &set), 5);
    assert_int_equal(validators_of(ledger, ledger->height + 2, &set), 4);
    assert_int_equal(validators_find(&set, GAMMA), -1);
    /* The one that acts and the one to come: what was before is the store's. */
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, "validators"), "sets")), 2);
    assert_int_equal(rules_validators(&set, ledger->state, 1), ERR_NOT_FOUND);
    ledger_close(&ledger);
}

/* Puts a set of the first n members into the state, as if it had acted since genesis. */
static void start_with(struct ledger *ledger, size_t n)
{
    static const char *const members[] = {ALPHA, BETA, GAMMA, SUPERVISOR};
    struct doc *set = doc_new_array();
    static const size_t by_id[] = {1, 0, 2, 3}; /* BETA, ALPHA, GAMMA, SUPERVISOR ascend */
    for (size_t i = 0; i < COUNT_OF(by_id); i++) {
        if (by_id[i] < n) {
            struct doc *seat = doc_new_object();
            const char *id = members[by_id[i]];
            char key[64];
            (void)snprintf(key, sizeof key, "member/%s", id);
            doc_set_text(seat, "key", ledger_text(ledger, key, "vote_key"));
            doc_set_text(seat, "member", id);
            doc_push(set, seat);
        }
    }
    struct doc *first = doc_new_object(), *sets = doc_new_array(), *record = doc_new_object();
    doc_set_int(first, "from", 1);
    doc_set(
        first, "history",
        doc_ref(doc_get(doc_at(doc_get(ledger_get(ledger, "validators"), "sets"), 0), "history")));
    doc_set(first, "set", set);
    doc_push(sets, first);
    doc_set(record, "sets", sets);
    state_put(ledger->state, "validators", record);
}

static void the_preflight_says_why(void **state)
{
    (void)state;
    static const struct {
        size_t before;
        const char *body;
        int error;
        const char *field;
    } cases[] = {
        {4, "{'add':['" CENTER "'],'reason':'扩充'}", 0, NULL},
        {4, "{'remove':['" GAMMA "'],'reason':'退出'}", 0, NULL},
        {4, "{'add':['" CENTER "'],'remove':['" GAMMA "'],'reason':'替换'}", ERR_SEATS,
         "4 个席位中变更 2 个，至多 1 个 2 of 4 seats change, "
         "at most 1 may"},
        {4, "{'remove':['" GAMMA "','" BETA "'],'reason':'退出'}", ERR_SEATS,
         "4 个席位中变更 2 个，至多 1 个 2 of 4 seats change, "
         "at most 1 may"},
        {3, "{'add':['" CENTER "'],'reason':'扩充'}", 0, NULL},
        {3, "{'remove':['" GAMMA "'],'reason':'退出'}", 0, NULL},
        {2, "{'add':['" CENTER "'],'reason':'扩充'}", 0, NULL},
        {1, "{'add':['" CENTER "'],'reason':'扩充'}", 0, NULL},
        {1, "{'remove':['" ALPHA "'],'reason':'退出'}", ERR_QUORUM_LOST,
         "变更后 0 席须 1 席，留任且近期出过块的仅 0 席 0 of 1 stay and are "
         "awake, a quorum of 0 is 1"},
        {1, "{'add':['" CENTER "'],'remove':['" ALPHA "'],'reason':'替换'}", ERR_SEATS,
         "1 个席位中变更 2 个，至多 1 个 2 of 1 seats change, "
         "at most 1 may"},
        {4, "{'add':['" ALPHA "'],'reason':'重复'}", ERR_DUPLICATE,
         "add[0] 已是验证者 is a validator already"},
        {4, "{'add':['" NEWCOMER "'],'reason':'未准入'}", ERR_SUBJECT,
         "add[0] 非成员单位 is no member"},
        {4, "{'remove':['" CENTER "'],'reason':'不在其中'}", ERR_SUBJECT,
         "remove[0] 不是验证者 is no validator"},
        {4, "{'reason':'无变更'}", ERR_FIELD_MISSING,
         "未指明增减何人 nobody to add or remove is named"},
        /* Out and in again is no change. */
        {4, "{'add':['" GAMMA "'],'remove':['" GAMMA "'],'reason':'无变更'}", ERR_SEATS,
         "4 个席位中变更 2 个，至多 1 个 2 of 4 seats change, "
         "at most 1 may"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = ledger_open("putuo");
        start_with(ledger, cases[i].before);
        assert_int_equal(
            ledger_do(ledger, CENTER "/admin", "validator.change", "%s", cases[i].body),
            cases[i].error);
        assert_true(cases[i].error == 0 || ledger_fault(ledger, cases[i].error, cases[i].field));
        ledger_close(&ledger);
    }
}

#define CHANGE(verb, member) "{'" verb "':['" member "'],'reason':'轮换'}"

/* FISCO-BCOS #3876: with one of four down, a change that only counts seats stops the chain. */
static void validators_that_are_down_make_no_quorum(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_blocks(ledger, 100);
    ledger->down[0] = ALPHA;
    ledger_blocks(ledger, 100);
    static const char *const fatal[] = {CHANGE("remove", GAMMA), CHANGE("add", CENTER)};
    static const char *const why[] = {
        "变更后 3 席须 3 席，留任且近期出过块的仅 2 席 2 of 4 stay and are "
        "awake, a quorum of 3 is 3",
        "变更后 5 席须 4 席，留任且近期出过块的仅 3 席 3 of 4 stay and are "
        "awake, a quorum of 5 is 4"};
    for (size_t i = 0; i < COUNT_OF(fatal); i++) {
        assert_int_equal(ledger_do(ledger, CENTER "/admin", "validator.change", "%s", fatal[i]),
                         ERR_QUORUM_LOST);
        assert_true(ledger_fault(ledger, ERR_QUORUM_LOST, why[i]));
        assert_true(ledger_fault(ledger, ERR_QUORUM_LOST,
                                 ALPHA " 近期未出过块 has not proposed a block lately"));
        assert_int_equal(ledger->faults.count, 2);
    }
    /* Back again: its first turn tells. */
    ledger->down[0] = NULL;
    ledger_blocks(ledger, 4);
    ledger_must(ledger, CENTER "/admin", "validator.change", "%s", fatal[0]);
    ledger_close(&ledger);

    /* The one that is down may go: that costs nothing. */
    ledger = ledger_open("putuo");
    ledger->down[0] = ALPHA;
    ledger_blocks(ledger, 100);
    ledger_must(ledger, CENTER "/admin", "validator.change", CHANGE("remove", ALPHA));
    ledger_close(&ledger);
}

/* A newcomer that never ran counts for nothing until it has proposed, whatever it did in a seat
 * that it had before. */
static void a_newcomer_counts_once_it_has_proposed(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, CENTER "/admin", "validator.change", CHANGE("add", CENTER));
    ledger_blocks(ledger, 20);
    ledger_must(ledger, CENTER "/admin", "validator.change", CHANGE("remove", CENTER));
    ledger_blocks(ledger, 2);
    ledger->down[0] = CENTER;
    ledger_must(ledger, CENTER "/admin", "validator.change", CHANGE("add", CENTER));
    ledger_blocks(ledger, 20);
    AUTO(doc_free) struct doc *join = ledger_join(MEMBER_COUNT, NEWCOMER);
    AUTO(doc_free) struct doc *body = doc_new_object();
    doc_set(body, "join", doc_ref(join));
    assert_int_equal(fixture_submit(ledger, CENTER "/admin", "member.admit", body), 0);
    assert_int_equal(
        ledger_do(ledger, CENTER "/admin", "validator.change", CHANGE("add", NEWCOMER)),
        ERR_QUORUM_LOST);
    assert_true(ledger_fault(ledger, ERR_QUORUM_LOST,
                             "变更后 6 席须 5 席，留任且近期出过块的仅 4 席 4 of 5 stay and are "
                             "awake, a quorum of 6 is 5"));
    ledger->down[0] = NULL;
    ledger_blocks(ledger, 5);
    ledger_must(ledger, CENTER "/admin", "validator.change", CHANGE("add", NEWCOMER));
    ledger_close(&ledger);
}

/* ---- every size ---- */

#define SIZES 10

/* A code with the right check digit, and a member of it that may take a seat. */
static const char *extra_member(struct ledger *ledger, size_t number)
{
    static char ids[SIZES + 2][MEMBER_ID_CHARS + 1];
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    char hex[2 * VOTE_KEY_BYTES + 1];
    char *id = ids[number];
    size_t digit = 0;
    do {
        (void)snprintf(id, MEMBER_ID_CHARS + 1, "1144000000%07zu%c", 5000000 + number,
                       alphabet[digit++]);
    } while (uscc_check(id) != 0);
    struct secret_key secret;
    struct vote_key key;
    memset(secret.bytes, (int)number + 1, sizeof secret.bytes);
    assert_int_equal(sign_vote_key(&key, &secret), 0);
    hex_encode(hex, view_of(key.bytes, sizeof key.bytes));
    state_putf(ledger->state,
               fixture_parse("{'id':'%s','status':'active','vote_key':'%s'}", id, hex), "member/%s",
               id);
    return id;
}

static size_t seats_of(struct ledger *ledger)
{
    struct validator_set set;
    assert_int_equal(rules_validators(&set, ledger->state, ledger->height), 0);
    return set.count;
}

static void change_one(struct ledger *ledger, const char *verb, const char *member)
{
    ledger_must(ledger, CENTER "/admin", "validator.change", "{'%s':['%s'],'reason':'轮换'}", verb,
                member);
    ledger_blocks(ledger, 2 + SIZES + 2); /* it acts, and everybody has its turn */
}

/* From one to ten and back, one seat at a time, all of them up. */
static void every_size_grows_and_shrinks_by_one(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    const char *members[SIZES + 1] = {ALPHA};
    start_with(ledger, 1);
    ledger_blocks(ledger, 2);
    for (size_t n = 1; n <= SIZES; n++) {
        assert_int_equal(seats_of(ledger), n);
        members[n] = extra_member(ledger, n);
        change_one(ledger, "add", members[n]);
    }
    for (size_t n = SIZES + 1; n > 1; n--) {
        assert_int_equal(seats_of(ledger), n);
        change_one(ledger, "remove", members[n - 1]);
    }
    assert_int_equal(seats_of(ledger), 1);
    assert_int_equal(
        ledger_do(ledger, CENTER "/admin", "validator.change", CHANGE("remove", ALPHA)),
        ERR_QUORUM_LOST);
    ledger_close(&ledger);
}

/* The same with as many down as the chain bears: what is accepted leaves a quorum of those up. */
static void no_size_is_changed_into_one_that_stops(void **state)
{
    (void)state;
    for (size_t n = 4; n <= SIZES; n++) {
        struct ledger *ledger = ledger_open("putuo");
        const char *members[SIZES + 1] = {ALPHA};
        start_with(ledger, 1);
        for (size_t i = 1; i < n; i++) {
            members[i] = extra_member(ledger, i);
            change_one(ledger, "add", members[i]);
        }
        const char *newcomer = extra_member(ledger, n);
        size_t down = validators_faulty_max(n);
        for (size_t i = 0; i < down; i++) {
            ledger->down[i] = members[i];
        }
        ledger_blocks(ledger, 64 + 4 * n + n + 1);
        bool grows = n - down >= validators_quorum(n + 1);
        bool shrinks = n - down - 1 >= validators_quorum(n - 1);
        assert_int_equal(ledger_do(ledger, CENTER "/admin", "validator.change",
                                   "{'add':['%s'],'reason':'轮换'}", newcomer),
                         grows ? 0 : ERR_QUORUM_LOST);
        ledger_blocks(ledger, 2);
        if (!grows) {
            assert_int_equal(ledger_do(ledger, CENTER "/admin", "validator.change",
                                       "{'remove':['%s'],'reason':'轮换'}", members[n - 1]),
                             shrinks ? 0 : ERR_QUORUM_LOST);
            ledger_blocks(ledger, 2);
        }
        if (!grows && !shrinks) { /* the one that is down can always go */
            assert_int_equal(ledger_do(ledger, CENTER "/admin", "validator.change",
                                       "{'remove':['%s'],'reason':'轮换'}", members[0]),
                             0);
        }
        ledger_close(&ledger);
    }
}

static void a_suspended_member_takes_no_seat(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    start_with(ledger, 3);
    ledger_must(ledger, CENTER "/admin", "member.suspend",
                "{'member':'" SUPERVISOR "','acts_on':'%s','reason':'核查'," NO_RISK "}",
                ledger_version(ledger, "member/" SUPERVISOR));
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "validator.change",
                               "{'add':['" SUPERVISOR "'],'reason':'扩充'}"),
                     ERR_STATUS);
    ledger_close(&ledger);
}

/* Two members with one vote key would be one validator with two votes. */
static void one_vote_key_is_one_seat(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    struct doc *twin = doc_copy(ledger_get(ledger, "member/" CENTER));
    doc_set_text(twin, "vote_key", ledger_text(ledger, "member/" ALPHA, "vote_key"));
    state_put(ledger->state, "member/" CENTER, twin);
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "validator.change",
                               "{'add':['" CENTER "'],'reason':'扩充'}"),
                     ERR_DUPLICATE);
    ledger_close(&ledger);
}

/* However often the set changes, the record holds two of them, and nobody is refused for it. */
static void the_history_of_sets_is_bounded(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    for (size_t changes = 0; changes < 100; changes++) {
        ledger_blocks(ledger, 2);
        ledger_must(ledger, CENTER "/admin", "validator.change", "%s",
                    changes % 2 == 0 ? "{'add':['" CENTER "'],'reason':'轮换'}"
                                     : "{'remove':['" CENTER "'],'reason':'轮换'}");
        assert_int_equal(doc_count(doc_get(ledger_get(ledger, "validators"), "sets")), 2);
    }
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_acts_two_blocks_later),
        cmocka_unit_test(the_preflight_says_why),
        cmocka_unit_test(validators_that_are_down_make_no_quorum),
        cmocka_unit_test(a_newcomer_counts_once_it_has_proposed),
        cmocka_unit_test(every_size_grows_and_shrinks_by_one),
        cmocka_unit_test(no_size_is_changed_into_one_that_stops),
        cmocka_unit_test(a_suspended_member_takes_no_seat),
        cmocka_unit_test(one_vote_key_is_one_seat),
        cmocka_unit_test(the_history_of_sets_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
