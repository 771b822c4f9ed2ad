/* What follows from evidence, by the profile: a seat is lost, once the others are a quorum. */
#include "rules_fixture.h"

#include "base/limits.h"
#include "chain/vote.h"

#include "seats.h"

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
