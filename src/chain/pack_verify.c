/* Audit packs: verification. Every byte is vouched for: a line must be the canonical form of what
 * it says, and all it says is hashed, executed, compared or verified. The claim that fails is
 * named with its line.
 *
 *   head → genesis → (start) → block… → end        a range
 *   head → genesis → receipt… → end                receipts */
#include "chain/pack_parts.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

static bool hash_is(const struct doc *object, const char *key, const struct hash *expected)
{
    struct hash hash;
    return hash_from_hex(&hash, doc_get_text(object, key)) == 0 && hash_equal(&hash, expected);
}

static int verify_head(struct pack_verifier *verifier)
{
    AUTO(doc_free) struct doc *head = NULL;
    struct pack_facts *facts = verifier->facts;
    int error = pack_read_line(&head, verifier);
    if (error != 0)
        return error;
    facts->range = doc_text_is(head, "mode", "range");
    if (doc_count(head) != 5 || !doc_text_is(head, "format", "dirchain-pack/1") ||
        !(facts->range || doc_text_is(head, "mode", "receipts")))
        return pack_fail(verifier, ERR_PACK, "format");
    if (!hash_is(head, "genesis", &verifier->trust->genesis_hash))
        return pack_fail(verifier, ERR_GENESIS, "genesis hash is not that of the trusted genesis");
    int64_t from = doc_get_int(head, "from", 0), to = doc_get_int(head, "to", 0);
    if (from < 1 || to < from)
        return pack_fail(verifier, ERR_PACK, "range of heights");
    facts->from = (uint64_t)from;
    facts->to = (uint64_t)to;
    uint64_t checkpoint = verifier->trust->checkpoint_height;
    if (checkpoint != 0 && (checkpoint + 1 < facts->from || checkpoint > facts->to))
        return pack_miss_checkpoint(verifier);

    AUTO(doc_free) struct doc *part = NULL;
    error = pack_read_line(&part, verifier);
    if (error != 0)
        return error;
    if (doc_count(part) != 2 || !doc_text_is(part, "part", "genesis") ||
        !doc_equal(doc_get(part, "document"), verifier->trust->genesis))
        return pack_fail(verifier, ERR_GENESIS, "genesis document is not the trusted one");
    return 0;
}

/* A block that changes the validators brings the set that decides from the next height on. */
static int read_next_set(struct pack_verifier *verifier, const struct doc *line,
                         const struct header *header)
{
    struct hash hash;
    bool changes = !hash_equal(&header->validators, &header->next_validators);
    if (doc_count(line) != 6u + changes + (verifier->app == NULL))
        return pack_fail(verifier, ERR_PACK, "block");
    if (!changes)
        return 0;
    if (validator_set_get(&verifier->next_set, line) != 0)
        return pack_fail(verifier, ERR_VALIDATORS, "set");
    validators_hash(&hash, &verifier->next_set);
    if (!hash_equal(&hash, &header->next_validators))
        return pack_fail(verifier, ERR_VALIDATORS, "set is not the one that the block names");
    return 0;
}

/* The encoded block out of its line, then decoded: hashes are recomputed, nothing is believed. */
static int read_block(struct block **out, struct certificate *certificate,
                      struct pack_verifier *verifier, const struct doc *line)
{
    struct header header;
    AUTO(buf_free) struct buf bytes = {0};
    const struct doc *evidence = doc_get(line, "evidence");
    const struct doc *transactions = doc_get(line, "transactions");
    size_t before = verifier->faults ? verifier->faults->count : 0;
    if (!doc_text_is(line, "part", "block") || doc_kind(evidence) != DOC_ARRAY ||
        doc_kind(transactions) != DOC_ARRAY || doc_kind(doc_get(line, "acts")) != DOC_ARRAY)
        return pack_fail(verifier, ERR_PACK, "block");
    int error = certified_header_get(&header, certificate, verifier->faults, line, "block");
    if (error != 0)
        return pack_fail_inner(verifier, error, before, "block");
    error = read_next_set(verifier, line, &header);
    if (error != 0)
        return error;
    header_encode(&bytes, &header);
    if (doc_count(evidence) > BLOCK_EVIDENCE_MAX || doc_count(transactions) > BLOCK_TXS_MAX)
        return pack_fail(verifier, ERR_BLOCK_FORM, "block");
    buf_append_u16(&bytes, (uint16_t)doc_count(evidence));
    for (size_t i = 0; i < doc_count(evidence); i++)
        if (doc_count(doc_at(evidence, i)) != 1 ||
            doc_get_bytes(&bytes, doc_at(evidence, i), "votes", EVIDENCE_BYTES) != 0)
            return pack_fail(verifier, ERR_BLOCK_FORM, "evidence");
    buf_append_u32(&bytes, (uint32_t)doc_count(transactions));
    for (size_t i = 0; i < doc_count(transactions); i++) {
        const char *raw = doc_text(doc_at(transactions, i));
        if (!raw)
            return pack_fail(verifier, ERR_BLOCK_FORM, "transactions");
        buf_append_u32(&bytes, (uint32_t)strlen(raw));
        buf_append_text(&bytes, raw);
    }
    error =
        block_decode(out, verifier->faults, view_of_buf(&bytes), &verifier->trust->genesis_hash);
    return error ? pack_fail_inner(verifier, error, before, "transactions of the block") : 0;
}

/* Signatures under the keys that the ledger so far names, then the block as a node would. */
static int execute_block(struct pack_verifier *verifier, const struct doc *line,
                         struct block *block, const struct certificate *certificate)
{
    size_t before = verifier->faults ? verifier->faults->count : 0;
    for (size_t i = 0; i < block->tx_count; i++) {
        struct tx *tx = block->txs[i];
        struct public_key key;
        char claim[64];
        snprintf(claim, sizeof claim, "signature of transaction %zu", i + 1);
        int error = app_signer_key(&key, verifier->app, tx->member, tx->key_name);
        if (error == 0)
            error = tx_verify(tx, &key);
        if (error != 0)
            return pack_fail(verifier, error, claim);
    }
    struct app_commit commit;
    int error = app_apply_synced(&commit, verifier->app, verifier->faults, block, certificate);
    if (error == ERR_CERT_BLOCK || error == ERR_CERT_SIGNER || error == ERR_CERT_QUORUM ||
        error == ERR_VALIDATORS)
        return pack_fail_inner(verifier, error, before, "certificate");
    if (error != 0)
        return pack_fail_inner(verifier, error, before, "execution of the block");
    bool acts_equal = doc_equal(commit.acts, doc_get(line, "acts"));
    app_commit_free(&commit);
    return acts_equal ? 0 : pack_fail(verifier, ERR_BLOCK_EXECUTION, "automatic acts");
}

static void visit_block(struct pack_verifier *verifier, const struct doc *line,
                        const struct block *block)
{
    const struct pack_visitor *visitor = verifier->visitor;
    const struct doc *acts = doc_get(line, "acts");
    struct pack_facts *facts = verifier->facts;
    facts->transactions += block->tx_count;
    facts->acts += doc_count(acts);
    facts->evidence += block->evidence_count;
    facts->certificates++;
    facts->last = block->hash;
    facts->last_time_ms = block->header.time_ms;
    if (!hash_equal(&block->header.validators, &block->header.next_validators))
        facts->validator_changes++;
    for (size_t i = 0; visitor && visitor->act && i < doc_count(acts); i++)
        visitor->act(visitor->context, &block->header, doc_at(acts, i));
    for (size_t i = 0; visitor && visitor->transaction && i < block->tx_count; i++)
        visitor->transaction(visitor->context, &block->header, block->txs[i]);
    if (visitor && visitor->executed && verifier->app)
        visitor->executed(visitor->context, &block->header, verifier->kv);
}

static int verify_block(struct pack_verifier *verifier)
{
    AUTO(doc_free) struct doc *line = NULL;
    AUTO(block_free) struct block *block = NULL;
    struct certificate certificate;
    int error = pack_read_line(&line, verifier);
    if (error == 0 && doc_text_is(line, "part", "end"))
        return pack_fail(verifier, ERR_PACK, "blocks are missing: the history is truncated");
    if (error == 0)
        error = read_block(&block, &certificate, verifier, line);
    if (error == 0)
        error = verifier->app ? execute_block(verifier, line, block, &certificate)
                              : pack_follow_block(verifier, line, block, &certificate);
    if (error == 0)
        error = pack_meet_checkpoint(verifier, &block->header);
    if (error == 0)
        visit_block(verifier, line, block);
    return error;
}

static int verify_range(struct pack_verifier *verifier)
{
    struct pack_facts *facts = verifier->facts;
    int error = 0;
    facts->executed = facts->from == 1;
    if (facts->executed) {
        verifier->kv = kv_open_memory();
        error = app_open(&verifier->app, verifier->faults, verifier->kv, verifier->trust->genesis,
                         &verifier->trust->genesis_hash);
    } else {
        error = pack_follow_start(verifier);
    }
    for (uint64_t height = facts->from; error == 0 && height <= facts->to; height++) {
        error = verify_block(verifier);
        if (verifier->visitor && verifier->visitor->progress)
            verifier->visitor->progress(verifier->visitor->context, height - facts->from + 1,
                                        facts->to - facts->from + 1);
    }
    return error;
}

/* The end line says how much there was; nothing may follow it. */
static int verify_end(struct pack_verifier *verifier, const struct doc *end, uint64_t count)
{
    struct pack_facts *facts = verifier->facts;
    if (!facts->range && verifier->previous.height != facts->to)
        return pack_fail(verifier, ERR_PACK, "heights of the receipts are not those of the head");
    if (doc_count(end) != 3 || !doc_text_is(end, "part", "end") ||
        doc_get_int(end, "count", -1) != (int64_t)count || !hash_is(end, "last", &facts->last))
        return pack_fail(verifier, ERR_PACK, "end of the pack");
    if (verifier->trust->checkpoint_height != 0 && !facts->checkpoint_met)
        return pack_miss_checkpoint(verifier);
    if (facts->range && facts->checkpoint_met)
        facts->retired_keys_assumed = false;
    return pack_read_end(verifier);
}

static int verify_content(struct pack_verifier *verifier)
{
    struct pack_facts *facts = verifier->facts;
    int error = verify_head(verifier);
    if (error == 0 && facts->range)
        error = verify_range(verifier);
    while (error == 0) {
        AUTO(doc_free) struct doc *line = NULL;
        error = pack_read_line(&line, verifier);
        if (error != 0)
            break;
        if (facts->range || doc_text_is(line, "part", "end"))
            return verify_end(verifier, line,
                              facts->range ? facts->to - facts->from + 1 : facts->receipts);
        error = pack_verify_receipt(verifier, line);
    }
    return error;
}

int pack_verify(struct pack_facts *out, struct faults *faults, FILE *file,
                const struct pack_trust *trust, const struct pack_visitor *visitor)
{
    *out = (struct pack_facts){0};
    struct pack_verifier verifier = {
        .file = file, .trust = trust, .visitor = visitor, .faults = faults, .facts = out};
    int error = verify_content(&verifier);
    if (verifier.app)
        app_close(&verifier.app);
    if (verifier.kv)
        kv_close(&verifier.kv);
    buf_free(&verifier.text);
    return error;
}
