/* Node time: the wall clock, plus an offset that only a chain marked test has. The offset is kept
 * in the data directory: a restarted node must not fall behind a chain whose days have passed. */
#ifndef DIRCHAIN_NODE_CLOCK_H
#define DIRCHAIN_NODE_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define CLOCK_ADVANCE_MS_MAX INT64_C(315360000000) /* ten years at once */

struct node_clock {
    _Atomic int64_t offset_ms;
    bool test;
    char path[600];
};

/* ERR_IO, ERR_CORRUPT, ERR_TEST_ONLY (an offset is stored but the chain is not marked test),
 * ERR_FIELD_LENGTH (directory). */
int node_clock_open(struct node_clock *out, const char *data_directory, bool test);
int64_t node_clock_now_ms(const struct node_clock *clock); /* any thread */
/* Moves time forward, durably. One thread at a time. ERR_TEST_ONLY, ERR_FIELD_RANGE (negative,
 * or more than CLOCK_ADVANCE_MS_MAX), ERR_IO, ERR_DISK_FULL. */
int node_clock_advance(struct node_clock *clock, int64_t by_ms);

#endif
