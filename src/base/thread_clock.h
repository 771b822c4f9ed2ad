/* What the calling thread has cost: processor time, apart from the clocks of the world
 * (civil.h). */
#ifndef DIRCHAIN_BASE_THREAD_CLOCK_H
#define DIRCHAIN_BASE_THREAD_CLOCK_H

#include <stdint.h>

int64_t clock_thread_us(void);

#endif
