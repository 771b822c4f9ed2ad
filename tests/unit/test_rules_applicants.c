/* Applicants of open data (OPEN 17-20): no members, known by a salted digest, through a member. */
#include "rules_fixture.h"

#include "base/memory.h"

static char id[2 * HASH_BYTES + 1];

#define HEX "00000000000000000000000000000000000000000000000000000000000000aa"
#define MATERIAL(kind) "{'kind':'" kind "','digest':'" HEX "'}"
#define APPLICANT(materials)                                                                       \
    "{'applicant':{'kind':'company','identity':'" HEX "','materials':[" materials "]}}"
#define COMPLETE                                                                                   \
    APPLICANT(MATERIAL("qualification") "," MATERIAL("security") "," MATERIAL("scenario"))

static void submit_entry(struct ledger *ledger, const char *opening)
{
    AUTO(doc_free)
    struct doc *body = fixture_parse("{'code':'E1','entry':%s}",
                                     entry_text("社会组织名录", "unconditional", NULL));
    struct doc *entry = (struct doc *)(uintptr_t)doc_get(body, "entry");
    doc_set_text(entry, "opening", opening);
    if (strcmp(opening, "conditional") == 0) {
        doc_set_text(entry, "opening_conditions", "仅限研究与服务用途");
    }
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
}

static struct ledger *with_entry(const char *profile, const char *opening)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E0", "unconditional"); /* and the duty */
    submit_entry(ledger, opening);
    return ledger;
}

static const char *text(struct ledger *ledger, const char *family, const char *path)
{
    char key[100];
    (void)snprintf(key, sizeof key, "%s/%s", family, id);
    return ledger_text(ledger, key, path);
}

/* OPEN 18: 相关资质与能力证明、数据安全管理制度、应用场景说明; all that is missing at once. */
static void an_application_has_its_materials(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("shanghai-open", "conditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", APPLICANT(MATERIAL("security"))),
                     ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "applicant.materials.qualification"));
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "applicant.materials.scenario"));
    assert_int_equal(ledger->faults.count, 2);
    ledger_close(&ledger);
}

/* OPEN 17: what is open to all needs no application; what is closed takes none. */
static void only_conditional_data_is_applied_for(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("shanghai-open", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "applicant"));
    ledger_close(&ledger);
    ledger = with_entry("shanghai-open", "closed");
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), ERR_NOT_SHARED);
    ledger_close(&ledger);
    ledger = with_entry("putuo", "conditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), ERR_POLICY);
    ledger_close(&ledger);
}

/* OPEN 19, 20: intake, the provider's ten days, an agreement; though agencies share it freely. Ten
 * days from Monday, 2 March: 3-6, 9-13, 16. */
static void an_applicant_takes_the_whole_way(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = with_entry("shanghai-open", "conditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), 0);
    assert_string_equal(text(ledger, "request", "status"), "intake");
    ledger_must(ledger, CENTER "/review", "request.intake",
                "{'request':'%s','acts_on':'%s','decision':'accept'}", id,
                ledger_version(ledger, "request/%s", id));
    (void)snprintf(key, sizeof key, "request/%s", id);
    assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"),
                     at("2026-03-17T00:00:00+08:00"));
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s','decision':'approve'}", id,
                ledger_version(ledger, "request/%s", id));
    assert_string_equal(text(ledger, "grant", "status"), "agreement");
    assert_string_equal(text(ledger, "grant", "applicant"), HEX);
    /* An agency's own request for the same entry is recorded and granted at once. */
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(text(ledger, "grant", "status"), "active");
    assert_string_equal(text(ledger, "grant", "applicant"), "");
    ledger_close(&ledger);
}

/* What was closed in the meantime is not given. */
static void what_is_closed_meanwhile_is_not_given(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("shanghai-open", "conditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), 0);
    AUTO(doc_free) struct doc *entry = doc_copy(ledger_get(ledger, "entry/" ALPHA "/E1"));
    doc_set_text((struct doc *)(uintptr_t)doc_get(entry, "entry"), "opening", "closed");
    state_put(ledger->state, "entry/" ALPHA "/E1", doc_ref(entry)); /* as a change would */
    assert_int_equal(ledger_do(ledger, CENTER "/review", "request.intake",
                               "{'request':'%s','acts_on':'%s','decision':'accept'}", id,
                               ledger_version(ledger, "request/%s", id)),
                     ERR_NOT_SHARED);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_application_has_its_materials),
        cmocka_unit_test(only_conditional_data_is_applied_for),
        cmocka_unit_test(an_applicant_takes_the_whole_way),
        cmocka_unit_test(what_is_closed_meanwhile_is_not_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
