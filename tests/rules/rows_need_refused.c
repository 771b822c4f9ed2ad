/* What a ruling on a need refuses of the entries that answered it, by the clause: PT 20, 22, 24.
 * 2026: 25-27 September and 1-7 October are days off; 10 October is worked. */
#include "rows_requests.h"

#include "need_steps.h"

#define CENTER_THEN_SUPERVISOR                                                                     \
    "{'by':['center'],'instead':['provider'],'above':'supervisor','clause':'PT 24'}"

/* ALPHA has it in two entries, and leaves out what both have an item for. */
#define MOSTLY                                                                                     \
    "'decision':'compiled','meets':[{'wanted':'名称','entry':'E1','item':'姓名'},"             \
    "{'wanted':'类别','entry':'E2','item':'姓名'}]," LAW

static struct ledger *left_out(const char *ruling)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-09-28T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_give_entry(ledger, "E2", "authorised");
    if (ruling != NULL) {
        assert_int_equal(ledger_policy(ledger, "ruling", ruling), 0);
    }
    assert_int_equal(
        ledger_need(ledger, other, "{'wanted':['名称','类别','证件号码','年检结论']}"), 0);
    assert_int_equal(intake(ledger, ASK), 0);
    assert_int_equal(answer(ledger, MOSTLY), 0);
    refer(ledger);
    return ledger;
}

static const struct doc *ruled_of(struct ledger *ledger, const char *code)
{
    return doc_at(doc_get(ledger_get(ledger, "ruled/" BETA "/" ALPHA "/%s", code), "rulings"), 0);
}

/* Asked for on Monday, 28 September: 29, 30 September, 8, 9, 10 October (worked). */
static void D8_left_out_ruled(void **state)
{
    (void)state;
    char of_left_out[2 * HASH_BYTES + 1], of_given[2 * HASH_BYTES + 1];
    static const char *const refusing[] = {RULE_AS("as-it-stands"), RULE_AS("refused"),
                                           RULE_AS("partly") ",'items':['年检结论']"};
    for (size_t i = 0; i < COUNT_OF(refusing); i++) {
        struct ledger *ledger = left_out(NULL);
        assert_int_equal(rule(ledger, refusing[i]), 0);
        assert_int_equal(ledger_count(ledger, "ruled/"), 2);
        assert_true(doc_text_is(ruled_of(ledger, "E2"), "dispute", id));
        const struct doc *items = doc_get(ruled_of(ledger, "E1"), "items");
        assert_int_equal(doc_count(items), 1);
        assert_true(doc_has_text(items, "证件号码"));
        assert_int_equal(ledger_ask(ledger, of_left_out, "E1", "{'items':['证件号码']}"), 0);
        assert_int_equal(ledger_ask(ledger, of_given, "E1", NULL), 0);
        assert_string_equal(text(ledger, "request", of_left_out, "ruled.dispute"), id);
        assert_string_equal(text(ledger, "request", of_given, "ruled.dispute"), "");
        ledger_at_ms(ledger, at("2026-10-11T00:00:00+08:00") - 1);
        assert_string_equal(text(ledger, "request", of_left_out, "status"), "pending");
        ledger_at(ledger, "2026-10-11T00:00:00+08:00");
        assert_string_equal(text(ledger, "request", of_left_out, "status"), "escalated");
        assert_string_equal(text(ledger, "request", of_given, "status"), "granted");
        ledger_close(&ledger);
    }
}

static void D8_left_out_given(void **state)
{
    (void)state;
    static const char *const giving[] = {RULE_AS("as-asked"),
                                         RULE_AS("partly") ",'items':['证件号码']"};
    for (size_t i = 0; i < 2 * COUNT_OF(giving); i++) {
        struct ledger *ledger = left_out(CENTER_THEN_SUPERVISOR);
        if (i % 2 == 1) { /* refused at first */
            must(ledger, CENTER "/approve", "dispute.rule", "dispute", id,
                 RULE_AS("as-it-stands"));
            assert_int_equal(ledger_count(ledger, "ruled/"), 2);
            refer(ledger);
            assert_int_equal(rule(ledger, giving[i / 2]), 0);
        } else {
            must(ledger, CENTER "/approve", "dispute.rule", "dispute", id, giving[i / 2]);
        }
        assert_int_equal(ledger_count(ledger, "ruled/"), 0);
        ledger_close(&ledger);
    }

    /* What both sides leave at that nobody has ruled. */
    struct ledger *ledger = left_out(NULL);
    must(ledger, BETA "/compile", "dispute.settle", "dispute", id, "'decision':'as-it-stands'");
    must(ledger, ALPHA "/approve", "dispute.settle", "dispute", id, "'decision':'as-it-stands'");
    assert_string_equal(text(ledger, "dispute", id, "status"), "settled");
    assert_int_equal(ledger_count(ledger, "ruled/"), 0);
    ledger_close(&ledger);
}

/* GAMMA leaves out what ALPHA is ruled not to give: nothing was ruled about GAMMA. */
static void D8_left_out_by_another(void **state)
{
    (void)state;
    static const char *const rulings[] = {RULE_AS("as-it-stands"),
                                          RULE_AS("partly") ",'items':['名称']"};
    for (size_t i = 0; i < COUNT_OF(rulings); i++) {
        struct ledger *ledger = ledger_open("putuo");
        ledger_at(ledger, "2026-09-28T10:00:00+08:00");
        ledger_give_entry(ledger, "E1", "authorised");
        ledger_give_entry_of(ledger, GAMMA);
        assert_int_equal(ledger_need(ledger, other, "{'wanted':['名称','证件号码']}"), 0);
        assert_int_equal(intake(ledger, ASK), 0);
        assert_int_equal(answer(ledger, DECLINE), 0);
        assert_int_equal(intake(ledger, ASK_GAMMA), 0);
        answer_of_gamma(ledger, "'decision':'compiled','meets':[{'wanted':'名称','entry':'E1',"
                                "'item':'姓名'}]," LAW);
        assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), 0);
        referred_by_both(ledger);
        assert_int_equal(rule(ledger, rulings[i]), 0);
        assert_int_equal(ledger_count(ledger, "ruled/"), 0);
        ledger_close(&ledger);
    }
}
