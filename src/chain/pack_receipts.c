/* Audit packs: receipts. They stand in the order of the log, each once, so that a choice of
 * transactions has one pack and a count cannot be raised by repeating one. */
#include "chain/pack_parts.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/receipt.h"

#include <stdlib.h>

/* ---- writing ---- */

struct placed {
    const struct doc *receipt;
    struct header header;
    int64_t log_index;
};

static int placed_compare(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    return (a->log_index > b->log_index) - (a->log_index < b->log_index);
}

static bool placed_same(const struct placed *a, const struct placed *b)
{
    return a->log_index == b->log_index && doc_equal(a->receipt, b->receipt);
}

/* The receipts in the order of the log, each once; *count is how many those are. */
static int place_receipts(struct placed *out, size_t *count, const struct doc *receipts)
{
    for (size_t i = 0; i < doc_count(receipts); i++) {
        AUTO(buf_free) struct buf bytes = {0};
        const struct doc *receipt = doc_at(receipts, i);
        struct placed placed = {.receipt = receipt,
                                .log_index = doc_get_int(doc_get(receipt, "log"), "index", -1)};
        int error = doc_get_bytes(&bytes, receipt, "header", HEADER_BYTES);
        if (error != 0)
            return error;
        struct reader reader = reader_of(view_of_buf(&bytes));
        error = header_decode(&placed.header, &reader);
        if (error != 0)
            return error;
        out[i] = placed;
    }
    qsort(out, doc_count(receipts), sizeof *out, placed_compare);
    *count = 0;
    for (size_t i = 0; i < doc_count(receipts); i++)
        if (*count == 0 || !placed_same(&out[*count - 1], &out[i]))
            out[(*count)++] = out[i];
    return 0;
}

static int write_placed(FILE *file, const struct hash *genesis_hash, const struct doc *genesis,
                        const struct placed *placed, size_t count)
{
    struct hash last;
    const struct header *newest = &placed[count - 1].header;
    header_hash(&last, newest);
    int error = pack_write_made(
        file, 0, pack_head_line(genesis_hash, "receipts", placed[0].header.height, newest->height));
    if (error == 0)
        error = pack_write_made(file, 0, pack_genesis_line(genesis));
    for (size_t i = 0; error == 0 && i < count; i++)
        error = pack_write_made(file, 0, pack_receipt_line(placed[i].receipt));
    return error != 0 ? error : pack_write_made(file, 0, pack_end_line(count, &last));
}

int pack_write_receipts(FILE *file, const struct hash *genesis_hash, const struct doc *genesis,
                        const struct doc *receipts)
{
    size_t count = doc_count(receipts);
    if (count == 0)
        return ERR_FIELD_COUNT;
    struct placed *placed = memory_alloc(count * sizeof *placed);
    int error = place_receipts(placed, &count, receipts);
    if (error == 0)
        error = write_placed(file, genesis_hash, genesis, placed, count);
    memory_free(placed);
    return error != 0 ? error : pack_flush(file);
}

/* ---- verifying ---- */

/* A receipt follows the one before it in the log, in its block or in a later one. */
static const char *misplaced(const struct pack_verifier *verifier,
                             const struct receipt_facts *receipt)
{
    const struct header *header = &receipt->header, *previous = &verifier->previous;
    struct hash hash, previous_hash;
    if (verifier->facts->receipts == 0)
        return header->height == verifier->facts->from
                   ? NULL
                   : "heights of the receipts are not those of the head";
    if (receipt->log_index == verifier->log_index)
        return "receipt: the same one is there twice";
    if (receipt->log_index < verifier->log_index || header->height < previous->height)
        return "receipt: not in the order of the log";
    header_hash(&hash, header);
    header_hash(&previous_hash, previous);
    if (header->height == previous->height)
        return hash_equal(&hash, &previous_hash) ? NULL : "receipt: two blocks of one height";
    bool linked =
        header->height > previous->height + 1 || hash_equal(&header->previous, &previous_hash);
    return linked && header->time_ms > previous->time_ms && receipt->log_index >= previous->log_size
               ? NULL
               : "receipt: of another history than the one before";
}

static int take_receipt(struct pack_verifier *verifier, const struct receipt_facts *receipt)
{
    struct pack_facts *facts = verifier->facts;
    const struct header *header = &receipt->header;
    const char *claim = misplaced(verifier, receipt);
    if (claim != NULL)
        return pack_fail(verifier, ERR_PACK, claim);
    int error = pack_meet_checkpoint(verifier, header);
    if (error != 0)
        return error;
    if (header->height > 1 && header->height != verifier->trust->checkpoint_height)
        facts->retired_keys_assumed = true;
    facts->certificates += header->height != verifier->previous.height;
    facts->receipts++;
    facts->transactions++;
    header_hash(&facts->last, header);
    facts->last_time_ms = header->time_ms;
    verifier->previous = *header;
    verifier->log_index = receipt->log_index;
    if (verifier->visitor && verifier->visitor->transaction)
        verifier->visitor->transaction(verifier->visitor->context, header, receipt->tx);
    return 0;
}

int pack_verify_receipt(struct pack_verifier *verifier, const struct doc *line)
{
    struct receipt_facts receipt;
    size_t before = verifier->faults ? verifier->faults->count : 0;
    if (doc_count(line) != 2 || !doc_text_is(line, "part", "receipt"))
        return pack_fail(verifier, ERR_PACK, "receipts are missing: the pack is truncated");
    int error = receipt_verify(&receipt, verifier->faults, doc_get(line, "receipt"),
                               verifier->trust->genesis, &verifier->trust->genesis_hash);
    if (error != 0)
        return pack_fail_inner(verifier, error, before, "receipt");
    error = take_receipt(verifier, &receipt);
    receipt_facts_free(&receipt);
    return error;
}
