/* PT 24 of an entry of which much was refused: what may still be disputed in time holds a change up,
 * what may not does not. 2026: 2 March is a Monday. */
#include "rows_requests.h"

#include "entry_acts.h"
#include "fused.h"

static void refuse(struct ledger *ledger, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        must(ledger, ALPHA "/approve", "request.answer", "request", id,
             "'decision':'refuse'," LAW);
    }
}

/* Five times in their days BETA is suspended. Half a year later 64 are let go when the deletion is
 * applied for, and two for each that is refused then, which alone is in time. */
static void C5_refused_long_ago(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    refuse(ledger, 300);
    assert_int_equal(ledger_count(ledger, "refused/"), 300);
    for (int day = 3; day <= 7; day++) {
        char time[40];
        (void)snprintf(time, sizeof time, "2026-03-%02dT09:00:00+08:00", day);
        ledger_at(ledger, time);
        ledger_member(ledger, "member.suspend", BETA);
        (void)snprintf(time, sizeof time, "2026-03-%02dT10:00:00+08:00", day);
        ledger_at(ledger, time);
        ledger_member(ledger, "member.restore", BETA);
    }
    ledger_at(ledger, "2026-09-01T09:00:00+08:00");
    apply_to_retire(ledger, ALPHA);
    assert_int_equal(ledger_count(ledger, "refused/"), 236);
    ledger_at(ledger, "2026-09-01T10:00:00+08:00");
    refuse(ledger, 3);
    assert_int_equal(ledger_count(ledger, "refused/"), 233);
    ledger_at(ledger, "2026-09-02T09:00:00+08:00");
    assert_int_equal(accept_change(ledger, ALPHA), 0);
    ledger_close(&ledger);
}

/* Another name changes nothing of what was asked for. */
static void rename_entry(struct ledger *ledger, const char *name)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.change",
                "{'code':'E1','acts_on':'%s','reason':'更名','entry':%s}",
                ledger_version(ledger, "entry/" ALPHA "/E1"),
                entry_text(name, "authorised", NULL));
}

/* Five working days: 3, 4, 5, 6, 9 March. */
static void C5_refused_beyond(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    refuse(ledger, 256);
    rename_entry(ledger, "新名称");
    assert_int_equal(accept_change(ledger, ALPHA), 0);
    refuse(ledger, 1);
    rename_entry(ledger, "又一名称");
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED); /* looked at like the others */
    refuse(ledger, 1); /* lets go of two */
    assert_int_equal(accept_change(ledger, ALPHA), 0);
    ledger_close(&ledger);
}

/* Of 257 refusals one more than is looked at; a fusion with the entry, asked for after the change
 * was applied for, is decided when they are out of time. Five working days from Monday, 21
 * September 2026, around the Mid-Autumn holiday: 22, 23, 24, 28, 29. */
static void C5_refused_fusion(void **state)
{
    (void)state;
    static const struct {
        const char *by, *type, *body;
        size_t left; /* of ALPHA's entry and GAMMA's, with what is returned itself */
    } cases[] = {
        {CENTER "/review", "fusion.conclude", RETURN, 257},
        {BETA "/compile", "fusion.withdraw", "'reason':'不再需要'", 255},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_parts();
        refuse(ledger, 257);
        rename_entry(ledger, "新名称");
        ledger_at(ledger, "2026-09-22T09:00:00+08:00");
        assert_int_equal(fuse(ledger, "E1", "2026-12-31"), 0);
        ledger_at(ledger, "2026-09-30T00:00:00+08:00");
        assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
        must(ledger, cases[i].by, cases[i].type, "fusion", other, cases[i].body);
        assert_int_equal(ledger_count(ledger, "refused/"), cases[i].left);
        assert_int_equal(accept_change(ledger, ALPHA), 0);
        ledger_close(&ledger);
    }
}
