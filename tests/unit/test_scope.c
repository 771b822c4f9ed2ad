/* What a grant lets out as the ledger has it now, and what of an earlier scope it no longer covers.
 */
#include "check.h"

#include "base/memory.h"
#include "exchange/scope.h"

#include <string.h>

static struct doc *parse(const char *text)
{
    struct doc *doc = NULL;
    AUTO(buf_free) struct buf copy = {0};
    if (text == NULL) {
        return NULL;
    }
    buf_append_text(&copy, text);
    for (size_t i = 0; i < copy.len; i++) {
        copy.data[i] = copy.data[i] == '\'' ? '"' : copy.data[i];
    }
    assert_int_equal(doc_parse(&doc, view_of_buf(&copy), 1 << 20), 0);
    return doc;
}

#define ENTRY "{'entry':{'items':[{'name':'姓名'},{'name':'住址'},{'name':'电话'}]}}"
#define GRANT "{'purpose':'核验','items':['姓名','住址']}"
#define BAR "{'masked':{'aa':['住址','电话'],'bb':['工龄']}}"
#define BY_PHONE "{'item':'电话','is':'prefix','value':'139'}"

static void what_may_leave(void **state)
{
    (void)state;
    static const struct {
        const char *grant, *entry, *bar, *listing, *scope;
    } cases[] = {
        {GRANT, ENTRY, NULL, NULL, "{'items':['姓名','住址']}"},
        {"{'items':['姓名'],'masked':['姓名'],'restriction':'masked','rows':[]}", ENTRY, NULL, NULL,
         "{'items':['姓名'],'masked':['姓名'],'restriction':'masked','rows':[]}"},
        /* What the entry no longer has. */
        {GRANT, "{'entry':{'items':[{'name':'住址'}]}}", NULL, NULL, "{'items':['住址']}"},
        {GRANT, NULL, NULL, NULL, "{'items':[]}"},
        /* OPEN 31: notices, as far as the grant gives it, or chooses rows by it. */
        {GRANT, ENTRY, BAR, NULL, "{'items':['姓名','住址'],'masked':['住址']}"},
        {"{'items':['姓名'],'rows':[" BY_PHONE "]}", ENTRY, BAR, NULL,
         "{'items':['姓名'],'masked':['电话'],'rows':[" BY_PHONE "]}"},
        /* OPEN 14: the open list, of applicants. */
        {GRANT, ENTRY, NULL, "{'masked':true}", "{'items':['姓名','住址']}"},
        {"{'applicant':'cc','items':['姓名']}", ENTRY, NULL, "{'masked':true}",
         "{'items':['姓名'],'masked_all':true}"},
        {"{'applicant':'cc','items':['姓名']}", ENTRY, NULL, "{}", "{'items':['姓名']}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *grant = parse(cases[i].grant);
        AUTO(doc_free) struct doc *entry = parse(cases[i].entry);
        AUTO(doc_free) struct doc *bar = parse(cases[i].bar);
        AUTO(doc_free) struct doc *listing = parse(cases[i].listing);
        AUTO(doc_free) struct doc *expected = parse(cases[i].scope);
        const struct scope_records records = {
            .grant = grant, .entry = entry, .bar = bar, .listing = listing};
        AUTO(doc_free) struct doc *scope = scope_of(&records);
        if (!doc_equal(scope, expected)) {
            AUTO(buf_free) struct buf text = {0};
            doc_append_pretty(&text, scope);
            fail_msg("case %zu: %s", i, buf_text(&text));
        }
    }
}

static void what_is_lost(void **state)
{
    (void)state;
    static const char two[] = "{'items':['姓名','住址']}";
    static const struct {
        const char *cut, *now, *lost; /* NULL: nothing */
    } cases[] = {
        {two, two, NULL},
        {NULL, two, ""}, /* not known: nothing of it leaves */
        {two, "{'items':['姓名','住址','电话']}", NULL},
        {two, "{'items':['姓名']}", "住址"},
        {two, "{'items':['姓名','住址'],'masked':['住址']}", "住址"},
        {two, "{'items':['姓名','住址'],'masked_all':true}", "姓名"},
        {"{'items':['姓名','住址'],'masked':['住址']}", two, NULL}, /* lifted */
        {"{'items':['姓名','住址'],'masked':['住址']}", "{'items':['姓名','住址'],'masked_all':true}",
         "姓名"},
        {"{'items':['姓名'],'masked_all':true}", "{'items':['姓名'],'masked':['姓名']}", NULL},
        {"{'items':['姓名'],'rows':[" BY_PHONE "]}",
         "{'items':['姓名'],'masked':['电话'],'rows':[" BY_PHONE "]}", "电话"},
        {"{'items':['姓名']}", "{'items':['姓名'],'rows':[" BY_PHONE "]}", ""},
        {"{'items':['姓名'],'rows':[" BY_PHONE "]}", "{'items':['姓名']}", ""},
        {"{'items':['姓名']}", "{'items':['姓名'],'restriction':'comparison'}", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *cut = parse(cases[i].cut);
        AUTO(doc_free) struct doc *now = parse(cases[i].now);
        const char *lost = scope_lost(now, cut);
        if ((lost == NULL) != (cases[i].lost == NULL) ||
            (lost != NULL && strcmp(lost, cases[i].lost) != 0)) {
            fail_msg("case %zu: %s", i, lost == NULL ? "nothing" : lost);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_leave),
        cmocka_unit_test(what_is_lost),
    };
    return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
