/* Near duplicates: how alike two names are, and which entries have names like another's. Integers
 * only, and the same on every node.
 *
 * A name is the set of its shingles: overlapping pairs of Chinese characters, whole words of other
 * scripts (search.h). Likeness is Dice's: 2·|A∩B| of |A|+|B|, in thousandths, rounded down.
 *
 *   社会组织名录    社会 会组 组织 织名 名录
 *   社会组织名册    社会 会组 组织 织名 名册      4 shared of 5 and 5: 800
 */
#ifndef DIRCHAIN_API_NEAR_H
#define DIRCHAIN_API_NEAR_H

#include "base/bytes.h"
#include "base/doc.h"

#define NEAR_NAME_MIN 500 /* thousandths from which a name is told of */
#define NEAR_ITEMS_MAX 20 /* told at most: the likest */

/* A set of texts; {0} is empty. */
struct near_set {
    struct buf text;
    struct view *elements; /* in order, each once */
    size_t count;
};
void near_set_free(struct near_set *set);
/* The shingles of a name. */
void near_set_of_name(struct near_set *out, const char *name);
/* The names of an entry's items, each as a whole; how it is written makes no difference. */
void near_set_of_items(struct near_set *out, const struct doc *items);

size_t near_shared(const struct near_set *a, const struct near_set *b);
/* 0 to 1000; 0 if both are empty. */
int64_t near_likeness(const struct near_set *a, const struct near_set *b);

#endif
