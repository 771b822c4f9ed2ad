/* Delegations (PT 2, PT 11): scope, term, who is named, what suspends and ends them. */
#include "rules_fixture.h"

#include "key_steps.h"

#include "chain/rules/records.h"

#define THIRD "91440000231112653B" /* no member; its check digit is right */
#define WORKER ALPHA "/compile-lan"
#define RECORD "delegation/" ALPHA "/lan"

/* clang-format off */
#define DUTY "{'code':'%s','name':'年检','category':'行政检查'," \
             "'implementer':'民政厅','basis':'条例'}"
/* clang-format on */

static void own_proof(char out[100], struct ledger *ledger, const char *kid)
{
    key_proof(out, ledger, kid, kid + MEMBER_ID_CHARS + 1);
}

/* ALPHA entrusts `delegate` with `types`, and what `more` adds. */
static int grant(struct ledger *ledger, const char *delegate, const char *types, const char *until,
                 const char *more)
{
    char proof[100];
    own_proof(proof, ledger, WORKER);
    return ledger_do(ledger, ALPHA "/chief", "delegation.grant",
                     "{'code':'lan','delegate':'%s','delegate_name':'数据服务公司','types':[%s],"
                     "'until':'%s','basis':'政府采购法',%s'keys':[{'name':'compile-lan',"
                     "'role':'compile','public':'%s','proof':'%s'}]}",
                     delegate, types, until, more, fixture_public(WORKER), proof);
}

static int publish(struct ledger *ledger, const char *kid, const char *code)
{
    return ledger_do(ledger, kid, "duty.publish", DUTY, code);
}

static int submit(struct ledger *ledger, const char *kid, const char *code)
{
    return ledger_do(ledger, kid, "catalog.submit", "{'code':'%s','entry':%s}", code,
                     entry_text(code, "unconditional", NULL));
}

/* A ledger in which ALPHA has the duty D1. */
static struct ledger *with_duty(void)
{
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(publish(ledger, ALPHA "/compile", "D1"), 0);
    return ledger;
}

/* ---- scope ---- */

static void a_delegate_signs_for_the_agency_what_was_delegated(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(publish(ledger, ALPHA "/compile", "D1"), 0);
    assert_int_equal(grant(ledger, THIRD, "'catalog.submit'", "2026-03-31", ""), 0);
    assert_string_equal(ledger_text(ledger, "key/" ALPHA "/compile-lan", "delegate"), THIRD);
    assert_null(doc_get(ledger_get(ledger, "key/" ALPHA "/compile-lan"), "officer"));
    assert_int_equal(submit(ledger, WORKER, "E1"), ERR_TX_KEY); /* from the next block */
    ledger_blocks(ledger, 1);
    assert_int_equal(submit(ledger, WORKER, "E1"), 0);
    /* The agency is the provider; the key that compiled it names the third party. */
    assert_string_equal(ledger_text(ledger, "entry/" ALPHA "/E1", "provider"), ALPHA);
    assert_string_equal(ledger_text(ledger, "entry/" ALPHA "/E1", "compiled_by"), "compile-lan");
    assert_int_equal(publish(ledger, WORKER, "D2"), ERR_DELEGATION_SCOPE);
    assert_true(ledger_fault(ledger, ERR_DELEGATION_SCOPE, "type"));
    ledger_close(&ledger);
}

static struct doc *entry_of(const char *name, const char *duty)
{
    struct doc *entry = fixture_parse("%s", entry_text(name, "unconditional", NULL));
    doc_set_text(entry, "duty", duty);
    return entry;
}

/* An entry of ALPHA that stems from this duty, published. */
static void give_entry(struct ledger *ledger, const char *code, const char *duty)
{
    AUTO(doc_free) struct doc *body = fixture_parse("{'code':'%s'}", code);
    doc_set(body, "entry", entry_of(code, duty));
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
                ledger_version(ledger, "entry/" ALPHA "/%s", code));
}

/* D1 and D2, an entry of each, and a delegate that has all that can be delegated for D2 alone. */
static struct ledger *limited_to_a_duty(void)
{
    struct ledger *ledger = with_duty();
    assert_int_equal(publish(ledger, ALPHA "/compile", "D2"), 0);
    give_entry(ledger, "E1", "D1");
    give_entry(ledger, "E2", "D2");
    assert_int_equal(grant(ledger, THIRD, "'catalog.submit'", "2026-03-31", "'duties':['D9'],"),
                     ERR_SUBJECT);
    assert_int_equal(grant(ledger, THIRD,
                           "'catalog.bind','catalog.change','catalog.collect','catalog.refresh',"
                           "'catalog.submit'",
                           "2026-03-31", "'duties':['D2'],"),
                     0);
    ledger_blocks(ledger, 1);
    return ledger;
}

static int submit_of(struct ledger *ledger, const char *code, const char *duty)
{
    ledger->faults = (struct faults){0};
    AUTO(doc_free) struct doc *body = fixture_parse("{'code':'%s'}", code);
    doc_set(body, "entry", entry_of(code, duty));
    return fixture_submit(ledger, WORKER, "catalog.submit", body);
}

static void only_its_duties_where_the_agency_says_so(void **state)
{
    (void)state;
    struct ledger *ledger = limited_to_a_duty();
    assert_int_equal(submit_of(ledger, "E3", "D1"), ERR_DELEGATION_SCOPE);
    assert_true(ledger_fault(ledger, ERR_DELEGATION_SCOPE, "entry.duty"));
    assert_int_equal(submit_of(ledger, "E3", "D2"), 0);
    ledger_close(&ledger);
}

static int change_of(struct ledger *ledger, const char *code, const char *duty)
{
    ledger->faults = (struct faults){0};
    AUTO(doc_free)
    struct doc *body = fixture_parse("{'code':'%s','acts_on':'%s','reason':'系统升级'}", code,
                                     ledger_version(ledger, "entry/" ALPHA "/%s", code));
    doc_set(body, "entry", entry_of("新名称", duty));
    return fixture_submit(ledger, WORKER, "catalog.change", body);
}

/* What the entry stems from on record counts, and what it is to stem from. */
static void an_entry_is_not_moved_in_or_out_of_its_duties(void **state)
{
    (void)state;
    struct ledger *ledger = limited_to_a_duty();
    assert_int_equal(change_of(ledger, "E1", "D2"), ERR_DELEGATION_SCOPE);
    assert_true(ledger_fault(ledger, ERR_DELEGATION_SCOPE, "code"));
    assert_int_equal(change_of(ledger, "E2", "D1"), ERR_DELEGATION_SCOPE);
    assert_true(ledger_fault(ledger, ERR_DELEGATION_SCOPE, "entry.duty"));
    assert_int_equal(change_of(ledger, "E2", "D2"), 0);
    ledger_close(&ledger);
}

/* A returned entry of another duty is another's, whatever it is submitted as again. */
static void a_returned_entry_keeps_its_duty(void **state)
{
    (void)state;
    struct ledger *ledger = limited_to_a_duty();
    AUTO(doc_free) struct doc *body = fixture_parse("{'code':'E5'}");
    doc_set(body, "entry", entry_of("E5", "D1"));
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'E5','acts_on':'%s','decision':'return',"
                "'reasons':[{'reason':'摘要过于简单'}]}",
                ledger_version(ledger, "entry/" ALPHA "/E5"));
    AUTO(doc_free)
    struct doc *again =
        fixture_parse("{'code':'E5','acts_on':'%s'}", ledger_version(ledger, "entry/" ALPHA "/E5"));
    doc_set(again, "entry", entry_of("E5", "D2"));
    assert_int_equal(fixture_submit(ledger, WORKER, "catalog.submit", again), ERR_DELEGATION_SCOPE);
    assert_true(ledger_fault(ledger, ERR_DELEGATION_SCOPE, "code"));
    ledger_close(&ledger);
}

static int bind_to(struct ledger *ledger, const char *code)
{
    return ledger_do(ledger, WORKER, "catalog.bind",
                     "{'code':'%s','acts_on':'%s','bindings':[{'method':'table',"
                     "'resource':'minzheng.orgs'}]}",
                     code, ledger_version(ledger, "entry/" ALPHA "/%s", code));
}

static int collect(struct ledger *ledger, const char *code, const char *rest)
{
    return ledger_do(ledger, WORKER, "catalog.collect", "{'code':'%s','acts_on':'%s',%s}", code,
                     ledger_version(ledger, "entry/" ALPHA "/%s", code), rest);
}

/* Every act that names an entry. */
static void no_act_on_an_entry_of_another_duty(void **state)
{
    (void)state;
    static const char figures[] = "'method':'table','system':'登记系统','content':'登记信息',"
                                  "'tables':1,'rows':1200";
    struct ledger *ledger = limited_to_a_duty();
    assert_int_equal(bind_to(ledger, "E1"), ERR_DELEGATION_SCOPE);
    assert_int_equal(bind_to(ledger, "E2"), 0);
    assert_int_equal(collect(ledger, "E1", figures), ERR_DELEGATION_SCOPE);
    assert_int_equal(collect(ledger, "E2", figures), 0);
    assert_int_equal(
        ledger_do(ledger, WORKER, "catalog.refresh", "{'entries':[{'code':'E2'},{'code':'E1'}]}"),
        ERR_DELEGATION_SCOPE);
    assert_true(ledger_fault(ledger, ERR_DELEGATION_SCOPE, "entries[1].code"));
    assert_int_equal(ledger_do(ledger, WORKER, "catalog.refresh", "{'entries':[{'code':'E2'}]}"),
                     0);
    ledger_close(&ledger);
}

/* A milestone that answers to another duty, or to none, is not the delegate's to meet. */
static void a_milestone_is_of_its_duties_too(void **state)
{
    (void)state;
    static const struct {
        const char *code, *more;
        int error;
    } cases[] = {{"M1", ",'duty':'D1'", ERR_DELEGATION_SCOPE},
                 {"M2", "", ERR_DELEGATION_SCOPE},
                 {"M3", ",'duty':'D2'", 0}};
    struct ledger *ledger = limited_to_a_duty();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                    "{'code':'%s','kind':'business','matter':'年检','date':'2026-01-05'%s}",
                    cases[i].code, cases[i].more);
        AUTO(doc_free)
        struct doc *body = fixture_parse("{'code':'E3','milestone':'%s'}", cases[i].code);
        doc_set(body, "entry", entry_of("E3", "D2"));
        assert_int_equal(fixture_submit(ledger, WORKER, "catalog.submit", body), cases[i].error);
        assert_int_equal(ledger_fault(ledger, ERR_DELEGATION_SCOPE, "milestone"),
                         cases[i].error != 0);
    }
    ledger_close(&ledger);
}

/* PT 11 speaks to the agency: to refuse collection is its own decision. */
static void a_delegate_refuses_nothing(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty();
    give_entry(ledger, "E1", "D1");
    assert_int_equal(grant(ledger, THIRD, "'catalog.collect'", "2026-03-31", ""), 0);
    ledger_blocks(ledger, 1);
    assert_int_equal(collect(ledger, "E1", "'refusal':{'reason':'涉密','basis':'保守国家秘密法'}"),
                     ERR_DELEGATION_SCOPE);
    assert_true(ledger_fault(ledger, ERR_DELEGATION_SCOPE, "refusal"));
    ledger_close(&ledger);
}

static void nothing_is_delegated_on(void **state)
{
    (void)state;
    static const char *const never[] = {
        "delegation.grant", "key.add",          "key.rotate",      "officer.register",
        "request.answer",   "catalog.review",   "member.update",   "no.such",
        "request.submit",   "request.withdraw", "dispute.settle",  "access.open",
        "access.receipt",   "grant.end",        "onward.ask",      "open.list",
        "need.submit",      "case.open",        "quality.answer",  "feedback.submit",
        "duty.publish",     "duty.retire",      "catalog.retire",  "catalog.maintain",
        "open.adjust",      "rectify.done",     "incident.report", "catalog.milestone"};
    char types[64];
    struct ledger *ledger = ledger_open("putuo");
    for (size_t i = 0; i < COUNT_OF(never); i++) {
        (void)snprintf(types, sizeof types, "'catalog.submit','%s'", never[i]);
        assert_int_equal(grant(ledger, THIRD, types, "2026-03-31", ""), ERR_FIELD_CHOICE);
        assert_true(ledger_fault(ledger, ERR_FIELD_CHOICE, "types[1]"));
    }
    assert_int_equal(grant(ledger, ALPHA, "'catalog.submit'", "2026-03-31", ""), ERR_SELF);
    ledger_close(&ledger);
}

/* ---- the term ---- */

/* Until 2026-01-07: over at 24:00, the exclusive instant 2026-01-08T00:00:00.000+08:00. */
static void it_ends_at_24_00_by_itself(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty();
    assert_int_equal(grant(ledger, THIRD, "'catalog.submit'", "2026-01-04", ""), ERR_FIELD_RANGE);
    assert_int_equal(grant(ledger, THIRD, "'catalog.submit'", "2026-01-07", ""), 0);
    ledger_at(ledger, "2026-01-07T23:59:59.999+08:00");
    assert_int_equal(submit(ledger, WORKER, "X1"), 0);
    ledger_at(ledger, "2026-01-08T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, RECORD, "delegation-expired"));
    assert_string_equal(ledger_text(ledger, RECORD, "status"), "expired");
    assert_int_equal(ledger_int(ledger, "key/" ALPHA "/compile-lan", "to"), ledger->height);
    /* Its key is of this height still, the delegation is over all the same. */
    assert_int_equal(submit(ledger, WORKER, "X2"), ERR_DELEGATION);
    ledger_blocks(ledger, 1);
    assert_int_equal(submit(ledger, WORKER, "X2"), ERR_TX_KEY);
    ledger_close(&ledger);
}

static void it_begins_on_its_first_day(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty();
    assert_int_equal(grant(ledger, THIRD, "'catalog.submit'", "2026-01-07", "'from':'2026-01-04',"),
                     ERR_FIELD_RANGE);
    assert_int_equal(grant(ledger, THIRD, "'catalog.submit'", "2026-01-07", "'from':'2026-01-08',"),
                     ERR_FIELD_RANGE);
    assert_int_equal(grant(ledger, THIRD, "'catalog.submit'", "2026-01-07", "'from':'2026-01-07',"),
                     0);
    ledger_at(ledger, "2026-01-06T23:59:59.999+08:00");
    assert_int_equal(submit(ledger, WORKER, "X1"), ERR_DELEGATION);
    ledger_at(ledger, "2026-01-07T00:00:00+08:00");
    assert_int_equal(submit(ledger, WORKER, "X1"), 0);
    ledger_close(&ledger);
    ledger = with_duty(); /* or today */
    assert_int_equal(grant(ledger, THIRD, "'catalog.submit'", "2026-01-07", "'from':'2026-01-05',"),
                     0);
    ledger_close(&ledger);
}

static void the_chief_ends_it_before(void **state)
{
    (void)state;
    static const char end[] = "{'code':'lan','acts_on':'%s','reason':'合同解除'}";
    struct ledger *ledger = with_duty();
    assert_int_equal(grant(ledger, THIRD, "'catalog.submit'", "2026-03-31", ""), 0);
    assert_int_equal(ledger_count(ledger, "due/"), 1);
    assert_int_equal(
        ledger_do(ledger, ALPHA "/compile", "delegation.end", end, ledger_version(ledger, RECORD)),
        ERR_TX_ROLE);
    ledger_must(ledger, ALPHA "/chief", "delegation.end", end, ledger_version(ledger, RECORD));
    assert_string_equal(ledger_text(ledger, RECORD, "status"), "revoked");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    ledger_blocks(ledger, 1);
    assert_int_equal(submit(ledger, WORKER, "X1"), ERR_TX_KEY);
    assert_int_equal(
        ledger_do(ledger, ALPHA "/chief", "delegation.end", end, ledger_version(ledger, RECORD)),
        ERR_STATUS);
    assert_int_equal(grant(ledger, THIRD, "'catalog.submit'", "2026-03-31", ""), ERR_DUPLICATE);
    ledger_close(&ledger);
}

/* ---- suspension ---- */

static void suspend(struct ledger *ledger, const char *member, const char *type)
{
    ledger_must(ledger, CENTER "/admin", type, "{'member':'%s','acts_on':'%s','reason':'核查'%s}",
                member, ledger_version(ledger, "member/%s", member), ledger_no_risk(type));
    ledger_blocks(ledger, 1);
}

static void it_rests_while_either_is_suspended(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty();
    assert_int_equal(grant(ledger, BETA, "'catalog.submit'", "2026-03-31", ""), 0);
    ledger_blocks(ledger, 1);
    suspend(ledger, BETA, "member.suspend");
    assert_int_equal(submit(ledger, WORKER, "X1"), ERR_DELEGATION);
    assert_true(ledger_fault(ledger, ERR_DELEGATION, "delegate"));
    suspend(ledger, BETA, "member.restore");
    assert_int_equal(submit(ledger, WORKER, "X1"), 0);
    suspend(ledger, ALPHA, "member.suspend");
    assert_int_equal(submit(ledger, WORKER, "X2"), ERR_TX_SUSPENDED);
    suspend(ledger, ALPHA, "member.restore");
    assert_int_equal(submit(ledger, WORKER, "X2"), 0);
    ledger_close(&ledger);
}

/* ---- keys ---- */

static void the_delegate_proves_its_keys(void **state)
{
    (void)state;
    char proof[100];
    struct ledger *ledger = with_duty();
    own_proof(proof, ledger, ALPHA "/compile-other");
    assert_int_equal(
        ledger_do(ledger, ALPHA "/chief", "delegation.grant",
                  "{'code':'lan','delegate':'" THIRD "','delegate_name':'公司','basis':'采购法',"
                  "'types':['catalog.submit'],'until':'2026-03-31','keys':[{'name':'compile-lan',"
                  "'role':'compile','public':'%s','proof':'%s'}]}",
                  fixture_public(WORKER), proof),
        ERR_SIGNATURE);
    assert_true(ledger_fault(ledger, ERR_SIGNATURE, "keys[0].proof"));
    ledger_close(&ledger);
}

static void a_rotated_key_stays_the_delegates(void **state)
{
    (void)state;
    char proof[100];
    struct ledger *ledger = with_duty();
    assert_int_equal(grant(ledger, THIRD, "'catalog.submit'", "2026-01-07", ""), 0);
    own_proof(proof, ledger, ALPHA "/compile-lan2");
    ledger_must(ledger, ALPHA "/chief", "key.rotate",
                "{'name':'compile-lan','acts_on':'%s','new_name':'compile-lan2','new_public':'%s',"
                "'proof':'%s','reason':'更换'}",
                ledger_version(ledger, "key/" ALPHA "/compile-lan"),
                fixture_public(ALPHA "/compile-lan2"), proof);
    ledger_blocks(ledger, 1);
    assert_string_equal(ledger_text(ledger, "key/" ALPHA "/compile-lan2", "delegate"), THIRD);
    assert_int_equal(submit(ledger, ALPHA "/compile-lan2", "X1"), 0);
    assert_int_equal(publish(ledger, ALPHA "/compile-lan2", "D2"), ERR_DELEGATION_SCOPE);
    ledger_at(ledger, "2026-01-08T00:00:00+08:00");
    assert_int_equal(ledger_int(ledger, "key/" ALPHA "/compile-lan2", "to"), ledger->height);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delegate_signs_for_the_agency_what_was_delegated),
        cmocka_unit_test(only_its_duties_where_the_agency_says_so),
        cmocka_unit_test(an_entry_is_not_moved_in_or_out_of_its_duties),
        cmocka_unit_test(a_returned_entry_keeps_its_duty),
        cmocka_unit_test(no_act_on_an_entry_of_another_duty),
        cmocka_unit_test(a_milestone_is_of_its_duties_too),
        cmocka_unit_test(a_delegate_refuses_nothing),
        cmocka_unit_test(nothing_is_delegated_on),
        cmocka_unit_test(it_ends_at_24_00_by_itself),
        cmocka_unit_test(it_begins_on_its_first_day),
        cmocka_unit_test(the_chief_ends_it_before),
        cmocka_unit_test(it_rests_while_either_is_suspended),
        cmocka_unit_test(the_delegate_proves_its_keys),
        cmocka_unit_test(a_rotated_key_stays_the_delegates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
