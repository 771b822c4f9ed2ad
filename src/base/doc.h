/* JSON documents.
 *
 * A document is a tree of null, booleans, integers, strings, arrays and objects: no reals, every
 * |integer| ≤ 2^53-1, UTF-8 without control characters but \n and \t, ASCII object keys, no
 * duplicate keys, at most DOC_DEPTH_MAX deep. doc_parse enforces this; the builders ENSURE it, but
 * for the depth: a parsed document may be wrapped into a larger one, up to DOC_BUILT_DEPTH_MAX
 * (the writers ENSURE that). "Control character" is Unicode's category Cc: U+0000–1F, U+007F–9F.
 * Documents are reference-counted trees and are treated as immutable once shared between
 * threads. */
#ifndef DIRCHAIN_BASE_DOC_H
#define DIRCHAIN_BASE_DOC_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct doc; /* opaque */

enum doc_kind { DOC_NULL, DOC_BOOL, DOC_INT, DOC_TEXT, DOC_ARRAY, DOC_OBJECT };

/* Parses exactly one document (surrounding white space allowed) of at most bytes_max bytes.
 * Returns 0 and a document the caller releases with doc_free, or ERR_TOO_LARGE, ERR_JSON_*.
 * ERR_JSON_SYNTAX covers what is no JSON at all: trailing bytes, invalid UTF-8, lone surrogates,
 * raw (not escaped) control characters; ERR_JSON_TEXT what JSON allows and we do not. "-0" is 0. */
int doc_parse(struct doc **out, struct view text, size_t bytes_max);
/* What somebody wrote, without the byte order mark that some editors put before it. */
struct view doc_past_mark(struct view text);
/* The same of a file that somebody wrote: a byte order mark before it is no part of it, and *line
 * is where reading stopped, from 1; 0 if it is good, or too large to be read. */
int doc_parse_file(struct doc **out, size_t *line, struct view text, size_t bytes_max);
void doc_free(struct doc **doc); /* drops one reference, leaves NULL; usable with AUTO */
struct doc *doc_ref(const struct doc *doc);
/* Deep, to be changed by its owner. A part of it that is put back into it, below something new, is
 * copied again: a reference to itself would never be released. */
struct doc *doc_copy(const struct doc *doc);
/* Memory that a copy takes. A part of a document keeps all of it in memory: what shall outlive the
 * whole for long is better copied. */
size_t doc_copy_bytes(const struct doc *doc);

/* RFC 8785 canonical form (keys sorted, no white space). */
void doc_append_canonical(struct buf *out, const struct doc *doc);
/* Bytes that the canonical form has beyond `room`; 0 for NULL. */
size_t doc_canonical_beyond(const struct doc *doc, size_t room);
/* Indented by two, keys in canonical order too: for people. */
void doc_append_pretty(struct buf *out, const struct doc *doc);
struct hash;
/* hash_tagged over the canonical form. */
void doc_hash(struct hash *out, const char *tag, const struct doc *doc);
bool doc_equal(const struct doc *a, const struct doc *b);

/* Reading: every getter accepts NULL or another kind and then says "absent". Borrowed results
 * live as long as the document. */
enum doc_kind doc_kind(const struct doc *doc);
const struct doc *doc_get(const struct doc *object, const char *key);
const struct doc *doc_at(const struct doc *array, size_t index);
size_t doc_count(const struct doc *array_or_object);
const char *doc_text(const struct doc *doc); /* NULL if not text; no embedded NUL can occur */
const char *doc_get_text(const struct doc *object, const char *key);
int64_t doc_int(const struct doc *doc, int64_t otherwise);
bool doc_bool(const struct doc *doc, bool otherwise);
int64_t doc_get_int(const struct doc *object, const char *key, int64_t otherwise);
bool doc_get_bool(const struct doc *object, const char *key, bool otherwise);
/* Appends the bytes of a hex field. ERR_FIELD_MISSING, ERR_TOO_LARGE, ERR_HEX. */
int doc_get_bytes(struct buf *out, const struct doc *object, const char *key, size_t bytes_max);
bool doc_text_is(const struct doc *object, const char *key, const char *value);
/* Whether an array of texts holds this one. */
bool doc_has_text(const struct doc *array, const char *value);
/* Iterate the members of an object in canonical key order: start with *cursor = 0; false at the
 * end. A call is O(1) for parsed documents and those built in key order, otherwise O(n). The
 * object must not change meanwhile. */
bool doc_next(const struct doc *object, size_t *cursor, const char **key, const struct doc **value);

/* Building. The value is taken over (its reference moves); setting a key again replaces. */
struct doc *doc_new_object(void);
struct doc *doc_new_array(void);
struct doc *doc_new_text(const char *text); /* ENSUREs valid text: for our own constants and
                                             * values that came out of a document */
struct doc *doc_new_int(int64_t value);
struct doc *doc_new_bool(bool value);
struct doc *doc_new_null(void);
void doc_set(struct doc *object, const char *key, struct doc *value);
void doc_set_text(struct doc *object, const char *key, const char *value);
void doc_set_int(struct doc *object, const char *key, int64_t value);
void doc_set_bool(struct doc *object, const char *key, bool value);
void doc_set_hash(struct doc *object, const char *key, const struct hash *value); /* hex */
void doc_set_bytes(struct doc *object, const char *key, struct view value);       /* hex */
void doc_set_format(struct doc *object, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void doc_remove(struct doc *object, const char *key);
/* Sets the members of `defaults` that `object` lacks, in objects within objects too. The dotted
 * paths of what was set are pushed to `filled`, an array, unless that is NULL. */
void doc_fill_in(struct doc *object, const struct doc *defaults, struct doc *filled);
void doc_push(struct doc *array, struct doc *value);
void doc_push_text(struct doc *array, const char *value);
/* Whether text obeys the rules above (for input that did not come through doc_parse). */
bool doc_text_valid(struct view text);

#endif
