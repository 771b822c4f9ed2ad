/* A seat's key and a seat's loss: rotation of vote keys, and what follows from evidence by the
 * profile. How seats are given and taken by the center: test_rules_governance. */
#include "rules_fixture.h"

#include "base/limits.h"
#include "chain/rules/rotation.h"
#include "chain/validators.h"
#include "chain/vote.h"

/* ---- rotation ---- */

/* A vote key of its own for each number, none of the fixture's. */
static struct secret_key vote_secret(uint8_t number)
{
    struct secret_key secret = {{0}};
    secret.bytes[0] = 0x7a;
    secret.bytes[SECRET_KEY_BYTES - 1] = number;
    return secret;
}

static const char *vote_hex(uint8_t number)
{
    static char hex[4][2 * VOTE_KEY_BYTES + 1];
    struct secret_key secret = vote_secret(number);
    struct vote_key key;
    assert_int_equal(sign_vote_key(&key, &secret), 0);
    hex_encode(hex[number % 4], view_of(key.bytes, sizeof key.bytes));
    return hex[number % 4];
}

/* The rotation of a member to key `number`, possession proved by key `signer` for `named`. */
static int rotate_as(struct ledger *ledger, const char *member, uint8_t number, uint8_t signer,
                     const char *named)
{
    AUTO(buf_free) struct buf text = {0};
    struct secret_key secret = vote_secret(signer);
    struct signature signature;
    struct hash digest;
    char kid[40], key[40];
    rotation_digest(&digest, &ledger->genesis_hash, named, vote_hex(number));
    assert_int_equal(schnorr_sign(&signature, &secret, &digest), 0);
    base64url_append(&text, view_of(signature.bytes, sizeof signature.bytes));
    (void)snprintf(kid, sizeof kid, "%s/chief", member);
    (void)snprintf(key, sizeof key, "member/%s", member);
    return ledger_do(ledger, kid, "validator.rotate",
                     "{'vote_key':'%s','vote_signature':'%s','acts_on':'%s','reason':'定期轮换'}",
                     vote_hex(number), buf_text(&text), ledger_version(ledger, "%s", key));
}

static int rotate(struct ledger *ledger, const char *member, uint8_t number)
{
    return rotate_as(ledger, member, number, number, member);
}

/* The key of the member's seat at a height; "" without one. */
static const char *seat_key(struct ledger *ledger, const char *member, uint64_t height)
{
    static char hex[2 * VOTE_KEY_BYTES + 1];
    struct validator_set set;
    assert_int_equal(rules_validators(&set, ledger->state, height), 0);
    assert_int_equal(validators_check(&set), 0);
    int at = validators_find(&set, member);
    hex[0] = 0;
    if (at >= 0) {
        hex_encode(hex, view_of(set.item[at].key.bytes, VOTE_KEY_BYTES));
    }
    return hex;
}

static size_t seats(struct ledger *ledger)
{
    struct validator_set set;
    assert_int_equal(rules_validators(&set, ledger->state, UINT64_MAX), 0);
    return set.count;
}

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

/* ---- what follows from evidence ---- */

/* Evidence in the next block, recorded and answered as execution does it. */
static int accuse(struct ledger *ledger, const char *member, uint64_t height, uint32_t round)
{
    struct evidence evidence = {.a = {.type = VOTE_PREVOTE, .height = height, .round = round}};
    (void)snprintf(evidence.a.validator, sizeof evidence.a.validator, "%s", member);
    evidence.b = evidence.a;
    evidence.b.block.bytes[0] = 1;
    struct rule_context context = fixture_context(ledger);
    context.height++;
    int error = rules_record_evidence(&context, &evidence);
    error = error != 0 ? error : rules_answer_evidence(&context, &evidence);
    assert_int_equal(ledger->faults.count, error != 0);
    ledger_blocks(ledger, 1);
    return error;
}

/* Who proposes is known to be up: everybody's turn comes within as many blocks as there are seats.
 * Returns how many blocks it took. */
static unsigned blocks_until(struct ledger *ledger, size_t wanted)
{
    unsigned blocks = 0;
    for (; seats(ledger) != wanted && blocks < 10; blocks++) {
        ledger_blocks(ledger, 1);
    }
    assert_int_equal(seats(ledger), wanted);
    return blocks;
}

static void the_profile_says_what_follows(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *status;
        size_t seats, acts;
    } cases[] = {{"putuo", "active", 4, 0},
                 {"changning", "active", 3, 2},
                 {"shanghai-open", "suspended", 3, 3}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = ledger_open(cases[i].profile);
        ledger_blocks(ledger, 8);
        assert_int_equal(accuse(ledger, GAMMA, 5, 0), 0);
        (void)blocks_until(ledger, cases[i].seats);
        assert_string_equal(ledger_text(ledger, "member/" GAMMA, "status"), cases[i].status);
        assert_int_equal(doc_count(ledger->acts), cases[i].acts);
        if (cases[i].acts > 0) {
            const struct doc *last = doc_at(ledger->acts, cases[i].acts - 1);
            assert_true(ledger_act_is(ledger, 0, "member/" GAMMA, "validator-removed"));
            assert_true(ledger_act_is(ledger, 1, "member/" GAMMA, "removal-ordered"));
            assert_true(doc_text_is(last, "clause", "A3"));
            assert_string_equal(ledger_text(ledger, "removal/" GAMMA, "status"), "removed");
            assert_string_equal(seat_key(ledger, GAMMA, ledger->height + 2), "");
            assert_string_not_equal(seat_key(ledger, GAMMA, ledger->height + 1), "");
        }
        if (cases[i].acts > 2) {
            assert_true(ledger_act_is(ledger, 2, "member/" GAMMA, "member-suspended"));
            assert_true(ledger_int(ledger, "member/" GAMMA, "suspended_ms") > 0);
        }
        ledger_close(&ledger);
    }
}

/* A profile of before there was the section, or one without it. */
static void without_the_section_it_is_on_record(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    struct doc *profile = doc_copy(ledger_get(ledger, "profile"));
    doc_remove((struct doc *)(uintptr_t)doc_get(profile, "profile"), "equivocation");
    assert_int_equal(rules_check_profile(&ledger->faults, doc_get(profile, "profile"), ""), 0);
    state_put(ledger->state, "profile", profile);
    assert_int_equal(accuse(ledger, GAMMA, 1, 0), 0);
    assert_int_equal(ledger_count(ledger, "evidence/"), 1);
    assert_int_equal(ledger_count(ledger, "removal/"), 0);
    assert_int_equal(seats(ledger), 4);
    ledger_close(&ledger);
}

/* However many votes it doubled, and whatever its key is now: one seat, once. */
static void a_seat_is_taken_once(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_blocks(ledger, 8);
    assert_int_equal(accuse(ledger, GAMMA, 5, 0), 0);
    assert_int_equal(accuse(ledger, GAMMA, 5, 0), ERR_DUPLICATE);
    ledger->faults = (struct faults){0};
    for (uint32_t round = 1; round < 5; round++) {
        assert_int_equal(accuse(ledger, GAMMA, 5, round), 0);
    }
    (void)blocks_until(ledger, 3);
    assert_int_equal(doc_count(ledger->acts), 2);
    /* Given back by the center, it stays for what it did before, and goes for what it does then. */
    int64_t until = ledger_int(ledger, "removal/" GAMMA, "until");
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'add':['" GAMMA "'],'reason':'查明系误操作'}");
    ledger_blocks(ledger, 10);
    assert_int_equal(accuse(ledger, GAMMA, (uint64_t)until - 1, 0), 0);
    ledger_blocks(ledger, 10); /* longer than a removal takes */
    assert_int_equal(seats(ledger), 4);
    assert_int_equal(accuse(ledger, GAMMA, (uint64_t)until, 0), 0);
    (void)blocks_until(ledger, 3);
    ledger_close(&ledger);
}

/* Changing the key right after does not help. */
static void a_new_key_does_not_save_the_seat(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_blocks(ledger, 8);
    assert_int_equal(rotate(ledger, GAMMA, 1), 0);
    uint64_t before = ledger->height;
    assert_int_equal(accuse(ledger, GAMMA, before, 0), 0);
    /* The rotation is to come: the removal waits for it, without a word. */
    assert_string_equal(ledger_text(ledger, "removal/" GAMMA, "status"), "waiting");
    assert_true(ledger_act_is(ledger, 0, "member/" GAMMA, "removal-ordered"));
    (void)blocks_until(ledger, 3);
    assert_string_equal(ledger_text(ledger, "removal/" GAMMA, "status"), "removed");
    ledger_close(&ledger);
}

/* The chain is not stopped for a seat. It says once that it waits, and goes on when it can. */
static void a_removal_waits_for_the_quorum(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_blocks(ledger, 80);
    ledger->down[0] = ALPHA;
    ledger_blocks(ledger, 100);
    assert_int_equal(accuse(ledger, GAMMA, 120, 0), 0);
    ledger_blocks(ledger, 12);
    assert_int_equal(seats(ledger), 4);
    assert_true(ledger_act_is(ledger, 0, "member/" GAMMA, "removal-waits"));
    assert_int_equal(doc_count(ledger->acts), 2);
    assert_int_equal(ledger_count(ledger, "removals"), 1);
    ledger->down[0] = NULL;
    ledger_blocks(ledger, 4);
    assert_int_equal(seats(ledger), 3);
    assert_true(ledger_act_is(ledger, 0, "member/" GAMMA, "validator-removed"));
    assert_int_equal(ledger_count(ledger, "removals"), 0);
    ledger_close(&ledger);
}

/* One of four is down since a moment ago: it proposed five blocks before, and by the window of a
 * change it would count as awake for long. Without the equivocator three are left and all of them
 * needed, so nothing goes before the third is there, in whatever block it proposes. */
static void who_went_down_a_moment_ago_is_not_awake(void **state)
{
    (void)state;
    for (unsigned gone = 0; gone < 20; gone += 6) {
        struct ledger *ledger = ledger_open("changning");
        ledger_blocks(ledger, 80);
        ledger->down[0] = ALPHA;
        ledger_blocks(ledger, gone);
        assert_int_equal(accuse(ledger, GAMMA, 75, 0), 0);
        ledger_blocks(ledger, 70); /* longer than a record is good for */
        assert_int_equal(seats(ledger), 4);
        ledger->down[0] = NULL;
        assert_in_range(blocks_until(ledger, 3), 1, 4);
        ledger_close(&ledger);
    }
}

/* Everybody is up: it takes a turn of each, and nothing is said of waiting. */
static void a_removal_takes_a_round_of_turns(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_blocks(ledger, 200);
    assert_int_equal(accuse(ledger, GAMMA, 190, 0), 0);
    assert_int_equal(seats(ledger), 4);
    assert_in_range(blocks_until(ledger, 3), 1, 4);
    assert_int_equal(doc_count(ledger->acts), 2);
    assert_true(ledger_act_is(ledger, 0, "member/" GAMMA, "validator-removed"));
    ledger_close(&ledger);
}

/* A change comes in the block before the seat would go: first that one acts. */
static void a_removal_waits_for_the_change_before_it(void **state)
{
    (void)state;
    unsigned takes = 0;
    for (int changed = 0; changed < 2; changed++) {
        struct ledger *ledger = ledger_open("changning");
        ledger_blocks(ledger, 8);
        assert_int_equal(accuse(ledger, GAMMA, 5, 0), 0);
        if (changed) {
            ledger_blocks(ledger, takes - 1);
            ledger_must(ledger, CENTER "/admin", "validator.change",
                        "{'add':['" CENTER "'],'reason':'扩充'}");
            ledger_blocks(ledger, 1);
            assert_string_equal(ledger_text(ledger, "removal/" GAMMA, "status"), "waiting");
            assert_int_equal(seats(ledger), 5);
            (void)blocks_until(ledger, 4);
        } else {
            takes = blocks_until(ledger, 3);
            assert_in_range(takes, 2, 4);
        }
        ledger_close(&ledger);
    }
}

/* Of two at once one goes, then the other. */
static void one_goes_at_a_time(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'add':['" CENTER "'],'reason':'扩充'}");
    ledger_blocks(ledger, 8);
    assert_int_equal(accuse(ledger, GAMMA, 5, 0), 0);
    assert_int_equal(accuse(ledger, BETA, 5, 0), 0);
    (void)blocks_until(ledger, 4);
    assert_string_equal(ledger_text(ledger, "removal/" BETA, "status"), "waiting");
    (void)blocks_until(ledger, 3);
    assert_string_equal(ledger_text(ledger, "removal/" BETA, "status"), "removed");
    assert_int_equal(ledger_count(ledger, "removals"), 0);
    ledger_close(&ledger);
}

/* Two that waited for the same third: the second goes when what the first changed is in force. */
static void the_second_waits_for_the_first(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger->down[0] = ALPHA;
    ledger_blocks(ledger, 100);
    assert_int_equal(accuse(ledger, GAMMA, 90, 0), 0);
    assert_int_equal(accuse(ledger, BETA, 90, 0), 0);
    ledger_blocks(ledger, 12);
    assert_int_equal(seats(ledger), 4);
    ledger->down[0] = NULL;
    (void)blocks_until(ledger, 3);
    assert_in_range(blocks_until(ledger, 2), 2, 4);
    ledger_close(&ledger);
}

/* Takes the member's seat as a change of several seats would. */
static void drop_seat(struct ledger *ledger, const char *member)
{
    struct doc *record = doc_new_object();
    struct doc *sets = doc_new_array(), *one = doc_new_object(), *set = doc_new_array();
    const struct doc *entry = doc_at(doc_get(ledger_get(ledger, "validators"), "sets"), 0);
    const struct doc *old = doc_get(entry, "set");
    for (size_t i = 0; i < doc_count(old); i++) {
        if (!doc_text_is(doc_at(old, i), "member", member)) {
            doc_push(set, doc_ref(doc_at(old, i)));
        }
    }
    doc_set_int(one, "from", 1);
    doc_set(one, "history", doc_ref(doc_get(entry, "history")));
    doc_set(one, "set", set);
    doc_push(sets, one);
    doc_set(record, "sets", sets);
    state_put(ledger->state, "validators", record);
}

/* The center takes the seat, with or before the one that the removal waits for: nothing is left to
 * do, and the seat that it gives later is not in danger. */
static void the_center_may_be_quicker(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger->down[0] = ALPHA;
    ledger_blocks(ledger, 100);
    assert_int_equal(accuse(ledger, GAMMA, 90, 0), 0);
    assert_string_equal(ledger_text(ledger, "removal/" GAMMA, "status"), "waiting");
    size_t acts = doc_count(ledger->acts);
    drop_seat(ledger, GAMMA);
    ledger_blocks(ledger, 1);
    assert_string_equal(ledger_text(ledger, "removal/" GAMMA, "status"), "removed");
    assert_int_equal(ledger_count(ledger, "removals"), 0);
    assert_int_equal(accuse(ledger, GAMMA, 91, 0), 0);
    assert_int_equal(doc_count(ledger->acts), acts);
    ledger_close(&ledger);

    ledger = ledger_open("changning");
    ledger_blocks(ledger, 8);
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'remove':['" GAMMA "'],'reason':'退出'}");
    assert_int_equal(accuse(ledger, GAMMA, 5, 0), 0);
    assert_string_equal(ledger_text(ledger, "removal/" GAMMA, "status"), "removed");
    assert_int_equal(doc_count(ledger->acts), 0);
    assert_int_equal(seats(ledger), 3);
    ledger_close(&ledger);
}

/* The chain keeps its center, and the last validator its seat. */
static void what_is_never_taken(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("shanghai-open");
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'add':['" CENTER "'],'reason':'扩充'}");
    ledger_blocks(ledger, 8);
    assert_int_equal(accuse(ledger, CENTER, 5, 0), 0);
    assert_string_equal(ledger_text(ledger, "member/" CENTER, "status"), "active");
    (void)blocks_until(ledger, 4);
    static const char *const others[] = {ALPHA, BETA, GAMMA, SUPERVISOR};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_int_equal(accuse(ledger, others[i], 6, 0), 0);
        ledger_blocks(ledger, 10);
    }
    assert_int_equal(seats(ledger), 1);
    assert_string_equal(ledger_text(ledger, "removal/" SUPERVISOR, "status"), "waiting");
    assert_true(ledger_act_is(ledger, 0, "member/" SUPERVISOR, "removal-waits"));
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
        cmocka_unit_test(the_profile_says_what_follows),
        cmocka_unit_test(without_the_section_it_is_on_record),
        cmocka_unit_test(a_seat_is_taken_once),
        cmocka_unit_test(a_new_key_does_not_save_the_seat),
        cmocka_unit_test(a_removal_waits_for_the_quorum),
        cmocka_unit_test(who_went_down_a_moment_ago_is_not_awake),
        cmocka_unit_test(a_removal_takes_a_round_of_turns),
        cmocka_unit_test(a_removal_waits_for_the_change_before_it),
        cmocka_unit_test(one_goes_at_a_time),
        cmocka_unit_test(the_second_waits_for_the_first),
        cmocka_unit_test(the_center_may_be_quicker),
        cmocka_unit_test(what_is_never_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
