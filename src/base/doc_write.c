/* Documents as text: RFC 8785 canonical form, the same indented for people, and hashes of it.
 * Members stand in canonical order in the tree already. */
#include "base/doc_text.h"
#include "base/doc_tree.h"
#include "base/ensure.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"

#define CANONICAL_BYTES_USUAL 512

#define SCALAR_BYTES_MAX DOC_DECIMAL_BYTES /* also of true, false, null */
#define MARKS_BYTES_MAX 8                  /* comma, colon and space, brackets */

/* Writes where there is room already: every value reserves what it takes but for what it holds. */
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
    buf_reserve(writer->out, MARKS_BYTES_MAX);
}

static void put(struct writer *writer, char byte)
{
    writer->out->data[writer->out->len++] = (uint8_t)byte;
}

static void put_word(struct writer *writer, const char *word)
{
    for (; *word != 0; word++)
        put(writer, *word);
}

static void write_container(struct writer *writer, const struct doc *doc, int depth);

static void write_value(struct writer *writer, const struct doc *doc, int depth)
{
    struct buf *out = writer->out;
    size_t text = doc->kind == DOC_TEXT ? DOC_QUOTED_BYTES((size_t)doc->count) : SCALAR_BYTES_MAX;
    buf_reserve(out, text + MARKS_BYTES_MAX);
    uint8_t *to = out->data + out->len;
    switch ((enum doc_kind)doc->kind) {
    case DOC_OBJECT:
    case DOC_ARRAY:
        write_container(writer, doc, depth);
        break;
    case DOC_TEXT:
        out->len = (size_t)(doc_text_quote(to, view_of(doc->text, doc->count)) - out->data);
        break;
    case DOC_INT:
        out->len = (size_t)(doc_text_decimal(to, doc->number) - out->data);
        break;
    case DOC_BOOL:
        put_word(writer, doc->count != 0 ? "true" : "false");
        break;
    case DOC_NULL:
        put_word(writer, "null");
        break;
    }
}

static void write_members(struct writer *writer, const struct doc *object, int depth)
{
    struct buf *out = writer->out;
    for (uint32_t i = 0; i < object->count; i++) {
        const struct doc_member *member = &object->members[i];
        if (i > 0)
            put(writer, ',');
        write_line(writer, depth);
        buf_reserve(out, DOC_QUOTED_BYTES(member->key.len) + MARKS_BYTES_MAX);
        out->len = (size_t)(doc_text_quote(out->data + out->len, member->key) - out->data);
        put_word(writer, writer->pretty ? ": " : ":");
        write_value(writer, member->value, depth);
    }
}

static void write_elements(struct writer *writer, const struct doc *array, int depth)
{
    for (uint32_t i = 0; i < array->count; i++) {
        if (i > 0)
            put(writer, ',');
        write_line(writer, depth);
        write_value(writer, array->elements[i], depth);
    }
}

/* `depth` containers are open around the value. */
static void write_container(struct writer *writer, const struct doc *doc, int depth)
{
    ENSURE(depth < DOC_BUILT_DEPTH_MAX);
    bool is_object = doc->kind == DOC_OBJECT;
    put(writer, is_object ? '{' : '[');
    if (is_object)
        write_members(writer, doc, depth + 1);
    else
        write_elements(writer, doc, depth + 1);
    if (doc->count > 0)
        write_line(writer, depth);
    buf_reserve(writer->out, MARKS_BYTES_MAX);
    put(writer, is_object ? '}' : ']');
}

void doc_append_canonical(struct buf *out, const struct doc *doc)
{
    ENSURE(doc);
    write_value(&(struct writer){.out = out}, doc, 0);
}

void doc_append_pretty(struct buf *out, const struct doc *doc)
{
    ENSURE(doc);
    write_value(&(struct writer){.out = out, .pretty = true}, doc, 0);
}

void doc_hash(struct hash *out, const char *tag, const struct doc *doc)
{
    AUTO(buf_free) struct buf text = {0};
    buf_reserve(&text, CANONICAL_BYTES_USUAL);
    doc_append_canonical(&text, doc);
    *out = hash_tagged(tag, view_of_buf(&text));
}

/* No canonical form is longer than twice what a copy of the document takes: only giants are
 * written out to know. */
size_t doc_canonical_beyond(const struct doc *doc, size_t room)
{
    if (doc == NULL || doc_copy_bytes(doc) <= room / 2) {
        return 0;
    }
    AUTO(buf_free) struct buf text = {0};
    doc_append_canonical(&text, doc);
    return text.len > room ? text.len - room : 0;
}
