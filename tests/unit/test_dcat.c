/* Catalogs in DCAT: feeds that are broken in places; entries out and in again without loss. */
#include "dcat_feeds.h"

#include "base/errors.h"

/* ---- broken feeds ---- */

static void one_broken_dataset_costs_no_other(void **state)
{
    (void)state;
    static const struct {
        const char *dataset, *error; /* NULL: readable */
        int64_t line;
        const char *identifier; /* of one at fault */
    } cases[] = {
        {"{\"title\":\"a\\r\\nb\\u0085\"}", NULL, 2, NULL},
        {"{\"title\":1.5,\"n\":12345678901234567890,\n\"m\":-9007199254740991}", NULL, 2, NULL},
        {"\n{\"title\":1,\n\"title\":2,\"identifier\":\"a\\u0042\"}", "json-duplicate-key", 4, "aB"},
        {"{\"identifier\":\"c\",\"title\" 1}", "json-syntax", 5, "c"},
        {"{\"title\" 1,\"identifier\":\"c\"}", "json-syntax", 5, NULL},
        {"{\"t\xc3\xa9\":1,\"identifier\":1}", "json-text", 5, NULL},
        {"[1]", "field-type", 5, NULL},
        {"{\"title\":\"\\\\\\\"}]\"}", NULL, 5, NULL},
        {"{\"a\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}", "json-depth", 5, NULL},
    };
    AUTO(buf_free) struct buf text = {0};
    AUTO(doc_free) struct doc *feed = NULL;
    struct dcat_place place;
    buf_append_text(&text, "\xef\xbb\xbf{ \"x\":[{\"dataset\":[1]}],\r\n\"dataset\" :[");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buf_append_format(&text, "%s%s", i == 0 ? "" : " , ", cases[i].dataset);
    }
    buf_append_text(&text, "]}");
    assert_int_equal(dcat_us_read(&feed, &place, view_of_buf(&text)), 0);
    assert_int_equal(doc_count(feed), COUNT_OF(cases));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *error = doc_get_text(doc_at(feed, i), "error");
        const char *identifier = doc_get_text(doc_at(feed, i), "identifier");
        assert_int_equal(doc_get_int(doc_at(feed, i), "line", 0), cases[i].line);
        assert_int_equal(identifier != NULL, cases[i].identifier != NULL);
        if (identifier != NULL) {
            assert_string_equal(identifier, cases[i].identifier);
        }
        if (cases[i].error == NULL) {
            assert_null(error);
            assert_non_null(doc_get(doc_at(feed, i), "dataset"));
        } else {
            assert_string_equal(error, cases[i].error);
        }
    }
    assert_string_equal(doc_get_text(doc_get(doc_at(feed, 0), "dataset"), "title"),
                        "a\nb\xef\xbf\xbd");
    const struct doc *numbers = doc_get(doc_at(feed, 1), "dataset");
    assert_string_equal(doc_get_text(numbers, "title"), "1.5");
    assert_string_equal(doc_get_text(numbers, "n"), "12345678901234567890");
    assert_true(doc_get_int(numbers, "m", 0) == -INT64_C(9007199254740991));
    assert_string_equal(doc_get_text(doc_get(doc_at(feed, 7), "dataset"), "title"), "\\\"}]");
}

static void what_is_no_feed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
        size_t line, column;
    } cases[] = {
        {"", ERR_JSON_SYNTAX, 1, 1},
        {"{}", ERR_FIELD_MISSING, 0, 0},
        {"{\"dataset\":{}}", ERR_FIELD_TYPE, 1, 12},
        {"{\"dataset\":[{}", ERR_JSON_SYNTAX, 1, 15},
        {"{\"dataset\":[{}]", ERR_JSON_SYNTAX, 1, 16},
        {"{\"dataset\":[{}]} x", ERR_JSON_SYNTAX, 1, 18},
        {"{\"dataset\":[{\"a\":\"]}", ERR_JSON_SYNTAX, 1, 21},
        {"{\"dataset\":[],\"dataset\":[]}", ERR_JSON_DUPLICATE, 1, 25},
        {"{\"dataset\":[{} {}]}", ERR_JSON_SYNTAX, 1, 16},
        /* As an editor counts: the mark not, a character once, what is rewritten as it stands. */
        {"\xef\xbb\xbf{\"目\":\n\"录\\u0007\", \"n\": 1.5, 2}", ERR_JSON_SYNTAX, 2, 22},
        {"{\"dataset\":[]}", 0, 0, 0},
        {"[]", 0, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *feed = NULL;
        struct dcat_place place;
        assert_int_equal(dcat_us_read(&feed, &place, view_of_text(cases[i].text)), cases[i].error);
        assert_int_equal(place.line, cases[i].line);
        assert_int_equal(place.column, cases[i].column);
        assert_int_equal(feed != NULL, cases[i].error == 0);
    }
    struct doc *feed = NULL;
    long line;
    const char *none = "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/>";
    assert_int_equal(dcat_ap_read(&feed, &line, view_of_text(none)), ERR_FIELD_MISSING);
}

/* ---- out and in again ---- */

static void sample_entries_come_back(void **state)
{
    (void)state;
    static const char *const files[] = {"catalog/linye.json", "catalog/minzheng.json",
                                        "catalog/renshe.json", "catalog/sifa.json"};
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        AUTO(doc_free) struct doc *file = read_json(files[i]);
        const struct doc *entries = doc_get(file, "entries");
        for (size_t k = 0; k < doc_count(entries); k++, count++) {
            check_round_trip(doc_at(entries, k), false);
            check_round_trip(doc_at(entries, k), true);
        }
    }
    assert_true(count > 5);
}

/* Entries of every combination of members, with texts that try both formats. */
static void hostile_texts_come_back(void **state)
{
    (void)state;
    static const char *const texts[] = {"普通文本",
                                        " blank at both ends ",
                                        "<a href=\"x\">&amp;]]></a>",
                                        "line\nbreak\tand tab",
                                        "a、b",
                                        "https://example.org/a b\tc",
                                        "_:0",
                                        "http://x/y#z",
                                        "\xf0\xa0\x80\x80",
                                        "\\\"\\u0041"};
    static const char *const words[][4] = {
        {"opening", "unconditional", "conditional", "closed"},
        {"update", "realtime", "static", "irregular"},
        {"format", "document", "spreadsheet", "sensor"},
        {"sharing", "unconditional", "authorised", "none"},
    };
    static const char *const members[] = {
        "name", "summary", "category", "coverage", "manager",       "opening_conditions",
        "duty", "theme",   "region",   "licence",  "sharing_reason"};
    uint64_t seed = 20;
    for (size_t i = 0; i < 300; i++) {
        AUTO(doc_free) struct doc *record = doc_new_object();
        struct doc *entry = doc_new_object();
        struct doc *source = doc_new_object();
        doc_set_text(record, "code", "C-1");
        for (size_t k = 0; k < COUNT_OF(members); k++) {
            if (check_random(&seed) % 4 != 0) {
                doc_set_text(entry, members[k], texts[check_random(&seed) % COUNT_OF(texts)]);
            }
        }
        for (size_t k = 0; k < COUNT_OF(words); k++) {
            if (check_random(&seed) % 4 != 0) {
                doc_set_text(entry, words[k][0], words[k][1 + check_random(&seed) % 3]);
            }
        }
        doc_set_text(source, "store", texts[check_random(&seed) % COUNT_OF(texts)]);
        doc_set(entry, "source", source);
        if (check_random(&seed) % 2 == 0) {
            struct doc *period = doc_new_object();
            struct doc *keywords = doc_new_array();
            doc_set_text(entry, "published_on", "2026-02-28");
            doc_set_text(period, "from", "2026-02-28");
            if (check_random(&seed) % 2 == 0) {
                doc_set_text(period, "to", "2026-02-28");
            }
            doc_set(entry, "period", period);
            for (size_t k = check_random(&seed) % 3; k < 3; k++) {
                doc_push_text(keywords, texts[check_random(&seed) % COUNT_OF(texts)]);
            }
            doc_set(entry, "keywords", keywords);
        }
        doc_set(record, "entry", entry);
        check_round_trip(record, false);
        check_round_trip(record, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_broken_dataset_costs_no_other),
        cmocka_unit_test(what_is_no_feed),
        cmocka_unit_test(sample_entries_come_back),
        cmocka_unit_test(hostile_texts_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
