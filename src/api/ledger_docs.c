/* Blocks, transactions and what belongs to them as documents. Everything is read from the store,
 * which checks it; nothing is remembered here. */
#include "api/ledger_docs.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/schema.h"

struct doc *ledger_header_doc(const struct header *header)
{
    struct doc *document = doc_new_object();
    struct hash hash;
    header_hash(&hash, header);
    doc_set_hash(document, "hash", &hash);
    doc_set_int(document, "height", (int64_t)header->height);
    doc_set_hash(document, "log_root", &header->log_root);
    doc_set_int(document, "log_size", (int64_t)header->log_size);
    doc_set_hash(document, "next_validators", &header->next_validators);
    doc_set_hash(document, "previous", &header->previous);
    doc_set_text(document, "proposer", header->proposer);
    doc_set_hash(document, "state_root", &header->state_root);
    doc_set_int(document, "time_ms", header->time_ms);
    doc_set_hash(document, "validators", &header->validators);
    return document;
}

struct doc *ledger_tx_line(const struct tx *tx)
{
    struct doc *line = doc_new_object();
    doc_set_text(line, "key", tx->key_name);
    doc_set_text(line, "member", tx->member);
    doc_set_hash(line, "txid", &tx->id);
    doc_set_text(line, "type", tx->type->name);
    return line;
}

struct doc *ledger_evidence_doc(const struct evidence *evidence)
{
    struct doc *document = doc_new_object();
    struct hash hash;
    evidence_hash(&hash, evidence);
    doc_set_hash(document, "hash", &hash);
    doc_set_int(document, "height", (int64_t)evidence->a.height);
    doc_set_int(document, "round", (int64_t)evidence->a.round);
    doc_set_text(document, "type", evidence->a.type == VOTE_PREVOTE ? "prevote" : "precommit");
    doc_set_text(document, "validator", evidence->a.validator);
    return document;
}

static struct doc *certificate_doc(const struct certificate *certificate)
{
    struct doc *document = doc_new_object();
    doc_set_int(document, "round", (int64_t)certificate->round);
    struct doc *signers = doc_new_array();
    for (size_t i = 0; i < certificate->count; i++)
        doc_push_text(signers, certificate->signer[i].member);
    doc_set(document, "signers", signers);
    return document;
}

int ledger_block_doc(struct doc **out, const struct store_view *view, uint64_t height)
{
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *block = NULL;
    AUTO(doc_free) struct doc *acts = NULL;
    struct certificate certificate;
    int error = store_read_block_bytes(&bytes, view, height);
    if (!error)
        error = block_decode(&block, NULL, view_of_buf(&bytes), &view->genesis) ? ERR_CORRUPT : 0;
    if (!error)
        error = store_read_certificate(&certificate, view, height);
    if (!error)
        error = store_read_acts(&acts, view, height);
    if (error)
        return error;
    struct doc *document = ledger_header_doc(&block->header);
    struct doc *evidence = doc_new_array(), *transactions = doc_new_array();
    for (size_t i = 0; i < block->evidence_count; i++)
        doc_push(evidence, ledger_evidence_doc(&block->evidence[i]));
    for (size_t i = 0; i < block->tx_count; i++)
        doc_push(transactions, ledger_tx_line(block->txs[i]));
    doc_set(document, "acts", doc_ref(acts));
    doc_set(document, "certificate", certificate_doc(&certificate));
    doc_set(document, "evidence", evidence);
    doc_set(document, "transactions", transactions);
    *out = document;
    return 0;
}

int ledger_tx_doc(struct doc **out, const struct store_view *view, const struct hash *txid)
{
    struct store_tx_place place;
    struct header header;
    AUTO(buf_free) struct buf raw = {0};
    AUTO(tx_free) struct tx *tx = NULL;
    int error = store_find_tx(&place, view, txid);
    if (!error)
        error = store_read_tx(&raw, view, txid);
    if (!error)
        error = store_read_header(&header, view, place.height);
    if (!error)
        error = tx_parse(&tx, NULL, view_of_buf(&raw), &view->genesis) ? ERR_CORRUPT : 0;
    if (error)
        return error;
    struct doc *document = ledger_tx_line(tx);
    doc_set(document, "body", doc_ref(tx->body));
    doc_set_int(document, "expires", tx->expires_ms);
    doc_set_int(document, "height", (int64_t)place.height);
    doc_set_int(document, "index", (int64_t)place.index);
    doc_set_int(document, "log_index", (int64_t)place.log_index);
    doc_set_text(document, "nonce", doc_get_text(tx->payload, "nonce"));
    doc_set_text(document, "raw", buf_text(&raw));
    doc_set_int(document, "time_ms", header.time_ms);
    *out = document;
    return 0;
}
