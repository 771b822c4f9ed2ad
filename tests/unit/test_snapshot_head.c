/* The head of a snapshot: who lies about the certificate or about how the validators came about is
 * refused, also where nothing that it says is false and something is left out. */
#include "ledger.h"
#include "ledger_types.h"
#include "snapshots.h"
#include "snapshot_head.h"

/* One restore at whose head somebody lies. */
struct lie {
    struct attempt attempt;
    struct buf wrong;
    struct head head; /* as the honest give it */
};

static void lie_open(struct lie *lie, const struct ledger *ledger, uint64_t height)
{
    *lie = (struct lie){0};
    attempt_open(&lie->attempt, ledger, height);
    assert_true(attempt_next(&lie->attempt));
    read_head(&lie->head, view_of_buf(&lie->attempt.payload));
}

static void lie_expect(struct lie *lie, int expected)
{
    write_head(&lie->wrong, &lie->head);
    assert_int_equal(attempt_try(&lie->attempt, view_of_buf(&lie->wrong)), expected);
    assert_true(attempt_next(&lie->attempt));
    read_head(&lie->head, view_of_buf(&lie->attempt.payload));
}

/* The truth is still taken. */
static void lie_close(struct lie *lie)
{
    attempt_take(&lie->attempt);
    attempt_finish(&lie->attempt);
    attempt_close(&lie->attempt);
    buf_free(&lie->wrong);
}

/* Certificates: of fewer than a quorum, of one signer twice, of another block, of another height.
 */
static void heads_without_a_quorum_are_refused(void **state)
{
    (void)state;
    enum { HEIGHT = 45 };
    struct lie lie;
    struct store_view view;
    lie_open(&lie, &source, HEIGHT);
    struct certificate *certificate = &lie.head.certificate;
    struct certificate before;
    assert_int_equal(store_view_open(&view, source.kv), 0);
    assert_int_equal(store_read_certificate(&before, &view, HEIGHT - 1), 0);
    store_view_close(&view);
    certificate->count--;
    lie_expect(&lie, ERR_CERT_QUORUM);
    certificate->signer[1] = certificate->signer[0];
    lie_expect(&lie, ERR_CERT_SIGNER);
    certificate->signer[1].signature.bytes[3] ^= 1;
    lie_expect(&lie, ERR_SIGNATURE);
    memset(certificate->signer[certificate->count - 1].member, '9', MEMBER_ID_CHARS);
    lie_expect(&lie, ERR_CERT_SIGNER);
    *certificate = before;
    lie_expect(&lie, ERR_CERT_BLOCK);
    lie.head.header.state_root.bytes[0] ^= 1;
    lie_expect(&lie, ERR_CERT_BLOCK);
    lie.head.header.genesis.bytes[0] ^= 1;
    lie_expect(&lie, ERR_TX_CHAIN);
    lie_close(&lie);
}

/* Steps left out where the sets lead elsewhere, steps promised for ever, another set in a step. */
static void validator_sets_are_walked_to(void **state)
{
    (void)state;
    struct lie lie;
    lie_open(&lie, &source, 25);
    lie.head.steps = 0;
    lie_expect(&lie, ERR_VALIDATORS);
    lie.head.steps = 0;
    lie.head.more = 1;
    lie_expect(&lie, ERR_ENCODING);
    lie.head.step[0].len--; /* the rest of it is missing */
    lie_expect(&lie, ERR_VALIDATORS);
    AUTO(buf_free) struct buf step = {0};
    struct validator_set genesis_set;
    assert_int_equal(app_validators_at(&genesis_set, source.app, 1), 0);
    buf_append_view(&step, lie.head.step[0]);
    step.len -= 2 + 3 * (MEMBER_ID_CHARS + VOTE_KEY_BYTES);
    validators_encode(&step, &genesis_set); /* the one who was removed stays */
    lie.head.step[0] = view_of_buf(&step);
    lie_expect(&lie, ERR_VALIDATORS);
    lie_close(&lie);
}

/* Who was removed and came back: the set is that of genesis again, but it was not all the time, and
 * evidence of that time is judged by what it was. */
static void steps_that_come_to_nothing_are_not_left_out(void **state)
{
    (void)state;
    struct lie lie;
    lie_open(&lie, &source, 45);
    assert_int_equal(lie.head.steps, 2);
    lie.head.steps = 0;
    lie_expect(&lie, ERR_VALIDATORS);
    assert_int_equal(lie.attempt.part.at, 1);
    lie.head.steps = 1;
    lie_expect(&lie, ERR_VALIDATORS);
    assert_int_equal(lie.attempt.part.at, 1); /* whoever ends the walk answers for all of it */
    assert_int_equal(lie.head.steps, 2);
    lie_close(&lie);
    AUTO(ledger_close) struct ledger ledger = restored(&source, 45);
    for (uint64_t height = 1; height <= 46; height++) {
        struct validator_set here, there;
        struct hash a, b;
        assert_int_equal(app_validators_at(&here, ledger.app, height), 0);
        assert_int_equal(app_validators_at(&there, source.app, height), 0);
        validators_hash(&a, &here);
        validators_hash(&b, &there);
        assert_true(hash_equal(&a, &b));
    }
}

/* Of three steps, the first two lead back to where they began: the third follows from genesis too,
 * and the set that acts is right without them. What a liar leaves out, others are asked for. */
static void steps_before_the_last_are_not_left_out(void **state)
{
    (void)state;
    struct lie lie;
    lie_open(&lie, &source, 58);
    assert_int_equal(lie.head.steps, 3);
    lie.head.step[0] = lie.head.step[2];
    lie.head.steps = 1;
    lie_expect(&lie, ERR_VALIDATORS);
    assert_int_equal(lie.attempt.part.at, 1); /* the whole walk again: the honest are believed */
    assert_int_equal(lie.head.steps, 3);
    lie_close(&lie);
    AUTO(ledger_close) struct ledger ledger = restored(&source, 58);
    for (uint64_t height = 1; height <= 59; height++) {
        struct validator_set here, there;
        assert_int_equal(app_validators_at(&here, ledger.app, height), 0);
        assert_int_equal(app_validators_at(&there, source.app, height), 0);
        assert_int_equal(here.count, there.count);
    }
}

/* Snapshots right where the set changes: the header of the change is the head itself. */
static void snapshots_may_stand_at_a_change(void **state)
{
    (void)state;
    for (uint64_t height = 13; height <= 18; height++) {
        struct lie lie;
        lie_open(&lie, &source, height);
        if (height == 15) {
            assert_int_equal(lie.head.steps, 1);
            lie.head.steps = 0;
            lie_expect(&lie, ERR_VALIDATORS);
            lie.head.header.state_root.bytes[0] ^= 1;
            lie_expect(&lie, ERR_CERT_BLOCK);
        }
        lie_close(&lie);
    }
}

/* Where the step past the head has certified it, what is given as its certificate does not count,
 * and is not what the restored ledger is opened with. */
static void a_false_certificate_beside_the_step_is_not_kept(void **state)
{
    (void)state;
    struct lie lie;
    struct certificate kept;
    struct store_view view;
    lie_open(&lie, &source, 15);
    lie.head.certificate.signer[1].signature.bytes[3] ^= 1;
    write_head(&lie.wrong, &lie.head);
    assert_int_equal(attempt_try(&lie.attempt, view_of_buf(&lie.wrong)), 0);
    attempt_finish(&lie.attempt);
    AUTO(ledger_close) struct ledger ledger = attempt_ledger(&lie.attempt);
    assert_int_equal(app_height(ledger.app), 15);
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_read_certificate(&kept, &view, 15), 0);
    store_view_close(&view);
    assert_memory_not_equal(&kept.signer[1].signature, &lie.head.certificate.signer[1].signature,
                            sizeof kept.signer[1].signature);
    buf_free(&lie.wrong);
}

/* A node that has a ledger knows who decides next there; another history is not its own. */
static void a_history_other_than_the_known_one_is_refused(void **state)
{
    (void)state;
    for (uint64_t known = 1; known <= 40; known += 13) {
        struct restore_plan plan = restore_plan_of(&source, 40);
        struct validator_set set;
        assert_int_equal(app_validators_at(&set, source.app, known), 0);
        plan.known_height = known;
        for (unsigned same = 0; same <= 1; same++) {
            AUTO(attempt_close) struct attempt attempt;
            validators_hash(&plan.known_validators, &set);
            plan.known_validators.bytes[0] ^= same ? 0 : 1;
            attempt_open_in(&attempt, kv_open_memory(), &source, &plan);
            assert_true(attempt_next(&attempt));
            assert_int_equal(attempt_try(&attempt, view_of_buf(&attempt.payload)),
                             same ? 0 : ERR_VALIDATORS);
        }
    }
}

/* ---- the window before it ---- */

/* The header at `at` names another set, and all from there to the head lead to it by their hashes;
 * a quorum signed that head. Parts: the head, and the headers before it. */
static void forge_window(struct lie *lie, uint64_t height, uint64_t at, bool next)
{
    struct header *head = &lie->head.header;
    AUTO(buf_free) struct buf bytes = {0};
    struct store_view view;
    struct hash previous = {0};
    assert_int_equal(store_view_open(&view, source.kv), 0);
    for (uint64_t h = at; h < height; h++) {
        struct header header;
        assert_int_equal(store_read_header(&header, &view, h), 0);
        if (h == at)
            (next ? &header.next_validators : &header.validators)->bytes[0] ^= 1;
        else
            header.previous = previous;
        header_hash(&previous, &header);
        buf_clear(&bytes);
        header_encode(&bytes, &header);
        size_t place = 2 + (size_t)(height - 1 - h) * HEADER_BYTES;
        memcpy(lie->wrong.data + place, bytes.data, HEADER_BYTES);
    }
    store_view_close(&view);
    head->previous = previous;
    struct block block = {.header = *head};
    header_hash(&block.hash, head);
    lie->head.certificate = ledger_certify(&source, &block);
}

/* A quorum signed a head whose chain names other sets than were walked to: it is not this chain's,
 * whoever signed. */
static void windows_name_the_sets_walked_to(void **state)
{
    (void)state;
    enum { HEIGHT = 45, BASE = 37 }; /* the first one outside the window */
    for (unsigned next = 0; next <= 1; next++) {
        AUTO(buf_free) struct buf head = {0};
        struct lie lie;
        uint64_t at = next ? HEIGHT - 1 : BASE;
        lie_open(&lie, &source, HEIGHT);
        buf_reserve(&lie.wrong, 2 + HEIGHT * HEADER_BYTES);
        forge_window(&lie, HEIGHT, at, next);
        write_head(&head, &lie.head);
        assert_int_equal(attempt_try(&lie.attempt, view_of_buf(&head)), 0);
        assert_true(attempt_next(&lie.attempt));
        assert_int_equal(lie.attempt.part.kind, SNAPSHOT_HEADERS);
        memcpy(lie.attempt.payload.data + 2, lie.wrong.data + 2, (HEIGHT - at) * HEADER_BYTES);
        assert_int_equal(attempt_try(&lie.attempt, view_of_buf(&lie.attempt.payload)),
                         ERR_VALIDATORS);
        attempt_close(&lie.attempt);
        buf_free(&lie.wrong);
    }
}

/* ---- more steps than fit a part ---- */

/* Taken part by part; small parts are refused; what does not come to its end, or to a wrong one,
 * begins anew at genesis, so that whoever ends it has given all of it. */
static void heads_of_many_steps(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger restless = restless_open();
    AUTO(buf_free) struct buf rest = {0};
    struct lie lie;
    struct head next;
    lie_open(&lie, &restless, app_height(restless.app));
    struct attempt *attempt = &lie.attempt;
    assert_int_equal(lie.head.more, 1);
    assert_in_range(lie.head.steps, 100, RESTLESS_CHANGES - 1);
    lie.head.steps--;
    lie_expect(&lie, ERR_ENCODING);
    attempt_take(attempt);
    assert_true(attempt_next(attempt));
    assert_true(restore_goes_on(&attempt->part));
    buf_append_view(&rest, view_of_buf(&attempt->payload));
    read_head(&next, view_of_buf(&rest));
    assert_int_equal(next.more, 0);
    restore_again(attempt->restore, &attempt->part); /* who gave the first is gone */
    assert_true(attempt_next(attempt));
    assert_false(restore_goes_on(&attempt->part));
    read_head(&lie.head, view_of_buf(&attempt->payload));
    head_leave_out_two(&lie.head, &next);
    write_head(&lie.wrong, &lie.head);
    assert_int_equal(attempt_try(attempt, view_of_buf(&lie.wrong)), 0);
    assert_true(attempt_next(attempt));
    assert_true(restore_goes_on(&attempt->part));
    assert_int_equal(attempt_try(attempt, view_of_buf(&attempt->payload)), ERR_VALIDATORS);
    assert_true(attempt_next(attempt));
    assert_false(restore_goes_on(&attempt->part));
    lie_close(&lie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_without_a_quorum_are_refused),
        cmocka_unit_test(validator_sets_are_walked_to),
        cmocka_unit_test(steps_that_come_to_nothing_are_not_left_out),
        cmocka_unit_test(steps_before_the_last_are_not_left_out),
        cmocka_unit_test(snapshots_may_stand_at_a_change),
        cmocka_unit_test(a_false_certificate_beside_the_step_is_not_kept),
        cmocka_unit_test(a_history_other_than_the_known_one_is_refused),
        cmocka_unit_test(windows_name_the_sets_walked_to),
        cmocka_unit_test(heads_of_many_steps),
    };
    return cmocka_run_group_tests(tests, source_make, source_drop);
}
