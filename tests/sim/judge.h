/* What the judges remember. Only check.c, owed.c and final.c include this. */
#ifndef DIRCHAIN_TESTS_SIM_JUDGE_H
#define DIRCHAIN_TESTS_SIM_JUDGE_H

#include "sim.h"

/* What an honest node released at (height, round, step). */
struct release {
    uint64_t height;
    uint32_t round;
    int step; /* 0 proposal, 1 prevote, 2 precommit */
    size_t host;
    struct hash digest; /* of what was signed */
    struct hash block;
    bool forgotten;     /* its disk was put back since, and nobody has told it */
    unsigned told_life; /* in which it was told after that; 0: never */
};

/* Evidence that an honest node has taken up. */
struct owed {
    size_t host;
    unsigned life; /* of the host: what it had taken up ends with it */
    int64_t at_ms; /* true time */
    struct vote act;
};

/* Evidence in the chain. */
struct told {
    struct vote act;
    uint64_t block; /* the height of the one that holds it */
};

struct first_seen {
    struct hash block;
    int64_t at_ms; /* true time, as on a perfect clock */
};

struct decided {
    struct hash hash;
    struct header header;
    const struct validator_set *set;
};

struct judge {
    struct chain_params params;
    size_t release_count, release_capacity;
    struct release *release;
    size_t seen_count, seen_capacity;
    struct first_seen *seen;
    size_t owed_count, owed_capacity;
    struct owed *owed;
    size_t found_count, found_capacity;
    struct vote *found; /* acts that a pool has taken up, a liar's too */
    size_t told_count, told_capacity;
    struct told *told;
    size_t txid_count, txid_capacity;
    struct hash *txid; /* transactions in the chain */
    size_t set_count;
    struct validator_set **set;
    uint64_t top; /* highest height that anybody has committed */
    struct decided height[SIM_HEIGHTS_MAX];
};

/* Room for one more in an array. */
void judge_grow(void *array, size_t count, size_t *capacity, size_t size);
bool judge_same_act(const struct vote *a, const struct vote *b);
/* When the block was first proposed, by true time; 0: never. */
int64_t judge_first_seen_ms(const struct judge *judge, const struct hash *block);
const struct sim_host *judge_find_host(const struct world *world, const char *member);

#endif
