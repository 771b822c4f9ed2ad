/* The life of a grant, by the clause: PT 17, PT 26, PT 31, OPEN 31. Instants are worked out by
 * hand: a term of months ends with the day of the same number, one of days counts from the day
 * after. */
#include "row.h"

static char id[2 * HASH_BYTES + 1];
static char subject[100];

static void give(struct ledger *ledger, const char *time, const char *extra)
{
    ledger_at(ledger, time);
    ledger_give_grant(ledger, id, extra);
    (void)snprintf(subject, sizeof subject, "grant/%s", id);
}

static struct ledger *granted(const char *profile, const char *time, const char *extra)
{
    struct ledger *ledger = ledger_open(profile);
    give(ledger, time, extra);
    return ledger;
}

static const char *text(struct ledger *ledger, const char *path)
{
    return ledger_text(ledger, subject, path);
}

#define CALL "{'parameters':'00000000000000000000000000000000000000000000000000000000000000aa'}"
static int use(struct ledger *ledger, const char *type)
{
    bool batch = strcmp(type, "access.batch") == 0;
    return ledger_do(ledger, BETA "/gateway", type,
                     "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统','operator':"
                     "'gateway','purpose':'一网通办：社会组织登记核验','method':'service',%s}",
                     id, ledger_version(ledger, "grant/%s", id),
                     batch ? "'calls':[" CALL "," CALL "]"
                           : "'parameters':"
                             "'00000000000000000000000000000000000000000000000000000000000000aa'");
}

static int act(struct ledger *ledger, const char *kid, const char *type, const char *more)
{
    return ledger_do(ledger, kid, type, "{'grant':'%s','acts_on':'%s','reason':'试验理由'%s}", id,
                     ledger_version(ledger, "grant/%s", id), more);
}

static void becomes_at(struct ledger *ledger, const char *before, const char *end,
                       const char *after)
{
    ledger_at_ms(ledger, at(end) - 1);
    assert_string_equal(text(ledger, "status"), before);
    ledger_at(ledger, end);
    assert_string_equal(text(ledger, "status"), after);
}

/* ---- disuse (PT 26) ---- */

static void D11_disuse_suspends(void **state)
{
    (void)state;
    static const struct {
        const char *since, *end, *objections_end;
    } cases[] = {
        /* The last day is Wednesday 15 April; 16 April and 30 days: the last is Friday 15 May. */
        {"2026-01-15T10:00:00+08:00", "2026-04-16T00:00:00+08:00", "2026-05-17T00:00:00+08:00"},
        /* April has no 31st: the last day is Thursday 30 April. 1 May + 30: Sunday 31 May. */
        {"2026-01-31T23:59:59.999+08:00", "2026-05-01T00:00:00+08:00", "2026-06-01T00:00:00+08:00"},
        /* A day begins at Beijing's midnight: 1 February, so the last day is 1 May. */
        {"2026-02-01T00:00:00+08:00", "2026-05-02T00:00:00+08:00", "2026-06-02T00:00:00+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = granted("putuo", cases[i].since, NULL);
        becomes_at(ledger, "active", cases[i].end, "suspended");
        assert_true(ledger_act_is(ledger, 0, subject, "suspended-unused"));
        const struct doc *notice = doc_at(ledger->acts, doc_count(ledger->acts) - 1);
        assert_string_equal(doc_get_text(notice, "clause"), "PT 26");
        assert_int_equal(doc_get_int(notice, "due_ms", 0), at(cases[i].objections_end));
        assert_string_equal(text(ledger, "holds.disuse.clause"), "PT 26");
        assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
        assert_true(ledger_fault(ledger, ERR_NOT_GRANTED, "grant.status.suspended"));
        ledger_close(&ledger);
    }
    /* 长宁 knows no such rule. */
    struct ledger *ledger = granted("changning", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-06-16T00:00:00+08:00");
    assert_string_equal(text(ledger, "status"), "active");
    assert_int_equal(act(ledger, BETA "/compile", "grant.object", ""), ERR_POLICY);
    ledger_close(&ledger);
}

static void D11_use_moves_the_term(void **state)
{
    (void)state;
    static const char *const types[] = {"access.open", "access.batch"};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
        ledger_at(ledger, "2026-04-15T23:59:59.999+08:00"); /* the last moment */
        AUTO(doc_free) struct doc *version = doc_new_text(text(ledger, "version"));
        assert_int_equal(use(ledger, types[i]), 0);
        assert_in_range(ledger->writes, 3, 5);
        assert_string_equal(text(ledger, "version"), doc_text(version)); /* nobody acted on it */
        assert_int_equal(use(ledger, types[i]), 0); /* again that day: the term stays */
        assert_int_equal(ledger->writes, 2);
        /* The last day is Wednesday 15 July. */
        becomes_at(ledger, "active", "2026-07-16T00:00:00+08:00", "suspended");
        ledger_close(&ledger);
    }
}

/* PT 17 lets a reason stand for less use than every three months: for as little as was declared. */
static void D11_reason_on_record(void **state)
{
    (void)state;
    static const struct {
        const char *frequency, *end;
    } cases[] = {
        /* Twice a year: excused to 15 July, and three months: the last day is 15 October. */
        {"{'frequency':{'times':2,'per':'year','reason':'半年核验一次'}}",
         "2026-10-16T00:00:00+08:00"},
        /* Three times: four months, to 15 May; the last day is 15 August. */
        {"{'frequency':{'times':3,'per':'year','reason':'按学期核验'}}",
         "2026-08-16T00:00:00+08:00"},
        /* Not less than the policy's: there is nothing to excuse. The last day is 15 April. */
        {"{'frequency':{'times':4,'per':'year','reason':'按季核验'}}", "2026-04-16T00:00:00+08:00"},
        {"{'frequency':{'times':10,'per':'month','reason':'日常核验'}}",
         "2026-04-16T00:00:00+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", cases[i].frequency);
        becomes_at(ledger, "active", cases[i].end, "suspended");
        assert_true(ledger_act_is(ledger, 0, subject, "suspended-unused"));
        ledger_close(&ledger);
    }
    /* Used on 10 February: excused to 10 June, the last day is 10 September. */
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", cases[1].frequency);
    assert_string_equal(text(ledger, "idle_reason"), "按学期核验");
    ledger_at(ledger, "2026-02-10T09:00:00+08:00");
    assert_int_equal(use(ledger, "access.open"), 0);
    assert_int_equal(use(ledger, "access.open"), 0); /* again that day: the term stays */
    assert_int_equal(ledger->writes, 2);
    becomes_at(ledger, "active", "2026-09-11T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
    /* Once a year, and it lasts to the end of the year: nothing runs out before. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00",
                     "{'frequency':{'times':1,'per':'year','reason':'年度检查时核验一次'}}");
    becomes_at(ledger, "active", "2027-01-01T00:00:00+08:00", "expired");
    ledger_close(&ledger);
}

static void D11_objection_stops(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-05-16T23:59:59.999+08:00"); /* the last of the thirty days */
    assert_string_equal(text(ledger, "status"), "suspended");
    assert_int_equal(act(ledger, GAMMA "/compile", "grant.object", ""), ERR_PARTY);
    assert_int_equal(act(ledger, BETA "/compile", "grant.object", ""), 0);
    assert_string_equal(text(ledger, "status"), "active");
    assert_string_equal(text(ledger, "objection.reason"), "试验理由");
    assert_int_equal(use(ledger, "access.open"), 0);
    /* Anew from 16 May: the last day is Sunday 16 August. A reason filed on it beforehand counts
     * from that day: the last is Monday 16 November. */
    ledger_at(ledger, "2026-08-16T12:00:00+08:00");
    assert_int_equal(act(ledger, BETA "/chief", "grant.object", ""), 0);
    becomes_at(ledger, "active", "2026-11-17T00:00:00+08:00", "suspended");
    /* The center may lift it as well. */
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.restore", ""), ERR_PARTY);
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), 0);
    assert_string_equal(text(ledger, "status"), "active");
    assert_int_equal(ledger_count(ledger, "due/"), 2); /* expiry and disuse; no objection's */
    ledger_close(&ledger);
}

static void D11_silence_terminates(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    becomes_at(ledger, "suspended", "2026-05-17T00:00:00+08:00", "terminated");
    assert_true(ledger_act_is(ledger, 0, subject, "terminated"));
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    assert_int_equal(ledger_count(ledger, "live/"), 0);
    assert_int_equal(act(ledger, BETA "/compile", "grant.object", ""), ERR_STATUS);
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), ERR_STATUS);
    assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
    /* 重新提出共享需求申请. */
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_close(&ledger);
}

static void member(struct ledger *ledger, const char *type, const char *member)
{
    char key[100];
    (void)snprintf(key, sizeof key, "member/%s", member);
    ledger_must(ledger, CENTER "/admin", type, "{'member':'%s','acts_on':'%s','reason':'整改'}",
                member, ledger_text(ledger, key, "version"));
}

static void D11_silent_because_barred(void **state)
{
    (void)state;
    /* The provider may not act on the last day, so nothing could be used: from 16 April anew, the
     * last day is Thursday 16 July. */
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-15T10:00:00+08:00");
    member(ledger, "member.suspend", ALPHA);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, subject, "term-moved"));
    member(ledger, "member.restore", ALPHA);
    becomes_at(ledger, "active", "2026-07-17T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
    /* The consumer's clock stands: 16 January to 14 April are over, one day is left after its
     * return on Monday 20 April, the 21st. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-15T10:00:00+08:00");
    member(ledger, "member.suspend", BETA);
    ledger_at(ledger, "2026-04-20T10:00:00+08:00");
    member(ledger, "member.restore", BETA);
    becomes_at(ledger, "active", "2026-04-22T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
    /* The consumer may not object from 16 April on; all thirty days are left after 17 May, the last
     * is Tuesday 16 June. The provider's suspension hinders nobody from objecting. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    member(ledger, "member.suspend", BETA);
    ledger_at(ledger, "2026-05-17T00:00:00+08:00");
    member(ledger, "member.restore", BETA);
    member(ledger, "member.suspend", ALPHA);
    becomes_at(ledger, "suspended", "2026-06-17T00:00:00+08:00", "terminated");
    ledger_close(&ledger);
    /* Excused until 15 July, the three months end on 15 October; a calendar that comes while the
     * consumer is suspended, in January, takes nothing of them. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00",
                     "{'frequency':{'times':2,'per':'year','reason':'半年核验一次'}}");
    ledger_at(ledger, "2026-01-16T10:00:00+08:00");
    member(ledger, "member.suspend", BETA);
    ledger_at(ledger, "2026-01-19T10:00:00+08:00");
    ledger_must(ledger, CENTER "/admin", "calendar.publish",
                "{'year':2027,'off':['2027-01-01'],'work':[],'source':'试验'}");
    ledger_at(ledger, "2026-01-20T10:00:00+08:00");
    member(ledger, "member.restore", BETA);
    becomes_at(ledger, "active", "2026-10-16T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
}

/* ---- holds (PT 31, OPEN 31) ---- */

static void D12_holds_are_independent(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00"); /* unused */
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.suspend", ""), 0);
    assert_int_equal(act(ledger, CENTER "/review", "grant.suspend", ""), 0);
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.suspend", ""), ERR_STATUS);
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.restore", ",'hold':'center'"), ERR_PARTY);
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.restore", ""), 0);
    assert_string_equal(text(ledger, "status"), "suspended");
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.restore", ""), ERR_PARTY);
    assert_int_equal(act(ledger, BETA "/compile", "grant.object", ""), 0);
    assert_string_equal(text(ledger, "status"), "suspended"); /* the center's is left */
    assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ",'hold':'provider'"),
                     ERR_STATUS);
    ledger_at(ledger, "2026-09-01T09:00:00+08:00"); /* held, it is not unused */
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), 0);
    assert_string_equal(text(ledger, "status"), "active");
    assert_int_equal(use(ledger, "access.open"), 0);
    /* The last day is Tuesday 1 December. */
    becomes_at(ledger, "active", "2026-12-02T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
}

/* Another grant of BETA's on the same entry; its id into `id`, the one before into `other`. */
static char other[sizeof id];
static void ask_again(struct ledger *ledger, const char *extra)
{
    memcpy(other, id, sizeof other);
    ledger_give_grant(ledger, id, extra);
    (void)snprintf(subject, sizeof subject, "grant/%s", id);
}

static int on_other(struct ledger *ledger, const char *kid, const char *type)
{
    return ledger_do(ledger, kid, type, "{'grant':'%s','acts_on':'%s','reason':'试验理由'}", other,
                     ledger_version(ledger, "grant/%s", other));
}

static void barred_by_other(struct ledger *ledger)
{
    char field[100];
    (void)snprintf(field, sizeof field, "grant.holds.%s", other);
    assert_string_equal(text(ledger, "status"), "active"); /* it is not this grant's hold */
    assert_int_equal(use(ledger, "access.open"), ERR_GRANT_SUSPENDED);
    assert_true(ledger_fault(ledger, ERR_GRANT_SUSPENDED, field));
    assert_int_equal(use(ledger, "access.batch"), ERR_GRANT_SUSPENDED);
}

/* 暂停相应共享服务: what is suspended is this consumer's use of the data, by whatever grant. */
static void D12_held_under_every_grant(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-03-02T10:00:00+08:00", "{'until':'2026-03-31'}");
    ask_again(ledger, NULL); /* one in reserve */
    assert_int_equal(use(ledger, "access.open"), 0);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.suspend"), 0);
    barred_by_other(ledger);
    /* Nor by ending it, or asking again. */
    assert_int_equal(on_other(ledger, BETA "/compile", "grant.end"), 0);
    barred_by_other(ledger);
    char held[sizeof id], reserve[sizeof id];
    memcpy(held, other, sizeof held);
    memcpy(reserve, id, sizeof reserve);
    ask_again(ledger, NULL);
    memcpy(other, held, sizeof other);
    barred_by_other(ledger);
    /* Other data of the same agency are no part of it. */
    char second[sizeof id];
    memcpy(second, id, sizeof second);
    ledger_give_entry(ledger, "E2", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E2", NULL), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    memcpy(id, second, sizeof id);
    /* Whoever put the hold lifts it, though the grant is over; that stays over. */
    assert_int_equal(on_other(ledger, ALPHA "/approve", "grant.restore"), ERR_PARTY);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.restore"), 0);
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", held), "status"), "ended");
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.restore"), ERR_STATUS);
    assert_int_equal(use(ledger, "access.open"), 0);
    assert_int_equal(ledger_count(ledger, "bar/"), 0);
    /* Nor by an end that is the ledger's, or the center's own. */
    memcpy(other, reserve, sizeof other);
    assert_int_equal(on_other(ledger, ALPHA "/approve", "grant.suspend"), 0);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.suspend"), 0);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.restore"), 0);
    barred_by_other(ledger); /* the provider's is left */
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.terminate"), 0);
    barred_by_other(ledger);
    assert_int_equal(on_other(ledger, ALPHA "/approve", "grant.restore"), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_close(&ledger);
}

static void D12_held_beyond_its_expiry(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-03-02T10:00:00+08:00", "{'until':'2026-03-31'}");
    ask_again(ledger, NULL);
    assert_int_equal(on_other(ledger, ALPHA "/approve", "grant.suspend"), 0);
    ledger_at(ledger, "2026-04-01T00:00:00+08:00");
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", other), "status"), "expired");
    barred_by_other(ledger);
    /* What could not be used is not unused: from 3 June anew, the last day is 3 September. */
    ledger_at_ms(ledger, at("2026-06-03T00:00:00+08:00") - 1);
    assert_int_equal(ledger_int(ledger, subject, "terms.disuse.due_ms"),
                     at("2026-06-03T00:00:00+08:00"));
    ledger_at(ledger, "2026-06-03T00:00:00+08:00");
    assert_string_equal(text(ledger, "status"), "active");
    assert_int_equal(ledger_int(ledger, subject, "terms.disuse.due_ms"),
                     at("2026-09-04T00:00:00+08:00"));
    assert_int_equal(on_other(ledger, ALPHA "/approve", "grant.restore"), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_close(&ledger);
    /* Disuse bars nothing: PT 26 has whoever needs the data again ask again. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    assert_string_equal(text(ledger, "holds.disuse.clause"), "PT 26");
    ask_again(ledger, NULL);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_at(ledger, "2026-05-17T00:00:00+08:00");
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", other), "status"),
                        "terminated");
    assert_null(doc_get(ledger_get(ledger, "grant/%s", other), "holds"));
    ledger_close(&ledger);
}

static void D12_center_terminates(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.suspend", ""), 0);
    assert_int_equal(act(ledger, BETA "/approve", "grant.terminate", ""), ERR_PARTY);
    assert_int_equal(act(ledger, CENTER "/review", "grant.terminate", ""), 0);
    assert_string_equal(text(ledger, "status"), "terminated");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    /* The provider's hold is its own to lift; what is ended stays ended. */
    assert_string_equal(text(ledger, "holds.disuse.clause"), "");
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.restore", ""), 0);
    assert_null(doc_get(ledger_get(ledger, "%s", subject), "holds"));
    assert_string_equal(text(ledger, "status"), "terminated");
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), ERR_STATUS);
    ledger_close(&ledger);
}

static void D12_consumer_ends(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    assert_int_equal(act(ledger, ALPHA "/compile", "grant.end", ""), ERR_PARTY);
    assert_int_equal(act(ledger, BETA "/compile", "grant.end", ""), 0);
    assert_string_equal(text(ledger, "status"), "ended");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
    ledger_close(&ledger);
}

/* ---- notices (OPEN 31) ---- */

#define PAPERS "'papers':'00000000000000000000000000000000000000000000000000000000000000bb'"
#define REPLY "'reply':'00000000000000000000000000000000000000000000000000000000000000cc'"
static char notice[2 * HASH_BYTES + 1];

static int file(struct ledger *ledger, const char *kid, const char *kind, const char *more)
{
    int error = ledger_do(ledger, kid, "notice.file",
                          "{'kind':'%s','provider':'" ALPHA "','entry':'E1'," PAPERS
                          ",'summary':'权利人认为数据侵犯其商业秘密'%s}",
                          kind, more);
    memcpy(notice, ledger->txid, sizeof notice);
    return error;
}

static int resolve(struct ledger *ledger, const char *kid, const char *outcome, const char *more)
{
    return ledger_do(ledger, kid, "notice.resolve",
                     "{'notice':'%s','acts_on':'%s','outcome':'%s','finding':'核实属实'," REPLY
                     "%s}",
                     notice, ledger_version(ledger, "notice/%s", notice), outcome, more);
}

static void D12_notice_holds_a_grant(void **state)
{
    (void)state;
    char more[200];
    struct ledger *ledger = granted("shanghai-open", "2026-01-15T10:00:00+08:00", NULL);
    (void)snprintf(more, sizeof more, ",'grant':'%s','hold':true", id);
    assert_int_equal(file(ledger, BETA "/approve", "rights", more), ERR_PARTY);
    assert_int_equal(file(ledger, ALPHA "/review", "rights", more), ERR_PARTY);
    assert_int_equal(file(ledger, ALPHA "/approve", "rights", more), 0);
    assert_string_equal(text(ledger, "status"), "suspended");
    assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
    char first[sizeof notice];
    memcpy(first, notice, sizeof first);
    assert_int_equal(file(ledger, CENTER "/review", "rights", more), 0); /* a second one */
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), ERR_STATUS);
    assert_int_equal(resolve(ledger, ALPHA "/approve", "restore", ""),
                     ERR_PARTY); /* the center's */
    assert_int_equal(resolve(ledger, CENTER "/review", "restore", ""), 0);
    assert_string_equal(text(ledger, "status"), "suspended");
    assert_int_equal(resolve(ledger, CENTER "/review", "restore", ""), ERR_STATUS);
    memcpy(notice, first, sizeof first);
    /* 处理后再开放: on terms that are told, and items masked that the grant has. */
    assert_int_equal(resolve(ledger, ALPHA "/approve", "reprocess", ""), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "terms"));
    assert_int_equal(resolve(ledger, ALPHA "/approve", "restore", ",'masked':['姓名']"),
                     ERR_FIELD_UNKNOWN);
    assert_int_equal(
        resolve(ledger, ALPHA "/approve", "reprocess", ",'terms':'脱敏','masked':['证件号码']"),
        ERR_SUBJECT);
    assert_int_equal(
        resolve(ledger, ALPHA "/approve", "reprocess", ",'terms':'姓名脱敏','masked':['姓名']"), 0);
    assert_string_equal(text(ledger, "status"), "active");
    assert_true(doc_has_text(doc_get(ledger_get(ledger, "%s", subject), "masked"), "姓名"));
    assert_int_equal(use(ledger, "access.open"), 0);
    /* 撤回数据. */
    assert_int_equal(file(ledger, ALPHA "/approve", "rights", more), 0);
    assert_int_equal(resolve(ledger, ALPHA "/approve", "withdraw", ""), 0);
    assert_string_equal(text(ledger, "status"), "terminated");
    ledger_close(&ledger);
}

/* 撤回数据: from this consumer, until they are processed; and what was masked for it stays masked in
 * whatever it is granted later. */
static void D12_withdrawn_under_every_grant(void **state)
{
    (void)state;
    static const struct {
        const char *hold, *end;
    } cases[] = {{",'hold':true", NULL}, {"", NULL}, {"", "grant.end"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char more[200];
        struct ledger *ledger = granted("shanghai-open", "2026-01-15T10:00:00+08:00", NULL);
        (void)snprintf(more, sizeof more, ",'grant':'%s'%s", id, cases[i].hold);
        assert_int_equal(file(ledger, CENTER "/review", "rights", more), 0);
        if (cases[i].end != NULL) {
            assert_int_equal(act(ledger, BETA "/compile", cases[i].end, ""), 0);
        }
        assert_int_equal(resolve(ledger, CENTER "/review", "withdraw", ""), 0);
        assert_string_equal(text(ledger, "status"), cases[i].end != NULL ? "ended" : "terminated");
        ask_again(ledger, NULL);
        barred_by_other(ledger);
        assert_int_equal(resolve(ledger, CENTER "/review", "withdraw", ""), ERR_STATUS);
        assert_int_equal(resolve(ledger, ALPHA "/approve", "restore", ""), ERR_PARTY);
        assert_int_equal(
            resolve(ledger, CENTER "/review", "reprocess", ",'terms':'姓名脱敏','masked':['姓名']"),
            0);
        assert_int_equal(use(ledger, "access.open"), 0);
        const struct doc *bar = ledger_get(ledger, "bar/" BETA "/" ALPHA "/E1");
        assert_null(doc_get(bar, "grants"));
        assert_true(doc_has_text(doc_get(bar, "masked"), "姓名"));
        ask_again(ledger, "{'items':['姓名','证件号码']}");
        const struct doc *masked = doc_get(ledger_get(ledger, "%s", subject), "masked");
        assert_int_equal(doc_count(masked), 1);
        assert_true(doc_has_text(masked, "姓名"));
        ask_again(ledger, "{'items':['证件号码']}");
        assert_null(doc_get(ledger_get(ledger, "%s", subject), "masked"));
        /* Nor does a choice of rows tell of it. */
        assert_int_equal(ledger_ask(ledger, other, "E1",
                                    "{'items':['证件号码'],'rows':["
                                    "{'item':'证件号码','is':'prefix','value':'1'},"
                                    "{'item':'姓名','is':'eq','value':'张三'}]}"),
                         ERR_NOT_SHARED);
        assert_int_equal(ledger->faults.count, 1);
        assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "rows[1].item"));
        ledger_close(&ledger);
    }
}

static int hold(struct ledger *ledger, const char *kid)
{
    return ledger_do(ledger, kid, "notice.hold",
                     "{'notice':'%s','acts_on':'%s','reason':'有必要先行中止'}", notice,
                     ledger_version(ledger, "notice/%s", notice));
}

static void D12_notice_halts_an_entry(void **state)
{
    (void)state;
    char first[sizeof notice];
    struct ledger *ledger = granted("shanghai-open", "2026-01-15T10:00:00+08:00", NULL);
    assert_int_equal(file(ledger, CENTER "/review", "rights", ""), 0);
    assert_int_equal(use(ledger, "access.open"), 0); /* 认为必要的: it is for the provider to say */
    assert_int_equal(hold(ledger, BETA "/approve"), ERR_PARTY);
    assert_int_equal(hold(ledger, ALPHA "/approve"), 0);
    assert_int_equal(hold(ledger, ALPHA "/approve"), ERR_STATUS);
    assert_int_equal(use(ledger, "access.open"), ERR_ENTRY_HALTED);
    assert_int_equal(use(ledger, "access.batch"), ERR_ENTRY_HALTED);
    assert_string_equal(text(ledger, "status"), "active"); /* the grant itself is not at fault */
    memcpy(first, notice, sizeof first);
    assert_int_equal(file(ledger, ALPHA "/approve", "risk", ",'hold':true"), 0);
    assert_int_equal(resolve(ledger, ALPHA "/approve", "restore", ""), 0);
    assert_int_equal(use(ledger, "access.open"), ERR_ENTRY_HALTED); /* the first one is open */
    memcpy(notice, first, sizeof first);
    assert_int_equal(resolve(ledger, ALPHA "/approve", "withdraw", ""), 0);
    assert_int_equal(use(ledger, "access.open"), ERR_ENTRY_HALTED);
    assert_int_equal(resolve(ledger, ALPHA "/approve", "withdraw", ""), ERR_STATUS);
    assert_int_equal(resolve(ledger, ALPHA "/approve", "reprocess", ",'terms':'删去争议信息'"), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    assert_int_equal(ledger_count(ledger, "halt/"), 0);
    ledger_close(&ledger);
}

/* What the center withdrew the provider does not give again, whoever held it before. */
static void D12_withdrawn_by_the_center(void **state)
{
    (void)state;
    for (int held = 0; held < 2; held++) {
        struct ledger *ledger = granted("shanghai-open", "2026-01-15T10:00:00+08:00", NULL);
        assert_int_equal(file(ledger, CENTER "/review", "rights", ""), 0);
        assert_int_equal(held ? hold(ledger, ALPHA "/approve") : 0, 0);
        assert_int_equal(resolve(ledger, CENTER "/review", "withdraw", ""), 0);
        assert_int_equal(resolve(ledger, ALPHA "/approve", "restore", ""), ERR_PARTY);
        assert_int_equal(resolve(ledger, ALPHA "/approve", "reprocess", ",'terms':'已处理'"),
                         ERR_PARTY);
        assert_int_equal(use(ledger, "access.open"), ERR_ENTRY_HALTED);
        assert_int_equal(resolve(ledger, CENTER "/review", "restore", ""), 0);
        assert_int_equal(use(ledger, "access.open"), 0);
        ledger_close(&ledger);
    }
}

static void D12_risk_notice(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    assert_int_equal(file(ledger, CENTER "/review", "rights", ""), ERR_POLICY);
    assert_int_equal(file(ledger, CENTER "/review", "risk", ",'hold':true"), 0);
    assert_int_equal(use(ledger, "access.open"), ERR_ENTRY_HALTED);
    assert_int_equal(resolve(ledger, CENTER "/review", "restore", ""), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_close(&ledger);
    ledger = granted("changning", "2026-01-15T10:00:00+08:00", NULL);
    assert_int_equal(file(ledger, CENTER "/review", "risk", ""), ERR_POLICY);
    ledger_close(&ledger);
}
