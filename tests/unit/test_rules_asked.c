/* PT 14 against PT 20: an agency does not refuse without law by deleting or changing the entry:
 * what was asked for before is decided before. */
#include "dispute_steps.h"

#include "entries.h"

static void retire(struct ledger *ledger)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E1','acts_on':'%s','reason':'业务撤销','plan':"
                "'00000000000000000000000000000000000000000000000000000000000000aa'}",
                ledger_version(ledger, ENTRY("E1")));
}

static int accept_change(struct ledger *ledger)
{
    return ledger_do(ledger, CENTER "/review", "catalog.assess",
                     "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                     ledger_version(ledger, "change/" ALPHA "/E1"));
}

static size_t asked(struct ledger *ledger)
{
    return doc_count(doc_get(ledger_get(ledger, "change/" ALPHA "/E1"), "asked"));
}

static void a_request_is_answered_first(void **state)
{
    (void)state;
    char name[100];
    struct ledger *ledger = with_request("putuo", NULL);
    (void)snprintf(name, sizeof name, "request/%s", id);
    assert_int_equal(ledger_count(ledger, "asked/"), 1);
    retire(ledger);
    assert_int_equal(asked(ledger), 1);
    assert_string_equal(
        doc_text(doc_at(doc_get(ledger_get(ledger, "change/" ALPHA "/E1"), "asked"), 0)), name);
    assert_int_equal(accept_change(ledger), ERR_UNDECIDED); /* a plan does not answer it */
    assert_true(ledger_fault(ledger, ERR_UNDECIDED, name));
    /* Monday 2 March and five working days: 24:00 of Monday 9 March. */
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_string_equal(text(ledger, "request", "status"), "granted");
    assert_int_equal(ledger_count(ledger, "asked/"), 0);
    assert_int_equal(accept_change(ledger), ERR_PLAN); /* what was granted is the plan's */
    assert_false(ledger_fault(ledger, ERR_UNDECIDED, name));
    assert_string_equal(text(ledger, "grant", "status"), "active");
    ledger_close(&ledger);
}

static void a_refusal_by_law_is_an_answer(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("putuo", NULL);
    retire(ledger);
    assert_int_equal(accept_change(ledger), ERR_UNDECIDED);
    answer(ledger, "'refuse'," LAW);
    assert_int_equal(ledger_count(ledger, "asked/"), 0);
    /* In dispute it is not decided yet. */
    assert_int_equal(raise_by(ledger, BETA "/compile", "refusal"), 0);
    assert_int_equal(ledger_count(ledger, "asked/"), 1);
    assert_int_equal(accept_change(ledger), ERR_UNDECIDED);
    assert_int_equal(on_dispute(ledger, BETA "/compile", "dispute.withdraw", "'reason':'不再需要'"),
                     0);
    assert_int_equal(ledger_count(ledger, "asked/"), 0);
    assert_int_equal(accept_change(ledger), ERR_UNDECIDED); /* nor while it may be raised again */
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_int_equal(accept_change(ledger), 0);
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "retired");
    ledger_close(&ledger);
}

static void a_request_that_is_withdrawn_waits_for_nothing(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("shanghai-open", NULL);
    assert_string_equal(text(ledger, "request", "status"), "intake");
    retire(ledger);
    assert_int_equal(accept_change(ledger), ERR_UNDECIDED);
    ledger_must(ledger, BETA "/compile", "request.withdraw",
                "{'request':'%s','acts_on':'%s','reason':'不再需要'}", id,
                ledger_version(ledger, "request/%s", id));
    assert_int_equal(accept_change(ledger), 0);
    ledger_close(&ledger);
}

/* Who asks after the application knows of it; to the millisecond. */
static void what_is_asked_for_later_does_not_hold_it_up(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    retire(ledger);
    assert_int_equal(asked(ledger), 0);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0); /* in the same block */
    assert_int_equal(accept_change(ledger), ERR_UNDECIDED);
    ledger_close(&ledger);
    ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    retire(ledger);
    ledger_at_ms(ledger, ledger_int(ledger, "change/" ALPHA "/E1", "submitted_ms") + 1);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(accept_change(ledger), 0);
    ledger_close(&ledger);
}

/* Only what is asked for counts: 姓名, which stays. */
static void a_change_of_other_items_waits_for_nothing(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("putuo", "{'items':['姓名']}");
    AUTO(doc_free)
    struct doc *body = fixture_parse("{'code':'E1','reason':'业务调整','entry':%s}",
                                     entry_text("E1", "authorised", NULL));
    doc_set_text(body, "acts_on", ledger_version(ledger, ENTRY("E1")));
    const struct doc *items = doc_get(doc_get(body, "entry"), "items");
    doc_set_text((struct doc *)(uintptr_t)doc_at(items, 1), "sharing", "none");
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.change", body), 0);
    assert_int_equal(asked(ledger), 0);
    assert_int_equal(accept_change(ledger), 0);
    ledger_close(&ledger);
}

static void a_fusion_is_concluded_first(void **state)
{
    (void)state;
    char fusion[2 * HASH_BYTES + 1], own[2 * HASH_BYTES + 1], other[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_give_entry_of(ledger, GAMMA);
    memcpy(own, ledger_version(ledger, ENTRY("E1")), sizeof own);
    memcpy(other, ledger_version(ledger, "entry/" GAMMA "/E1"), sizeof other);
    ledger_must(
        ledger, BETA "/compile", "fusion.submit",
        "{'plan':'00000000000000000000000000000000000000000000000000000000000000bb',"
        "'parts':[{'provider':'" ALPHA "','entry':'E1','entry_version':'%s','items':"
        "['姓名']},{'provider':'" GAMMA "','entry':'E1','entry_version':'%s','items':"
        "['姓名']}],'need':'data','purpose':'联合画像','basis':'职责清单','goal':'联合核查',"
        "'mode':'query','frequency':{'times':10,'per':'month'},'security_level':2,"
        "'safeguards':'专网访问','until':'2026-12-31',"
        "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}",
        own, other);
    memcpy(fusion, ledger->txid, sizeof fusion);
    assert_int_equal(ledger_count(ledger, "asked/"), 2);
    retire(ledger);
    assert_int_equal(asked(ledger), 1);
    assert_int_equal(accept_change(ledger), ERR_UNDECIDED);
    ledger_must(ledger, CENTER "/review", "fusion.conclude",
                "{'fusion':'%s','acts_on':'%s','decision':'return','reasons':[{'reason':"
                "'方案不完整'}]}",
                fusion, ledger_version(ledger, "fusion/%s", fusion));
    assert_int_equal(ledger_count(ledger, "asked/"), 0);
    assert_int_equal(accept_change(ledger), ERR_UNDECIDED); /* PT 24: 3, 4, 5, 6, 9 March */
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_int_equal(accept_change(ledger), 0);
    ledger_close(&ledger);
}

/* A hundred and two requests an hour after the application: none of them is in its way. */
static void later_ones_do_not_hide_earlier_ones(void **state)
{
    (void)state;
    for (int earlier = 0; earlier < 2; earlier++) {
        struct ledger *ledger = earlier ? with_request("putuo", NULL) : ledger_open("putuo");
        char of_before[sizeof id];
        if (!earlier) {
            ledger_at(ledger, "2026-03-02T10:00:00+08:00");
            ledger_give_entry(ledger, "E1", "authorised");
        }
        memcpy(of_before, id, sizeof id);
        retire(ledger);
        ledger_at(ledger, "2026-03-02T14:00:00+08:00");
        for (size_t i = 0; i < 102; i++) {
            assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        }
        assert_int_equal(accept_change(ledger), earlier ? ERR_UNDECIDED : 0);
        if (earlier) {
            char name[100];
            (void)snprintf(name, sizeof name, "request/%s", of_before);
            assert_true(ledger_fault(ledger, ERR_UNDECIDED, name));
        }
        ledger_close(&ledger);
    }
}

/* Whatever else goes on at once, an answer has room for its writes. */
static void approved_while_it_is_disputed(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("putuo", NULL);
    assert_int_equal(ledger_policy(ledger, "dispute",
                                   "{'negotiate':true,'term':{'days':5,'clause':'PT 24'},"
                                   "'clause':'PT 24'}"),
                     0);
    assert_int_equal(raise_by(ledger, ALPHA "/approve", "need"), 0);
    answer(ledger, "'approve'");
    assert_string_equal(text(ledger, "request", "status"), "granted");
    assert_int_equal(ledger->writes, 11);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_answered_first),
        cmocka_unit_test(a_refusal_by_law_is_an_answer),
        cmocka_unit_test(a_request_that_is_withdrawn_waits_for_nothing),
        cmocka_unit_test(what_is_asked_for_later_does_not_hold_it_up),
        cmocka_unit_test(a_change_of_other_items_waits_for_nothing),
        cmocka_unit_test(a_fusion_is_concluded_first),
        cmocka_unit_test(later_ones_do_not_hide_earlier_ones),
        cmocka_unit_test(approved_while_it_is_disputed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
