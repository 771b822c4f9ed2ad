/* Real catalogs into the ledger and out again: each draft is submitted under the rules of the day
 * and reviewed; what the ledger refuses is listed here, with its reason; every published entry is
 * written in both formats, read again, and is the same. */
#include "rules_fixture.h"

#include "dcat_feeds.h"

struct refusal {
    const char *code;
    int error;
    const char *field;
};

static void give_open_data_duty(struct ledger *ledger)
{
    ledger_must(ledger, ALPHA "/compile", "duty.publish",
                "{'code':'OPEN-DATA','name':'公共数据开放','category':'公共服务',"
                "'implementer':'测试单位','basis':'政府信息公开条例'}");
}

/* Whether the ledger took the draft; else it was refused as the list says, in its order. */
static bool submitted(struct ledger *ledger, const struct doc *body, const struct refusal **next)
{
    ledger->faults = (struct faults){0};
    int error = fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body);
    if (error == 0) {
        return true;
    }
    const char *code = doc_get_text(body, "code");
    const struct refusal *refusal = (*next)++;
    if (refusal->code == NULL || strcmp(refusal->code, code) != 0 || refusal->error != error ||
        !ledger_fault(ledger, error, refusal->field)) {
        AUTO(buf_free) struct buf text = {0};
        faults_append_text(&text, &ledger->faults);
        fail_msg("%s: %s\n%s", code, error_code(error), buf_text(&text));
    }
    return false;
}

static void publish(struct ledger *ledger, const char *code)
{
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
                ledger_version(ledger, "entry/" ALPHA "/%s", code));
}

static void real_catalogs_enter_the_ledger(void **state)
{
    (void)state;
    static const struct refusal none[] = {{NULL, 0, NULL}};
    static const struct {
        const char *feed, *defaults;
        size_t damaged; /* not even drafts: test_dcat_draft.c names them */
        size_t published;
        const struct refusal *refused;
    } cases[] = {
        {"gsa.data.json", "dcat/defaults-us.json", 0, 339, none},
        {"opm.data.json", "dcat/defaults-us.json", 2, 132, none},
        {"fda.data.json", "dcat/defaults-us.json", 4, 82, none},
        {"alessandria.rdf", "dcat/defaults-it.json", 0, 5, none},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *feed = read_feed(cases[i].feed);
        AUTO(doc_free) struct doc *defaults = read_json(cases[i].defaults);
        const struct refusal *refusal = cases[i].refused;
        size_t damaged = 0, published = 0;
        struct ledger *ledger = ledger_open("putuo");
        ledger_at(ledger, "2026-03-02T10:00:00+08:00");
        give_open_data_duty(ledger);
        for (size_t k = 0; k < doc_count(feed); k++) {
            AUTO(dcat_draft_free) struct dcat_draft draft;
            dcat_draft(&draft, doc_get(doc_at(feed, k), "dataset"), defaults);
            if (draft.faults.count > 0) {
                damaged++;
            } else if (submitted(ledger, draft.body, &refusal)) {
                const char *code = doc_get_text(draft.body, "code");
                publish(ledger, code);
                const struct doc *record = ledger_get(ledger, "entry/" ALPHA "/%s", code);
                check_round_trip(record, false);
                check_round_trip(record, true);
                published++;
            }
        }
        assert_null(refusal->code);
        assert_int_equal(damaged, cases[i].damaged);
        assert_int_equal(published, cases[i].published);
        ledger_close(&ledger);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(real_catalogs_enter_the_ledger)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
