/* Two arrays of jobs: producers fill one under the lock, the loop takes it whole and leaves the
 * other. No lock is held while a job runs. */
#include "node/inbox.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "node/wake.h"

#include <pthread.h>
#include <stdbool.h>

struct job {
    inbox_run run;
    void *argument;
};

struct inbox {
    struct wake wake;
    pthread_mutex_t lock;
    struct job *filling; /* under the lock */
    size_t count;
    bool closed;
    struct job *draining; /* the loop's */
    size_t capacity;
};

static void drain(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    struct job *jobs = inbox->filling;
    size_t count = inbox->count;
    inbox->filling = inbox->draining;
    inbox->draining = jobs;
    inbox->count = 0;
    pthread_mutex_unlock(&inbox->lock);
    for (size_t i = 0; i < count; i++) {
        jobs[i].run(jobs[i].argument);
    }
}

static void on_wake(void *context)
{
    drain(context);
}

int inbox_open(struct inbox **out, uv_loop_t *loop, size_t capacity)
{
    struct inbox *inbox = memory_alloc(sizeof *inbox);
    *out = NULL;
    if (wake_open(&inbox->wake, loop, on_wake, inbox) != 0) {
        memory_free(inbox);
        return ERR_UNAVAILABLE;
    }
    ENSURE(pthread_mutex_init(&inbox->lock, NULL) == 0);
    inbox->capacity = capacity;
    inbox->filling = memory_alloc(capacity * sizeof *inbox->filling);
    inbox->draining = memory_alloc(capacity * sizeof *inbox->draining);
    *out = inbox;
    return 0;
}

int inbox_post(struct inbox *inbox, inbox_run run, void *argument)
{
    pthread_mutex_lock(&inbox->lock);
    bool taken = !inbox->closed && inbox->count < inbox->capacity;
    if (taken) {
        inbox->filling[inbox->count++] = (struct job){run, argument};
        if (inbox->count == 1) {     /* otherwise the loop is on its way */
            wake_send(&inbox->wake); /* under the lock, so that close cannot come between */
        }
    }
    pthread_mutex_unlock(&inbox->lock);
    return taken ? 0 : ERR_UNAVAILABLE;
}

void inbox_close(struct inbox *inbox)
{
    pthread_mutex_lock(&inbox->lock);
    bool was_closed = inbox->closed;
    inbox->closed = true;
    pthread_mutex_unlock(&inbox->lock);
    if (!was_closed) {
        drain(inbox);
        wake_close(&inbox->wake);
    }
}

void inbox_free(struct inbox **inbox)
{
    if (*inbox == NULL) {
        return;
    }
    pthread_mutex_destroy(&(*inbox)->lock);
    memory_free((*inbox)->filling);
    memory_free((*inbox)->draining);
    memory_free(*inbox);
    *inbox = NULL;
}
