/* Heights that validators tell, the highest f + 1 in order. */
#include "node/tellers.h"

#include "base/ensure.h"

struct tellers tellers_of(size_t validators)
{
    struct tellers tellers = {.max = validators_faulty_max(validators) + 1};
    ENSURE(tellers.max <= FAULTY_MAX + 1);
    return tellers;
}

void tellers_add(struct tellers *tellers, uint64_t height)
{
    size_t at = tellers->count < tellers->max ? tellers->count++ : tellers->max;
    for (; at > 0 && tellers->height[at - 1] < height; at--) {
        if (at < tellers->max) {
            tellers->height[at] = tellers->height[at - 1];
        }
    }
    if (at < tellers->max) {
        tellers->height[at] = height;
    }
}

uint64_t tellers_believed(const struct tellers *tellers)
{
    return tellers->count == tellers->max ? tellers->height[tellers->max - 1] : 0;
}
