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

static struct ledger *with_listing(const char *type)
{
    struct ledger *ledger = with_entry("shanghai-open", type);
    ledger_list_open(ledger, "E1", type);
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
    struct ledger *ledger = with_listing("conditional");
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
    struct ledger *ledger = with_listing("unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "applicant"));
    ledger_close(&ledger);
    ledger = with_entry("shanghai-open", "closed");
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), ERR_NOT_SHARED);
    ledger_close(&ledger);
    ledger = with_entry("putuo", "conditional");
    ledger_collect(ledger, "E1");
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), ERR_POLICY);
    ledger_close(&ledger);
}

/* OPEN 19, 20: intake, the provider's ten days, an agreement; though agencies share it freely. Ten
 * days from Monday, 2 March: 3-6, 9-13, 16. */
static void an_applicant_takes_the_whole_way(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = with_listing("conditional");
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

static int take_in(struct ledger *ledger)
{
    return ledger_do(ledger, CENTER "/review", "request.intake",
                     "{'request':'%s','acts_on':'%s','decision':'accept'}", id,
                     ledger_version(ledger, "request/%s", id));
}

/* OPEN 9: 公共数据开放采取清单制管理: what the catalog says could be open is not yet. */
static void what_is_not_on_the_list_is_not_open(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("shanghai-open", "conditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), ERR_NOT_SHARED);
    assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "entry"));
    ledger_list_open(ledger, "E1", "conditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), 0);
    ledger_close(&ledger);
}

static int apply_for(struct ledger *ledger, const char *what)
{
    AUTO(doc_free) struct doc *body = fixture_parse("%s", COMPLETE);
    AUTO(buf_free) struct buf extra = {0};
    fixture_merge(body, "%s", what);
    doc_append_canonical(&extra, body);
    return ledger_ask(ledger, id, "E1", buf_text(&extra));
}

/* The list names the items that are open, and a row's condition tells of the item it looks at. */
static void only_listed_items_are_open(void **state)
{
    (void)state;
    struct ledger *ledger = with_listing("conditional");
    assert_int_equal(apply_for(ledger, "{'items':['姓名','证件号码']}"), ERR_NOT_SHARED);
    assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "items[1]"));
    assert_int_equal(apply_for(ledger, "{'rows':[{'item':'证件号码','is':'prefix','value':'44'}]}"),
                     ERR_NOT_SHARED);
    assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "rows[0]"));
    assert_int_equal(apply_for(ledger, "{'rows':[{'item':'姓名','is':'prefix','value':'王'}]}"), 0);
    ledger_close(&ledger);
}

/* What was taken from the list in the meantime is not given. */
static void what_is_closed_meanwhile_is_not_given(void **state)
{
    (void)state;
    struct ledger *ledger = with_listing("conditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), 0);
    ledger_must(ledger, ALPHA "/compile", "open.adjust",
                "{'code':'E1','acts_on':'%s','reason':'权利人提出异议','withdraw':true,"
                "'explanation':'涉及个人隐私','explanation_digest':'" HEX "'}",
                ledger_version(ledger, "listing/" ALPHA "/E1"));
    ledger_must(ledger, CENTER "/review", "open.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "listing/" ALPHA "/E1"));
    assert_int_equal(take_in(ledger), ERR_NOT_SHARED);
    ledger_close(&ledger);
}

/* OPEN 19: an application is taken in and answered, whatever need the entry was compiled for. */
static void no_need_is_the_way_round_intake(void **state)
{
    (void)state;
    char need[2 * HASH_BYTES + 1], for_need[100];
    struct ledger *ledger = with_listing("conditional");
    assert_int_equal(ledger_policy(ledger, "need", "{'clause':'PT 22'}"), 0);
    assert_int_equal(ledger_need(ledger, need, "{'wanted':['名称']}"), 0);
    ledger_must(ledger, CENTER "/review", "need.intake",
                "{'need':'%s','acts_on':'%s','decision':'accept','provider':'" ALPHA "'}", need,
                ledger_version(ledger, "need/%s", need));
    ledger_must(ledger, ALPHA "/approve", "need.answer",
                "{'need':'%s','acts_on':'%s','decision':'compiled','meets':[{'wanted':'名称',"
                "'entry':'E1','item':'姓名'}]}",
                need, ledger_version(ledger, "need/%s", need));
    (void)snprintf(for_need, sizeof for_need, "{'for_need':'%s'}", need);
    assert_int_equal(apply_for(ledger, for_need), ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "for_need"));
    assert_int_equal(ledger_ask(ledger, id, "E1", for_need), 0); /* the agency itself */
    assert_string_equal(text(ledger, "request", "status"), "granted");
    ledger_close(&ledger);
}

/* E1 is closed, and on the list for this reason, to those who meet conditions. */
static struct ledger *with_closed(const char *processing)
{
    struct ledger *ledger = with_entry("shanghai-open", "closed");
    ledger_must(ledger, ALPHA "/compile", "open.list",
                "{'code':'E1','acts_on':'%s','reason':'社会迫切需要','listing':"
                "{'theme':'社会组织','type':'conditional','processing':'%s',"
                "'materials':[{'kind':'qualification','text':'资质与能力证明'}],"
                "'conditions':[{'kind':'scenario','text':'仅限研究与服务用途'}],"
                "'items':['姓名'],'update':'irregular'}}",
                ledger_version(ledger, "entry/" ALPHA "/E1"), processing);
    ledger_must(ledger, CENTER "/review", "open.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "listing/" ALPHA "/E1"));
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), 0);
    assert_int_equal(take_in(ledger), 0);
    return ledger;
}

static bool all_masked(struct ledger *ledger)
{
    assert_non_null(ledger_get(ledger, "grant/%s", id));
    return doc_get_bool(ledger_get(ledger, "grant/%s", id), "masked_all", false);
}

/* OPEN 14: what is open for being masked leaves masked, whoever decides; what the holders consented
 * to, and what an agency asks for itself, as it is. */
static void what_is_listed_masked_is_given_masked(void **state)
{
    (void)state;
    static const char *const processing[] = {"masked", "consent"};
    for (size_t i = 0; i < COUNT_OF(processing); i++) {
        struct ledger *ledger = with_closed(processing[i]);
        ledger_must(ledger, ALPHA "/approve", "request.answer",
                    "{'request':'%s','acts_on':'%s','decision':'approve'}", id,
                    ledger_version(ledger, "request/%s", id));
        assert_int_equal(all_masked(ledger), i == 0);
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        assert_false(all_masked(ledger));
        ledger_close(&ledger);
    }
    struct ledger *ledger = with_closed("masked");
#define KINGS "{'rows':[{'item':'姓名','is':'prefix','value':'王'}]}"
    assert_int_equal(apply_for(ledger, KINGS), ERR_FIELD_UNKNOWN); /* it would unmask them */
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "rows"));
    ledger_close(&ledger);
    ledger = with_closed("masked");
    ledger_at(ledger, "2026-03-17T09:00:00+08:00"); /* the ten days are over: it went up */
    ledger_must(ledger, SUPERVISOR "/approve", "dispute.rule",
                "{'dispute':'%s','acts_on':'%s','decision':'as-asked','reason':'符合开放条件'}", id,
                ledger_version(ledger, "dispute/%s", id));
    assert_true(all_masked(ledger));
    ledger_close(&ledger);
}

/* A document that keeps no list goes by the entry. */
static void without_a_list_the_entry_says(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("shanghai-open", "conditional");
    assert_int_equal(ledger_policy(ledger, "open_list", "null"), 0);
    assert_int_equal(ledger_ask(ledger, id, "E1", COMPLETE), 0);
    assert_int_equal(take_in(ledger), 0);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_application_has_its_materials),
        cmocka_unit_test(only_conditional_data_is_applied_for),
        cmocka_unit_test(an_applicant_takes_the_whole_way),
        cmocka_unit_test(what_is_not_on_the_list_is_not_open),
        cmocka_unit_test(only_listed_items_are_open),
        cmocka_unit_test(what_is_closed_meanwhile_is_not_given),
        cmocka_unit_test(no_need_is_the_way_round_intake),
        cmocka_unit_test(what_is_listed_masked_is_given_masked),
        cmocka_unit_test(without_a_list_the_entry_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
