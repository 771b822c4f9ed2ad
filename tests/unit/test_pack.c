/* Audit packs and receipts: what is written verifies; every changed byte is refused with the claim
 * that fails; so is what contradicts a checkpoint, and what cannot be read is not called a lie. */
#include "packs.h"

#include <errno.h>

/* ---- good packs ---- */

static void a_range_from_genesis_is_executed(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 6);
    struct pack_facts facts;
    struct faults faults;
    assert_int_equal(verify_text(&facts, &faults, &ledger, pack.text, pack.len), 0);
    assert_true(facts.range && facts.executed && !facts.retired_keys_assumed);
    assert_int_equal(facts.from, 1);
    assert_int_equal(facts.to, 6);
    assert_int_equal(facts.transactions, 4);
    assert_int_equal(facts.certificates, 6);
    assert_int_equal(facts.validator_changes, 1);
    assert_true(hash_equal(&facts.last, app_tip_hash(ledger.app)));
}

static void a_later_range_follows_links_and_log(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    for (uint64_t from = 2; from <= 6; from++) {
        AUTO(pack_free) struct pack pack = write_range(&ledger, from, 6);
        struct pack_facts facts;
        struct faults faults;
        assert_int_equal(verify_text(&facts, &faults, &ledger, pack.text, pack.len), 0);
        assert_true(facts.range && !facts.executed && facts.retired_keys_assumed);
        assert_int_equal(facts.certificates, 6 - from + 1);
    }
}

/* The checkpoint may be any block that the pack holds; what it vouches for needs no assumption. */
static void a_checkpoint_is_a_block_of_the_pack(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    for (uint64_t from = 1; from <= 6; from++) {
        AUTO(pack_free) struct pack pack = write_range(&ledger, from, 6);
        for (uint64_t height = from > 1 ? from - 1 : 1; height <= 6; height++) {
            struct hash hash = block_hash(&ledger, height);
            struct pack_facts facts;
            struct faults faults;
            assert_int_equal(
                verify_from(&facts, &faults, &ledger, pack.text, pack.len, height, &hash), 0);
            assert_true(facts.checkpoint_met && !facts.retired_keys_assumed);
        }
    }
}

static void expect_checkpoint_refused(const struct ledger *ledger, const struct pack *pack,
                                      uint64_t height, const struct hash *hash, const char *claim)
{
    struct pack_facts facts;
    struct faults faults;
    assert_int_equal(verify_from(&facts, &faults, ledger, pack->text, pack->len, height, hash),
                     ERR_CHECKPOINT);
    assert_int_equal(faults.count, 1);
    if (strstr(faults.item[0].field, claim) == NULL)
        fail_msg("claim \"%s\" expected in \"%s\"", claim, faults.item[0].field);
}

static void a_checkpoint_that_a_range_contradicts(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    for (uint64_t from = 1; from <= 6; from++) {
        AUTO(pack_free) struct pack pack = write_range(&ledger, from, 6);
        for (uint64_t height = from > 1 ? from - 1 : 1; height <= 6; height++) {
            struct hash hash = block_hash(&ledger, height);
            char claim[64];
            hash.bytes[31] ^= 1;
            snprintf(claim, sizeof claim, "checkpoint: block %" PRIu64 " is another one", height);
            expect_checkpoint_refused(&ledger, &pack, height, &hash, claim);
        }
    }
}

/* A true hash proves nothing where the pack does not lead to its block. */
static void a_checkpoint_outside_the_range(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    static const struct {
        uint64_t from, to, height;
    } cases[] = {{1, 3, 4}, {1, 3, 6}, {4, 5, 2}, {4, 5, 1}, {4, 5, 6}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(pack_free) struct pack pack = write_range(&ledger, cases[i].from, cases[i].to);
        struct hash hash = block_hash(&ledger, cases[i].height);
        expect_checkpoint_refused(&ledger, &pack, cases[i].height, &hash, "is not in the pack");
    }
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 6);
    expect_checkpoint_refused(&ledger, &pack, UINT64_MAX, &first, "is not in the pack");
}

static void a_checkpoint_for_receipts(void **state)
{
    (void)state;
    struct hash txids[2];
    struct pack_facts facts;
    struct faults faults;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    AUTO(pack_free) struct pack both = write_receipts(&ledger, txids, 2);
    AUTO(pack_free) struct pack late = write_receipts(&ledger, &txids[1], 1);
    struct hash one = block_hash(&ledger, 1), three = block_hash(&ledger, 3),
                four = block_hash(&ledger, 4), five = block_hash(&ledger, 5);
    /* It vouches for the receipts of its own block, and for no other. */
    assert_int_equal(verify_from(&facts, &faults, &ledger, late.text, late.len, 5, &five), 0);
    assert_true(facts.checkpoint_met && !facts.retired_keys_assumed);
    assert_int_equal(verify_from(&facts, &faults, &ledger, both.text, both.len, 1, &one), 0);
    assert_true(facts.checkpoint_met && facts.retired_keys_assumed);
    expect_checkpoint_refused(&ledger, &both, 5, &one, "checkpoint: block 5 is another one");
    expect_checkpoint_refused(&ledger, &both, 1, &five, "checkpoint: block 1 is another one");
    expect_checkpoint_refused(&ledger, &both, 3, &three, "block 3 is not in the pack");
    expect_checkpoint_refused(&ledger, &late, 4, &four, "block 4 is not in the pack");
    expect_checkpoint_refused(&ledger, &late, 1, &one, "block 1 is not in the pack");
}

static void receipts_across_a_change_of_validators(void **state)
{
    (void)state;
    struct hash txids[2];
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, txids, 2);
    struct pack_facts facts;
    struct faults faults;
    assert_int_equal(verify_text(&facts, &faults, &ledger, pack.text, pack.len), 0);
    assert_int_equal(facts.receipts, 2);
    assert_false(facts.range);
}

/* Whatever order a choice of receipts comes in, and however often one: it has one pack. */
static void receipts_have_one_order(void **state)
{
    (void)state;
    struct hash txids[2];
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    struct hash mixed[] = {txids[1], txids[0], txids[1], txids[1], txids[0]};
    AUTO(pack_free) struct pack expected = write_receipts(&ledger, txids, 2);
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, mixed, COUNT_OF(mixed));
    assert_int_equal(pack.len, expected.len);
    assert_memory_equal(pack.text, expected.text, expected.len);
    struct pack_facts facts;
    struct faults faults;
    assert_int_equal(verify_text(&facts, &faults, &ledger, pack.text, pack.len), 0);
    assert_int_equal(facts.receipts, 2);
    assert_int_equal(facts.transactions, 2);
    assert_int_equal(facts.certificates, 2);
}

static void no_receipts_are_no_pack(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(doc_free) struct doc *receipts = doc_new_array();
    FILE *file = tmpfile();
    assert_int_equal(pack_write_receipts(file, &ledger.genesis_hash, ledger.genesis, receipts),
                     ERR_FIELD_COUNT);
    doc_push(receipts, doc_new_object());
    assert_int_equal(pack_write_receipts(file, &ledger.genesis_hash, ledger.genesis, receipts),
                     ERR_FIELD_MISSING);
    fclose(file);
}

/* The state forgets the sets of old heights; a receipt goes back to genesis all the same. */
static void a_history_longer_than_the_state_remembers(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *params = doc_new_object();
    doc_set_int(params, "evidence_max_age", 1);
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), params);
    static const struct {
        const char *how;
        size_t agency;
    } changes[] = {{"remove", 4}, {"remove", 3}, {"add", 3},
                   {"remove", 3}, {"add", 3},    {"rotate", 3}};
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        struct pack_facts facts;
        struct faults faults;
        char code[] = {'A', (char)('0' + i), 0};
        change_validators(&ledger, changes[i].how, changes[i].agency);
        struct tx *one[] = {ledger_tx(&ledger, 1, KEY_COMPILE, "duty.publish", duty_body(code))};
        struct hash txid = one[0]->id;
        ledger_append(&ledger, one, 1);
        uint64_t tip = app_tip(ledger.app)->height;
        AUTO(pack_free) struct pack receipt = write_receipts(&ledger, &txid, 1);
        AUTO(pack_free) struct pack range = write_range(&ledger, tip, tip);
        assert_int_equal(verify_text(&facts, &faults, &ledger, receipt.text, receipt.len), 0);
        assert_int_equal(verify_text(&facts, &faults, &ledger, range.text, range.len), 0);
        assert_int_equal(facts.validator_changes, i + 1);
    }
}

/* ---- what cannot be read ---- */

/* A file that fails with this error once so many bytes are read. */
struct bad_file {
    const struct pack *pack;
    size_t at, fails_at;
    int error;
};

static ssize_t bad_read(void *context, char *out, size_t len)
{
    struct bad_file *bad = context;
    if (bad->at >= bad->fails_at) {
        errno = bad->error;
        return -1;
    }
    size_t taken = bad->fails_at - bad->at < len ? bad->fails_at - bad->at : len;
    memcpy(out, bad->pack->text + bad->at, taken);
    bad->at += taken;
    return (ssize_t)taken;
}

/* An error of the disk says nothing of the pack: no claim is named. */
static void a_read_error_is_no_lie(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 2);
    const size_t stops[] = {0, 1, pack.len / 2, pack.len - 1, pack.len};
    for (size_t i = 0; i < 2 * COUNT_OF(stops); i++) {
        struct bad_file bad = {
            .pack = &pack, .fails_at = stops[i / 2], .error = i % 2 ? EISDIR : EIO};
        struct pack_trust trust = {.genesis = ledger.genesis, .genesis_hash = ledger.genesis_hash};
        struct pack_facts facts;
        struct faults faults = {0};
        FILE *file = fopencookie(&bad, "r", (cookie_io_functions_t){.read = bad_read});
        assert_int_equal(pack_verify(&facts, &faults, file, &trust, NULL), ERR_IO);
        assert_int_equal(faults.count, 0);
        fclose(file);
    }
}

/* ---- changed bytes ---- */

static void refuse_every_flip(const struct ledger *ledger, const struct pack *pack)
{
    for (size_t i = 0; i < pack->len; i++) {
        struct pack_facts facts;
        struct faults faults;
        char before = pack->text[i];
        pack->text[i] = (char)(before ^ (1 << (i % 7)));
        int error = verify_text(&facts, &faults, ledger, pack->text, pack->len);
        if (error == 0 || faults.count == 0 || faults.item[0].field[0] == 0)
            fail_msg("flip at byte %zu of %zu: %.40s: error %s, %zu faults", i, pack->len,
                     pack->text + i - 20, error_code(error), faults.count);
        pack->text[i] = before;
    }
}

static void every_flipped_byte_of_a_range(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack whole = write_range(&ledger, 1, 3);
    AUTO(pack_free) struct pack later = write_range(&ledger, 4, 5);
    refuse_every_flip(&ledger, &whole);
    refuse_every_flip(&ledger, &later);
}

static void every_flipped_byte_of_receipts(void **state)
{
    (void)state;
    struct hash txids[2];
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, &txids[1], 1);
    refuse_every_flip(&ledger, &pack);
}

static void every_truncation(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 2);
    for (size_t len = 1; len < pack.len; len += 1 + len / 200) {
        struct pack_facts facts;
        struct faults faults;
        assert_int_not_equal(verify_text(&facts, &faults, &ledger, pack.text, len), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_from_genesis_is_executed),
        cmocka_unit_test(a_later_range_follows_links_and_log),
        cmocka_unit_test(a_checkpoint_is_a_block_of_the_pack),
        cmocka_unit_test(a_checkpoint_that_a_range_contradicts),
        cmocka_unit_test(a_checkpoint_outside_the_range),
        cmocka_unit_test(a_checkpoint_for_receipts),
        cmocka_unit_test(receipts_across_a_change_of_validators),
        cmocka_unit_test(receipts_have_one_order),
        cmocka_unit_test(no_receipts_are_no_pack),
        cmocka_unit_test(a_history_longer_than_the_state_remembers),
        cmocka_unit_test(a_read_error_is_no_lie),
        cmocka_unit_test(every_flipped_byte_of_a_range),
        cmocka_unit_test(every_flipped_byte_of_receipts),
        cmocka_unit_test(every_truncation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
