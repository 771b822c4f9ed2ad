/* Parsing: the grammar of RFC 8259 over the tokens of doc_text.c, building the tree of doc.c.
 *
 * Invariants: recursion is bounded by DOC_DEPTH_MAX, since a container deeper than that is refused
 * before it is entered. Objects get their members in canonical order, so that writing and
 * iterating them later needs no sorting, and equal keys come to stand side by side: the cost is at
 * most n log n of the text, whatever the keys. */
#include "base/doc_text.h"
#include "base/doc_tree.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#define MEMBERS_USUAL 32

/* Members of the objects that are open, innermost last; an object's values move into it at its
 * end. What is left here after an error is released with the parser. */
struct parser {
    struct doc_lexer lexer;
    struct doc_member *members;
    size_t count;
    size_t capacity;
};

static void parser_free(struct parser *parser)
{
    for (size_t i = 0; i < parser->count; i++)
        doc_free(&parser->members[i].value);
    memory_free(parser->members);
    doc_lexer_free(&parser->lexer);
}

static void parser_push(struct parser *parser, struct doc_member member)
{
    if (parser->count == parser->capacity) {
        parser->capacity = parser->capacity > 0 ? 2 * parser->capacity : MEMBERS_USUAL;
        parser->members =
            memory_resize(parser->members, parser->capacity * sizeof *parser->members);
    }
    parser->members[parser->count++] = member;
}

static int parse_value(struct doc **out, struct parser *parser, enum doc_token token, int depth);

/* From a key to the end of its value. */
static int parse_member(struct parser *parser, enum doc_token token, int depth)
{
    if (token != DOC_TOKEN_TEXT)
        return ERR_JSON_SYNTAX;
    if (!parser->lexer.ascii)
        return ERR_JSON_TEXT;
    struct doc_member member = {.key = parser->lexer.text};
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

/* Makes an object of the members from `base` on, in canonical order. */
static int parser_pop_object(struct doc **out, struct parser *parser, size_t base)
{
    size_t count = parser->count - base;
    struct doc_member *members = count > 0 ? &parser->members[base] : NULL;
    doc_members_sort(members, count);
    for (size_t i = 1; i < count; i++) {
        if (view_equal(members[i - 1].key, members[i].key))
            return ERR_JSON_DUPLICATE;
    }
    struct doc *object = doc_new_object();
    for (size_t i = 0; i < count; i++)
        doc_set_unchecked(object, members[i].key, members[i].value);
    parser->count = base;
    *out = object;
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
    AUTO(doc_free) struct doc *array = doc_new_array();
    enum doc_token token;
    int error = doc_lexer_next(&parser->lexer, &token);
    while (!error && !(token == DOC_TOKEN_ARRAY_END && doc_count(array) == 0)) {
        struct doc *element = NULL;
        error = parse_value(&element, parser, token, depth);
        if (error)
            return error;
        doc_push(array, element);
        error = doc_lexer_next(&parser->lexer, &token);
        if (error || token == DOC_TOKEN_ARRAY_END)
            break;
        if (token != DOC_TOKEN_COMMA)
            return ERR_JSON_SYNTAX;
        error = doc_lexer_next(&parser->lexer, &token);
    }
    if (error)
        return error;
    *out = array;
    array = NULL;
    return OK;
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
        *out = doc_new_text_unchecked(parser->lexer.text);
        break;
    case DOC_TOKEN_INT:
        *out = doc_new_int(parser->lexer.number);
        break;
    case DOC_TOKEN_TRUE:
        *out = doc_new_bool(true);
        break;
    case DOC_TOKEN_FALSE:
        *out = doc_new_bool(false);
        break;
    case DOC_TOKEN_NULL:
        *out = doc_new_null();
        break;
    default:
        return ERR_JSON_SYNTAX;
    }
    return OK;
}

int doc_parse(struct doc **out, struct view text, size_t bytes_max)
{
    *out = NULL;
    if (text.len > bytes_max)
        return ERR_TOO_LARGE;
    AUTO(parser_free) struct parser parser = {.lexer = doc_lexer_of(text)};
    AUTO(doc_free) struct doc *root = NULL;
    enum doc_token token;
    int error = doc_lexer_next(&parser.lexer, &token);
    if (!error)
        error = parse_value(&root, &parser, token, 0);
    if (!error)
        error = doc_lexer_next(&parser.lexer, &token);
    if (error || token != DOC_TOKEN_END)
        return error ? error : ERR_JSON_SYNTAX;
    *out = root;
    root = NULL;
    return OK;
}
