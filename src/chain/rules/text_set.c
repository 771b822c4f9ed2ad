/* Texts of a list, sorted by text and then by place. */
#include "chain/rules/text_set.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static int item_compare(const void *left, const void *right)
{
    const struct text_set_item *a = left, *b = right;
    int order = strcmp(a->text, b->text);
    return order != 0 ? order : a->index < b->index ? -1 : a->index > b->index;
}

void text_set_build(struct text_set *out, const struct doc *list, const char *member)
{
    size_t count = doc_count(list);
    *out = (struct text_set){0};
    if (count == 0) {
        return;
    }
    out->item = memory_alloc(count * sizeof *out->item);
    for (size_t i = 0; i < count; i++) {
        const struct doc *element = doc_at(list, i);
        const char *text = member == NULL ? doc_text(element) : doc_get_text(element, member);
        if (text != NULL) {
            out->item[out->count++] = (struct text_set_item){text, i};
        }
    }
    if (out->count > 1) {
        qsort(out->item, out->count, sizeof *out->item, item_compare);
    }
}

void text_set_free(struct text_set *set)
{
    memory_free(set->item);
    *set = (struct text_set){0};
}

long text_set_find(const struct text_set *set, const char *text)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(set->item[middle].text, text) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < set->count && strcmp(set->item[low].text, text) == 0;
    return found ? (long)set->item[low].index : -1;
}

/* Within a run of equal texts the places ascend, so all but its first are duplicates. The smallest
 * beyond `from` keeps faults in the order of the document. */
long text_set_next_duplicate(const struct text_set *set, long from)
{
    long best = -1;
    for (size_t i = 1; i < set->count; i++) {
        long index = (long)set->item[i].index;
        if (index > from && (best < 0 || index < best) &&
            strcmp(set->item[i - 1].text, set->item[i].text) == 0) {
            best = index;
        }
    }
    return best;
}
