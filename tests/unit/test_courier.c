/* The courier: a letter reaches the ledger whatever dies meanwhile, once; one that cannot is
 * settled with the reason. */
#include "world.h"

#include "base/civil.h"
#include "exchange/courier.h"

static struct world *world;
static struct secret_key secret;
static struct exchange_host host;
static struct bell *bell;
static atomic_bool node_down; /* what is submitted is refused as not possible right now */

static void submit(void *context, struct tx *tx, bool wait, exchange_submit_done done,
                   void *argument)
{
    if (atomic_load(&node_down)) {
        tx_free(&tx);
        done(argument, ERR_UNAVAILABLE, NULL, 0);
    } else {
        world_submit(context, tx, wait, done, argument);
    }
}

static struct courier *open_courier(const char *directory)
{
    struct courier *courier = NULL;
    const struct courier_key key = {.name = "gateway", .secret = &secret};
    assert_int_equal(courier_open(&courier, &host, &key, scratch_path(directory), bell), 0);
    return courier;
}

/* A refusal between BETA and another member, which any gateway may put on record. */
static struct doc *refusal(const char *provider)
{
    struct doc *body = doc_new_object();
    doc_set_text(body, "consumer", BETA);
    doc_set_text(body, "provider", provider);
    doc_set_text(body, "reason", "not-granted");
    return body;
}

static int post(struct courier *courier, const char *name, enum letter_repeat repeat,
                const char *provider)
{
    AUTO(doc_free) struct doc *body = refusal(provider);
    return courier_post(courier, name, repeat, "access.refused", body, NULL);
}

static struct hash txid_of(struct courier *courier, const char *name)
{
    struct hash txid;
    assert_int_equal(courier_look(courier, name, NULL, NULL, &txid), LETTER_PENDING);
    return txid;
}

static bool in_ledger(const struct hash *txid)
{
    struct store_tx_place place;
    AUTO(store_view_close) struct store_view view = {0};
    assert_int_equal(store_view_open(&view, world->kv), 0);
    return store_find_tx(&place, &view, txid) == 0;
}

/* Works until a letter is no longer on its way; what became of it. */
static enum letter_state work_until_settled(struct courier *courier, const char *name)
{
    int64_t until_ms = clock_monotonic_ms() + 20000;
    enum letter_state state;
    while ((state = courier_look(courier, name, NULL, NULL, NULL)) == LETTER_PENDING) {
        assert_true(clock_monotonic_ms() < until_ms);
        int64_t wait_ms = courier_step(courier);
        assert_true(wait_ms >= 0);
        bell_wait(bell, wait_ms < 50 ? wait_ms : 50);
    }
    return state;
}

static void a_letter_arrives(void **state)
{
    (void)state;
    AUTO(courier_close) struct courier *courier = open_courier("arrives");
    assert_int_equal(post(courier, "one", LETTER_MUST, ALPHA), 0);
    struct hash txid = txid_of(courier, "one");
    assert_int_equal(post(courier, "one", LETTER_MUST, ALPHA), 0); /* the same name: the same */
    struct hash again = txid_of(courier, "one");
    assert_true(hash_equal(&txid, &again));
    assert_int_equal(access(scratch_path("arrives/outbox/one.json"), F_OK), 0);
    assert_false(in_ledger(&txid)); /* durable before it is sent */
    assert_int_equal(work_until_settled(courier, "one"), LETTER_NONE);
    assert_true(in_ledger(&txid));
    assert_int_not_equal(access(scratch_path("arrives/outbox/one.json"), F_OK), 0);
}

static void an_owner_who_wants_to_know(void **state)
{
    (void)state;
    AUTO(courier_close) struct courier *courier = open_courier("owner");
    int error = -1;
    assert_int_equal(post(courier, "one", LETTER_ONCE, ALPHA), 0);
    courier_take(courier, "one"); /* nothing to take yet */
    assert_int_equal(work_until_settled(courier, "one"), LETTER_SETTLED);
    assert_int_equal(courier_look(courier, "one", &error, NULL, NULL), LETTER_SETTLED);
    assert_int_equal(error, 0);
    courier_take(courier, "one");
    assert_int_equal(courier_look(courier, "one", NULL, NULL, NULL), LETTER_NONE);
}

static void what_the_ledger_refuses(void **state)
{
    (void)state;
    AUTO(courier_close) struct courier *courier = open_courier("refuses");
    int error = 0;
    struct faults faults;
    assert_int_equal(post(courier, "once", LETTER_ONCE, NEWCOMER), 0); /* no member */
    assert_int_equal(post(courier, "must", LETTER_MUST, NEWCOMER), 0);
    assert_int_equal(post(courier, "try", LETTER_TRY, NEWCOMER), 0);
    assert_int_equal(work_until_settled(courier, "once"), LETTER_SETTLED);
    assert_int_equal(courier_look(courier, "once", &error, &faults, NULL), LETTER_SETTLED);
    assert_int_equal(error, ERR_SUBJECT);
    assert_int_equal(faults_first(&faults), ERR_SUBJECT);
    assert_int_equal(work_until_settled(courier, "must"), LETTER_NONE);
    assert_int_equal(work_until_settled(courier, "try"), LETTER_NONE);
}

/* A crash between posting and sending, and one between sending and hearing of it. */
static void a_crash_loses_nothing(void **state)
{
    (void)state;
    struct courier *courier = open_courier("crash");
    assert_int_equal(post(courier, "unsent", LETTER_MUST, ALPHA), 0);
    struct hash unsent = txid_of(courier, "unsent");
    courier_close(&courier);
    courier = open_courier("crash");
    struct hash found = txid_of(courier, "unsent");
    assert_true(hash_equal(&unsent, &found));
    (void)courier_step(courier); /* sent; nobody waits for the answer */
    courier_close(&courier);
    courier = open_courier("crash");
    assert_int_equal(work_until_settled(courier, "unsent"), LETTER_NONE);
    assert_true(in_ledger(&unsent));
    courier_close(&courier);
}

/* A fact is signed anew when its transaction has expired; what is not to be repeated is not. */
static void letters_expire(void **state)
{
    (void)state;
    AUTO(courier_close) struct courier *courier = open_courier("expire");
    int error = 0;
    atomic_store(&node_down, true);
    assert_int_equal(post(courier, "must", LETTER_MUST, GAMMA), 0);
    assert_int_equal(post(courier, "once", LETTER_ONCE, ALPHA), 0);
    assert_int_equal(post(courier, "try", LETTER_TRY, ALPHA), 0);
    struct hash first = txid_of(courier, "must");
    struct hash once = txid_of(courier, "once");
    for (int i = 0; i < 3; i++) {
        (void)courier_step(courier);
        usleep(10000);
    }
    assert_int_equal(world_advance(world, 2 * 3600000), 0);
    atomic_store(&node_down, false);
    assert_int_equal(work_until_settled(courier, "once"), LETTER_SETTLED);
    assert_int_equal(courier_look(courier, "once", &error, NULL, NULL), LETTER_SETTLED);
    assert_int_equal(error, ERR_TX_EXPIRED);
    assert_int_equal(work_until_settled(courier, "try"), LETTER_NONE);
    assert_int_equal(work_until_settled(courier, "must"), LETTER_NONE);
    assert_false(in_ledger(&first));
    assert_false(in_ledger(&once));
    /* What is in the ledger instead is the same body. */
    AUTO(store_view_close) struct store_view view = {0};
    AUTO(doc_free) struct doc *body = refusal(GAMMA);
    size_t found = 0;
    assert_int_equal(store_view_open(&view, world->kv), 0);
    for (uint64_t height = view.height; height > view.height - 3 && height > 0; height--) {
        AUTO(buf_free) struct buf bytes = {0};
        AUTO(block_free) struct block *block = NULL;
        assert_int_equal(store_read_block_bytes(&bytes, &view, height), 0);
        assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &world->genesis_hash), 0);
        for (size_t i = 0; i < block->tx_count; i++)
            found += doc_equal(block->txs[i]->body, body);
    }
    assert_int_equal(found, 1);
}

static void a_damaged_letter_is_left_alone(void **state)
{
    (void)state;
    static const char *const damaged[] = {"{}", "{\"type\":\"access.refused\"}", "not JSON"};
    assert_int_equal(file_make_directory(scratch_path("damaged/outbox"), 0700), 0);
    for (size_t i = 0; i < COUNT_OF(damaged); i++) {
        char path[64];
        snprintf(path, sizeof path, "damaged/outbox/letter-%zu.json", i);
        assert_int_equal(file_write_atomic(scratch_path(path), view_of_text(damaged[i]), 0600), 0);
    }
    AUTO(courier_close) struct courier *courier = open_courier("damaged");
    assert_int_equal(post(courier, "sound", LETTER_MUST, ALPHA), 0);
    assert_int_equal(work_until_settled(courier, "sound"), LETTER_NONE);
    assert_int_equal(courier_look(courier, "letter-0", NULL, NULL, NULL), LETTER_NONE);
    assert_int_equal(access(scratch_path("damaged/outbox/letter-1.json"), F_OK), 0);
}

static int open_all(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    world = world_open(NULL);
    bell = bell_new();
    secret = fixture_secret_of(BETA "/gateway");
    host = (struct exchange_host){.context = world,
                                  .kv = world->kv,
                                  .genesis = world->genesis,
                                  .genesis_hash = world->genesis_hash,
                                  .member = BETA,
                                  .submit = submit,
                                  .now_ms = world_now_ms};
    return 0;
}

static int close_all(void **state)
{
    world_close(&world);
    bell_free(&bell);
    return scratch_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_arrives),        cmocka_unit_test(an_owner_who_wants_to_know),
        cmocka_unit_test(what_the_ledger_refuses), cmocka_unit_test(a_crash_loses_nothing),
        cmocka_unit_test(letters_expire),          cmocka_unit_test(a_damaged_letter_is_left_alone),
    };
    return cmocka_run_group_tests_name("courier", tests, open_all, close_all);
}
