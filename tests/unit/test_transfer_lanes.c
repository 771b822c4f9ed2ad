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

static void step(unsigned provider, int64_t now_ms, int64_t took_ms)
{
    struct transfer *transfer = take(provider, now_ms);
    lanes_end(transfer, took_ms);
    transfer->next_ms = now_ms + took_ms;
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

static void one_lane_leaves_a_thread(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(enter(1, i), 0);
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
    struct transfer *quick = take(3, 10);
    lanes_end(quick, SLOW_MS - 1);
    quick->next_ms = 10;
    (void)take(3, 10);
    lanes_end(slow, SLOW_MS);
    slow->next_ms = 10000;
    slow = take(1, 11); /* in turn */
    take(0, 11);
    lanes_end(slow, SLOW_MS - 1); /* it answers again, and has two threads */
    (void)take(2, 12);
    (void)take(1, 12);
    (void)take(1, 12);
    take(0, 12);
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
        cmocka_unit_test_teardown(one_lane_leaves_a_thread, empty),
        cmocka_unit_test_teardown(slow_lanes_share_a_thread, empty),
        cmocka_unit_test_teardown(when_to_look_again, empty),
    };
    return cmocka_run_group_tests_name("transfer_lanes", tests, NULL, NULL);
}
