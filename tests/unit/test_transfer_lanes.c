/* Shares of a consumer's transfers and the turns of its threads: neither a provider that is silent
 * nor a grant under which much is fetched keeps the others waiting. */
#include "check.h"

#include "base/errors.h"
#include "base/limits.h"
#include "exchange/transfer_lanes.h"

#include <stdio.h>
#include <string.h>

static struct transfer *first;
static struct lanes lanes;

static void name_provider(char out[MEMBER_ID_CHARS + 1], unsigned provider)
{
    (void)snprintf(out, MEMBER_ID_CHARS + 1, "P%05u", provider);
}

/* 0 and on the list, or why not. */
static int enter(unsigned provider, unsigned grant)
{
    char id[MEMBER_ID_CHARS + 1], text[32];
    name_provider(id, provider);
    (void)snprintf(text, sizeof text, "%u/%u", provider, grant);
    int error = lanes_check(first, id, text);
    if (error != 0)
        return error;
    struct transfer *transfer = transfer_new();
    memcpy(transfer->provider, id, sizeof id);
    transfer->body = doc_new_object();
    doc_set_text(transfer->body, "grant", text);
    transfer->lane = lanes_of(&lanes, id);
    transfer->next = first;
    first = transfer;
    return 0;
}

static size_t fill(unsigned provider, unsigned grant)
{
    size_t count = 0;
    while (enter(provider, grant) == 0)
        count++;
    return count;
}

static int empty(void **state)
{
    (void)state;
    while (first != NULL) {
        struct transfer *transfer = first;
        first = transfer->next;
        transfer_free(transfer);
    }
    lanes_free(&lanes);
    lanes = (struct lanes){0};
    return 0;
}

/* ---- shares ---- */

/* However much is fetched under some grants: one with nothing at work finds a place. */
static void grants_of_one_provider(void **state)
{
    (void)state;
    size_t before = TRANSFERS_PROVIDER_MAX, all = 0;
    unsigned grant = 0;
    for (; all < TRANSFERS_PROVIDER_MAX; grant++) {
        size_t count = fill(1, grant);
        assert_true(count >= 1 && count <= before);
        assert_true(grant > 0 || count <= TRANSFERS_PROVIDER_MAX / 2);
        before = count;
        all += count;
    }
    assert_true(grant >= 6);
    assert_int_equal(enter(1, grant), ERR_TRANSFER_SHARE);
    assert_int_equal(enter(2, 0), 0);
    first->next->state = TRANSFER_FAILED; /* what is over takes no place */
    assert_int_equal(enter(1, grant), 0);
}

static void many_providers(void **state)
{
    (void)state;
    size_t all = 0;
    unsigned provider = 0;
    for (; all < TRANSFERS_MAX; provider++) {
        size_t before = all;
        for (unsigned grant = 0; grant < TRANSFERS_PROVIDER_MAX; grant++)
            all += fill(provider, grant);
        assert_in_range(all - before, 1, TRANSFERS_PROVIDER_MAX);
    }
    assert_true(provider >= 20);
    for (; provider < 2 * TRANSFERS_MAX; provider++) {
        assert_int_equal(enter(provider, 0), 0);
        assert_int_equal(enter(provider, 1), ERR_TRANSFER_FULL);
    }
    assert_int_equal(enter(0, 99), ERR_TRANSFER_FULL);
    for (struct transfer *at = first; at != NULL; at = at->next)
        if (strcmp(at->provider, "P00000") != 0)
            at->state = TRANSFER_COMPLETE; /* what is over takes no place */
    assert_int_equal(enter(0, 99), ERR_TRANSFER_SHARE);
    assert_int_equal(enter(1, 99), 0);
}

/* ---- turns ---- */

/* A thread takes the next one; NULL if `provider` is 0, else one of that provider. */
static struct transfer *take(unsigned provider, int64_t now_ms)
{
    int64_t wait_ms;
    char id[MEMBER_ID_CHARS + 1];
    struct transfer *next = lanes_next(&lanes, first, now_ms, &wait_ms);
    if (provider == 0) {
        assert_null(next);
        return NULL;
    }
    name_provider(id, provider);
    assert_non_null(next);
    assert_string_equal(next->provider, id);
    lanes_begin(&lanes, next);
    return next;
}

static void end(struct transfer *transfer, int64_t next_ms, int64_t took_ms)
{
    lanes_heard(transfer, took_ms, took_ms < SLOW_MS);
    lanes_end(transfer);
    transfer->next_ms = next_ms;
}

static void step(unsigned provider, int64_t now_ms, int64_t took_ms)
{
    end(take(provider, now_ms), now_ms + took_ms, took_ms);
}

/* Twelve from one provider and one each from two others: every third turn is each one's. */
static void turns(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 12; i++)
        assert_int_equal(enter(1, i), 0);
    for (int64_t i = 0; i < 12; i++)
        step(1, i, 0);
    assert_int_equal(enter(2, 0), 0);
    assert_int_equal(enter(3, 0), 0);
    first->next_ms = first->next->next_ms = 12; /* not before the others */
    first->lane->turn = 1;                      /* provider 2 comes before provider 3 */
    for (int64_t i = 20; i < 32; i += 3) {
        step(2, i, 0);
        step(3, i + 1, 0);
        step(1, i + 2, 0);
    }
}

static void one_lane_leaves_threads(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(enter(1, i), 0);
    struct transfer *known = take(1, 0);
    take(0, 0); /* nothing is known of it */
    end(known, 0, SLOW_MS - 1);
    for (unsigned i = 0; i < LANE_MOVERS; i++)
        (void)take(1, 0);
    take(0, 0);
    assert_int_equal(enter(2, 0), 0);
    (void)take(2, 0);
}

/* Forty transfers from two providers that let every question run out take one thread. */
static void slow_lanes_share_a_thread(void **state)
{
    (void)state;
    for (unsigned provider = 1; provider <= 2; provider++)
        for (unsigned i = 0; i < 20; i++)
            assert_int_equal(enter(provider, i), 0);
    step(2, 0, SLOW_MS); /* the newest first: all waited equally long */
    step(1, 1, SLOW_MS);
    struct transfer *slow = take(2, 10);
    take(0, 10);
    assert_int_equal(enter(3, 0), 0);
    end(take(3, 10), 10, SLOW_MS - 1);
    (void)take(3, 10);
    end(slow, 10000, SLOW_MS);
    slow = take(1, 11); /* in turn */
    take(0, 11);
    end(slow, 10000, SLOW_MS - 1); /* it answers again, and has two threads */
    (void)take(2, 12);
    (void)take(1, 12);
    (void)take(1, 12);
    take(0, 12);
}

/* Neither a step that asks nobody nor a question that fails at once makes a lane another. */
static void only_answers_count(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(enter(1, i), 0);
    for (int64_t now_ms = 0; now_ms < 2; now_ms++) { /* new, then slow */
        struct transfer *transfer = take(1, now_ms);
        take(0, now_ms);
        lanes_end(transfer);
        transfer = take(1, now_ms);
        lanes_heard(transfer, 0, false);
        lanes_end(transfer);
        transfer = take(1, now_ms);
        take(0, now_ms);
        end(transfer, now_ms, SLOW_MS);
    }
    struct transfer *transfer = take(1, 2); /* the last question of a step is the one */
    lanes_heard(transfer, SLOW_MS, true);
    end(transfer, 2, SLOW_MS - 1);
    transfer = take(1, 2);
    (void)take(1, 2);
    lanes_end(transfer); /* it stays quick, too */
    (void)take(1, 2);
}

/* New providers, however many, have some of the threads, each one. */
static void new_lanes_leave_threads(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(enter(99, i), 0);
    step(99, 0, 0);
    for (unsigned provider = 1; provider <= 2 * UNPROVEN_MOVERS; provider++)
        for (unsigned i = 0; i < 2; i++)
            assert_int_equal(enter(provider, i), 0);
    for (unsigned i = 0; i < UNPROVEN_MOVERS; i++)
        (void)take(2 * UNPROVEN_MOVERS - i, 1);
    for (unsigned i = 0; i < LANE_MOVERS; i++)
        (void)take(99, 1);
    take(0, 1);
}

/* ---- all of it, for ten minutes ---- */

#define SILENCE_MS 20000
#define BY_TURNS 3 /* providers 1 and 2 never answer, this one does for every second minute */

struct mover {
    struct transfer *transfer;
    int64_t end_ms;
    int64_t took_ms; /* its question; -1: it asks nobody */
};

/* How long a step takes that begins now. */
static int64_t question_ms(const struct transfer *transfer, int64_t now_ms)
{
    unsigned provider = (unsigned)(transfer->provider[5] - '0');
    if (transfer->state == TRANSFER_OPENING)
        return -1;
    return provider < BY_TURNS || (provider == BY_TURNS && now_ms / 60000 % 2 == 1) ? SILENCE_MS
                                                                                    : 10;
}

static void mover_go_on(struct mover *mover, int64_t now_ms)
{
    int64_t wait_ms;
    if (mover->transfer != NULL && mover->end_ms <= now_ms) {
        struct transfer *transfer = mover->transfer;
        if (mover->took_ms >= 0)
            lanes_heard(transfer, mover->took_ms, mover->took_ms < SILENCE_MS);
        lanes_end(transfer);
        transfer->next_ms = now_ms + (mover->took_ms == 10 ? 1 : 500);
        mover->transfer = NULL;
    }
    if (mover->transfer == NULL &&
        (mover->transfer = lanes_next(&lanes, first, now_ms, &wait_ms)) != NULL) {
        mover->took_ms = question_ms(mover->transfer, now_ms);
        mover->end_ms = now_ms + (mover->took_ms < 0 ? 1 : mover->took_ms);
        lanes_begin(&lanes, mover->transfer);
    }
}

/* Providers that are silent, each with much to ask of them and with steps that ask nobody, and one
 * that is silent by turns: who answers is asked without a pause, from the first question on. */
static void the_silent_keep_nobody_waiting(void **state)
{
    (void)state;
    struct mover movers[MOVERS] = {0};
    assert_int_equal(enter(BY_TURNS + 1, 0), 0);
    struct transfer *good = first; /* the last of those that have waited equally long */
    good->state = TRANSFER_WAITING;
    for (unsigned provider = 1; provider <= BY_TURNS; provider++) {
        for (unsigned i = 0; i < 6; i++) {
            assert_int_equal(enter(provider, i), 0);
            first->state = i < 2 ? TRANSFER_OPENING : TRANSFER_WAITING;
        }
    }
    int64_t asked_ms = 0;
    for (int64_t now_ms = 0; now_ms < 600000; now_ms++) {
        for (struct transfer *at = first; now_ms % 1000 == 0 && at != NULL; at = at->next)
            at->next_ms = at->state == TRANSFER_OPENING ? 0 : at->next_ms; /* a block */
        for (size_t i = 0; i < MOVERS; i++)
            mover_go_on(&movers[i], now_ms);
        asked_ms = good->busy ? now_ms : asked_ms;
        assert_in_range(now_ms - asked_ms, 0, 100);
    }
}

static void when_to_look_again(void **state)
{
    (void)state;
    int64_t wait_ms;
    assert_null(lanes_next(&lanes, first, 5, &wait_ms));
    assert_int_equal(wait_ms, LANE_IDLE_MS);
    assert_int_equal(enter(1, 0), 0);
    first->next_ms = 105;
    assert_null(lanes_next(&lanes, first, 5, &wait_ms));
    assert_int_equal(wait_ms, 100);
    first->state = TRANSFER_EXPIRED;
    assert_null(lanes_next(&lanes, first, 105, &wait_ms));
    assert_int_equal(wait_ms, LANE_IDLE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(grants_of_one_provider, empty),
        cmocka_unit_test_teardown(many_providers, empty),
        cmocka_unit_test_teardown(turns, empty),
        cmocka_unit_test_teardown(one_lane_leaves_threads, empty),
        cmocka_unit_test_teardown(slow_lanes_share_a_thread, empty),
        cmocka_unit_test_teardown(only_answers_count, empty),
        cmocka_unit_test_teardown(new_lanes_leave_threads, empty),
        cmocka_unit_test_teardown(the_silent_keep_nobody_waiting, empty),
        cmocka_unit_test_teardown(when_to_look_again, empty),
    };
    return cmocka_run_group_tests_name("transfer_lanes", tests, NULL, NULL);
}
