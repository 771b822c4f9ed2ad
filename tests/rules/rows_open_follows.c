/* What becomes of a listing when its entry changes, by the clause: OPEN 9 to 11. */
#include "open_list.h"

#include "entry_acts.h"

static int assess_change(struct ledger *ledger)
{
    ledger->faults = (struct faults){0};
    return accept_change(ledger, ALPHA);
}

static void C8_static(void **state)
{
    (void)state;
    struct ledger *ledger = listed();
    assert_int_equal(change(ledger, "'姓名','证件号码'", "static", NONE_BARE), 0);
    assert_int_equal(assess_change(ledger), 0);
    assert_true(ledger_act_is(ledger, 0, LISTING, "became-static"));
    assert_string_equal(ledger_text(ledger, LISTING, "listing.update"), "static");
    assert_string_equal(ledger_text(ledger, LISTING, "status"), "listed");
    ledger_close(&ledger);
    ledger = listed();
    apply_to_retire(ledger, ALPHA);
    assert_int_equal(assess_change(ledger), 0);
    assert_true(ledger_act_is(ledger, 0, LISTING, "became-static"));
    assert_string_equal(ledger_text(ledger, LISTING, "status"), "listed");
    ledger_close(&ledger);
}

static int close_entry(struct ledger *ledger)
{
    ledger->faults = (struct faults){0};
    return ledger_do(ledger, ALPHA "/compile", "catalog.change",
                     "{'code':'E1','acts_on':'%s','reason':'不再开放','entry':%s}",
                     ledger_version(ledger, ENTRY("E1")),
                     entry_text("社会组织信息", "unconditional", NULL));
}

/* The fixture's entry is closed. */
static void C8_agree(void **state)
{
    (void)state;
    struct ledger *ledger = listed();
    assert_int_equal(close_entry(ledger), ERR_OPENNESS);
    assert_true(ledger_fault(ledger, ERR_OPENNESS, "entry.opening"));
    assert_int_equal(adjust(ledger, "'withdraw':true" EXPLAINED), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_int_equal(close_entry(ledger), 0);
    ledger_close(&ledger);
}

/* OPEN 9: 明确开放清单中的数据字段在数据湖中的目录来源，数据开放主体负责对挂接关系进行维护. What
 * the list names is in the catalog, whichever of the two changes, and whichever is accepted first.
 */
static void C8_items_stay(void **state)
{
    (void)state;
    struct ledger *ledger = listed(); /* names 姓名 */
    assert_int_equal(change(ledger, "'证件号码'", "daily", NONE_BARE), ERR_OPENNESS);
    assert_true(ledger_fault(ledger, ERR_OPENNESS, "entry.items"));
    assert_int_equal(
        adjust(ledger, "'listing':{" LIST_OF("unconditional", "'证件号码'", "daily") "}"), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_int_equal(change(ledger, "'证件号码'", "daily", NONE_BARE), 0);
    assert_int_equal(assess_change(ledger), 0);
    ledger_close(&ledger);

    /* Applied for while nothing was listed, and listed before it was assessed. */
    ledger = with_entry("unconditional");
    assert_int_equal(change(ledger, "'证件号码'", "daily", NONE_BARE), 0);
    assert_int_equal(list(ledger, OPEN_TO_ALL), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_int_equal(assess_change(ledger), ERR_OPENNESS);
    ledger_close(&ledger);

    /* The change came into force while the work order was under review. */
    ledger = with_entry("unconditional");
    assert_int_equal(list(ledger, OPEN_TO_ALL), 0);
    assert_int_equal(change(ledger, "'证件号码'", "daily", NONE_BARE), 0);
    assert_int_equal(assess_change(ledger), 0);
    assert_int_equal(judge(ledger, "'accept'"), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "listing.items[0]"));
    assert_int_equal(judge(ledger, "'return','grounds':['incomplete'],'reasons':[{'reason':"
                                   "'目录已无此信息项'}]"),
                     0);
    ledger_close(&ledger);
}

/* OPEN 9: 更新频率应当与数据产生频率相当. Daily data is listed as daily; once the catalog has it
 * weekly, the list says weekly, also where the work order was there first. */
static void C8_cycle(void **state)
{
    (void)state;
    struct ledger *ledger = listed();
    assert_int_equal(adjust(ledger, "'listing':{" LIST_OF("unconditional", "'姓名'", "yearly") "}"),
                     ERR_FIELD_CHOICE);
    assert_true(ledger_fault(ledger, ERR_FIELD_CHOICE, "listing.update"));
    assert_int_equal(change(ledger, "'姓名','证件号码'", "weekly", NONE_BARE), 0);
    assert_int_equal(assess_change(ledger), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "listing.update"), "weekly");
    assert_true(ledger_act_is(ledger, 0, LISTING, "cycle-followed"));
    assert_int_equal(adjust(ledger, WITH_NUMBERS), ERR_FIELD_CHOICE);
    ledger_close(&ledger);
    ledger = with_entry("unconditional");
    assert_int_equal(list(ledger, OPEN_TO_ALL), 0);
    assert_int_equal(change(ledger, "'姓名','证件号码'", "weekly", NONE_BARE), 0);
    assert_int_equal(assess_change(ledger), 0);
    assert_int_equal(judge(ledger, "'accept'"), ERR_FIELD_CHOICE);
    assert_true(ledger_fault(ledger, ERR_FIELD_CHOICE, "listing.update"));
    ledger_close(&ledger);
}

/* OPEN 9: 对于不定期产生的数据…，可以列为静态数据: while it is irregular, and no longer. */
static void C8_static_follows(void **state)
{
    (void)state;
    struct ledger *ledger = listed();
    assert_int_equal(change(ledger, "'姓名','证件号码'", "static", NONE_BARE), 0);
    assert_int_equal(assess_change(ledger), 0);
    size_t acts = doc_count(ledger->acts);
    assert_int_equal(change(ledger, "'姓名','证件号码'", "irregular", NONE_BARE), 0);
    assert_int_equal(assess_change(ledger), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "listing.update"), "static");
    assert_int_equal(doc_count(ledger->acts), acts);
    assert_int_equal(change(ledger, "'姓名','证件号码'", "monthly", NONE_BARE), 0);
    assert_int_equal(assess_change(ledger), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "listing.update"), "monthly");
    ledger_close(&ledger);
}

/* A retired entry's data is at rest: its list can still be adjusted, as static data. */
static void C8_retired_adjusted(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("unconditional");
    assert_int_equal(list(ledger, LIST_OF("unconditional", "'姓名','证件号码'", "daily")), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    apply_to_retire(ledger, ALPHA);
    assert_int_equal(assess_change(ledger), 0);
    assert_int_equal(adjust(ledger, "'listing':{" OPEN_TO_ALL "}"), ERR_FIELD_CHOICE);
    assert_true(ledger_fault(ledger, ERR_FIELD_CHOICE, "listing.update"));
    assert_int_equal(adjust(ledger, "'listing':{" LIST_OF("unconditional", "'姓名'", "static") "}"),
                     0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    ledger_close(&ledger);
    /* What was never listed is not listed of an entry that is gone. */
    ledger = with_entry("unconditional");
    assert_int_equal(list(ledger, OPEN_TO_ALL), 0);
    apply_to_retire(ledger, ALPHA);
    assert_int_equal(assess_change(ledger), 0);
    assert_int_equal(judge(ledger, "'accept'"), ERR_STATUS);
    ledger_close(&ledger);
}

static const char *order_is(struct ledger *ledger)
{
    return ledger_text(ledger, LISTING, "order.status");
}

/* Ordered to be brought up to date each week, and no longer each day: the listing follows its entry
 * (OPEN 9), and the adjustment that says so says what is listed by then. */
static void C8_order_met_by_a_change(void **state)
{
    (void)state;
    static const char weekly[] = "'listing':{" LIST_OF("unconditional", "'姓名'", "weekly") "}";
    struct ledger *ledger = listed();
    assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-20"), 0);
    assert_int_equal(change(ledger, "'姓名','证件号码'", "weekly", NONE_BARE), 0);
    assert_int_equal(assess_change(ledger), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "listing.update"), "weekly");
    assert_int_equal(adjust(ledger, weekly), ERR_DUPLICATE); /* which answers to nothing */
    assert_int_equal(adjust_as_ordered(ledger, weekly), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_string_equal(order_is(ledger), "met");
    assert_int_equal(ledger_due(ledger, "adjust") + ledger_due(ledger, "delisting"), 0);
    ledger_close(&ledger);

    /* Given again, for more days, while what answers to it was under review. */
    ledger = listed();
    assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-20"), 0);
    assert_int_equal(adjust_as_ordered(ledger, WITH_NUMBERS), 0);
    assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-25"), 0);
    assert_int_equal(
        judge(ledger, "'return','grounds':['other'],'reasons':[{'reason':'未增加统计项'}]"), 0);
    assert_int_equal(ledger_int(ledger, LISTING, "terms.adjust.due_ms"),
                     at("2026-03-26T00:00:00+08:00"));
    assert_int_equal(adjust_as_ordered(ledger, WITH_NUMBERS), 0);
    assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-27"), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_string_equal(order_is(ledger), "open");
    assert_int_equal(adjust_as_ordered(ledger, WITH_NUMBERS), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_string_equal(order_is(ledger), "met");
    ledger_close(&ledger);
}

static bool is_overdue(struct ledger *ledger)
{
    return ledger_act_is(ledger, 0, LISTING, "adjust-overdue");
}

/* Ordered until Friday, 20 March; adjusted on the 10th, when ten days were left after that, and
 * looked at on the 25th: returned, 26 March to 4 April. */
static void C8_order_reviewed_late(void **state)
{
    (void)state;
    static const char returned[] =
        "'return','grounds':['other'],'reasons':[{'reason':'未增加统计项'}]";
    for (int names = 0; names < 2; names++) {
        for (int accepted = 0; accepted < 2; accepted++) {
            struct ledger *ledger = listed();
            assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-20"), 0);
            ledger_at(ledger, "2026-03-10T10:00:00+08:00");
            assert_int_equal(names ? adjust_as_ordered(ledger, WITH_NUMBERS)
                                   : adjust(ledger, WITH_NUMBERS),
                             0);
            ledger_at_ms(ledger, at("2026-03-21T00:00:00+08:00") - 1);
            assert_false(is_overdue(ledger));
            ledger_at(ledger, "2026-03-21T00:00:00+08:00");
            assert_int_equal(is_overdue(ledger), !names);
            ledger_at(ledger, "2026-03-25T10:00:00+08:00");
            assert_int_equal(judge(ledger, accepted ? "'accept'" : returned), 0);
            if (names && !accepted) { /* the same obligation as on the 2nd */
                assert_int_equal(ledger_int(ledger, LISTING, "terms.adjust.began_ms"),
                                 at("2026-03-02T10:00:00+08:00"));
            }
            assert_string_equal(order_is(ledger), names && accepted ? "met" : "open");
            ledger_at_ms(ledger, at("2026-04-05T00:00:00+08:00") - 1);
            assert_int_equal(is_overdue(ledger), !names);
            ledger_at(ledger, "2026-04-05T00:00:00+08:00");
            assert_int_equal(is_overdue(ledger), !names || !accepted);
            assert_null(doc_get(ledger_get(ledger, LISTING), "paused"));
            ledger_close(&ledger);
        }
    }
    /* What was over before the adjustment is so after its return. */
    struct ledger *ledger = listed();
    assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-20"), 0);
    ledger_at(ledger, "2026-03-21T00:00:00+08:00");
    assert_true(is_overdue(ledger));
    assert_int_equal(adjust_as_ordered(ledger, WITH_NUMBERS), 0);
    assert_int_equal(judge(ledger, returned), 0);
    assert_true(doc_get_bool(
        doc_get(doc_get(ledger_get(ledger, LISTING), "terms"), "adjust"), "over", false));
    /* Returned early, it has until the day that was named. */
    ledger_close(&ledger);
    ledger = listed();
    assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-20"), 0);
    assert_int_equal(adjust_as_ordered(ledger, WITH_NUMBERS), 0);
    assert_int_equal(judge(ledger, returned), 0);
    assert_int_equal(ledger_int(ledger, LISTING, "terms.adjust.due_ms"),
                     at("2026-03-21T00:00:00+08:00"));
    ledger_close(&ledger);
}

/* OPEN 10: what was open of a deleted entry stays so; nothing else of it is opened. */
static void C8_static_is_not_widened(void **state)
{
    (void)state;
    struct ledger *ledger = listed(); /* names 姓名 */
    apply_to_retire(ledger, ALPHA);
    assert_int_equal(assess_change(ledger), 0);
    assert_int_equal(adjust(ledger, "'listing':{" LIST_OF("unconditional", "'姓名','证件号码'",
                                                          "static") "}"),
                     ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "code"));
    assert_int_equal(adjust(ledger, "'listing':{'theme':'民政','type':'unconditional','items':["
                                    "'姓名'],'update':'static'}"),
                     0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    ledger_close(&ledger);
}
