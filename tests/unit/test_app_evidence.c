/* Who votes and who is held to it: evidence in blocks, changes of validators, and certificates of
 * blocks that were decided elsewhere. */

#include "app_ledger.h"

/* ---- evidence ---- */

static struct evidence equivocation(const struct ledger *ledger, size_t agency, uint64_t height)
{
    return ledger_equivocation(ledger, agency, VOTE_PREVOTE, height, 0);
}

/* The verdict on a block that carries this evidence whatever it is worth. */
static int judge_evidence(struct ledger *ledger, const struct evidence *evidence)
{
    struct faults faults;
    AUTO(block_free) struct block *empty = prepare_evidence(ledger, NULL, 0);
    AUTO(block_free) struct block *block = ledger_transport(ledger, empty);
    block->evidence = memory_alloc(sizeof *block->evidence);
    block->evidence[0] = *evidence;
    block->evidence_count = 1;
    block->header.log_size++;
    header_hash(&block->hash, &block->header);
    int error = process(ledger, &faults, block);
    if (error != ERR_BLOCK_EXECUTION)
        expect_fault(&faults, error, "evidence[0]");
    return error;
}

static void evidence_is_recorded_once(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_limited("evidence_max_age", 3);
    ledger_append(&ledger, NULL, 0);
    ledger_append(&ledger, NULL, 0);
    struct evidence good = equivocation(&ledger, 2, 1);
    struct evidence forged = good;
    forged.b.signature.bytes[9] ^= 1;
    struct evidence foreign = equivocation(&ledger, 0, 1); /* the center does not vote */
    struct evidence future = equivocation(&ledger, 2, 4);
    struct evidence current = equivocation(&ledger, 3, 3);
    struct evidence all[] = {forged, good, foreign, good, future, current};
    AUTO(block_free) struct block *block = prepare_evidence(&ledger, all, COUNT_OF(all));
    assert_int_equal(block->evidence_count, 2);
    assert_int_equal(block->header.log_size, 2);
    assert_int_equal(judge_evidence(&ledger, &forged), ERR_SIGNATURE);
    assert_int_equal(judge_evidence(&ledger, &foreign), ERR_CERT_SIGNER);
    assert_int_equal(judge_evidence(&ledger, &future), ERR_FIELD_RANGE);
    AUTO(block_free) struct block *copy = ledger_transport(&ledger, block);
    struct faults faults;
    assert_int_equal(process(&ledger, &faults, copy), 0);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    assert_int_equal(judge_evidence(&ledger, &good), ERR_DUPLICATE);
    ledger_reopen(&ledger);
    assert_int_equal(judge_evidence(&ledger, &good), ERR_DUPLICATE);
    /* At height 4, what happened at 1 is three heights old: the last chance. */
    struct evidence last = equivocation(&ledger, 4, 1);
    AUTO(block_free) struct block *in_time = prepare_evidence(&ledger, &last, 1);
    assert_int_equal(in_time->evidence_count, 1);
    ledger_append(&ledger, NULL, 0);
    assert_int_equal(judge_evidence(&ledger, &last), ERR_FIELD_RANGE);
}

/* Every act is one of its own: another round, another type of vote, another validator. */
static void each_act_is_recorded(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    const struct evidence all[] = {
        ledger_equivocation(&ledger, 2, VOTE_PREVOTE, 1, 0),
        ledger_equivocation(&ledger, 2, VOTE_PRECOMMIT, 1, 0),
        ledger_equivocation(&ledger, 2, VOTE_PREVOTE, 1, 1),
        ledger_equivocation(&ledger, 3, VOTE_PREVOTE, 1, 0),
        ledger_equivocation(&ledger, 2, VOTE_PREVOTE, 1, 0),
    };
    AUTO(block_free) struct block *block = prepare_evidence(&ledger, all, COUNT_OF(all));
    assert_int_equal(block->evidence_count, COUNT_OF(all) - 1);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    for (size_t i = 0; i < COUNT_OF(all); i++)
        assert_int_equal(app_check_evidence(ledger.app, &all[i]), ERR_DUPLICATE);
    struct evidence next = ledger_equivocation(&ledger, 2, VOTE_PREVOTE, 2, 0);
    assert_int_equal(judge_evidence(&ledger, &next),
                     ERR_BLOCK_EXECUTION); /* holds, was not asked */
}

/* Who left is held to what it did while it voted, and to nothing after. */
static void evidence_is_judged_by_the_set_of_its_height(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {ledger_change_tx(&ledger, "remove", 4)};
    ledger_append(&ledger, txs, 1); /* acts from height 3 */
    for (int i = 0; i < 3; i++)
        ledger_append(&ledger, NULL, 0);
    static const int expected[] = {0, 0, ERR_CERT_SIGNER, ERR_CERT_SIGNER, ERR_CERT_SIGNER};
    for (uint64_t height = 1; height <= COUNT_OF(expected); height++) {
        struct evidence evidence = equivocation(&ledger, 4, height);
        AUTO(block_free) struct block *block = prepare_evidence(&ledger, &evidence, 1);
        assert_int_equal(block->evidence_count, expected[height - 1] == 0);
        assert_int_equal(app_check_evidence(ledger.app, &evidence), expected[height - 1]);
    }
}

/* Votes for the height after the next come early: what they prove is judged then by the set that
 * will decide it, and no block before it may hold it. */
static void evidence_of_the_height_after_the_next(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {ledger_change_tx(&ledger, "remove", 4)};
    ledger_append(&ledger, txs, 1); /* acts from height 3; the next is 2 */
    struct evidence stays = equivocation(&ledger, 2, 3), far = equivocation(&ledger, 2, 4);
    struct evidence goes = equivocation(&ledger, 4, 3), went = equivocation(&ledger, 4, 2);
    assert_int_equal(app_check_evidence(ledger.app, &went), 0);
    assert_int_equal(app_check_evidence(ledger.app, &goes), ERR_CERT_SIGNER);
    assert_int_equal(app_check_evidence(ledger.app, &stays), 0);
    assert_int_equal(app_check_evidence(ledger.app, &far), ERR_FIELD_RANGE);
    AUTO(block_free) struct block *early = prepare_evidence(&ledger, &stays, 1);
    assert_int_equal(early->evidence_count, 0);
    assert_int_equal(judge_evidence(&ledger, &stays), ERR_FIELD_RANGE);
    ledger_append(&ledger, NULL, 0);
    AUTO(block_free) struct block *due = prepare_evidence(&ledger, &stays, 1);
    assert_int_equal(due->evidence_count, 1);
}

/* ---- validators ---- */

static void validator_changes_act_two_heights_later(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {ledger_change_tx(&ledger, "remove", 4)};
    ledger_append(&ledger, txs, 1); /* block 1; acts from 3 */
    assert_int_equal(app_next_validators(ledger.app)->count, 4);
    assert_int_equal(app_later_validators(ledger.app)->count, 3);
    ledger_reopen(&ledger);
    assert_int_equal(app_next_validators(ledger.app)->count, 4);
    assert_int_equal(app_later_validators(ledger.app)->count, 3);
    AUTO(block_free) struct block *second = ledger_prepare(&ledger, NULL, 0, NULL);
    assert_false(hash_equal(&second->header.validators, &second->header.next_validators));
    struct certificate certificate = ledger_certify(&ledger, second);
    struct app_commit commit;
    assert_int_equal(app_commit(&commit, ledger.app, &second->hash, &certificate), 0);
    assert_true(commit.validators_changed);
    app_commit_free(&commit);
    assert_int_equal(app_next_validators(ledger.app)->count, 3);
    assert_int_equal(app_later_validators(ledger.app)->count, 3);
    ledger_append(&ledger, NULL, 0);
    ledger_reopen(&ledger);
    ledger_append(&ledger, NULL, 0);
    static const size_t counts[] = {4, 4, 3, 3, 3};
    for (uint64_t height = 1; height <= 5; height++) {
        struct validator_set set;
        assert_int_equal(app_validators_at(&set, ledger.app, height), 0);
        assert_int_equal(set.count, counts[height - 1]);
    }
    struct validator_set set;
    assert_int_equal(app_validators_at(&set, ledger.app, 0), ERR_NOT_FOUND);
    assert_int_equal(app_validators_at(&set, ledger.app, 6), ERR_NOT_FOUND);
    struct store_view view;
    uint64_t bad_height;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_check_chain(&bad_height, &view, ledger.genesis, NULL, NULL), 0);
    store_view_close(&view);
}

/* The old key answers for the heights that it voted at, and for no other. */
static void a_changed_key_is_judged_by_height(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    ledger_append(&ledger, NULL, 0);
    struct tx *txs[] = {ledger_rotate_tx(&ledger, 3)};
    ledger_append(&ledger, txs, 1); /* block 2; acts from 4, the height after the next */
    struct evidence early_old = ledger_equivocation(&ledger, 3, VOTE_PREVOTE, 4, 0);
    struct evidence early_new =
        ledger_equivocation_by(&ledger, 3, KEY_VOTE_NEXT, VOTE_PREVOTE, 4, 0);
    assert_int_equal(app_check_evidence(ledger.app, &early_old), ERR_SIGNATURE);
    assert_int_equal(app_check_evidence(ledger.app, &early_new), 0);
    for (int i = 0; i < 3; i++) {
        ledger_append(&ledger, NULL, 0); /* certified by the new key from 4 on */
    }
    static const int of_old[] = {0, 0, 0, ERR_SIGNATURE, ERR_SIGNATURE};
    for (uint64_t height = 1; height <= COUNT_OF(of_old); height++) {
        struct evidence old = ledger_equivocation(&ledger, 3, VOTE_PREVOTE, height, 0);
        assert_int_equal(app_check_evidence(ledger.app, &old), of_old[height - 1]);
        struct evidence new =
            ledger_equivocation_by(&ledger, 3, KEY_VOTE_NEXT, VOTE_PREVOTE, height, 0);
        assert_int_equal(app_check_evidence(ledger.app, &new),
                         of_old[height - 1] == 0 ? ERR_SIGNATURE : 0);
    }
    struct store_view view;
    uint64_t bad_height;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_check_chain(&bad_height, &view, ledger.genesis, NULL, NULL), 0);
    store_view_close(&view);
}

static struct ledger open_profile(const char *profile)
{
    struct ledger ledger = {.kv = kv_open_memory(),
                            .genesis = ledger_genesis_by(profile, NULL, true)};
    genesis_hash(&ledger.genesis_hash, ledger.genesis);
    ledger_open_app(&ledger);
    return ledger;
}

static void append_by(struct ledger *ledger, size_t agency)
{
    struct block *block = NULL;
    const struct app_proposal proposal = {.time_ms = app_tip_time_ms(ledger->app) + 1000,
                                          .proposer = agencies[agency]};
    assert_int_equal(app_prepare(&block, ledger->app, &proposal), 0);
    assert_int_equal(ledger_commit(ledger, block), 0);
    block_free(&block);
}

/* What the profile orders is in the block that holds the evidence, and binds whoever follows. The
 * seat goes when the others, all of whom are needed then, have shown that they are there. */
static void evidence_takes_the_seat(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_profile("changning");
    ledger_append(&ledger, NULL, 0);
    struct evidence evidence = equivocation(&ledger, 2, 1);
    AUTO(block_free) struct block *block = prepare_evidence(&ledger, &evidence, 1);
    assert_int_equal(block->evidence_count, 1);
    AUTO(block_free) struct block *copy = ledger_transport(&ledger, block);
    assert_int_equal(app_process(ledger.app, NULL, copy), 0);
    assert_int_equal(ledger_commit(&ledger, block), 0); /* block 2 */
    append_by(&ledger, 1);
    append_by(&ledger, 3);
    append_by(&ledger, 3);
    assert_int_equal(app_later_validators(ledger.app)->count, 4);
    append_by(&ledger, 4); /* block 6; acts from 8 */
    struct store_view view;
    AUTO(doc_free) struct doc *ordered = NULL, *removed = NULL;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_read_acts(&ordered, &view, 2), 0);
    assert_int_equal(store_read_acts(&removed, &view, 6), 0);
    store_view_close(&view);
    assert_int_equal(doc_count(ordered), 1);
    assert_string_equal(doc_get_text(doc_at(ordered, 0), "effect"), "removal-ordered");
    assert_int_equal(doc_count(removed), 1);
    assert_string_equal(doc_get_text(doc_at(removed, 0), "effect"), "validator-removed");
    assert_int_equal(app_later_validators(ledger.app)->count, 3);
    assert_int_equal(validators_find(app_later_validators(ledger.app), agencies[2]), -1);
    ledger_append(&ledger, NULL, 0);
    assert_int_equal(app_next_validators(ledger.app)->count, 3);
    ledger_append(&ledger, NULL, 0);
    ledger_reopen(&ledger);
}

/* ---- sync ---- */

static void synced_blocks_need_their_certificate(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger source = open_memory();
    AUTO(ledger_close) struct ledger target = open_memory();
    for (int i = 0; i < 3; i++) {
        struct tx *tx = put_tx(&source, 1, "a", i);
        AUTO(block_free) struct block *block = ledger_prepare(&source, &tx, 1, NULL);
        struct certificate good = ledger_certify(&source, block);
        assert_int_equal(ledger_commit(&source, block), 0);
        AUTO(block_free) struct block *copy = ledger_transport(&source, block);
        struct app_commit commit = {0};
        struct faults faults = {0};
        struct certificate bad = good;
        bad.count--;
        assert_int_equal(app_apply_synced(&commit, target.app, &faults, copy, &bad),
                         ERR_CERT_QUORUM);
        bad = good;
        bad.signer[2] = bad.signer[1];
        assert_int_equal(app_apply_synced(&commit, target.app, &faults, copy, &bad),
                         ERR_CERT_SIGNER);
        bad = good;
        bad.signer[1].signature.bytes[0] ^= 1;
        assert_int_equal(app_apply_synced(&commit, target.app, &faults, copy, &bad), ERR_SIGNATURE);
        assert_int_equal(app_apply_synced(&commit, target.app, &faults, copy, &good), 0);
        app_commit_free(&commit);
        assert_int_equal(app_apply_synced(&commit, target.app, &faults, copy, &good),
                         ERR_BLOCK_LINK);
        tx_free(&tx);
    }
    assert_true(hash_equal(app_tip_hash(source.app), app_tip_hash(target.app)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evidence_is_recorded_once),
        cmocka_unit_test(each_act_is_recorded),
        cmocka_unit_test(evidence_is_judged_by_the_set_of_its_height),
        cmocka_unit_test(evidence_of_the_height_after_the_next),
        cmocka_unit_test(validator_changes_act_two_heights_later),
        cmocka_unit_test(a_changed_key_is_judged_by_height),
        cmocka_unit_test(evidence_takes_the_seat),
        cmocka_unit_test(synced_blocks_need_their_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
