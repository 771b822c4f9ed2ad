/* The override of a hold: what is refused and why, and what the right one does. */
#include "check.h"

#include "ledger_types.h"

#include "engine_world.h"
#include "scratch.h"

#include "base/file.h"
#include "node/intake.h"
#include "node/resume.h"

#include <unistd.h>

struct held {
    struct world world;
    struct intake *intake;
    struct resume *resume;
};

static void ignore_tx(void *context, struct tx *tx)
{
    (void)context;
    (void)tx;
}

static void ignore_added(void *context)
{
    (void)context;
}

/* Rolled back at height 1, where the others remember a precommit for `locked` in round 2, and at
 * height 2. */
static void held_open(struct held *held, const struct hash *locked)
{
    const struct intake_handler handler = {held, ignore_tx, ignore_added};
    struct world *world = &held->world;
    world_prepare(world);
    struct message first = own_vote(world, VOTE_PRECOMMIT, 1, 2, locked);
    struct message second = own_vote(world, VOTE_PREVOTE, 1, 5, NULL);
    struct message third = own_vote(world, VOTE_PREVOTE, 2, 0, NULL);
    remember(world, 0, &first);
    remember(world, 1, &third); /* the order does not matter */
    remember(world, 1, &second);
    meet(world);
    RUN_UNTIL(&world->cell.loop, engine_running(world->engine));
    expect_hold(world, ENGINE_ROLLED_BACK, 2);
    held->intake = intake_open(&world->cell.parts, &handler);
    held->resume = resume_open(&world->cell.parts, world->engine, held->intake, scratch_directory);
}

static void held_close(struct held *held)
{
    resume_free(&held->resume);
    intake_free(&held->intake);
    world_close(&held->world);
}

static const char *file(void)
{
    return scratch_path(RESUME_FILE);
}

static const char *lifted_file(void)
{
    return scratch_path(RESUME_LIFTED_FILE);
}

/* It was set aside, where it lifts nothing. */
static void expect_set_aside(const struct tx *tx)
{
    AUTO(buf_free) struct buf raw = {0};
    assert_int_equal(access(file(), F_OK), -1);
    assert_int_equal(file_read(&raw, scratch_path(RESUME_REFUSED_FILE), TX_BYTES_MAX), 0);
    assert_true(view_equal(view_of_buf(&raw), view_of_buf(&tx->raw)));
}

static void put_file(const struct tx *tx)
{
    assert_int_equal(file_write_atomic(file(), view_of_buf(&tx->raw), 0644), 0);
}

static struct tx *resume_tx(struct ledger *ledger, size_t agency, unsigned key, int64_t height,
                            int64_t held_until, int64_t lifetime_ms)
{
    struct doc *body = doc_new_object();
    doc_set_int(body, "height", height);
    doc_set_int(body, "held_until", held_until);
    doc_set_text(body, "reason", "磁盘还原");
    return ledger_tx_expiring(ledger, agency, key, "validator.resume", body,
                              LEDGER_TIME_MS + lifetime_ms);
}

/* ---- refusals ---- */

static void test_what_lifts_nothing(void **state)
{
    (void)state;
    struct held held;
    held_open(&held, NULL);
    static const struct {
        size_t agency;
        unsigned key;
        int64_t height, held_until, lifetime_ms;
        int error;
    } cases[] = {
        {2, KEY_CHIEF, 1, 2, 600000, ERR_KEY_MEMBER},
        {1, KEY_COMPILE, 1, 2, 600000, ERR_TX_ROLE},
        {1, KEY_CHIEF, 2, 2, 600000, ERR_FIELD_RANGE}, /* not ahead of time */
        {1, KEY_CHIEF, 1, 1, 600000, ERR_HOLD_OTHER},  /* the hold goes further */
        {1, KEY_CHIEF, 1, 3, 600000, ERR_HOLD_OTHER},  /* not as far: one to come */
        {1, KEY_CHIEF, 1, INT64_C(9007199254740991), 600000, ERR_HOLD_OTHER}, /* any */
        {1, KEY_CHIEF, 1, 2, 0, ERR_TX_EXPIRED},
        {1, KEY_CHIEF, 1, 2, INT64_C(90000000), ERR_TX_LIFETIME},
        {1, KEY_CHIEF, 1, 2, INT64_C(900000000), ERR_TX_LIFETIME},
    };
    struct ledger *ledger = &held.world.cell.ledger;
    assert_int_equal(resume_status(held.resume).state, RESUME_NONE);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(tx_free)
        struct tx *tx = resume_tx(ledger, cases[i].agency, cases[i].key, cases[i].height,
                                  cases[i].held_until, cases[i].lifetime_ms);
        put_file(tx);
        resume_tick(held.resume);
        const struct resume_status status = resume_status(held.resume);
        assert_int_equal(status.state, RESUME_REFUSED);
        if (status.error != cases[i].error) {
            fail_msg("case %zu: %s", i, error_code(status.error));
        }
        assert_true(hash_equal(&status.txid, &tx->id));
        expect_set_aside(tx);
        expect_hold(&held.world, ENGINE_ROLLED_BACK, 2);
        assert_null(mempool_find(held.world.cell.parts.mempool, &tx->id));
    }
    AUTO(tx_free)
    struct tx *other = ledger_tx(ledger, 1, KEY_COMPILE, "test.put", test_body("x", 1));
    put_file(other);
    resume_tick(held.resume);
    assert_int_equal(resume_status(held.resume).error, ERR_TX_TYPE);
    AUTO(tx_free) struct tx *forged = resume_tx(ledger, 1, KEY_CHIEF, 1, 2, 600000);
    forged->raw.data[forged->raw.len - 3] ^= 1;
    put_file(forged);
    resume_tick(held.resume);
    assert_int_equal(resume_status(held.resume).error, ERR_SIGNATURE);
    assert_int_equal(file_write_atomic(file(), view_of_text("hello"), 0644), 0);
    resume_tick(held.resume);
    assert_int_equal(resume_status(held.resume).error, ERR_TX_FORM);
    expect_hold(&held.world, ENGINE_ROLLED_BACK, 2);
    assert_int_equal(unlink(file()), 0);
    held_close(&held);
}

/* ---- the right one ---- */

static void test_it_waits_for_the_roll_call(void **state)
{
    (void)state;
    struct held held;
    held_open(&held, NULL);
    held.world.engine->roll_over = false;
    AUTO(tx_free) struct tx *tx = resume_tx(&held.world.cell.ledger, 1, KEY_CHIEF, 1, 2, 600000);
    put_file(tx);
    resume_tick(held.resume);
    assert_int_equal(resume_status(held.resume).state, RESUME_WAITING);
    expect_hold(&held.world, ENGINE_ROLLED_BACK, 2);
    held.world.engine->roll_over = true;
    resume_tick(held.resume);
    assert_int_equal(resume_status(held.resume).state, RESUME_LIFTED);
    assert_int_equal(unlink(lifted_file()), 0);
    held_close(&held);
}

/* The ledger's idea of the time is that of its tip; here it is more than a day old. */
static void test_a_chain_that_has_stood_for_long(void **state)
{
    (void)state;
    struct held held;
    held_open(&held, NULL);
    const int64_t stood_ms = 30 * INT64_C(3600000);
    atomic_fetch_add(&held.world.cell.clock.offset_ms, stood_ms);
    AUTO(tx_free) struct tx *old = resume_tx(&held.world.cell.ledger, 1, KEY_CHIEF, 1, 2, 600000);
    put_file(old);
    resume_tick(held.resume);
    assert_int_equal(resume_status(held.resume).error, ERR_TX_EXPIRED);
    expect_hold(&held.world, ENGINE_ROLLED_BACK, 2);
    AUTO(tx_free)
    struct tx *tx = resume_tx(&held.world.cell.ledger, 1, KEY_CHIEF, 1, 2, stood_ms + 600000);
    put_file(tx);
    resume_tick(held.resume);
    assert_int_equal(resume_status(held.resume).state, RESUME_LIFTED);
    assert_int_equal(unlink(lifted_file()), 0);
    held_close(&held);
}

static void test_it_lifts_the_hold_and_goes_to_the_ledger(void **state)
{
    (void)state;
    struct held held;
    const struct hash locked = {{7}};
    held_open(&held, &locked);
    struct world *world = &held.world;
    unsigned before = signed_by_node(world);
    AUTO(tx_free) struct tx *tx = resume_tx(&world->cell.ledger, 1, KEY_CHIEF, 1, 2, 600000);
    put_file(tx);
    resume_tick(held.resume);
    assert_int_equal(resume_status(held.resume).state, RESUME_LIFTED);
    assert_int_equal(access(file(), F_OK), -1);
    expect_hold(world, ENGINE_FREE, 0);
    /* Where it was last heard, and bound by what it said. */
    struct consensus_status status = engine_status(world->engine);
    assert_true(status.validator);
    assert_int_equal(status.round, 5);
    assert_int_equal(status.step, STEP_PREVOTE);
    assert_int_equal(status.locked_round, 2);
    assert_true(hash_equal(&status.locked_block, &locked));
    RUN_UNTIL(&world->cell.loop, signed_by_node(world) > before);
    RUN_UNTIL(&world->cell.loop, mempool_find(world->cell.parts.mempool, &tx->id) != NULL);
    /* It is submitted until the ledger has it. */
    struct hash id = tx->id;
    (void)mempool_refused(world->cell.parts.mempool, &id, ERR_BUSY, NULL);
    assert_null(mempool_find(world->cell.parts.mempool, &id));
    resume_tick(held.resume);
    RUN_UNTIL(&world->cell.loop, mempool_find(world->cell.parts.mempool, &id) != NULL);
    /* Committed by others: the file goes, and height 2 goes on from what was said there. */
    engine_pause(world->engine);
    ledger_append(&world->cell.ledger, (struct tx *[]){tx_ref(tx)}, 1);
    resume_tick(held.resume);
    assert_int_equal(resume_status(held.resume).state, RESUME_COMMITTED);
    assert_int_equal(access(lifted_file(), F_OK), -1);
    engine_start_height(world->engine);
    status = engine_status(world->engine);
    assert_int_equal(status.height, 2);
    assert_true(status.validator);
    assert_int_equal(status.round, 0);
    assert_int_equal(status.step, STEP_PREVOTE);
    resume_tick(held.resume);
    assert_int_equal(resume_status(held.resume).state, RESUME_COMMITTED);
    held_close(&held);
}

/* ---- other holds ---- */

/* The hold that was lifted, or a longer one, comes again: that needs a decision of its own, also
 * where the old file is put there once more and after a restart. */
static void test_a_later_hold_needs_a_decision_of_its_own(void **state)
{
    (void)state;
    for (uint64_t until = 2; until <= 3; until++) {
        struct held held;
        held_open(&held, NULL);
        struct world *world = &held.world;
        AUTO(tx_free) struct tx *tx = resume_tx(&world->cell.ledger, 1, KEY_CHIEF, 1, 2, 600000);
        put_file(tx);
        resume_tick(held.resume);
        expect_hold(world, ENGINE_FREE, 0);
        assert_int_equal(signer_hold(world->engine->signer, until, HOLD_ROLLED_BACK), 0);
        for (int again = 0; again < 3; again++) {
            resume_tick(held.resume);
            assert_int_equal(resume_status(held.resume).state, RESUME_REFUSED);
            assert_int_equal(resume_status(held.resume).error, ERR_HOLD_OTHER);
            expect_hold(world, ENGINE_ROLLED_BACK, until);
            if (again == 0) {
                put_file(tx);
            } else if (again == 1) {
                resume_free(&held.resume);
                held.resume =
                    resume_open(&world->cell.parts, world->engine, held.intake, scratch_directory);
            }
        }
        expect_set_aside(tx);
        assert_int_equal(unlink(lifted_file()), 0);
        held_close(&held);
    }
}

/* Nothing is held: nothing is in force then, nothing goes to the ledger, and the file does not lie
 * in wait for the hold that comes later. In the roll call likewise. */
static void test_nothing_is_held_yet(void **state)
{
    (void)state;
    for (int roll_over = 0; roll_over < 2; roll_over++) {
        struct held held;
        held_open(&held, NULL);
        struct world *world = &held.world;
        AUTO(tx_free) struct tx *first = resume_tx(&world->cell.ledger, 1, KEY_CHIEF, 1, 2, 500000);
        put_file(first);
        resume_tick(held.resume);
        expect_hold(world, ENGINE_FREE, 0);
        AUTO(tx_free) struct tx *tx = resume_tx(&world->cell.ledger, 1, KEY_CHIEF, 1, 3, 600000);
        put_file(tx);
        world->engine->roll_over = roll_over;
        resume_tick(held.resume);
        assert_int_equal(resume_status(held.resume).state, RESUME_REFUSED);
        assert_int_equal(resume_status(held.resume).error, ERR_STATUS);
        const struct resume_status status = resume_status(held.resume);
        assert_true(hash_equal(&status.txid, &tx->id));
        expect_set_aside(tx);
        world->engine->roll_over = true;
        assert_int_equal(signer_hold(world->engine->signer, 3, HOLD_ROLLED_BACK), 0);
        resume_tick(held.resume);
        expect_hold(world, ENGINE_ROLLED_BACK, 3);
        assert_null(mempool_find(world->cell.parts.mempool, &tx->id));
        assert_int_equal(unlink(lifted_file()), 0);
        held_close(&held);
    }
}

/* The chief had it submitted at another node, and the others decided: it lifts what it names. */
static void test_the_ledger_has_it_already(void **state)
{
    (void)state;
    static const struct {
        int64_t held_until, stood_ms;
        int error;
    } cases[] = {{3, 0, ERR_HOLD_OTHER}, {2, 600000, ERR_TX_EXPIRED}, {2, 0, 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct held held;
        held_open(&held, NULL);
        struct world *world = &held.world;
        AUTO(tx_free)
        struct tx *tx =
            resume_tx(&world->cell.ledger, 1, KEY_CHIEF, 1, cases[i].held_until, 600000);
        engine_pause(world->engine);
        ledger_append(&world->cell.ledger, (struct tx *[]){tx_ref(tx)}, 1);
        engine_start_height(world->engine);
        expect_hold(world, ENGINE_ROLLED_BACK, 2);
        atomic_fetch_add(&world->cell.clock.offset_ms, cases[i].stood_ms);
        put_file(tx);
        resume_tick(held.resume);
        assert_int_equal(resume_status(held.resume).error, cases[i].error);
        assert_int_equal(access(file(), F_OK), -1);
        if (cases[i].error == 0) {
            assert_int_equal(resume_status(held.resume).state, RESUME_COMMITTED);
            assert_int_equal(access(lifted_file(), F_OK), -1);
            expect_hold(world, ENGINE_FREE, 0);
            assert_int_equal(engine_status(world->engine).step, STEP_PREVOTE); /* as it had */
        } else {
            expect_hold(world, ENGINE_ROLLED_BACK, 2);
        }
        held_close(&held);
    }
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_lifts_nothing),
        cmocka_unit_test(test_it_waits_for_the_roll_call),
        cmocka_unit_test(test_a_chain_that_has_stood_for_long),
        cmocka_unit_test(test_it_lifts_the_hold_and_goes_to_the_ledger),
        cmocka_unit_test(test_a_later_hold_needs_a_decision_of_its_own),
        cmocka_unit_test(test_nothing_is_held_yet),
        cmocka_unit_test(test_the_ledger_has_it_already),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
