/* validator.rotate: a seat's new vote key. */
#include "rules_fixture.h"

#include "base/limits.h"

#include "seats.h"

static void a_new_vote_key_acts_two_blocks_later(void **state)
{
    (void)state;
    char old[2 * VOTE_KEY_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    ledger_blocks(ledger, 8);
    uint64_t height = ledger->height;
    (void)snprintf(old, sizeof old, "%s", seat_key(ledger, ALPHA, height));
    assert_int_equal(rotate(ledger, ALPHA, 1), 0);
    assert_string_equal(seat_key(ledger, ALPHA, height), old);
    assert_string_equal(seat_key(ledger, ALPHA, height + 1), old);
    assert_string_equal(seat_key(ledger, ALPHA, height + 2), vote_hex(1));
    assert_int_equal(seats(ledger), 4);
    assert_string_equal(ledger_text(ledger, "member/" ALPHA, "vote_key"), vote_hex(1));
    assert_int_equal(ledger_int(ledger, "member/" ALPHA, "vote_key_from"), (int64_t)height + 2);
    assert_string_equal(ledger_text(ledger, "validators", "version"), ledger->txid);
    /* One change at a time, whosever it is. */
    assert_int_equal(rotate(ledger, BETA, 2), ERR_SEAT_PENDING);
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "validator.change",
                               "{'remove':['" GAMMA "'],'reason':'轮换'}"),
                     ERR_SEAT_PENDING);
    ledger_blocks(ledger, 2);
    assert_int_equal(rotate(ledger, BETA, 2), ERR_QUORUM_LOST); /* nobody has seen ALPHA's yet */
    ledger_blocks(ledger, 4);
    assert_int_equal(rotate(ledger, BETA, 2), 0);
    ledger_close(&ledger);
}

/* Neither a key without its holder, nor one that anybody has or had. */
static void whose_key_it_is_is_proved_and_stays(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_blocks(ledger, 4);
    assert_int_equal(rotate_as(ledger, ALPHA, 1, 2, ALPHA), ERR_SIGNATURE);
    assert_true(ledger_fault(ledger, ERR_SIGNATURE, "vote_signature"));
    assert_int_equal(rotate_as(ledger, ALPHA, 1, 1, BETA), ERR_SIGNATURE); /* meant for another */
    assert_int_equal(rotate(ledger, ALPHA, 1), 0);
    ledger_blocks(ledger, 40);
    assert_int_equal(rotate(ledger, ALPHA, 1), ERR_KEY_DUPLICATE);
    assert_true(ledger_fault(ledger, ERR_KEY_DUPLICATE, "vote_key"));
    assert_int_equal(rotate(ledger, BETA, 1), ERR_KEY_DUPLICATE);
    assert_int_equal(rotate(ledger, ALPHA, 2), 0);
    ledger_blocks(ledger, 40);
    assert_int_equal(rotate(ledger, ALPHA, 1), ERR_KEY_DUPLICATE); /* its own, of old */
    /* An officer's key is no vote key, and a vote key no officer's. */
    assert_int_equal(ledger_do(ledger, GAMMA "/chief", "key.add",
                               "{'name':'oa','role':'compile','public':'02%s'}", vote_hex(2)),
                     ERR_KEY_DUPLICATE);
    ledger_must(ledger, GAMMA "/chief", "key.add", "{'name':'oa','role':'compile','public':'03%s'}",
                vote_hex(3));
    assert_int_equal(rotate(ledger, BETA, 3), ERR_KEY_DUPLICATE);
    ledger_close(&ledger);
}

/* All by which a member could fill the record, or keep the center waiting. */
static void a_vote_key_stays_for_a_while(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_blocks(ledger, 4);
    assert_int_equal(rotate(ledger, ALPHA, 1), 0);
    int64_t from = ledger_int(ledger, "member/" ALPHA, "vote_key_from");
    while ((int64_t)ledger->height < from + ROTATION_HEIGHTS_MIN - 1) {
        ledger_blocks(ledger, 1);
    }
    assert_int_equal(rotate(ledger, ALPHA, 2), ERR_VOTE_KEY_RECENT);
    assert_true(strstr(ledger->faults.item[0].field, "起方可再换") != NULL);
    ledger_blocks(ledger, 1);
    assert_int_equal(rotate(ledger, ALPHA, 2), 0);
    ledger_close(&ledger);
}

/* Nobody has seen the new key vote: the others must do without it. */
static void a_new_key_is_a_newcomer_to_the_preflight(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_blocks(ledger, 80);
    ledger->down[0] = BETA;
    ledger_blocks(ledger, 100);
    assert_int_equal(rotate(ledger, ALPHA, 1), ERR_QUORUM_LOST);
    assert_true(ledger_fault(ledger, ERR_QUORUM_LOST,
                             "变更后 4 席须 3 席，留任且近期出过块的仅 2 席 2 of 4 stay and are "
                             "awake, a quorum of 4 is 3"));
    assert_int_equal(rotate(ledger, BETA, 2), 0); /* its own costs nothing */
    assert_null(ledger_get(ledger, "proposed/" BETA));
    ledger->down[0] = NULL; /* it counts again once it has proposed */
    ledger_blocks(ledger, 6);
    assert_non_null(ledger_get(ledger, "proposed/" BETA));
    assert_int_equal(rotate(ledger, ALPHA, 1), 0);
    ledger_close(&ledger);
}

/* Before H+2 it proposes with the key that leaves, which says nothing of the one to come. */
static void the_old_key_does_not_speak_for_the_new_one(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_blocks(ledger, 8);
    assert_int_equal(rotate(ledger, ALPHA, 1), 0);
    assert_null(ledger_get(ledger, "proposed/" ALPHA));
    ledger->down[0] = BETA;
    ledger->down[1] = GAMMA;
    ledger->down[2] = SUPERVISOR;
    ledger_blocks(ledger, 1); /* proposed by ALPHA, with the old key */
    assert_null(ledger_get(ledger, "proposed/" ALPHA));
    ledger_blocks(ledger, 1); /* and now with the new one */
    assert_int_equal(ledger_int(ledger, "proposed/" ALPHA, "height"), (int64_t)ledger->height);
    ledger_close(&ledger);
}

static void who_may_change_a_vote_key(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_blocks(ledger, 4);
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "validator.rotate",
                               "{'vote_key':'%s','vote_signature':'%086d','acts_on':'%064d',"
                               "'reason':'轮换'}",
                               vote_hex(1), 0, 0),
                     ERR_TX_ROLE);
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "validator.rotate",
                               "{'vote_key':'%s','vote_signature':'%086d','acts_on':'%064d',"
                               "'reason':'轮换'}",
                               vote_hex(1), 0, 0),
                     ERR_VERSION_STALE);
    /* Without a seat it is the key for the one it may get. */
    assert_int_equal(rotate(ledger, CENTER, 1), 0);
    assert_int_equal(seats(ledger), 4);
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, "validators"), "sets")), 1);
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'add':['" CENTER "'],'reason':'扩充'}");
    assert_string_equal(seat_key(ledger, CENTER, UINT64_MAX), vote_hex(1));
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_vote_key_acts_two_blocks_later),
        cmocka_unit_test(whose_key_it_is_is_proved_and_stays),
        cmocka_unit_test(a_vote_key_stays_for_a_while),
        cmocka_unit_test(a_new_key_is_a_newcomer_to_the_preflight),
        cmocka_unit_test(the_old_key_does_not_speak_for_the_new_one),
        cmocka_unit_test(who_may_change_a_vote_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
