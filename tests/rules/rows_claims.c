/* A claim to an authorised scenario that the center does not accept, by the clause: PT 19, 20, 25.
 * Monday, 2 March 2026: 3-6, 9 March are five working days. */
#include "rows_requests.h"

#define CLAIM(mode, restriction)                                                                            \
    "{'mode':'" mode "','mode_reason':'一次性核对','scenario':{'case':4,'description':'应用场景'," \
    "'restriction':'" restriction "'}}"

static const struct doc *grant(struct ledger *ledger)
{
    return ledger_get(ledger, "grant/%s", id);
}

/* BETA claims what nothing bears out, and the center says no on Monday, 2 March. */
static struct ledger *refused(const char *claim)
{
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_policy(ledger, "scenario",
                                   "{'cases':[1,2,3,4],'assessed':[1,2,4],'clause':'PT 19'}"),
                     0);
    assert_int_equal(ledger_ask(ledger, id, "E1", claim), 0);
    assert_string_equal(text(ledger, "request", id, "status"), "assessing");
    must(ledger, CENTER "/review", "request.assess", "request", id,
         "'opinion':'不符合所述情形','scenario':'refuse'");
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    assert_string_equal(text(ledger, "request", id, "route"), "provider");
    return ledger;
}

/* 对不属于第十九条规定情形的…应当在收到共享需求申请之日起 5 个工作日内，完成审核…逾期未反馈的，视作
 * 审核通过. */
static void D3_claim_refused(void **state)
{
    (void)state;
    struct ledger *ledger = refused(CLAIM("service", "masked"));
    assert_int_equal(due(ledger, "request", id, "answer"), at("2026-03-10T00:00:00+08:00"));
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_string_equal(text(ledger, "request", id, "status"), "granted");
    assert_true(doc_text_is(grant(ledger), "route", "provider"));
    assert_true(doc_get_bool(grant(ledger), "masked_all", false)); /* no more than it asked for */
    ledger_close(&ledger);
    /* The agency's reasons are in law, as of any other. */
    ledger = refused(CLAIM("service", "masked"));
    assert_int_equal(
        act(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'"),
        ERR_GROUNDS);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    assert_null(grant(ledger));
    ledger_close(&ledger);
}

/* 应当限于共享需求申请时所承诺的应用场景范围. */
static void D3_claim_binds(void **state)
{
    (void)state;
    static const struct {
        const char *claim, *restriction;
    } cases[] = {{CLAIM("service", "masked"), "masked"},
                 {CLAIM("file", "masked"), "masked"},
                 {CLAIM("comparison", "comparison"), "comparison"},
                 {CLAIM("service", "person-authorised"), "person-authorised"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(
            ledger_policy(ledger, "scenario", "{'cases':[4],'assessed':[4],'clause':'PT 19'}"), 0);
        assert_int_equal(ledger_policy(ledger, "modes", "{'assessed':[],'clause':'PT 21'}"), 0);
        assert_int_equal(ledger_ask(ledger, id, "E1", cases[i].claim), 0);
        must(ledger, CENTER "/review", "request.assess", "request", id,
             "'opinion':'不符合所述情形','scenario':'refuse'");
        must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'approve'");
        assert_true(doc_text_is(grant(ledger), "restriction", cases[i].restriction));
        bool masked = strcmp(cases[i].restriction, "masked") == 0;
        assert_int_equal(doc_get_bool(grant(ledger), "masked_all", false), masked);
        ledger_close(&ledger);
    }
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", cases[0].claim), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, APPROVED);
    assert_non_null(grant(ledger));
    assert_null(doc_get(grant(ledger), "restriction"));
    assert_null(doc_get(grant(ledger), "masked_all"));
    ledger_close(&ledger);
}
