/* The worker pool: every item comes back once with the right verdict, keys are asked for and
 * renewed, urgent ones overtake, the queue is bounded, and closing gives everything back. */
#include "note_txs.h"

#include "base/errors.h"
#include "node/verifier.h"

/* The ledger of these tests knows one key a member. */
struct ledger {
    uv_loop_t loop;
    struct verifier *verifier;
    struct public_key key;
    unsigned asked;
    unsigned done, verified, refused, given_back;
    unsigned order[512];
    size_t order_count;
};

static int on_key(void *context, struct public_key *out, const char *member, const char *key_name)
{
    struct ledger *ledger = context;
    ledger->asked++;
    assert_string_equal(key_name, "compile");
    if (strcmp(member, NOTE_MEMBER) != 0) {
        return ERR_TX_MEMBER;
    }
    *out = ledger->key;
    return 0;
}

static void on_done(struct verify_item *item)
{
    struct ledger *ledger = item->owner;
    ledger->done++;
    if (item->error == 0) {
        assert_true(item->tx->verified);
        assert_true(hash_equal(&item->tx->id, &item->id));
        ledger->verified++;
    } else if (item->error == ERR_UNAVAILABLE) {
        ledger->given_back++;
    } else {
        ledger->refused++;
    }
    ledger->order[ledger->order_count++ % COUNT_OF(ledger->order)] = item->sender;
    verify_item_free(&item);
}

static void ledger_open(struct ledger *ledger)
{
    struct secret_key secret;
    struct hash genesis = note_genesis();
    *ledger = (struct ledger){0};
    note_key(&secret, &ledger->key, "key");
    assert_int_equal(uv_loop_init(&ledger->loop), 0);
    assert_int_equal(verifier_open(&ledger->verifier, &ledger->loop, 1, &genesis, on_key, ledger),
                     0);
}

static void ledger_close(struct ledger *ledger)
{
    verifier_close(ledger->verifier);
    assert_int_equal(uv_run(&ledger->loop, UV_RUN_DEFAULT), 0);
    verifier_free(&ledger->verifier);
    assert_int_equal(uv_loop_close(&ledger->loop), 0);
}

static struct verify_item *item_new(struct ledger *ledger, unsigned number, const char *member,
                                    const char *seed)
{
    struct secret_key secret;
    struct public_key key;
    struct verify_item *item = verify_item_new();
    note_key(&secret, &key, seed);
    note_sign(&item->raw, member, number, NOTE_EXPIRES_MS, &secret);
    const uint8_t *dot = memrchr(item->raw.data, '.', item->raw.len);
    item->id = hash_sha256(view_of(item->raw.data, (size_t)(dot - item->raw.data)));
    item->owner = ledger;
    item->done = on_done;
    item->sender = number;
    return item;
}

static void add(struct ledger *ledger, unsigned number, const char *member, const char *seed)
{
    struct verify_item *item = item_new(ledger, number, member, seed);
    assert_int_equal(verifier_add(ledger->verifier, &item, VERIFY_GOSSIP), 0);
    assert_null(item);
}

static void run_until_done(struct ledger *ledger, unsigned done)
{
    while (ledger->done < done) {
        uv_run(&ledger->loop, UV_RUN_ONCE);
    }
}

static void test_verdicts(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    for (unsigned i = 0; i < 100; i++) {
        add(&ledger, i, NOTE_MEMBER, i % 10 == 0 ? "another key" : "key");
    }
    add(&ledger, 100, NOTE_OTHER_MEMBER, "key"); /* no such member */
    struct verify_item *item = item_new(&ledger, 101, NOTE_MEMBER, "key");
    item->raw.data[0] = '!'; /* no JWS */
    assert_int_equal(verifier_add(ledger.verifier, &item, VERIFY_GOSSIP), 0);
    run_until_done(&ledger, 102);
    assert_int_equal(ledger.verified, 90);
    assert_int_equal(ledger.refused, 12);
    assert_int_equal(verifier_stats(ledger.verifier).queued, 0);
    assert_int_equal(verifier_stats(ledger.verifier).queued_bytes, 0);
    ledger_close(&ledger);
}

static void test_keys_are_cached_and_renewed(void **state)
{
    (void)state;
    struct ledger ledger;
    struct secret_key secret;
    ledger_open(&ledger);
    add(&ledger, 1, NOTE_MEMBER, "key");
    run_until_done(&ledger, 1);
    assert_int_equal(ledger.asked, 1);
    for (unsigned i = 2; i < 50; i++) {
        add(&ledger, i, NOTE_MEMBER, "key");
    }
    run_until_done(&ledger, 49);
    assert_int_equal(ledger.asked, 1);
    /* The member's key changes: what it signs now fails under the cached key, not for good. */
    note_key(&secret, &ledger.key, "new key");
    add(&ledger, 50, NOTE_MEMBER, "new key");
    run_until_done(&ledger, 50);
    assert_int_equal(ledger.verified, 50);
    assert_int_equal(ledger.asked, 2);
    add(&ledger, 51, NOTE_MEMBER, "key");
    run_until_done(&ledger, 51);
    assert_int_equal(ledger.refused, 1);
    ledger_close(&ledger);
}

static void test_urgent_ones_overtake(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    for (unsigned i = 0; i < 300; i++) {
        add(&ledger, i, NOTE_MEMBER, "key");
    }
    struct verify_item *urgent = item_new(&ledger, 1000, NOTE_MEMBER, "key");
    assert_int_equal(verifier_add(ledger.verifier, &urgent, VERIFY_URGENT), 0);
    struct verify_item *last = item_new(&ledger, 299, NOTE_MEMBER, "key");
    assert_true(verifier_pending(ledger.verifier, &last->id, true));
    assert_true(verifier_has(ledger.verifier, &last->id, view_of_buf(&last->raw)));
    last->raw.data[last->raw.len - 3] ^= 1; /* another signature, same txid */
    assert_false(verifier_has(ledger.verifier, &last->id, view_of_buf(&last->raw)));
    run_until_done(&ledger, 301);
    unsigned urgent_at = 301, hurried_at = 301;
    for (unsigned i = 0; i < 301; i++) {
        urgent_at = ledger.order[i] == 1000 ? i : urgent_at;
        hurried_at = ledger.order[i] == 299 ? i : hurried_at;
    }
    assert_in_range(urgent_at, 0, 250);
    assert_in_range(hurried_at, 0, 250);
    assert_false(verifier_pending(ledger.verifier, &last->id, false));
    verify_item_free(&last);
    ledger_close(&ledger);
}

/* Behind what peers sent, what was submitted here has every second turn; and the other way round.
 */
static void test_own_and_gossip_take_turns(void **state)
{
    (void)state;
    enum { MANY = 300 };
    static const enum verify_kind many[] = {VERIFY_GOSSIP, VERIFY_OWN};
    for (size_t way = 0; way < COUNT_OF(many); way++) {
        struct ledger ledger;
        struct verify_item *items[MANY + 1];
        ledger_open(&ledger);
        add(&ledger, MANY + 1, NOTE_MEMBER, "key"); /* and the key is known */
        run_until_done(&ledger, 1);
        for (unsigned i = 0; i <= MANY; i++) { /* signed first: adding them takes no time then */
            items[i] = item_new(&ledger, i, NOTE_MEMBER, "key");
        }
        for (unsigned i = 0; i <= MANY; i++) {
            enum verify_kind kind = i < MANY ? many[way] : many[1 - way];
            assert_int_equal(verifier_add(ledger.verifier, &items[i], kind), 0);
        }
        run_until_done(&ledger, MANY + 2);
        unsigned at = 0;
        while (ledger.order[at] != MANY) {
            at++;
        }
        assert_in_range(at, 0, MANY / 2);
        ledger_close(&ledger);
    }
}

static void test_queue_is_bounded(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    /* The loop does not run: nothing leaves. Items that need no signature fill the queue. */
    unsigned taken = 0;
    struct verify_item *item = NULL;
    for (unsigned i = 0; i <= VERIFIER_QUEUE_MAX; i++) {
        item = verify_item_new();
        buf_append_text(&item->raw, "no.jws");
        item->id = hash_sha256(view_of(&i, sizeof i));
        item->owner = &ledger;
        item->done = on_done;
        if (verifier_add(ledger.verifier, &item, VERIFY_GOSSIP) != 0) {
            break;
        }
        taken++;
    }
    assert_int_equal(taken, VERIFIER_QUEUE_MAX);
    assert_non_null(item); /* still ours */
    assert_int_equal(verifier_add(ledger.verifier, &item, VERIFY_URGENT), 0);
    run_until_done(&ledger, taken + 1);
    assert_int_equal(ledger.refused, taken + 1);
    ledger_close(&ledger);
}

static void test_closing_gives_back(void **state)
{
    (void)state;
    struct ledger ledger;
    ledger_open(&ledger);
    for (unsigned i = 0; i < 400; i++) {
        add(&ledger, i, NOTE_MEMBER, "key");
    }
    ledger_close(&ledger);
    assert_int_equal(ledger.done, 400);
    assert_int_equal(ledger.given_back, 400);
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_keys_are_cached_and_renewed),
        cmocka_unit_test(test_urgent_ones_overtake),
        cmocka_unit_test(test_own_and_gossip_take_turns),
        cmocka_unit_test(test_queue_is_bounded),
        cmocka_unit_test(test_closing_gives_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
