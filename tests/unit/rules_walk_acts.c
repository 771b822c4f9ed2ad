/* What members do on a random walk: each function one act of somebody, on something that is there;
 * the ledger's error, 0 where it took it. */

static const char *const walk_agencies[] = {ALPHA, BETA, GAMMA, SUPERVISOR};

#define WALK_PAPER "00000000000000000000000000000000000000000000000000000000000000aa"
#define WALK_REASONS "'reasons':[{'reason':'材料不全'}]"

/* "ALPHA/approve" and the like; one of a few buffers. */
static const char *walk_kid(const char *member, const char *name)
{
    static char kids[4][MEMBER_ID_CHARS + 20];
    static unsigned next;
    char *kid = kids[next++ % COUNT_OF(kids)];
    (void)snprintf(kid, sizeof *kids, "%s/%s", member, name);
    return kid;
}

/* ---- what was begun ---- */

static void walk_keep(struct walk_ids *ids, const char *id)
{
    (void)snprintf(ids->id[ids->count++ % WALK_IDS], sizeof *ids->id, "%s", id);
}

/* One of them, mostly of the latest; an id that nothing has where there is none. */
static const char *walk_one(struct walk *walk, const struct walk_ids *ids)
{
    static const char none[] = "0000000000000000000000000000000000000000000000000000000000000000";
    unsigned there = ids->count < WALK_IDS ? (unsigned)ids->count : WALK_IDS;
    unsigned latest = there < 4 ? there : 4;
    if (there == 0) {
        return none;
    }
    return walk_any(walk, 2) == 0 ? ids->id[walk_any(walk, there)]
                                  : ids->id[(ids->count - 1 - walk_any(walk, latest)) % WALK_IDS];
}

/* A member of a record of the table, or BETA. */
static const char *walk_side(struct walk *walk, const char *table, const char *id, const char *side)
{
    const char *member = doc_get_text(ledger_get(walk->ledger, "%s/%s", table, id), side);
    return member != NULL ? member : BETA;
}

/* An act on a record of the table; `more` is its body besides. */
static int walk_act(struct walk *walk, const char *kid, const char *type, const char *table,
                    const char *id, const char *more)
{
    return ledger_do(walk->ledger, kid, type, "{'%s':'%s','acts_on':'%s',%s}", table, id,
                     ledger_version(walk->ledger, "%s/%s", table, id), more);
}

/* ---- requests ---- */

static int walk_ask(struct walk *walk)
{
    char id[WALK_ID_CHARS + 1], extra[40];
    const char *consumer = walk_any(walk, 2) ? BETA : GAMMA;
    (void)snprintf(extra, sizeof extra, "{'until':'%s'}", walk->setting->until);
    int error = ledger_ask_by(walk->ledger, id, consumer, walk_any(walk, 3) ? "E1" : "E2", extra);
    if (error == 0) {
        walk_keep(&walk->requests, id);
    }
    return error;
}

static int walk_take_in(struct walk *walk)
{
    static const char refusal[] = "'decision':'refuse'," WALK_REASONS;
    return walk_act(walk, CENTER "/review", "request.intake", "request",
                    walk_one(walk, &walk->requests),
                    walk_any(walk, 4) ? "'decision':'accept'" : refusal);
}

static int walk_approve(struct walk *walk)
{
    return walk_act(walk, ALPHA "/approve", "request.answer", "request",
                    walk_one(walk, &walk->requests), walk->setting->approval);
}

static int walk_refuse(struct walk *walk)
{
    return walk_act(walk, ALPHA "/approve", "request.answer", "request",
                    walk_one(walk, &walk->requests), walk->setting->refusal);
}

static int walk_take_back(struct walk *walk)
{
    const char *id = walk_one(walk, &walk->requests);
    return walk_act(walk, walk_kid(walk_side(walk, "request", id, "consumer"), "compile"),
                    "request.withdraw", "request", id, "'reason':'业务调整'");
}

/* ---- disputes ---- */

static int walk_raise(struct walk *walk)
{
    static const char *const kinds[] = {"refusal",   "reasonableness", "terms",
                                        "agreement", "shareability",   "sharing"};
    char more[100];
    const char *id = walk_one(walk, &walk->requests);
    const char *consumer = walk_kid(walk_side(walk, "request", id, "consumer"), "compile");
    (void)snprintf(more, sizeof more, "'kind':'%s','reason':'对意见持有异议'",
                   kinds[walk_any(walk, COUNT_OF(kinds))]);
    int error = walk_act(walk, walk_any(walk, 3) ? consumer : ALPHA "/approve", "dispute.raise",
                         "request", id, more);
    if (error == 0) {
        walk_keep(&walk->disputes, walk->ledger->txid);
    }
    return error;
}

static int walk_drop_dispute(struct walk *walk)
{
    const char *id = walk_one(walk, &walk->disputes);
    const char *consumer = walk_kid(walk_side(walk, "dispute", id, "consumer"), "compile");
    return walk_act(walk, walk_any(walk, 3) ? consumer : ALPHA "/approve", "dispute.withdraw",
                    "dispute", id, "'reason':'再作考虑'");
}

static int walk_refer(struct walk *walk)
{
    const char *id = walk_one(walk, &walk->disputes);
    const char *const kids[] = {walk_kid(walk_side(walk, "dispute", id, "provider"), "approve"),
                                walk_kid(walk_side(walk, "dispute", id, "consumer"), "compile"),
                                SUPERVISOR "/approve"};
    unsigned by = walk_any(walk, COUNT_OF(kids));
    return walk_act(walk, kids[by], "dispute.refer", "dispute", id,
                    by < 2 ? "'reason':'协商不成','minutes':'" WALK_PAPER "'"
                           : "'reason':'协商不成'");
}

static int walk_rule(struct walk *walk)
{
    static const char *const decisions[] = {"as-asked", "refused", "as-it-stands"};
    char more[80];
    (void)snprintf(more, sizeof more, "'decision':'%s','reason':'依法处理'",
                   decisions[walk_any(walk, COUNT_OF(decisions))]);
    return walk_act(walk, SUPERVISOR "/approve", "dispute.rule", "dispute",
                    walk_one(walk, &walk->disputes), more);
}

/* ---- the entry and its changes ---- */

static int walk_retire(struct walk *walk)
{
    return ledger_do(walk->ledger, ALPHA "/compile", "catalog.retire",
                     "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                     ledger_version(walk->ledger, "entry/" ALPHA "/E1"));
}

static int walk_change(struct walk *walk)
{
    char name[30], milestone[40] = "";
    (void)snprintf(name, sizeof name, "名称%u", walk_any(walk, 3));
    if (walk->milestones > 0 && walk_any(walk, 2)) {
        (void)snprintf(milestone, sizeof milestone, ",'milestone':'M%u'",
                       1 + walk_any(walk, walk->milestones));
    }
    return ledger_do(walk->ledger, ALPHA "/compile", "catalog.change",
                     "{'code':'E1','acts_on':'%s','reason':'登记事项调整','entry':%s%s}",
                     ledger_version(walk->ledger, "entry/" ALPHA "/E1"),
                     entry_text(name, "authorised", NULL), milestone);
}

static int walk_unchange(struct walk *walk)
{
    return ledger_do(walk->ledger, ALPHA "/compile", "catalog.withdraw",
                     "{'code':'E1','acts_on':'%s','reason':'仍在办理'}",
                     ledger_version(walk->ledger, "change/" ALPHA "/E1"));
}

/* An act of this member on the change of E1. */
static int walk_on_change(struct walk *walk, const char *kid, const char *type, const char *more)
{
    return ledger_do(walk->ledger, kid, type,
                     "{'provider':'" ALPHA "','code':'E1','acts_on':'%s',%s}",
                     ledger_version(walk->ledger, "change/" ALPHA "/E1"), more);
}

static int walk_propose(struct walk *walk)
{
    char more[300];
    (void)snprintf(more, sizeof more,
                   "'plan':'%.62s%02u','plan_date':'%s','history':'保留一年',"
                   "'continuity':'改由市级提供'",
                   WALK_PAPER, walk_any(walk, 2), walk->setting->until);
    return walk_on_change(walk, CENTER "/review", "plan.propose", more);
}

static int walk_sign(struct walk *walk)
{
    char more[200];
    const char *plan = ledger_text(walk->ledger, "change/" ALPHA "/E1", "plan");
    (void)snprintf(more, sizeof more, "'plan':'%s','decision':%s", plan[0] ? plan : WALK_PAPER,
                   walk_any(walk, 3) ? "'agree'" : "'object','reason':'仍需使用'");
    return walk_on_change(walk, walk_kid(walk_agencies[walk_any(walk, 3)], "approve"), "plan.sign",
                          more);
}

static int walk_accept_change(struct walk *walk)
{
    return walk_on_change(walk, CENTER "/review", "catalog.assess",
                          walk_any(walk, 2) ? "'decision':'accept'"
                                            : "'decision':'accept'," WALK_REASONS);
}

static int walk_return_change(struct walk *walk)
{
    return walk_on_change(walk, CENTER "/review", "catalog.assess",
                          "'decision':'return'," WALK_REASONS);
}

static int walk_milestone(struct walk *walk)
{
    char date[CIVIL_TIME_CHARS];
    civil_format_date(date, civil_day(walk->ledger->time_ms) - walk_any(walk, 3));
    int error = ledger_do(walk->ledger, ALPHA "/compile", "catalog.milestone",
                          "{'code':'M%u','kind':'change','matter':'登记事项调整','date':'%s',"
                          "'entry':'E1'}",
                          walk->milestones + 1, date);
    walk->milestones += error == 0;
    return error;
}

/* ---- needs ---- */

static int walk_need(struct walk *walk)
{
    char id[WALK_ID_CHARS + 1];
    const char *of_alpha = walk_any(walk, 2) ? NULL : "{'provider':'" ALPHA "'}";
    int error = ledger_need(walk->ledger, id, of_alpha);
    if (error == 0) {
        walk_keep(&walk->needs, id);
    }
    return error;
}

static int walk_take_need(struct walk *walk)
{
    static const char *const decisions[] = {
        "'decision':'refuse','reasons':[{'field':'wanted','reason':'不宜提供'}]",
        "'decision':'accept','provider':'" ALPHA "'", "'decision':'accept','provider':'" GAMMA "'"};
    return walk_act(walk, CENTER "/review", "need.intake", "need", walk_one(walk, &walk->needs),
                    decisions[walk_any(walk, COUNT_OF(decisions))]);
}

static int walk_answer_need(struct walk *walk)
{
    static const char *const answers[] = {
        "'decision':'refuse','grounds':{'legal_basis':"
        "[{'law':'个人信息保护法','article':'第二十八条'}]}",
        "'decision':'compiled','meets':[{'wanted':'名称','entry':'E2','item':'姓名'},"
        "{'wanted':'年检结论','entry':'E2','item':'证件号码'}]",
        "'decision':'compiled','meets':[{'wanted':'名称','entry':'E2','item':'姓名'}],"
        "'grounds':{'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}"};
    const char *id = walk_one(walk, &walk->needs);
    return walk_act(walk, walk_kid(walk_side(walk, "need", id, "provider"), "approve"),
                    "need.answer", "need", id, answers[walk_any(walk, COUNT_OF(answers))]);
}

static int walk_dispute_need(struct walk *walk)
{
    int error = walk_act(walk, BETA "/compile", "need.dispute", "need",
                         walk_one(walk, &walk->needs),
                         walk_any(walk, 4) ? "'kind':'refusal','reason':'履职必需'"
                                           : "'kind':'answer','reason':'履职必需'");
    if (error == 0) {
        walk_keep(&walk->disputes, walk->ledger->txid);
    }
    return error;
}

static int walk_drop_need(struct walk *walk)
{
    return walk_act(walk, BETA "/compile", "need.withdraw", "need", walk_one(walk, &walk->needs),
                    "'reason':'业务调整'");
}

static int walk_forward(struct walk *walk)
{
    return walk_act(walk, SUPERVISOR "/approve", "upper.forward", "need",
                    walk_one(walk, &walk->needs), "'document':'" WALK_PAPER "'");
}

static int walk_upper_answers(struct walk *walk)
{
    return walk_act(walk, CENTER "/review", "upper.answer", "need", walk_one(walk, &walk->needs),
                    walk_any(walk, 2)
                        ? "'decision':'agree','document':'" WALK_PAPER "'"
                        : "'decision':'refuse','document':'" WALK_PAPER "'," WALK_REASONS);
}

/* ---- orders: a day that is named (CN 26) ---- */

static int walk_order(struct walk *walk)
{
    char until[CIVIL_TIME_CHARS];
    civil_format_date(until, civil_day(walk->ledger->time_ms) + walk_any(walk, 14));
    int error = ledger_do(walk->ledger, CENTER "/review", "rectify.order",
                          "{'member':'%s','kind':'untrue-or-late','requirement':'更新目录',"
                          "'until':'%s'}",
                          walk_agencies[walk_any(walk, 3)], until);
    if (error == 0) {
        walk_keep(&walk->orders, walk->ledger->txid);
    }
    return error;
}

static int walk_rectify(struct walk *walk)
{
    const char *id = walk_one(walk, &walk->orders);
    return walk_act(walk, walk_kid(walk_side(walk, "rectification", id, "member"), "compile"),
                    "rectify.done", "rectification", id, "'statement':'已更新目录'");
}

/* ---- who may act ---- */

/* One that has this status, if any has and the dice say so; else any. */
static const char *walk_member(struct walk *walk, const char *status)
{
    for (size_t i = 0; i < COUNT_OF(walk_agencies); i++) {
        const struct doc *member = ledger_get(walk->ledger, "member/%s", walk_agencies[i]);
        if (doc_text_is(member, "status", status) && walk_any(walk, 2)) {
            return walk_agencies[i];
        }
    }
    return walk_agencies[walk_any(walk, COUNT_OF(walk_agencies))];
}

static int walk_on_member(struct walk *walk, const char *type, const char *member)
{
    return ledger_do(walk->ledger, CENTER "/admin", type,
                     "{'member':'%s','acts_on':'%s','reason':'机构撤并'%s}", member,
                     ledger_version(walk->ledger, "member/%s", member), ledger_no_risk(type));
}

static int walk_suspend(struct walk *walk)
{
    return walk_on_member(walk, "member.suspend", walk_member(walk, "active"));
}

static int walk_restore(struct walk *walk)
{
    return walk_on_member(walk, "member.restore", walk_member(walk, "suspended"));
}

static int walk_remove(struct walk *walk)
{
    const char *member = walk_agencies[walk_any(walk, 3)];
    if (ledger_do(walk->ledger, CENTER "/admin", "validator.change",
                  "{'remove':['%s'],'reason':'机构撤并'}", member) == 0) {
        ledger_blocks(walk->ledger, 3);
    }
    return walk_on_member(walk, "member.remove", member);
}

static int walk_key(struct walk *walk, const char *type)
{
    return key_step(walk->ledger, CENTER "/admin", type, walk_agencies[walk_any(walk, 3)],
                    walk_any(walk, 2) ? "approve" : "compile");
}

static int walk_suspend_key(struct walk *walk)
{
    return walk_key(walk, "key.suspend");
}

static int walk_restore_key(struct walk *walk)
{
    return walk_key(walk, "key.restore");
}

/* ---- calendars ---- */

static int walk_publish(struct walk *walk)
{
    return ledger_do(walk->ledger, CENTER "/admin", "calendar.publish",
                     "{'year':2027,'off':['2027-01-01','2027-02-05','2027-02-08','2027-02-09',"
                     "'2027-02-10','2027-02-11'],'work':['2027-01-09','2027-02-20'],"
                     "'source':'测试用通知'}");
}

/* Seldom, so that terms run into the year before its calendar is known. */
static int walk_publish_some_day(struct walk *walk)
{
    return walk_any(walk, 4) == 0 ? walk_publish(walk) : ERR_NOT_FOUND;
}

/* Of a year that is over: nothing moves, and all is counted again. */
static int walk_correct(struct walk *walk)
{
    return ledger_do(walk->ledger, CENTER "/admin", "calendar.publish",
                     "{'year':2025,'acts_on':'%s','off':['2025-01-01'],'work':[],"
                     "'source':'更正'}",
                     ledger_version(walk->ledger, "calendar/%d", 2025));
}

/* ---- the table ---- */

static const struct walk_choice {
    const char *name;
    int (*act)(struct walk *);
    unsigned weight;
    bool silences; /* not on a calm walk */
} walk_choices[] = {
    {"ask", walk_ask, 12, false},
    {"take in", walk_take_in, 6, false},
    {"approve", walk_approve, 3, false},
    {"refuse", walk_refuse, 8, false},
    {"take back", walk_take_back, 2, false},
    {"raise", walk_raise, 8, false},
    {"drop dispute", walk_drop_dispute, 3, false},
    {"refer", walk_refer, 10, false},
    {"rule", walk_rule, 6, false},
    {"retire", walk_retire, 1, false},
    {"change", walk_change, 6, false},
    {"unchange", walk_unchange, 2, false},
    {"propose", walk_propose, 6, false},
    {"sign", walk_sign, 8, false},
    {"accept change", walk_accept_change, 3, false},
    {"return change", walk_return_change, 1, false},
    {"milestone", walk_milestone, 3, false},
    {"need", walk_need, 4, false},
    {"take need", walk_take_need, 6, false},
    {"answer need", walk_answer_need, 5, false},
    {"dispute need", walk_dispute_need, 5, false},
    {"drop need", walk_drop_need, 1, false},
    {"forward", walk_forward, 3, false},
    {"upper answers", walk_upper_answers, 3, false},
    {"order", walk_order, 2, false},
    {"rectify", walk_rectify, 1, false},
    {"suspend", walk_suspend, 1, true},
    {"restore", walk_restore, 4, true},
    {"remove", walk_remove, 1, true},
    {"suspend key", walk_suspend_key, 1, true},
    {"restore key", walk_restore_key, 4, true},
    {"publish", walk_publish_some_day, 1, false},
    {"correct", walk_correct, 1, false},
};

/* How often each was taken, of all walks so far. */
struct walk_taken {
    size_t of[COUNT_OF(walk_choices)];
};

static void walk_do_any(struct walk *walk, struct walk_taken *taken)
{
    unsigned all = 0;
    for (size_t i = 0; i < COUNT_OF(walk_choices); i++) {
        all += walk_choices[i].weight;
    }
    unsigned dice = walk_any(walk, all);
    size_t chosen = 0;
    while (dice >= walk_choices[chosen].weight) {
        dice -= walk_choices[chosen++].weight;
    }
    const struct walk_choice *choice = &walk_choices[chosen];
    if (!(choice->silences && walk->setting->calm)) {
        taken->of[chosen] += choice->act(walk) == 0;
    }
}
