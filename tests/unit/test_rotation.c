/* A node over a change of its vote key: with the old key to the height before, with the new one
 * from there on, each with a safety record of its own, never both for one height. */
#include "check.h"

#include "ledger_types.h"

#include "engine_world.h"

#include "node/engine_internal.h"

/* The world's node holds both keys; its rotation is in block 1 and acts from height 3. */
struct rotation {
    struct world world;
    struct test_disk disk; /* of the new key's record */
    uint32_t told;
};

static void add_key(struct rotation *rotation)
{
    struct world *world = &rotation->world;
    const struct hash *genesis = &world->cell.ledger.genesis_hash;
    const struct secret_key secret = ledger_secret(1, KEY_VOTE_NEXT);
    struct safety_disk io = test_disk_of(&rotation->disk);
    struct safety *safety = NULL;
    struct signer *signer = NULL;
    struct vote_key key;
    assert_int_equal(sign_vote_key(&key, &secret), 0);
    assert_int_equal(safety_create(&io, genesis, &key, false), 0);
    assert_int_equal(safety_open(&safety, &io, genesis, &key), 0);
    assert_int_equal(signer_open(&signer, &safety, genesis, agencies[1], &secret, NULL), 0);
    engine_add_key(world->engine, &signer, &key);
    assert_null(signer);
}

/* The others decide a block without it. */
static void pass_height(struct rotation *rotation)
{
    struct world *world = &rotation->world;
    engine_pause(world->engine);
    ledger_append(&world->cell.ledger, NULL, 0);
    engine_start_height(world->engine);
}

/* It holds both keys, and the ledger knows only one of them. */
static void rotation_begin(struct rotation *rotation)
{
    struct world *world = &rotation->world;
    memset(rotation, 0, sizeof *rotation);
    world_prepare(world);
    add_key(rotation);
    cell_meet_all(&world->cell, world, on_talker_told);
    RUN_UNTIL(&world->cell.loop, engine_running(world->engine));
}

static void rotate(struct rotation *rotation)
{
    struct world *world = &rotation->world;
    struct tx *txs[] = {ledger_rotate_tx(&world->cell.ledger, 1)};
    engine_pause(world->engine);
    ledger_append(&world->cell.ledger, txs, 1);
    engine_start_height(world->engine);
}

static void rotation_open(struct rotation *rotation)
{
    rotation_begin(rotation);
    rotate(rotation);
}

static const struct safety_record *record_of(const struct rotation *rotation, size_t key)
{
    return signer_record(rotation->world.engine->keys[key].signer);
}

static bool node_proposes(const struct world *world, uint32_t round)
{
    const struct validator_set *set = app_next_validators(world->cell.ledger.app);
    uint64_t height = app_height(world->cell.ledger.app) + 1;
    return strcmp(set->item[validators_proposer(set, height, round)].member, agencies[1]) == 0;
}

/* Others go to the round in which the node proposes, and it signs its proposal there. */
static void make_it_sign(struct rotation *rotation, size_t key)
{
    struct world *world = &rotation->world;
    uint64_t height = app_height(world->cell.ledger.app) + 1;
    uint32_t round = 0;
    while (!node_proposes(world, round)) {
        round++;
    }
    for (size_t i = 0; i < 2; i++) {
        vote(world, i, VOTE_PREVOTE, round, NULL);
    }
    RUN_UNTIL(&world->cell.loop, record_of(rotation, key)->height == height);
}

/* What somebody says the node said. 0: the old key, 1: the new one. */
static struct message word_of(struct rotation *rotation, size_t key, uint64_t height,
                              uint32_t round, const struct hash *block)
{
    struct world *world = &rotation->world;
    struct message message = own_vote(world, VOTE_PRECOMMIT, height, round, block);
    struct secret_key secret = ledger_secret(1, key == 0 ? KEY_VOTE : KEY_VOTE_NEXT);
    struct hash digest;
    message_digest(&digest, &world->cell.ledger.genesis_hash, &message);
    assert_int_equal(schnorr_sign(&message.vote.signature, &secret, &digest), 0);
    return message;
}

/* Until it has been looked at: what stands behind it in the link has been. */
static void tell(struct rotation *rotation, const struct message *message)
{
    struct world *world = &rotation->world;
    AUTO(buf_free) struct buf frames = {0};
    size_t begun = wire_begin(&frames, FRAME_VOTES);
    message_encode(&frames, message);
    wire_end(&frames, begun);
    const struct wire_status status = {.height = app_height(world->cell.ledger.app),
                                       .round = ++rotation->told};
    wire_append_status(&frames, &status);
    send_frames(world, 0, &frames);
    RUN_UNTIL(&world->cell.loop, cell_peer(&world->cell, 0)->status.round == rotation->told);
}

static uint64_t rollbacks_found(const struct rotation *rotation)
{
    return count_read(&rotation->world.cell.counters.rollbacks_found);
}

static int seat_of(const struct rotation *rotation)
{
    struct vote_key keys[ENGINE_KEYS_MAX];
    int seat;
    assert_int_equal(engine_keys(rotation->world.engine, keys, &seat), 2);
    return seat;
}

static void test_each_height_is_signed_with_its_key(void **state)
{
    (void)state;
    struct rotation rotation;
    rotation_open(&rotation);
    assert_int_equal(seat_of(&rotation), 0);
    make_it_sign(&rotation, 0);
    assert_int_equal(record_of(&rotation, 0)->height, 2);
    assert_int_equal(record_of(&rotation, 1)->height, 0);
    pass_height(&rotation);
    assert_int_equal(seat_of(&rotation), 1);
    make_it_sign(&rotation, 1);
    assert_int_equal(record_of(&rotation, 0)->height, 2);
    assert_int_equal(record_of(&rotation, 1)->height, 3);
    pass_height(&rotation);
    make_it_sign(&rotation, 1);
    assert_int_equal(record_of(&rotation, 0)->height, 2);
    assert_int_equal(record_of(&rotation, 1)->height, 4);
    world_close(&rotation.world);
}

/* Without the new key it observes, with whatever vigour it voted before. */
static void test_the_old_key_alone_is_no_validator(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    struct tx *txs[] = {ledger_rotate_tx(&world.cell.ledger, 1)};
    ledger_append(&world.cell.ledger, txs, 1);
    assert_true(engine_is_validator(world.engine));
    ledger_append(&world.cell.ledger, NULL, 0);
    assert_false(engine_is_validator(world.engine));
    cell_meet_all(&world.cell, &world, on_talker_told);
    engine_start_height(world.engine);
    run_for(&world.cell.loop, 300);
    assert_false(engine_running(world.engine));
    assert_int_equal(signer_record(world.engine->signer)->height, 0);
    world_close(&world);
}

/* The others remember what the new key has signed, the home was put back to before: the record that
 * does not know it is held, not the other one. */
static void test_a_memory_of_the_other_key_holds_that_one(void **state)
{
    (void)state;
    struct rotation rotation;
    rotation_open(&rotation);
    struct world *world = &rotation.world;
    struct message message = word_of(&rotation, 1, 3, 0, NULL);
    tell(&rotation, &message);
    assert_int_equal(record_of(&rotation, 1)->hold_height, 3);
    assert_int_equal(record_of(&rotation, 0)->hold_height, 0);
    make_it_sign(&rotation, 0); /* with the old key, as before */
    pass_height(&rotation);
    assert_int_equal(engine_hold(world->engine).reason, ENGINE_ROLLED_BACK);
    assert_int_equal(engine_hold(world->engine).until, 3);
    pass_height(&rotation);
    make_it_sign(&rotation, 1);
    assert_int_equal(record_of(&rotation, 1)->height, 4);
    world_close(world);
}

/* The height that is open is the other key's, and goes on in its round, in which nothing has been
 * signed yet. */
static void test_a_memory_of_the_key_to_come_stops_nothing(void **state)
{
    (void)state;
    struct rotation rotation;
    rotation_open(&rotation);
    struct world *world = &rotation.world;
    uint32_t round = node_proposes(world, 40) ? 41 : 40;
    enter_round(world, round);
    struct message message = word_of(&rotation, 1, 3, 0, NULL);
    tell(&rotation, &message);
    assert_int_equal(record_of(&rotation, 1)->hold_height, 3);
    assert_int_equal(engine_status(world->engine).round, round);
    world_close(world);
}

/* One word of it is enough to hold it, in the last height that it decides as in any before. */
static void test_the_old_key_counts_to_its_last_height(void **state)
{
    (void)state;
    struct rotation rotation;
    rotation_open(&rotation); /* 2 is open: the old key's last */
    struct message message = word_of(&rotation, 0, 2, 5, NULL);
    tell(&rotation, &message);
    assert_int_equal(record_of(&rotation, 0)->hold_height, 2);
    assert_int_equal(rollbacks_found(&rotation), 1);
    pass_height(&rotation);
    make_it_sign(&rotation, 1);
    world_close(&rotation.world);
}

/* Anybody may have a copy of it, and a validator passes on what is signed with it: of the open
 * height, of the next one, and of some height to come. */
static void test_a_replaced_key_says_nothing(void **state)
{
    (void)state;
    static const uint64_t heights[] = {3, 4, 5, 1000};
    struct rotation rotation;
    rotation_open(&rotation);
    pass_height(&rotation); /* 3 is open: the new key's */
    make_it_sign(&rotation, 1);
    const struct safety_record before = *record_of(&rotation, 1);
    const struct hash block = {{0xbb}};
    for (size_t i = 0; i < sizeof heights / sizeof *heights; i++) {
        struct message message = word_of(&rotation, 0, heights[i], 40000, &block);
        tell(&rotation, &message);
        assert_int_equal(rollbacks_found(&rotation), 0);
        assert_int_equal(record_of(&rotation, 0)->hold_height, 0);
        assert_memory_equal(record_of(&rotation, 1), &before, sizeof before);
    }
    assert_int_equal(engine_status(rotation.world.engine).round, before.round);
    world_close(&rotation.world);
}

/* With the key of the seat it has locked a block; what any other one of its keys signs is no reason
 * to give it up. */
static void test_a_lock_is_kept_whatever_the_other_key_says(void **state)
{
    (void)state;
    struct rotation rotation;
    rotation_begin(&rotation);
    struct world *world = &rotation.world;
    uint32_t round = enter_round_of_another(world);
    propose(world, round);
    for (size_t i = 0; i < TALKERS; i++) {
        vote(world, i, VOTE_PREVOTE, round, world->block[round]);
    }
    RUN_UNTIL(&world->cell.loop, record_of(&rotation, 0)->has_precommit);
    const struct safety_record before = *record_of(&rotation, 0);
    assert_true(hash_equal(&before.locked_block, &world->block[round]->hash));
    const struct hash other = {{0xbb}};
    struct message message = word_of(&rotation, 1, 1, round + 1, &other);
    tell(&rotation, &message);
    assert_memory_equal(record_of(&rotation, 0), &before, sizeof before);
    world_close(world);
}

/* Heard while nobody here knew whose that height would be. */
static void test_what_one_key_said_is_no_memory_of_the_other(void **state)
{
    (void)state;
    struct rotation rotation;
    rotation_begin(&rotation);
    const struct hash block = {{0xbb}};
    struct message message = word_of(&rotation, 0, 4, 7, &block);
    tell(&rotation, &message);
    assert_int_equal(record_of(&rotation, 0)->hold_height, 4);
    assert_int_equal(record_of(&rotation, 1)->hold_height, 0);
    rotate(&rotation);
    pass_height(&rotation);
    pass_height(&rotation); /* 4 is open, and the new key's */
    assert_int_equal(record_of(&rotation, 1)->height, 0);
    make_it_sign(&rotation, 1);
    assert_int_equal(record_of(&rotation, 1)->locked_round, ROUND_NONE);
    world_close(&rotation.world);
}

/* An override goes on from what its own key said, though the other one is said to have gone
 * further.
 */
static void test_an_override_takes_the_memory_of_its_key(void **state)
{
    (void)state;
    struct rotation rotation;
    rotation_begin(&rotation);
    struct world *world = &rotation.world;
    const struct hash blocks[] = {{{0xbb}}, {{0xcc}}};
    for (size_t key = 0; key < 2; key++) {
        struct message message = word_of(&rotation, key, 4, key == 0 ? 7 : 2, &blocks[key]);
        tell(&rotation, &message);
        assert_int_equal(record_of(&rotation, key)->hold_height, 4);
    }
    rotate(&rotation);
    pass_height(&rotation);
    pass_height(&rotation);
    expect_hold(world, ENGINE_ROLLED_BACK, 4);
    assert_int_equal(engine_may_resume(world->engine, 4, 4), 0);
    assert_int_equal(engine_resume(world->engine), 0);
    const struct safety_record *now = record_of(&rotation, 1);
    assert_int_equal(now->height, 4);
    assert_int_equal(now->round, 2);
    assert_int_equal(now->locked_round, 2);
    assert_true(hash_equal(&now->locked_block, &blocks[1]));
    assert_int_equal(record_of(&rotation, 0)->hold_height, 4);
    world_close(world);
}

/* Another one's key changes, and its first vote with it comes early: it is no forged one. */
static void test_an_early_vote_of_a_new_key_is_taken(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    struct tx *txs[] = {ledger_rotate_tx(&world.cell.ledger, 2)};
    engine_pause(world.engine);
    ledger_append(&world.cell.ledger, txs, 1);
    engine_start_height(world.engine); /* 2; the new key votes from 3 on */
    struct message message = {.kind = MESSAGE_VOTE,
                              .vote = {.type = VOTE_PREVOTE, .height = 3, .block = {.bytes = {1}}}};
    struct secret_key secret = ledger_secret(2, KEY_VOTE_NEXT);
    struct hash digest;
    AUTO(buf_free) struct buf frames = {0};
    memcpy(message.vote.validator, agencies[2], MEMBER_ID_CHARS);
    message_digest(&digest, &world.cell.ledger.genesis_hash, &message);
    assert_int_equal(schnorr_sign(&message.vote.signature, &secret, &digest), 0);
    size_t begun = wire_begin(&frames, FRAME_VOTES);
    message_encode(&frames, &message);
    wire_end(&frames, begun);
    send_frames(&world, 0, &frames);
    vote(&world, 0, VOTE_PREVOTE, 5, NULL); /* behind it on the same link: of height 2, old key */
    vote(&world, 1, VOTE_PREVOTE, 5, NULL);
    assert_int_equal(peers_up_count(world.cell.node.peers, true), TALKERS);
    run_for(&world.cell.loop, 100);
    engine_pause(world.engine);
    ledger_append(&world.cell.ledger, NULL, 0);
    engine_start_height(world.engine);
    assert_true(engine_knows_body(world.engine, agencies[2], &message.vote.block));
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_height_is_signed_with_its_key),
        cmocka_unit_test(test_the_old_key_alone_is_no_validator),
        cmocka_unit_test(test_a_memory_of_the_other_key_holds_that_one),
        cmocka_unit_test(test_a_memory_of_the_key_to_come_stops_nothing),
        cmocka_unit_test(test_the_old_key_counts_to_its_last_height),
        cmocka_unit_test(test_a_replaced_key_says_nothing),
        cmocka_unit_test(test_a_lock_is_kept_whatever_the_other_key_says),
        cmocka_unit_test(test_what_one_key_said_is_no_memory_of_the_other),
        cmocka_unit_test(test_an_override_takes_the_memory_of_its_key),
        cmocka_unit_test(test_an_early_vote_of_a_new_key_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
