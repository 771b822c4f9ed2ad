/* Judging a block that somebody proposed or decided: it must follow the tip, and executing it must
 * give exactly what its header says. */
#include "chain/app_internal.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

/* The header fixes txids, evidence and results, but not the signatures' bytes. A body that came
 * with the hash of an executed block is as good as that one only if it holds the same, and every
 * transaction is verified under the same key. */
static int compare_body(struct faults *faults, const struct block *known, const struct block *block)
{
    if (known == block) {
        return 0;
    }
    bool same =
        known->tx_count == block->tx_count && known->evidence_count == block->evidence_count;
    for (size_t i = 0; same && i < block->tx_count; i++) {
        same = hash_equal(&known->txs[i]->id, &block->txs[i]->id);
    }
    for (size_t i = 0; same && i < block->evidence_count; i++) {
        struct hash a, b;
        evidence_hash(&a, &known->evidence[i]);
        evidence_hash(&b, &block->evidence[i]);
        same = hash_equal(&a, &b);
    }
    if (!same) {
        return faults_add(faults, ERR_BLOCK_EXECUTION, NULL, "header.log_root");
    }
    for (size_t i = 0; i < block->tx_count; i++) {
        const struct tx *tx = block->txs[i];
        if (!tx->verified || memcmp(tx->verified_key.bytes, known->txs[i]->verified_key.bytes,
                                    PUBLIC_KEY_BYTES) != 0) {
            return faults_add(faults, ERR_SIGNATURE, NULL, "txs[%zu]", i);
        }
    }
    return 0;
}

/* What can be judged before executing anything. */
static int check_link(const struct app *app, struct faults *faults, const struct block *block)
{
    const struct header *header = &block->header;
    struct hash hash;
    header_hash(&hash, header);
    if (!hash_equal(&hash, &block->hash) || header->version != HEADER_VERSION) {
        return faults_add(faults, ERR_BLOCK_FORM, NULL, "header");
    }
    if (!hash_equal(&header->genesis, &app->genesis_hash)) {
        return faults_add(faults, ERR_BLOCK_LINK, NULL, "header.genesis");
    }
    if (header->height != app->height + 1) {
        return faults_add(faults, ERR_BLOCK_LINK, NULL, "header.height");
    }
    if (!hash_equal(&header->previous, &app->tip_hash)) {
        return faults_add(faults, ERR_BLOCK_LINK, NULL, "header.previous");
    }
    if (header->time_ms <= app->tip_time_ms) {
        return faults_add(faults, ERR_BLOCK_LINK, NULL, "header.time_ms");
    }
    if (!hash_equal(&header->validators, &app->validators_hash)) {
        return faults_add(faults, ERR_VALIDATORS, NULL, "header.validators");
    }
    if (validators_find(&app->validators, header->proposer) < 0) {
        return faults_add(faults, ERR_VALIDATORS, NULL, "header.proposer");
    }
    return 0;
}

static int compare_header(struct faults *faults, const struct header *given,
                          const struct header *derived)
{
    if (given->log_size != derived->log_size) {
        return faults_add(faults, ERR_BLOCK_EXECUTION, NULL, "header.log_size");
    }
    if (!hash_equal(&given->log_root, &derived->log_root)) {
        return faults_add(faults, ERR_BLOCK_EXECUTION, NULL, "header.log_root");
    }
    if (!hash_equal(&given->state_root, &derived->state_root)) {
        return faults_add(faults, ERR_BLOCK_EXECUTION, NULL, "header.state_root");
    }
    if (!hash_equal(&given->next_validators, &derived->next_validators)) {
        return faults_add(faults, ERR_BLOCK_EXECUTION, NULL, "header.next_validators");
    }
    return 0;
}

static int run_body(struct run *run, struct faults *faults, const struct block *block)
{
    bool full;
    int error = 0;
    for (size_t i = 0; error == 0 && i < block->evidence_count; i++) {
        error = run_evidence(run, faults, &block->evidence[i]);
        if (error != 0) {
            faults_add(faults, error, NULL, "evidence[%zu]", i);
        }
    }
    if (error == 0) {
        error = run_sweep(run, faults, block->header.proposer);
    }
    for (size_t i = 0; error == 0 && i < block->tx_count; i++) {
        error = run_tx(run, &full, faults, block->txs[i]);
        if (error != 0) {
            faults_add(faults, error, NULL, "txs[%zu]", i);
        }
    }
    return error;
}

int app_process(struct app *app, struct faults *faults, struct block *block)
{
    if (app->broken != 0) {
        return app->broken;
    }
    const struct execution *known = execution_find(app, &block->hash);
    int error = check_link(app, faults, block);
    if (error != 0 || known != NULL) {
        return error != 0 ? error : compare_body(faults, known->block, block);
    }
    AUTO(run_end) struct run run;
    struct header derived;
    run_begin(&run, app, block->header.time_ms);
    error = run_body(&run, faults, block);
    if (error == 0) {
        error = run_finish(&run, &derived);
    }
    if (error == 0) {
        error = compare_header(faults, &block->header, &derived);
    }
    if (error == 0) {
        run.out->block = block_ref(block);
        execution_keep(app, run.out);
        run.out = NULL;
    }
    return error;
}

int app_apply_synced(struct app_commit *out, struct app *app, struct faults *faults,
                     struct block *block, const struct certificate *certificate)
{
    if (block->header.height != app->height + 1) {
        return faults_add(faults, ERR_BLOCK_LINK, NULL, "header.height");
    }
    /* The set comes from the header before, never from the one under test. */
    int error = certificate_verify(certificate, &app->genesis_hash, app->height + 1, &block->hash,
                                   &app->validators);
    if (error != 0) {
        return faults_add(faults, error, NULL, "certificate");
    }
    error = app_process(app, faults, block);
    return error != 0 ? error : app_commit(out, app, &block->hash, certificate);
}
