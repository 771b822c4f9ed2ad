/* An agency is removed, and restored later: what it owed rests at its end and runs again, with the
 * days that were left (PT 11, 20, 26; CN 26). Ends are literals, worked out by hand: in 2026 the
 * 4th to the 6th of April are days off, March has none but its weekends. */
#include "rules_fixture.h"

#include "scratch.h"

#define M1 "milestone/" ALPHA "/M1"
#define BUDGET 200 /* terms that a block settles: 30000 by 150 */

static void act_on(struct ledger *ledger, const char *type, const char *member)
{
    ledger_member(ledger, type, member);
}

static void step_down(struct ledger *ledger, const char *member)
{
    ledger_must(ledger, CENTER "/admin", "validator.change", "{'remove':['%s'],'reason':'撤并'}",
                member);
    ledger_blocks(ledger, 3);
}

static void remove_at(struct ledger *ledger, const char *member, const char *time)
{
    ledger_at(ledger, time);
    act_on(ledger, "member.suspend", member);
    act_on(ledger, "member.remove", member);
}

static void restore_at(struct ledger *ledger, const char *member, const char *time)
{
    ledger_at(ledger, time);
    act_on(ledger, "member.restore", member);
}

/* ALPHA owes entries for a business that was approved on Monday, 2 March: 3 4 5 6 9 10 11 12 13 16.
 */
static struct ledger *with_milestones(int count)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_duty(ledger);
    for (int i = 1; i <= count; i++) {
        ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                    "{'code':'M%d','kind':'business','matter':'社会组织年检办法',"
                    "'date':'2026-03-02','duty':'D1'}",
                    i);
    }
    step_down(ledger, ALPHA);
    return ledger;
}

static void last_act_is(struct ledger *ledger, const char *effect, const char *due)
{
    assert_true(ledger_act_is(ledger, 0, M1, effect));
    const struct doc *act = doc_at(ledger->acts, doc_count(ledger->acts) - 1);
    assert_string_equal(doc_get_text(act, "clause"), "PT 11");
    assert_string_equal(doc_get_text(act, "member"), ALPHA);
    assert_string_equal(doc_get_text(act, "term"), "compile");
    assert_int_equal(doc_get_int(act, "due_ms", 0), at(due));
}

static void what_was_owed_rests_and_runs_again(void **state)
{
    (void)state;
    struct ledger *ledger = with_milestones(1);
    remove_at(ledger, ALPHA, "2026-03-05T09:00:00+08:00"); /* the 3rd and the 4th are over */
    ledger_at_ms(ledger, at("2026-03-17T00:00:00+08:00") - 1);
    assert_int_equal(ledger_due(ledger, "compile"), 1);
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    last_act_is(ledger, "term-rests", "2026-03-17T00:00:00+08:00");
    assert_string_equal(ledger_text(ledger, M1, "terms.compile.rests"), ALPHA);
    assert_int_equal(ledger_due(ledger, "compile"), 0);
    assert_int_equal(ledger_count(ledger, "rest/" ALPHA "/compile/milestone/"), 1);
    size_t acts = doc_count(ledger->acts);
    ledger_at(ledger, "2026-03-20T00:00:00+08:00");
    assert_int_equal(doc_count(ledger->acts), acts); /* and nothing more happens */

    restore_at(ledger, ALPHA, "2026-03-30T09:00:00+08:00");
    assert_int_equal(ledger_count(ledger, "back/"), 1);
    ledger_blocks(ledger, 1);
    /* Eight days are left: 31 March, 1 2 3, 7 8 9 10 April. */
    last_act_is(ledger, "term-resumed", "2026-04-11T00:00:00+08:00");
    assert_int_equal(ledger_count(ledger, "rest/") + ledger_count(ledger, "back/"), 0);
    assert_string_equal(ledger_text(ledger, M1, "terms.compile.rests"), "");
    ledger_at_ms(ledger, at("2026-04-11T00:00:00+08:00") - 1);
    assert_int_equal(ledger_due(ledger, "compile"), 1);
    ledger_at(ledger, "2026-04-11T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, M1, "compile-overdue"));
    ledger_close(&ledger);
}

/* Removed again before that end: 31 March and 1 April are over, six are left after Monday, 20
 * April: 21 22 23 24 27 28. */
static void removed_again_it_rests_again(void **state)
{
    (void)state;
    struct ledger *ledger = with_milestones(1);
    remove_at(ledger, ALPHA, "2026-03-05T09:00:00+08:00");
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    restore_at(ledger, ALPHA, "2026-03-30T09:00:00+08:00");
    remove_at(ledger, ALPHA, "2026-04-02T09:00:00+08:00");
    ledger_at(ledger, "2026-04-11T00:00:00+08:00");
    last_act_is(ledger, "term-rests", "2026-04-11T00:00:00+08:00");
    restore_at(ledger, ALPHA, "2026-04-20T09:00:00+08:00");
    ledger_blocks(ledger, 1);
    last_act_is(ledger, "term-resumed", "2026-04-29T00:00:00+08:00");
    ledger_close(&ledger);
}

/* Restored as suspended it is not: but suspended anew it still may not act, and its clock stands.
 */
static void restored_and_suspended_it_waits(void **state)
{
    (void)state;
    struct ledger *ledger = with_milestones(1);
    remove_at(ledger, ALPHA, "2026-03-05T09:00:00+08:00");
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    restore_at(ledger, ALPHA, "2026-03-30T09:00:00+08:00");
    act_on(ledger, "member.suspend", ALPHA);
    ledger_at(ledger, "2026-04-11T00:00:00+08:00");
    assert_false(ledger_act_is(ledger, 0, M1, "compile-overdue"));
    restore_at(ledger, ALPHA, "2026-04-20T09:00:00+08:00");
    /* All eight: 21 22 23 24 27 28 29 30. */
    ledger_at_ms(ledger, at("2026-05-01T00:00:00+08:00") - 1);
    assert_int_equal(ledger_due(ledger, "compile"), 1);
    ledger_at(ledger, "2026-05-01T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, M1, "compile-overdue"));
    ledger_close(&ledger);
}

/* ---- a day that an order names ---- */

/* CN 26: until 20 March. Back on Monday the 30th, it has the next working day, and what it does in
 * the very block of its return is in time. */
static void an_orders_day_is_given_anew(void **state)
{
    (void)state;
    static const char *const back = "2026-03-30T09:00:00+08:00";
    for (int at_once = 0; at_once < 2; at_once++) {
        char key[100], id[2 * HASH_BYTES + 1];
        struct ledger *ledger = ledger_open("changning");
        step_down(ledger, ALPHA);
        ledger_at(ledger, "2026-03-02T10:00:00+08:00");
        ledger_must(ledger, CENTER "/review", "rectify.order",
                    "{'member':'" ALPHA "','kind':'neglect','requirement':'补报目录',"
                    "'until':'2026-03-20'}");
        memcpy(id, ledger->txid, sizeof id);
        (void)snprintf(key, sizeof key, "rectification/%s", id);
        remove_at(ledger, ALPHA, "2026-03-05T09:00:00+08:00");
        ledger_at(ledger, "2026-03-21T00:00:00+08:00");
        assert_true(ledger_act_is(ledger, 0, key, "term-rests"));
        restore_at(ledger, ALPHA, back);
        if (at_once) {
            ledger_must(ledger, ALPHA "/approve", "rectify.done",
                        "{'rectification':'%s','acts_on':'%s','statement':'已补报'}", id,
                        ledger_version(ledger, "%s", key));
            assert_null(doc_get(ledger_get(ledger, "%s", key), "late"));
            ledger_blocks(ledger, 1);
            assert_int_equal(ledger_count(ledger, "rest/") + ledger_count(ledger, "back/"), 0);
        } else {
            ledger_at_ms(ledger, at("2026-04-01T00:00:00+08:00") - 1);
            assert_int_equal(ledger_due(ledger, "rectify"), 1);
            ledger_at(ledger, "2026-04-01T00:00:00+08:00");
            assert_true(ledger_act_is(ledger, 0, key, "rectify-overdue"));
        }
        ledger_close(&ledger);
    }
}

/* ---- a consumer (PT 26) ---- */

/* Unused from 2 March: suspended with 2 June, and 30 日 to object, to 3 July. Of those 4 to 9 June
 * are over when it goes; 24 are left after 3 August, the last is the 27th. */
static void no_service_ends_while_its_user_is_removed(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1], key[100];
    struct ledger *ledger = ledger_open("putuo");
    step_down(ledger, BETA);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_grant(ledger, id, NULL);
    (void)snprintf(key, sizeof key, "grant/%s", id);
    ledger_at(ledger, "2026-06-03T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "suspended-unused"));
    remove_at(ledger, BETA, "2026-06-10T09:00:00+08:00");
    ledger_at(ledger, "2026-07-04T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "term-rests"));
    restore_at(ledger, BETA, "2026-08-03T09:00:00+08:00");
    ledger_at_ms(ledger, at("2026-08-28T00:00:00+08:00") - 1);
    assert_string_equal(ledger_text(ledger, key, "status"), "suspended");
    ledger_at(ledger, "2026-08-28T00:00:00+08:00");
    assert_string_equal(ledger_text(ledger, key, "status"), "terminated");
    ledger_close(&ledger);
}

/* A grant that is ended meanwhile waits for nobody. */
static void what_is_settled_meanwhile_does_not_return(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1], key[100];
    struct ledger *ledger = ledger_open("putuo");
    step_down(ledger, BETA);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_grant(ledger, id, NULL);
    (void)snprintf(key, sizeof key, "grant/%s", id);
    remove_at(ledger, BETA, "2026-05-04T09:00:00+08:00");
    ledger_at(ledger, "2026-06-03T00:00:00+08:00");
    assert_int_equal(ledger_count(ledger, "rest/" BETA "/disuse/"), 1);
    ledger_must(ledger, CENTER "/review", "grant.terminate",
                "{'grant':'%s','acts_on':'%s','reason':'单位撤并'," RISK_REPORT "}", id,
                ledger_version(ledger, "%s", key));
    assert_int_equal(ledger_count(ledger, "rest/"), 0);
    restore_at(ledger, BETA, "2026-08-03T09:00:00+08:00");
    assert_int_equal(ledger_count(ledger, "back/"), 0);
    ledger_close(&ledger);
}

/* ---- an answer where nobody rules ---- */

static struct ledger *ledger_without_rulings(void)
{
    struct doc *profile = NULL;
    AUTO(buf_free) struct buf text = {0};
    assert_int_equal(file_read(&text, SAMPLES "/profiles/putuo.json", 1 << 20), 0);
    assert_int_equal(doc_parse(&profile, view_of_buf(&text), 1 << 20), 0);
    AUTO(doc_free) struct doc *silent = doc_new_object();
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(profile, &cursor, &name, &value)) {
        if (strcmp(name, "dispute") != 0 && strcmp(name, "ruling") != 0) {
            doc_set(silent, name, doc_ref(value));
        }
    }
    doc_free(&profile);
    buf_clear(&text);
    doc_append_canonical(&text, silent);
    assert_int_equal(file_write_atomic(scratch_path("putuo.json"), view_of_buf(&text), 0600), 0);
    assert_int_equal(setenv("DIRCHAIN_PROFILES", scratch_directory, 1), 0);
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(unsetenv("DIRCHAIN_PROFILES"), 0);
    return ledger;
}

/* PT 20: asked on 2 March, the 3rd and the 4th are over; back on the 16th: 17 18 19. The silence
 * that counts then is that of an agency that can speak. */
static void an_answer_that_nobody_rules_on_is_owed_again(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1], key[100];
    struct ledger *ledger = ledger_without_rulings();
    step_down(ledger, ALPHA);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    (void)snprintf(key, sizeof key, "request/%s", id);
    remove_at(ledger, ALPHA, "2026-03-05T09:00:00+08:00");
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "term-rests"));
    assert_string_equal(ledger_text(ledger, key, "status"), "pending");
    restore_at(ledger, ALPHA, "2026-03-16T09:00:00+08:00");
    ledger_at_ms(ledger, at("2026-03-20T00:00:00+08:00") - 1);
    assert_string_equal(ledger_text(ledger, key, "status"), "pending");
    ledger_at(ledger, "2026-03-20T00:00:00+08:00");
    assert_string_equal(ledger_text(ledger, key, "status"), "granted");
    ledger_close(&ledger);
}

/* ---- more than a block settles ---- */

static void many_terms_return_block_by_block(void **state)
{
    (void)state;
    struct ledger *ledger = with_milestones(BUDGET + 50);
    remove_at(ledger, ALPHA, "2026-03-05T09:00:00+08:00");
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    assert_int_equal(ledger_count(ledger, "rest/"), BUDGET);
    ledger_blocks(ledger, 1);
    assert_int_equal(ledger_count(ledger, "rest/"), BUDGET + 50);
    restore_at(ledger, ALPHA, "2026-03-30T09:00:00+08:00");
    ledger_blocks(ledger, 1);
    assert_int_equal(ledger_due(ledger, "compile"), BUDGET);
    /* Removed in the midst of it: what rests stays, until it comes back once more. */
    act_on(ledger, "member.remove", ALPHA);
    ledger_blocks(ledger, 1);
    assert_int_equal(ledger_count(ledger, "rest/"), 50);
    assert_int_equal(ledger_count(ledger, "back/"), 0);
    restore_at(ledger, ALPHA, "2026-03-30T10:00:00+08:00");
    ledger_blocks(ledger, 1);
    assert_int_equal(ledger_count(ledger, "rest/"), 0);
    assert_int_equal(ledger_due(ledger, "compile"), BUDGET + 50);
    /* All of them on one day, 10 April, 24:00. */
    ledger_at_ms(ledger, at("2026-04-11T00:00:00+08:00") - 1);
    assert_int_equal(ledger_due(ledger, "compile"), BUDGET + 50);
    ledger_at(ledger, "2026-04-11T00:00:00+08:00");
    ledger_blocks(ledger, 1);
    assert_int_equal(ledger_due(ledger, "compile"), 0);
    ledger_close(&ledger);
}

/* What was over before the agency went is over, however late the sweep comes to it. */
static void a_removal_after_the_end_is_late(void **state)
{
    (void)state;
    struct ledger *ledger = with_milestones(BUDGET + 50);
    remove_at(ledger, ALPHA, "2026-03-17T00:00:00+08:00");
    assert_int_equal(ledger_due(ledger, "compile"), 50);
    ledger_blocks(ledger, 1);
    assert_int_equal(ledger_due(ledger, "compile"), 0);
    assert_int_equal(ledger_count(ledger, "rest/"), 0);
    const struct doc *act = doc_at(ledger->acts, doc_count(ledger->acts) - 1);
    assert_string_equal(doc_get_text(act, "effect"), "compile-overdue");
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_owed_rests_and_runs_again),
        cmocka_unit_test(removed_again_it_rests_again),
        cmocka_unit_test(restored_and_suspended_it_waits),
        cmocka_unit_test(an_orders_day_is_given_anew),
        cmocka_unit_test(no_service_ends_while_its_user_is_removed),
        cmocka_unit_test(what_is_settled_meanwhile_does_not_return),
        cmocka_unit_test(an_answer_that_nobody_rules_on_is_owed_again),
        cmocka_unit_test(many_terms_return_block_by_block),
        cmocka_unit_test(a_removal_after_the_end_is_late),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
