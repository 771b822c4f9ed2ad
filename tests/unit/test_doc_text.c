/* Documents as text: canonical form, order of iteration, indented form, hashes, what text may hold.
 */
#include "docs.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_order_is_that_of_bytes),
        cmocka_unit_test(the_order_of_insertion_never_shows),
        cmocka_unit_test(pretty_is_indented_by_two),
        cmocka_unit_test(hashes_are_of_the_canonical_form),
        cmocka_unit_test(text_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
