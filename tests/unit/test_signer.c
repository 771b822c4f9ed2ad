/* The signing rule: forward or identical, and nothing leaves that is not synced. */
#include "check.h"
#include "safety_disk.h"

#include "base/memory.h"
#include "consensus/signer.h"

static const struct hash genesis = {{1}};
static const char member[] = "910000000000000001";
static struct secret_key secret = {{1}};
static struct vote_key key;
static struct test_disk disk;

static struct signer *open_signer(void)
{
    struct safety_disk io = test_disk_of(&disk);
    struct safety *safety = NULL;
    struct signer *signer = NULL;
    assert_int_equal(safety_open(&safety, &io, &genesis, &key), OK);
    assert_int_equal(signer_open(&signer, &safety, &genesis, member, &secret, NULL), OK);
    assert_null(safety);
    return signer;
}

static int fresh(void **state)
{
    memset(&disk, 0, sizeof disk);
    struct safety_disk io = test_disk_of(&disk);
    assert_int_equal(safety_create(&io, &genesis, &key, false), OK);
    *state = open_signer();
    return 0;
}

static int done(void **state)
{
    struct signer *signer = *state;
    signer_close(&signer);
    return 0;
}

static struct hash block(char name)
{
    struct hash hash = {{0}};
    if (name != '-')
        hash.bytes[0] = (uint8_t)name;
    return hash;
}

static struct vote vote_at(enum vote_type type, uint64_t height, uint32_t round, char name)
{
    struct vote vote = {.type = type, .height = height, .round = round, .block = block(name)};
    memcpy(vote.validator, member, sizeof member);
    return vote;
}

/* "1/0 ABC": proposal A, prevote B, precommit C at height 1, round 0; '.' absent, '-' nil; then
 * optionally the lock "C0": block and round. */
static struct safety_record record_of(const char *text)
{
    struct safety_record record;
    safety_record_init(&record);
    record.height = (uint64_t)(text[0] - '0');
    record.round = (uint32_t)(text[2] - '0');
    if (text[4] != '.') {
        record.has_proposal = true;
        record.step = STEP_PROPOSE;
        record.proposal = (struct proposal){
            .height = record.height, .round = record.round, .valid_round = ROUND_NONE};
        record.proposal.header = (struct header){
            .version = HEADER_VERSION, .height = record.height, .log_size = (uint64_t)text[4]};
        memcpy(record.proposal.header.proposer, member, sizeof member);
        header_hash(&record.proposal.block, &record.proposal.header);
    }
    if (text[5] != '.') {
        record.has_prevote = true;
        record.step = STEP_PREVOTE;
        record.prevote = vote_at(VOTE_PREVOTE, record.height, record.round, text[5]);
    }
    if (text[6] != '.') {
        record.has_precommit = true;
        record.step = STEP_PRECOMMIT;
        record.precommit = vote_at(VOTE_PRECOMMIT, record.height, record.round, text[6]);
    }
    if (text[7] == ' ') {
        record.locked_block = record.valid_block = block(text[8]);
        record.locked_round = record.valid_round = text[9] - '0';
    }
    return record;
}

/* What may follow what, as a table. */
static void test_only_forward_or_identical(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        int error;
    } cases[] = {
        {"1/0 .A.", "1/0 .A.", OK},
        {"1/0 .A.", "1/0 .B.", ERR_SAFETY_REGRESS}, /* another block */
        {"1/0 .A.", "1/0 .-.", ERR_SAFETY_REGRESS},
        {"1/0 .-.", "1/0 .A.", ERR_SAFETY_REGRESS},
        {"1/0 .A.", "1/0 .AA A0", OK}, /* the next step */
        {"1/0 .A.", "1/0 .A-", OK},
        {"1/0 .A.", "1/0 ..A A0", ERR_SAFETY_REGRESS}, /* forgets the prevote */
        {"1/0 .A.", "1/0 .BA A0", ERR_SAFETY_REGRESS},
        {"1/0 .A.", "1/0 AA.", ERR_SAFETY_REGRESS}, /* a proposal after the prevote */
        {"1/0 A..", "1/0 AA.", OK},
        {"1/0 A..", "1/0 B..", ERR_SAFETY_REGRESS},
        {"1/0 A..", "1/0 BA.", ERR_SAFETY_REGRESS},
        {"1/0 .AA A0", "1/0 .A.", ERR_SAFETY_REGRESS}, /* an earlier step */
        {"1/0 .AA A0", "1/0 .AB B0", ERR_SAFETY_REGRESS},
        {"1/0 .A-", "1/0 .AA A0", ERR_SAFETY_REGRESS},
        {"1/0 ..A A0", "1/0 .AA A0", ERR_SAFETY_REGRESS}, /* fills in an earlier step */
        {"1/1 .A.", "1/0 .A.", ERR_SAFETY_REGRESS},       /* an earlier round */
        {"1/1 .A.", "1/2 .B.", OK},
        {"2/0 .A.", "1/5 .A.", ERR_SAFETY_REGRESS}, /* an earlier height */
        {"2/5 .A.", "3/0 .B.", OK},
        {"1/0 .AA A0", "1/1 .-. A0", OK},
        {"1/0 .AA A0", "1/1 .-.", ERR_SAFETY_REGRESS},    /* forgets the lock */
        {"1/0 .AA A0", "1/1 .-. B0", ERR_SAFETY_REGRESS}, /* changes it in its round */
        {"1/0 .AA A0", "1/1 .BB B1", OK},                 /* a later lock */
        {"1/1 .AA A1", "1/2 .-. A0", ERR_SAFETY_REGRESS}, /* an earlier lock */
        {"1/0 .AA A0", "2/0 .B.", OK},                    /* the lock ends with its height */
        {"1/0 .A.", "1/0 .AA", ERR_SAFETY_REGRESS},       /* precommit without the lock */
        {"1/0 .A.", "1/0 .AA B0", ERR_SAFETY_REGRESS},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        void *signer = NULL;
        fresh(&signer);
        struct safety_record record = record_of(cases[i].before);
        assert_int_equal(signer_persist(signer, &record), OK);
        unsigned writes = disk.writes;
        record = record_of(cases[i].after);
        int error = signer_persist(signer, &record);
        if (error != cases[i].error)
            fail_msg("%s, then %s: %s", cases[i].before, cases[i].after, error_code(error));
        if (error != OK || strcmp(cases[i].before, cases[i].after) == 0)
            assert_int_equal(disk.writes, writes); /* nothing changed, nothing written */
        done(&signer);
    }
}

static void test_foreign_messages_in_a_record_are_refused(void **state)
{
    struct safety_record record = record_of("1/0 .A.");
    record.prevote.round = 1;
    assert_int_equal(signer_persist(*state, &record), ERR_SAFETY_REGRESS);
    record = record_of("1/0 .A.");
    record.prevote.height = 2;
    assert_int_equal(signer_persist(*state, &record), ERR_SAFETY_REGRESS);
    record = record_of("1/0 .A.");
    record.prevote.type = VOTE_PRECOMMIT;
    assert_int_equal(signer_persist(*state, &record), ERR_SAFETY_REGRESS);
    record = record_of("1/0 .A.");
    record.prevote.validator[17] = '9';
    assert_int_equal(signer_persist(*state, &record), ERR_SAFETY_REGRESS);
    record = record_of("1/0 .A.");
    record.step = STEP_NEW;
    assert_int_equal(signer_persist(*state, &record), ERR_SAFETY_REGRESS);
}

static struct message prevote_message(const char *text)
{
    struct safety_record record = record_of(text);
    return (struct message){.kind = MESSAGE_VOTE, .vote = record.prevote};
}

static void test_signs_only_what_is_recorded(void **state)
{
    struct message message = prevote_message("1/0 .A.");
    assert_int_equal(signer_sign(*state, &message), ERR_SAFETY_REGRESS);
    struct safety_record record = record_of("1/0 .A.");
    assert_int_equal(signer_persist(*state, &record), OK);
    assert_int_equal(signer_sign(*state, &message), OK);
    assert_true(vote_verify(&message.vote, &genesis, &key));
    static const char *const others[] = {"1/0 .B.", "1/0 .-.", "1/1 .A.", "2/0 .A."};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        message = prevote_message(others[i]);
        assert_int_equal(signer_sign(*state, &message), ERR_SAFETY_REGRESS);
    }
    message = prevote_message("1/0 .A.");
    message.vote.type = VOTE_PRECOMMIT;
    assert_int_equal(signer_sign(*state, &message), ERR_SAFETY_REGRESS);
}

/* Pitfall 6 (tendermint #984): asked again, also after a restart, it gives the same signature. */
static void test_restart_returns_the_same_signature(void **state)
{
    struct safety_record record = record_of("1/0 AA.");
    assert_int_equal(signer_persist(*state, &record), OK);
    struct message first = prevote_message("1/0 .A."), again = first;
    assert_int_equal(signer_sign(*state, &first), OK);
    done(state);
    test_disk_lose_power(&disk);
    *state = open_signer();
    assert_int_equal(signer_record(*state)->step, STEP_PREVOTE);
    assert_int_equal(signer_persist(*state, signer_record(*state)), OK);
    assert_int_equal(signer_sign(*state, &again), OK);
    assert_memory_equal(&first.vote.signature, &again.vote.signature, sizeof again.vote.signature);
    struct message proposal = {.kind = MESSAGE_PROPOSAL, .proposal = record.proposal};
    assert_int_equal(signer_sign(*state, &proposal), OK);
    record = record_of("1/0 .B.");
    assert_int_equal(signer_persist(*state, &record), ERR_SAFETY_REGRESS);
}

/* Pitfall 5: no signature of a record whose sync failed, now or later. */
static void test_nothing_leaves_before_the_sync(void **state)
{
    struct safety_record record = record_of("1/0 .A.");
    struct message message = prevote_message("1/0 .A.");
    disk.fail_sync = 1;
    assert_int_equal(signer_persist(*state, &record), ERR_IO);
    assert_int_equal(signer_sign(*state, &message), ERR_SAFETY_REGRESS);
    assert_int_equal(signer_persist(*state, &record), ERR_IO);
    assert_int_equal(signer_sign(*state, &message), ERR_SAFETY_REGRESS);
}

static void test_one_write_and_sync_covers_a_step(void **state)
{
    unsigned syncs = disk.syncs;
    struct safety_record record = record_of("1/0 .AA A0");
    assert_int_equal(signer_persist(*state, &record), OK);
    assert_int_equal(disk.syncs, syncs + 1);
    struct message precommit = {.kind = MESSAGE_VOTE, .vote = record.precommit};
    struct message prevote = {.kind = MESSAGE_VOTE, .vote = record.prevote};
    assert_int_equal(signer_sign(*state, &prevote), OK);
    assert_int_equal(signer_sign(*state, &precommit), OK);
    assert_true(vote_verify(&prevote.vote, &genesis, &key));
    assert_true(vote_verify(&precommit.vote, &genesis, &key));
}

/* ---- holds ---- */

static void expect_position(struct signer *signer, uint64_t height, uint32_t round, uint64_t hold)
{
    const struct safety_record *record = signer_record(signer);
    assert_int_equal(record->height, height);
    assert_int_equal(record->round, round);
    assert_int_equal(record->hold_height, hold);
}

static void test_nothing_is_signed_at_a_height_that_is_held(void **state)
{
    struct safety_record record = record_of("2/0 .A.");
    assert_int_equal(signer_persist(*state, &record), OK);
    unsigned syncs = disk.syncs;
    assert_int_equal(signer_hold(*state, 4, HOLD_ROLLED_BACK), OK);
    assert_int_equal(disk.syncs, syncs + 1);
    assert_int_equal(signer_hold(*state, 3, HOLD_NEW_RECORD), OK); /* no less than it was */
    done(state);
    test_disk_lose_power(&disk);
    *state = open_signer();
    expect_position(*state, 2, 0, 4);
    assert_int_equal(signer_record(*state)->hold_reason, HOLD_ROLLED_BACK);
    static const char *const held[] = {"2/0 .AA A0", "2/1 .A.", "3/0 .A.", "4/9 .A."};
    for (size_t i = 0; i < COUNT_OF(held); i++) {
        record = record_of(held[i]);
        assert_int_equal(signer_persist(*state, &record), ERR_SAFETY_REGRESS);
    }
    record = record_of("5/0 .A.");
    record.hold_height = 9; /* what the state machine says of it counts for nothing */
    assert_int_equal(signer_persist(*state, &record), OK);
    expect_position(*state, 5, 0, 0);
}

static void test_which_of_our_words_the_record_accounts_for(void **state)
{
    (void)state;
    static const struct {
        const char *record;
        uint64_t hold;
        const char *heard; /* the prevote of it */
        bool known;
    } cases[] = {
        {"3/2 .A.", 0, "3/2 .A.", true},     {"3/2 .A.", 0, "3/2 .B.", false}, /* other bytes */
        {"3/2 .A.", 0, "3/2 .-.", false},    {"3/2 .A.", 0, "3/1 .B.", true},  /* passed */
        {"3/2 .A.", 0, "2/9 .B.", true},     {"3/2 .A.", 0, "3/3 .A.", false},
        {"3/2 .A.", 0, "4/0 .A.", false},    {"3/2 A..", 0, "3/2 .A.", false}, /* a later step */
        {"3/2 ..- A0", 0, "3/2 .A.", false}, /* never signed, as it remembers */
        {"3/2 .A.", 5, "3/2 .B.", true},     {"3/2 .A.", 5, "5/9 .B.", true},
        {"3/2 .A.", 5, "6/0 .B.", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        void *signer = NULL;
        fresh(&signer);
        struct safety_record record = record_of(cases[i].record);
        assert_int_equal(signer_persist(signer, &record), OK);
        assert_int_equal(signer_hold(signer, cases[i].hold, HOLD_ROLLED_BACK), OK);
        struct message heard = prevote_message(cases[i].heard);
        if (signer_accounts_for(signer, &heard) != cases[i].known) {
            fail_msg("%s, hold %d, heard %s", cases[i].record, (int)cases[i].hold, cases[i].heard);
        }
        done(&signer);
    }
}

/* The owner's decision ends a hold: what the others heard and what the record knows, merged. */
static void test_resume_remembers_what_was_heard(void **state)
{
    static const struct {
        const char *record, *heard, *merged;
    } cases[] = {
        {"2/1 .AA A1", "2/3 .B. A1", "2/3 .B. A1"}, /* a later round */
        {"2/1 .AA A1", "2/3 .B. B0", "2/3 .B. A1"}, /* the record's lock is the later one */
        {"2/1 .AA A1", "2/3 .BB B3", "2/3 .BB B3"},
        {"2/1 .A.", "2/1 .BB B1", "2/1 .AB B1"}, /* what it has stays */
        {"2/1 .AA A1", "2/0 .B.", "2/1 .AA A1"}, /* an earlier round */
        {"2/1 .AA A1", "4/0 A..", "4/0 A.."},    /* another height */
        {"2/1 .AA A1", "4/0 ...", "4/0 ..."},    /* of which nothing is known */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        void *signer = NULL;
        fresh(&signer);
        struct safety_record record = record_of(cases[i].record);
        struct safety_record heard = record_of(cases[i].heard);
        assert_int_equal(signer_persist(signer, &record), OK);
        assert_int_equal(signer_hold(signer, 4, HOLD_ROLLED_BACK), OK);
        assert_int_equal(signer_resume(signer, &heard), OK);
        done(&signer);
        test_disk_lose_power(&disk);
        signer = open_signer();
        record = record_of(cases[i].merged);
        unsigned writes = disk.writes;
        assert_int_equal(signer_record(signer)->hold_height, 0);
        assert_int_equal(signer_record(signer)->step, record.step);
        assert_int_equal(signer_record(signer)->locked_round, record.locked_round);
        assert_true(hash_equal(&signer_record(signer)->locked_block, &record.locked_block));
        for (enum vote_type type = VOTE_PREVOTE; type <= VOTE_PRECOMMIT; type++) {
            bool prevote = type == VOTE_PREVOTE;
            bool has = prevote ? record.has_prevote : record.has_precommit;
            struct message message = {.kind = MESSAGE_VOTE,
                                      .vote = prevote ? record.prevote : record.precommit};
            if (has && signer_sign(signer, &message) != OK) {
                fail_msg("case %zu: forgotten", i);
            }
        }
        expect_position(signer, record.height, record.round, 0);
        assert_int_equal(signer_resume(signer, &heard), OK); /* again: nothing to write */
        assert_int_equal(disk.writes, writes);
        done(&signer);
    }
}

static void test_resume_never_goes_back(void **state)
{
    struct safety_record record = record_of("3/1 .AA A1"), heard = record_of("2/9 .B.");
    assert_int_equal(signer_persist(*state, &record), OK);
    assert_int_equal(signer_hold(*state, 4, HOLD_ROLLED_BACK), OK);
    assert_int_equal(signer_resume(*state, &heard), ERR_SAFETY_REGRESS);
    heard = record_of("3/2 .B. B3"); /* locked in a round to come */
    assert_int_equal(signer_resume(*state, &heard), ERR_SAFETY_REGRESS);
    expect_position(*state, 3, 1, 4);
    heard = record_of("3/2 .A.");
    assert_int_equal(signer_resume(*state, &heard), OK);
    record = record_of("3/2 .B. A1");
    assert_int_equal(signer_persist(*state, &record), ERR_SAFETY_REGRESS);
    record = record_of("3/2 .AB B2");
    assert_int_equal(signer_persist(*state, &record), OK);
}

static void test_bad_key_is_refused(void **state)
{
    (void)state;
    struct safety_disk io = test_disk_of(&disk);
    struct safety *safety = NULL;
    struct signer *signer = NULL;
    struct secret_key zero = {{0}};
    assert_int_equal(safety_open(&safety, &io, &genesis, &key), OK);
    assert_int_equal(signer_open(&signer, &safety, &genesis, member, &zero, NULL), ERR_KEY_INVALID);
    assert_null(safety);
    assert_null(signer);
}

int main(void)
{
    if (sign_vote_key(&key, &secret) != OK)
        return 1;
#define WITH_SIGNER(test) cmocka_unit_test_setup_teardown(test, fresh, done)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_forward_or_identical),
        WITH_SIGNER(test_foreign_messages_in_a_record_are_refused),
        WITH_SIGNER(test_signs_only_what_is_recorded),
        WITH_SIGNER(test_restart_returns_the_same_signature),
        WITH_SIGNER(test_nothing_leaves_before_the_sync),
        WITH_SIGNER(test_one_write_and_sync_covers_a_step),
        WITH_SIGNER(test_nothing_is_signed_at_a_height_that_is_held),
        cmocka_unit_test(test_which_of_our_words_the_record_accounts_for),
        cmocka_unit_test(test_resume_remembers_what_was_heard),
        WITH_SIGNER(test_resume_never_goes_back),
        WITH_SIGNER(test_bad_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
