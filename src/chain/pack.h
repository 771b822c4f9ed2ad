/* Audit packs: one file that proves a part of the ledger with no node at hand.
 *
 * JSON Lines, each line in canonical form, so that there is exactly one encoding of a pack:
 *
 *   head      {"format":"dirchain-pack/1","mode":"range"|"receipts","genesis":hash,"from","to"}
 *   genesis   {"part":"genesis","document":{…}}
 *   start     {"part":"start","header","certificate","frontier","history":[…],"set"}   from > 1
 *   block     {"part":"block","header","certificate","evidence":[hex],"acts":[…],
 *              "transactions":[JWS]}, "set" where the validators change, "keys" in ranges with
 *              from > 1                                                               range
 *   receipt   {"part":"receipt","receipt":{…}}                                         receipts
 *   end       {"part":"end","count":n,"last":hash}
 *
 * A range from height 1 is executed again: every signature, rule, root and certificate is judged
 * by the verifier itself. A later range proves that nothing between was withheld or changed, from
 * a start that the validator history or a trusted checkpoint vouches for. Receipts prove each
 * transaction they hold, and say nothing of others. Specified in docs/spec/pack.md. */
#ifndef DIRCHAIN_CHAIN_PACK_H
#define DIRCHAIN_CHAIN_PACK_H

#include "base/faults.h"
#include "chain/store.h"

#include <stdio.h>

#define PACK_LINE_BYTES_MAX ((size_t)48 * 1024 * 1024)

typedef void (*pack_progress)(void *context, uint64_t done, uint64_t of);

/* The lines, for whoever puts a pack together (a node for its own store, or the command line from
 * what a node serves). Callers own the results. */
struct doc *pack_head_line(const struct hash *genesis_hash, const char *mode, uint64_t from,
                           uint64_t to);
struct doc *pack_genesis_line(const struct doc *genesis);
/* Of the block before a range that does not begin at 1. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
int pack_start_line(struct doc **out, const struct store_view *view, uint64_t height);
/* `keys`: with the signers' key records and proofs, as ranges that do not begin at 1 need them. */
int pack_block_line(struct doc **out, const struct store_view *view, uint64_t height, bool keys);
struct doc *pack_receipt_line(const struct doc *receipt);
struct doc *pack_end_line(uint64_t count, const struct hash *last);
int pack_write_line(FILE *file, const struct doc *line); /* ERR_IO, ERR_DISK_FULL */

/* A whole range from a store. ERR_FIELD_RANGE (1 ≤ from ≤ to ≤ the view's height), ERR_NOT_FOUND,
 * ERR_IO, ERR_DISK_FULL. */
int pack_write_range(FILE *file, const struct store_view *view, const struct doc *genesis,
                     uint64_t from, uint64_t to);
/* A whole pack of an array of receipts, whatever their order: they are put into that of the log,
 * each once. ERR_FIELD_COUNT (none), ERR_FIELD_MISSING, ERR_HEX, ERR_BLOCK_FORM (no receipt),
 * ERR_IO, ERR_DISK_FULL. */
int pack_write_receipts(FILE *file, const struct hash *genesis_hash, const struct doc *genesis,
                        const struct doc *receipts);

struct pack_trust {
    const struct doc *genesis; /* verified by the caller (genesis layer) */
    struct hash genesis_hash;
    uint64_t checkpoint_height; /* 0: none; else the pack must hold this very block */
    struct hash checkpoint_hash;
};

/* What a good pack proved. */
struct pack_facts {
    bool range;
    bool executed; /* from height 1: executed again */
    uint64_t from, to;
    uint64_t transactions, acts, evidence, receipts;
    uint64_t certificates; /* one for each block */
    struct hash last;      /* block hash of `to`, or of the newest receipt's block */
    int64_t last_time_ms;
    uint64_t validator_changes;
    bool checkpoint_met;       /* the trusted checkpoint is a block of this pack */
    bool retired_keys_assumed; /* rests on retired sets not having signed a second history */
};
/* 0, or the first error; faults then name the line and the claim that fails. An error without a
 * fault is one of reading the file. `visitor` (may be NULL) is given each verified transaction and
 * act; what it was given stands only once the whole pack has verified. */
struct pack_visitor {
    void (*transaction)(void *context, const struct header *header, const struct tx *tx);
    void (*act)(void *context, const struct header *header, const struct doc *act);
    /* After the acts and transactions of a block that was executed again: the ledger as of it, for
     * reading (chain/store.h). */
    void (*executed)(void *context, const struct header *header, struct kv *kv);
    pack_progress progress;
    void *context;
};
int pack_verify(struct pack_facts *out, struct faults *faults, FILE *file,
                const struct pack_trust *trust, const struct pack_visitor *visitor);

#endif
