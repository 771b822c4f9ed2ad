/* Receipts: made from a store, verified from the genesis document alone. */
#include "chain/receipt.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/validator_history.h"

#include <stdio.h>
#include <string.h>

#define FORMAT "dirchain-receipt/1"
#define STATE_PROOF_BYTES_MAX ((STATE_PROOF_HASHES_MAX + 4) * HASH_BYTES)
#define STATE_KEY_TEXT (STATE_KEY_BYTES_MAX + 1)

static void key_state_key(char out[STATE_KEY_TEXT], const struct tx *tx)
{
    snprintf(out, STATE_KEY_TEXT, "key/%s/%s", tx->member, tx->key_name);
}

/* {"record","proof"} of the signer's key, against the state after the block. */
static int make_key(struct doc **out, const struct store_view *view, const struct tx *tx,
                    uint64_t height)
{
    char key[STATE_KEY_TEXT];
    struct state_proof proof;
    bool present = false;
    AUTO(buf_free) struct buf value = {0}, encoded = {0};
    AUTO(doc_free) struct doc *record = NULL;
    key_state_key(key, tx);
    int error = store_prove_state(&proof, &present, &value, view, height, key);
    if (error != 0)
        return error;
    if (!present)
        return ERR_CORRUPT;
    error = doc_parse(&record, view_of_buf(&value), STATE_VALUE_BYTES_MAX);
    if (error != 0)
        return ERR_CORRUPT;
    state_proof_encode(&encoded, &proof);
    *out = doc_new_object();
    doc_set(*out, "record", doc_ref(record));
    doc_set_bytes(*out, "proof", view_of_buf(&encoded));
    return 0;
}

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

int receipt_make(struct doc **out, const struct store_view *view, const struct hash *txid)
{
    struct store_tx_place place;
    struct header header;
    struct certificate certificate;
    AUTO(buf_free) struct buf raw = {0};
    AUTO(tx_free) struct tx *tx = NULL;
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
        error = make_key(&key, view, tx, place.height);
    if (error == 0)
        error = make_log(&log, view, place.log_index, header.log_size);
    if (error == 0)
        error = validator_history_read(&history, view, place.height);
    if (error != 0)
        return error;

    *out = doc_new_object();
    doc_set_text(*out, "format", FORMAT);
    doc_set_text(*out, "transaction", buf_text(&raw));
    certified_header_put(*out, &header, &certificate);
    doc_set(*out, "log", doc_ref(log));
    doc_set(*out, "key", doc_ref(key));
    doc_set(*out, "history", doc_ref(history));
    return 0;
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

/* The key record is in the state after the block, was in force at that height, and verifies the
 * signature. */
static int verify_key(struct receipt_facts *facts, struct faults *faults, const struct doc *key)
{
    AUTO(buf_free) struct buf bytes = {0}, value = {0};
    const struct doc *record = doc_get(key, "record");
    struct state_proof proof;
    struct public_key public_key;
    char state_key[STATE_KEY_TEXT];
    int error = doc_get_bytes(&bytes, key, "proof", STATE_PROOF_BYTES_MAX);
    if (error != 0)
        return faults_add(faults, error, NULL, "key.proof");
    struct reader reader = reader_of(view_of_buf(&bytes));
    if (doc_kind(record) != DOC_OBJECT || doc_count(key) != 2 ||
        state_proof_decode(&proof, &reader) != 0 || !reader_done(&reader))
        return faults_add(faults, ERR_PROOF_STATE, NULL, "key.proof");
    key_state_key(state_key, facts->tx);
    doc_append_canonical(&value, record);
    error = state_proof_verify(&proof, state_key, view_of_buf(&value), &facts->header.state_root);
    if (error != 0)
        return faults_add(faults, error, NULL, "key.record");
    int64_t height = (int64_t)facts->header.height;
    /* A key acts from the block after the one that adds it; `to` is the last height it acts in. */
    if (doc_get_int(record, "from", INT64_MAX) > height ||
        doc_get_int(record, "to", INT64_MAX) < height)
        return faults_add(faults, ERR_TX_KEY, NULL, "key.record");
    const char *text = doc_get_text(record, "public");
    if (!text || hex_decode(public_key.bytes, sizeof public_key.bytes, view_of_text(text)) != 0)
        return faults_add(faults, ERR_KEY_INVALID, NULL, "key.record.public");
    error = tx_verify(facts->tx, &public_key);
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
    if (!doc_text_is(receipt, "format", FORMAT) || doc_count(receipt) != 7 ||
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
    if (error == 0)
        error = verify_log(out, faults, doc_get(receipt, "log"));
    if (error == 0)
        error = verify_key(out, faults, doc_get(receipt, "key"));
    if (error != 0)
        receipt_facts_free(out);
    return error;
}

void receipt_facts_free(struct receipt_facts *facts)
{
    tx_free(&facts->tx);
    *facts = (struct receipt_facts){0};
}
