/* Following the chain from untrusted nodes: what they show is verified, kept in the book, and
 * compared. Nodes are asked one after the other; each is brought to agree with the book or is found
 * to differ from it, and a difference that both sides certify is a fork.
 *
 *   node has our newest block ─▶ what follows it is verified and appended
 *   node is lower             ─▶ its newest block must be one of ours
 *   otherwise                 ─▶ the lowest block in which it differs, by halves; its certificate
 *                                against ours: evidence of a fork, or a node that lies
 *
 * One thread; signatures of a batch are verified on several. Says nothing to anybody. */
#ifndef DIRCHAIN_NODE_CLI_FOLLOWER_H
#define DIRCHAIN_NODE_CLI_FOLLOWER_H

#include "chain/fork.h"
#include "node/cli/follow_book.h"
#include "node/cli/follow_source.h"

#include <signal.h>

struct follower {
    const struct doc *genesis; /* verified; borrowed */
    struct hash genesis_hash;
    struct follow_book *book;          /* borrowed */
    const volatile sig_atomic_t *stop; /* ends the work between two batches */
    /* What was done so far. */
    uint64_t headers;
    uint64_t signatures;
    void (*progress)(void *context, uint64_t height, uint64_t of);
    void *context;
    /* After ERR_FORK. */
    struct buf evidence;
    struct fork_facts fork;
    /* Its own. */
    unsigned threads;
    struct follow_batch *batch;
};

void follower_open(struct follower *follower, const struct doc *genesis,
                   const struct hash *genesis_hash, struct follow_book *book);
void follower_close(struct follower *follower);

/* Begins an empty book at a trusted block that the node shows with its history, or compares the
 * block with the book. ERR_NODE_CHECKPOINT, ERR_CHECKPOINT (outside the book), and as below. */
int follower_checkpoint(struct follower *follower, struct faults *faults,
                        struct follow_source *source, uint64_t height, const struct hash *hash);

/* Brings the book up to what the node has, and finds out whether the node agrees with it. ERR_FORK:
 * `evidence` proves it. Errors of the node's answers (cli/follow_source.h), of headers that do not
 * verify, and of the book (ERR_IO, ERR_DISK_FULL, ERR_CORRUPT). */
int follower_advance(struct follower *follower, struct faults *faults,
                     struct follow_source *source);

#endif
