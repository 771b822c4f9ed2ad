/* What writing and verifying a pack share. Only pack_*.c include this.
 *
 *   pack_verify    head, genesis, blocks executed again, end; hands out the other lines
 *   pack_follow    ranges that do not begin at height 1: start, links, certificates, log, keys
 *   pack_receipts  receipts, in both directions
 *   pack_lines     lines, the checkpoint, and naming the claim that fails */
#ifndef DIRCHAIN_CHAIN_PACK_PARTS_H
#define DIRCHAIN_CHAIN_PACK_PARTS_H

#include "chain/app.h"
#include "chain/log_tree.h"
#include "chain/pack.h"
#include "chain/tx.h"
#include "chain/validator_history.h"

struct pack_verifier {
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
    struct validator_set next_set; /* of a block that changes the validators */
    struct header previous;        /* block before this one, or of the receipt before this one */
    uint64_t log_index;            /* of the receipt before this one */
};

/* ---- pack_lines.c ---- */

/* Reads the next line, which must be canonical. A read error comes back without a fault: it says
 * nothing of the pack. */
int pack_read_line(struct doc **out, struct pack_verifier *verifier);
/* Whether nothing is left to read; read errors as above. */
int pack_read_end(struct pack_verifier *verifier);
/* Both name the line and the claim and return `error`; the second one after an inner verifier,
 * whose own claim (recorded since `faults_before`) follows ours. */
int pack_fail(struct pack_verifier *verifier, int error, const char *claim);
int pack_fail_inner(struct pack_verifier *verifier, int error, size_t faults_before,
                    const char *claim);
/* A block that the pack holds must be the checkpoint's, if it has its height. ERR_CHECKPOINT. */
int pack_meet_checkpoint(struct pack_verifier *verifier, const struct header *header);
/* For a checkpoint that nothing in the pack can have met. ERR_CHECKPOINT. */
int pack_miss_checkpoint(struct pack_verifier *verifier);

/* ---- pack_follow.c ---- */

int pack_follow_start(struct pack_verifier *verifier);
int pack_follow_block(struct pack_verifier *verifier, const struct doc *line,
                      const struct block *block, const struct certificate *certificate);

/* ---- pack_receipts.c ---- */

int pack_verify_receipt(struct pack_verifier *verifier, const struct doc *line);

/* ---- pack_write.c ---- */

/* Writes a line, if it could be made, and releases it. */
int pack_write_made(FILE *file, int error, struct doc *line);
int pack_flush(FILE *file);
/* Place of a transaction's signer in a block line's "keys"; their number if it is not there. */
size_t pack_find_key(const struct doc *keys, const struct tx *tx);

#endif
