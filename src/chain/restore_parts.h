/* What the files of restoring share. Only restore*.c include this.
 *
 *   restore.c       what is wanted and asked for; the window, the state, the end
 *   restore_head.c  the head: how the validator set came about, and the certificate */
#ifndef DIRCHAIN_CHAIN_RESTORE_PARTS_H
#define DIRCHAIN_CHAIN_RESTORE_PARTS_H

#include "chain/restore.h"
#include "chain/validator_history.h"

/* Something wanted: which part, and for STATE what its parent says of it. */
struct wanted {
    struct snapshot_part part;
    struct hash hash;
    bool is_leaf;
};

struct window_block {
    uint64_t log_size;
    struct hash log_root;
};

struct restore_term {
    uint64_t first; /* height that the set decides */
    struct hash set;
    struct hash history; /* of all sets up to this one */
};

struct restore {
    struct kv *kv;
    struct kv_batch *batch;
    struct restore_plan plan;
    int64_t lifetime_ms;
    enum snapshot_kind stage;
    bool finished;
    struct validator_walk walk;
    struct restore_term *terms; /* ascending: the sets that were walked to */
    size_t term_count, term_capacity;
    struct header head;
    struct hash head_hash;
    struct certificate certificate;
    struct header oldest;        /* of the headers taken so far */
    int64_t until_ms;            /* blocks that are no younger are outside the window */
    uint64_t base;               /* height before the window; 0: the window is the whole chain */
    struct window_block *window; /* newest first, from the head down to the base */
    size_t window_count, window_capacity;
    struct log_frontier frontier;
    uint64_t next_leaves; /* height */
    struct wanted *open;
    size_t open_count, open_capacity;
    struct wanted asked[RESTORE_ASKED_MAX];
    size_t asked_count;
    struct state_ref root;
    struct restore_progress progress;
    uint64_t paths_done; /* of PATHS: below subtrees that are here */
};

/* ---- restore.c ---- */

/* What the batch holds, synced. */
int restore_write(struct restore *restore);
void restore_want_at(struct restore *restore, enum snapshot_kind kind, uint64_t at);
/* The head is certified and written: on with the headers before it. */
void restore_begin_window(struct restore *restore);

/* ---- restore_head.c ---- */

/* The set of genesis, to begin with. ERR_GENESIS. */
int restore_head_open(struct restore *restore);
/* The walk begins again; returns from which height steps are wanted. */
uint64_t restore_head_anew(struct restore *restore);
/* The set that was walked to for a height up to the one after the head. */
const struct restore_term *restore_term_of(const struct restore *restore, uint64_t height);
int restore_take_head(struct restore *restore, struct reader *reader);

#endif
