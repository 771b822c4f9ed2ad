/* Disputes about a fusion that was returned, and what waits for them, by the clause: PT 14, 20, 22,
 * 24. 2026: 21 September is a Monday; 25-27 September and 1-7 October are days off; 10 October is
 * worked. */
#include "fusion_disputes.h"

/* Returned on Thursday the 24th; settled on Monday the 28th: 29, 30 September, 8, 9, 10 October. */
static void D8_fusion_returned_disputed(void **state)
{
    (void)state;
    char whole[100], part[150];
    struct ledger *ledger = refused();
    (void)snprintf(whole, sizeof whole, "fusion/%s", other);
    (void)snprintf(part, sizeof part, "fusing/%s/" GAMMA, other);
    ledger_at(ledger, "2026-09-24T10:00:00+08:00");
    assert_int_equal(conclude(ledger, RETURN), 0);
    assert_string_equal(ledger_text(ledger, part, "status"), "ended");
    assert_int_equal(dispute(ledger, ""), ERR_FIELD_MISSING); /* ALPHA's refusal comes first */
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    assert_string_equal(status(ledger), "returned");
    ledger_at(ledger, "2026-09-28T10:00:00+08:00");
    must(ledger, BETA "/compile", "dispute.settle", "dispute", id, "'decision':'as-asked'");
    must(ledger, ALPHA "/approve", "dispute.settle", "dispute", id, "'decision':'as-asked'");
    assert_string_equal(status(ledger), "reviewing");
    assert_null(doc_get(ledger_get(ledger, "%s", whole), "conclusion"));
    assert_int_equal(ledger_count(ledger, "asked/"), 2);
    ledger_at_ms(ledger, at("2026-10-11T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, whole, "fusion-review-overdue"));
    assert_false(ledger_act_is(ledger, 0, part, "fusion-part-overdue"));
    ledger_at(ledger, "2026-10-11T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 1, part, "fusion-part-overdue"));
    assert_true(ledger_act_is(ledger, 0, whole, "fusion-review-overdue"));
    review(ledger, GAMMA "/approve", OWN_ACCEPT);
    assert_string_equal(ledger_text(ledger, part, "status"), "reviewed");
    assert_int_equal(conclude(ledger, "'decision':'accept'"), 0);
    assert_int_equal(serve(ledger), 0);
    ledger_close(&ledger);

    /* As long as GAMMA refuses, it stays returned. */
    ledger = refused();
    review(ledger, GAMMA "/approve", REFUSE);
    assert_int_equal(conclude(ledger, RETURN), 0);
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    assert_int_equal(ledger_count(ledger, "asked/"), 2);
    refer(ledger, ALPHA "/approve");
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_string_equal(status(ledger), "returned");
    assert_int_equal(ledger_count(ledger, "asked/"), 0);
    assert_int_equal(dispute(ledger, PART(GAMMA)), 0);
    refer(ledger, GAMMA "/approve");
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_string_equal(status(ledger), "reviewing");
    assert_int_equal(conclude(ledger, "'decision':'accept'"), 0);
    assert_int_equal(serve(ledger), 0);
    ledger_close(&ledger);
}

/* ALPHA refuses BETA the same outside the fusion, and that is upheld, on the next day. */
static void rule_against(struct ledger *ledger)
{
    char fusion[2 * HASH_BYTES + 1];
    memcpy(fusion, other, sizeof fusion);
    ledger_at(ledger, "2026-09-22T10:00:00+08:00");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    raise_dispute(ledger, BETA "/compile", "refusal");
    both_refer(ledger, BETA);
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, RULE_AS("as-it-stands"));
    memcpy(other, fusion, sizeof other);
}

static void D8_fusion_return_disputed(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    assert_int_equal(dispute(ledger, ""), ERR_FIELD_MISSING); /* nobody has said anything */
    review(ledger, ALPHA "/approve", OWN_ACCEPT);
    assert_int_equal(conclude(ledger, RETURN), 0);
    assert_int_equal(dispute(ledger, ""), 0);
    assert_string_equal(text(ledger, "dispute", id, "status"), "referred");
    assert_string_equal(text(ledger, "dispute", id, "against"), CENTER);
    assert_int_equal(dispute(ledger, ""), ERR_DUPLICATE);
    assert_int_equal(
        on_dispute(ledger, CENTER "/approve", "dispute.rule", RULE_AS("as-it-stands")), ERR_PARTY);
    assert_int_equal(
        on_dispute(ledger, BETA "/compile", "dispute.settle", "'decision':'as-asked'"), ERR_STATUS);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_string_equal(status(ledger), "reviewing");
    assert_int_equal(conclude(ledger, RETURN), ERR_RULED);
    assert_true(ledger_fault(ledger, ERR_RULED, "fusion.conclusion_ruled"));
    review(ledger, GAMMA "/approve", OWN_ACCEPT);
    assert_int_equal(conclude(ledger, RETURN), ERR_RULED);
    assert_int_equal(conclude(ledger, "'decision':'accept'"), 0);
    assert_int_equal(serve(ledger), 0);
    ledger_close(&ledger);

    /* An agency's refusal the center does not overrule, nor a later ruling; nor can it wait for one
     * that has left. */
    for (int why = 0; why < 3; why++) {
        ledger = with_fusion();
        review(ledger, ALPHA "/approve", OWN_ACCEPT);
        assert_int_equal(conclude(ledger, RETURN), 0);
        assert_int_equal(dispute(ledger, ""), 0);
        assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
        if (why == 1) {
            ledger_take_out(ledger, GAMMA);
        } else if (why == 2) {
            rule_against(ledger);
        } else {
            review(ledger, GAMMA "/approve", REFUSE);
        }
        assert_int_equal(conclude(ledger, RETURN), 0);
        ledger_close(&ledger);
    }

    ledger = with_fusion();
    review(ledger, ALPHA "/approve", OWN_ACCEPT);
    review(ledger, GAMMA "/approve", OWN_ACCEPT);
    assert_int_equal(conclude(ledger, RETURN), 0);
    assert_int_equal(dispute(ledger, ""), 0);
    assert_int_equal(rule(ledger, RULE_AS("as-it-stands")), 0);
    assert_string_equal(status(ledger), "returned");
    assert_int_equal(ledger_count(ledger, "ruled/"), 0);
    assert_int_equal(dispute(ledger, ""), ERR_RULED);
    ledger_close(&ledger);
}

/* ALPHA refuses, the center returns it on Monday the 21st, and GAMMA, which has accepted, applies
 * for the deletion of its part then: the days of an answer are 22, 23, 24, 28, 29 September. */
static void C5_fusion_in_dispute(void **state)
{
    (void)state;
    for (int late = 0; late < 3; late++) {
        struct ledger *ledger = refused();
        review(ledger, GAMMA "/approve", OWN_ACCEPT);
        if (late == 2) { /* applied for while it was reviewed: disputed whenever, it holds that */
            apply_to_retire(ledger, GAMMA);
        }
        ledger_at(ledger, "2026-09-21T11:00:00+08:00");
        assert_int_equal(conclude(ledger, RETURN), 0);
        assert_int_equal(ledger_count(ledger, "asked/"), 0);
        if (late < 2) {
            ledger_at(ledger, "2026-09-21T11:00:00.001+08:00");
            apply_to_retire(ledger, GAMMA);
        }
        ledger_at_ms(ledger, at("2026-09-30T00:00:00+08:00") - (late == 0));
        assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
        assert_int_equal(ledger_count(ledger, "asked/"), 2);
        assert_int_equal(accept_change(ledger, GAMMA), late == 1 ? 0 : ERR_UNDECIDED);
        if (late != 1) {
            must(ledger, BETA "/compile", "dispute.withdraw", "dispute", id, "'reason':'理解了'");
            assert_int_equal(ledger_count(ledger, "asked/"), 0);
            if (late == 0) { /* it may be raised again, for a millisecond */
                assert_int_equal(accept_change(ledger, GAMMA), ERR_UNDECIDED);
                ledger_at(ledger, "2026-09-30T00:00:00+08:00");
            }
            assert_int_equal(accept_change(ledger, GAMMA), 0);
        }
        ledger_close(&ledger);
    }
}
