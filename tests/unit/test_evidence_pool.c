/* Evidence of equivocation between its discovery and a block: told to everybody once, and nothing
 * that is empty, wrong, old, known or on record makes work or noise. */
#include "check.h"

#include "ledger_types.h"

#include "cell.h"

#include "node/evidence_pool.h"

struct world {
    struct cell cell;
    struct evidence_pool *pool;
    unsigned told; /* talkers that heard evidence */
    unsigned tries;
};

static int on_talker_told(struct talker *talker, struct peer *peer, const struct frame *frame)
{
    struct world *world = talker->data;
    (void)peer;
    world->told += frame->kind == FRAME_EVIDENCE;
    return 0;
}

static int on_told(struct cell *cell, struct peer *peer, const struct frame *frame)
{
    (void)cell;
    (void)peer;
    (void)frame;
    return 0;
}

static void world_open(struct world *world)
{
    *world = (struct world){0};
    cell_open(&world->cell);
    world->cell.part = world;
    world->cell.when_told = on_told;
    world->pool = evidence_pool_open(&world->cell.parts);
    cell_meet_all(&world->cell, world, on_talker_told);
}

static void on_freed(struct cell *cell)
{
    struct world *world = cell->part;
    evidence_pool_free(&world->pool);
}

static void world_close(struct world *world)
{
    assert_int_equal(world->cell.fatal, 0);
    cell_close(&world->cell, on_freed);
}

static struct vote make_vote(const struct world *world, size_t agency, uint64_t height,
                             uint32_t round, unsigned of)
{
    struct vote vote = {.type = VOTE_PREVOTE, .height = height, .round = round};
    struct secret_key secret = ledger_secret(agency, KEY_VOTE);
    struct hash digest;
    vote.block = hash_sha256(view_of(&of, sizeof of));
    memcpy(vote.validator, agencies[agency], sizeof vote.validator);
    vote_digest(&digest, &world->cell.ledger.genesis_hash, &vote);
    assert_int_equal(schnorr_sign(&vote.signature, &secret, &digest), 0);
    return vote;
}

/* Each call another pair of blocks. */
static struct evidence make_evidence_at(struct world *world, size_t agency, uint64_t height,
                                        uint32_t round)
{
    unsigned of = 2 * world->tries++;
    struct evidence evidence = {.a = make_vote(world, agency, height, round, of),
                                .b = make_vote(world, agency, height, round, of + 1)};
    evidence_order(&evidence);
    return evidence;
}

static struct evidence make_evidence(struct world *world, size_t agency, uint32_t round)
{
    return make_evidence_at(world, agency, 1, round);
}

static struct peer *teller(struct world *world)
{
    return cell_peer(&world->cell, 0);
}

/* A peer tells it. True if it was news. */
static bool hear(struct world *world, const struct evidence *evidence)
{
    AUTO(buf_free) struct buf body = {0};
    bool news;
    evidence_encode(&body, evidence);
    assert_int_equal(evidence_pool_frame(&news, world->pool, teller(world), view_of_buf(&body)), 0);
    return news;
}

/* The next block. */
static size_t commit(struct world *world, size_t proposer, const struct evidence *evidence,
                     size_t count)
{
    struct ledger *ledger = &world->cell.ledger;
    AUTO(block_free) struct block *block = NULL;
    struct app_proposal proposal = {.time_ms = app_tip_time_ms(ledger->app) + 1000,
                                    .proposer = agencies[proposer],
                                    .evidence = evidence,
                                    .evidence_count = count};
    assert_int_equal(app_prepare(&block, ledger->app, &proposal), 0);
    assert_int_equal(ledger_commit(ledger, block), 0);
    evidence_pool_committed(world->pool, block);
    return block->evidence_count;
}

/* Puts what the pool offers into the next block. */
static size_t commit_offered(struct world *world)
{
    struct evidence offered[BLOCK_EVIDENCE_MAX];
    size_t count = evidence_pool_offer(world->pool, offered);
    return commit(world, 1, offered, count);
}

static void check_told(struct world *world, unsigned times)
{
    peers_flush(world->cell.node.peers);
    RUN_UNTIL(&world->cell.loop, world->told >= times * TALKERS);
    run_for(&world->cell.loop, 50);
    assert_int_equal(world->told, times * TALKERS);
}

/* ---- the tests ---- */

static void test_told_once(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    struct evidence evidence = make_evidence(&world, 2, 0);
    assert_true(hear(&world, &evidence));
    assert_false(hear(&world, &evidence));
    assert_int_equal(evidence_pool_add(world.pool, &evidence), ERR_DUPLICATE);
    struct evidence another = make_evidence(&world, 2, 0); /* of the same act */
    assert_false(hear(&world, &another));
    assert_int_equal(evidence_pool_count(world.pool), 1);
    check_told(&world, 1);
    world_close(&world);
}

/* Committed evidence that is told again is no news, however it is put. */
static void test_on_record(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    struct evidence evidence = make_evidence(&world, 2, 3);
    struct evidence another = make_evidence(&world, 2, 3);
    struct evidence other_round = make_evidence(&world, 2, 4);
    assert_true(hear(&world, &evidence));
    assert_int_equal(commit_offered(&world), 1);
    assert_int_equal(evidence_pool_count(world.pool), 0);
    assert_false(hear(&world, &evidence));
    assert_false(hear(&world, &another));
    assert_int_equal(evidence_pool_add(world.pool, &evidence), ERR_DUPLICATE);
    assert_int_equal(app_check_evidence(world.cell.ledger.app, &another), ERR_DUPLICATE);
    assert_int_equal(evidence_pool_count(world.pool), 0);
    assert_int_equal(commit_offered(&world), 0);
    check_told(&world, 1);
    assert_true(hear(&world, &other_round)); /* that one is not */
    check_told(&world, 2);
    assert_int_equal(count_read(&world.cell.counters.evidence_seen), 2);
    world_close(&world);
}

static void test_nothing_new(void **state)
{
    (void)state;
    struct world world;
    bool news = true;
    world_open(&world);
    assert_int_equal(evidence_pool_frame(&news, world.pool, teller(&world), view_of(NULL, 0)),
                     ERR_ENCODING);
    assert_false(news);
    news = true;
    assert_int_equal(evidence_pool_frame(&news, world.pool, teller(&world), view_of_text("what?")),
                     ERR_ENCODING);
    assert_false(news);
    unsigned blame = teller(&world)->blame;
    struct evidence far = make_evidence_at(&world, 2, 3, 0); /* nobody votes at that height yet */
    assert_false(hear(&world, &far));
    assert_int_equal(evidence_pool_add(world.pool, &far), ERR_FIELD_RANGE);
    assert_int_equal(teller(&world)->blame, blame); /* it may be ahead of us */
    struct evidence wrong = make_evidence(&world, 2, 0);
    wrong.b.signature.bytes[5] ^= 1;
    assert_false(hear(&world, &wrong));
    assert_true(teller(&world)->blame > blame);
    blame = teller(&world)->blame;
    struct evidence stranger = make_evidence(&world, 0, 0); /* the center has no vote */
    assert_false(hear(&world, &stranger));
    assert_true(teller(&world)->blame > blame);
    struct evidence same = make_evidence(&world, 2, 0);
    same.b = same.a;
    assert_int_equal(evidence_pool_add(world.pool, &same), ERR_ENCODING);
    assert_int_equal(evidence_pool_count(world.pool), 0);
    check_told(&world, 0);
    world_close(&world);
}

/* Of the height after the next block's: taken when it comes, told and kept; no block before its
 * height is to hold it, nor says anything against it, nor is one made for its sake. */
static void test_of_the_height_to_come(void **state)
{
    (void)state;
    struct world world;
    struct evidence offered[BLOCK_EVIDENCE_MAX];
    world_open(&world);
    struct evidence early = make_evidence_at(&world, 2, 2, 1);
    struct evidence another = make_evidence_at(&world, 2, 2, 1); /* of the same act */
    struct evidence now = make_evidence_at(&world, 3, 1, 1);
    assert_true(hear(&world, &early));
    assert_false(hear(&world, &early));
    assert_int_equal(evidence_pool_add(world.pool, &another), ERR_DUPLICATE);
    check_told(&world, 1);
    assert_false(evidence_pool_is_due(world.pool));
    for (int round = 0; round < 9; round++) {
        assert_int_equal(evidence_pool_offer(world.pool, offered), 0);
    }
    assert_true(hear(&world, &now));
    assert_true(evidence_pool_is_due(world.pool));
    assert_int_equal(evidence_pool_offer(world.pool, offered), 1);
    assert_int_equal(offered[0].a.height, 1);
    assert_int_equal(commit_offered(&world), 1);
    assert_int_equal(evidence_pool_count(world.pool), 1);
    assert_true(evidence_pool_is_due(world.pool));
    assert_int_equal(evidence_pool_offer(world.pool, offered), 1);
    assert_int_equal(offered[0].a.height, 2);
    assert_int_equal(commit_offered(&world), 1);
    assert_int_equal(evidence_pool_count(world.pool), 0);
    assert_false(hear(&world, &another)); /* it is on record */
    world_close(&world);
}

/* What is early, forged or of no validator is blamed as ever, and early acts have no share of their
 * own. */
static void test_early_ones_are_judged_and_bounded(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    unsigned blame = teller(&world)->blame;
    struct evidence forged = make_evidence_at(&world, 2, 2, 0);
    forged.b.signature.bytes[5] ^= 1;
    assert_false(hear(&world, &forged));
    assert_true(teller(&world)->blame > blame);
    blame = teller(&world)->blame;
    struct evidence stranger = make_evidence_at(&world, 0, 2, 0); /* the center has no vote */
    assert_false(hear(&world, &stranger));
    assert_true(teller(&world)->blame > blame);
    for (uint32_t round = 0; round < EVIDENCE_POOL_VALIDATOR_MAX + 2; round++) {
        struct evidence evidence = make_evidence_at(&world, 3, 2, round);
        assert_int_equal(evidence_pool_add(world.pool, &evidence),
                         round < EVIDENCE_POOL_VALIDATOR_MAX ? 0 : ERR_QUOTA);
    }
    struct evidence now = make_evidence(&world, 3, 0), other = make_evidence(&world, 4, 0);
    assert_int_equal(evidence_pool_add(world.pool, &now), ERR_QUOTA);
    assert_int_equal(evidence_pool_add(world.pool, &other), 0);
    assert_int_equal(commit_offered(&world), 1);
    assert_int_equal(commit_offered(&world), EVIDENCE_POOL_VALIDATOR_MAX);
    world_close(&world);
}

/* One validator that signs against itself without end does not keep out what others did. */
static void test_shares(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    for (uint32_t round = 0; round < 300; round++) {
        struct evidence evidence = make_evidence(&world, 3, round);
        assert_int_equal(evidence_pool_add(world.pool, &evidence),
                         round < EVIDENCE_POOL_VALIDATOR_MAX ? 0 : ERR_QUOTA);
    }
    struct evidence other = make_evidence(&world, 4, 0);
    assert_true(hear(&world, &other));
    assert_int_equal(evidence_pool_count(world.pool), EVIDENCE_POOL_VALIDATOR_MAX + 1);
    assert_int_equal(commit_offered(&world), EVIDENCE_POOL_VALIDATOR_MAX + 1);
    assert_int_equal(evidence_pool_count(world.pool), 0);
    struct evidence later = make_evidence(&world, 3, 299);
    assert_true(hear(&world, &later)); /* there is room again */
    world_close(&world);
}

/* Rounds fail and others' blocks are decided for as long as a bad time lasts. Only blocks of the
 * node's own that were to hold it, and were decided without it, tell that it is no use. */
static void test_forgotten(void **state)
{
    (void)state;
    struct world world;
    struct evidence offered[BLOCK_EVIDENCE_MAX];
    world_open(&world);
    struct evidence evidence = make_evidence(&world, 2, 0);
    assert_true(hear(&world, &evidence));
    for (int height = 0; height < 9; height++) {
        for (int round = 0; round < 9; round++) {
            assert_int_equal(evidence_pool_offer(world.pool, offered), 1);
        }
        assert_int_equal(commit(&world, 2, NULL, 0), 0);
    }
    for (int height = 0; height < 9; height++) { /* built before it came */
        assert_int_equal(commit(&world, 1, NULL, 0), 0);
    }
    for (int height = 0; height < 8; height++) {
        assert_int_equal(evidence_pool_offer(world.pool, offered), 1);
        assert_int_equal(evidence_pool_offer(world.pool, offered), 1);
        assert_int_equal(commit(&world, 1, NULL, 0), 0);
    }
    assert_int_equal(evidence_pool_count(world.pool), 0);
    world_close(&world);
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_told_once),
        cmocka_unit_test(test_on_record),
        cmocka_unit_test(test_nothing_new),
        cmocka_unit_test(test_of_the_height_to_come),
        cmocka_unit_test(test_early_ones_are_judged_and_bounded),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
