/* Shares of a provider's deliveries and the preparer's turns: no consumer keeps the others out. */
#include "check.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "exchange/delivery_share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct delivery *first;
static unsigned serial;

static struct delivery *fresh(unsigned member, unsigned grant)
{
    struct delivery *delivery = delivery_new();
    (void)snprintf(delivery->open.consumer, sizeof delivery->open.consumer, "M%05u", member);
    (void)snprintf(delivery->grant, sizeof delivery->grant, "%u/%u", member, grant);
    delivery->unprepared = true;
    delivery->served = serial++; /* tells them apart */
    return delivery;
}

/* 0 and on the list, or why not. */
static int enter(unsigned member, unsigned grant)
{
    struct delivery *delivery = fresh(member, grant);
    int error = delivery_share_check(first, delivery);
    if (error == 0) {
        delivery->next = first;
        first = delivery;
    } else {
        delivery_free(delivery);
    }
    return error;
}

/* How many a member gets that asks for as many as it can, over many grants. */
static size_t fill(unsigned member)
{
    size_t count = 0;
    while (enter(member, (unsigned)count / DELIVERIES_GRANT_MAX) == 0)
        count++;
    return count;
}

static int empty(void **state)
{
    (void)state;
    while (first != NULL) {
        struct delivery *delivery = first;
        first = delivery->next;
        delivery_free(delivery);
    }
    serial = 0;
    return 0;
}

static void one_grant(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DELIVERIES_GRANT_MAX; i++)
        assert_int_equal(enter(1, 1), 0);
    assert_int_equal(enter(1, 1), ERR_DELIVERY_SHARE);
    assert_int_equal(enter(1, 2), 0);
}

static void one_member(void **state)
{
    (void)state;
    assert_int_equal(fill(1), DELIVERIES_MEMBER_MAX);
    assert_int_equal(enter(1, 77), ERR_DELIVERY_SHARE);
    assert_int_equal(enter(2, 1), 0);
}

/* However many consumers take all they can get: whoever comes next and has none has a place. */
static void many_members(void **state)
{
    (void)state;
    size_t before = DELIVERIES_MAX, all = 0;
    unsigned member = 0;
    for (; all < DELIVERIES_MAX; member++) {
        size_t count = fill(member);
        assert_true(count >= 1 && count <= before);
        before = count;
        all += count;
    }
    assert_true(member >= 20);
    for (; member < 2 * DELIVERIES_MAX; member++) {
        assert_int_equal(enter(member, 1), 0);
        assert_int_equal(enter(member, 2), ERR_DELIVERY_FULL);
    }
    assert_int_equal(enter(0, 77), ERR_DELIVERY_FULL);
}

static void take_next(char member[MEMBER_ID_CHARS + 1], unsigned expected, size_t number)
{
    struct delivery *next = delivery_share_next(first, member);
    assert_non_null(next);
    (void)snprintf(member, MEMBER_ID_CHARS + 1, "%s", next->open.consumer);
    assert_int_equal(strtoul(member + 1, NULL, 10), expected);
    assert_int_equal(next->served, number);
    next->unprepared = false;
}

/* Ten of one member do not stand before the one of another; a member's own keep their order. */
static void turns(void **state)
{
    (void)state;
    char last[MEMBER_ID_CHARS + 1] = "";
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(enter(5, 1), 0); /* numbers 0 … 9 */
    assert_int_equal(enter(7, 1), 0);     /* 10 */
    assert_int_equal(enter(2, 1), 0);     /* 11 */
    assert_int_equal(enter(2, 1), 0);     /* 12 */
    take_next(last, 2, 11);
    take_next(last, 5, 0);
    take_next(last, 7, 10);
    take_next(last, 2, 12);
    for (unsigned i = 1; i < 10; i++)
        take_next(last, 5, i);
    assert_null(delivery_share_next(first, last));
}

/* One that asks all the time and one that comes when it was told have chunk about. */
static void rate(void **state)
{
    (void)state;
    assert_int_equal(enter(5, 1), 0);
    struct delivery *eager = first;
    assert_int_equal(enter(5, 2), 0);
    first->wants_until_us = 1000; /* its own do not keep a member waiting */
    assert_false(delivery_share_yields(first, "M00005", "M00005", 0));
    for (unsigned patient = 2; patient <= 7; patient += 5) { /* on either side in the ring */
        assert_int_equal(enter(patient, 1), 0);
        struct delivery *other = first;
        other->wants_until_us = eager->wants_until_us = 100;
        assert_true(delivery_share_yields(first, "M00005", "M00005", 99));
        assert_false(delivery_share_yields(first, other->open.consumer, "M00005", 99));
        assert_true(delivery_share_yields(first, other->open.consumer, other->open.consumer, 99));
        assert_false(delivery_share_yields(first, "M00005", other->open.consumer, 99));
        assert_false(delivery_share_yields(first, "M00005", "M00005", 100)); /* it stays away */
        other->wants_until_us = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(one_grant, empty),
        cmocka_unit_test_teardown(one_member, empty),
        cmocka_unit_test_teardown(many_members, empty),
        cmocka_unit_test_teardown(turns, empty),
        cmocka_unit_test_teardown(rate, empty),
    };
    return cmocka_run_group_tests_name("delivery_share", tests, NULL, NULL);
}
