/* PT 14 has an agency apply for a change or deletion of its entry; what it takes back is as if it
 * had not been applied for. Working days are the State Council's of 2026, counted by hand. */
#include "rows_plans.h"

#define MILESTONE "milestone/" ALPHA "/M1"

static int take_back_by(struct ledger *ledger, const char *kid)
{
    return ledger_do(ledger, kid, "catalog.withdraw",
                     "{'code':'E1','acts_on':'%s','reason':'业务仍在办理'}",
                     ledger_version(ledger, CHANGE));
}

static int take_back(struct ledger *ledger)
{
    return take_back_by(ledger, ALPHA "/compile");
}

static bool entry_is_published(struct ledger *ledger)
{
    return strcmp(ledger_text(ledger, "entry/" ALPHA "/E1", "status"), "published") == 0;
}

/* Applied for on Monday, 2 March: the center has Tuesday the 3rd. */
static void C5_withdrawn(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct ledger *ledger = applied(1);
        assert_int_equal(take_back_by(ledger, ALPHA "/approve"), ERR_TX_ROLE);
        assert_int_equal(take_back_by(ledger, BETA "/compile"), ERR_SUBJECT); /* it has none */
        if (late) {
            ledger_at(ledger, "2026-03-04T00:00:00+08:00");
            assert_true(ledger_act_is(ledger, 0, CHANGE, "assess-overdue"));
        }
        assert_int_equal(take_back(ledger), 0);
        assert_string_equal(status(ledger), "withdrawn");
        assert_string_equal(ledger_text(ledger, CHANGE, "withdraw_reason"), "业务仍在办理");
        assert_int_equal(doc_get_bool(ledger_get(ledger, CHANGE), "late", false), late);
        assert_true(entry_is_published(ledger));
        assert_int_equal(ledger_due(ledger, "assess"), 0);
        size_t acts = doc_count(ledger->acts);
        ledger_at(ledger, "2026-03-05T10:00:00+08:00");
        assert_int_equal(doc_count(ledger->acts), acts);
        assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", of_beta), "status"),
                            "active");
        assert_int_equal(take_back(ledger), ERR_STATUS);
        assert_true(ledger_fault(ledger, ERR_STATUS, "code"));
        assert_int_equal(assess(ledger, ",'plan':'" PLAN "'"), ERR_STATUS);
        /* Another one, on Thursday the 5th: Friday the 6th. */
        apply_to_retire(ledger, ALPHA);
        assert_string_equal(status(ledger), "applied");
        assert_null(doc_get(ledger_get(ledger, CHANGE), "withdrawn_ms"));
        assert_int_equal(ledger_int(ledger, CHANGE, "terms.assess.due_ms"),
                         at("2026-03-07T00:00:00+08:00"));
        ledger_close(&ledger);
    }
    /* What was decided is not taken back. */
    struct ledger *ledger = applied(0);
    ledger_must(ledger, GAMMA "/compile", "grant.end",
                "{'grant':'%s','acts_on':'%s','reason':'不再需要'}", of_gamma,
                ledger_version(ledger, "grant/%s", of_gamma));
    assert_int_equal(assess(ledger, ""), 0);
    assert_int_equal(take_back(ledger), ERR_STATUS);
    assert_string_equal(ledger_text(ledger, "entry/" ALPHA "/E1", "status"), "retired");
    ledger_close(&ledger);
}

/* Proposed on Tuesday, 3 March: 4, 5, 6, 9, 10. */
static void C5_withdrawn_plan(void **state)
{
    (void)state;
    struct ledger *ledger = applied(100); /* and GAMMA's: the last is told a block later */
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    assert_int_equal(ledger_due(ledger, "adjustment-notice"), 1);
    assert_int_equal(take_back(ledger), 0);
    assert_string_equal(status(ledger), "withdrawn");
    ledger_close(&ledger);
    ledger = applied(1);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    assert_int_equal(sign(ledger, GAMMA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(take_back(ledger), 0);
    assert_int_equal(ledger_due(ledger, "consult"), 0);
    assert_int_equal(ledger_due(ledger, "assess"), 0);
    assert_int_equal(sign(ledger, BETA "/approve", PLAN, "'object','reason':'仍需使用'"),
                     ERR_STATUS);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), ERR_STATUS);
    size_t acts = doc_count(ledger->acts);
    ledger_at(ledger, "2026-03-11T00:00:00+08:00");
    assert_int_equal(doc_count(ledger->acts), acts);
    /* The same text again: GAMMA has signed nothing of this application. */
    apply_to_retire(ledger, ALPHA);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    assert_int_equal(sign(ledger, ALPHA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(sign(ledger, BETA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(assess(ledger, ""), ERR_CONSULTING);
    assert_int_equal(sign(ledger, GAMMA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(assess(ledger, ""), 0);
    ledger_close(&ledger);
}

/* Taken back and applied for anew in one block, at one time: an objection to the first counts for
 * nothing, one to the second for itself. Proposed on Tuesday, 3 March: 4, 5, 6, 9, 10. */
static void C5_withdrawn_anew(void **state)
{
    (void)state;
    struct ledger *ledger = applied(1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(take_back(ledger), 0);
        apply_to_retire(ledger, ALPHA);
        assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
        assert_int_equal(sign(ledger, BETA "/approve", PLAN, "'object','reason':'仍需使用'"), 0);
    }
    assert_int_equal(ledger_int(ledger, CHANGE, "objections"), 1);
    ledger_at(ledger, "2026-03-11T00:00:00+08:00");
    assert_int_equal(assess(ledger, ""), ERR_GROUNDS);
    assert_int_equal(assess(ledger, ",'reasons':[{'reason':'过渡期已延至季末'}]"),
                     0);
    ledger_close(&ledger);
}

static void change_to(struct ledger *ledger, const char *name, const char *more)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.change",
                "{'code':'E1','acts_on':'%s','reason':'登记事项调整','entry':%s%s}",
                ledger_version(ledger, "entry/" ALPHA "/E1"),
                entry_text(name, "unconditional", NULL), more);
}

static void C5_withdrawn_name(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "unconditional");
    change_to(ledger, "新名称", "");
    for (int taken_back = 0; taken_back < 2; taken_back++) {
        assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.submit",
                                   "{'code':'E2','entry':%s}",
                                   entry_text("新名称", "unconditional", NULL)),
                         taken_back ? 0 : ERR_DUPLICATE);
        if (!taken_back) {
            assert_int_equal(take_back(ledger), 0);
        }
    }
    /* What stands in the catalog keeps its name. */
    apply_to_retire(ledger, ALPHA);
    assert_int_equal(take_back(ledger), 0);
    AUTO(doc_free) struct doc *entry =
        doc_ref(doc_get(ledger_get(ledger, "entry/" ALPHA "/E1"), "entry"));
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.submit",
                               "{'code':'E3','entry':%s}",
                               entry_text(doc_get_text(entry, "name"), "unconditional", NULL)),
                     ERR_DUPLICATE);
    ledger_close(&ledger);
}

/* Changed on Tuesday, 29 September: Wednesday 30, Thursday 8 October. */
static void C6_withdrawn(void **state)
{
    (void)state;
    static const char *const days[] = {"2026-10-08T10:00:00+08:00", "2026-10-12T10:00:00+08:00"};
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        struct ledger *ledger = ledger_open("changning");
        ledger_give_entry(ledger, "E1", "unconditional");
        ledger_at(ledger, "2026-09-29T10:00:00+08:00");
        ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                    "{'code':'M1','kind':'change','matter':'登记事项调整','date':'2026-09-29',"
                    "'entry':'E1'}");
        ledger_at(ledger, "2026-09-30T10:00:00+08:00");
        change_to(ledger, "新名称", ",'milestone':'M1'");
        assert_string_equal(ledger_text(ledger, MILESTONE, "status"), "met");
        ledger_at(ledger, days[i]);
        assert_int_equal(take_back(ledger), 0);
        assert_string_equal(ledger_text(ledger, MILESTONE, "status"), "open");
        assert_null(doc_get(ledger_get(ledger, MILESTONE), "returned"));
        assert_int_equal(ledger_int(ledger, MILESTONE, "terms.update.due_ms"),
                         at("2026-10-09T00:00:00+08:00"));
        ledger_at(ledger, i == 0 ? "2026-10-09T00:00:00+08:00" : "2026-10-12T10:00:01+08:00");
        assert_true(ledger_act_is(ledger, 0, MILESTONE, "update-overdue"));
        ledger_close(&ledger);
    }
}
