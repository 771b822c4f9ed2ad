/* The tree behind documents. Only doc*.c include this.
 *
 * A node belongs to an arena, and references are counted by arena: holding any node keeps all of
 * its arena. There are two sorts:
 *
 *   parsed (or copied)   one arena for the whole document: nodes, members, texts side by side in
 *                        a few blocks, released at once
 *   built                one arena for each node, in one block with it
 *
 *   object ──▶ members[] (key, value*)   array ──▶ elements[] (value*)   text ──▶ bytes, NUL
 *
 * Members stand in canonical order always. A container that was changed holds its items in a block
 * of its own ("heap"), and a reference on the arena of each child that lives in another arena; on
 * its own arena it holds none, or it could never be released. */
#ifndef DIRCHAIN_BASE_DOC_TREE_H
#define DIRCHAIN_BASE_DOC_TREE_H

#include "base/doc.h"

#include <stdatomic.h>

struct doc_arena {
    atomic_uint references;
    bool built; /* the node follows; otherwise a struct doc_region */
};

struct doc_member {
    struct view key; /* a NUL follows */
    struct doc *value;
};

struct doc {
    uint8_t kind;   /* enum doc_kind */
    bool heap;      /* items are in a heap block */
    uint32_t count; /* bytes of a text; members; elements; of a boolean 0 or 1 */
    union {
        int64_t number;
        const char *text;
        struct doc_member *members;
        struct doc **elements;
    };
    struct doc_arena *arena; /* NULL: true, false and null, which live for ever */
};

/* The arena of a parsed document. */
struct doc_region;
struct doc_region *doc_region_new(size_t bytes_expected);
void *doc_region_take(struct doc_region *region, size_t bytes); /* aligned, not zeroed */
struct doc *doc_region_node(struct doc_region *region, enum doc_kind kind);
void doc_region_free(struct doc_region **region); /* before its root was given out */
/* A container takes its items: copied from the lists given. */
struct doc *doc_region_object(struct doc_region *region, const struct doc_member *members,
                              size_t count);
struct doc *doc_region_array(struct doc_region *region, const struct doc_member *values,
                             size_t count);

struct doc *doc_constant(enum doc_kind kind, bool truth); /* true, false, null */
/* Index of the first member not before the key; *found whether it is the key. */
uint32_t doc_member_find(const struct doc *object, struct view key, bool *found);
void doc_members_sort(struct doc_member *members, size_t count);
/* Releases what a heap container holds. */
void doc_items_release(struct doc *container);
/* A container of a region holds its items in a heap block now: to be released with the region. */
void doc_region_note_heap(struct doc *container);

struct doc *doc_new_text_unchecked(struct view text);
void doc_set_unchecked(struct doc *object, struct view key, struct doc *value); /* takes value */

#endif
