/* Documents as trees: arenas and references, reading, comparing. Text level: doc_text.c; parsing:
 * doc_parse.c; building: doc_build.c; writing: doc_write.c; convenience: doc_fields.c.
 *
 * Every node parses, reads and forgets thousands of documents a second. So a parsed document is a
 * few blocks of memory whatever it holds, reading it touches nothing that is counted or locked,
 * and releasing it costs what releasing those blocks costs. */
#include "base/doc.h"

#include "base/doc_tree.h"
#include "base/ensure.h"
#include "base/memory.h"

#include <string.h>

#define REGION_BLOCK_MIN ((size_t)4096)
#define LINEAR_MEMBERS_MAX 32 /* comparing lengths that side by side beats halving */

struct region_block {
    struct region_block *next;
    max_align_t bytes[];
};

struct doc_region {
    struct doc_arena arena;
    struct region_block *blocks; /* beyond the first, which follows this struct */
    uint8_t *at;
    size_t left;
    struct doc **heap; /* containers with items of their own, for release */
    size_t heap_count;
    max_align_t first[];
};

/* ---- regions ---- */

struct doc_region *doc_region_new(size_t bytes_expected)
{
    struct doc_region *region = memory_resize(NULL, sizeof *region + bytes_expected);
    *region = (struct doc_region){.at = (uint8_t *)region->first, .left = bytes_expected};
    atomic_init(&region->arena.references, 1);
    return region;
}

void *doc_region_take(struct doc_region *region, size_t bytes)
{
    bytes = (bytes + 7) & ~(size_t)7;
    if (bytes > region->left) {
        size_t size = bytes > REGION_BLOCK_MIN ? bytes : REGION_BLOCK_MIN;
        struct region_block *block = memory_resize(NULL, sizeof *block + size);
        block->next = region->blocks;
        region->blocks = block;
        region->at = (uint8_t *)block->bytes;
        region->left = size;
    }
    void *taken = region->at;
    region->at += bytes;
    region->left -= bytes;
    return taken;
}

struct doc *doc_region_node(struct doc_region *region, enum doc_kind kind)
{
    struct doc *node = doc_region_take(region, sizeof *node);
    *node = (struct doc){.kind = (uint8_t)kind, .arena = &region->arena};
    return node;
}

struct doc *doc_region_object(struct doc_region *region, const struct doc_member *members,
                              size_t count)
{
    struct doc *object = doc_region_node(region, DOC_OBJECT);
    ENSURE(count <= UINT32_MAX);
    object->count = (uint32_t)count;
    object->members = doc_region_take(region, count * sizeof *members);
    if (count > 0)
        memcpy(object->members, members, count * sizeof *members);
    return object;
}

struct doc *doc_region_array(struct doc_region *region, const struct doc_member *values,
                             size_t count)
{
    struct doc *array = doc_region_node(region, DOC_ARRAY);
    ENSURE(count <= UINT32_MAX);
    array->count = (uint32_t)count;
    array->elements = doc_region_take(region, count * sizeof(struct doc *));
    for (size_t i = 0; i < count; i++)
        array->elements[i] = values[i].value;
    return array;
}

void doc_region_note_heap(struct doc *container)
{
    ENSURE(!container->arena->built);
    struct doc_region *region = (struct doc_region *)container->arena;
    region->heap = memory_resize(region->heap, (region->heap_count + 1) * sizeof *region->heap);
    region->heap[region->heap_count++] = container;
}

static void region_release(struct doc_region *region)
{
    for (size_t i = 0; i < region->heap_count; i++)
        doc_items_release(region->heap[i]);
    memory_free(region->heap);
    while (region->blocks) {
        struct region_block *next = region->blocks->next;
        memory_free(region->blocks);
        region->blocks = next;
    }
    memory_free(region);
}

void doc_region_free(struct doc_region **region)
{
    if (*region)
        region_release(*region);
    *region = NULL;
}

/* ---- references ---- */

static void arena_release(struct doc_arena *arena)
{
    if (!arena->built) {
        region_release((struct doc_region *)arena);
        return;
    }
    struct doc *node = (struct doc *)(void *)(arena + 1);
    if (node->heap)
        doc_items_release(node);
    memory_free(arena);
}

void doc_free(struct doc **doc)
{
    struct doc_arena *arena = *doc ? (*doc)->arena : NULL;
    *doc = NULL;
    if (arena && atomic_fetch_sub_explicit(&arena->references, 1, memory_order_acq_rel) == 1)
        arena_release(arena);
}

struct doc *doc_ref(const struct doc *doc)
{
    if (doc && doc->arena)
        atomic_fetch_add_explicit(&doc->arena->references, 1, memory_order_relaxed);
    return (struct doc *)(uintptr_t)doc;
}

/* ---- reading ---- */

enum doc_kind doc_kind(const struct doc *doc)
{
    return doc ? (enum doc_kind)doc->kind : DOC_NULL;
}

/* Whether the key of a member is this one, or comes before or after: as strcmp. */
static int key_compare(struct view a, struct view b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.data, b.data, len) : 0;
    return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

uint32_t doc_member_find(const struct doc *object, struct view key, bool *found)
{
    uint32_t low = 0, high = object->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = key_compare(key, object->members[middle].key);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    *found = false;
    return low;
}

const struct doc *doc_get(const struct doc *object, const char *key)
{
    if (doc_kind(object) != DOC_OBJECT || !key)
        return NULL;
    struct view name = view_of_text(key);
    if (object->count > LINEAR_MEMBERS_MAX) {
        bool found;
        uint32_t index = doc_member_find(object, name, &found);
        return found ? object->members[index].value : NULL;
    }
    for (uint32_t i = 0; i < object->count; i++) { /* an empty one has no members to point to */
        const struct doc_member *member = &object->members[i];
        if (member->key.len == name.len && memcmp(member->key.data, name.data, name.len) == 0)
            return member->value;
    }
    return NULL;
}

const struct doc *doc_at(const struct doc *array, size_t index)
{
    return doc_kind(array) == DOC_ARRAY && index < array->count ? array->elements[index] : NULL;
}

size_t doc_count(const struct doc *array_or_object)
{
    enum doc_kind kind = doc_kind(array_or_object);
    return kind == DOC_ARRAY || kind == DOC_OBJECT ? array_or_object->count : 0;
}

const char *doc_text(const struct doc *doc)
{
    return doc_kind(doc) == DOC_TEXT ? doc->text : NULL;
}

int64_t doc_int(const struct doc *doc, int64_t otherwise)
{
    return doc_kind(doc) == DOC_INT ? doc->number : otherwise;
}

bool doc_bool(const struct doc *doc, bool otherwise)
{
    return doc_kind(doc) == DOC_BOOL ? doc->count != 0 : otherwise;
}

bool doc_next(const struct doc *object, size_t *cursor, const char **key, const struct doc **value)
{
    if (doc_kind(object) != DOC_OBJECT || *cursor >= object->count)
        return false;
    const struct doc_member *member = &object->members[(*cursor)++];
    *key = (const char *)member->key.data;
    *value = member->value;
    return true;
}

/* ---- comparing ---- */

static bool members_equal(const struct doc *a, const struct doc *b)
{
    for (uint32_t i = 0; i < a->count; i++) {
        if (!view_equal(a->members[i].key, b->members[i].key) ||
            !doc_equal(a->members[i].value, b->members[i].value))
            return false;
    }
    return true;
}

static bool elements_equal(const struct doc *a, const struct doc *b)
{
    for (uint32_t i = 0; i < a->count; i++) {
        if (!doc_equal(a->elements[i], b->elements[i]))
            return false;
    }
    return true;
}

bool doc_equal(const struct doc *a, const struct doc *b)
{
    if (a == b)
        return true;
    if (!a || !b || a->kind != b->kind || a->count != b->count)
        return false;
    switch ((enum doc_kind)a->kind) {
    case DOC_OBJECT:
        return members_equal(a, b);
    case DOC_ARRAY:
        return elements_equal(a, b);
    case DOC_TEXT:
        return memcmp(a->text, b->text, a->count) == 0;
    case DOC_INT:
        return a->number == b->number;
    case DOC_BOOL:
    case DOC_NULL:
        break;
    }
    return true; /* count says which boolean */
}
