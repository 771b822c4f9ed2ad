/* The state machine, rule by rule and pitfall by pitfall: scenarios in tests/golden/consensus, and
 * below them properties that hold for any input. */
#include "consensus_script.h"

#include <stdarg.h>

#define SCENARIOS(X)                                                                               \
    X(happy_path)                                                                                  \
    X(proposer)                                                                                    \
    X(single_validator)                                                                            \
    X(lock_stays_after_nil_quorum)                                                                 \
    X(lock_not_prevoted_without_its_proposal)                                                      \
    X(lock_without_body_after_restart)                                                             \
    X(unlock_by_later_quorum)                                                                      \
    X(lock_refuses_earlier_quorum)                                                                 \
    X(hidden_lock)                                                                                 \
    X(valid_value_from_late_prevotes)                                                              \
    X(late_prevotes_of_earlier_round)                                                              \
    X(lost_body)                                                                                   \
    X(quorums_wait_for_the_own_prevote)                                                            \
    X(timers_once_and_not_stale)                                                                   \
    X(timers_while_verdict_is_awaited)                                                             \
    X(round_skip)                                                                                  \
    X(huge_round_is_harmless)                                                                      \
    X(far_rounds_cost_one_look)                                                                    \
    X(refused_before_stored)                                                                       \
    X(equivocation)                                                                                \
    X(equivocating_vote_completes_a_quorum)                                                        \
    X(equivocating_proposer)                                                                       \
    X(decide_without_proposal)                                                                     \
    X(invalid_block)                                                                               \
    X(diverged)                                                                                    \
    X(pbts_early_and_late)                                                                         \
    X(pbts_delay_grows)                                                                            \
    X(pbts_old_values_are_not_judged)                                                              \
    X(wrong_parent)                                                                                \
    X(time_strictly_later)                                                                         \
    X(time_when_clock_is_behind)                                                                   \
    X(idle)                                                                                        \
    X(idle_ends_with_work)                                                                         \
    X(idle_ends_with_first_message)                                                                \
    X(early_messages)                                                                              \
    X(early_messages_of_another_set)                                                               \
    X(early_equivocation)                                                                          \
    X(observer)                                                                                    \
    X(restart_before_persist)                                                                      \
    X(restart_between_persist_and_send)                                                            \
    X(restart_after_prevote)                                                                       \
    X(restart_after_precommit)                                                                     \
    X(restart_shows_how_the_round_was_entered)                                                     \
    X(restart_with_votes_that_do_not_hold)                                                         \
    X(after_the_decision)                                                                          \
    X(ledger_behind_own_signatures)                                                                \
    X(own_words_from_a_lost_life)                                                                  \
    X(own_proposal_from_a_lost_life)                                                               \
    X(catchup)

#define X(name)                                                                                    \
    static void scenario_##name(void **state)                                                      \
    {                                                                                              \
        (void)state;                                                                               \
        script_play(#name);                                                                        \
    }
SCENARIOS(X)
#undef X

/* ---- properties ---- */

static unsigned looks; /* at signatures, by any machine */

static bool accept_all(const struct vote_key *key, const struct hash *digest,
                       const struct signature *signature)
{
    (void)key;
    (void)digest;
    (void)signature;
    looks++;
    return true;
}

static int sign_nothing(struct signature *out, const struct secret_key *secret,
                        const struct hash *digest)
{
    (void)secret;
    memcpy(out->bytes, digest->bytes, HASH_BYTES);
    return 0;
}

/* A machine of n validators that trusts every signature; the script's helpers drive it. */
static struct script *machine(size_t count, int me)
{
    struct script *s = memory_alloc(sizeof *s);
    char line[64];
    snprintf(line, sizeof line, me < 0 ? "%zu observer" : "%zu me %d", count, me);
    char *rest = line;
    script_validators(s, &rest);
    signer_close(&s->signer);
    consensus_free(&s->consensus);
    s->verify = accept_all;
    struct consensus_config config = {
        .genesis = s->genesis, .timing = s->timing, .verify = accept_all};
    if (me >= 0) {
        memcpy(config.member, s->set.item[me].member, sizeof config.member);
        struct safety_disk disk = script_disk_of(&s->disk);
        struct safety *safety = NULL;
        assert_int_equal(safety_open(&safety, &disk, &s->genesis, &s->set.item[me].key), 0);
        assert_int_equal(signer_open(&s->signer, &safety, &s->genesis, config.member,
                                     &s->secret[me], sign_nothing),
                         0);
    }
    s->consensus = consensus_create(&config);
    char work[] = "work";
    rest = work;
    script_start(s, &rest);
    return s;
}

static void say(struct script *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct script *s, const char *format, ...)
{
    char line[128];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    buf_clear(&s->out);
    script_command(s, line);
}

static bool came(struct script *s, const char *what)
{
    return strstr(buf_text(&s->out), what) != NULL;
}

static const size_t quorum_of[] = {0, 1, 2, 3, 3, 4, 5, 5, 6, 7, 7};
static const size_t skip_of[] = {0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4};

/* The trap of n = 6: 2f+1 = 3 would let two disjoint halves decide. */
static void test_decides_exactly_at_quorum_for_1_to_10(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 10; n++) {
        struct script *s = machine(n, -1);
        say(s, "proposal 0 A");
        say(s, "verdict A valid");
        for (size_t i = 0; i < n; i++) {
            say(s, "precommit 0 A %zu", i);
            assert_int_equal(came(s, "decide A"), i + 1 == quorum_of[n]);
        }
        script_free(s);
    }
}

static void test_locks_exactly_at_quorum_for_1_to_10(void **state)
{
    (void)state;
    for (size_t n = 2; n <= 10; n++) {
        struct script *s = machine(n, 0);
        say(s, "proposal 0 A");
        say(s, "verdict A valid"); /* our own prevote is one */
        for (size_t i = 1; i < n; i++) {
            assert_int_equal(came(s, "lock A@0"), i == quorum_of[n]);
            say(s, "prevote 0 A %zu", i);
        }
        script_free(s);
    }
}

static void test_skips_exactly_at_one_more_than_faulty_for_1_to_10(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 10; n++) {
        struct script *s = machine(n, -1);
        for (size_t i = 0; i < n; i++) {
            say(s, "prevote %zu nil %zu", 5 + i % 2, i);
            assert_int_equal(consensus_status(s->consensus).round >= 5, i + 1 >= skip_of[n]);
        }
        script_free(s);
    }
}

/* Whatever as many as may be faulty say of far rounds, each costs one look while we are where we
 * are: signatures can be made beforehand, a hundred thousand of them for each height. */
static void test_climbers_cost_one_look_each(void **state)
{
    (void)state;
    for (size_t n = 4; n <= 10; n += 3) {
        struct script *s = machine(n, -1);
        size_t faulty = skip_of[n] - 1;
        looks = 0;
        for (unsigned round = 9; round < 2000; round++) {
            for (size_t i = 0; i < faulty; i++) {
                say(s, "%s %u nil %zu", round % 2 ? "prevote" : "precommit", round, i);
                assert_int_equal(came(s, "refused: duplicate"), round > 9);
            }
        }
        assert_int_equal(looks, faulty);
        assert_int_equal(consensus_status(s->consensus).round, 0);
        script_free(s);
    }
}

/* What was heard of them first is old by now; they say again and again where they are, and each
 * time at least one of them is heard there. The worst order is that of rising rounds. */
static void test_who_lags_far_behind_is_carried_along(void **state)
{
    (void)state;
    for (size_t n = 4; n <= 10; n += 3) {
        struct script *s = machine(n, -1);
        size_t needed = skip_of[n], times = 0;
        for (size_t i = 0; i + 1 < needed; i++)
            say(s, "prevote %zu nil %zu", 20 * (i + 1), i);
        for (; consensus_status(s->consensus).round < 5000; times++) {
            for (size_t i = needed; i-- > 0;)
                say(s, "precommit 5000 nil %zu", i);
        }
        assert_in_range(times, 1, needed);
        assert_int_equal(consensus_status(s->consensus).round, 5000);
        script_free(s);
    }
}

/* Of rounds long past there is nothing to keep, so there is nothing to look at. */
static void test_rounds_that_find_no_room_cost_no_look(void **state)
{
    (void)state;
    struct script *s = machine(4, -1);
    for (unsigned round = 0; round < 2 * ROUNDS_TRACKED_MAX; round++)
        say(s, "prevote %u nil 1 2 3", round);
    looks = 0;
    say(s, "prevote 3 nil 0");
    assert_true(came(s, "refused: consensus-round"));
    say(s, "proposal 3 A");
    assert_true(came(s, "refused: consensus-round"));
    assert_int_equal(looks, 0);
    say(s, "prevote %u nil 0", 2 * ROUNDS_TRACKED_MAX - 2);
    assert_false(came(s, "refused"));
    assert_int_equal(looks, 1);
    script_free(s);
}

/* More rounds than are tracked: what lock and valid value need is never dropped. */
static void test_lock_survives_more_rounds_than_are_tracked(void **state)
{
    (void)state;
    struct script *s = machine(4, 0);
    say(s, "proposal 0 A");
    say(s, "verdict A valid");
    say(s, "prevote 0 A 1 2 3");
    assert_true(came(s, "lock A@0"));
    unsigned last = 3 * ROUNDS_TRACKED_MAX;
    for (unsigned round = 0; round < last; round++) {
        say(s, "precommit %u nil 1 2 3", round);
        say(s, "timeout precommit %u", round);
        assert_int_equal(consensus_status(s->consensus).round, round + 1);
    }
    say(s, "proposal %u A vr 0 by %zu", last, consensus_status(s->consensus).proposer);
    say(s, "catchup");
    assert_true(came(s, "show prevote 1/0 A of 3"));
    say(s, "status");
    assert_true(came(s, "lock A@0"));
    script_free(s);
}

/* The wire lets none of these through; the machine does not rely on it. */
static void test_proposals_that_contradict_themselves(void **state)
{
    (void)state;
    static const struct {
        int64_t valid_round;
        bool other_hash;
        int error;
    } cases[] = {{ROUND_NONE, true, ERR_BLOCK_FORM},
                 {-2, false, ERR_CONSENSUS_ROUND},
                 {1, false, ERR_CONSENSUS_ROUND},
                 {2, false, ERR_CONSENSUS_ROUND},
                 {0, false, 0},
                 {ROUND_NONE, false, 0}};
    static struct effects effects;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct script *s = machine(4, 0);
        size_t block = script_block(s, 'A', validators_proposer(&s->set, 1, 1), s->now_ms);
        struct event event = {.kind = EVENT_MESSAGE, .now_ms = s->now_ms};
        event.message.message.kind = MESSAGE_PROPOSAL;
        event.message.message.proposal = (struct proposal){.height = 1,
                                                           .round = 1,
                                                           .valid_round = cases[i].valid_round,
                                                           .header = s->block[block],
                                                           .block = s->block_hash[block]};
        event.message.message.proposal.block.bytes[7] ^= cases[i].other_hash;
        assert_int_equal(consensus_step(s->consensus, &event, &effects), cases[i].error);
        assert_int_equal(consensus_has_proposal(s->consensus, &event.message.message.proposal),
                         cases[i].error == 0);
        script_free(s);
    }
}

/* ---- any events in any order ---- */

static struct event random_message(struct script *s, uint64_t *random)
{
    struct event event = {.kind = EVENT_MESSAGE, .now_ms = s->now_ms};
    struct message *message = &event.message.message;
    static const uint32_t rounds[] = {0, 0, 1, 1, 2, 3, 7, 40, 99999, ROUND_MAX};
    uint64_t height = s->tip + check_random(random) % 3 + (check_random(random) % 4 != 0);
    uint32_t round = consensus_status(s->consensus).round;
    if (check_random(random) % 2)
        round = rounds[check_random(random) % COUNT_OF(rounds)];
    char letter = (char)('A' + check_random(random) % 3);
    size_t proposer = validators_proposer(&s->set, height, round);
    size_t block = script_block(s, letter, proposer, s->now_ms);
    if (check_random(random) % 4 == 0) {
        message->kind = MESSAGE_PROPOSAL;
        message->proposal =
            (struct proposal){.height = height,
                              .round = round,
                              .valid_round = (int64_t)(check_random(random) % 4) - 1,
                              .header = s->block[block],
                              .block = s->block_hash[block]};
        message->proposal.header.height = height;
        header_hash(&message->proposal.block, &message->proposal.header);
        return event;
    }
    message->kind = MESSAGE_VOTE;
    message->vote.type = check_random(random) % 2 ? VOTE_PREVOTE : VOTE_PRECOMMIT;
    message->vote.height = height;
    message->vote.round = round;
    message->vote.block = s->block_hash[block];
    if (check_random(random) % 3 == 0)
        message->vote.block = (struct hash){{0}};
    memcpy(message->vote.validator, s->set.item[check_random(random) % s->count].member,
           sizeof message->vote.validator);
    return event;
}

static struct event random_event(struct script *s, uint64_t *random)
{
    struct event event = {.now_ms = s->now_ms};
    struct consensus_status status = consensus_status(s->consensus);
    size_t block = check_random(random) % 3;
    switch (check_random(random) % 12) {
    case 0:
        event.kind = EVENT_TIMEOUT;
        event.timeout =
            (struct event_timeout){.kind = (enum timer_kind)(check_random(random) % TIMER_KINDS),
                                   .height = status.height,
                                   .round = status.round};
        return event;
    case 1:
        event.kind = EVENT_VERDICT;
        event.verdict.block = s->block_hash[block];
        event.verdict.header = s->block[block];
        event.verdict.valid = check_random(random) % 4 != 0;
        return event;
    case 2:
        event.kind = EVENT_BUILT;
        event.built = (struct event_built){
            .height = status.height, .round = status.round, .header = s->block[block]};
        return event;
    case 3:
        event.kind = EVENT_WORK;
        return event;
    case 4:
        event.kind = EVENT_LOST;
        event.lost.block = s->block_hash[block];
        return event;
    default:
        return random_message(s, random);
    }
}

/* Persist before send, send before anything else, timers last. */
static void check_order(const struct effects *effects)
{
    static const int rank[] = {0, 1, 2, 3, 3, 4, 5, 6, 7};
    for (size_t i = 1; i < effects->count; i++)
        assert_true(rank[effects->item[i - 1].kind] <= rank[effects->item[i].kind]);
    assert_true(effects->count < 2 || effects->item[0].kind != EFFECT_SEND ||
                effects->item[1].kind != EFFECT_PERSIST);
}

/* Whatever comes, nothing stops the process, effects keep their order, a refused message has none,
 * and the signer, which knows nothing of the algorithm, agrees with every record. */
static void test_any_events_in_any_order(void **state)
{
    (void)state;
    static struct effects effects;
    uint64_t random = 7;
    for (size_t run = 0; run < 150; run++) {
        struct script *s = machine(run % 2 ? 4 : 7, 0);
        for (int i = 0; i < 3; i++)
            script_block(s, (char)('A' + i), (size_t)i, s->now_ms);
        for (size_t i = 0; i < 400; i++) {
            struct event event = random_event(s, &random);
            if (s->feed_count > 0) {
                event = s->feed[0];
                memmove(s->feed, s->feed + 1, --s->feed_count * sizeof s->feed[0]);
            }
            int error = consensus_step(s->consensus, &event, &effects);
            assert_true(error == 0 || effects.count == 0);
            check_order(&effects);
            for (size_t e = 0; e < effects.count; e++) {
                if (effects.item[e].kind == EFFECT_PERSIST || effects.item[e].kind == EFFECT_SEND)
                    script_effect(s, &effects.item[e]);
            }
            s->now_ms += (int64_t)(check_random(&random) % 50);
        }
        script_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define X(name) cmocka_unit_test(scenario_##name),
        SCENARIOS(X)
#undef X
            cmocka_unit_test(test_decides_exactly_at_quorum_for_1_to_10),
        cmocka_unit_test(test_locks_exactly_at_quorum_for_1_to_10),
        cmocka_unit_test(test_skips_exactly_at_one_more_than_faulty_for_1_to_10),
        cmocka_unit_test(test_climbers_cost_one_look_each),
        cmocka_unit_test(test_who_lags_far_behind_is_carried_along),
        cmocka_unit_test(test_rounds_that_find_no_room_cost_no_look),
        cmocka_unit_test(test_lock_survives_more_rounds_than_are_tracked),
        cmocka_unit_test(test_proposals_that_contradict_themselves),
        cmocka_unit_test(test_any_events_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
