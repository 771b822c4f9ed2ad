/* The two clocks. Apart from civil.c, so that what is pure stays visibly so. */
#include "base/civil.h"

#include "base/ensure.h"

#include <time.h>

static int64_t read_clock_us(clockid_t clock)
{
    struct timespec now;
    ENSURE(clock_gettime(clock, &now) == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_ms(void)
{
    return read_clock_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_monotonic_ms(void)
{
    return read_clock_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_monotonic_us(void)
{
    return read_clock_us(CLOCK_MONOTONIC);
}
