/* Datasets into drafts of entries: what is taken, what comes from the defaults, what is left out,
 * and each refusal with its reason. */
#include "dcat_feeds.h"

#include "base/errors.h"
#include "chain/schema.h"

static bool has_note(const struct doc *adapted, const char *field, const char *from)
{
    for (size_t i = 0; i < doc_count(adapted); i++) {
        if (doc_text_is(doc_at(adapted, i), "field", field) &&
            doc_text_is(doc_at(adapted, i), "from", from)) {
            return true;
        }
    }
    return false;
}

/* ---- of real feeds ---- */

static void real_feeds_become_drafts(void **state)
{
    (void)state;
    static const struct {
        const char *feed, *defaults;
        size_t count;
        const char *refused[5]; /* whose abstract was damaged before they published it */
    } cases[] = {
        {"gsa.data.json", "dcat/defaults-us.json", 339, {NULL}},
        {"opm.data.json", "dcat/defaults-us.json", 134, {"OPM-HRS-0007", "OPM-HCDMM-0015", NULL}},
        {"fda.data.json",
         "dcat/defaults-us.json",
         86,
         {"9B9C0AD1-73D2-4280-A1DE-45D15DDB7386", "74aed734-91b4-41f2-8418-a0aae396f9ef",
          "ee7073db-55c0-46b0-b831-1c659fe7137d", "2b7ec03d-67dc-4544-b1d6-b9aa02f693c6", NULL}},
        {"alessandria.rdf", "dcat/defaults-it.json", 5, {NULL}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *feed = read_feed(cases[i].feed);
        AUTO(doc_free) struct doc *defaults = read_json(cases[i].defaults);
        size_t refused = 0;
        assert_int_equal(dcat_defaults_check(NULL, defaults), 0);
        assert_int_equal(doc_count(feed), cases[i].count);
        for (size_t k = 0; k < cases[i].count; k++) {
            const struct doc *dataset = doc_get(doc_at(feed, k), "dataset");
            AUTO(dcat_draft_free) struct dcat_draft draft;
            dcat_draft(&draft, dataset, defaults);
            if (draft.faults.count > 0) {
                assert_int_equal(draft.faults.count, 1);
                assert_int_equal(draft.faults.item[0].error, ERR_TEXT_DAMAGED);
                assert_string_equal(draft.faults.item[0].field, "entry.summary");
                assert_string_equal(doc_get_text(dataset, "identifier"),
                                    cases[i].refused[refused++]);
            } else {
                assert_int_equal(schema_check(schema_find("catalog.submit"), draft.body, NULL), 0);
            }
        }
        assert_null(cases[i].refused[refused]);
    }
}

/* GSA-2015-02-26-1, the first of its catalog, member by member. */
static void what_dcat_says_is_taken(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *feed = read_feed("gsa.data.json");
    AUTO(doc_free) struct doc *defaults = read_json("dcat/defaults-us.json");
    AUTO(dcat_draft_free) struct dcat_draft draft;
    dcat_draft(&draft, doc_get(doc_at(feed, 0), "dataset"), defaults);
    const struct doc *entry = doc_get(draft.body, "entry");
    static const char *const texts[][2] = {
        {"name", "Networx Business Volume FY2013, 3rd Qtr"},
        {"category", "联邦政府开放数据"},
        {"theme", "Procurement"},
        {"coverage", "National"},
        {"region", "National"},
        {"licence", "https://creativecommons.org/publicdomain/zero/1.0/"},
        {"manager", "General Services Administration"},
        {"published_on", "2015-02-27"},
        {"update", "quarterly"},
        {"opening", "unconditional"},
        {"format", "spreadsheet"},
        {"sharing", "unconditional"},
    };
    assert_string_equal(doc_get_text(draft.body, "code"), "GSA-2015-02-26-1");
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_string_equal(doc_get_text(entry, texts[i][0]), texts[i][1]);
    }
    assert_string_equal(doc_get_text(doc_get(entry, "source"), "store"),
                        "https://www.asap.gsa.gov/datagov/TotRevFY13_3rdQtr.xlsx");
    /* What was not said came from the defaults, and is named. */
    static const char *const defaulted[] = {"category", "duty",    "grade",
                                            "items",    "sharing", "source.system"};
    assert_int_equal(doc_count(draft.defaulted), COUNT_OF(defaulted));
    for (size_t i = 0; i < COUNT_OF(defaulted); i++) {
        assert_true(doc_has_text(draft.defaulted, defaulted[i]));
    }
    static const char *const left_out[] = {"bureauCode", "dataQuality", "describedBy",
                                           "isPartOf",   "modified",    "programCode"};
    assert_int_equal(doc_count(draft.left_out), COUNT_OF(left_out));
    for (size_t i = 0; i < COUNT_OF(left_out); i++) {
        assert_true(doc_has_text(draft.left_out, left_out[i]));
    }
}

static void what_rdf_says_is_taken(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *feed = read_feed("alessandria.rdf");
    AUTO(doc_free) struct doc *defaults = read_json("dcat/defaults-it.json");
    AUTO(dcat_draft_free) struct dcat_draft draft;
    dcat_draft(&draft, doc_get(doc_at(feed, 2), "dataset"), defaults);
    const struct doc *entry = doc_get(draft.body, "entry");
    static const char *const texts[][2] = {
        {"name", "Alberi"},
        {"summary", "Alberi presenti sul territorio gestiti dall'ente"},
        {"theme", "Ambiente"}, /* its label */
        {"licence", "https://creativecommons.org/licenses/by/4.0/"},
        {"manager", "Comune di Alessandria"},
        {"published_on", "2025-02-06"},
        {"update", "yearly"},
        {"opening", "unconditional"},
        {"format", "spreadsheet"},
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_string_equal(doc_get_text(entry, texts[i][0]), texts[i][1]);
    }
    assert_true(has_note(draft.adapted, "code", "c_a182:alberi"));
    assert_true(doc_has_text(draft.left_out, "http://www.w3.org/ns/dcat#contactPoint"));
}

/* ---- of one dataset ---- */

static void draft_of(struct dcat_draft *out, const char *dataset, const char *defaults)
{
    AUTO(doc_free) struct doc *doc = NULL;
    AUTO(doc_free) struct doc *filling = NULL;
    assert_int_equal(doc_parse(&doc, view_of_text(dataset), 65536), 0);
    if (defaults != NULL) {
        assert_int_equal(doc_parse(&filling, view_of_text(defaults), 65536), 0);
    }
    dcat_draft(out, doc, filling);
}

static bool has_fault(const struct faults *faults, int error, const char *field)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (faults->item[i].error == error && strcmp(faults->item[i].field, field) == 0) {
            return true;
        }
    }
    return false;
}

/* Nothing is invented: without defaults all that DCAT does not say is missing, and said at once. */
static void what_is_missing_is_told_at_once(void **state)
{
    (void)state;
    AUTO(dcat_draft_free) struct dcat_draft draft;
    draft_of(&draft,
             "{\"title\":\"T1\",\"accessLevel\":\"restricted public\",\"issued\":\"2014\","
             "\"accrualPeriodicity\":\"R/P2Y\",\"description\":7,"
             "\"landingPage\":\"https://u:geheim@h/\"}",
             NULL);
    static const struct {
        int error;
        const char *field;
    } faults[] = {
        {ERR_FIELD_MISSING, "identifier"},
        {ERR_FIELD_TYPE, "description"},
        {ERR_DATE, "issued"},
        {ERR_FIELD_CHOICE, "accrualPeriodicity"},
        {ERR_FIELD_MISSING, "entry.category"},
        {ERR_FIELD_MISSING, "entry.format"},
        {ERR_FIELD_MISSING, "entry.items"},
        {ERR_FIELD_MISSING, "entry.sharing"},
        {ERR_FIELD_MISSING, "entry.source.system"},
        {ERR_FIELD_MISSING, "entry.grade"},
        {ERR_FIELD_MISSING, "entry.coverage"},
        {ERR_FIELD_MISSING, "entry.manager"},
        {ERR_FIELD_MISSING, "entry.opening_conditions"},
        {ERR_FIELD_MISSING, "entry.duty"},
        {ERR_CREDENTIALS, "entry.source.store"},
    };
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        if (!has_fault(&draft.faults, faults[i].error, faults[i].field)) {
            fail_msg("no %s of %s", error_code(faults[i].error), faults[i].field);
        }
    }
    assert_int_equal(draft.faults.count, COUNT_OF(faults));
}

/* Properties of our own names that are none of ours. */
static void foreign_extensions(void **state)
{
    (void)state;
    AUTO(dcat_draft_free) struct dcat_draft draft;
    draft_of(&draft,
             "{\"identifier\":\"A\",\"dirchain:others\":[1,{},\"x\"],\"dirchain:entry\":7,"
             "\"dirchain:without\":{\"a\":1},\"keyword\":[\"a\",\"b\xef\xbf\xbd\"]}",
             NULL);
    assert_int_equal(doc_count(draft.left_out), 1);
    assert_true(has_fault(&draft.faults, ERR_FIELD_TYPE, "dirchain:entry"));
    assert_true(has_fault(&draft.faults, ERR_TEXT_DAMAGED, "entry.keywords[1]"));
    AUTO(dcat_draft_free) struct dcat_draft other;
    draft_of(&other,
             "{\"identifier\":\"A\",\"dirchain:others\":{\"a\":1},"
             "\"dirchain:entry\":{\"nothing\":1},\"dirchain:without\":[1,\"name\"]}",
             NULL);
    assert_int_equal(doc_count(other.left_out), 0);
    assert_true(has_fault(&other.faults, ERR_FIELD_UNKNOWN, "entry.nothing"));
}

static void cases_come_before_the_rest(void **state)
{
    (void)state;
    static const char defaults[] =
        "{\"entry\":{\"sharing\":\"unconditional\",\"update\":\"yearly\"},"
        "\"cases\":[{\"field\":\"accessLevel\",\"value\":\"non-public\","
        "\"entry\":{\"sharing\":\"none\"}}]}";
    AUTO(dcat_draft_free) struct dcat_draft open;
    AUTO(dcat_draft_free) struct dcat_draft closed;
    draft_of(&open, "{\"accessLevel\":\"public\",\"accrualPeriodicity\":\"R/P2Y\"}", defaults);
    draft_of(&closed, "{\"accessLevel\":\"non-public\"}", defaults);
    assert_string_equal(doc_get_text(doc_get(open.body, "entry"), "sharing"), "unconditional");
    assert_string_equal(doc_get_text(doc_get(closed.body, "entry"), "sharing"), "none");
    assert_string_equal(doc_get_text(doc_get(closed.body, "entry"), "opening"), "closed");
    assert_true(has_note(open.adapted, "entry.update", "R/P2Y")); /* we have no word for it */
    assert_true(has_fault(&closed.faults, ERR_FIELD_MISSING, "entry.sharing_reason"));
    assert_true(has_fault(&closed.faults, ERR_FIELD_MISSING, "entry.sharing_basis"));
    assert_false(has_fault(&open.faults, ERR_FIELD_MISSING, "entry.sharing_reason"));
}

static void defaults_are_checked(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *doc = NULL;
    struct faults faults = {0};
    const char *text = "{\"entry\":{\"grad\":1},\"case\":[],"
                       "\"cases\":[{\"field\":\"x\",\"entry\":{\"nam\":\"y\"}}]}";
    assert_int_equal(doc_parse(&doc, view_of_text(text), 65536), 0);
    assert_int_not_equal(dcat_defaults_check(&faults, doc), 0);
    assert_true(has_fault(&faults, ERR_FIELD_UNKNOWN, "entry.grad"));
    assert_true(has_fault(&faults, ERR_FIELD_UNKNOWN, "case"));
    assert_true(has_fault(&faults, ERR_FIELD_MISSING, "cases[0]"));
    assert_true(has_fault(&faults, ERR_FIELD_UNKNOWN, "cases[0].entry.nam"));
    assert_int_equal(faults.count, 4);
}

static void identifiers_become_codes(void **state)
{
    (void)state;
    static const struct {
        const char *identifier, *code; /* a code that ends with '*' goes on with 16 digits */
    } cases[] = {
        {"GSA-2015-02-26-1", "GSA-2015-02-26-1"},
        {"c_a182:alberi", "c_a182-alberi-*"},
        {"https://data.gov/dataset/trees/", "trees-*"},
        {"..", "..-*"},
        {"数据", "*"},
        {"1234567890123456789012345678901234567890123456789012345678901234",
         "1234567890123456789012345678901234567890123456789012345678901234"},
        {"12345678901234567890123456789012345678901234567890123456789012345",
         "12345678901234567890123456789012345678901234567-*"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf_free) struct buf code = {0};
        size_t len = strlen(cases[i].code);
        bool derived = cases[i].code[len - 1] == '*';
        assert_int_equal(dcat_code_of(&code, cases[i].identifier), !derived);
        if (derived) {
            assert_int_equal(code.len, len - 1 + 16);
            assert_true(code.len <= 64);
            assert_memory_equal(buf_text(&code), cases[i].code, len - 1);
        } else {
            assert_string_equal(buf_text(&code), cases[i].code);
        }
    }
    AUTO(buf_free) struct buf a = {0};
    AUTO(buf_free) struct buf b = {0};
    dcat_code_of(&a, "x:1");
    dcat_code_of(&b, "x/1");
    assert_string_not_equal(buf_text(&a), buf_text(&b));
}

static void keywords_and_periods(void **state)
{
    (void)state;
    AUTO(dcat_draft_free) struct dcat_draft draft;
    AUTO(buf_free) struct buf dataset = {0};
    buf_append_text(&dataset, "{\"temporal\":\"2009-01-01/2009-12-31\",\"keyword\":["
                              "\" a \",\"a\",\"\",\"12345678901234567890123456789012345678901234567"
                              "890\",\"123456789012345678901234567890123456789012345678901\"");
    for (int i = 3; i <= 22; i++) {
        buf_append_format(&dataset, ",\"k%d\"", i);
    }
    buf_append_text(&dataset, "]}");
    draft_of(&draft, buf_text(&dataset), NULL);
    const struct doc *entry = doc_get(draft.body, "entry");
    const struct doc *keywords = doc_get(entry, "keywords");
    assert_int_equal(doc_count(keywords), 20);
    assert_string_equal(doc_text(doc_at(keywords, 0)), "a");
    assert_string_equal(doc_text(doc_at(keywords, 2)), "k3");
    assert_string_equal(doc_text(doc_at(keywords, 19)), "k20");
    assert_true(has_note(draft.adapted, "entry.keywords",
                         "123456789012345678901234567890123456789012345678901、k21、k22"));
    assert_string_equal(doc_get_text(doc_get(entry, "period"), "from"), "2009-01-01");
    assert_string_equal(doc_get_text(doc_get(entry, "period"), "to"), "2009-12-31");

    static const struct {
        const char *temporal;
        bool period, to;
    } cases[] = {
        {"2009-01-01/..", true, false},
        {"2009-01-01/", true, false},
        {"2009-01-01/2009-01-01", true, true},
        {"2009-01-01/2008-12-31", false, false},
        {"2009-02-29/2009-12-31", false, false},
        {"R/P1Y", false, false},
        {"2009-01-01", false, false},
        {"2009-01-01/P1Y", false, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(dcat_draft_free) struct dcat_draft one;
        buf_clear(&dataset);
        buf_append_format(&dataset, "{\"temporal\":\"%s\"}", cases[i].temporal);
        draft_of(&one, buf_text(&dataset), NULL);
        const struct doc *period = doc_get(doc_get(one.body, "entry"), "period");
        assert_int_equal(period != NULL, cases[i].period);
        assert_int_equal(doc_get(period, "to") != NULL, cases[i].to);
    }
}

static void words_of_both_formats(void **state)
{
    (void)state;
    static const struct {
        enum dcat_word_kind kind;
        const char *theirs, *ours;
    } cases[] = {
        {DCAT_ACCESS, "public", "unconditional"},
        {DCAT_ACCESS, "restricted public", "conditional"},
        {DCAT_ACCESS, "non-public", "closed"},
        {DCAT_ACCESS, "http://publications.europa.eu/resource/authority/access-right/NON_PUBLIC",
         "closed"},
        {DCAT_ACCESS, "private", NULL},
        {DCAT_UPDATE, "R/P1D", "daily"},
        {DCAT_UPDATE, "R/P1W", "weekly"},
        {DCAT_UPDATE, "R/P1M", "monthly"},
        {DCAT_UPDATE, "R/P3M", "quarterly"},
        {DCAT_UPDATE, "R/P1Y", "yearly"},
        {DCAT_UPDATE, "R/PT1S", "realtime"},
        {DCAT_UPDATE, "R/P6M", NULL}, /* twice a year: neither more nor less often */
        {DCAT_UPDATE, "http://publications.europa.eu/resource/authority/frequency/ANNUAL",
         "yearly"},
        {DCAT_UPDATE, "http://publications.europa.eu/resource/authority/frequency/NEVER", "static"},
        {DCAT_UPDATE, "http://publications.europa.eu/resource/authority/frequency/ANNUAL_2", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *ours = dcat_word_ours(cases[i].kind, cases[i].theirs);
        if (cases[i].ours == NULL) {
            assert_null(ours);
        } else {
            assert_string_equal(ours, cases[i].ours);
        }
    }
    assert_string_equal(dcat_format_of("text/csv"), "spreadsheet");
    assert_string_equal(dcat_format_of("CSV"), "spreadsheet");
    assert_string_equal(
        dcat_format_of("http://publications.europa.eu/resource/authority/file-type/SHP"),
        "location");
    assert_string_equal(dcat_format_of("image/webp"), "image");
    assert_null(dcat_format_of("application/zip"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_feeds_become_drafts),
        cmocka_unit_test(what_dcat_says_is_taken),
        cmocka_unit_test(what_rdf_says_is_taken),
        cmocka_unit_test(what_is_missing_is_told_at_once),
        cmocka_unit_test(foreign_extensions),
        cmocka_unit_test(cases_come_before_the_rest),
        cmocka_unit_test(defaults_are_checked),
        cmocka_unit_test(identifiers_become_codes),
        cmocka_unit_test(keywords_and_periods),
        cmocka_unit_test(words_of_both_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
