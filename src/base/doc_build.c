/* Documents being built and changed: nodes of their own, containers whose items grow in a heap
 * block, and deep copies, which are regions like parsed documents. */
#include "base/doc_tree.h"
#include "base/ensure.h"
#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define ITEMS_MIN 8
#define KEYS_BYTES_MIN 192
#define MEMBERS_SORTED_IN_PLACE 32

/* Keys that a heap object was given; they never move. */
struct key_block {
    struct key_block *next;
    size_t used, capacity;
    uint8_t bytes[];
};

/* Precedes the items of a heap container. */
struct items {
    struct key_block *keys; /* newest first */
    size_t capacity;
};

static struct items *items_of(const struct doc *container)
{
    void *items =
        container->kind == DOC_OBJECT ? (void *)container->members : (void *)container->elements;
    return (struct items *)items - 1;
}

static size_t item_bytes(const struct doc *container)
{
    return container->kind == DOC_OBJECT ? sizeof(struct doc_member) : sizeof(struct doc *);
}

/* ---- nodes of their own ---- */

static struct doc *built_new(enum doc_kind kind, size_t more)
{
    struct built {
        struct doc_arena arena;
        struct doc node;
    } *built = memory_resize(NULL, sizeof *built + more);
    atomic_init(&built->arena.references, 1);
    built->arena.built = true;
    built->node = (struct doc){.kind = (uint8_t)kind, .arena = &built->arena};
    return &built->node;
}

struct doc *doc_new_object(void)
{
    return built_new(DOC_OBJECT, 0);
}

struct doc *doc_new_array(void)
{
    return built_new(DOC_ARRAY, 0);
}

struct doc *doc_new_int(int64_t value)
{
    ENSURE(value >= -DOC_INT_MAX && value <= DOC_INT_MAX);
    struct doc *node = built_new(DOC_INT, 0);
    node->number = value;
    return node;
}

struct doc *doc_new_text_unchecked(struct view text)
{
    ENSURE(text.len < UINT32_MAX);
    struct doc *node = built_new(DOC_TEXT, text.len + 1);
    char *bytes = (char *)(node + 1);
    if (text.len > 0)
        memcpy(bytes, text.data, text.len);
    bytes[text.len] = 0;
    node->text = bytes;
    node->count = (uint32_t)text.len;
    return node;
}

struct doc *doc_constant(enum doc_kind kind, bool truth)
{
    static struct doc constants[] = {
        {.kind = DOC_NULL}, {.kind = DOC_BOOL, .count = 0}, {.kind = DOC_BOOL, .count = 1}};
    return &constants[kind == DOC_NULL ? 0 : truth ? 2 : 1];
}

struct doc *doc_new_bool(bool value)
{
    return doc_constant(DOC_BOOL, value);
}

struct doc *doc_new_null(void)
{
    return doc_constant(DOC_NULL, false);
}

/* ---- items ---- */

/* Room for one more item, in a heap block. */
static void items_grow(struct doc *container)
{
    size_t size = item_bytes(container);
    size_t capacity = container->heap ? items_of(container)->capacity : 0;
    ENSURE(container->count < UINT32_MAX);
    if (container->count < capacity)
        return;
    capacity = container->count < ITEMS_MIN ? ITEMS_MIN : 2 * (size_t)container->count;
    struct items *old = container->heap ? items_of(container) : NULL;
    struct items *items = memory_resize(old, sizeof *items + capacity * size);
    if (!old) {
        items->keys = NULL;
        if (container->count > 0)
            memcpy(items + 1, container->members, container->count * size);
        if (!container->arena->built)
            doc_region_note_heap(container);
    }
    items->capacity = capacity;
    container->heap = true;
    if (container->kind == DOC_OBJECT)
        container->members = (struct doc_member *)(void *)(items + 1);
    else
        container->elements = (struct doc **)(void *)(items + 1);
}

static void child_drop(const struct doc *container, struct doc *child)
{
    if (child->arena != container->arena)
        doc_free(&child);
}

/* The caller's reference moves into the container. */
static void child_adopt(const struct doc *container, struct doc *child)
{
    ENSURE(child && child != container);
    if (child->arena && child->arena == container->arena) {
        unsigned before =
            atomic_fetch_sub_explicit(&child->arena->references, 1, memory_order_relaxed);
        ENSURE(before > 1); /* the container is held by somebody too */
    }
}

void doc_items_release(struct doc *container)
{
    struct items *items = items_of(container);
    for (uint32_t i = 0; i < container->count; i++)
        child_drop(container, container->kind == DOC_OBJECT ? container->members[i].value
                                                            : container->elements[i]);
    while (items->keys) {
        struct key_block *next = items->keys->next;
        memory_free(items->keys);
        items->keys = next;
    }
    memory_free(items);
}

/* A copy of the key, with a NUL behind it, that lives as long as the object. */
static struct view key_keep(struct doc *object, struct view key)
{
    struct items *items = items_of(object);
    struct key_block *block = items->keys;
    if (!block || block->capacity - block->used < key.len + 1) {
        size_t capacity = key.len + 1 > KEYS_BYTES_MIN ? key.len + 1 : KEYS_BYTES_MIN;
        block = memory_resize(NULL, sizeof *block + capacity);
        *block = (struct key_block){.next = items->keys, .capacity = capacity};
        items->keys = block;
    }
    uint8_t *kept = block->bytes + block->used;
    if (key.len > 0)
        memcpy(kept, key.data, key.len);
    kept[key.len] = 0;
    block->used += key.len + 1;
    return view_of(kept, key.len);
}

void doc_set_unchecked(struct doc *object, struct view key, struct doc *value)
{
    bool found;
    ENSURE(doc_kind(object) == DOC_OBJECT);
    child_adopt(object, value);
    uint32_t index = doc_member_find(object, key, &found);
    if (found) {
        struct doc *before = object->members[index].value;
        if (!object->heap)
            items_grow(object); /* what it holds may come from elsewhere now */
        object->members[index].value = value;
        child_drop(object, before);
        return;
    }
    items_grow(object);
    struct doc_member *at = object->members + index;
    memmove(at + 1, at, (object->count - index) * sizeof *at);
    *at = (struct doc_member){.key = key_keep(object, key), .value = value};
    object->count++;
}

void doc_remove(struct doc *object, const char *key)
{
    bool found;
    ENSURE(doc_kind(object) == DOC_OBJECT);
    uint32_t index = doc_member_find(object, view_of_text(key), &found);
    if (!found)
        return;
    struct doc_member *at = object->members + index;
    struct doc *before = at->value;
    object->count--;
    memmove(at, at + 1, (object->count - index) * sizeof *at);
    child_drop(object, before);
}

void doc_push(struct doc *array, struct doc *value)
{
    ENSURE(doc_kind(array) == DOC_ARRAY);
    child_adopt(array, value);
    items_grow(array);
    array->elements[array->count++] = value;
}

/* ---- canonical order ---- */

static int member_compare(const void *a, const void *b)
{
    const struct doc_member *left = a, *right = b;
    return view_compare(left->key, right->key);
}

/* RFC 8785 orders by UTF-16 code units; our keys are ASCII, where that is byte order. Usually they
 * are sorted already, or few. */
void doc_members_sort(struct doc_member *members, size_t count)
{
    size_t sorted = 1;
    while (sorted < count && member_compare(&members[sorted - 1], &members[sorted]) <= 0)
        sorted++;
    if (sorted >= count)
        return;
    if (count > MEMBERS_SORTED_IN_PLACE) {
        qsort(members, count, sizeof *members, member_compare);
        return;
    }
    for (size_t i = sorted; i < count; i++) {
        struct doc_member moving = members[i];
        size_t at = i;
        for (; at > 0 && member_compare(&members[at - 1], &moving) > 0; at--)
            members[at] = members[at - 1];
        members[at] = moving;
    }
}

/* ---- copies ---- */

static size_t padded(size_t bytes)
{
    return (bytes + 7) & ~(size_t)7;
}

/* Bytes that a copy of the value takes in a region. */
static size_t copy_bytes(const struct doc *doc)
{
    size_t bytes = doc->arena ? sizeof *doc : 0;
    if (doc->kind == DOC_TEXT)
        bytes += padded(doc->count + 1);
    for (uint32_t i = 0; doc->kind == DOC_ARRAY && i < doc->count; i++)
        bytes += sizeof(struct doc *) + copy_bytes(doc->elements[i]);
    for (uint32_t i = 0; doc->kind == DOC_OBJECT && i < doc->count; i++)
        bytes += sizeof(struct doc_member) + padded(doc->members[i].key.len + 1) +
                 copy_bytes(doc->members[i].value);
    return bytes;
}

static const uint8_t *copy_text(struct doc_region *region, const void *text, size_t len)
{
    uint8_t *bytes = doc_region_take(region, len + 1);
    memcpy(bytes, text, len + 1);
    return bytes;
}

static struct doc *copy_value(struct doc_region *region, const struct doc *doc);

static void copy_members(struct doc_region *region, struct doc *copy, const struct doc *doc)
{
    copy->members = doc_region_take(region, doc->count * sizeof *doc->members);
    for (uint32_t i = 0; i < doc->count; i++) {
        struct view key = doc->members[i].key;
        copy->members[i].key = view_of(copy_text(region, key.data, key.len), key.len);
        copy->members[i].value = copy_value(region, doc->members[i].value);
    }
}

static void copy_elements(struct doc_region *region, struct doc *copy, const struct doc *doc)
{
    copy->elements = doc_region_take(region, doc->count * sizeof(struct doc *));
    for (uint32_t i = 0; i < doc->count; i++)
        copy->elements[i] = copy_value(region, doc->elements[i]);
}

static struct doc *copy_value(struct doc_region *region, const struct doc *doc)
{
    if (!doc->arena)
        return doc_constant((enum doc_kind)doc->kind, doc->count != 0);
    struct doc *copy = doc_region_node(region, (enum doc_kind)doc->kind);
    copy->count = doc->count;
    if (doc->kind == DOC_OBJECT)
        copy_members(region, copy, doc);
    else if (doc->kind == DOC_ARRAY)
        copy_elements(region, copy, doc);
    else if (doc->kind == DOC_TEXT)
        copy->text = (const char *)copy_text(region, doc->text, doc->count);
    else
        copy->number = doc->number;
    return copy;
}

struct doc *doc_copy(const struct doc *doc)
{
    if (!doc || !doc->arena)
        return doc_ref(doc);
    return copy_value(doc_region_new(copy_bytes(doc)), doc);
}

size_t doc_copy_bytes(const struct doc *doc)
{
    return doc ? copy_bytes(doc) : 0;
}
