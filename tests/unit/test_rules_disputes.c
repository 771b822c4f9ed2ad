/* Disputes (PT 24, CN 17): who raises them, negotiation, rulings, silence. Dates are from the State
 * Council's calendar of 2026, counted by hand. */
#include "dispute_steps.h"

/* ---- the way up ---- */

/* PT 24: 双方应当先行协商；协商不成的，由区府办协调处理. */
static void a_refusal_is_negotiated_before_it_is_ruled_on(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("putuo", "{'items':['姓名','证件号码']}");
    assert_int_equal(raise_by(ledger, BETA "/compile", "refusal"), ERR_STATUS); /* not refused */
    answer(ledger, "'refuse'," LAW);
    assert_int_equal(raise_by(ledger, ALPHA "/approve", "refusal"), ERR_PARTY);
    assert_int_equal(raise_by(ledger, GAMMA "/compile", "refusal"), ERR_PARTY);
    assert_int_equal(raise_by(ledger, BETA "/approve", "refusal"), ERR_TX_ROLE);
    assert_int_equal(raise_by(ledger, BETA "/compile", "terms"), ERR_STATUS); /* nothing granted */
    assert_int_equal(raise_by(ledger, BETA "/compile", "refusal"), 0);
    assert_string_equal(text(ledger, "dispute", "status"), "negotiating");
    assert_string_equal(text(ledger, "dispute", "by"), "consumer");
    assert_int_equal(ledger_count(ledger, "due/"), 0); /* PT 24 names no days */
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'as-asked'"), ERR_STATUS);
    assert_int_equal(
        on_dispute(ledger, GAMMA "/compile", "dispute.refer",
                   "'reason':'协商不成',"
                   "'minutes':'00000000000000000000000000000000000000000000000000000000000000dd'"),
        ERR_PARTY);
    both_refer(ledger, BETA "/compile", ALPHA "/approve");
    assert_string_equal(text(ledger, "dispute", "referrals.provider.by"), ALPHA);
    assert_int_equal(
        on_dispute(ledger, ALPHA "/approve", "dispute.refer",
                   "'reason':'再次','minutes':'"
                   "00000000000000000000000000000000000000000000000000000000000000dd'"),
        ERR_STATUS);
    assert_int_equal(rule_on(ledger, CENTER "/approve", "'as-asked'"), ERR_PARTY);
    assert_int_equal(rule_on(ledger, SUPERVISOR "/review", "'as-asked'"), ERR_TX_ROLE);
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve",
                             "'partly','masked':['证件号码'],'until':'2026-06-30'"),
                     0);
    assert_string_equal(text(ledger, "dispute", "status"), "ruled");
    assert_string_equal(text(ledger, "dispute", "outcome.by"), SUPERVISOR);
    assert_string_equal(text(ledger, "request", "decided_by"), "ruling");
    assert_string_equal(text(ledger, "request", "status"), "granted");
    assert_string_equal(text(ledger, "grant", "status"), "active");
    assert_true(doc_has_text(doc_get(ledger_get(ledger, "grant/%s", id), "masked"), "证件号码"));
    assert_int_equal(doc_get_int(ledger_get(ledger, "grant/%s", id), "expires_ms", 0),
                     at("2026-07-01T00:00:00+08:00"));
    assert_int_equal(ledger_count(ledger, "disputed/"), 0);
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'refused'"), ERR_STATUS);
    ledger_close(&ledger);
}

/* PT 24: 双方应当先行协商: one side's minutes are not the other's; who rules sees that it is silent. */
static void one_side_alone_refers_nothing(void **state)
{
    (void)state;
#define FAILED                                                                                     \
    "dispute.refer", "'reason':'协商不成','minutes':"                                              \
                     "'00000000000000000000000000000000000000000000000000000000000000dd'"
    struct ledger *ledger = with_request("putuo", NULL);
    answer(ledger, "'refuse'," LAW);
    assert_int_equal(raise_by(ledger, BETA "/compile", "refusal"), 0);
    assert_int_equal(on_dispute(ledger, SUPERVISOR "/approve", FAILED), ERR_STATUS);
    assert_int_equal(on_dispute(ledger, BETA "/compile", FAILED), 0);
    assert_int_equal(on_dispute(ledger, BETA "/compile", FAILED), 0); /* as often as it likes */
    assert_string_equal(text(ledger, "dispute", "status"), "negotiating");
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'as-asked'"), ERR_STATUS);
    assert_int_equal(on_dispute(ledger, CENTER "/approve", FAILED), ERR_PARTY);
    assert_int_equal(on_dispute(ledger, GAMMA "/approve", FAILED), ERR_PARTY);
    assert_int_equal(on_dispute(ledger, SUPERVISOR "/compile", FAILED), ERR_TX_ROLE);
    assert_int_equal(
        on_dispute(ledger, SUPERVISOR "/approve", "dispute.refer", "'reason':'受理','stand_in':true"),
        ERR_FIELD_UNKNOWN);
    assert_int_equal(
        on_dispute(ledger, SUPERVISOR "/approve", "dispute.refer", "'reason':'提供方逾期不予协商'"),
        0);
    assert_string_equal(text(ledger, "dispute", "status"), "referred");
    assert_string_equal(text(ledger, "dispute", "referrals.ruler.by"), SUPERVISOR);
    ledger_close(&ledger);
    /* What the other has proposed is its part; and nobody is left to talk to who was removed. */
    for (int removed = 0; removed < 2; removed++) {
        ledger = with_request("putuo", NULL);
        answer(ledger, "'refuse'," LAW);
        assert_int_equal(raise_by(ledger, BETA "/compile", "refusal"), 0);
        if (removed) {
            ledger_take_out(ledger, ALPHA);
        } else {
            assert_int_equal(on_dispute(ledger, ALPHA "/approve", "dispute.settle",
                                        "'decision':'refused'"),
                             0);
        }
        assert_int_equal(on_dispute(ledger, BETA "/compile", FAILED), 0);
        assert_string_equal(text(ledger, "dispute", "status"), "referred");
        ledger_close(&ledger);
    }
}

static void there_is_one_open_dispute(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("putuo", NULL);
    assert_int_equal(raise_by(ledger, ALPHA "/approve", "need"), 0);
    char first[sizeof dispute];
    memcpy(first, dispute, sizeof first);
    assert_int_equal(raise_by(ledger, BETA "/compile", "shareability"), ERR_DUPLICATE);
    assert_int_equal(on_dispute(ledger, BETA "/compile", "dispute.withdraw", "'reason':'理解了'"),
                     ERR_PARTY); /* it is ALPHA's */
    assert_int_equal(on_dispute(ledger, ALPHA "/approve", "dispute.withdraw", "'reason':'理解了'"),
                     0);
    assert_string_equal(text(ledger, "dispute", "status"), "withdrawn");
    assert_int_equal(raise_by(ledger, BETA "/compile", "shareability"), 0);
    assert_string_not_equal(first, dispute);
    ledger_must(ledger, BETA "/compile", "request.withdraw",
                "{'request':'%s','acts_on':'%s','reason':'业务调整'}", id,
                ledger_version(ledger, "request/%s", id));
    assert_string_equal(text(ledger, "dispute", "status"), "withdrawn");
    assert_int_equal(ledger_count(ledger, "disputed/"), 0);
    ledger_close(&ledger);
}

/* CN 17: 可以申请协调处理，由区科委会同相关部门…作出结论，必要时报请领导小组决定: nothing is
 * negotiated first, and either of them rules. */
static void changning_goes_up_at_once(void **state)
{
    (void)state;
    static const char *const rulers[] = {CENTER "/approve", SUPERVISOR "/approve"};
    for (size_t i = 0; i < COUNT_OF(rulers); i++) {
        struct ledger *ledger = with_request("changning", NULL);
        answer(ledger, "'refuse'," REASONS);
        assert_int_equal(raise_by(ledger, BETA "/compile", "refusal"), 0);
        assert_string_equal(text(ledger, "dispute", "status"), "referred");
        assert_int_equal(rule_on(ledger, ALPHA "/approve", "'as-asked'"), ERR_PARTY);
        assert_int_equal(rule_on(ledger, rulers[i], "'as-asked','consulted':['" GAMMA "']"), 0);
        assert_string_equal(text(ledger, "request", "status"), "granted");
        assert_string_equal(text(ledger, "grant", "status"), "agreement"); /* CN 17 */
        ledger_close(&ledger);
    }
}

/* ---- silence ---- */

/* CN 17, 10 working days from Monday, 2 March: 3-6, 9-13, 16. */
static void silence_is_ruled_on(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("changning", NULL);
    memcpy(dispute, id, sizeof dispute);
    ledger_at_ms(ledger, at("2026-03-17T00:00:00+08:00") - 1);
    assert_null(ledger_get(ledger, "dispute/%s", id));
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    assert_string_equal(text(ledger, "request", "status"), "escalated");
    assert_string_equal(text(ledger, "dispute", "kind"), "silence");
    assert_string_equal(text(ledger, "dispute", "status"), "referred");
    assert_int_equal(raise_by(ledger, BETA "/compile", "need"), ERR_DUPLICATE);
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'as-it-stands'"), ERR_STATUS);
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'refused'"), 0);
    assert_string_equal(text(ledger, "request", "status"), "refused");
    assert_int_equal(raise_by(ledger, BETA "/compile", "refusal"), ERR_RULED); /* the last word */
    ledger_close(&ledger);
}

static struct ledger *with_silence(const char *profile)
{
    struct ledger *ledger = with_request(profile, NULL);
    memcpy(dispute, id, sizeof dispute);
    if (strcmp(profile, "shanghai-open") == 0) {
        ledger_must(ledger, CENTER "/review", "request.intake",
                    "{'request':'%s','acts_on':'%s','decision':'accept'}", id,
                    ledger_version(ledger, "request/%s", id));
    }
    ledger_at(ledger, "2026-03-17T09:00:00+08:00");
    assert_string_equal(text(ledger, "request", "status"), "escalated");
    return ledger;
}

/* What was given late is given; nothing is left to rule on. */
static void a_late_approval_ends_what_silence_began(void **state)
{
    (void)state;
    struct ledger *ledger = with_silence("changning");
    answer(ledger, "'approve','grounds':{'reasons':['用途与职责相符']}");
    assert_string_equal(text(ledger, "dispute", "status"), "answered");
    assert_int_equal(ledger_count(ledger, "disputed/"), 0);
    assert_true(doc_get_bool(ledger_get(ledger, "answer/%s", id), "late", false));
    ledger_close(&ledger);
}

/* Nor does a late approval of a part: the ruler may still give the rest, the consumer let it be. */
static void a_late_part_leaves_it_to_the_ruler(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("changning", "{'items':['姓名','证件号码']}");
    memcpy(dispute, id, sizeof dispute);
    ledger_at(ledger, "2026-03-17T09:00:00+08:00");
    answer(ledger, "'approve','items':['姓名']," REASONS);
    assert_string_equal(text(ledger, "request", "status"), "granted");
    assert_string_equal(text(ledger, "dispute", "status"), "referred");
    assert_int_equal(rule_on(ledger, CENTER "/approve", "'as-asked'"), 0);
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, "grant/%s", id), "items")), 2);
    ledger_close(&ledger);
}

/* CN 17, OPEN 19: who let the term pass does not take the matter from whoever rules by refusing
 * then; in the open document, which knows no disputes, nobody could bring it back. */
static void a_late_refusal_leaves_it_to_the_ruler(void **state)
{
    (void)state;
    static const char *const profiles[] = {"changning", "shanghai-open"};
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct ledger *ledger = with_silence(profiles[i]);
        answer(ledger, "'refuse','grounds':{'reasons':['数据尚在核查'],'complete':true,"
                       "'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}");
        assert_string_equal(text(ledger, "request", "status"), "refused");
        assert_string_equal(text(ledger, "dispute", "status"), "referred");
        assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'as-asked'"), 0);
        assert_string_equal(text(ledger, "request", "status"), "granted");
        assert_int_equal(ledger_count(ledger, "disputed/"), 0);
        ledger_close(&ledger);
    }
}

/* Whom the late refusal satisfies drops it; before there is an answer nobody else would decide. */
static void the_consumer_drops_what_silence_began(void **state)
{
    (void)state;
    struct ledger *ledger = with_silence("shanghai-open");
#define DROP "dispute.withdraw", "'reason':'理由成立'"
    assert_int_equal(on_dispute(ledger, BETA "/compile", DROP), ERR_STATUS);
    answer(ledger, "'refuse','grounds':{'reasons':['数据尚在核查'],'complete':true,"
                   "'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}");
    assert_int_equal(on_dispute(ledger, ALPHA "/approve", DROP), ERR_PARTY);
    assert_int_equal(on_dispute(ledger, BETA "/compile", DROP), 0);
    assert_string_equal(text(ledger, "dispute", "status"), "withdrawn");
    assert_string_equal(text(ledger, "request", "status"), "refused");
    ledger_close(&ledger);
}

/* A dispute that is open when the answer's term runs out goes up with it. */
static void an_open_dispute_goes_up_with_the_request(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("changning", NULL);
    assert_int_equal(ledger_policy(ledger, "dispute", "{'negotiate':true,'clause':'CN 17'}"), 0);
    assert_int_equal(raise_by(ledger, ALPHA "/approve", "need"), 0);
    assert_string_equal(text(ledger, "dispute", "status"), "negotiating");
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    assert_string_equal(text(ledger, "request", "status"), "escalated");
    assert_string_equal(text(ledger, "dispute", "status"), "referred");
    assert_null(ledger_get(ledger, "dispute/%s", id));
    assert_int_equal(rule_on(ledger, CENTER "/approve", "'as-asked'"), 0);
    ledger_close(&ledger);
}

/* PT 20 knows no dispute that stops its clock; the ruling comes after what silence did. */
static void a_ruling_takes_back_what_silence_gave(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("putuo", NULL);
    assert_int_equal(raise_by(ledger, ALPHA "/approve", "shareability"), 0);
    both_refer(ledger, BETA "/compile", ALPHA "/approve");
    /* PT 20: no clock stops for a dispute. 3, 4, 5, 6, 9 March. */
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    assert_string_equal(text(ledger, "request", "status"), "pending");
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_string_equal(text(ledger, "request", "status"), "granted");
    assert_string_equal(text(ledger, "dispute", "status"), "referred");
    /* A ruling takes back what silence gave. */
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'refused'"), 0);
    assert_string_equal(text(ledger, "grant", "status"), "terminated");
    assert_int_equal(ledger_count(ledger, "live/"), 0);
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    ledger_close(&ledger);
}

/* ---- the policy ---- */

static void what_the_document_does_not_know(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("shanghai-open", NULL);
    assert_int_equal(raise_by(ledger, BETA "/compile", "need"), ERR_POLICY);
    /* What silence escalates needs somebody who rules. */
    assert_int_equal(ledger_policy(ledger, "ruling", "null"), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "profile.ruling"));
    ledger_close(&ledger);
    ledger = ledger_open("putuo");
    assert_int_equal(ledger_policy(ledger, "ruling", "null"), ERR_FIELD_MISSING);
    assert_int_equal(ledger_policy(ledger, "dispute", "null"), 0);
    assert_int_equal(ledger_policy(ledger, "ruling", "null"), 0); /* silence approves there */
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_is_negotiated_before_it_is_ruled_on),
        cmocka_unit_test(one_side_alone_refers_nothing),
        cmocka_unit_test(there_is_one_open_dispute),
        cmocka_unit_test(changning_goes_up_at_once),
        cmocka_unit_test(silence_is_ruled_on),
        cmocka_unit_test(a_late_approval_ends_what_silence_began),
        cmocka_unit_test(a_late_refusal_leaves_it_to_the_ruler),
        cmocka_unit_test(a_late_part_leaves_it_to_the_ruler),
        cmocka_unit_test(the_consumer_drops_what_silence_began),
        cmocka_unit_test(an_open_dispute_goes_up_with_the_request),
        cmocka_unit_test(a_ruling_takes_back_what_silence_gave),
        cmocka_unit_test(what_the_document_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
