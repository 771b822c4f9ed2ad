/* doc_parse has a lexer of its own. Here it is held against the JSON library's reader on mutated
 * documents: it must take exactly what the library takes and doc.h allows, and write it as the
 * library does. One difference is known and left out: the library swallows a raw NUL byte behind a
 * number ("[1\0,2]"), which test_doc.c refuses. On failure the seed and the text are printed; run
 * with the seed as the argument. */
#include "check.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 60000
#define TEXT_BYTES_MAX 400

static uint64_t first_seed = 20260212;

static const char *const samples[] = {
    ("{\"chain\":\"9f86d081\",\"type\":\"catalog.submit\",\"expires\":1767225600000,\"body\":"
     "{\"title\":\"不动产登记信息\",\"items\":[{\"name\":\"owner\"}],\"open\":false}}"),
    "[0,-1,9007199254740991,-9007199254740991,125,true,false,null,\"\",{},[]]",
    "{\"a\":\"\\u0041\\n\\t\\\"\\\\\\/\\ud83d\\ude00\",\"b\":\"é中😀\",\"c\":\"\\u4e2d\"}",
    "[[[[[[[[[[[[[[[[\"deep\"]]]]]]]]]]]]]]]]",
    " { \"z\" : 1 , \"y\" : { \"x\" : [ 1 , 2 ] } , \"aa\" : \"plain\" } ",
};

static const char *const pieces[] = {
    "\"",       "\\",       "{",        "}",        "[",    "]",
    ",",        ":",        " ",        "\n",       "/",    "0",
    "9",        "-",        ".5",       "e1",       "\x01", "\x7f",
    "\x80",     "\xc2\x9f", "\xc3\xa9", "\xf0\x9f", "\\u",  "\\u0061",
    "\\u0000",  "\\ud83d",  "\\udc00",  "\\n",      "\\b",  "\"a\"",
    "\"a\":1,", "null",     "true",     "[[",       "]]",   "9007199254740992",
};

/* Applies one to three edits: change, drop, double or insert. */
static size_t mutate(char *text, uint64_t *random)
{
    const char *sample = samples[check_random(random) % COUNT_OF(samples)];
    size_t len = strlen(sample);
    memcpy(text, sample, len);
    uint64_t edits = 1 + check_random(random) % 3;
    for (uint64_t i = 0; i < edits && len > 0; i++) {
        size_t at = (size_t)(check_random(random) % len);
        const char *piece = pieces[check_random(random) % COUNT_OF(pieces)];
        size_t piece_len = strlen(piece);
        switch (check_random(random) % 4) {
        case 0:
            text[at] = (char)(1 + check_random(random) % 255);
            break;
        case 1:
            memmove(text + at, text + at + 1, len - at - 1);
            len--;
            break;
        case 2: /* a stretch again, as happens to keys */
            piece = text + at;
            piece_len = len - at < 12 ? len - at : 12;
            /* fall through */
        default:
            if (len + piece_len <= TEXT_BYTES_MAX) {
                char copy[24];
                memcpy(copy, piece, piece_len);
                memmove(text + at + piece_len, text + at, len - at);
                memcpy(text + at, copy, piece_len);
                len += piece_len;
            }
        }
    }
    return len;
}

static bool text_allowed(const char *text, size_t len, bool key)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        unsigned char next = i + 1 < len ? (unsigned char)text[i + 1] : 0;
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || (c == 0xc2 && next < 0xa0) ||
            (key && c >= 0x80))
            return false;
    }
    return true;
}

/* Whether doc.h allows what the library has read. */
static bool allowed(json_t *node, int depth)
{
    const char *key;
    size_t key_len, index;
    json_t *value;
    switch (json_typeof(node)) {
    case JSON_OBJECT:
        json_object_keylen_foreach(node, key, key_len, value)
        {
            if (!text_allowed(key, key_len, true) || !allowed(value, depth + 1))
                return false;
        }
        return depth < DOC_DEPTH_MAX;
    case JSON_ARRAY:
        json_array_foreach(node, index, value)
        {
            if (!allowed(value, depth + 1))
                return false;
        }
        return depth < DOC_DEPTH_MAX;
    case JSON_STRING:
        return text_allowed(json_string_value(node), json_string_length(node), false);
    case JSON_INTEGER:
        return llabs(json_integer_value(node)) <= DOC_INT_MAX;
    case JSON_REAL:
        return false;
    default:
        return true;
    }
}

static void compare(struct view text, uint64_t seed)
{
    struct doc *doc = NULL;
    int error = doc_parse(&doc, text, TEXT_BYTES_MAX);
    json_error_t why;
    json_t *node = json_loadb((const char *)text.data, text.len,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    bool expected = node && allowed(node, 0);
    if ((error == OK) != expected)
        fail_msg("seed %llu: %s, but the library: %s\n%.*s", (unsigned long long)seed,
                 error_code(error), node ? "fine" : why.text, (int)text.len, text.data);
    if (expected) {
        AUTO(buf_free) struct buf ours = {0};
        doc_append_canonical(&ours, doc);
        char *theirs = json_dumps(node, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
        assert_string_equal(buf_text(&ours), theirs);
        free(theirs);
    }
    doc_free(&doc);
    json_decref(node);
}

static void both_readers_agree(void **state)
{
    (void)state;
    char text[TEXT_BYTES_MAX];
    for (uint64_t round = 0; round < ROUNDS; round++) {
        uint64_t random = first_seed + round;
        size_t len = mutate(text, &random);
        /* A block of its own size, so that a sanitizer sees a step beyond it. */
        uint8_t *exact = memory_alloc(len);
        memcpy(exact, text, len);
        compare(view_of(exact, len), first_seed + round);
        memory_free(exact);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1)
        first_seed = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_readers_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
