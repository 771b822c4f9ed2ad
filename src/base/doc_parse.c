/* Parsing: the grammar of RFC 8259 over the tokens of doc_text.c, building the tree of doc.c.
 *
 * The text is copied once, into the region of the document; keys and texts without escapes stay
 * where they are in that copy, ended by a NUL over their closing quote, which the lexer has passed
 * by then. Nodes lie behind it. A document that turns out bad takes its region with it.
 *
 * Invariants: recursion is bounded by DOC_DEPTH_MAX, since a container deeper than that is refused
 * before it is entered. Objects get their members in canonical order, and equal keys come to stand
 * side by side: the cost is at most n log n of the text, whatever the keys. */
#include "base/doc_text.h"
#include "base/doc_tree.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#include <string.h>

#define ITEMS_USUAL 64
/* Nodes and members take about twice the text in documents as they are; more is taken on demand. */
#define REGION_BYTES(text_len) (3 * (text_len) + 256)

/* Items of the containers that are open, innermost last; they move into theirs at its end.
 * Elements of arrays have no key. */
struct parser {
    struct doc_lexer lexer;
    struct doc_region *region;
    uint8_t *text; /* the copy */
    size_t text_len;
    struct doc_member *items;
    size_t count;
    size_t capacity;
    struct doc_member usual[ITEMS_USUAL];
};

static void parser_free(struct parser *parser)
{
    if (parser->items != parser->usual)
        memory_free(parser->items);
    doc_lexer_free(&parser->lexer);
    doc_region_free(&parser->region);
}

static void parser_push(struct parser *parser, struct doc_member item)
{
    if (parser->count == parser->capacity) {
        struct doc_member *old = parser->items == parser->usual ? NULL : parser->items;
        parser->capacity *= 2;
        parser->items = memory_resize(old, parser->capacity * sizeof *parser->items);
        if (!old)
            memcpy(parser->items, parser->usual, sizeof parser->usual);
    }
    parser->items[parser->count++] = item;
}

/* The text token just read, to stay: with a NUL behind it. */
static struct view parser_keep_text(struct parser *parser)
{
    struct view text = parser->lexer.text;
    uint8_t *kept;
    ENSURE(text.len < UINT32_MAX);
    if (text.data >= parser->text && text.data < parser->text + parser->text_len) {
        kept = parser->text + (text.data - parser->text);
    } else { /* it had escapes */
        kept = doc_region_take(parser->region, text.len + 1);
        if (text.len > 0)
            memcpy(kept, text.data, text.len);
    }
    kept[text.len] = 0;
    return view_of(kept, text.len);
}

static int parse_value(struct doc **out, struct parser *parser, enum doc_token token, int depth);

/* From a key to the end of its value. */
static int parse_member(struct parser *parser, enum doc_token token, int depth)
{
    if (token != DOC_TOKEN_TEXT)
        return ERR_JSON_SYNTAX;
    if (!parser->lexer.ascii)
        return ERR_JSON_TEXT;
    struct doc_member member = {.key = parser_keep_text(parser)};
    int error = doc_lexer_next(&parser->lexer, &token);
    if (error || token != DOC_TOKEN_COLON)
        return error ? error : ERR_JSON_SYNTAX;
    error = doc_lexer_next(&parser->lexer, &token);
    if (!error)
        error = parse_value(&member.value, parser, token, depth);
    if (!error)
        parser_push(parser, member);
    return error;
}

/* Makes an object of the items from `base` on, in canonical order. */
static int parser_pop_object(struct doc **out, struct parser *parser, size_t base)
{
    size_t count = parser->count - base;
    struct doc_member *members = &parser->items[base];
    doc_members_sort(members, count);
    for (size_t i = 1; i < count; i++) {
        if (view_equal(members[i - 1].key, members[i].key))
            return ERR_JSON_DUPLICATE;
    }
    *out = doc_region_object(parser->region, members, count);
    parser->count = base;
    return OK;
}

static int parse_object(struct doc **out, struct parser *parser, int depth)
{
    size_t base = parser->count;
    enum doc_token token;
    int error = doc_lexer_next(&parser->lexer, &token);
    while (!error && !(token == DOC_TOKEN_OBJECT_END && parser->count == base)) {
        error = parse_member(parser, token, depth);
        if (!error)
            error = doc_lexer_next(&parser->lexer, &token);
        if (error || token == DOC_TOKEN_OBJECT_END)
            break;
        if (token != DOC_TOKEN_COMMA)
            return ERR_JSON_SYNTAX;
        error = doc_lexer_next(&parser->lexer, &token);
    }
    return error ? error : parser_pop_object(out, parser, base);
}

static int parse_array(struct doc **out, struct parser *parser, int depth)
{
    size_t base = parser->count;
    enum doc_token token;
    int error = doc_lexer_next(&parser->lexer, &token);
    while (!error && !(token == DOC_TOKEN_ARRAY_END && parser->count == base)) {
        struct doc_member element = {0};
        error = parse_value(&element.value, parser, token, depth);
        if (error)
            return error;
        parser_push(parser, element);
        error = doc_lexer_next(&parser->lexer, &token);
        if (error || token == DOC_TOKEN_ARRAY_END)
            break;
        if (token != DOC_TOKEN_COMMA)
            return ERR_JSON_SYNTAX;
        error = doc_lexer_next(&parser->lexer, &token);
    }
    if (error)
        return error;
    *out = doc_region_array(parser->region, &parser->items[base], parser->count - base);
    parser->count = base;
    return OK;
}

static struct doc *parser_text(struct parser *parser)
{
    struct view text = parser_keep_text(parser);
    struct doc *node = doc_region_node(parser->region, DOC_TEXT);
    node->text = (const char *)text.data;
    node->count = (uint32_t)text.len;
    return node;
}

static struct doc *parser_int(struct parser *parser)
{
    struct doc *node = doc_region_node(parser->region, DOC_INT);
    node->number = parser->lexer.number;
    return node;
}

/* `token` starts the value; `depth` containers are open around it, so recursion is bounded. */
static int parse_value(struct doc **out, struct parser *parser, enum doc_token token, int depth)
{
    switch (token) {
    case DOC_TOKEN_OBJECT:
        return depth == DOC_DEPTH_MAX ? ERR_JSON_DEPTH : parse_object(out, parser, depth + 1);
    case DOC_TOKEN_ARRAY:
        return depth == DOC_DEPTH_MAX ? ERR_JSON_DEPTH : parse_array(out, parser, depth + 1);
    case DOC_TOKEN_TEXT:
        *out = parser_text(parser);
        break;
    case DOC_TOKEN_INT:
        *out = parser_int(parser);
        break;
    case DOC_TOKEN_TRUE:
        *out = doc_constant(DOC_BOOL, true);
        break;
    case DOC_TOKEN_FALSE:
        *out = doc_constant(DOC_BOOL, false);
        break;
    case DOC_TOKEN_NULL:
        *out = doc_constant(DOC_NULL, false);
        break;
    default:
        return ERR_JSON_SYNTAX;
    }
    return OK;
}

/* Copies the text into a new region, and reads it there. */
static void parser_start(struct parser *parser, struct view text)
{
    parser->region = doc_region_new(REGION_BYTES(text.len));
    parser->text = doc_region_take(parser->region, text.len);
    parser->text_len = text.len;
    if (text.len > 0)
        memcpy(parser->text, text.data, text.len);
    parser->lexer = doc_lexer_of(view_of(parser->text, text.len));
    parser->items = parser->usual;
    parser->capacity = ITEMS_USUAL;
    parser->count = 0;
}

/* The root keeps the region; a constant needs none. */
static struct doc *parser_finish(struct parser *parser, struct doc *root)
{
    if (root->arena)
        parser->region = NULL;
    return root;
}

/* *stop: how far into the text the lexer came. */
static int parse_text(struct doc **out, size_t *stop, struct view text)
{
    AUTO(parser_free) struct parser parser;
    struct doc *root = NULL;
    enum doc_token token;
    parser_start(&parser, text);
    int error = doc_lexer_next(&parser.lexer, &token);
    if (!error)
        error = parse_value(&root, &parser, token, 0);
    if (!error)
        error = doc_lexer_next(&parser.lexer, &token);
    *stop = (size_t)(parser.lexer.at - parser.text);
    if (error || token != DOC_TOKEN_END)
        return error ? error : ERR_JSON_SYNTAX;
    *out = parser_finish(&parser, root);
    return OK;
}

int doc_parse(struct doc **out, struct view text, size_t bytes_max)
{
    size_t stop;
    *out = NULL;
    return text.len > bytes_max ? ERR_TOO_LARGE : parse_text(out, &stop, text);
}

struct view doc_past_mark(struct view text)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t skip = strlen(mark);
    bool marked = text.len >= skip && memcmp(text.data, mark, skip) == 0;
    return marked ? view_of(text.data + skip, text.len - skip) : text;
}

int doc_parse_file(struct doc **out, size_t *line, struct view text, size_t bytes_max)
{
    size_t stop;
    *out = NULL;
    *line = 0;
    if (text.len > bytes_max)
        return ERR_TOO_LARGE;
    text = doc_past_mark(text);
    int error = parse_text(out, &stop, text);
    for (size_t i = 0; error && i < stop; i++)
        *line += text.data[i] == '\n';
    *line += error != OK;
    return error;
}
