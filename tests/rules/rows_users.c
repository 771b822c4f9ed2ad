/* Whose use of an entry a hold, a mask, a measure or a limit is about, by the clause: OPEN 14, 18,
 * 31, 32; PT 31. */
#include "matters.h"

#include "chain/rules/bars.h"

#define ONE "0000000000000000000000000000000000000000000000000000000000000001"
#define TWO "0000000000000000000000000000000000000000000000000000000000000002"

static char own[ID_CHARS], first[ID_CHARS], again[ID_CHARS], second[ID_CHARS];

/* ---- grants of several users ---- */

static void listed(struct ledger *ledger, const char *processing)
{
    bool adjusts = ledger_get(ledger, "listing/" ALPHA "/E1") != NULL;
    ledger_must(ledger, ALPHA "/compile", adjusts ? "open.adjust" : "open.list",
                "{'code':'E1','acts_on':'%s','reason':'社会迫切需要','listing':"
                "{'theme':'社会组织','type':'conditional','processing':'%s',"
                "'materials':[{'kind':'qualification','text':'资质与能力证明'}],"
                "'conditions':[{'kind':'scenario','text':'仅限研究与服务用途'}],"
                "'items':['姓名','证件号码'],'update':'irregular'}}",
                ledger_version(ledger, adjusts ? "listing/" ALPHA "/E1" : "entry/" ALPHA "/E1"),
                processing);
    ledger_must(ledger, CENTER "/review", "open.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "listing/" ALPHA "/E1"));
}

static int applied(struct ledger *ledger, const char *identity, const char *more)
{
    char extra[900];
    (void)snprintf(extra, sizeof extra,
                   "{'applicant':{'kind':'company','identity':'%s','materials':["
                   "{'kind':'qualification','digest':'" HASH_TEXT "'},"
                   "{'kind':'security','digest':'" HASH_TEXT "'},"
                   "{'kind':'scenario','digest':'" HASH_TEXT "'}]}%s}",
                   identity, more);
    return ledger_ask(ledger, id, "E1", extra);
}

static int on_request(struct ledger *ledger, const char *kid, const char *type,
                      const char *decision)
{
    return ledger_do(ledger, kid, type, "{'request':'%s','acts_on':'%s','decision':'%s'}", id,
                     ledger_version(ledger, "request/%s", id), decision);
}

static void sign(struct ledger *ledger, const char *kid)
{
    ledger_must(ledger, kid, "agreement.sign",
                "{'grant':'%s','acts_on':'%s','digest':'" HASH_TEXT "','contains':['scenario',"
                "'usage-reports','safeguards','liability']}",
                id, ledger_version(ledger, "grant/%s", id));
}

/* The whole way of OPEN 18-20; the grant's id into `out`. */
static void serve(struct ledger *ledger, char out[ID_CHARS], const char *identity, const char *more)
{
    assert_int_equal(applied(ledger, identity, more), 0);
    assert_int_equal(on_request(ledger, CENTER "/review", "request.intake", "accept"), 0);
    assert_int_equal(on_request(ledger, ALPHA "/approve", "request.answer", "approve"), 0);
    sign(ledger, ALPHA "/chief");
    sign(ledger, BETA "/chief");
    memcpy(out, id, ID_CHARS);
}

/* BETA uses the entry itself, and serves two applicants, the first by two grants. */
static struct ledger *several(void)
{
    struct ledger *ledger = granted("shanghai-open");
    memcpy(own, id, sizeof own);
    listed(ledger, "consent");
    serve(ledger, first, ONE, "");
    serve(ledger, again, ONE, "");
    serve(ledger, second, TWO, "");
    return ledger;
}

static int use_of(struct ledger *ledger, const char *grant, size_t calls)
{
    memcpy(id, grant, sizeof id);
    return use(ledger, PURPOSE, calls);
}

static int act(struct ledger *ledger, const char *grant, const char *type)
{
    return ledger_do(ledger, CENTER "/review", type,
                     "{'grant':'%s','acts_on':'%s','reason':'安全风险'}", grant,
                     ledger_version(ledger, "grant/%s", grant));
}

/* What each of own, first, again, second is answered. */
static void answers(struct ledger *ledger, int of_own, int of_first, int of_again, int of_second)
{
    assert_int_equal(use_of(ledger, own, 1), of_own);
    assert_int_equal(use_of(ledger, first, 1), of_first);
    assert_int_equal(use_of(ledger, again, 1), of_again);
    assert_int_equal(use_of(ledger, second, 1), of_second);
}

/* ---- notices ---- */

static void file(struct ledger *ledger, const char *kid, const char *grant)
{
    char body[600];
    (void)snprintf(body, sizeof body,
                   "{'kind':'rights','provider':'" ALPHA "','entry':'E1','grant':'%s'," PAPERS
                   ",'summary':'权利人认为数据侵犯其商业秘密'}",
                   grant);
    assert_int_equal(begin(ledger, kid, "notice.file", body), 0);
}

static int mask(struct ledger *ledger, const char *kid, const char *items)
{
    char more[300];
    (void)snprintf(more, sizeof more,
                   "'outcome':'reprocess','finding':'核实属实','reply':'" HASH_TEXT
                   "','terms':'脱敏','masked':%s",
                   items);
    return step(ledger, kid, "notice.resolve", "notice", more);
}

static int lift(struct ledger *ledger, const char *kid, const char *items)
{
    char more[300];
    (void)snprintf(more, sizeof more, "'reason':'权利人同意'," PAPERS "%s", items);
    return step(ledger, kid, "notice.lift", "notice", more);
}

/* What the gateway masks of a grant that gives both items. */
static size_t masked(struct ledger *ledger, const char *grant)
{
    char key[BAR_KEY_BYTES];
    const struct doc *record = ledger_get(ledger, "grant/%s", grant);
    const struct bar_use user = bar_use_of(record);
    bar_key(key, "bar", &user);
    AUTO(doc_free) struct doc *given = doc_copy(record);
    doc_set(given, "items", fixture_parse("['姓名','证件号码']"));
    grant_mask(given, ledger_get(ledger, "%s", key));
    return doc_count(doc_get(given, "masked"));
}

static void D12_applicants_apart(void **state)
{
    (void)state;
    struct ledger *ledger = several();
    answers(ledger, 0, 0, 0, 0);
    assert_int_equal(act(ledger, first, "grant.suspend"), 0);
    answers(ledger, 0, ERR_NOT_GRANTED, ERR_GRANT_SUSPENDED, 0);
    assert_int_equal(act(ledger, own, "grant.suspend"), 0);
    answers(ledger, ERR_NOT_GRANTED, ERR_NOT_GRANTED, ERR_GRANT_SUSPENDED, 0);
    assert_int_equal(act(ledger, first, "grant.restore"), 0);
    answers(ledger, ERR_NOT_GRANTED, 0, 0, 0);
    assert_int_equal(act(ledger, own, "grant.restore"), 0);
    assert_int_equal(ledger_count(ledger, "bar/"), 0);
    /* Nor does a second application get round it. */
    assert_int_equal(act(ledger, first, "grant.suspend"), 0);
    assert_int_equal(act(ledger, first, "grant.terminate"), 0);
    char later[ID_CHARS];
    serve(ledger, later, ONE, "");
    assert_int_equal(use_of(ledger, later, 1), ERR_GRANT_SUSPENDED);
    assert_int_equal(act(ledger, first, "grant.restore"), 0);
    /* Masks: of the two, and of the member itself. */
    file(ledger, ALPHA "/approve", again);
    assert_int_equal(mask(ledger, ALPHA "/approve", "['姓名']"), 0);
    assert_int_equal(masked(ledger, again), 1);
    assert_int_equal(masked(ledger, later), 1);
    assert_int_equal(masked(ledger, second), 0);
    assert_int_equal(masked(ledger, own), 0);
    static const char by_name[] = ",'rows':[{'item':'姓名','is':'prefix','value':'王'}]";
    assert_int_equal(applied(ledger, ONE, by_name), ERR_NOT_SHARED);
    assert_int_equal(applied(ledger, TWO, by_name), 0);
    ledger_close(&ledger);
}

/* ---- measures ---- */

static void found(struct ledger *ledger, const char *grant)
{
    char body[600];
    (void)snprintf(body, sizeof body,
                   "{'member':'" BETA "','kind':'off-purpose','statement':'用于其他场景',"
                   "'source':'own'%s%s%s}",
                   grant != NULL ? ",'grant':'" : "", grant != NULL ? grant : "",
                   grant != NULL ? "'" : "");
    assert_int_equal(begin(ledger, CENTER "/review", "case.open", body), 0);
    assert_int_equal(
        step(ledger, SUPERVISOR "/review", "case.find", "case",
             "'finding':'violation','rule':'实施细则第三十二条','statement':'经核查'," PAPERS),
        0);
}

static int impose(struct ledger *ledger, const char *measure, const char *more)
{
    char body[600];
    (void)snprintf(body, sizeof body, "{'case':'%s','measure':'%s','reason':'超出场景使用'%s}",
                   matter, measure, more);
    return begin(ledger, CENTER "/review", "measure.impose", body);
}

static void lift_measure(struct ledger *ledger)
{
    assert_int_equal(step(ledger, CENTER "/review", "measure.lift", "measure", "'reason':'已改正'"),
                     0);
}

static void D13_applicant_measured(void **state)
{
    (void)state;
    static const int open = 0, closed = ERR_ACCESS_CLOSED;
    char more[200];
    struct ledger *ledger = several();
    /* Of the first's use, whatever the measure names. */
    for (int named = 0; named < 2; named++) {
        found(ledger, first);
        (void)snprintf(more, sizeof more, named ? ",'grant':'%s'" : "%.0s", again);
        assert_int_equal(impose(ledger, "close", more), 0);
        answers(ledger, open, closed, closed, open);
        lift_measure(ledger);
    }
    found(ledger, own);
    (void)snprintf(more, sizeof more, ",'grant':'%s'", own);
    assert_int_equal(impose(ledger, "close", more), 0);
    answers(ledger, closed, open, open, open);
    lift_measure(ledger);
    found(ledger, NULL);
    assert_int_equal(impose(ledger, "close", ""), 0);
    answers(ledger, closed, closed, closed, closed);
    lift_measure(ledger);
    answers(ledger, open, open, open, open);
    ledger_close(&ledger);
}

static void D13_limited_in_midday(void **state)
{
    (void)state;
    char ended[ID_CHARS], other[ID_CHARS];
    struct ledger *ledger = several();
    assert_int_equal(use_of(ledger, second, 9), 0); /* another's calls are not counted */
    assert_int_equal(use_of(ledger, first, 2), 0);
    assert_int_equal(use_of(ledger, first, 1), 0);
    assert_int_equal(use_of(ledger, again, 1), 0);
    memcpy(ended, again, sizeof ended);
    assert_int_equal(ledger_do(ledger, BETA "/compile", "grant.end",
                               "{'grant':'%s','acts_on':'%s','reason':'不再需要'}", ended,
                               ledger_version(ledger, "grant/%s", ended)),
                     0);
    serve(ledger, other, ONE, "");
    found(ledger, first);
    /* Four were called; six a day are two more, by whatever grant. */
    assert_int_equal(impose(ledger, "limit", ",'calls_per_day':6"), 0);
    assert_int_equal(use_of(ledger, other, 3), ERR_QUOTA);
    assert_int_equal(use_of(ledger, other, 1), 0);
    assert_int_equal(use_of(ledger, first, 2), ERR_QUOTA);
    assert_int_equal(use_of(ledger, first, 1), 0);
    assert_int_equal(use_of(ledger, other, 1), ERR_QUOTA);
    /* Lifted, called once more, and set anew: seven were called. */
    lift_measure(ledger);
    assert_int_equal(use_of(ledger, other, 1), 0);
    found(ledger, first);
    assert_int_equal(impose(ledger, "limit", ",'calls_per_day':8"), 0);
    assert_int_equal(use_of(ledger, first, 2), ERR_QUOTA);
    assert_int_equal(use_of(ledger, first, 1), 0);
    assert_int_equal(use_of(ledger, second, 9), 0);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00"); /* another day */
    assert_int_equal(use_of(ledger, other, 9), ERR_QUOTA);
    assert_int_equal(use_of(ledger, other, 8), 0);
    ledger_close(&ledger);
    /* By more grants than are listed for a day: none is known to be within the limit. */
    ledger = granted("shanghai-open");
    memcpy(first, id, sizeof first);
    for (size_t i = 0; i < 64; i++) {
        assert_int_equal(use(ledger, PURPOSE, 1), 0);
        ledger_give_grant(ledger, id, NULL);
    }
    memcpy(again, id, sizeof again);
    for (int more = 0; more < 2; more++) {
        assert_int_equal(more ? use_of(ledger, again, 1) : 0, 0);
        found(ledger, first);
        assert_int_equal(impose(ledger, "limit", ",'calls_per_day':1000"), 0);
        assert_int_equal(use_of(ledger, first, 1), more ? ERR_QUOTA : 0);
        lift_measure(ledger);
        assert_int_equal(use_of(ledger, first, 1), 0);
    }
    found(ledger, first);
    assert_int_equal(impose(ledger, "limit", ",'calls_per_day':1000"), 0);
    assert_int_equal(use_of(ledger, first, 1), ERR_QUOTA);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00"); /* another day, and nothing called in it */
    assert_int_equal(use_of(ledger, first, 1), 0);
    ledger_close(&ledger);
}

/* ---- masks that are lifted, masks that come later ---- */

static void D12_mask_lifted(void **state)
{
    (void)state;
    char by_center[ID_CHARS], by_provider[ID_CHARS];
    struct ledger *ledger = several();
    file(ledger, CENTER "/review", first);
    memcpy(by_center, matter, sizeof by_center);
    assert_int_equal(lift(ledger, CENTER "/review", ""), ERR_STATUS); /* it masks nothing yet */
    assert_int_equal(mask(ledger, CENTER "/review", "['姓名']"), 0);
    file(ledger, ALPHA "/approve", first);
    memcpy(by_provider, matter, sizeof by_provider);
    assert_int_equal(mask(ledger, ALPHA "/approve", "['姓名']"), 0);
    assert_int_equal(masked(ledger, again), 1);
    assert_int_equal(lift(ledger, BETA "/approve", ""), ERR_PARTY);
    assert_int_equal(lift(ledger, ALPHA "/approve", ",'items':['证件号码']"), ERR_SUBJECT);
    assert_int_equal(lift(ledger, ALPHA "/approve", ""), 0);
    assert_int_equal(lift(ledger, ALPHA "/approve", ""), ERR_STATUS);
    assert_int_equal(masked(ledger, again), 1); /* the other notice stands */
    memcpy(matter, by_center, sizeof matter);
    assert_int_equal(lift(ledger, ALPHA "/approve", ""), ERR_PARTY); /* the center's */
    assert_int_equal(lift(ledger, CENTER "/review", ""), 0);
    assert_string_equal(status(ledger, "notice"), "resolved");
    assert_int_equal(masked(ledger, again), 0);
    assert_int_equal(ledger_count(ledger, "bar/"), 0);
    /* Some of it; and the center lifts the provider's. */
    serve(ledger, id, TWO, ",'items':['姓名','证件号码']");
    memcpy(second, id, sizeof second);
    file(ledger, ALPHA "/approve", second);
    assert_int_equal(mask(ledger, ALPHA "/approve", "['姓名','证件号码']"), 0);
    assert_int_equal(masked(ledger, second), 2);
    assert_int_equal(lift(ledger, ALPHA "/approve", ",'items':['姓名']"), 0);
    assert_int_equal(masked(ledger, second), 1);
    assert_int_equal(lift(ledger, ALPHA "/approve", ",'items':['姓名']"), ERR_SUBJECT);
    assert_int_equal(lift(ledger, CENTER "/review", ",'items':['证件号码']"), 0);
    assert_int_equal(ledger_count(ledger, "bar/"), 0);
    ledger_close(&ledger);
}

static bool list_masks(struct ledger *ledger)
{
    return listing_masks(ledger_get(ledger, "listing/" ALPHA "/E1"));
}

static void D12_listed_masked_later(void **state)
{
    (void)state;
    static const char by_name[] = ",'rows':[{'item':'姓名','is':'prefix','value':'王'}]";
    struct ledger *ledger = several();
    assert_false(list_masks(ledger));
    /* One waits for its intake, one for its answer, both with conditions of their own. */
    char waits[ID_CHARS];
    assert_int_equal(applied(ledger, ONE, by_name), 0);
    memcpy(waits, id, sizeof waits);
    assert_int_equal(applied(ledger, TWO, by_name), 0);
    assert_int_equal(on_request(ledger, CENTER "/review", "request.intake", "accept"), 0);
    listed(ledger, "masked");
    assert_true(list_masks(ledger));
    assert_int_equal(on_request(ledger, ALPHA "/approve", "request.answer", "approve"),
                     ERR_MASKED_CONDITION);
    assert_true(ledger_fault(ledger, ERR_MASKED_CONDITION, "rows[0]"));
    memcpy(id, waits, sizeof id);
    assert_int_equal(on_request(ledger, CENTER "/review", "request.intake", "accept"),
                     ERR_MASKED_CONDITION);
    /* Off the list, applied for anew, returned: nothing of it is open in plain. */
    ledger_must(ledger, ALPHA "/compile", "open.adjust",
                "{'code':'E1','acts_on':'%s','reason':'权利人提出异议','withdraw':true,"
                "'explanation':'涉及个人隐私','explanation_digest':'" HASH_TEXT "'}",
                ledger_version(ledger, "listing/" ALPHA "/E1"));
    ledger_must(ledger, CENTER "/review", "open.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "listing/" ALPHA "/E1"));
    assert_true(list_masks(ledger));
    ledger_must(ledger, ALPHA "/compile", "open.list",
                "{'code':'E1','acts_on':'%s','reason':'社会迫切需要','listing':"
                "{'theme':'社会组织','type':'conditional','processing':'consent',"
                "'materials':[{'kind':'qualification','text':'资质与能力证明'}],"
                "'conditions':[{'kind':'scenario','text':'仅限研究与服务用途'}],"
                "'items':['姓名'],'update':'irregular'}}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    assert_true(list_masks(ledger));
    /* Only the holders' consent, reviewed, opens it in plain. */
    ledger_must(ledger, CENTER "/review", "open.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "listing/" ALPHA "/E1"));
    assert_false(list_masks(ledger));
    ledger_close(&ledger);
}
