/* Deadlines over HTTP: what runs, what is owed, and how terms ended. The day is Monday 9 February
 * 2026; ends of terms are literals, counted by hand. */
#include "check.h"

#include "deadlines_steps.h"

#define ASK                                                                                        \
    "{'provider':'" ALPHA "','entry':'%s','acts_on':'%s','need':'service','purpose':'%s',"         \
    "'basis':'职责清单','goal':'减少材料提交','items':['姓名'],'mode':'service',"      \
    "'frequency':{'times':10,'per':'month'},'security_level':2,'safeguards':'专网访问',"       \
    "'system':'一网通办受理系统','until':'%s',"                                    \
    "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}"

#define PLAN "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static char silent[2 * HASH_BYTES + 1], answered[2 * HASH_BYTES + 1];

/* Of the answer still owed its provider was told when the last working day began, Saturday the 14th
 * (调休), in the first block of that day; of what was answered before nobody. */
static void check_warned(void)
{
    AUTO(answer_free)
    struct answer acts = get("/v1/acts?effect=term-warning&member=" ALPHA);
    const struct doc *act = only(&acts);
    assert_string_equal(doc_get_text(act, "member"), ALPHA);
    assert_string_equal(doc_get_text(act, "term"), "answer");
    assert_string_equal(doc_get_text(act, "chinese"), "答复共享申请");
    assert_int_equal(doc_get_int(act, "due_ms", 0), at("2026-02-15T00:00:00+08:00"));
    AUTO(answer_free) struct answer others = get("/v1/acts?effect=term-warning&member=" BETA);
    assert_int_equal(doc_count(doc_get(others.body, "items")), 0);

    static const char of_one[] = "/v1/deadlines?subject=request/%s&term=answer";
    AUTO(answer_free) struct answer owed = get(of_one, silent);
    int64_t warned_ms = doc_get_int(only(&owed), "warned_ms", 0);
    assert_int_equal(warned_ms, doc_get_int(act, "time_ms", 0));
    assert_true(warned_ms >= at("2026-02-14T00:00:00+08:00"));
    assert_true(warned_ms < at("2026-02-15T00:00:00+08:00"));
    AUTO(answer_free) struct answer done = get(of_one, answered);
    assert_null(doc_get(only(&done), "warned_ms"));
}

static void what_runs_and_how_it_ends(void **state)
{
    (void)state;
    char query[200];
    world_must(world, NULL, ALPHA "/compile", "duty.publish",
               "{'code':'D1','name':'社会组织登记','category':'行政许可',"
               "'implementer':'广东省民政厅','basis':'社会团体登记管理条例第六条'}");
    world_must(world, NULL, ALPHA "/compile", "catalog.submit", "{'code':'E1','entry':%s}",
               entry_text("E1", "authorised", NULL));
    /* PT 13: the center's one working day, Tuesday the 10th. */
    check_one("member=" CENTER "&open=1&term=review", "running", "2026-02-11T00:00:00+08:00",
              "PT 13");
    world_must(world, NULL, CENTER "/review", "catalog.review",
               "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
               world_version(world, "entry/" ALPHA "/E1"));
    check_none("member=" CENTER "&open=1&term=review");
    check_one("member=" CENTER "&term=review&state=in-time", "in-time", "2026-02-11T00:00:00+08:00",
              "PT 13");

    world_must(world, NULL, ALPHA "/compile", "catalog.collect",
               "{'code':'E1','acts_on':'%s','method':'table','system':'业务系统',"
               "'content':'业务信息','tables':1,'rows':1200}",
               world_version(world, "entry/" ALPHA "/E1"));
    world_must(world, silent, BETA "/compile", "request.submit", ASK, "E1",
               world_version(world, "entry/" ALPHA "/E1"), "登记核验", "2026-12-31");
    world_must(world, answered, BETA "/compile", "request.submit", ASK, "E1",
               world_version(world, "entry/" ALPHA "/E1"), "年度检查", "2026-12-31");
    /* PT 20: 10 11 12 13, Saturday 14 (调休). */
    snprintf(query, sizeof query, "member=" ALPHA "&term=answer&subject=request/%s", silent);
    check_one(query, "running", "2026-02-15T00:00:00+08:00", "PT 20");
    check_none("member=" BETA "&term=answer");
    AUTO(answer_free) struct answer numbered = get("/v1/deadlines?subject=request/%s", silent);
    assert_string_equal(doc_get_text(only(&numbered), "number"), "PTGXSQ260001");
    world_must(world, NULL, ALPHA "/approve", "request.answer",
               "{'request':'%s','acts_on':'%s','decision':'refuse','grounds':"
               "{'legal_basis':[{'law':'个人信息保护法','article':'第十三条'}]}}",
               answered, world_version(world, "request/%s", answered));
    snprintf(query, sizeof query, "subject=request/%s", answered);
    check_one(query, "in-time", "2026-02-15T00:00:00+08:00", "PT 20");

    for (int day = 0; day < 6; day++)
        assert_int_equal(world_advance(world, DAY_MS), 0);
    snprintf(query, sizeof query, "member=" ALPHA "&term=answer&state=lapsed");
    check_one(query, "lapsed", "2026-02-15T00:00:00+08:00", "PT 20");
    check_warned();
    check_none("member=" ALPHA "&term=answer&open=1");
    /* By their ends: whatever is due before the 12th, the review among it. */
    check_one("term=review&due_before_ms=1770825600000", "in-time", "2026-02-11T00:00:00+08:00",
              "PT 13");
    check_none("term=answer&due_before_ms=1771084800000"); /* the 15th, 00:00, is not before it */
    expect_problem(get("/v1/deadlines?state=never"), 422, "field-choice");
}

/* ---- what several owe, each for itself ---- */

#define CHANGE "change/" ALPHA "/E1"

static void sign_plan(const char *kid, const char *decision)
{
    world_must(world, NULL, kid, "plan.sign",
               "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','plan':'" PLAN
               "','decision':%s}",
               world_version(world, CHANGE), decision);
}

/* PT 14. The deletion of what BETA was granted by silence: proposed on Sunday, 15 February; Spring
 * Festival to the 23rd; 24, 25, 26, 27, 28 (调休). */
static void a_plan_waits_for_each_signature(void **state)
{
    (void)state;
    static const char due[] = "2026-03-01T00:00:00+08:00";
    world_must(world, NULL, ALPHA "/compile", "catalog.retire",
               "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
               world_version(world, "entry/" ALPHA "/E1"));
    world_must(world, NULL, CENTER "/review", "plan.propose",
               "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','plan':'" PLAN "',"
               "'plan_date':'2026-03-31','history':'历史数据继续保留一年',"
               "'continuity':'改由市级目录提供'}",
               world_version(world, CHANGE));
    check_one("member=" ALPHA "&open=1&term=consult", "running", due, "PT 14");
    check_one("member=" BETA "&open=1&term=consult", "running", due, "PT 14");
    sign_plan(BETA "/approve", "'object','reason':'系统改造需两个月'");
    check_none("member=" BETA "&open=1&term=consult");
    check_one("member=" BETA "&term=consult", "in-time", due, "PT 14");
    check_one("member=" ALPHA "&open=1&term=consult", "running", due, "PT 14");
    sign_plan(ALPHA "/approve", "'agree'");
    check_none("open=1&term=consult");
    check_one("member=" BETA "&term=consult", "in-time", due, "PT 14");
    check_one("member=" ALPHA "&term=consult", "in-time", due, "PT 14");
}

/* ---- assessment, of what happened above ---- */

/* Refused with the first day that there is something to say of. */
static void check_too_early(const char *period, const char *day)
{
    AUTO(answer_free) struct answer answer = get("/v1/assessment?member=" ALPHA "&%s", period);
    const struct doc *fault = doc_at(doc_get(answer.body, "faults"), 0);
    assert_int_equal(answer.status, 422);
    assert_string_equal(doc_get_text(fault, "code"), "field-range");
    assert_string_equal(doc_get_text(fault, "field"), "to");
    assert_string_equal(doc_text(doc_at(doc_get(fault, "may"), 0)), day);
    assert_string_equal(doc_get_text(fault, "told_zh"), "最早为 2026-02-09。");
}

/* Refused at that field, with a sentence of the days. */
static void check_refused(const char *period, const char *code, const char *field,
                          const char *told)
{
    AUTO(answer_free) struct answer answer = get("/v1/assessment?%s", period);
    const struct doc *fault = doc_at(doc_get(answer.body, "faults"), 0);
    assert_int_equal(answer.status, 422);
    assert_string_equal(doc_get_text(fault, "code"), code);
    assert_string_equal(doc_get_text(fault, "field"), field);
    if (told != NULL)
        assert_string_equal(doc_get_text(fault, "told_zh"), told);
}

/* Today can be assessed, and so can a period that goes on; not one that begins tomorrow. */
static void check_not_begun(void)
{
    char today[CIVIL_TIME_CHARS], tomorrow[CIVIL_TIME_CHARS];
    civil_format_date(today, civil_day(app_tip_time_ms(world->app)));
    civil_format_date(tomorrow, civil_day(app_tip_time_ms(world->app)) + 1);
    AUTO(answer_free)
    struct answer now = get("/v1/assessment?member=" ALPHA "&from=%s&to=%s", today, tomorrow);
    assert_int_equal(now.status, 200);
    char period[200], told[100];
    snprintf(told, sizeof told, "期间自 %s 起。最新区块在 %s。", tomorrow, today);
    snprintf(period, sizeof period, "member=" ALPHA "&from=%s", tomorrow);
    check_refused(period, "not-begun", "from", told);
    snprintf(period, sizeof period, "member=" ALPHA "&from=%s&to=2027-12-31", tomorrow);
    check_refused(period, "not-begun", "from", told);
    snprintf(told, sizeof told, "期间自 2027-01-01 起。最新区块在 %s。", today);
    check_refused("member=" ALPHA "&to=2027-12-31", "not-begun", "to", told);
}

/* The last day alone: from 1 January of its year. */
static void check_last_day_alone(void)
{
    AUTO(answer_free) struct answer answer = get("/v1/assessment?member=" ALPHA "&to=2026-02-14");
    assert_int_equal(doc_get_int(answer.body, "from_ms", 0), at("2026-01-01T00:00:00+08:00"));
    assert_int_equal(doc_get_int(answer.body, "to_ms", 0), at("2026-02-15T00:00:00+08:00"));
    check_too_early("to=2025-12-31", "2026-02-09");
}

/* Each figure leads to what it counts, one for one, and to what is beside it. (Of a grant used
 * there are as many uses as there were.) */
static void check_lists(const char *member)
{
    AUTO(answer_free) struct answer answer = get("/v1/assessment?member=%s", member);
    const struct doc *figures = doc_get(answer.body, "figures");
    assert_true(doc_count(figures) >= 5);
    for (size_t i = 0; i < doc_count(figures); i++) {
        const struct doc *figure = doc_at(figures, i);
        AUTO(answer_free) struct answer items = get("%s", doc_get_text(figure, "items"));
        AUTO(answer_free) struct answer others = get("%s", doc_get_text(figure, "others"));
        assert_int_equal(items.status, 200);
        assert_int_equal(others.status, 200);
        assert_non_null(doc_get_text(figure, "others_chinese"));
        if (!doc_text_is(figure, "name", "grants-used"))
            assert_int_equal(doc_count(doc_get(items.body, "items")),
                             doc_get_int(figure, "count", -1));
    }
}

static void agencies_are_assessed(void **state)
{
    (void)state;
    /* Of two answers one came in time; the end of both is the 14th, 24:00. */
    check_figure("member=" ALPHA, "in-time-answer", 1, 2);
    check_figure("member=" ALPHA "&from=2026-02-14&to=2026-02-14", "in-time-answer", 1, 2);
    check_figure("member=" ALPHA "&from=2026-02-15&to=2026-03-01", "in-time-answer", 0, 0);
    check_figure("member=" ALPHA "&from=2026-01-01&to=2026-02-13", "in-time-answer", 0, 0);
    check_figure("member=" CENTER, "in-time-review", 1, 1);
    check_figure("member=" ALPHA, "duties-with-entry", 1, 1);
    check_figure("member=" ALPHA, "entries-unconditional", 0, 1);
    check_figure("member=" BETA, "grants-used", 0, 1);
    check_figure("member=" BETA, "duties-with-entry", 0, 0);
    expect_problem(get("/v1/assessment"), 422, "field-missing");
    /* The chain begins on the 9th of February. */
    check_figure("member=" ALPHA "&from=2026-02-01&to=2026-02-09", "receipts-agree", 0, 0);
    check_too_early("from=2019-01-01&to=2026-02-08", "2026-02-09");
    check_refused("member=" ALPHA "&from=2026-03-02&to=2026-03-01", "field-range", "from",
                  "不得晚于 2026-03-01。");
    check_refused("member=" NEWCOMER, "subject-unknown", "member", NULL);
    check_lists(ALPHA);
    check_lists(BETA);
    check_not_begun();
    check_last_day_alone();
}

/* ---- a year whose calendar is to come ---- */

static void check_provisional(const char *path, const char *due, bool provisional)
{
    AUTO(answer_free) struct answer answer = get("%s", path);
    const struct doc *item = only(&answer);
    assert_int_equal(doc_get_int(item, "due_ms", 0), at(due));
    assert_true(doc_get_bool(item, "provisional", false) == provisional);
    assert_true(provisional || doc_get(item, "provisional") == NULL);
}

/* A business approved on Monday, 28 December: 29 30 31, then by the weekday alone 1 January, 4 to
 * 8, 11; with the 1st to the 3rd off, the 12th. Nothing else of BETA runs. */
static void what_runs_into_a_year_to_come_is_provisional(void **state)
{
    (void)state;
    static const char listed[] = "/v1/deadlines?open=1&term=compile&member=" BETA;
    static const char matter[] = "/v1/matters?open=1&kind=milestone&member=" BETA;
    char past[200];
    while (app_tip_time_ms(world->app) < at("2026-12-18T00:00:00+08:00"))
        assert_int_equal(world_advance(world, DAY_MS), 0);
    world_must(world, NULL, GAMMA "/compile", "catalog.milestone",
               "{'code':'M3','kind':'business','matter':'公证员执业','date':'2026-12-18'}");
    while (app_tip_time_ms(world->app) < at("2026-12-28T00:00:00+08:00"))
        assert_int_equal(world_advance(world, DAY_MS), 0);
    /* 21-25, 28-31 and, by the weekday alone, 1 January. */
    (void)snprintf(past, sizeof past, "/v1/deadlines?open=1&member=" GAMMA "&due_from_ms=%lld",
                   (long long)at("2027-01-02T00:00:00+08:00"));
    check_provisional(past, "2027-01-02T00:00:00+08:00", true);
    world_must(world, NULL, BETA "/compile", "catalog.milestone",
               "{'code':'M2','kind':'business','matter':'婚姻登记全城通办','date':'2026-12-28'}");
    while (app_tip_time_ms(world->app) < at("2027-01-02T00:00:00+08:00"))
        assert_int_equal(world_advance(world, DAY_MS), 0);
    /* It waits for the calendar: 4-8, 11-15, 18-22, 25-29 January are twenty. */
    check_provisional(past, "2027-01-30T00:00:00+08:00", true);
    check_provisional(listed, "2027-01-12T00:00:00+08:00", true);
    check_provisional(matter, "2027-01-12T00:00:00+08:00", true);
    world_must(world, NULL, CENTER "/admin", "calendar.publish",
               "{'year':2027,'off':['2027-01-01','2027-01-02','2027-01-03'],'work':[],"
               "'source':'试验：2027 年放假安排'}");
    assert_int_equal(world_advance(world, 1000), 0);
    check_provisional(listed, "2027-01-13T00:00:00+08:00", false);
    check_provisional(matter, "2027-01-13T00:00:00+08:00", false);
    check_provisional(past, "2027-01-05T00:00:00+08:00", false); /* Monday, the 4th */
}

static int start_with_warnings(void **state)
{
    fixture_warns = true;
    fixture_further_days = 3;
    return world_start(state);
}

/* ---- two terms of one record that end together ---- */

/* Submitted, returned and submitted again within a day: two reviews, and both are counted. */
static void two_reviews_of_a_day_are_two(void **state)
{
    (void)state;
    char version[100];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(version, sizeof version, ",'acts_on':'%s'",
                       i == 0 ? "" : world_version(world, "entry/" ALPHA "/E9"));
        world_must(world, NULL, ALPHA "/compile", "catalog.submit", "{'code':'E9'%s,'entry':%s}",
                   i == 0 ? "" : version, entry_text("E9", "authorised", NULL));
        world_must(world, NULL, CENTER "/review", "catalog.review",
                   "{'provider':'" ALPHA "','code':'E9','acts_on':'%s','decision':%s}",
                   world_version(world, "entry/" ALPHA "/E9"),
                   i == 0 ? "'return','reasons':[{'field':'items','reason':'信息项不全'}]"
                          : "'accept'");
    }
    AUTO(answer_free)
    struct answer list = get("/v1/deadlines?term=review&subject=entry/" ALPHA "/E9&state=in-time");
    assert_int_equal(doc_count(doc_get(list.body, "items")), 2);
}

/* ---- what is taken back ---- */

static void delete_and_withdraw(int days)
{
    world_must(world, NULL, ALPHA "/compile", "catalog.retire",
               "{'code':'E9','acts_on':'%s','reason':'业务撤销'}",
               world_version(world, "entry/" ALPHA "/E9"));
    for (int day = 0; day < days; day++)
        assert_int_equal(world_advance(world, DAY_MS), 0);
    world_must(world, NULL, ALPHA "/compile", "catalog.withdraw",
               "{'code':'E9','acts_on':'%s','reason':'业务仍在办理'}",
               world_version(world, "change/" ALPHA "/E9"));
}

/* On Saturday, 2 January 2027. PT 14: the center has Monday the 4th; PT 20: 4-8 January. Who had
 * nothing to do any more before that was not in time, nor late; who was late by then, was. The
 * periods begin on that day: one that has not begun is not assessed. */
static void what_is_taken_back_was_not_done(void **state)
{
    (void)state;
    static const char of_center[] = "member=" CENTER "&from=2027-01-02&to=2027-01-04";
    char id[2 * HASH_BYTES + 1];
    char query[200];
    world_must(world, NULL, ALPHA "/compile", "catalog.collect",
               "{'code':'E9','acts_on':'%s','method':'table','system':'业务系统',"
               "'content':'业务信息','tables':1,'rows':1200}",
               world_version(world, "entry/" ALPHA "/E9"));
    world_must(world, id, BETA "/compile", "request.submit", ASK, "E9",
               world_version(world, "entry/" ALPHA "/E9"), "登记核验", "2027-06-30");
    world_must(world, NULL, BETA "/compile", "request.withdraw",
               "{'request':'%s','acts_on':'%s','reason':'业务调整'}", id,
               world_version(world, "request/%s", id));
    (void)snprintf(query, sizeof query, "member=" ALPHA "&subject=request/%s", id);
    check_one(query, "dropped", "2027-01-09T00:00:00+08:00", "PT 20");
    check_figure("member=" ALPHA "&from=2027-01-02&to=2027-01-08", "in-time-answer", 0, 0);

    delete_and_withdraw(0);
    check_one("subject=change/" ALPHA "/E9", "dropped", "2027-01-05T00:00:00+08:00", "PT 14");
    check_figure(of_center, "in-time-assess", 0, 0);
    delete_and_withdraw(4);
    check_one("subject=change/" ALPHA "/E9&state=missed", "missed", "2027-01-05T00:00:00+08:00",
              "PT 14");
    check_none("subject=change/" ALPHA "/E9&open=1");
    check_figure(of_center, "in-time-assess", 0, 1);
}

/* BETA's need, which ALPHA disputes. */
static void ask_and_dispute(char id[2 * HASH_BYTES + 1], char dispute[2 * HASH_BYTES + 1])
{
    world_must(world, id, BETA "/compile", "request.submit", ASK, "E9",
               world_version(world, "entry/" ALPHA "/E9"), "登记核验", "2027-06-30");
    world_must(world, dispute, ALPHA "/approve", "dispute.raise",
               "{'request':'%s','acts_on':'%s','kind':'need','reason':'与职责无关'}", id,
               world_version(world, "request/%s", id));
}

/* What a dispute comes to is in the history of what it is about. */
static void check_decided_by(const char *request, const char *type)
{
    AUTO(answer_free) struct answer history = get("/v1/history/request/%s", request);
    const struct doc *items = doc_get(history.body, "items");
    assert_string_equal(doc_get_text(doc_at(items, 0), "type"), "request.submit");
    assert_string_equal(doc_get_text(doc_at(items, doc_count(items) - 1), "type"), type);
}

/* PT 24: the ruling on a need is no answer to it. On Wednesday, 6 January 2027; PT 20: 7, 8, 11-13
 * January, of the three days of a ruling 7, 8, 11. What both sides settle the provider has
 * answered, and nobody ruled on. */
static void what_is_ruled_on_was_not_answered(void **state)
{
    (void)state;
    static const struct {
        const char *by[2], *type, *rest, *how;
    } cases[] = {
        {{SUPERVISOR "/approve"}, "dispute.rule", ",'reason':'非履职必需'", "dropped"},
        {{ALPHA "/approve", BETA "/compile"}, "dispute.settle", "", "in-time"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char id[2 * HASH_BYTES + 1], dispute[2 * HASH_BYTES + 1], query[200];
        ask_and_dispute(id, dispute);
        for (size_t side = 0; side < 2; side++) {
            world_must(world, NULL, cases[1].by[side], "dispute.refer",
                       "{'dispute':'%s','acts_on':'%s','reason':'协商不成','minutes':'" PLAN "'}",
                       dispute, world_version(world, "dispute/%s", dispute));
        }
        for (size_t side = 0; side < 2 && cases[i].by[side] != NULL; side++) {
            world_must(world, NULL, cases[i].by[side], cases[i].type,
                       "{'dispute':'%s','acts_on':'%s','decision':'refused'%s}", dispute,
                       world_version(world, "dispute/%s", dispute), cases[i].rest);
        }
        (void)snprintf(query, sizeof query, "member=" ALPHA "&term=answer&subject=request/%s", id);
        check_one(query, cases[i].how, "2027-01-14T00:00:00+08:00", "PT 20");
        (void)snprintf(query, sizeof query, "term=ruling&subject=dispute/%s", dispute);
        check_one(query, i == 0 ? "in-time" : "dropped", "2027-01-12T00:00:00+08:00", "PT 24");
        check_figure("member=" ALPHA "&from=2027-01-06&to=2027-01-13", "in-time-answer", (int64_t)i,
                     (int64_t)i);
        check_decided_by(id, cases[i].type);
    }
}

/* PT 24: 双方应当先行协商, so it is theirs both; of three days the last is Monday, 11 January 2027.
 * What comes of none goes up. */
static void both_sides_negotiate(void **state)
{
    (void)state;
    static const char *const sides[] = {ALPHA, BETA};
    char id[2 * HASH_BYTES + 1], dispute[2 * HASH_BYTES + 1], query[200];
    ask_and_dispute(id, dispute);
    while (app_tip_time_ms(world->app) < at("2027-01-11T00:00:00+08:00"))
        assert_int_equal(world_advance(world, DAY_MS), 0);
    for (int over = 0; over < 2; over++) {
        for (size_t i = 0; i < COUNT_OF(sides); i++) {
            (void)snprintf(query, sizeof query, "member=%s&subject=dispute/%s", sides[i], dispute);
            check_one(query, over ? "lapsed" : "running", "2027-01-12T00:00:00+08:00", "PT 24");
        }
        assert_int_equal(world_advance(world, DAY_MS), 0);
    }
}

/* On 12 January 2027, until the 31st: expired before three months are over. */
static void what_expired_was_not_used(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1], query[200];
    world_must(world, id, BETA "/compile", "request.submit", ASK, "E9",
               world_version(world, "entry/" ALPHA "/E9"), "登记核验", "2027-01-31");
    world_must(world, NULL, ALPHA "/approve", "request.answer",
               "{'request':'%s','acts_on':'%s','decision':'approve'}", id,
               world_version(world, "request/%s", id));
    for (int day = 0; day < 30; day++)
        assert_int_equal(world_advance(world, DAY_MS), 0);
    (void)snprintf(query, sizeof query, "subject=grant/%s&term=disuse", id);
    AUTO(answer_free) struct answer list = get("/v1/deadlines?%s", query);
    const struct doc *items = doc_get(list.body, "items");
    assert_int_equal(doc_count(items), 1);
    assert_string_equal(doc_get_text(doc_at(items, 0), "state"), "dropped");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_runs_and_how_it_ends),
        cmocka_unit_test(a_plan_waits_for_each_signature),
        cmocka_unit_test(agencies_are_assessed),
        cmocka_unit_test(what_runs_into_a_year_to_come_is_provisional),
        cmocka_unit_test(two_reviews_of_a_day_are_two),
        cmocka_unit_test(what_is_taken_back_was_not_done),
        cmocka_unit_test(what_is_ruled_on_was_not_answered),
        cmocka_unit_test(both_sides_negotiate),
        cmocka_unit_test(what_expired_was_not_used),
    };
    return cmocka_run_group_tests(tests, start_with_warnings, world_stop);
}
