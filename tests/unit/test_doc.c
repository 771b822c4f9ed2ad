/* Documents: what parses and what does not, canonical form, order of iteration, building, reading,
 * sharing between threads. test_doc_oracle.c compares the parser with the library's own. */
#include "check.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"

#include <pthread.h>
#include <string.h>

#define BYTES_MAX (1024 * 1024)

static struct doc *parsed(const char *text)
{
    struct doc *doc = NULL;
    int error = doc_parse(&doc, view_of_text(text), BYTES_MAX);
    if (error)
        fail_msg("%s: %s", error_code(error), text);
    return doc;
}

static void assert_canonical(const struct doc *doc, const char *expected)
{
    AUTO(buf_free) struct buf text = {0};
    doc_append_canonical(&text, doc);
    assert_string_equal(buf_text(&text), expected);
}

/* ---- parsing ---- */

static void accepted(void **state)
{
    (void)state;
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"null", "null"},
        {"true", "true"},
        {" false\r\n", "false"},
        {"0", "0"},
        {"-0", "0"},
        {"-1", "-1"},
        {"9007199254740991", "9007199254740991"},
        {"-9007199254740991", "-9007199254740991"},
        {"\"\"", "\"\""},
        {"[]", "[]"},
        {"{}", "{}"},
        {"\t[ ]\n", "[]"},
        {"{ }", "{}"},
        {"[1 , 2,\n3]", "[1,2,3]"},
        {"[[],{},[[]]]", "[[],{},[[]]]"},
        {" { \"b\" : 1 , \"a\" : [ ] } ", "{\"a\":[],\"b\":1}"},
        {"{\"\":1}", "{\"\":1}"},
        {"\"\\\"\\\\\\/\\n\\t\"", "\"\\\"\\\\/\\n\\t\""},
        {"\"\\u000a\\u0009\\u0022\\u005C\"", "\"\\n\\t\\\"\\\\\""},
        {"\"\\u0041\\u00e9\\u4E2d\\uD83D\\uDE00\"", "\"Aé中😀\""},
        {"\"不动产登记 😀 é\"", "\"不动产登记 😀 é\""},
        {"\"\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"",
         "\"\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\""},
        {"\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""},
        {"{\"\\u0061\\n\":\"x\"}", "{\"a\\n\":\"x\"}"},
        {"[\"\\n\",\"\\t\",\"plain\",\"a\\nb\"]", "[\"\\n\",\"\\t\",\"plain\",\"a\\nb\"]"},
        {"[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"},
        {"[[[[[[[[[[[[[[[{\"a\":1}]]]]]]]]]]]]]]]", "[[[[[[[[[[[[[[[{\"a\":1}]]]]]]]]]]]]]]]"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *doc = parsed(cases[i].text);
        assert_canonical(doc, cases[i].canonical);
        AUTO(doc_free) struct doc *again = parsed(cases[i].canonical);
        assert_true(doc_equal(doc, again));
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        int error;
        const char *text;
    } cases[] = {
        /* no JSON */
        {ERR_JSON_SYNTAX, ""},
        {ERR_JSON_SYNTAX, " \n"},
        {ERR_JSON_SYNTAX, "{"},
        {ERR_JSON_SYNTAX, "}"},
        {ERR_JSON_SYNTAX, "["},
        {ERR_JSON_SYNTAX, "]"},
        {ERR_JSON_SYNTAX, "[1"},
        {ERR_JSON_SYNTAX, "[1,"},
        {ERR_JSON_SYNTAX, "[1,]"},
        {ERR_JSON_SYNTAX, "[,1]"},
        {ERR_JSON_SYNTAX, "[1 2]"},
        {ERR_JSON_SYNTAX, "[1}"},
        {ERR_JSON_SYNTAX, "[1:2]"},
        {ERR_JSON_SYNTAX, "{\"a\"}"},
        {ERR_JSON_SYNTAX, "{\"a\" 1}"},
        {ERR_JSON_SYNTAX, "{\"a\":}"},
        {ERR_JSON_SYNTAX, "{\"a\":1"},
        {ERR_JSON_SYNTAX, "{\"a\":1]"},
        {ERR_JSON_SYNTAX, "{\"a\":1,}"},
        {ERR_JSON_SYNTAX, "{\"a\":1 \"b\":2}"},
        {ERR_JSON_SYNTAX, "{,}"},
        {ERR_JSON_SYNTAX, "{1:2}"},
        {ERR_JSON_SYNTAX, "{a:2}"},
        {ERR_JSON_SYNTAX, "{null:2}"},
        {ERR_JSON_SYNTAX, "tru"},
        {ERR_JSON_SYNTAX, "TRUE"},
        {ERR_JSON_SYNTAX, "nul"},
        {ERR_JSON_SYNTAX, "falsy"},
        {ERR_JSON_SYNTAX, "NaN"},
        {ERR_JSON_SYNTAX, "Infinity"},
        {ERR_JSON_SYNTAX, "-Infinity"},
        {ERR_JSON_SYNTAX, "'a'"},
        {ERR_JSON_SYNTAX, "/**/1"},
        {ERR_JSON_SYNTAX, "\xef\xbb\xbf{}"},
        {ERR_JSON_SYNTAX, "\f1"},
        {ERR_JSON_SYNTAX, "\xc2\xa0"},
        /* trailing bytes */
        {ERR_JSON_SYNTAX, "{}x"},
        {ERR_JSON_SYNTAX, "{}{}"},
        {ERR_JSON_SYNTAX, "[] ]"},
        {ERR_JSON_SYNTAX, "1 2"},
        {ERR_JSON_SYNTAX, "true,"},
        {ERR_JSON_SYNTAX, "truefalse"},
        /* numbers */
        {ERR_JSON_SYNTAX, "-"},
        {ERR_JSON_SYNTAX, "+1"},
        {ERR_JSON_SYNTAX, "01"},
        {ERR_JSON_SYNTAX, "-01"},
        {ERR_JSON_SYNTAX, "00"},
        {ERR_JSON_SYNTAX, "0x10"},
        {ERR_JSON_SYNTAX, "1a"},
        {ERR_JSON_SYNTAX, ".5"},
        {ERR_JSON_SYNTAX, "1."},
        {ERR_JSON_SYNTAX, "1.e5"},
        {ERR_JSON_SYNTAX, "1e"},
        {ERR_JSON_SYNTAX, "1e+"},
        {ERR_JSON_SYNTAX, "--1"},
        {ERR_JSON_REAL, "1.0"},
        {ERR_JSON_REAL, "-0.0"},
        {ERR_JSON_REAL, "1e0"},
        {ERR_JSON_REAL, "1E+2"},
        {ERR_JSON_REAL, "1e-2"},
        {ERR_JSON_REAL, "0.1e5"},
        {ERR_JSON_REAL, "1e99999"},
        {ERR_JSON_REAL, "99999999999999999999.5"},
        {ERR_JSON_REAL, "[1,{\"a\":2.5}]"},
        {ERR_JSON_RANGE, "9007199254740992"},
        {ERR_JSON_RANGE, "-9007199254740992"},
        {ERR_JSON_RANGE, "9223372036854775807"},
        {ERR_JSON_RANGE, "9223372036854775808"},
        {ERR_JSON_RANGE, "-9223372036854775809"},
        {ERR_JSON_RANGE, "18446744073709551617"},
        {ERR_JSON_RANGE, "99999999999999999999999999999999999999999999999999"},
        /* strings that are no JSON */
        {ERR_JSON_SYNTAX, "\""},
        {ERR_JSON_SYNTAX, "\"a"},
        {ERR_JSON_SYNTAX, "\"\\"},
        {ERR_JSON_SYNTAX, "\"\\\""},
        {ERR_JSON_SYNTAX, "\"\\x41\""},
        {ERR_JSON_SYNTAX, "\"\\'\""},
        {ERR_JSON_SYNTAX, "\"\\U0041\""},
        {ERR_JSON_SYNTAX, "\"\\u\""},
        {ERR_JSON_SYNTAX, "\"\\u004\""},
        {ERR_JSON_SYNTAX, "\"\\u004"},
        {ERR_JSON_SYNTAX, "\"\\u00g1\""},
        {ERR_JSON_SYNTAX, "\"\\u+041\""},
        {ERR_JSON_SYNTAX, "\"\\u 041\""},
        {ERR_JSON_SYNTAX, "\"a\nb\""},
        {ERR_JSON_SYNTAX, "\"a\tb\""},
        {ERR_JSON_SYNTAX, "\"a\x01z\""},
        {ERR_JSON_SYNTAX, "\"plainplain\x1fplain\""},
        /* surrogates */
        {ERR_JSON_SYNTAX, "\"\\ud800\""},
        {ERR_JSON_SYNTAX, "\"\\udfff\""},
        {ERR_JSON_SYNTAX, "\"\\ud800\\ud800\""},
        {ERR_JSON_SYNTAX, "\"\\udc00\\ud800\""},
        {ERR_JSON_SYNTAX, "\"\\udc00\\udc00\""},
        {ERR_JSON_SYNTAX, "\"\\ud800x\""},
        {ERR_JSON_SYNTAX, "\"\\ud800\\n\""},
        {ERR_JSON_SYNTAX, "\"\\ud800\\u0041\""},
        {ERR_JSON_SYNTAX, "\"\\ud800\\u\""},
        {ERR_JSON_SYNTAX, "\"\\ud83d"},
        /* UTF-8 */
        {ERR_JSON_SYNTAX, "\"\x80\""},
        {ERR_JSON_SYNTAX, "\"\xbf\""},
        {ERR_JSON_SYNTAX, "\"\xc0\x80\""},
        {ERR_JSON_SYNTAX, "\"\xc1\xbf\""},
        {ERR_JSON_SYNTAX, "\"\xc3\""},
        {ERR_JSON_SYNTAX, "\"\xc3"},
        {ERR_JSON_SYNTAX, "\"\xc3\x28\""},
        {ERR_JSON_SYNTAX, "\"\xe0\x9f\xbf\""},
        {ERR_JSON_SYNTAX, "\"\xe4\xb8\""},
        {ERR_JSON_SYNTAX, "\"\xe4\xb8\xc0\""},
        {ERR_JSON_SYNTAX, "\"\xed\xa0\x80\""},
        {ERR_JSON_SYNTAX, "\"\xed\xbf\xbf\""},
        {ERR_JSON_SYNTAX, "\"\xf0\x8f\xbf\xbf\""},
        {ERR_JSON_SYNTAX, "\"\xf0\x9f\x98\""},
        {ERR_JSON_SYNTAX, "\"\xf4\x90\x80\x80\""},
        {ERR_JSON_SYNTAX, "\"\xf5\x80\x80\x80\""},
        {ERR_JSON_SYNTAX, "\"\xff\""},
        {ERR_JSON_SYNTAX, "{\"\xff\":1}"},
        /* what JSON allows and we do not */
        {ERR_JSON_TEXT, "\"\\u0000\""},
        {ERR_JSON_TEXT, "\"a\\u0000b\""},
        {ERR_JSON_TEXT, "{\"\\u0000\":1}"},
        {ERR_JSON_TEXT, "{\"a\\u0000\":1,\"a\":2}"},
        {ERR_JSON_TEXT, "\"\\b\""},
        {ERR_JSON_TEXT, "\"\\f\""},
        {ERR_JSON_TEXT, "\"\\r\""},
        {ERR_JSON_TEXT, "\"\\u001F\""},
        {ERR_JSON_TEXT, "\"\\u007f\""},
        {ERR_JSON_TEXT, "\"\x7f\""},
        {ERR_JSON_TEXT, "\"plainplain\x7fplain\""},
        {ERR_JSON_TEXT, "\"\\u0080\""},
        {ERR_JSON_TEXT, "\"\\u009f\""},
        {ERR_JSON_TEXT, "\"\xc2\x80\""},
        {ERR_JSON_TEXT, "\"\xc2\x9b[2J\""},
        {ERR_JSON_TEXT, "\"\xc2\x9f\""},
        {ERR_JSON_TEXT, "{\"é\":1}"},
        {ERR_JSON_TEXT, "{\"目录\":1}"},
        {ERR_JSON_TEXT, "{\"a\":{\"\\u00e9\":1}}"},
        {ERR_JSON_TEXT, "{\"\\ud83d\\ude00\":1}"},
        /* duplicates, however they are spelled and wherever they stand */
        {ERR_JSON_DUPLICATE, "{\"a\":1,\"a\":1}"},
        {ERR_JSON_DUPLICATE, "{\"a\":1,\"b\":2,\"a\":3}"},
        {ERR_JSON_DUPLICATE, "{\"\":1,\"\":1}"},
        {ERR_JSON_DUPLICATE, "{\"a\":1,\"\\u0061\":1}"},
        {ERR_JSON_DUPLICATE, "[{\"x\":{\"k\":[],\"j\":0,\"k\":{}}}]"},
        /* depth: 17 containers */
        {ERR_JSON_DEPTH, "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]"},
        {ERR_JSON_DEPTH, "[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]"},
        {ERR_JSON_DEPTH, "[[[[[[[[[[[[[[[{\"a\":[]}]]]]]]]]]]]]]]]"},
        {ERR_JSON_DEPTH, "[[[[[[[[[[[[[[[[[[[[[[[["},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct doc *doc = (struct doc *)&cases; /* must be overwritten */
        int error = doc_parse(&doc, view_of_text(cases[i].text), BYTES_MAX);
        if (error != cases[i].error)
            fail_msg("%s instead of %s: %s", error_code(error), error_code(cases[i].error),
                     cases[i].text);
        assert_null(doc);
    }
}

static void raw_nul_bytes_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {{"\"a\0b\"", 5},    {"{}\0", 3}, {"\0{}", 3},
                 {"{\"a\0\":1}", 8}, {"1\0", 2},  {"[1\0,2]", 6}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct doc *doc;
        assert_int_equal(doc_parse(&doc, view_of(cases[i].bytes, cases[i].len), BYTES_MAX),
                         ERR_JSON_SYNTAX);
    }
}

static void the_size_is_bounded(void **state)
{
    (void)state;
    struct doc *doc;
    assert_int_equal(doc_parse(&doc, view_of_text("[1]"), 2), ERR_TOO_LARGE);
    assert_null(doc);
    assert_int_equal(doc_parse(&doc, view_of_text("[1]"), 3), OK);
    doc_free(&doc);
    assert_null(doc);
    assert_int_equal(doc_parse(&doc, view_of(NULL, 0), 0), ERR_JSON_SYNTAX);
}

/* A bad byte at each place of a long text, so that the steps of eight bytes meet it everywhere. */
static void bad_bytes_are_found_at_every_place(void **state)
{
    (void)state;
    static const struct {
        char byte;
        int error;
    } cases[] = {{'\x01', ERR_JSON_SYNTAX},
                 {'\x1f', ERR_JSON_SYNTAX},
                 {'\x7f', ERR_JSON_TEXT},
                 {'\x80', ERR_JSON_SYNTAX},
                 {'\xff', ERR_JSON_SYNTAX},
                 {'"', ERR_JSON_SYNTAX},
                 {'\n', ERR_JSON_SYNTAX},
                 {' ', OK},
                 {'~', OK}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t place = 1; place < 40; place++) {
            char text[41];
            memset(text, 'a', sizeof text);
            text[0] = text[40] = '"';
            text[place] = cases[i].byte;
            struct doc *doc;
            assert_int_equal(doc_parse(&doc, view_of(text, sizeof text), BYTES_MAX),
                             cases[i].error);
            doc_free(&doc);
        }
    }
}

/* ---- canonical form ---- */

static void canonical_order_is_that_of_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        /* RFC 8785 section 3.2.2, the members that we allow */
        {"{\"literals\":[null,true,false],\"string\":\"\\u20ac$\\nA'"
         "\\u0042\\u0022\\u005c\\\\\\\"\\/"
         "\"}",
         "{\"literals\":[null,true,false],\"string\":\"€$\\nA'B\\\"\\\\\\\\\\\"/\"}"},
        /* RFC 8785 section 3.2.3, keys narrowed to ASCII */
        {"{\"1\":\"One\",\"\\n\":\"Line Feed\",\"<script>\":\"Browser\",\"\":\"Empty\"}",
         "{\"\":\"Empty\",\"\\n\":\"Line Feed\",\"1\":\"One\",\"<script>\":\"Browser\"}"},
        {"{\"b\":0,\"a\":0,\"B\":0,\"A\":0,\"_\":0,\"10\":0,\"9\":0,\"1\":0}",
         "{\"1\":0,\"10\":0,\"9\":0,\"A\":0,\"B\":0,\"_\":0,\"a\":0,\"b\":0}"},
        {"{\"aa\":1,\"a\":2,\"a \":3,\"\":4}", "{\"\":4,\"a\":2,\"a \":3,\"aa\":1}"},
        {"{\"z\":{\"y\":1,\"x\":2},\"a\":[{\"d\":1,\"c\":2}]}",
         "{\"a\":[{\"c\":2,\"d\":1}],\"z\":{\"x\":2,\"y\":1}}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *doc = parsed(cases[i].text);
        assert_canonical(doc, cases[i].canonical);
    }
}

/* Any order of insertion, parsed or built, below and above the bound for sorting on the stack. */
static void the_order_of_insertion_never_shows(void **state)
{
    (void)state;
    static const int counts[] = {2, 5, 31, 32, 33, 100};
    uint64_t seed = 7;
    for (size_t c = 0; c < COUNT_OF(counts); c++) {
        int order[100];
        AUTO(buf_free) struct buf expected = {0}, text = {0}, from_text = {0}, from_built = {0};
        AUTO(doc_free) struct doc *built = doc_new_object();
        for (int i = 0; i < counts[c]; i++) {
            order[i] = i;
            buf_append_format(&expected, "%s\"k%03d\":%d", i == 0 ? "{" : ",", i, i);
        }
        buf_append_text(&expected, "}");
        for (int i = counts[c] - 1; i > 0; i--) {
            int j = (int)(check_random(&seed) % (uint64_t)(i + 1));
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        for (int i = 0; i < counts[c]; i++) {
            char key[8];
            snprintf(key, sizeof key, "k%03d", order[i]);
            doc_set_int(built, key, order[i]);
            buf_append_format(&text, "%s\"%s\":%d", i == 0 ? "{" : ",", key, order[i]);
        }
        buf_append_text(&text, "}");
        AUTO(doc_free) struct doc *doc = parsed(buf_text(&text));
        doc_append_canonical(&from_text, doc);
        doc_append_canonical(&from_built, built);
        assert_string_equal(buf_text(&from_text), buf_text(&expected));
        assert_string_equal(buf_text(&from_built), buf_text(&expected));
        assert_true(doc_equal(doc, built));

        const struct doc *objects[] = {doc, built};
        for (size_t o = 0; o < COUNT_OF(objects); o++) {
            size_t cursor = 0;
            const char *key;
            const struct doc *value;
            int seen = 0;
            for (; doc_next(objects[o], &cursor, &key, &value); seen++) {
                assert_int_equal(doc_int(value, -1), seen);
                assert_int_equal(key[3] - '0', seen % 10);
            }
            assert_int_equal(seen, counts[c]);
        }
    }
}

static void pretty_is_indented_by_two(void **state)
{
    (void)state;
    AUTO(doc_free)
    struct doc *doc = parsed("{\"b\":[1,{\"x\":\"目\"},[],{}],\"a\":true,\"c\":null}");
    AUTO(buf_free) struct buf text = {0};
    doc_append_pretty(&text, doc);
    assert_string_equal(buf_text(&text), "{\n"
                                         "  \"a\": true,\n"
                                         "  \"b\": [\n"
                                         "    1,\n"
                                         "    {\n"
                                         "      \"x\": \"目\"\n"
                                         "    },\n"
                                         "    [],\n"
                                         "    {}\n"
                                         "  ],\n"
                                         "  \"c\": null\n"
                                         "}");
    AUTO(doc_free) struct doc *back = parsed(buf_text(&text));
    assert_true(doc_equal(doc, back));
}

static void hashes_are_of_the_canonical_form(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *doc = parsed("{ \"b\":1, \"a\":\"目\" }");
    struct hash hash;
    doc_hash(&hash, "dirchain/test/1", doc);
    struct hash expected = hash_tagged("dirchain/test/1", view_of_text("{\"a\":\"目\",\"b\":1}"));
    assert_true(hash_equal(&hash, &expected));
}

/* ---- reading and building ---- */

static void getters_say_absent(void **state)
{
    (void)state;
    AUTO(doc_free)
    struct doc *doc =
        parsed("{\"t\":\"x\",\"i\":5,\"y\":true,\"n\":null,\"a\":[\"p\",1,\"q\"],\"o\":{}}");
    assert_int_equal(doc_kind(doc), DOC_OBJECT);
    assert_int_equal(doc_kind(doc_get(doc, "t")), DOC_TEXT);
    assert_int_equal(doc_kind(doc_get(doc, "i")), DOC_INT);
    assert_int_equal(doc_kind(doc_get(doc, "y")), DOC_BOOL);
    assert_int_equal(doc_kind(doc_get(doc, "n")), DOC_NULL);
    assert_int_equal(doc_kind(doc_get(doc, "a")), DOC_ARRAY);
    assert_int_equal(doc_kind(NULL), DOC_NULL);

    assert_string_equal(doc_get_text(doc, "t"), "x");
    assert_null(doc_get_text(doc, "i"));
    assert_null(doc_get_text(doc, "absent"));
    assert_null(doc_get_text(NULL, "t"));
    assert_null(doc_get_text(doc_get(doc, "a"), "t"));
    assert_null(doc_text(NULL));
    assert_null(doc_text(doc));
    assert_int_equal(doc_get_int(doc, "i", -1), 5);
    assert_int_equal(doc_get_int(doc, "t", -1), -1);
    assert_int_equal(doc_get_int(NULL, "i", -1), -1);
    assert_int_equal(doc_int(NULL, 9), 9);
    assert_true(doc_get_bool(doc, "y", false));
    assert_true(doc_get_bool(doc, "i", true));
    assert_false(doc_get_bool(NULL, "y", false));
    assert_false(doc_bool(doc_get(doc, "n"), false));
    assert_true(doc_text_is(doc, "t", "x"));
    assert_false(doc_text_is(doc, "t", "y"));
    assert_false(doc_text_is(doc, "i", "5"));
    assert_false(doc_text_is(doc, "t", NULL));
    assert_false(doc_text_is(NULL, "t", "x"));

    assert_int_equal(doc_count(doc), 6);
    assert_int_equal(doc_count(doc_get(doc, "a")), 3);
    assert_int_equal(doc_count(doc_get(doc, "t")), 0);
    assert_int_equal(doc_count(NULL), 0);
    assert_string_equal(doc_text(doc_at(doc_get(doc, "a"), 2)), "q");
    assert_null(doc_at(doc_get(doc, "a"), 3));
    assert_null(doc_at(doc, 0));
    assert_null(doc_at(NULL, 0));
    assert_true(doc_has_text(doc_get(doc, "a"), "q"));
    assert_false(doc_has_text(doc_get(doc, "a"), "1"));
    assert_false(doc_has_text(doc, "t"));
    assert_false(doc_has_text(NULL, "q"));

    size_t cursor = 0;
    const char *key;
    const struct doc *value;
    assert_false(doc_next(NULL, &cursor, &key, &value));
    assert_false(doc_next(doc_get(doc, "a"), &cursor, &key, &value));
    assert_false(doc_next(doc_get(doc, "o"), &cursor, &key, &value));
}

static void building(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *doc = doc_new_object();
    struct hash hash = {.bytes = {0xab}};
    doc_set_text(doc, "t", "中\n\"");
    doc_set_int(doc, "i", -DOC_INT_MAX);
    doc_set_bool(doc, "y", true);
    doc_set(doc, "n", doc_new_null());
    doc_set_hash(doc, "h", &hash);
    doc_set_format(doc, "f", "%d/%s", 3, "目");
    struct doc *array = doc_new_array();
    doc_push_text(array, "p");
    doc_push(array, doc_new_int(1));
    doc_push(array, doc_new_bool(false));
    doc_set(doc, "a", array);
    assert_canonical(doc, "{\"a\":[\"p\",1,false],\"f\":\"3/目\",\"h\":"
                          "\"ab00000000000000000000000000000000000000000000000000000000000000\","
                          "\"i\":-9007199254740991,\"n\":null,\"t\":\"中\\n\\\"\",\"y\":true}");
    doc_set_int(doc, "t", 1); /* replaces */
    doc_remove(doc, "a");
    doc_remove(doc, "h");
    doc_remove(doc, "absent");
    assert_canonical(doc, "{\"f\":\"3/目\",\"i\":-9007199254740991,\"n\":null,\"t\":1,\"y\":true}");
}

static void copies_are_independent_and_references_are_not(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *doc = parsed("{\"a\":{\"b\":[1]}}");
    AUTO(doc_free) struct doc *copy = doc_copy(doc);
    AUTO(doc_free) struct doc *ref = doc_ref(doc);
    assert_ptr_equal(ref, doc);
    assert_true(doc_equal(copy, doc));
    doc_set_int(copy, "c", 1);
    assert_false(doc_equal(copy, doc));
    assert_canonical(doc, "{\"a\":{\"b\":[1]}}");

    /* A part outlives the whole. */
    struct doc *part = doc_ref(doc_get(doc, "a"));
    doc_free(&doc);
    doc_free(&ref);
    assert_canonical(part, "{\"b\":[1]}");
    doc_free(&part);
    assert_null(part);
    doc_free(&part);
    assert_null(doc_ref(NULL));
    assert_null(doc_copy(NULL));
    assert_true(doc_equal(NULL, NULL));
    assert_false(doc_equal(copy, NULL));
}

/* An object and an array under random changes, beside what each place should hold as text. Values
 * come from nowhere, from another document, and from the very one that is changed. */
struct changed {
    struct doc *doc; /* {"list":[…],"k0":…} */
    char member[10][200];
    char element[40][200];
    size_t elements;
};

static void note_text(char out[200], const struct doc *value)
{
    AUTO(buf_free) struct buf text = {0};
    doc_append_canonical(&text, value);
    assert_true(text.len < 200);
    memcpy(out, buf_text(&text), text.len + 1);
}

static struct doc *random_value(const struct changed *changed, const struct doc *other,
                                uint64_t *random)
{
    static const char *const names[] = {"a", "long", "deep", "n", "t"};
    char key[16];
    snprintf(key, sizeof key, "k%u", (unsigned)(check_random(random) % 10));
    const struct doc *own = doc_get(changed->doc, key);
    switch (check_random(random) % 6) {
    case 0:
        return doc_new_int((int64_t)(check_random(random) % 1000));
    case 1:
        return doc_new_text("built 目");
    case 2:
        return doc_ref(doc_get(other, names[check_random(random) % COUNT_OF(names)]));
    case 3:
        return doc_copy(other);
    default:
        return own != NULL ? doc_ref(own) : doc_new_bool(true);
    }
}

static void change_at_random(struct changed *changed, const struct doc *other, uint64_t *random)
{
    unsigned place = (unsigned)(check_random(random) % 10);
    char key[16];
    snprintf(key, sizeof key, "k%u", place);
    struct doc *value = random_value(changed, other, random);
    char text[200];
    note_text(text, value);
    switch (check_random(random) % 4) {
    case 0:
        doc_remove(changed->doc, key);
        changed->member[place][0] = 0;
        doc_free(&value);
        break;
    case 1:
        if (changed->elements < COUNT_OF(changed->element)) {
            struct doc *list = (struct doc *)(uintptr_t)doc_get(changed->doc, "list");
            doc_push(list, value);
            memcpy(changed->element[changed->elements++], text, sizeof text);
            break;
        }
        /* fall through */
    default:
        doc_set(changed->doc, key, value);
        memcpy(changed->member[place], text, sizeof text);
    }
}

static void expect_changed(const struct changed *changed)
{
    AUTO(buf_free) struct buf expected = {0};
    buf_append_text(&expected, "{");
    for (unsigned i = 0; i < 10; i++) {
        if (changed->member[i][0] != 0)
            buf_append_format(&expected, "\"k%u\":%s,", i, changed->member[i]);
    }
    buf_append_text(&expected, "\"list\":[");
    for (size_t i = 0; i < changed->elements; i++)
        buf_append_format(&expected, "%s%s", i == 0 ? "" : ",", changed->element[i]);
    buf_append_text(&expected, "]}");
    assert_canonical(changed->doc, buf_text(&expected));
}

static void documents_can_be_changed_however_they_came_about(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        uint64_t random = seed;
        AUTO(doc_free)
        struct doc *other = parsed("{\"a\":[1,[2]],\"long\":\"0123456789 0123456789\",\"deep\":"
                                   "{\"x\":{\"y\":null}},\"n\":7,\"t\":false}");
        struct changed changed = {.doc = parsed("{\"list\":[],\"k3\":{\"z\":1},\"k1\":\"one\"}")};
        note_text(changed.member[3], doc_get(changed.doc, "k3"));
        note_text(changed.member[1], doc_get(changed.doc, "k1"));
        if (seed % 3 == 0) { /* a copy of a parsed one */
            struct doc *copy = doc_copy(changed.doc);
            doc_free(&changed.doc);
            changed.doc = copy;
        }
        for (int i = 0; i < 60; i++) {
            change_at_random(&changed, other, &random);
            if (i == 30) /* what came from it lives on */
                doc_free(&other);
            if (i >= 30)
                other = other == NULL
                            ? parsed("{\"a\":0,\"long\":\"\",\"deep\":[],\"n\":1,\"t\":2}")
                            : other;
            expect_changed(&changed);
        }
        AUTO(doc_free) struct doc *copy = doc_copy(changed.doc);
        assert_true(doc_equal(copy, changed.doc));
        doc_free(&changed.doc);
        AUTO(buf_free) struct buf text = {0};
        doc_append_canonical(&text, copy);
        assert_true(doc_copy_bytes(copy) >= text.len / 4);
    }
}

static void text_rules(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"", true},          {"plain text, long enough", true},
        {"a\n\tb", true},    {"目录", true},
        {"\xc2\xa0", true},  {"a\rb", false},
        {"\x7f", false},     {"12345678\x01", false},
        {"\xc2\x85", false}, {"目\xe5\xbd", false},
        {"\xff", false},     {"\"\\", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(doc_text_valid(view_of_text(cases[i].text)), cases[i].valid);
    assert_true(doc_text_valid(view_of(NULL, 0)));
    assert_false(doc_text_valid(view_of("a\0b", 3)));
}

/* ---- our own bugs stop ---- */

static void build_int(void)
{
    doc_new_int(DOC_INT_MAX + 1);
}

static void build_text(void)
{
    doc_new_text("a\rb");
}

static void build_key(void)
{
    doc_set_int(doc_new_object(), "é", 1);
}

static void build_in_array(void)
{
    doc_set_int(doc_new_array(), "a", 1);
}

static void build_loop(void)
{
    struct doc *doc = doc_new_array();
    doc_push(doc, doc);
}

static struct doc *nested(int depth)
{
    struct doc *doc = doc_new_array();
    for (int i = 1; i < depth; i++) {
        struct doc *outer = doc_new_array();
        doc_push(outer, doc);
        doc = outer;
    }
    return doc;
}

static void write_too_deep(void)
{
    struct buf out = {0};
    doc_append_canonical(&out, nested(DOC_BUILT_DEPTH_MAX + 1));
}

static void misuse_stops(void **state)
{
    (void)state;
    static void (*const acts[])(void) = {build_int,      build_text, build_key,
                                         build_in_array, build_loop, write_too_deep};
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        assert_true(check_stops(acts[i]));
}

/* What was parsed may be wrapped into something larger: that must not stop the process. */
static void parsed_documents_can_be_wrapped(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *doc = nested(DOC_BUILT_DEPTH_MAX);
    AUTO(buf_free) struct buf text = {0};
    doc_append_canonical(&text, doc);
    assert_int_equal(text.len, 2 * DOC_BUILT_DEPTH_MAX);
    struct doc *back;
    assert_int_equal(doc_parse(&back, view_of_buf(&text), BYTES_MAX), ERR_JSON_DEPTH);
}

/* ---- size and threads ---- */

/* Half a million members, in descending order, read through to the end. If any step took time in
 * the square of them, the test would not come back. */
static void huge_documents_take_linear_time(void **state)
{
    (void)state;
    enum { MEMBERS = 500000 };
    AUTO(buf_free) struct buf text = {0}, canonical = {0};
    buf_append_text(&text, "{");
    for (int i = MEMBERS; i > 0; i--)
        buf_append_format(&text, "\"%07d\":%d%c", i, i, i > 1 ? ',' : '}');
    struct doc *doc;
    assert_int_equal(doc_parse(&doc, view_of_buf(&text), text.len), OK);
    size_t cursor = 0;
    const char *key;
    const struct doc *value;
    int64_t seen = 0;
    while (doc_next(doc, &cursor, &key, &value))
        assert_int_equal(doc_int(value, 0), ++seen);
    assert_int_equal(seen, MEMBERS);
    doc_append_canonical(&canonical, doc);
    assert_int_equal(canonical.len, text.len);
    doc_free(&doc);

    /* The same key at both ends. */
    text.len--;
    buf_append_text(&text, ",\"0500000\":0}");
    assert_int_equal(doc_parse(&doc, view_of_buf(&text), text.len), ERR_JSON_DUPLICATE);

    /* One text of nothing but escapes, and one unclosed. */
    buf_clear(&text);
    buf_append_text(&text, "[\"");
    for (int i = 0; i < MEMBERS; i++)
        buf_append_text(&text, "\\u4e2d\\n");
    assert_int_equal(doc_parse(&doc, view_of_buf(&text), text.len), ERR_JSON_SYNTAX);
    buf_append_text(&text, "\",\"\\n\"]");
    assert_int_equal(doc_parse(&doc, view_of_buf(&text), text.len), OK);
    assert_int_equal(strlen(doc_text(doc_at(doc, 0))), 4 * (size_t)MEMBERS);
    assert_string_equal(doc_text(doc_at(doc, 1)), "\n");
    doc_free(&doc);
}

struct shared {
    pthread_t thread;
    struct doc *doc; /* this thread's reference */
    bool same;
};

static const char *const shared_text =
    "{\"b\":[true,null,\"目\"],\"a\":{\"x\":1,\"w\":\"\\n\"},\"c\":-5}";

static void *use_shared(void *argument)
{
    struct shared *shared = argument;
    AUTO(buf_free) struct buf text = {0};
    shared->same = true;
    for (int i = 0; i < 500; i++) {
        struct doc *part = doc_ref(doc_get(shared->doc, i % 2 ? "a" : "b"));
        buf_clear(&text);
        doc_append_canonical(&text, shared->doc);
        shared->same &= text.len > 0 && text.data[2] == 'a' && doc_get_int(shared->doc, "c", 0) < 0;
        doc_free(&part);
    }
    doc_free(&shared->doc);
    return NULL;
}

static void *parse_for_another(void *out)
{
    return (void *)(uintptr_t)doc_parse(out, view_of_text(shared_text), BYTES_MAX);
}

/* Parsed on one thread, handed over, read by several; the last one to let go frees it. */
static void documents_cross_threads(void **state)
{
    (void)state;
    struct doc *doc = NULL;
    pthread_t parser;
    void *error;
    assert_int_equal(pthread_create(&parser, NULL, parse_for_another, &doc), 0);
    assert_int_equal(pthread_join(parser, &error), 0);
    assert_null(error);
    struct shared users[6];
    for (size_t i = 0; i < COUNT_OF(users); i++) {
        users[i] = (struct shared){.doc = doc_ref(doc)};
        assert_int_equal(pthread_create(&users[i].thread, NULL, use_shared, &users[i]), 0);
    }
    doc_free(&doc);
    for (size_t i = 0; i < COUNT_OF(users); i++) {
        assert_int_equal(pthread_join(users[i].thread, NULL), 0);
        assert_true(users[i].same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted),
        cmocka_unit_test(refused),
        cmocka_unit_test(raw_nul_bytes_are_refused),
        cmocka_unit_test(the_size_is_bounded),
        cmocka_unit_test(bad_bytes_are_found_at_every_place),
        cmocka_unit_test(canonical_order_is_that_of_bytes),
        cmocka_unit_test(the_order_of_insertion_never_shows),
        cmocka_unit_test(pretty_is_indented_by_two),
        cmocka_unit_test(hashes_are_of_the_canonical_form),
        cmocka_unit_test(getters_say_absent),
        cmocka_unit_test(building),
        cmocka_unit_test(copies_are_independent_and_references_are_not),
        cmocka_unit_test(documents_can_be_changed_however_they_came_about),
        cmocka_unit_test(text_rules),
        cmocka_unit_test(misuse_stops),
        cmocka_unit_test(parsed_documents_can_be_wrapped),
        cmocka_unit_test(huge_documents_take_linear_time),
        cmocka_unit_test(documents_cross_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
