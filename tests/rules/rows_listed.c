/* What rests on the open list, by the clause: OPEN 9, 10, 11, 17. */
#include "row.h"

#include "entry_acts.h"

#include "chain/rules/records.h"

#define HEX "00000000000000000000000000000000000000000000000000000000000000aa"
#define MATERIAL(kind) "{'kind':'" kind "','digest':'" HEX "'}"
#define APPLICANT                                                                                  \
    "'applicant':{'kind':'company','identity':'" HEX "','materials':[" MATERIAL(                   \
        "qualification") "," MATERIAL("security") "," MATERIAL("scenario") "]}"
#define LISTING "listing/" ALPHA "/E1"
#define BOTH "'items':['姓名','证件号码']"

static char id[2 * HASH_BYTES + 1]; /* of the application, and of its grant */

static int adjust(struct ledger *ledger, const char *rest)
{
    ledger->faults = (struct faults){0};
    int error = ledger_do(ledger, ALPHA "/compile", "open.adjust",
                          "{'code':'E1','acts_on':'%s','reason':'权利人提出异议','explanation':"
                          "'涉及商业秘密','explanation_digest':'" HEX "',%s}",
                          ledger_version(ledger, LISTING), rest);
    if (error == 0) {
        ledger_must(ledger, CENTER "/review", "open.review",
                    "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                    ledger_version(ledger, LISTING));
    }
    return error;
}

static int list(struct ledger *ledger, const char *items)
{
    int error = ledger_do(ledger, ALPHA "/compile", "open.list",
                          "{'code':'E1','acts_on':'%s','reason':'社会迫切需要','listing':{%s,"
                          "'theme':'社会组织','type':'conditional','update':'irregular',"
                          "'processing':'declassified',"
                          "'conditions':[{'kind':'scenario','text':'仅限研究与服务用途'}],"
                          "'materials':[{'kind':'qualification','text':'资质与能力证明'}]}}",
                          ledger_version(ledger, "entry/" ALPHA "/E1"), items);
    if (error == 0) {
        ledger_must(ledger, CENTER "/review", "open.review",
                    "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                    ledger_version(ledger, LISTING));
    }
    return error;
}

/* E1, shared so, both of its items on the list, on Monday, 2 March. */
static struct ledger *listed(const char *sharing)
{
    struct ledger *ledger = ledger_open("shanghai-open");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", sharing);
    assert_int_equal(list(ledger, BOTH), 0);
    return ledger;
}

static int apply_for(struct ledger *ledger, const char *items)
{
    char extra[600];
    (void)snprintf(extra, sizeof extra, "{%s," APPLICANT "}", items);
    return ledger_ask(ledger, id, "E1", extra);
}

static void take_in(struct ledger *ledger)
{
    ledger_must(ledger, CENTER "/review", "request.intake",
                "{'request':'%s','acts_on':'%s','decision':'accept'}", id,
                ledger_version(ledger, "request/%s", id));
}

static void answer(struct ledger *ledger)
{
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s','decision':'approve'}", id,
                ledger_version(ledger, "request/%s", id));
}

static void decide(struct ledger *ledger)
{
    take_in(ledger);
    answer(ledger);
}

static void grant_to_applicant(struct ledger *ledger, const char *items)
{
    assert_int_equal(apply_for(ledger, items), 0);
    decide(ledger);
}

static void sign(struct ledger *ledger)
{
    static const char *const sides[] = {ALPHA "/chief", BETA "/chief"};
    for (size_t i = 0; i < COUNT_OF(sides); i++) {
        ledger_must(ledger, sides[i], "agreement.sign",
                    "{'grant':'%s','acts_on':'%s','digest':'" HEX
                    "','contains':['scenario','usage-reports','safeguards','liability']}",
                    id, ledger_version(ledger, "grant/%s", id));
    }
}

static const struct doc *grant(struct ledger *ledger)
{
    return ledger_get(ledger, "grant/%s", id);
}

static int use(struct ledger *ledger)
{
    return ledger_do(ledger, BETA "/gateway", "access.open",
                     "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统','operator':"
                     "'gateway','purpose':'一网通办：社会组织登记核验','method':'service',"
                     "'parameters':'" HEX "'}",
                     id, ledger_version(ledger, "grant/%s", id));
}

static size_t acts_on_grants(const struct ledger *ledger, const char *effect)
{
    size_t found = 0;
    for (size_t i = 0; i < doc_count(ledger->acts); i++) {
        const struct doc *act = doc_at(ledger->acts, i);
        found += doc_text_is(act, "effect", effect) &&
                 strncmp(doc_get_text(act, "subject"), "grant/", 6) == 0;
    }
    return found;
}

static size_t with_status(struct ledger *ledger, const char *status)
{
    char key[RECORD_KEY_BYTES], after[RECORD_KEY_BYTES] = "grant/";
    size_t found = 0;
    while (state_next(ledger->state, key, "grant/", after)) {
        found += doc_text_is(state_get(ledger->state, key), "status", status);
        memcpy(after, key, sizeof after);
    }
    return found;
}

/* ---- applications ---- */

static void C8_applied_by_the_list(void **state)
{
    (void)state;
    struct ledger *ledger = listed("none"); /* agencies get nothing of it */
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), ERR_NOT_SHARED);
    grant_to_applicant(ledger, BOTH);
    assert_int_equal(doc_count(doc_get(grant(ledger), "items")), 2);
    ledger_close(&ledger);
    /* Nor does the ruling on how agencies share it. */
    ledger = listed("authorised");
    rule_sharing(ledger, ALPHA, "none");
    grant_to_applicant(ledger, BOTH);
    sign(ledger);
    assert_int_equal(use(ledger), 0);
    /* Off the list it is open to nobody, though agencies share it. */
    assert_int_equal(apply_for(ledger, BOTH), 0);
    assert_int_equal(adjust(ledger, "'withdraw':true"), 0);
    assert_int_equal(ledger_do(ledger, CENTER "/review", "request.intake",
                               "{'request':'%s','acts_on':'%s','decision':'accept'}", id,
                               ledger_version(ledger, "request/%s", id)),
                     ERR_NOT_SHARED);
    assert_int_equal(apply_for(ledger, BOTH), ERR_NOT_SHARED);
    ledger_close(&ledger);
}

static void retire(struct ledger *ledger)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E1','acts_on':'%s','reason':'业务系统停用','plan':'" HEX "'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    assert_int_equal(accept_change(ledger, ALPHA), 0);
}

/* OPEN 10: 无法继续更新的，应当将已开放的历史数据转为静态数据继续开放. */
static void C8_retired_stays_open(void **state)
{
    (void)state;
    char agencys[sizeof id], applicants[sizeof id];
    struct ledger *ledger = listed("unconditional");
    assert_int_equal(ledger_ask(ledger, agencys, "E1", NULL), 0);
    grant_to_applicant(ledger, BOTH);
    sign(ledger);
    memcpy(applicants, id, sizeof id);
    retire(ledger);
    assert_string_equal(ledger_text(ledger, LISTING, "listing.update"), "static");
    assert_int_equal(acts_on_grants(ledger, "entry-retired"), 1);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00");
    assert_true(doc_text_is(ledger_get(ledger, "grant/%s", agencys), "status", "terminated"));
    assert_true(doc_text_is(grant(ledger), "status", "active"));
    assert_int_equal(use(ledger), 0);
    /* It is open as before: to applicants, not to agencies. */
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), ERR_STATUS);
    grant_to_applicant(ledger, BOTH);
    sign(ledger);
    assert_int_equal(use(ledger), 0);
    /* Until it is taken off the list. */
    assert_int_equal(adjust(ledger, "'withdraw':true"), 0);
    ledger_at(ledger, "2026-03-04T00:00:00+08:00");
    assert_true(doc_text_is(grant(ledger), "status", "terminated"));
    assert_true(doc_text_is(ledger_get(ledger, "grant/%s", applicants), "status", "terminated"));
    assert_int_equal(apply_for(ledger, BOTH), ERR_STATUS);
    ledger_close(&ledger);
}

/* Nothing changes for those who have it by the list: no plan, and nothing to tell. */
static void C8_retired_without_a_plan(void **state)
{
    (void)state;
    struct ledger *ledger = listed("unconditional");
    grant_to_applicant(ledger, BOTH);
    sign(ledger);
    assert_int_equal(apply_for(ledger, BOTH), 0); /* and another, not decided yet */
    is_retired(ledger, ALPHA);
    assert_string_equal(ledger_text(ledger, "change/" ALPHA "/E1", "status"), "accepted");
    assert_int_equal(acts_on_grants(ledger, "entry-retired"), 0);
    ledger_close(&ledger);
}

/* A hundred and one applicants' grants, and an agency's: the last counts alone. */
static void C8_retired_without_a_plan_for_many(void **state)
{
    (void)state;
    char agencys[sizeof id];
    for (int used = 0; used < 2; used++) {
        struct ledger *ledger = listed("unconditional");
        for (size_t i = 0; i < 101; i++) {
            grant_to_applicant(ledger, BOTH);
        }
        if (used) {
            assert_int_equal(ledger_ask(ledger, agencys, "E1", NULL), 0);
        }
        apply_to_retire(ledger, ALPHA);
        const struct doc *change = ledger_get(ledger, "change/" ALPHA "/E1");
        assert_int_equal(doc_count(doc_get(change, "grants")), used);
        assert_null(doc_get(change, "grants_more"));
        assert_int_equal(accept_change(ledger, ALPHA), used ? ERR_PLAN : 0);
        assert_string_equal(ledger_text(ledger, "change/" ALPHA "/E1", "status"),
                            used ? "applied" : "accepted");
        ledger_close(&ledger);
    }
}

/* ---- what is taken off the list ---- */

static void C8_delisted(void **state)
{
    (void)state;
    char agencys[sizeof id], key[100];
    struct ledger *ledger = listed("unconditional");
    assert_int_equal(ledger_ask(ledger, agencys, "E1", NULL), 0);
    grant_to_applicant(ledger, BOTH);
    sign(ledger);
    (void)snprintf(key, sizeof key, "grant/%s", id);
    assert_int_equal(adjust(ledger, "'withdraw':true"), 0);
    assert_true(ledger_act_is(ledger, 0, key, "listing-withdrawn"));
    const struct doc *told = doc_at(ledger->acts, doc_count(ledger->acts) - 1);
    assert_string_equal(doc_get_text(told, "clause"), "OPEN 9");
    assert_int_equal(doc_get_int(told, "due_ms", 0), at("2026-03-03T00:00:00+08:00"));
    assert_int_equal(acts_on_grants(ledger, "listing-withdrawn"), 1);
    ledger_at_ms(ledger, at("2026-03-03T00:00:00+08:00") - 1);
    assert_int_equal(use(ledger), 0);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "ended-with-listing"));
    assert_true(doc_text_is(grant(ledger), "status", "terminated"));
    assert_int_equal(use(ledger), ERR_NOT_GRANTED);
    assert_true(doc_text_is(ledger_get(ledger, "grant/%s", agencys), "status", "active"));
    assert_int_equal(ledger_count(ledger, "live/"), 1);
    assert_int_equal(ledger_due(ledger, "delisting"), 0);
    assert_int_equal(ledger_due(ledger, "expiry"), 1);
    ledger_close(&ledger);
}

#define ONE_LEFT                                                                                   \
    "'listing':{'items':['姓名'],'theme':'社会组织','type':'conditional',"                   \
    "'update':'irregular','processing':'declassified',"                                            \
    "'conditions':[{'kind':'scenario','text':'仅限研究'}],"                                    \
    "'materials':[{'kind':'qualification','text':'资质与能力证明'}]}"

static void C8_delisted_items(void **state)
{
    (void)state;
    char key[100], other[sizeof id];
    struct ledger *ledger = listed("unconditional");
    grant_to_applicant(ledger, "'items':['姓名']");
    memcpy(other, id, sizeof other);
    grant_to_applicant(ledger, BOTH);
    (void)snprintf(key, sizeof key, "grant/%s", id);
    assert_int_equal(adjust(ledger, ONE_LEFT), 0);
    assert_true(ledger_act_is(ledger, 0, key, "listing-narrowed"));
    assert_int_equal(acts_on_grants(ledger, "listing-narrowed"), 1);
    ledger_at_ms(ledger, at("2026-03-03T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(doc_get(grant(ledger), "items")), 2);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "narrowed-with-listing"));
    assert_int_equal(doc_count(doc_get(grant(ledger), "items")), 1);
    assert_true(doc_has_text(doc_get(grant(ledger), "items"), "姓名"));
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, "grant/%s", other), "items")), 1);
    assert_int_equal(acts_on_grants(ledger, "ended-with-listing"), 0);
    /* Withdrawn, and listed again before midnight. */
    assert_int_equal(adjust(ledger, "'withdraw':true"), 0);
    assert_int_equal(list(ledger, "'items':['姓名']"), 0);
    ledger_at(ledger, "2026-03-04T00:00:00+08:00");
    assert_int_equal(acts_on_grants(ledger, "ended-with-listing"), 0);
    assert_int_equal(with_status(ledger, "agreement"), 2);
    assert_int_equal(ledger_due(ledger, "delisting"), 0);
    ledger_close(&ledger);
}

static void C8_delisted_by_the_hundred(void **state)
{
    (void)state;
    struct ledger *ledger = listed("unconditional");
    for (size_t i = 0; i < 203; i++) {
        grant_to_applicant(ledger, BOTH);
    }
    ledger_at(ledger, "2026-03-02T23:59:59.999+08:00");
    assert_int_equal(adjust(ledger, "'withdraw':true"), 0);
    assert_int_equal(acts_on_grants(ledger, "listing-withdrawn"), 100);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00");
    assert_int_equal(acts_on_grants(ledger, "listing-withdrawn"), 200);
    assert_int_equal(with_status(ledger, "terminated"), 0);
    ledger_at(ledger, "2026-03-03T00:00:01+08:00");
    assert_int_equal(acts_on_grants(ledger, "listing-withdrawn"), 203);
    assert_int_equal(with_status(ledger, "terminated"),
                     0); /* not in the block that told the last */
    static const size_t over[] = {100, 200, 203, 203};
    for (size_t i = 0; i < COUNT_OF(over); i++) {
        ledger_blocks(ledger, 1);
        assert_int_equal(with_status(ledger, "terminated"), over[i]);
    }
    assert_int_equal(ledger_count(ledger, "live/"), 0);
    assert_int_equal(ledger_due(ledger, "delisting"), 0);
    assert_int_equal(ledger_due(ledger, "delisting-notice"), 0);
    ledger_close(&ledger);
}

/* ---- what an application brings ---- */

#define ANOTHER "{'kind':'other','digest':'" HEX "'}"
#define THIRD "{'kind':'other','digest':'bb" HEX_REST "'}"
#define HEX_REST "000000000000000000000000000000000000000000000000000000000000aa"

static int bring(struct ledger *ledger, const char *materials)
{
    char extra[3000];
    ledger->faults = (struct faults){0};
    (void)snprintf(extra, sizeof extra,
                   "{'items':['姓名'],'applicant':{'kind':'company','identity':'" HEX
                   "','materials':[%s]}}",
                   materials);
    return ledger_ask(ledger, id, "E1", extra);
}

static int list_naming(struct ledger *ledger, const char *materials)
{
    char rest[2000];
    (void)snprintf(rest, sizeof rest,
                   "'listing':{'items':['姓名'],'theme':'社会组织','type':'conditional',"
                   "'update':'irregular','processing':'declassified',"
                   "'conditions':[{'kind':'credit','text':'未列入失信名单'}],'materials':[%s]}",
                   materials);
    return adjust(ledger, rest);
}

/* OPEN 18: 列明申请材料; OPEN 19: 材料齐全. The list names two of its own beside the profile's. */
static void D5_listed_materials(void **state)
{
    (void)state;
#define PROFILES MATERIAL("qualification") "," MATERIAL("security") "," MATERIAL("scenario")
    struct ledger *ledger = listed("unconditional");
    assert_int_equal(bring(ledger, PROFILES), 0);
    assert_int_equal(list_naming(ledger, "{'kind':'other','text':'信用报告'},"
                                         "{'kind':'other','text':'数据管理成熟度评估报告'}"),
                     0);
    assert_int_equal(bring(ledger, PROFILES), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "applicant.materials.other"));
    assert_int_equal(ledger->faults.count, 1);
    assert_int_equal(bring(ledger, PROFILES "," ANOTHER), ERR_FIELD_MISSING);
    /* The same paper twice is one, and what the profile names is not left out for it. */
    assert_int_equal(bring(ledger, PROFILES "," ANOTHER "," ANOTHER), ERR_DUPLICATE);
    assert_true(ledger_fault(ledger, ERR_DUPLICATE, "applicant.materials[4]"));
    assert_int_equal(bring(ledger, ANOTHER "," THIRD), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "applicant.materials.security"));
    assert_int_equal(ledger->faults.count, 3);
    assert_int_equal(bring(ledger, PROFILES "," ANOTHER "," THIRD), 0);
    ledger_close(&ledger);
}

/* OPEN 18: 涉及开放条件调整时，数据开放主体应主动并及时更新数据申请材料说明: for who applies from
 * then on. What was filed is complete by what was named on its day, taken in already or not. */
static void D5_as_filed(void **state)
{
    (void)state;
    for (int taken_in = 0; taken_in < 2; taken_in++) {
        struct ledger *ledger = listed("unconditional");
        assert_int_equal(bring(ledger, PROFILES), 0);
        if (taken_in) {
            take_in(ledger);
        }
        ledger_at(ledger, "2026-03-04T10:00:00+08:00");
        assert_int_equal(list_naming(ledger, "{'kind':'other','text':'信用报告'}"), 0);
        if (!taken_in) {
            take_in(ledger);
        }
        answer(ledger);
        assert_string_equal(doc_get_text(ledger_get(ledger, "request/%s", id), "status"),
                            "granted");
        assert_int_equal(bring(ledger, PROFILES), ERR_FIELD_MISSING);
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "applicant.materials.other"));
        ledger_close(&ledger);
    }
}

/* Whatever a listing may name an application can bring, beside what the profile has each bring. */
static void D5_most_materials(void **state)
{
    (void)state;
    char named[1600], brought[2600] = PROFILES;
    struct ledger *ledger = listed("unconditional");
    size_t length = 0, filled = strlen(brought);
    for (int i = 0; i < 20; i++) {
        length += (size_t)snprintf(named + length, sizeof named - length,
                                   "%s{'kind':'other','text':'第%d份证明'}", i == 0 ? "" : ",", i);
    }
    assert_int_equal(list_naming(ledger, named), 0);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(bring(ledger, brought), ERR_FIELD_MISSING);
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "applicant.materials.other"));
        filled += (size_t)snprintf(brought + filled, sizeof brought - filled,
                                   ",{'kind':'other','digest':'%02d" HEX_REST "'}", i);
    }
    assert_int_equal(bring(ledger, brought), 0);
    (void)snprintf(brought + filled, sizeof brought - filled, "," THIRD);
    assert_int_equal(bring(ledger, brought), ERR_FIELD_COUNT);
    ledger_close(&ledger);
}

/* Withdrawn on 2 March, the grant ends at midnight, whenever a profile comes that knows no lists. */
static void C8_list_of_a_former_profile(void **state)
{
    (void)state;
    for (int when = 0; when < 3; when++) {
        struct ledger *ledger = listed("unconditional");
        grant_to_applicant(ledger, BOTH);
        sign(ledger);
        if (when == 0) {
            assert_int_equal(ledger_policy(ledger, "open_list", "null"), 0);
        } else if (when == 1) {
            assert_int_equal(ledger_policy_from(ledger, "open_list", "null", "2026-03-03"), 0);
        }
        assert_int_equal(adjust(ledger, "'withdraw':true"), 0);
        if (when == 2) {
            assert_int_equal(ledger_policy(ledger, "open_list", "null"), 0);
        }
        ledger_at_ms(ledger, at("2026-03-03T00:00:00+08:00") - 1);
        assert_string_equal(doc_get_text(grant(ledger), "status"), "active");
        ledger_at(ledger, "2026-03-03T00:00:00+08:00");
        assert_string_equal(doc_get_text(grant(ledger), "status"), "terminated");
        assert_int_equal(use(ledger), ERR_NOT_GRANTED);
        ledger_close(&ledger);
    }
    /* Applied for under the list, it is answered by that; what is applied for now is not. */
    struct ledger *ledger = listed("none");
    assert_int_equal(apply_for(ledger, BOTH), 0);
    take_in(ledger);
    assert_int_equal(ledger_policy(ledger, "open_list", "null"), 0);
    answer(ledger);
    assert_string_equal(doc_get_text(grant(ledger), "status"), "agreement");
    assert_int_equal(apply_for(ledger, BOTH), ERR_NOT_SHARED);
    ledger_close(&ledger);
}
