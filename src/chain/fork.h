/* Evidence of a fork: two valid certificates for different blocks at one height. It needs no node
 * and no trust in whoever shows it; the genesis document is enough. Specified in docs/spec/fork.md.
 *
 *   {"format":"dirchain-fork/1","genesis","height","history":[step…],
 *    "blocks":[{"header","certificate"},{"header","certificate"}],"signed_both":[member…]}
 *
 * in canonical form with one newline, the block of the lesser hash first: one encoding of what it
 * says, every byte vouched for. What it proves of whom, and what it does not:
 *
 *   - At least 2·quorum − n validators of that height are faulty, whatever the rounds: so many
 *     are in both of any two quorums, and none of them could have voted so by the rules.
 *   - Of one round: each of "signed_both" equivocated, proved by its own two signatures.
 *   - Of two rounds: each of "signed_both" signed both. Somebody voted against a lock, but a
 * correct validator may sign the second block after a quorum of the faulty and the deceived
 * prevoted it; who of them broke the rule this alone does not say. */
#ifndef DIRCHAIN_CHAIN_FORK_H
#define DIRCHAIN_CHAIN_FORK_H

#include "chain/light.h"

struct fork_facts {
    uint64_t height;
    struct {
        struct hash hash;
        int64_t time_ms;
        uint32_t round;
    } block[2];
    size_t validators; /* of the set of that height */
    size_t quorum;
    size_t faulty_at_least;     /* 2·quorum − n */
    uint64_t validator_changes; /* steps of the history; rests on retired sets if there are any */
    size_t signed_both_count;
    char signed_both[VALIDATORS_MAX][MEMBER_ID_CHARS + 1];
};

#define FORK_BYTES_MAX ((size_t)16 * 1024 * 1024)

/* Puts the evidence together. `history`: the steps to other sets, of which those below the height
 * are taken. Nothing is judged here: verify the result before it is shown. Appends the text. */
void fork_append(struct buf *out, const struct hash *genesis_hash, const struct doc *history,
                 const struct light_item *one, const struct light_item *other);
/* Verifies evidence by a trusted genesis document. ERR_FORK_EVIDENCE (form), ERR_GENESIS (of
 * another chain), those of the history and of certificates; faults name the claim. */
int fork_verify(struct fork_facts *out, struct faults *faults, struct view text,
                const struct doc *genesis, const struct hash *genesis_hash);

#endif
