/* JSON documents as trees of the JSON library, which only this file knows: `struct doc` is its node
 * under another name. Text level: doc_text.c; parsing: doc_parse.c; convenience: doc_fields.c.
 *
 * Invariants: parsed objects hold their members in canonical order, so that writing and iterating
 * them needs no sorting; built ones may hold any order, and every way out of here sorts them.
 * Neither insertion nor hash order is ever visible.
 * References are counted here rather than by the library's inline functions, because these read
 * the counter unsynchronised and do not acquire before they delete. */
#include "base/doc.h"

#include "base/doc_text.h"
#include "base/doc_tree.h"
#include "base/ensure.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define MEMBERS_ON_STACK 32
#define CANONICAL_BYTES_USUAL 512

static json_t *node_of(const struct doc *doc)
{
    return (json_t *)(uintptr_t)doc;
}

static struct doc *doc_of(const json_t *node)
{
    return (struct doc *)(uintptr_t)node;
}

/* ---- references ---- */

static void node_drop(json_t *node)
{
    if (!node || __atomic_load_n(&node->refcount, __ATOMIC_RELAXED) == (size_t)-1)
        return; /* true, false and null are static */
    if (__atomic_sub_fetch(&node->refcount, 1, __ATOMIC_ACQ_REL) == 0)
        json_delete(node);
}

void doc_free(struct doc **doc)
{
    node_drop(node_of(*doc));
    *doc = NULL;
}

struct doc *doc_ref(const struct doc *doc)
{
    json_t *node = node_of(doc);
    if (node && __atomic_load_n(&node->refcount, __ATOMIC_RELAXED) != (size_t)-1)
        __atomic_add_fetch(&node->refcount, 1, __ATOMIC_RELAXED);
    return doc_of(node);
}

struct doc *doc_copy(const struct doc *doc)
{
    return doc ? doc_of(memory_must(json_deep_copy(node_of(doc)))) : NULL;
}

/* ---- canonical order ---- */

static int member_compare(const void *a, const void *b)
{
    const struct doc_member *left = a;
    const struct doc_member *right = b;
    return view_compare(left->key, right->key);
}

/* Usually sorted already, or few. */
void doc_members_sort(struct doc_member *members, size_t count)
{
    size_t sorted = 1;
    while (sorted < count && member_compare(&members[sorted - 1], &members[sorted]) <= 0)
        sorted++;
    if (sorted >= count)
        return;
    if (count > MEMBERS_ON_STACK) {
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

/* ---- writing ---- */

struct writer {
    struct buf *out;
    bool pretty;
};

static void write_line(struct writer *writer, int depth)
{
    if (!writer->pretty)
        return;
    buf_append_u8(writer->out, '\n');
    for (int i = 0; i < depth; i++)
        buf_append(writer->out, "  ", 2);
}

static void write_value(struct writer *writer, json_t *node, int depth);

static void write_object(struct writer *writer, json_t *object, int depth)
{
    size_t count = json_object_size(object);
    struct doc_member on_stack[MEMBERS_ON_STACK];
    AUTO(buf_free) struct buf on_heap = {0};
    struct doc_member *members = on_stack;
    if (count > MEMBERS_ON_STACK) {
        buf_reserve(&on_heap, count * sizeof *members);
        members = (struct doc_member *)(void *)on_heap.data;
    }
    size_t i = 0;
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at), i++)
        members[i] = (struct doc_member){
            .key = view_of(json_object_iter_key(at), json_object_iter_key_len(at)),
            .value = doc_of(json_object_iter_value(at))};
    ENSURE(i == count);
    doc_members_sort(members, count);
    for (i = 0; i < count; i++) {
        if (i > 0)
            buf_append_u8(writer->out, ',');
        write_line(writer, depth);
        doc_text_append_quoted(writer->out, members[i].key);
        buf_append(writer->out, ": ", writer->pretty ? 2 : 1);
        write_value(writer, node_of(members[i].value), depth);
    }
}

static void write_array(struct writer *writer, json_t *array, int depth)
{
    size_t count = json_array_size(array);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_append_u8(writer->out, ',');
        write_line(writer, depth);
        write_value(writer, json_array_get(array, i), depth);
    }
}

/* `depth` containers are open around the value. */
static void write_container(struct writer *writer, json_t *node, int depth)
{
    ENSURE(depth < DOC_BUILT_DEPTH_MAX);
    bool is_object = json_is_object(node);
    buf_append_u8(writer->out, is_object ? '{' : '[');
    if (is_object)
        write_object(writer, node, depth + 1);
    else
        write_array(writer, node, depth + 1);
    if (doc_count(doc_of(node)) > 0)
        write_line(writer, depth);
    buf_append_u8(writer->out, is_object ? '}' : ']');
}

static void write_value(struct writer *writer, json_t *node, int depth)
{
    switch (doc_kind(doc_of(node))) {
    case DOC_OBJECT:
    case DOC_ARRAY:
        write_container(writer, node, depth);
        break;
    case DOC_TEXT:
        doc_text_append_quoted(writer->out,
                               view_of(json_string_value(node), json_string_length(node)));
        break;
    case DOC_INT:
        doc_text_append_int(writer->out, json_integer_value(node));
        break;
    case DOC_BOOL:
        buf_append_text(writer->out, json_is_true(node) ? "true" : "false");
        break;
    case DOC_NULL:
        buf_append_text(writer->out, "null");
        break;
    }
}

void doc_append_canonical(struct buf *out, const struct doc *doc)
{
    ENSURE(doc);
    write_value(&(struct writer){.out = out}, node_of(doc), 0);
}

void doc_append_pretty(struct buf *out, const struct doc *doc)
{
    ENSURE(doc);
    write_value(&(struct writer){.out = out, .pretty = true}, node_of(doc), 0);
}

void doc_hash(struct hash *out, const char *tag, const struct doc *doc)
{
    AUTO(buf_free) struct buf text = {0};
    buf_reserve(&text, CANONICAL_BYTES_USUAL);
    doc_append_canonical(&text, doc);
    *out = hash_tagged(tag, view_of_buf(&text));
}

bool doc_equal(const struct doc *a, const struct doc *b)
{
    return a == b || json_equal(node_of(a), node_of(b)) == 1;
}

/* ---- reading ---- */

enum doc_kind doc_kind(const struct doc *doc)
{
    if (!doc)
        return DOC_NULL;
    switch (json_typeof(node_of(doc))) {
    case JSON_OBJECT:
        return DOC_OBJECT;
    case JSON_ARRAY:
        return DOC_ARRAY;
    case JSON_STRING:
        return DOC_TEXT;
    case JSON_INTEGER:
        return DOC_INT;
    case JSON_TRUE:
    case JSON_FALSE:
        return DOC_BOOL;
    case JSON_NULL:
        return DOC_NULL;
    case JSON_REAL:
        break;
    }
    ensure_failed(__FILE__, __LINE__, "a document holds no reals");
}

const struct doc *doc_get(const struct doc *object, const char *key)
{
    return doc_of(json_object_get(node_of(object), key));
}

const struct doc *doc_at(const struct doc *array, size_t index)
{
    return doc_of(json_array_get(node_of(array), index));
}

size_t doc_count(const struct doc *array_or_object)
{
    json_t *node = node_of(array_or_object);
    return json_is_object(node) ? json_object_size(node) : json_array_size(node);
}

const char *doc_text(const struct doc *doc)
{
    return json_string_value(node_of(doc));
}

int64_t doc_int(const struct doc *doc, int64_t otherwise)
{
    return json_is_integer(node_of(doc)) ? json_integer_value(node_of(doc)) : otherwise;
}

bool doc_bool(const struct doc *doc, bool otherwise)
{
    json_t *node = node_of(doc);
    return json_is_boolean(node) ? json_is_true(node) : otherwise;
}

/* ---- iterating ---- */

/* The cursor is the library's position of the member that was given last. Its lowest bit, free
 * because positions are aligned, tells that the object is in canonical order from end to end. */
#define CURSOR_IN_ORDER ((size_t)1)

static int position_compare(void *a, void *b)
{
    return strcmp(json_object_iter_key(a), json_object_iter_key(b)); /* keys hold no NUL */
}

static bool object_in_order(json_t *object)
{
    void *before = json_object_iter(object);
    void *at = before ? json_object_iter_next(object, before) : NULL;
    for (; at; before = at, at = json_object_iter_next(object, at)) {
        if (position_compare(before, at) > 0)
            return false;
    }
    return true;
}

/* The position with the smallest key beyond that at `after`, or of all if NULL. */
static void *object_position_after(json_t *object, void *after)
{
    void *best = NULL;
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        if ((!after || position_compare(at, after) > 0) &&
            (!best || position_compare(at, best) < 0))
            best = at;
    }
    return best;
}

bool doc_next(const struct doc *object, size_t *cursor, const char **key, const struct doc **value)
{
    json_t *node = node_of(object);
    void *last = (void *)(uintptr_t)(*cursor & ~CURSOR_IN_ORDER);
    size_t in_order = *cursor & CURSOR_IN_ORDER;
    if (!last)
        in_order = object_in_order(node) ? CURSOR_IN_ORDER : 0;
    void *at;
    if (in_order)
        at = last ? json_object_iter_next(node, last) : json_object_iter(node);
    else
        at = object_position_after(node, last);
    if (!at)
        return false;
    *cursor = (size_t)(uintptr_t)at | in_order;
    *key = json_object_iter_key(at);
    *value = doc_of(json_object_iter_value(at));
    return true;
}

/* ---- building ---- */

struct doc *doc_new_object(void)
{
    return doc_of(memory_must(json_object()));
}

struct doc *doc_new_array(void)
{
    return doc_of(memory_must(json_array()));
}

struct doc *doc_new_int(int64_t value)
{
    ENSURE(value >= -DOC_INT_MAX && value <= DOC_INT_MAX);
    return doc_of(memory_must(json_integer(value)));
}

struct doc *doc_new_bool(bool value)
{
    return doc_of(json_boolean(value));
}

struct doc *doc_new_null(void)
{
    return doc_of(json_null());
}

void doc_remove(struct doc *object, const char *key)
{
    ENSURE(doc_kind(object) == DOC_OBJECT);
    (void)json_object_del(node_of(object), key); /* fails only if there is none */
}

void doc_push(struct doc *array, struct doc *value)
{
    ENSURE(doc_kind(array) == DOC_ARRAY && value && value != array);
    memory_must(json_array_append_new(node_of(array), node_of(value)) == 0 ? array : NULL);
}

struct doc *doc_new_text_unchecked(struct view text)
{
    return doc_of(memory_must(json_stringn_nocheck((const char *)text.data, text.len)));
}

void doc_set_unchecked(struct doc *object, struct view key, struct doc *value)
{
    ENSURE(doc_kind(object) == DOC_OBJECT && value && value != object);
    int failed = json_object_setn_new_nocheck(node_of(object), (const char *)key.data, key.len,
                                              node_of(value));
    memory_must(failed ? NULL : object);
}
