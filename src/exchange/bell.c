/* A bell: condition variable on the monotonic clock. */
#include "exchange/bell.h"

#include "base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

struct bell {
    atomic_int references;
    pthread_mutex_t lock;
    pthread_cond_t rings;
    bool rung;
};

struct bell *bell_new(void)
{
    struct bell *bell = memory_alloc(sizeof *bell);
    pthread_condattr_t attributes;
    atomic_init(&bell->references, 1);
    (void)pthread_mutex_init(&bell->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&bell->rings, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return bell;
}

struct bell *bell_ref(struct bell *bell)
{
    atomic_fetch_add(&bell->references, 1);
    return bell;
}

void bell_free(struct bell **bell)
{
    if (*bell != NULL && atomic_fetch_sub(&(*bell)->references, 1) == 1) {
        (void)pthread_cond_destroy(&(*bell)->rings);
        (void)pthread_mutex_destroy(&(*bell)->lock);
        memory_free(*bell);
    }
    *bell = NULL;
}

void bell_ring(struct bell *bell)
{
    pthread_mutex_lock(&bell->lock);
    bell->rung = true;
    pthread_cond_signal(&bell->rings);
    pthread_mutex_unlock(&bell->lock);
}

void bell_wait(struct bell *bell, int64_t at_most_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(at_most_ms / 1000);
    until.tv_nsec += (long)(at_most_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&bell->lock);
    int error = 0;
    while (!bell->rung && error != ETIMEDOUT) {
        error = pthread_cond_timedwait(&bell->rings, &bell->lock, &until);
    }
    bell->rung = false;
    pthread_mutex_unlock(&bell->lock);
}
