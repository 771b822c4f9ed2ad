/* Processor time of a thread. Apart from the other clocks, as those are apart from what is pure. */
#include "base/thread_clock.h"

#include "base/ensure.h"

#include <time.h>

int64_t clock_thread_us(void)
{
    struct timespec used;
    ENSURE(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) == 0);
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}
