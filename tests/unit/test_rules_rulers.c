/* Who rules on a dispute (PT 24, CN 17): nobody on its own case, and nobody in the place of one
 * who was suspended. */
#include "rules_fixture.h"

#include "base/memory.h"

static char id[2 * HASH_BYTES + 1], dispute[2 * HASH_BYTES + 1];

#define REFUSE                                                                                     \
    "'decision':'refuse','grounds':{'reasons':['数据尚在核查'],"                             \
    "'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}"

/* This member also takes part as `party`, from now on. */
static void also(struct ledger *ledger, const char *member, const char *party)
{
    char key[100];
    (void)snprintf(key, sizeof key, "member/%s", member);
    struct doc *record = doc_copy(state_get(ledger->state, key));
    doc_push_text((struct doc *)(uintptr_t)doc_get(record, "parties"), party);
    state_put(ledger->state, key, record);
}

static void refer_by(struct ledger *ledger, const char *kid, const char *more)
{
    ledger_must(ledger, kid, "dispute.refer",
                "{'dispute':'%s','acts_on':'%s','reason':'协商不成',%s"
                "'minutes':'00000000000000000000000000000000000000000000000000000000000000dd'}",
                dispute, ledger_version(ledger, "dispute/%s", dispute), more);
}

/* `consumer` asked `provider`, was refused, and the dispute about it waits for a ruling. */
static struct ledger *referred(const char *profile, const char *consumer, const char *provider)
{
    char extra[300], kid[64];
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    if (strcmp(consumer, CENTER) == 0) {
        also(ledger, CENTER, "consumer");
    }
    ledger_give_entry_of(ledger, provider);
    if (strcmp(provider, ALPHA) != 0) {
        ledger_give_entry(ledger, "E2", "authorised");
    }
    (void)snprintf(extra, sizeof extra, "{'provider':'%s','entry':'E1','acts_on':'%s'}", provider,
                   ledger_version(ledger, "entry/%s/E1", provider));
    const char *template = strcmp(provider, ALPHA) == 0 ? "E1" : "E2";
    assert_int_equal(ledger_ask_by(ledger, id, consumer, template, extra), 0);
    (void)snprintf(kid, sizeof kid, "%s/approve", provider);
    ledger_must(ledger, kid, "request.answer", "{'request':'%s','acts_on':'%s'," REFUSE "}", id,
                ledger_version(ledger, "request/%s", id));
    (void)snprintf(kid, sizeof kid, "%s/compile", consumer);
    ledger_must(ledger, kid, "dispute.raise",
                "{'request':'%s','acts_on':'%s','kind':'refusal','reason':'对意见持有异议'}", id,
                ledger_version(ledger, "request/%s", id));
    memcpy(dispute, ledger->txid, sizeof dispute);
    if (doc_text_is(ledger_get(ledger, "dispute/%s", dispute), "status", "negotiating")) {
        refer_by(ledger, kid, "");
        (void)snprintf(kid, sizeof kid, "%s/approve", provider);
        refer_by(ledger, kid, "");
    }
    return ledger;
}

static int rule_by(struct ledger *ledger, const char *member)
{
    char kid[64];
    (void)snprintf(kid, sizeof kid, "%s/approve", member);
    return ledger_do(ledger, kid, "dispute.rule",
                     "{'dispute':'%s','acts_on':'%s','decision':'as-asked','reason':'属履职必需'}",
                     dispute, ledger_version(ledger, "dispute/%s", dispute));
}

static void admit(struct ledger *ledger, const char *party)
{
    AUTO(doc_free) struct doc *body = doc_new_object();
    struct doc *join = ledger_join(5, NEWCOMER), *parties = doc_new_array();
    doc_push_text(parties, party);
    doc_set(join, "parties", parties);
    ledger_sign_join(join, 5);
    doc_set(body, "join", join);
    ledger->faults = (struct faults){0};
    assert_int_equal(fixture_submit(ledger, CENTER "/admin", "member.admit", body), 0);
    ledger_blocks(ledger, 2);
}

/* PT 24: 由区府办协调处理: between others nobody else does. */
static void whom_the_document_names_rules(void **state)
{
    (void)state;
    struct ledger *ledger = referred("putuo", BETA, ALPHA);
    assert_int_equal(rule_by(ledger, CENTER), ERR_PARTY);
    assert_int_equal(rule_by(ledger, GAMMA), ERR_PARTY);
    assert_int_equal(rule_by(ledger, SUPERVISOR), 0);
    ledger_close(&ledger);
}

/* The supervisor asked, or was asked: then the center rules, and no agency. */
static void the_supervisor_does_not_rule_on_its_own_case(void **state)
{
    (void)state;
    static const char *const sides[][2] = {{SUPERVISOR, ALPHA}, {BETA, SUPERVISOR}};
    for (size_t i = 0; i < COUNT_OF(sides); i++) {
        struct ledger *ledger = referred("putuo", sides[i][0], sides[i][1]);
        assert_int_equal(rule_by(ledger, SUPERVISOR), ERR_PARTY);
        assert_int_equal(rule_by(ledger, GAMMA), ERR_PARTY);
        assert_int_equal(rule_by(ledger, CENTER), 0);
        assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", id), "status"), "active");
        ledger_close(&ledger);
    }
}

/* Another supervisor is no side: it rules, and nobody stands in while it is suspended; only where
 * one is left that is a side, and the other is gone. */
static void another_supervisor_rules(void **state)
{
    (void)state;
    struct ledger *ledger = referred("putuo", SUPERVISOR, ALPHA);
    admit(ledger, "supervisor");
    assert_int_equal(rule_by(ledger, CENTER), ERR_PARTY);
    ledger_member(ledger, "member.suspend", NEWCOMER);
    assert_int_equal(rule_by(ledger, CENTER), ERR_PARTY);
    ledger_member(ledger, "member.remove", NEWCOMER);
    assert_int_equal(rule_by(ledger, CENTER), 0);
    ledger_close(&ledger);
    ledger = referred("putuo", SUPERVISOR, ALPHA);
    admit(ledger, "supervisor");
    ledger_member(ledger, "member.suspend", NEWCOMER);
    ledger_member(ledger, "member.remove", NEWCOMER);
    ledger_member(ledger, "member.restore", NEWCOMER);
    assert_int_equal(rule_by(ledger, CENTER), ERR_PARTY);
    assert_int_equal(rule_by(ledger, NEWCOMER), 0);
    ledger_close(&ledger);
}

/* CN 17: 由区科委…作出结论，必要时报请领导小组决定: where 区科委 itself asked, the leading group.
 */
static void the_center_does_not_rule_on_its_own_case(void **state)
{
    (void)state;
    struct ledger *ledger = referred("changning", CENTER, ALPHA);
    assert_int_equal(rule_by(ledger, CENTER), ERR_PARTY);
    assert_int_equal(rule_by(ledger, GAMMA), ERR_PARTY);
    assert_int_equal(rule_by(ledger, SUPERVISOR), 0);
    ledger_close(&ledger);
}

/* Center against supervisor: the upper platform, and where it is no member another agency. */
static void somebody_always_rules(void **state)
{
    (void)state;
    static const char *const profiles[] = {"putuo", "changning"};
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct ledger *ledger = referred(profiles[i], CENTER, SUPERVISOR);
        assert_int_equal(rule_by(ledger, CENTER), ERR_PARTY);
        assert_int_equal(rule_by(ledger, SUPERVISOR), ERR_PARTY);
        admit(ledger, "upper");
        assert_int_equal(rule_by(ledger, GAMMA), ERR_PARTY);
        assert_int_equal(rule_by(ledger, NEWCOMER), 0);
        ledger_close(&ledger);
        ledger = referred(profiles[i], CENTER, SUPERVISOR);
        assert_int_equal(rule_by(ledger, GAMMA), 0);
        ledger_close(&ledger);
    }
}

/* PT 24: 由区府办协调处理. The center suspends and removes members: what it has done to the
 * supervisor does not let it rule in its place. */
static void the_center_makes_no_room_for_itself(void **state)
{
    (void)state;
    struct ledger *ledger = referred("putuo", BETA, ALPHA);
    ledger_member(ledger, "member.suspend", SUPERVISOR);
    assert_int_equal(rule_by(ledger, CENTER), ERR_PARTY);
    assert_int_equal(rule_by(ledger, GAMMA), ERR_PARTY);
    ledger_member(ledger, "member.restore", SUPERVISOR);
    ledger_take_out(ledger, SUPERVISOR);
    assert_int_equal(rule_by(ledger, CENTER), ERR_PARTY);
    assert_int_equal(rule_by(ledger, GAMMA), ERR_PARTY);
    ledger_member(ledger, "member.restore", SUPERVISOR);
    assert_int_equal(rule_by(ledger, CENTER), ERR_PARTY);
    assert_int_equal(rule_by(ledger, SUPERVISOR), 0);
    ledger_close(&ledger);
}

/* The successor of a supervisor that was removed rules. */
static void a_successor_rules(void **state)
{
    (void)state;
    struct ledger *ledger = referred("putuo", BETA, ALPHA);
    ledger_take_out(ledger, SUPERVISOR);
    admit(ledger, "supervisor");
    assert_int_equal(rule_by(ledger, CENTER), ERR_PARTY);
    assert_int_equal(rule_by(ledger, NEWCOMER), 0);
    ledger_close(&ledger);
}

/* PT 24, CN 17: whoever is there stands in for whom both sides do not wait for, but the center,
 * which suspends and removes. */
static void both_sides_need_not_wait(void **state)
{
    (void)state;
    struct ledger *ledger = referred("putuo", BETA, ALPHA);
    ledger_member(ledger, "member.suspend", SUPERVISOR);
    refer_by(ledger, BETA "/compile", "'stand_in':true,");
    assert_int_equal(rule_by(ledger, GAMMA), ERR_PARTY); /* the other side waits */
    refer_by(ledger, ALPHA "/approve", "'stand_in':true,");
    assert_int_equal(rule_by(ledger, CENTER), ERR_PARTY);
    refer_by(ledger, BETA "/compile", "'stand_in':false,"); /* it has thought better of it */
    assert_int_equal(rule_by(ledger, GAMMA), ERR_PARTY);
    refer_by(ledger, BETA "/compile", "'stand_in':true,");
    admit(ledger, "upper");
    assert_int_equal(rule_by(ledger, GAMMA), ERR_PARTY);
    ledger_member(ledger, "member.restore", SUPERVISOR);
    assert_int_equal(rule_by(ledger, NEWCOMER), ERR_PARTY);
    ledger_take_out(ledger, SUPERVISOR);
    assert_int_equal(rule_by(ledger, CENTER), ERR_PARTY);
    assert_int_equal(rule_by(ledger, NEWCOMER), 0);
    ledger_close(&ledger);
}

/* The same where all whom the document names are sides: who stands in is suspended. */
static void both_sides_need_not_wait_for_who_stands_in(void **state)
{
    (void)state;
    struct ledger *ledger = referred("changning", CENTER, SUPERVISOR);
    admit(ledger, "upper");
    ledger_member(ledger, "member.suspend", NEWCOMER);
    assert_int_equal(rule_by(ledger, GAMMA), ERR_PARTY);
    refer_by(ledger, CENTER "/compile", "'stand_in':true,");
    refer_by(ledger, SUPERVISOR "/approve", "'stand_in':true,");
    assert_int_equal(rule_by(ledger, GAMMA), 0);
    ledger_close(&ledger);
    /* Who lawfully stands in does so whatever they ask. */
    ledger = referred("putuo", SUPERVISOR, ALPHA);
    refer_by(ledger, SUPERVISOR "/compile", "'stand_in':true,");
    refer_by(ledger, ALPHA "/approve", "'stand_in':true,");
    assert_int_equal(rule_by(ledger, CENTER), 0);
    ledger_close(&ledger);
}

/* A side stays a side when it is removed: nobody is waited for then. */
static void a_side_that_was_removed_is_not_waited_for(void **state)
{
    (void)state;
    struct ledger *ledger = referred("putuo", SUPERVISOR, ALPHA);
    ledger_take_out(ledger, SUPERVISOR);
    assert_int_equal(rule_by(ledger, GAMMA), ERR_PARTY);
    assert_int_equal(rule_by(ledger, CENTER), ERR_CONSUMER); /* not what it asked for (PT 17) */
    ledger_must(ledger, CENTER "/approve", "dispute.rule",
                "{'dispute':'%s','acts_on':'%s','decision':'refused','reason':'申请单位已撤并'}",
                dispute, ledger_version(ledger, "dispute/%s", dispute));
    ledger_close(&ledger);
}

/* The profile's list ends with the agencies. */
static void the_list_ends_with_the_agencies(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(
        ledger_policy(ledger, "ruling",
                      "{'by':['supervisor'],'instead':['provider','center'],'clause':'PT 24'}"),
        ERR_FIELD_CHOICE);
    assert_true(ledger_fault(ledger, ERR_FIELD_CHOICE, "profile.ruling.instead[1]"));
    assert_int_equal(ledger_policy(ledger, "ruling", "{'by':['supervisor'],'clause':'PT 24'}"),
                     ERR_FIELD_MISSING);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whom_the_document_names_rules),
        cmocka_unit_test(the_supervisor_does_not_rule_on_its_own_case),
        cmocka_unit_test(another_supervisor_rules),
        cmocka_unit_test(the_center_does_not_rule_on_its_own_case),
        cmocka_unit_test(somebody_always_rules),
        cmocka_unit_test(the_center_makes_no_room_for_itself),
        cmocka_unit_test(a_successor_rules),
        cmocka_unit_test(both_sides_need_not_wait),
        cmocka_unit_test(both_sides_need_not_wait_for_who_stands_in),
        cmocka_unit_test(a_side_that_was_removed_is_not_waited_for),
        cmocka_unit_test(the_list_ends_with_the_agencies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
