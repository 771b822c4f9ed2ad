/* What tests of blocks and their execution share: a ledger in memory with the test's own types of
 * transactions, small transactions, and the verdicts on a transaction or a block.
 * Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_APP_LEDGER_H
#define DIRCHAIN_TESTS_UNIT_APP_LEDGER_H

#include "ledger.h"
#include "ledger_types.h"

static inline struct ledger open_memory(void)
{
    return ledger_open(kv_open_memory(), NULL);
}

static inline struct ledger open_limited(const char *param, int64_t value)
{
    AUTO(doc_free) struct doc *params = doc_new_object();
    doc_set_int(params, param, value);
    return ledger_open(kv_open_memory(), params);
}

static inline struct tx *put_tx(struct ledger *ledger, size_t agency, const char *key,
                                int64_t value)
{
    return ledger_tx(ledger, agency, KEY_COMPILE, "test.put", test_body(key, value));
}

/* One whose rule records an automatic act beside. */
static inline struct tx *act_tx(struct ledger *ledger, size_t agency, const char *key,
                                int64_t value)
{
    struct doc *body = test_body(key, value);
    doc_set_bool(body, "act", true);
    return ledger_tx(ledger, agency, KEY_COMPILE, "test.put", body);
}

/* The committed value of test/<key>, -1 if there is none. */
static inline int64_t value_of(const struct ledger *ledger, const char *key)
{
    struct store_view view;
    char state_key[64];
    AUTO(doc_free) struct doc *doc = NULL;
    snprintf(state_key, sizeof state_key, "test/%s", key);
    assert_int_equal(store_view_open(&view, ledger->kv), 0);
    int error = store_read_state(&doc, &view, state_key);
    store_view_close(&view);
    assert_true(error == 0 || error == ERR_NOT_FOUND);
    return doc_get_int(doc, "value", -1);
}

/* The verdict of the check of the whole chain. */
static inline int check_chain(const struct ledger *ledger, uint64_t *bad_height)
{
    struct store_view view;
    int error = store_view_open(&view, ledger->kv);
    if (error == 0) {
        error = store_check_chain(bad_height, &view, ledger->genesis, NULL, NULL);
        store_view_close(&view);
    }
    return error;
}

static inline void expect_fault(const struct faults *faults, int error, const char *field)
{
    if (!ceremony_has_fault(faults, error, field)) {
        AUTO(buf_free) struct buf text = {0};
        faults_append_text(&text, faults);
        fail_msg("no fault %s at %s in:\n%s", error_code(error), field, buf_text(&text));
    }
}

static inline int process(struct ledger *ledger, struct faults *faults, struct block *block)
{
    *faults = (struct faults){0};
    return app_process(ledger->app, faults, block);
}

static inline struct block *prepare_evidence(struct ledger *ledger, const struct evidence *evidence,
                                             size_t count)
{
    struct block *block = NULL;
    struct app_proposal proposal = {.time_ms = app_tip_time_ms(ledger->app) + 1000,
                                    .proposer = agencies[1],
                                    .evidence = evidence,
                                    .evidence_count = count};
    assert_int_equal(app_prepare(&block, ledger->app, &proposal), 0);
    return block;
}

/* Adds a transaction to a block of our own, as a proposer might who does not judge. */
static inline void force_tx(struct block *block, struct tx *tx)
{
    block->txs = memory_resize(block->txs, (block->tx_count + 1) * sizeof *block->txs);
    block->txs[block->tx_count++] = tx_ref(tx);
    block->header.log_size++;
    header_hash(&block->hash, &block->header);
}

/* What execution says to one transaction alone: in preparing and in judging the same. */
static inline int judge_at(struct ledger *ledger, struct tx *tx, int64_t time_ms)
{
    struct ledger_dropped dropped = {0};
    AUTO(block_free)
    struct block *block = ledger_prepare_at(ledger, time_ms, &tx, 1, &dropped);
    assert_int_equal(block->tx_count + dropped.count, 1);
    AUTO(block_free) struct block *forced = ledger_transport(ledger, block);
    if (forced->tx_count == 0)
        force_tx(forced, tx);
    struct faults faults;
    int error = process(ledger, &faults, forced);
    assert_int_equal(error, dropped.count == 0 ? 0 : dropped.error[0]);
    if (error != 0)
        expect_fault(&faults, error, "txs[0]");
    return error;
}

static inline int judge(struct ledger *ledger, struct tx *tx)
{
    return judge_at(ledger, tx, app_tip_time_ms(ledger->app) + 1000);
}

#endif
