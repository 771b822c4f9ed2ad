/* The table of labels is labels.def. */
#include "exchange/labels.h"

#include <stdlib.h>
#include <string.h>

struct label {
    const char *member, *chinese;
};

static const struct label labels[] = {
#define LABEL(name, text) {name, text},
#include "exchange/labels.def"
#undef LABEL
};
#define LABEL_COUNT (sizeof labels / sizeof labels[0])

const char *label_at(size_t index, const char **chinese)
{
    *chinese = index < LABEL_COUNT ? labels[index].chinese : NULL;
    return index < LABEL_COUNT ? labels[index].member : NULL;
}

static int compare(const void *key, const void *element)
{
    return strcmp(key, ((const struct label *)element)->member);
}

const char *label_chinese(const char *member)
{
    const struct label *found = bsearch(member, labels, LABEL_COUNT, sizeof labels[0], compare);
    return found == NULL ? NULL : found->chinese;
}
