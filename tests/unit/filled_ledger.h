/* A chain with something in every table of the store, for the tests of the ledger on disk.
 * Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_FILLED_LEDGER_H
#define DIRCHAIN_TESTS_UNIT_FILLED_LEDGER_H

#include "app_ledger.h"

/* A block with evidence alone. */
static inline void append_evidence(struct ledger *ledger)
{
    struct evidence evidence =
        ledger_equivocation(ledger, 2, VOTE_PRECOMMIT, app_height(ledger->app) + 1, 0);
    AUTO(block_free) struct block *block = prepare_evidence(ledger, &evidence, 1);
    assert_int_equal(block->evidence_count, 1);
    assert_int_equal(ledger_commit(ledger, block), 0);
}

/* A chain with everything in it: transactions, acts, evidence, a change of validators, a block
 * without anything, and two bodies that wait for a decision. */
static inline void fill(struct ledger *ledger)
{
    struct tx *first[] = {put_tx(ledger, 1, "a", 1), act_tx(ledger, 1, "b", 1)};
    ledger_append(ledger, first, 2);
    append_evidence(ledger);
    ledger_append(ledger, NULL, 0);
    struct tx *second[] = {ledger_change_tx(ledger, "remove", LEDGER_VALIDATORS),
                           act_tx(ledger, 1, "a", 2), put_tx(ledger, 1, "c", 1)};
    ledger_append(ledger, second, 3);
    ledger_append(ledger, NULL, 0);
    struct tx *third[] = {put_tx(ledger, 1, "d", 4)};
    ledger_append(ledger, third, 1);
    AUTO(block_free) struct block *waiting = ledger_prepare(ledger, NULL, 0, NULL);
    struct tx *fourth = put_tx(ledger, 1, "e", 5);
    AUTO(block_free) struct block *other = ledger_prepare(ledger, &fourth, 1, NULL);
    assert_false(hash_equal(&waiting->hash, &other->hash));
    tx_free(&fourth);
    assert_int_equal(app_store_body(ledger->app, waiting), 0);
    assert_int_equal(app_store_body(ledger->app, other), 0);
}

static inline struct ledger open_filled(struct kv *kv)
{
    struct ledger ledger = ledger_open(kv, NULL);
    fill(&ledger);
    return ledger;
}

#endif
