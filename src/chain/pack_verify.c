/* Audit packs: verification. Every byte is vouched for: a line must be the canonical form of what
 * it says, and all it says is hashed, executed, compared or verified. The claim that fails is
 * named with its line.
 *
 *   head → genesis → (start) → block… → end        a range
 *   head → genesis → receipt… → end                receipts */
#include "chain/pack.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/app.h"
#include "chain/pack_parts.h"
#include "chain/receipt.h"
#include "chain/signer_proof.h"
#include "chain/validator_history.h"

#include <string.h>

struct verifier {
    FILE *file;
    uint64_t line;
    struct buf text;
    const struct pack_trust *trust;
    const struct pack_visitor *visitor;
    struct faults *faults;
    struct pack_facts *facts;
    /* A range from height 1 is executed on a ledger in memory … */
    struct kv *kv;
    struct app *app;
    /* … a later one is followed by links, certificates and the log. */
    struct validator_walk walk;
    struct log_frontier frontier;
    struct header previous;
    struct validator_set next_set; /* of a block that changes the validators */
    uint64_t low, high;            /* heights of the receipts */
};

static int fail(struct verifier *verifier, int error, const char *claim)
{
    return faults_add(verifier->faults, error, NULL, "line %llu: %s",
                      (unsigned long long)verifier->line, claim);
}

/* Reads the next line; a missing one or one too long is refused. */
static int read_line(struct doc **out, struct verifier *verifier)
{
    buf_clear(&verifier->text);
    verifier->line++;
    int c;
    while ((c = getc_unlocked(verifier->file)) != EOF && c != '\n') {
        if (verifier->text.len >= PACK_LINE_BYTES_MAX)
            return fail(verifier, ERR_TOO_LARGE, "line");
        buf_append_u8(&verifier->text, (uint8_t)c);
    }
    if (c == EOF)
        return fail(verifier, ERR_PACK, "the pack is cut off");
    int error = doc_parse(out, view_of_buf(&verifier->text), PACK_LINE_BYTES_MAX);
    if (error != 0)
        return fail(verifier, error, "encoding");
    AUTO(buf_free) struct buf canonical = {0};
    doc_append_canonical(&canonical, *out);
    if (!view_equal(view_of_buf(&canonical), view_of_buf(&verifier->text)))
        return fail(verifier, ERR_ENCODING, "encoding is not canonical");
    return 0;
}

static bool hash_is(const struct doc *object, const char *key, const struct hash *expected)
{
    struct hash hash;
    return hash_from_hex(&hash, doc_get_text(object, key)) == 0 && hash_equal(&hash, expected);
}

static int verify_head(struct verifier *verifier)
{
    AUTO(doc_free) struct doc *head = NULL;
    struct pack_facts *facts = verifier->facts;
    int error = read_line(&head, verifier);
    if (error != 0)
        return error;
    facts->range = doc_text_is(head, "mode", "range");
    if (doc_count(head) != 5 || !doc_text_is(head, "format", "dirchain-pack/1") ||
        !(facts->range || doc_text_is(head, "mode", "receipts")))
        return fail(verifier, ERR_PACK, "format");
    if (!hash_is(head, "genesis", &verifier->trust->genesis_hash))
        return fail(verifier, ERR_GENESIS, "genesis hash is not that of the trusted genesis");
    int64_t from = doc_get_int(head, "from", 0), to = doc_get_int(head, "to", 0);
    if (from < 1 || to < from)
        return fail(verifier, ERR_PACK, "range of heights");
    facts->from = (uint64_t)from;
    facts->to = (uint64_t)to;

    AUTO(doc_free) struct doc *part = NULL;
    error = read_line(&part, verifier);
    if (error != 0)
        return error;
    if (doc_count(part) != 2 || !doc_text_is(part, "part", "genesis") ||
        !doc_equal(doc_get(part, "document"), verifier->trust->genesis))
        return fail(verifier, ERR_GENESIS, "genesis document is not the trusted one");
    return 0;
}

/* Adds the line to faults that inner verifiers have recorded. */
static int fail_inner(struct verifier *verifier, int error, size_t faults_before, const char *claim)
{
    char inner[FAULT_FIELD_BYTES_MAX] = "";
    if (verifier->faults && verifier->faults->count > faults_before) {
        snprintf(inner, sizeof inner, "%s", verifier->faults->item[faults_before].field);
        verifier->faults->count = faults_before;
    }
    if (inner[0] == 0)
        return fail(verifier, error, claim);
    return faults_add(verifier->faults, error, NULL, "line %llu: %s: %.60s",
                      (unsigned long long)verifier->line, claim, inner);
}

static bool checkpoint_holds(const struct verifier *verifier, const struct header *header)
{
    struct hash hash;
    header_hash(&hash, header);
    return verifier->trust->checkpoint_height == header->height &&
           hash_equal(&hash, &verifier->trust->checkpoint_hash);
}

/* The block before a later range: vouched for by a trusted checkpoint, or by the history. */
static int verify_start(struct verifier *verifier)
{
    AUTO(doc_free) struct doc *start = NULL;
    AUTO(buf_free) struct buf bytes = {0};
    struct certificate certificate;
    struct header *header = &verifier->previous;
    size_t before = verifier->faults ? verifier->faults->count : 0;
    int error = read_line(&start, verifier);
    if (error != 0)
        return error;
    if (doc_count(start) != 6 || !doc_text_is(start, "part", "start"))
        return fail(verifier, ERR_PACK, "start of the range");
    error = certified_header_get(header, &certificate, verifier->faults, start, "start");
    if (error == 0)
        error = validator_walk_start(&verifier->walk, verifier->trust->genesis,
                                     &verifier->trust->genesis_hash);
    const struct doc *history = doc_get(start, "history");
    if (error == 0 && doc_kind(history) != DOC_ARRAY)
        error = ERR_PACK;
    for (size_t i = 0; error == 0 && i < doc_count(history); i++)
        error =
            validator_walk_step(&verifier->walk, verifier->faults, doc_at(history, i), "history");
    if (error == 0)
        error =
            validator_walk_verify(&verifier->walk, verifier->faults, header, &certificate, "start");
    if (error != 0)
        return fail_inner(verifier, error, before, "start of the range");
    verifier->facts->validator_changes += doc_count(history);
    verifier->facts->retired_keys_assumed = !checkpoint_holds(verifier, header);
    if (header->height + 1 != verifier->facts->from)
        return fail(verifier, ERR_BLOCK_LINK, "the start is not the block before the range");

    struct hash root, set_hash;
    struct reader reader;
    if (doc_get_bytes(&bytes, start, "frontier", LOG_PROOF_HASHES_MAX * HASH_BYTES + 64) != 0 ||
        (reader = reader_of(view_of_buf(&bytes)),
         log_frontier_decode(&verifier->frontier, &reader)) != 0 ||
        !reader_done(&reader))
        return fail(verifier, ERR_PROOF_LOG, "frontier");
    log_frontier_root(&root, &verifier->frontier);
    if (verifier->frontier.size != header->log_size || !hash_equal(&root, &header->log_root))
        return fail(verifier, ERR_PROOF_LOG, "frontier does not lead to the log root");
    buf_clear(&bytes);
    if (doc_get_bytes(&bytes, start, "set", BLOCK_BYTES_MAX) != 0 ||
        (reader = reader_of(view_of_buf(&bytes)),
         validators_decode(&verifier->walk.set, &reader)) != 0 ||
        !reader_done(&reader))
        return fail(verifier, ERR_VALIDATORS, "set");
    validators_hash(&set_hash, &verifier->walk.set);
    if (!hash_equal(&set_hash, &header->next_validators))
        return fail(verifier, ERR_VALIDATORS, "set is not the one that the start names");
    verifier->walk.from = header->height + 1;
    return 0;
}

/* A block that changes the validators brings the set that decides from the next height on. */
static int read_next_set(struct verifier *verifier, const struct doc *line,
                         const struct header *header)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct hash hash;
    bool changes = !hash_equal(&header->validators, &header->next_validators);
    if (doc_count(line) != 6u + changes + (verifier->app == NULL))
        return fail(verifier, ERR_PACK, "block");
    if (!changes)
        return 0;
    if (doc_get_bytes(&bytes, line, "set", BLOCK_BYTES_MAX) != 0)
        return fail(verifier, ERR_VALIDATORS, "set");
    struct reader reader = reader_of(view_of_buf(&bytes));
    if (validators_decode(&verifier->next_set, &reader) != 0 || !reader_done(&reader))
        return fail(verifier, ERR_VALIDATORS, "set");
    validators_hash(&hash, &verifier->next_set);
    if (!hash_equal(&hash, &header->next_validators))
        return fail(verifier, ERR_VALIDATORS, "set is not the one that the block names");
    return 0;
}

/* The encoded block out of its line, then decoded: hashes are recomputed, nothing is believed. */
static int read_block(struct block **out, struct certificate *certificate,
                      struct verifier *verifier, const struct doc *line)
{
    struct header header;
    AUTO(buf_free) struct buf bytes = {0};
    const struct doc *evidence = doc_get(line, "evidence");
    const struct doc *transactions = doc_get(line, "transactions");
    size_t before = verifier->faults ? verifier->faults->count : 0;
    if (!doc_text_is(line, "part", "block") || doc_kind(evidence) != DOC_ARRAY ||
        doc_kind(transactions) != DOC_ARRAY || doc_kind(doc_get(line, "acts")) != DOC_ARRAY)
        return fail(verifier, ERR_PACK, "block");
    int error = certified_header_get(&header, certificate, verifier->faults, line, "block");
    if (error != 0)
        return fail_inner(verifier, error, before, "block");
    error = read_next_set(verifier, line, &header);
    if (error != 0)
        return error;
    header_encode(&bytes, &header);
    if (doc_count(evidence) > BLOCK_EVIDENCE_MAX || doc_count(transactions) > BLOCK_TXS_MAX)
        return fail(verifier, ERR_BLOCK_FORM, "block");
    buf_append_u16(&bytes, (uint16_t)doc_count(evidence));
    for (size_t i = 0; i < doc_count(evidence); i++)
        if (doc_count(doc_at(evidence, i)) != 1 ||
            doc_get_bytes(&bytes, doc_at(evidence, i), "votes", EVIDENCE_BYTES) != 0)
            return fail(verifier, ERR_BLOCK_FORM, "evidence");
    buf_append_u32(&bytes, (uint32_t)doc_count(transactions));
    for (size_t i = 0; i < doc_count(transactions); i++) {
        const char *raw = doc_text(doc_at(transactions, i));
        if (!raw)
            return fail(verifier, ERR_BLOCK_FORM, "transactions");
        buf_append_u32(&bytes, (uint32_t)strlen(raw));
        buf_append_text(&bytes, raw);
    }
    error =
        block_decode(out, verifier->faults, view_of_buf(&bytes), &verifier->trust->genesis_hash);
    return error ? fail_inner(verifier, error, before, "transactions of the block") : 0;
}

/* Signatures under the keys that the ledger so far names, then the block as a node would. */
static int execute_block(struct verifier *verifier, const struct doc *line, struct block *block,
                         const struct certificate *certificate)
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
            return fail(verifier, error, claim);
    }
    struct app_commit commit;
    int error = app_apply_synced(&commit, verifier->app, verifier->faults, block, certificate);
    if (error == ERR_CERT_BLOCK || error == ERR_CERT_SIGNER || error == ERR_CERT_QUORUM ||
        error == ERR_VALIDATORS)
        return fail_inner(verifier, error, before, "certificate");
    if (error != 0)
        return fail_inner(verifier, error, before, "execution of the block");
    bool acts_equal = doc_equal(commit.acts, doc_get(line, "acts"));
    app_commit_free(&commit);
    return acts_equal ? 0 : fail(verifier, ERR_BLOCK_EXECUTION, "automatic acts");
}

static void append_leaf(struct log_frontier *frontier, enum log_kind kind,
                        const struct hash *digest)
{
    struct hash hash;
    log_leaf_hash(&hash, &(struct log_leaf){.kind = kind, .digest = *digest});
    log_frontier_append(frontier, &hash);
}

/* Signatures under the keys that the block's own state names; no key without its transaction. */
static int verify_signatures(struct verifier *verifier, const struct doc *line,
                             const struct block *block)
{
    const struct doc *keys = doc_get(line, "keys");
    const struct doc *last = NULL;
    size_t used = 0, before = verifier->faults ? verifier->faults->count : 0;
    for (size_t i = 0; i < block->tx_count; i++) {
        struct tx *tx = block->txs[i];
        struct public_key key;
        char claim[64];
        const struct doc *proof = pack_find_key(keys, tx);
        (void)snprintf(claim, sizeof claim, "signature of transaction %zu", i + 1);
        int error = signer_proof_verify(&key, verifier->faults, proof, tx->member, tx->key_name,
                                        &block->header, "key");
        if (error != 0)
            return fail_inner(verifier, error, before, claim);
        error = tx_verify(tx, &key);
        if (error != 0)
            return fail(verifier, error, claim);
        if (doc_at(keys, used) == proof && proof != last) {
            last = proof;
            used++;
        }
    }
    return used == doc_count(keys) && doc_kind(keys) == DOC_ARRAY
               ? 0
               : fail(verifier, ERR_PACK, "keys of signers that are not there");
}

/* Links, certificate and log of a block whose state is not at hand. */
static int follow_block(struct verifier *verifier, const struct doc *line,
                        const struct block *block, const struct certificate *certificate)
{
    struct hash previous, digest, root;
    const struct header *header = &block->header;
    const struct doc *acts = doc_get(line, "acts");
    size_t before = verifier->faults ? verifier->faults->count : 0;
    header_hash(&previous, &verifier->previous);
    if (header->height != verifier->previous.height + 1 ||
        !hash_equal(&header->previous, &previous) || header->time_ms <= verifier->previous.time_ms)
        return fail(verifier, ERR_BLOCK_LINK, "the block does not follow the one before");
    int error =
        validator_walk_verify(&verifier->walk, verifier->faults, header, certificate, "block");
    if (error != 0)
        return fail_inner(verifier, error, before, "certificate");
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
        return fail(verifier, ERR_PROOF_LOG, "log of the block: something was withheld or added");
    error = verify_signatures(verifier, line, block);
    if (error != 0)
        return error;
    verifier->previous = *header;
    if (!hash_equal(&header->validators, &header->next_validators))
        verifier->walk.set = verifier->next_set;
    return 0;
}

static void visit_block(struct verifier *verifier, const struct doc *line,
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
}

static int verify_block(struct verifier *verifier)
{
    AUTO(doc_free) struct doc *line = NULL;
    AUTO(block_free) struct block *block = NULL;
    struct certificate certificate;
    int error = read_line(&line, verifier);
    if (error == 0 && doc_text_is(line, "part", "end"))
        return fail(verifier, ERR_PACK, "blocks are missing: the history is truncated");
    if (error == 0)
        error = read_block(&block, &certificate, verifier, line);
    if (error == 0)
        error = verifier->app ? execute_block(verifier, line, block, &certificate)
                              : follow_block(verifier, line, block, &certificate);
    if (error == 0)
        visit_block(verifier, line, block);
    return error;
}

static int verify_range(struct verifier *verifier)
{
    struct pack_facts *facts = verifier->facts;
    int error = 0;
    facts->executed = facts->from == 1;
    if (facts->executed) {
        verifier->kv = kv_open_memory();
        error = app_open(&verifier->app, verifier->faults, verifier->kv, verifier->trust->genesis,
                         &verifier->trust->genesis_hash);
    } else {
        error = verify_start(verifier);
    }
    for (uint64_t height = facts->from; error == 0 && height <= facts->to; height++) {
        error = verify_block(verifier);
        if (verifier->visitor && verifier->visitor->progress)
            verifier->visitor->progress(verifier->visitor->context, height - facts->from + 1,
                                        facts->to - facts->from + 1);
    }
    return error;
}

/* One receipt line; the end line is recognised by the caller. */
static int verify_receipt(struct verifier *verifier, const struct doc *line)
{
    struct receipt_facts receipt;
    struct pack_facts *facts = verifier->facts;
    size_t before = verifier->faults ? verifier->faults->count : 0;
    if (doc_count(line) != 2 || !doc_text_is(line, "part", "receipt"))
        return fail(verifier, ERR_PACK, "receipts are missing: the pack is truncated");
    int error = receipt_verify(&receipt, verifier->faults, doc_get(line, "receipt"),
                               verifier->trust->genesis, &verifier->trust->genesis_hash);
    if (error != 0)
        return fail_inner(verifier, error, before, "receipt");
    const struct header *header = &receipt.header;
    facts->retired_keys_assumed = facts->retired_keys_assumed || header->height > 1;
    facts->receipts++;
    facts->transactions++;
    facts->certificates++;
    if (header->height >= facts->to) {
        header_hash(&facts->last, header);
        facts->last_time_ms = header->time_ms;
    }
    verifier->low = header->height < verifier->low ? header->height : verifier->low;
    verifier->high = header->height > verifier->high ? header->height : verifier->high;
    if (verifier->visitor && verifier->visitor->transaction)
        verifier->visitor->transaction(verifier->visitor->context, header, receipt.tx);
    receipt_facts_free(&receipt);
    return error;
}

/* The end line says how much there was; nothing may follow it. */
static int verify_end(struct verifier *verifier, const struct doc *end, uint64_t count)
{
    if (!verifier->facts->range &&
        (verifier->low != verifier->facts->from || verifier->high != verifier->facts->to))
        return fail(verifier, ERR_PACK, "heights of the receipts are not those of the head");
    if (doc_count(end) != 3 || !doc_text_is(end, "part", "end") ||
        doc_get_int(end, "count", -1) != (int64_t)count ||
        !hash_is(end, "last", &verifier->facts->last))
        return fail(verifier, ERR_PACK, "end of the pack");
    if (getc_unlocked(verifier->file) != EOF)
        return fail(verifier, ERR_PACK, "bytes after the end");
    return 0;
}

static int verify_content(struct verifier *verifier)
{
    struct pack_facts *facts = verifier->facts;
    int error = verify_head(verifier);
    if (error == 0 && facts->range)
        error = verify_range(verifier);
    while (error == 0) {
        AUTO(doc_free) struct doc *line = NULL;
        error = read_line(&line, verifier);
        if (error != 0)
            break;
        if (facts->range || doc_text_is(line, "part", "end"))
            return verify_end(verifier, line,
                              facts->range ? facts->to - facts->from + 1 : facts->receipts);
        error = verify_receipt(verifier, line);
    }
    return error;
}

int pack_verify(struct pack_facts *out, struct faults *faults, FILE *file,
                const struct pack_trust *trust, const struct pack_visitor *visitor)
{
    *out = (struct pack_facts){0};
    struct verifier verifier = {.file = file,
                                .trust = trust,
                                .visitor = visitor,
                                .faults = faults,
                                .facts = out,
                                .low = UINT64_MAX};
    int error = verify_content(&verifier);
    if (verifier.app)
        app_close(&verifier.app);
    if (verifier.kv)
        kv_close(&verifier.kv);
    buf_free(&verifier.text);
    return error;
}
