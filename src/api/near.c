/* Sets of shingles and how alike they are; see near.h. */
#include "api/near.h"

#include "api/search.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void near_set_free(struct near_set *set)
{
    buf_free(&set->text);
    memory_free(set->elements);
    *set = (struct near_set){.count = 0};
}

static int compare(const void *a, const void *b)
{
    const struct view *left = a, *right = b;
    return view_compare(*left, *right);
}

/* `text` holds the elements, each ended by `end`; they become views of it. */
static void close_set(struct near_set *set, char end)
{
    size_t most = 0;
    for (size_t i = 0; i < set->text.len; i++)
        most += set->text.data[i] == (uint8_t)end;
    set->elements = memory_alloc((most + 1) * sizeof *set->elements);
    for (size_t at = 0; at < set->text.len;) {
        const uint8_t *from = set->text.data + at;
        const uint8_t *to = memchr(from, end, set->text.len - at);
        size_t len = to ? (size_t)(to - from) : set->text.len - at;
        if (len > 0)
            set->elements[set->count++] = view_of(from, len);
        at += len + 1;
    }
    qsort(set->elements, set->count, sizeof *set->elements, compare);
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++)
        if (kept == 0 || !view_equal(set->elements[kept - 1], set->elements[i]))
            set->elements[kept++] = set->elements[i];
    set->count = kept;
}

void near_set_of_name(struct near_set *out, const char *name)
{
    *out = (struct near_set){.count = 0};
    search_append_shingles(&out->text, name);
    close_set(out, ' ');
}

void near_set_of_items(struct near_set *out, const struct doc *items)
{
    *out = (struct near_set){.count = 0};
    for (size_t i = 0; i < doc_count(items); i++) {
        const char *name = doc_get_text(doc_at(items, i), "name");
        search_append_shingles(&out->text, name ? name : "");
        buf_append_u8(&out->text, '\n');
    }
    close_set(out, '\n');
}

size_t near_shared(const struct near_set *a, const struct near_set *b)
{
    size_t shared = 0;
    for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
        int order = view_compare(a->elements[i], b->elements[k]);
        shared += order == 0;
        i += order <= 0;
        k += order >= 0;
    }
    return shared;
}

int64_t near_likeness(const struct near_set *a, const struct near_set *b)
{
    size_t all = a->count + b->count;
    return all == 0 ? 0 : (int64_t)(2000 * near_shared(a, b) / all);
}
