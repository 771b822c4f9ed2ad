/* Receipts: made from a store, verified from the genesis document alone. */
#include "chain/receipt.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/signer_proof.h"
#include "chain/validator_history.h"

#include <stdio.h>
#include <string.h>

#define FORMAT "dirchain-receipt/1"

/* {"index","proof"} against the log of the block's own header. */
static int make_log(struct doc **out, const struct store_view *view, uint64_t index, uint64_t size)
{
    struct log_proof proof;
    int error = store_prove_inclusion(&proof, view, index, size);
    if (error != 0)
        return error;
    *out = doc_new_object();
    doc_set_int(*out, "index", (int64_t)index);
    doc_set_bytes(*out, "proof", view_of(proof.node, proof.count * sizeof proof.node[0]));
    return 0;
}

/* The header before the block's own: it says where the block's entries begin in the log. */
static int put_previous(struct doc *receipt, const struct store_view *view, uint64_t height)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct header header;
    if (height == 1)
        return 0;
    int error = store_read_header(&header, view, height - 1);
    if (error != 0)
        return error;
    header_encode(&bytes, &header);
    doc_set_bytes(receipt, "previous", view_of_buf(&bytes));
    return 0;
}

int receipt_make(struct doc **out, const struct store_view *view, const struct hash *txid)
{
    struct store_tx_place place;
    struct header header;
    struct certificate certificate;
    AUTO(buf_free) struct buf raw = {0};
    AUTO(tx_free) struct tx *tx = NULL;
    AUTO(doc_free) struct doc *receipt = doc_new_object();
    AUTO(doc_free) struct doc *key = NULL, *log = NULL, *history = NULL;
    int error = store_find_tx(&place, view, txid);
    if (error == 0)
        error = store_read_tx(&raw, view, txid);
    if (error == 0)
        error = store_read_header(&header, view, place.height);
    if (error == 0)
        error = store_read_certificate(&certificate, view, place.height);
    if (error == 0)
        error = tx_parse(&tx, NULL, view_of_buf(&raw), &view->genesis) == 0 ? 0 : ERR_CORRUPT;
    if (error == 0)
        error = signer_proof_make(&key, view, tx->member, tx->key_name, place.height);
    if (error == 0)
        error = make_log(&log, view, place.log_index, header.log_size);
    if (error == 0)
        error = validator_history_read(&history, view, place.height);
    if (error == 0)
        error = put_previous(receipt, view, place.height);
    if (error != 0)
        return error;

    doc_set_text(receipt, "format", FORMAT);
    doc_set_text(receipt, "transaction", buf_text(&raw));
    certified_header_put(receipt, &header, &certificate);
    doc_set(receipt, "log", doc_ref(log));
    doc_set(receipt, "key", doc_ref(key));
    doc_set(receipt, "history", doc_ref(history));
    *out = doc_ref(receipt);
    return 0;
}

/* The log of any later block holds the transaction too, and would lend it a later time and another
 * state of the signer's key: the entry must be one that this very block added. */
static int verify_previous(struct receipt_facts *facts, struct faults *faults,
                           const struct doc *receipt)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct header previous;
    struct hash hash;
    if (facts->header.height == 1)
        return 0;
    int error = doc_get_bytes(&bytes, receipt, "previous", HEADER_BYTES);
    if (error != 0)
        return faults_add(faults, error, NULL, "previous");
    struct reader reader = reader_of(view_of_buf(&bytes));
    if (header_decode(&previous, &reader) != 0 || !reader_done(&reader))
        return faults_add(faults, ERR_BLOCK_FORM, NULL, "previous");
    header_hash(&hash, &previous);
    if (!hash_equal(&hash, &facts->header.previous))
        return faults_add(faults, ERR_BLOCK_LINK, NULL, "previous");
    return facts->log_index >= previous.log_size
               ? 0
               : faults_add(faults, ERR_PROOF_LOG, NULL, "log.index: entry of an earlier block");
}

static int verify_log(struct receipt_facts *facts, struct faults *faults, const struct doc *log)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct log_proof proof = {0};
    int error = doc_get_bytes(&bytes, log, "proof", sizeof proof.node);
    if (error != 0)
        return faults_add(faults, error, NULL, "log.proof");
    int64_t index = doc_get_int(log, "index", -1);
    if (index < 0 || bytes.len % HASH_BYTES != 0 || doc_count(log) != 2)
        return faults_add(faults, ERR_PROOF_LOG, NULL, "log");
    proof.count = bytes.len / HASH_BYTES;
    if (bytes.len > 0)
        memcpy(proof.node, bytes.data, bytes.len);
    struct log_leaf leaf = {.kind = LOG_TX, .digest = facts->txid};
    struct hash leaf_hash;
    log_leaf_hash(&leaf_hash, &leaf);
    facts->log_index = (uint64_t)index;
    error = log_verify_inclusion(&proof, &leaf_hash, facts->log_index, facts->header.log_size,
                                 &facts->header.log_root);
    return error ? faults_add(faults, error, NULL, "log") : 0;
}

static int verify_signature(struct receipt_facts *facts, struct faults *faults,
                            const struct doc *proof)
{
    struct public_key key;
    int error = signer_proof_verify(&key, faults, proof, facts->tx->member, facts->tx->key_name,
                                    &facts->header, "key");
    if (error != 0)
        return error;
    error = tx_verify(facts->tx, &key);
    return error ? faults_add(faults, error, NULL, "transaction.signature") : 0;
}

static int verify_header(struct receipt_facts *facts, struct faults *faults,
                         const struct doc *receipt, const struct doc *genesis,
                         const struct hash *genesis_hash)
{
    struct validator_walk walk;
    struct certificate certificate;
    if (validator_walk_start(&walk, genesis, genesis_hash) != 0)
        return faults_add(faults, ERR_GENESIS, NULL, "genesis");
    const struct doc *history = doc_get(receipt, "history");
    for (size_t i = 0; i < doc_count(history); i++) {
        char claim[32];
        snprintf(claim, sizeof claim, "history[%zu]", i);
        int error = validator_walk_step(&walk, faults, doc_at(history, i), claim);
        if (error != 0)
            return error;
    }
    int error = certified_header_get(&facts->header, &certificate, faults, receipt, "block");
    return error ? error
                 : validator_walk_verify(&walk, faults, &facts->header, &certificate, "block");
}

int receipt_verify(struct receipt_facts *out, struct faults *faults, const struct doc *receipt,
                   const struct doc *genesis, const struct hash *genesis_hash)
{
    *out = (struct receipt_facts){0};
    if (!doc_text_is(receipt, "format", FORMAT) ||
        doc_kind(doc_get(receipt, "history")) != DOC_ARRAY)
        return faults_add(faults, ERR_PACK, NULL, "format");
    const char *raw = doc_get_text(receipt, "transaction");
    if (!raw)
        return faults_add(faults, ERR_FIELD_MISSING, NULL, "transaction");
    int error = tx_parse(&out->tx, faults, view_of_text(raw), genesis_hash);
    if (error != 0)
        return faults_add(faults, error, NULL, "transaction");
    out->txid = out->tx->id;
    error = verify_header(out, faults, receipt, genesis, genesis_hash);
    if (error == 0 && doc_count(receipt) != 7u + (out->header.height > 1))
        error = faults_add(faults, ERR_PACK, NULL, "format");
    if (error == 0)
        error = verify_log(out, faults, doc_get(receipt, "log"));
    if (error == 0)
        error = verify_previous(out, faults, receipt);
    if (error == 0)
        error = verify_signature(out, faults, doc_get(receipt, "key"));
    if (error != 0)
        receipt_facts_free(out);
    return error;
}

void receipt_facts_free(struct receipt_facts *facts)
{
    tx_free(&facts->tx);
    *facts = (struct receipt_facts){0};
}
