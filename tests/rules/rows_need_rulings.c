/* What was said or ruled about a need, that nobody undoes it, and what becomes of the need where it
 * is gone, by the clause: PT 14, 22, 23, 24.
 * 2026: 25-27 September and 1-7 October are days off; 10 October is worked. */
#include "rows_requests.h"

#include "entry_acts.h"

#include "need_steps.h"

/* Ruled on Monday, 28 September: 29, 30 September, 8, 9, 10 (worked), 12-16, 19-23 October. Asked
 * anew on Saturday the 24th: 26-30 October, 2-6, 9-13 November. */
static void D8_ruling_on_need_stays(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = with_declined();
    refer(ledger);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_string_equal(text(ledger, "need", other, "owed.provider"), ALPHA);
    (void)snprintf(key, sizeof key, "need/%s", other);
    ledger_at_ms(ledger, at("2026-10-24T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, key, "need-overdue"));
    ledger_at(ledger, "2026-10-24T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "need-overdue"));
    assert_int_equal(intake(ledger, REFUSE), ERR_RULED);
    assert_true(ledger_fault(ledger, ERR_RULED, "need.owed"));
    /* What another has, or says, is not what was ruled on. */
    assert_int_equal(intake(ledger, ASK_GAMMA), ERR_RULED);
    assert_true(ledger_fault(ledger, ERR_RULED, "need.owed.provider"));
    assert_int_equal(intake(ledger, ASK), ERR_DUPLICATE);
    assert_string_equal(text(ledger, "need", other, "ruling.decision"), "as-asked");
    /* What the city says is not the end of it: ALPHA is asked anew. */
    assert_int_equal(forward(ledger), 0);
    must(ledger, CENTER "/review", "upper.answer", "need", other,
         "'decision':'refuse','reasons':[{'reason':'市级亦无此数据'}]," PAPER);
    assert_string_equal(status(ledger), "asked");
    assert_string_equal(text(ledger, "need", other, "provider"), ALPHA);
    assert_int_equal(due(ledger, "need", other, "need"), at("2026-11-14T00:00:00+08:00"));
    assert_int_equal(answer(ledger, DECLINE), ERR_RULED);
    assert_true(ledger_fault(ledger, ERR_RULED, "need.owed.items[0]"));
    assert_int_equal(answer(ledger, COMPILED), 0);
    ledger_close(&ledger);

    /* Who has left owes nothing. */
    ledger = with_declined();
    refer(ledger);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    ledger_take_out(ledger, ALPHA);
    assert_int_equal(intake(ledger, REFUSE), 0);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    ledger_close(&ledger);

    /* Nor does who is asked then. */
    ledger = with_declined();
    refer(ledger);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    ledger_take_out(ledger, ALPHA);
    assert_int_equal(intake(ledger, ASK_GAMMA), 0);
    must(ledger, GAMMA "/approve", "need.answer", "need", other, DECLINE);
    ledger_close(&ledger);
}

/* 29, 30 September, 8, 9, 10 (worked), 12-16, 19-23 October: fifteen, from the day it is asked. */
static void D8_ruled_while_away(void **state)
{
    (void)state;
    struct ledger *ledger = with_declined();
    refer(ledger);
    ledger_member(ledger, "member.suspend", ALPHA);
    assert_int_equal(rule(ledger, RULE_AS("partly") ",'items':['年检结论']"), 0);
    assert_string_equal(status(ledger), "submitted");
    assert_int_equal(intake(ledger, REFUSE), ERR_RULED);
    assert_int_equal(intake(ledger, ASK_GAMMA), ERR_RULED); /* who is away is waited for */
    assert_int_equal(intake(ledger, ASK), ERR_PROVIDER);
    ledger_member(ledger, "member.restore", ALPHA);
    assert_int_equal(intake(ledger, ASK), 0);
    ledger_member(ledger, "member.suspend", ALPHA);
    assert_int_equal(intake(ledger, ASK_GAMMA), ERR_RULED);
    ledger_member(ledger, "member.restore", ALPHA);
    assert_string_equal(text(ledger, "need", other, "ruling.decision"), "partly");
    assert_int_equal(due(ledger, "need", other, "need"), at("2026-10-24T00:00:00+08:00"));
    assert_int_equal(answer(ledger, DECLINE), ERR_RULED);
    assert_int_equal(answer(ledger, COMPILED), 0);
    ledger_close(&ledger);
}

static void D8_need_not_accepted(void **state)
{
    (void)state;
    struct ledger *ledger = with_need_in("putuo");
    assert_int_equal(intake(ledger, REFUSE), 0);
    assert_string_equal(status(ledger), "not-accepted");
    assert_int_equal(dispute(ledger, "answer"), ERR_STATUS); /* nobody has answered */
    assert_int_equal(dispute(ledger, "refusal"), 0);
    assert_string_equal(text(ledger, "dispute", id, "status"), "referred");
    assert_string_equal(text(ledger, "dispute", id, "against"), CENTER);
    assert_int_equal(
        act(ledger, CENTER "/approve", "dispute.rule", "dispute", id, RULE_AS("as-it-stands")),
        ERR_PARTY);
    assert_int_equal(
        act(ledger, BETA "/compile", "dispute.settle", "dispute", id, "'decision':'as-asked'"),
        ERR_STATUS);
    assert_int_equal(rule(ledger, RULE_AS("refused")), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "decision"));
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_string_equal(status(ledger), "submitted");
    assert_int_equal(intake(ledger, REFUSE), ERR_RULED);
    assert_true(ledger_fault(ledger, ERR_RULED, "need.intake_ruled"));
    assert_int_equal(intake(ledger, ASK), 0);
    /* Nothing was ruled about what the agency says to it. */
    assert_int_equal(answer(ledger, DECLINE), 0);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    assert_string_equal(text(ledger, "dispute", id, "status"), "negotiating");
    ledger_close(&ledger);

    ledger = with_need_in("putuo");
    assert_int_equal(intake(ledger, REFUSE), 0);
    assert_int_equal(dispute(ledger, "shareability"), 0);
    assert_int_equal(rule(ledger, RULE_AS("as-it-stands")), 0);
    assert_string_equal(status(ledger), "not-accepted");
    assert_int_equal(dispute(ledger, "refusal"), ERR_RULED);
    ledger_close(&ledger);
}

/* CN 17: 由区科委…作出结论, but not on what it refused itself: 必要时报请领导小组决定. */
static void D8_need_not_accepted_changning(void **state)
{
    (void)state;
    struct ledger *ledger = with_need_in("changning");
    assert_int_equal(intake(ledger, REFUSE), 0);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    assert_int_equal(
        act(ledger, CENTER "/approve", "dispute.rule", "dispute", id, RULE_AS("as-it-stands")),
        ERR_PARTY);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_string_equal(status(ledger), "submitted");
    ledger_close(&ledger);
}

static void D8_declined_is_disputable(void **state)
{
    (void)state;
    struct ledger *ledger = with_declined();
    assert_int_equal(intake(ledger, REFUSE), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "need.answer"));
    assert_int_equal(forward(ledger), 0);
    assert_int_equal(intake(ledger, REFUSE), ERR_STATUS); /* that it went up changes nothing */
    refer(ledger);
    /* The city's word is taken down; whatever follows from it waits. */
    must(ledger, CENTER "/review", "upper.answer", "need", other, "'decision':'agree'," PAPER);
    assert_int_equal(intake(ledger, ASK_GAMMA), ERR_STATUS);
    assert_int_equal(act(ledger, CENTER "/review", "upper.deliver", "need", other,
                         "'provider':'" CENTER
                         "','meets':[{'wanted':'名称','entry':'E1','item':'姓名'}]"),
                     ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "need"));
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_string_equal(status(ledger), "asked");
    assert_int_equal(answer(ledger, COMPILED), 0);
    ledger_close(&ledger);

    /* Refused above too, and that the agency refused it is found right. */
    ledger = with_declined();
    assert_int_equal(forward(ledger), 0);
    must(ledger, CENTER "/review", "upper.answer", "need", other,
         "'decision':'refuse','reasons':[{'reason':'市级亦无此数据'}]," PAPER);
    assert_string_equal(status(ledger), "upper-refused");
    refer(ledger);
    assert_int_equal(rule(ledger, RULE_AS("as-it-stands")), 0);
    assert_string_equal(status(ledger), "upper-refused");
    assert_int_equal(dispute(ledger, "refusal"), ERR_RULED);
    assert_int_equal(intake(ledger, ASK_GAMMA), 0); /* another agency may have it */
    ledger_close(&ledger);

    /* The days of the city are over with what it was asked for. */
    ledger = with_need_in("putuo");
    assert_int_equal(ledger_policy(ledger, "upper",
                                   "{'by':'supervisor','clause':'PT 23',"
                                   "'term':{'days':10,'clause':'PT 23'}}"),
                     0);
    assert_int_equal(intake(ledger, ASK), 0);
    assert_int_equal(answer(ledger, DECLINE), 0);
    assert_int_equal(forward(ledger), 0);
    refer(ledger);
    assert_int_equal(ledger_due(ledger, "upper"), 1);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_int_equal(ledger_due(ledger, "upper"), 0);
    assert_int_equal(ledger_due(ledger, "need"), 1);
    ledger_close(&ledger);

    /* It went up before any agency had said anything. */
    ledger = with_need_in("putuo");
    assert_int_equal(forward(ledger), 0);
    assert_int_equal(dispute(ledger, "answer"), ERR_STATUS);
    assert_int_equal(intake(ledger, REFUSE), 0);
    ledger_close(&ledger);
}

static void removed(struct ledger *ledger)
{
    ledger_take_out(ledger, ALPHA);
}

static void ruled(struct ledger *ledger)
{
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.attribute",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','sharing':'authorised',"
                "'items':[{'name':'证件号码','sharing':'none'}],"
                "'reason':'涉密','basis':'保守国家秘密法'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
}

/* The entry has these items (JSON), or its own, from now on. */
static void change(struct ledger *ledger, const char *items)
{
    AUTO(doc_free)
    struct doc *body = fixture_parse("{'code':'E1','acts_on':'%s','reason':'业务调整','entry':%s}",
                                     ledger_version(ledger, "entry/" ALPHA "/E1"),
                                     entry_text("社会组织信息", "authorised", NULL));
    if (items != NULL) {
        doc_set((struct doc *)(uintptr_t)doc_get(body, "entry"), "items",
                fixture_parse("%s", items));
    }
    ledger->faults = (struct faults){0};
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.change", body), 0);
    assert_int_equal(accept_change(ledger, ALPHA), 0);
}

static void changed(struct ledger *ledger)
{
    change(ledger, "[{'name':'姓名','type':'C','length':20}]");
}

/* What ALPHA had reported of it is returned. */
static void returned(struct ledger *ledger)
{
    ledger_must(ledger, CENTER "/review", "catalog.certify",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'return',"
                "'reasons':[{'field':'rows','reason':'行数不符'}]}",
                ledger_version(ledger, "collection/" ALPHA "/E1"));
}

static void D7_answer_gone(void **state)
{
    (void)state;
    static void (*const lose[])(struct ledger *) = {removed, ruled, changed, returned};
    for (size_t i = 0; i < 2 * (sizeof lose / sizeof *lose); i++) {
        struct ledger *ledger = with_need_in("putuo");
        assert_int_equal(intake(ledger, ASK), 0);
        assert_int_equal(answer(ledger, COMPILED), 0);
        change(ledger, NULL); /* what was answered is there still */
        assert_int_equal(intake(ledger, ASK_GAMMA), ERR_STATUS);
        assert_int_equal(forward(ledger), ERR_STATUS);
        lose[i / 2](ledger);
        assert_int_equal(i % 2 == 0 ? intake(ledger, ASK_GAMMA) : forward(ledger), 0);
        assert_string_equal(status(ledger), i % 2 == 0 ? "asked" : "forwarded");
        ledger_close(&ledger);
    }
}

/* ---- a need made anew ---- */

static const char *ruled_by(struct ledger *ledger, const char *path)
{
    return text(ledger, "need", other, path);
}

/* Another need of BETA's, of which what was ruled is looked at. */
static void need_anew(struct ledger *ledger, const char *extra)
{
    assert_int_equal(ledger_need(ledger, other, extra), 0);
}

static int rule_of(struct ledger *ledger, const char *kid, const char *rest)
{
    return act(ledger, kid, "dispute.rule", "dispute", id, rest);
}

/* CN 17: the center rules on what ALPHA declined, and, upwards, the leading group. */
static struct ledger *declined_with_the_last_word(char last[2 * HASH_BYTES + 1])
{
    struct ledger *ledger = with_need_in("changning");
    assert_int_equal(intake(ledger, ASK), 0);
    assert_int_equal(answer(ledger, "'decision':'refuse'," REASONS), 0);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    assert_int_equal(rule_of(ledger, CENTER "/approve", RULE_AS("as-it-stands")), 0);
    need_anew(ledger, "{'provider':'" ALPHA "'}");
    assert_string_equal(ruled_by(ledger, "ruled.by"), CENTER);
    assert_int_equal(intake(ledger, ASK), 0);
    assert_int_equal(answer(ledger, "'decision':'refuse'," REASONS), 0);
    assert_int_equal(dispute(ledger, "refusal"), 0); /* not the last word: from the beginning */
    assert_string_equal(ruled_by(ledger, "ruled.by"), CENTER);
    assert_string_equal(text(ledger, "dispute", id, "above"), "");
    assert_int_equal(rule_of(ledger, SUPERVISOR "/approve", RULE_AS("as-it-stands")), 0);
    memcpy(last, id, 2 * HASH_BYTES + 1);
    return ledger;
}

static void D8_need_made_anew(void **state)
{
    (void)state;
    char last[2 * HASH_BYTES + 1];
    struct ledger *ledger = declined_with_the_last_word(last);
    assert_int_equal(ledger_count(ledger, "ruled-need/"), 1);
    need_anew(ledger, "{'provider':'" ALPHA "','wanted':['住址','年检结果']}"); /* other things */
    assert_string_equal(ruled_by(ledger, "ruled.by"), "");
    need_anew(ledger, "{'wanted':['住址','年检结论']}");
    assert_string_equal(ruled_by(ledger, "ruled.by"), ""); /* of whom is not known yet */
    assert_int_equal(intake(ledger, ASK_GAMMA), 0);
    assert_string_equal(ruled_by(ledger, "ruled.by"), "");
    answer_of_gamma(ledger, "'decision':'refuse'," REASONS);
    assert_int_equal(intake(ledger, ASK), 0);
    assert_string_equal(ruled_by(ledger, "ruled.dispute"), last);
    assert_null(doc_get(doc_get(ledger_get(ledger, "need/%s", other), "ruled"), "items"));
    assert_int_equal(answer(ledger, "'decision':'refuse'," REASONS), 0);
    ledger_admit_upper(ledger);
    assert_int_equal(intake(ledger, "'decision':'accept','provider':'" NEWCOMER "'"), 0);
    assert_string_equal(ruled_by(ledger, "ruled.by"), "");
    /* What each said is disputed by itself, ALPHA's before who spoke last. */
    assert_int_equal(dispute_of(ledger, GAMMA, "refusal"), 0);
    assert_string_equal(text(ledger, "dispute", id, "above"), "");
    must(ledger, BETA "/compile", "dispute.withdraw", "dispute", id, "'reason':'先提前项争议'");
    assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), 0);
    assert_string_equal(text(ledger, "dispute", id, "above"), "supervisor");
    assert_int_equal(rule_of(ledger, CENTER "/approve", RULE_AS("as-asked")), ERR_PARTY);
    ledger_member(ledger, "member.suspend", SUPERVISOR); /* a last word stands while it is away */
    must(ledger, BETA "/compile", "dispute.refer", "dispute", id,
         "'reason':'不再等待','stand_in':true");
    must(ledger, ALPHA "/approve", "dispute.refer", "dispute", id,
         "'reason':'不再等待','stand_in':true");
    assert_int_equal(rule_of(ledger, NEWCOMER "/approve", RULE_AS("as-asked")), ERR_PARTY);
    ledger_member(ledger, "member.restore", SUPERVISOR);
    /* What it gives now nothing stands against any more; of the first need 名称 is left. */
    assert_int_equal(rule_of(ledger, SUPERVISOR "/approve", RULE_AS("as-asked")), 0);
    assert_string_equal(text(ledger, "need", other, "provider"), ALPHA);
    assert_string_equal(ruled_by(ledger, "ruled.by"), "");
    need_anew(ledger, "{'provider':'" ALPHA "','wanted':['年检结论']}");
    assert_string_equal(ruled_by(ledger, "ruled.by"), "");
    need_anew(ledger, "{'provider':'" ALPHA "','wanted':['年检结论','名称']}");
    assert_string_equal(ruled_by(ledger, "ruled.dispute"), last);
    ledger_close(&ledger);
}

/* What is left out of an answer, in whatever entry it may be later; and what the center did not
 * accept. */
static void D8_need_ruled_in_part(void **state)
{
    (void)state;
    struct ledger *ledger = with_need_in("putuo");
    assert_int_equal(intake(ledger, ASK), 0);
    assert_int_equal(answer(ledger, "'decision':'compiled','meets':[{'wanted':'名称','entry':'E1',"
                                    "'item':'姓名'}]," LAW),
                     0);
    refer(ledger);
    assert_int_equal(rule(ledger, RULE_AS("as-it-stands")), 0);
    need_anew(ledger, "{'provider':'" ALPHA "','wanted':['名称']}");
    assert_string_equal(ruled_by(ledger, "ruled.by"), "");
    need_anew(ledger, "{'provider':'" ALPHA "'}");
    assert_string_equal(ruled_by(ledger, "ruled.by"), SUPERVISOR);
    ledger_close(&ledger);

    ledger = with_need_in("putuo");
    assert_int_equal(intake(ledger, REFUSE), 0);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    assert_int_equal(rule(ledger, RULE_AS("as-it-stands")), 0);
    need_anew(ledger, "{'provider':'" ALPHA "'}");
    assert_string_equal(ruled_by(ledger, "ruled.by"), SUPERVISOR);
    assert_int_equal(intake(ledger, ASK), 0); /* the center accepts it this time */
    assert_string_equal(ruled_by(ledger, "ruled.by"), "");
    need_anew(ledger, NULL);
    assert_int_equal(intake(ledger, REFUSE), 0);
    assert_string_equal(ruled_by(ledger, "ruled.by"), SUPERVISOR);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_string_equal(ruled_by(ledger, "ruled.by"), "");
    need_anew(ledger, NULL);
    assert_string_equal(ruled_by(ledger, "ruled.by"), "");
    assert_int_equal(ledger_count(ledger, "ruled-need/"), 0);
    ledger_close(&ledger);
}

/* ALPHA declines what is wanted of a need of BETA's, and this member rules that it may. */
static void ruled_of(struct ledger *ledger, const char *kid, const char *extra)
{
    need_anew(ledger, extra);
    assert_int_equal(intake(ledger, ASK), 0);
    assert_int_equal(answer(ledger, "'decision':'refuse'," REASONS), 0);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    assert_int_equal(rule_of(ledger, kid, RULE_AS("as-it-stands")), 0);
}

#define AREAS 200
/* 200 things that no other such need wants. */
static void areas_of(char extra[AREAS * 20], int need)
{
    size_t len = (size_t)snprintf(extra, AREAS * 20, "{'provider':'" ALPHA "','wanted':[");
    for (int i = 0; i < AREAS; i++) {
        len += (size_t)snprintf(extra + len, AREAS * 20 - len, "%s'%d-%d'", i == 0 ? "" : ",",
                                need, i);
    }
    (void)snprintf(extra + len, AREAS * 20 - len, "]}");
}

static void D8_need_ruled_often(void **state)
{
    (void)state;
    struct ledger *ledger = with_need_in("changning");
    ruled_of(ledger, CENTER "/approve", "{'wanted':['住址']}");
    ruled_of(ledger, SUPERVISOR "/approve", "{'wanted':['名称']}");
    need_anew(ledger, "{'provider':'" ALPHA "','wanted':['住址']}");
    assert_string_equal(ruled_by(ledger, "ruled.by"), CENTER);
    need_anew(ledger, "{'provider':'" ALPHA "','wanted':['住址','名称']}");
    assert_string_equal(ruled_by(ledger, "ruled.by"), SUPERVISOR); /* the last word */
    ruled_of(ledger, CENTER "/approve", "{'wanted':['年龄']}");
    need_anew(ledger, "{'provider':'" ALPHA "','wanted':['名称','年龄']}");
    assert_string_equal(ruled_by(ledger, "ruled.by"), SUPERVISOR); /* though it is the older */
    ledger_close(&ledger);

    /* Of 2000 things: one more, and the ruling that was first is not there any more. */
    ledger = with_need_in("changning");
    for (int need = 0; need < 10; need++) {
        char extra[AREAS * 20];
        areas_of(extra, need);
        ruled_of(ledger, CENTER "/approve", extra);
    }
    need_anew(ledger, "{'provider':'" ALPHA "','wanted':['0-0']}");
    assert_string_equal(ruled_by(ledger, "ruled.by"), CENTER);
    ruled_of(ledger, CENTER "/approve", "{'wanted':['住址']}");
    need_anew(ledger, "{'provider':'" ALPHA "','wanted':['0-0']}");
    assert_string_equal(ruled_by(ledger, "ruled.by"), "");
    need_anew(ledger, "{'provider':'" ALPHA "','wanted':['1-199']}");
    assert_string_equal(ruled_by(ledger, "ruled.by"), CENTER);
    ledger_close(&ledger);
}
