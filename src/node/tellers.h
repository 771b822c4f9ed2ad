/* What to believe of heights that validators tell: at most f of them lie, so when f + 1 tell a
 * height or a higher one, one of them is honest. */
#ifndef DIRCHAIN_NODE_TELLERS_H
#define DIRCHAIN_NODE_TELLERS_H

#include "chain/validators.h"

#define FAULTY_MAX (VALIDATORS_MAX / 3) /* f of the largest set */

/* The highest of what was told, in descending order: f + 1 of them. */
struct tellers {
    size_t max, count;
    uint64_t height[FAULTY_MAX + 1];
};

/* Of a set of so many. */
struct tellers tellers_of(size_t validators);
/* One more validator tells this. */
void tellers_add(struct tellers *tellers, uint64_t height);
/* The highest height to believe; 0: no more than f tell anything. */
uint64_t tellers_believed(const struct tellers *tellers);

#endif
