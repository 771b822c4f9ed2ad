/* What a refusal tells beyond its code: who may act, which role it takes, in which status the
 * record is and in which it has to be. */
#include "request_steps.h"

#include "entries.h"

/* What the fault with this error says is, and would have been allowed. */
static void told(const struct ledger *ledger, int error, const char *now, const char *may)
{
    for (size_t i = 0; i < ledger->faults.count; i++) {
        const struct fault *fault = &ledger->faults.item[i];
        if (fault->error == error) {
            assert_string_equal(fault->now, now);
            assert_string_equal(fault->may, may);
            return;
        }
    }
    fail_msg("no fault %d", error);
}

static int withdraw(struct ledger *ledger, const char *kid)
{
    return ledger_do(ledger, kid, "request.withdraw",
                     "{'request':'%s','acts_on':'%s','reason':'业务调整'}", id,
                     ledger_version(ledger, "request/%s", id));
}

static void the_party_is_named(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(withdraw(ledger, GAMMA "/compile"), ERR_PARTY);
    told(ledger, ERR_PARTY, "", "consumer:" BETA);
    assert_int_equal(ledger_do(ledger, GAMMA "/approve", "request.answer",
                               "{'request':'%s','acts_on':'%s','decision':'approve'}", id,
                               ledger_version(ledger, "request/%s", id)),
                     ERR_PARTY);
    told(ledger, ERR_PARTY, "", "provider:" ALPHA);
    assert_int_equal(ledger_ask_by(ledger, id, ALPHA, "E1", NULL), ERR_SELF); /* its own data */
    told(ledger, ERR_SELF, "", "");
    ledger_close(&ledger);
}

static char objection[2 * HASH_BYTES + 1];

static int on_objection(struct ledger *ledger, const char *kid, const char *type,
                        const char *decision)
{
    return ledger_do(ledger, kid, type,
                     "{'objection':'%s','acts_on':'%s','decision':'%s','statement':'经核对'}",
                     objection, ledger_version(ledger, "objection/%s", objection), decision);
}

/* Who raised an objection, or is to answer it, is no judge of it, and not told to be. */
static void who_may_not_is_not_named(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    ledger_must(ledger, BETA "/compile", "quality.object",
                "{'provider':'" ALPHA "','entry':'E1','kind':'missing','statement':'大量空值'}");
    memcpy(objection, ledger->txid, sizeof objection);
    assert_int_equal(on_objection(ledger, ALPHA "/compile", "quality.answer", "upheld"), 0);
    assert_int_equal(on_objection(ledger, BETA "/compile", "quality.close", "dispute"), 0);
    assert_int_equal(on_objection(ledger, GAMMA "/approve", "quality.close", "settle"), ERR_PARTY);
    told(ledger, ERR_PARTY, "", "supervisor center/review");
    assert_int_equal(on_objection(ledger, BETA "/compile", "quality.answer", "upheld"), ERR_STATUS);
    told(ledger, ERR_STATUS, "disputed", "raised");
    ledger_close(&ledger);
}

/* Whose the first part is may ask for the second as little. */
static void who_has_another_part_is_not_named(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    ledger_give_entry_of(ledger, GAMMA);
    assert_int_equal(
        ledger_do(ledger, ALPHA "/compile", "fusion.submit",
                  "{'plan':'00000000000000000000000000000000000000000000000000000000000000dd',"
                  "'parts':[{'provider':'" GAMMA "','entry':'E1','entry_version':'%s','items':"
                  "['姓名']},{'provider':'" ALPHA "','entry':'E1','entry_version':'%s','items':"
                  "['姓名']}],'need':'data','purpose':'联合核查','basis':'职责清单',"
                  "'goal':'联合核查','mode':'query','frequency':{'times':10,'per':'month'},"
                  "'security_level':2,'safeguards':'专网访问','until':'2026-12-31','commitments':"
                  "{'genuine':true,'reasonable':true,'compliant':true}}",
                  ledger_version(ledger, "entry/" GAMMA "/E1"),
                  ledger_version(ledger, "entry/" ALPHA "/E1")),
        ERR_SELF);
    told(ledger, ERR_SELF, "", "");
    ledger_close(&ledger);
}

static void the_status_is_told(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(try_review(ledger, "E1", "'accept'"), ERR_STATUS);
    told(ledger, ERR_STATUS, "published", "submitted");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(withdraw(ledger, BETA "/compile"), 0);
    assert_int_equal(withdraw(ledger, BETA "/compile"), ERR_STATUS);
    told(ledger, ERR_STATUS, "withdrawn", "intake assessing pending escalated approved");
    ledger_close(&ledger);
}

/* A returned entry comes back with a duty that is retired: it is the duty's status that is told. */
static void the_status_is_that_of_the_record_named(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_duty(ledger);
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E1','entry':%s}",
                entry_text("社会组织", "authorised", NULL));
    review(ledger, "E1", "'return','reasons':[{'field':'summary','reason':'摘要过于简单'}]");
    ledger_must(ledger, ALPHA "/compile", "duty.retire",
                "{'code':'D1','acts_on':'%s','reason':'机构改革'}",
                ledger_version(ledger, "duty/" ALPHA "/D1"));
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.submit",
                               "{'code':'E1','acts_on':'%s','entry':%s}",
                               ledger_version(ledger, "entry/" ALPHA "/E1"),
                               entry_text("社会组织信息", "authorised", NULL)),
                     ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entry.duty"));
    told(ledger, ERR_STATUS, "retired", "active");
    ledger_close(&ledger);
}

static int try_retire(struct ledger *ledger)
{
    return ledger_do(ledger, ALPHA "/compile", "catalog.retire",
                     "{'code':'E1','acts_on':'%s','reason':'业务取消'}",
                     ledger_version(ledger, "entry/" ALPHA "/E1"));
}

/* The entry is published, which would do: what stops a second application is the first. */
static void what_is_in_the_way_is_told(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(try_retire(ledger), 0);
    assert_int_equal(try_retire(ledger), ERR_STATUS);
    told(ledger, ERR_STATUS, "applied", "");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(answer(ledger, "'approve'"), 0);
    assert_int_equal(ledger_do(ledger, CENTER "/review", "grant.restore",
                               "{'grant':'%s','acts_on':'%s','reason':'核实无误'}", id,
                               ledger_version(ledger, "grant/%s", id)),
                     ERR_STATUS);
    told(ledger, ERR_STATUS, "active", "suspended");
    ledger_must(ledger, BETA "/compile", "grant.end",
                "{'grant':'%s','acts_on':'%s','reason':'业务调整'}", id,
                ledger_version(ledger, "grant/%s", id));
    assert_int_equal(ledger_do(ledger, BETA "/compile", "grant.end",
                               "{'grant':'%s','acts_on':'%s','reason':'业务调整'}", id,
                               ledger_version(ledger, "grant/%s", id)),
                     ERR_STATUS);
    told(ledger, ERR_STATUS, "ended", "agreement active suspended");
    ledger_close(&ledger);
}

static int on_need(struct ledger *ledger, const char *kid, const char *type, const char *rest)
{
    return ledger_do(ledger, kid, type, "{'need':'%s','acts_on':'%s',%s}", id,
                     ledger_version(ledger, "need/%s", id), rest);
}

#define PAPER "'document':'00000000000000000000000000000000000000000000000000000000000000aa'"
#define ASK "'decision':'accept','provider':'" ALPHA "'"
#define DELIVER                                                                                    \
    "'provider':'" ALPHA "','meets':[{'wanted':'名称','entry':'E1','item':'姓名'}]"

/* A need that is declined may go up: one that is in dispute besides waits for that. */
static void a_need_is_told_of_as_it_stands(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_need(ledger, id, NULL), 0);
    assert_int_equal(on_need(ledger, CENTER "/review", "upper.deliver", DELIVER), ERR_STATUS);
    told(ledger, ERR_STATUS, "submitted", "upper-agreed");
    assert_int_equal(on_need(ledger, CENTER "/review", "need.intake", ASK), 0);
    assert_int_equal(on_need(ledger, SUPERVISOR "/approve", "upper.forward", PAPER), ERR_STATUS);
    told(ledger, ERR_STATUS, "asked", "submitted declined upper-refused");
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer",
                             "'decision':'refuse','grounds':{'legal_basis':[{"
                             "'law':'社会团体登记管理条例','article':'第六条'}]}"),
                     0);
    assert_int_equal(on_need(ledger, BETA "/compile", "need.dispute",
                             "'kind':'refusal','reason':'属于履职所必需'"),
                     0);
    assert_int_equal(on_need(ledger, SUPERVISOR "/approve", "upper.forward", PAPER), ERR_STATUS);
    told(ledger, ERR_STATUS, "disputed", "submitted declined upper-refused");
    ledger_close(&ledger);
}

/* What was given is no refusal that could be disputed, whatever statuses a refusal may be in. */
static void a_status_that_would_do_is_not_asked_for(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_need(ledger, id, NULL), 0);
    assert_int_equal(on_need(ledger, CENTER "/review", "need.intake", ASK), 0);
    assert_int_equal(on_need(ledger, ALPHA "/approve", "need.answer",
                             "'decision':'compiled','meets':["
                             "{'wanted':'名称','entry':'E1','item':'姓名'},"
                             "{'wanted':'年检结论','entry':'E1','item':'证件号码'}]"),
                     0);
    assert_int_equal(on_need(ledger, BETA "/compile", "need.dispute",
                             "'kind':'refusal','reason':'属于履职所必需'"),
                     ERR_STATUS);
    told(ledger, ERR_STATUS, "met", "");
    ledger_close(&ledger);
}

static int on_grant(struct ledger *ledger, const char *grant)
{
    return ledger_do(ledger, CENTER "/review", "grant.suspend",
                     "{'grant':'%s','acts_on':'%s','reason':'存在风险'," RISK_REPORT "}", grant,
                     ledger_version(ledger, "grant/%s", grant));
}

/* What is looked at is no record of its own: a hold of a grant, what is collected, a decision. */
static void what_has_to_be_is_told_of_a_part(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(answer(ledger, "'approve'"), 0);
    assert_int_equal(on_grant(ledger, id), 0);
    assert_int_equal(on_grant(ledger, id), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "grant.holds"));
    told(ledger, ERR_STATUS, "suspended", "active");
    ledger_collect(ledger, "E1");
    ledger_must(ledger, CENTER "/review", "catalog.certify",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "collection/" ALPHA "/E1"));
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.collect",
                               "{'code':'E1','acts_on':'%s',"
                               "'refusal':{'reason':'涉密','basis':'保守国家秘密法'}}",
                               ledger_version(ledger, "entry/" ALPHA "/E1")),
                     ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "refusal"));
    told(ledger, ERR_STATUS, "certified", "due");
    ledger_close(&ledger);
}

/* What was ruled to be is one of two things where the center did not accept a need. */
static void what_has_to_be_decided_is_told(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_need(ledger, id, NULL), 0);
    assert_int_equal(on_need(ledger, CENTER "/review", "need.intake",
                             "'decision':'refuse','reasons':[{'reason':'不宜提供'}]"),
                     0);
    assert_int_equal(on_need(ledger, BETA "/compile", "need.dispute",
                             "'kind':'refusal','reason':'属于履职所必需'"),
                     0);
    char dispute[2 * HASH_BYTES + 1];
    memcpy(dispute, ledger->txid, sizeof dispute);
    assert_int_equal(ledger_do(ledger, SUPERVISOR "/approve", "dispute.rule",
                               "{'dispute':'%s','acts_on':'%s','decision':'refused',"
                               "'reason':'不予受理'}",
                               dispute, ledger_version(ledger, "dispute/%s", dispute)),
                     ERR_STATUS);
    told(ledger, ERR_STATUS, "refused", "as-asked as-it-stands");
    ledger_close(&ledger);
}

/* A key has no status of its own on record: retired, suspended or in force. */
static void keys_and_members_are_told_of(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_do(ledger, BETA "/chief", "key.restore",
                               "{'name':'compile','acts_on':'%s','reason':'误停'}",
                               ledger_version(ledger, "key/" BETA "/compile")),
                     ERR_STATUS);
    told(ledger, ERR_STATUS, "in-force", "suspended");
    ledger_must(ledger, BETA "/chief", "key.retire",
                "{'name':'compile','acts_on':'%s','reason':'离任'}",
                ledger_version(ledger, "key/" BETA "/compile"));
    assert_int_equal(ledger_do(ledger, BETA "/chief", "key.retire",
                               "{'name':'compile','acts_on':'%s','reason':'离任'}",
                               ledger_version(ledger, "key/" BETA "/compile")),
                     ERR_STATUS);
    told(ledger, ERR_STATUS, "retired", "in-force suspended");
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "member.restore",
                               "{'member':'" BETA "','acts_on':'%s','reason':'误停'}",
                               ledger_version(ledger, "member/" BETA)),
                     ERR_STATUS);
    told(ledger, ERR_STATUS, "active", "suspended removed");
    ledger_close(&ledger);
}

/* A member's own keys are its chief's to suspend, be it the center. */
static void the_role_is_told(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "key.suspend",
                               "{'name':'review','acts_on':'%s','reason':'离岗',%s}",
                               ledger_version(ledger, "key/" CENTER "/review"), NO_RISK),
                     ERR_TX_ROLE);
    told(ledger, ERR_TX_ROLE, "admin", "chief");
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_party_is_named),
        cmocka_unit_test(who_may_not_is_not_named),
        cmocka_unit_test(who_has_another_part_is_not_named),
        cmocka_unit_test(the_status_is_told),
        cmocka_unit_test(the_status_is_that_of_the_record_named),
        cmocka_unit_test(what_is_in_the_way_is_told),
        cmocka_unit_test(a_need_is_told_of_as_it_stands),
        cmocka_unit_test(a_status_that_would_do_is_not_asked_for),
        cmocka_unit_test(what_has_to_be_is_told_of_a_part),
        cmocka_unit_test(what_has_to_be_decided_is_told),
        cmocka_unit_test(keys_and_members_are_told_of),
        cmocka_unit_test(the_role_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
