/* Audit packs: ranges that do not begin at height 1. The state is not at hand, so nothing is
 * executed; links, certificates and the log show that nothing was withheld or changed, and every
 * signature is judged under the key that the block's own state root proves. */
#include "chain/pack_parts.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/signer_proof.h"

/* The block before a later range: vouched for by a trusted checkpoint, or by the history. */
int pack_follow_start(struct pack_verifier *verifier)
{
    AUTO(doc_free) struct doc *start = NULL;
    AUTO(buf_free) struct buf bytes = {0};
    struct certificate certificate;
    struct header *header = &verifier->previous;
    size_t before = verifier->faults ? verifier->faults->count : 0;
    int error = pack_read_line(&start, verifier);
    if (error != 0)
        return error;
    if (doc_count(start) != 6 || !doc_text_is(start, "part", "start"))
        return pack_fail(verifier, ERR_PACK, "start of the range");
    const struct doc *history = doc_get(start, "history");
    error = certified_header_get(header, &certificate, verifier->faults, start, "start");
    if (error == 0)
        error = validator_walk_start(&verifier->walk, verifier->trust->genesis,
                                     &verifier->trust->genesis_hash);
    if (error == 0)
        error = validator_walk_steps(&verifier->walk, verifier->faults, history, "history");
    if (error == 0)
        error =
            validator_walk_verify(&verifier->walk, verifier->faults, header, &certificate, "start");
    if (error != 0)
        return pack_fail_inner(verifier, error, before, "start of the range");
    verifier->facts->validator_changes += doc_count(history);
    verifier->facts->retired_keys_assumed = true; /* unless a checkpoint is met */
    if (header->height + 1 != verifier->facts->from)
        return pack_fail(verifier, ERR_BLOCK_LINK, "the start is not the block before the range");
    error = pack_meet_checkpoint(verifier, header);
    if (error != 0)
        return error;

    struct hash root, set_hash;
    struct reader reader;
    if (doc_get_bytes(&bytes, start, "frontier", LOG_PROOF_HASHES_MAX * HASH_BYTES + 64) != 0 ||
        (reader = reader_of(view_of_buf(&bytes)),
         log_frontier_decode(&verifier->frontier, &reader)) != 0 ||
        !reader_done(&reader))
        return pack_fail(verifier, ERR_PROOF_LOG, "frontier");
    log_frontier_root(&root, &verifier->frontier);
    if (verifier->frontier.size != header->log_size || !hash_equal(&root, &header->log_root))
        return pack_fail(verifier, ERR_PROOF_LOG, "frontier does not lead to the log root");
    if (validator_set_get(&verifier->walk.set, start) != 0)
        return pack_fail(verifier, ERR_VALIDATORS, "set");
    validators_hash(&set_hash, &verifier->walk.set);
    if (!hash_equal(&set_hash, &header->next_validators))
        return pack_fail(verifier, ERR_VALIDATORS, "set is not the one that the start names");
    verifier->walk.from = header->height + 1;
    return 0;
}

static void append_leaf(struct log_frontier *frontier, enum log_kind kind,
                        const struct hash *digest)
{
    struct hash hash;
    log_leaf_hash(&hash, &(struct log_leaf){.kind = kind, .digest = *digest});
    log_frontier_append(frontier, &hash);
}

/* Signatures under the keys that the block's own state names; no key without its transaction. */
static int verify_signatures(struct pack_verifier *verifier, const struct doc *line,
                             const struct block *block)
{
    const struct doc *keys = doc_get(line, "keys");
    size_t used = 0, before = verifier->faults ? verifier->faults->count : 0;
    for (size_t i = 0; i < block->tx_count; i++) {
        struct tx *tx = block->txs[i];
        struct public_key key;
        char claim[64];
        size_t place = pack_find_key(keys, tx);
        (void)snprintf(claim, sizeof claim, "signature of transaction %zu", i + 1);
        int error = signer_proof_verify(&key, verifier->faults, doc_at(keys, place), tx->member,
                                        tx->key_name, &block->header, "key");
        if (error != 0)
            return pack_fail_inner(verifier, error, before, claim);
        error = tx_verify(tx, &key);
        if (error != 0)
            return pack_fail(verifier, error, claim);
        if (place > used)
            return pack_fail(verifier, ERR_PACK, "keys are not in order of first use");
        used += place == used;
    }
    return used == doc_count(keys) && doc_kind(keys) == DOC_ARRAY
               ? 0
               : pack_fail(verifier, ERR_PACK, "keys of signers that are not there");
}

/* Links, certificate and log of a block whose state is not at hand. */
int pack_follow_block(struct pack_verifier *verifier, const struct doc *line,
                      const struct block *block, const struct certificate *certificate)
{
    struct hash digest, root;
    const struct header *header = &block->header;
    const struct header_place previous = header_place_of(&verifier->previous);
    const struct doc *acts = doc_get(line, "acts");
    size_t before = verifier->faults ? verifier->faults->count : 0;
    if (!header_follows(header, &previous))
        return pack_fail(verifier, ERR_BLOCK_LINK, "the block does not follow the one before");
    int error =
        validator_walk_verify(&verifier->walk, verifier->faults, header, certificate, "block");
    if (error != 0)
        return pack_fail_inner(verifier, error, before, "certificate");
    for (size_t i = 0; i < block->evidence_count; i++) {
        evidence_hash(&digest, &block->evidence[i]);
        append_leaf(&verifier->frontier, LOG_EVIDENCE, &digest);
    }
    for (size_t i = 0; i < doc_count(acts); i++) {
        doc_hash(&digest, "dirchain/act/1", doc_at(acts, i));
        append_leaf(&verifier->frontier, LOG_ACT, &digest);
    }
    for (size_t i = 0; i < block->tx_count; i++)
        append_leaf(&verifier->frontier, LOG_TX, &block->txs[i]->id);
    log_frontier_root(&root, &verifier->frontier);
    if (verifier->frontier.size != header->log_size || !hash_equal(&root, &header->log_root))
        return pack_fail(verifier, ERR_PROOF_LOG,
                         "log of the block: something was withheld or added");
    error = verify_signatures(verifier, line, block);
    if (error != 0)
        return error;
    verifier->previous = *header;
    if (!hash_equal(&header->validators, &header->next_validators))
        verifier->walk.set = verifier->next_set;
    return 0;
}
