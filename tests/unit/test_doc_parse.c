/* Documents: what parses and what does not, and in how much time. test_doc_oracle.c compares the
 * parser with a library. */
#include "docs.h"

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

/* A file of an editor: with a byte order mark, and the line at which reading stopped. */
static void files_name_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
        size_t line;
    } cases[] = {
        {"\xef\xbb\xbf{\"a\":1}\n", OK, 0},
        {"{\"a\":1}", OK, 0},
        {"", ERR_JSON_SYNTAX, 1},
        {"\xef\xbb\xbf\xef\xbb\xbf{}", ERR_JSON_SYNTAX, 1},
        {"\xef\xbb\xbf{\n\"a\": 1\n\"b\": 2}", ERR_JSON_SYNTAX, 3},
        {"{\n\"a\": 1.5,\n\"b\": 2}", ERR_JSON_REAL, 2},
        {"{\n\"a\": 1,\n\"a\": 2\n}\n", ERR_JSON_DUPLICATE, 4},
        {"{\r\n\"a\": \"x\\ty\",\r\n\"b\": nul}", ERR_JSON_SYNTAX, 3},
        {"{}\n\n}", ERR_JSON_SYNTAX, 3},
        {"[1, 2, 3, 4, 5, 6, 7, 8, 9]", ERR_TOO_LARGE, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct doc *doc;
        size_t line = 9;
        int error = doc_parse_file(&doc, &line, view_of_text(cases[i].text), 26);
        if (error != cases[i].error || line != cases[i].line)
            fail_msg("%zu: %s at %zu", i, error_code(error), line);
        assert_true((doc != NULL) == (error == OK));
        doc_free(&doc);
    }
    struct doc *marked;
    assert_int_equal(doc_parse(&marked, view_of_text(cases[0].text), BYTES_MAX), ERR_JSON_SYNTAX);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted),
        cmocka_unit_test(refused),
        cmocka_unit_test(raw_nul_bytes_are_refused),
        cmocka_unit_test(files_name_the_line),
        cmocka_unit_test(the_size_is_bounded),
        cmocka_unit_test(bad_bytes_are_found_at_every_place),
        cmocka_unit_test(huge_documents_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
