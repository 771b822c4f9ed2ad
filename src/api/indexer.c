/* The indexer's thread.
 *
 *   wait for a block ──► a transaction of the model: blocks until the tip, or for BATCH_MS ──► wake
 *        ▲                     │ error: undone; a damaged model is begun anew; then a pause   who
 * waits └─────────────────────┘
 *
 * It runs with the lowest priority, because the machine's time belongs to the chain, and where it
 * had to wait for its turn it rests: under load the lists fall behind, and say so. (A scheduling
 * class that runs only when nobody else wants to would do the same, but might be kept from going on
 * with a lock in its hand that the chain waits for.) */
#include "api/indexer.h"

#include "api/index_block.h"
#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread_clock.h"
#include "chain/store.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define BATCH_MS 200
#define PAUSE_MS 5000 /* after an error */
#define POLL_MS 50    /* while somebody waits */
#define REST_TIMES 16 /* as long as a batch had to wait */
#define REST_MS_MAX 20000

struct waiter {
    uint64_t height;
    int64_t until_ms;
    struct http_request *request;
    void (*then)(void *argument, struct http_request *request);
    void *argument;
};

struct indexer {
    const struct api_backend *backend;
    struct events *events;
    struct read_model *model;
    struct index_memory *memory;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    uint64_t target;
    bool stopping, rebuild;
    bool rebuilding; /* until the newest block is reached again */
    bool checked;    /* against the store, once at least */
    struct waiter waiters[INDEX_WAITERS_MAX];
    size_t waiter_count;
};

/* ---- blocks ---- */

static int index_stored(struct indexer *indexer, const struct store_view *view, uint64_t height)
{
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *block = NULL;
    AUTO(doc_free) struct doc *acts = NULL;
    int error = store_read_block_bytes(&bytes, view, height);
    if (!error)
        error = block_decode(&block, NULL, view_of_buf(&bytes), &view->genesis);
    if (!error)
        error = store_read_acts(&acts, view, height);
    if (!error)
        error = index_block(indexer->model, indexer->memory, view, block, acts);
    return error;
}

static int index_height(struct indexer *indexer, const struct store_view *view, uint64_t height)
{
    AUTO(block_free) struct block *block = NULL;
    AUTO(doc_free) struct doc *acts = NULL;
    if (events_kept(indexer->events, height, &block, &acts))
        return index_block(indexer->model, indexer->memory, view, block, acts);
    return index_stored(indexer, view, height);
}

/* The model is of this chain but not of this store's past: the store was put back, or is another
 * one, from a snapshot. */
static bool model_strayed(struct indexer *indexer, const struct store_view *view)
{
    uint64_t height = read_model_height(indexer->model);
    struct hash known, here;
    struct header header;
    if (height == 0)
        return false;
    if (height + 1 < view->first_block) /* nor would it ever know the blocks between */
        return true;
    if (height > view->height || read_model_tip(&known, indexer->model) != 0 ||
        store_read_header(&header, view, height) != 0)
        return true;
    header_hash(&here, &header);
    return !hash_equal(&known, &here);
}

static int index_range(struct indexer *indexer, const struct store_view *view)
{
    uint64_t height = read_model_height(indexer->model);
    uint64_t since = read_model_since(indexer->model);
    int64_t until_ms = clock_monotonic_ms() + BATCH_MS;
    struct header header = {0};
    struct hash hash;
    int error = read_model_begin(indexer->model);
    if (!error && height == 0) {
        since = view->first_block;
        height = since - 1; /* the blocks before are not here */
        error = since > 1 ? index_state(indexer->model, view) : index_genesis(indexer->model, view);
    }
    /* Genesis alone is no height to stop at: it has no header. */
    while (!error && height < view->height && (height < since || clock_monotonic_ms() < until_ms))
        error = index_height(indexer, view, ++height);
    if (!error)
        error = store_read_header(&header, view, height);
    if (error) {
        read_model_rollback(indexer->model);
        return error;
    }
    header_hash(&hash, &header);
    return read_model_commit(indexer->model, since, height, &hash);
}

static int index_some(struct indexer *indexer)
{
    AUTO(store_view_close) struct store_view view = {0};
    int error = store_view_open(&view, indexer->backend->kv);
    if (error || view.height == 0)
        return error;
    if (model_strayed(indexer, &view))
        error = read_model_reset(indexer->model);
    return error || read_model_height(indexer->model) == view.height ? error
                                                                     : index_range(indexer, &view);
}

/* ---- those who wait ---- */

/* Takes out one whose time has come. */
static bool take_waiter(struct waiter *out, struct indexer *indexer, int64_t now_ms)
{
    uint64_t height = read_model_height(indexer->model);
    for (size_t i = 0; i < indexer->waiter_count; i++) {
        struct waiter *waiter = &indexer->waiters[i];
        if (waiter->height > height && waiter->until_ms > now_ms && !indexer->stopping)
            continue;
        *out = *waiter;
        *waiter = indexer->waiters[--indexer->waiter_count];
        return true;
    }
    return false;
}

static void wake_waiters(struct indexer *indexer)
{
    struct waiter waiter;
    while (take_waiter(&waiter, indexer, clock_monotonic_ms())) {
        pthread_mutex_unlock(&indexer->lock);
        http_continue(waiter.request, waiter.then, waiter.argument);
        pthread_mutex_lock(&indexer->lock);
    }
}

void indexer_wait(struct indexer *indexer, uint64_t height, struct http_request *request,
                  void (*then)(void *argument, struct http_request *request), void *argument)
{
    pthread_mutex_lock(&indexer->lock);
    bool wait = indexer->waiter_count < INDEX_WAITERS_MAX && !indexer->stopping;
    if (wait)
        indexer->waiters[indexer->waiter_count++] =
            (struct waiter){height, clock_monotonic_ms() + INDEX_WAIT_MS, request, then, argument};
    pthread_cond_signal(&indexer->changed);
    pthread_mutex_unlock(&indexer->lock);
    if (!wait)
        then(argument, request);
}

/* ---- the thread ---- */

static void wait_ms(struct indexer *indexer, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&indexer->changed, &indexer->lock, &until);
}

static void recover(struct indexer *indexer, int error)
{
    log_write(LOG_WARN, "explorer", "the read model stopped at height %llu: %s",
              (unsigned long long)read_model_height(indexer->model), error_english(error));
    if (error == ERR_CORRUPT && read_model_reset(indexer->model) == 0)
        log_write(LOG_WARN, "explorer", "the read model is built anew");
}

static int64_t processor_ms(void)
{
    return clock_thread_us() / 1000;
}

/* Unless somebody waits for the lists, or comes to. */
static void rest(struct indexer *indexer, int64_t waited_ms)
{
    int64_t rest_ms = waited_ms < REST_MS_MAX / REST_TIMES ? waited_ms * REST_TIMES : REST_MS_MAX;
    int64_t until_ms = clock_monotonic_ms() + rest_ms;
    int64_t left_ms = rest_ms;
    while (left_ms > 0 && !indexer->stopping && !indexer->rebuild && indexer->waiter_count == 0) {
        wait_ms(indexer, left_ms);
        left_ms = until_ms - clock_monotonic_ms();
    }
}

/* Until there is more to do. Who waits is answered in time all the same. */
static void pause_after_error(struct indexer *indexer)
{
    uint64_t target = indexer->target;
    int64_t until_ms = clock_monotonic_ms() + PAUSE_MS;
    int64_t left_ms = PAUSE_MS;
    while (left_ms > 0 && !indexer->stopping && !indexer->rebuild && indexer->target == target) {
        wait_ms(indexer, indexer->waiter_count > 0 && left_ms > POLL_MS ? POLL_MS : left_ms);
        wake_waiters(indexer);
        left_ms = until_ms - clock_monotonic_ms();
    }
}

/* Whether a step is due; who asked for the rebuild is told as soon as none is. */
static bool is_behind(struct indexer *indexer)
{
    bool behind = indexer->rebuild || !indexer->checked ||
                  read_model_height(indexer->model) < indexer->target;
    indexer->rebuilding = indexer->rebuilding && behind;
    return behind;
}

/* One step, with the lock held before and after. */
static void step(struct indexer *indexer)
{
    bool rebuild = indexer->rebuild;
    int64_t began_ms = clock_monotonic_ms() - processor_ms();
    indexer->rebuild = false;
    indexer->checked = true;
    pthread_mutex_unlock(&indexer->lock);
    int error = rebuild ? read_model_reset(indexer->model) : 0;
    if (!error)
        error = index_some(indexer);
    if (error)
        recover(indexer, error);
    int64_t waited_ms = clock_monotonic_ms() - processor_ms() - began_ms;
    pthread_mutex_lock(&indexer->lock);
    (void)is_behind(indexer); /* before it rests */
    if (error)
        pause_after_error(indexer);
    else
        rest(indexer, waited_ms);
}

static void *run(void *context)
{
    struct indexer *indexer = context;
    setpriority(PRIO_PROCESS, (id_t)gettid(), 19); /* of this thread; not granted: no harm */
    pthread_mutex_lock(&indexer->lock);
    while (!indexer->stopping) {
        wake_waiters(indexer);
        if (is_behind(indexer))
            step(indexer);
        else if (indexer->waiter_count > 0)
            wait_ms(indexer, POLL_MS);
        else
            pthread_cond_wait(&indexer->changed, &indexer->lock);
    }
    wake_waiters(indexer);
    pthread_mutex_unlock(&indexer->lock);
    return NULL;
}

/* ---- life ---- */

static uint64_t store_height(struct kv *kv)
{
    struct store_view view = {0};
    if (store_view_open(&view, kv) != 0)
        return 0;
    uint64_t height = view.height;
    store_view_close(&view);
    return height;
}

int indexer_open(struct indexer **out, const char *data_directory,
                 const struct api_backend *backend, struct events *events)
{
    AUTO(buf_free) struct buf path = {0};
    struct read_model *model = NULL;
    buf_append_format(&path, "%s/explorer.sqlite", data_directory);
    int error = read_model_open(&model, buf_text(&path), &backend->genesis_hash);
    if (error)
        return error;
    struct indexer *indexer = memory_alloc(sizeof *indexer);
    pthread_condattr_t attributes;
    ENSURE(pthread_condattr_init(&attributes) == 0);
    ENSURE(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    ENSURE(pthread_mutex_init(&indexer->lock, NULL) == 0);
    ENSURE(pthread_cond_init(&indexer->changed, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
    indexer->backend = backend;
    indexer->events = events;
    indexer->model = model;
    indexer->memory = index_memory_new();
    indexer->target = store_height(backend->kv);
    ENSURE(pthread_create(&indexer->thread, NULL, run, indexer) == 0);
    *out = indexer;
    return 0;
}

void indexer_close(struct indexer **pointer)
{
    struct indexer *indexer = *pointer;
    if (!indexer)
        return;
    pthread_mutex_lock(&indexer->lock);
    indexer->stopping = true;
    pthread_cond_signal(&indexer->changed);
    pthread_mutex_unlock(&indexer->lock);
    /* At its end it answers who still waits, who asks the API for the indexer. */
    pthread_join(indexer->thread, NULL);
    *pointer = NULL;
    index_memory_free(&indexer->memory);
    read_model_close(&indexer->model);
    pthread_mutex_destroy(&indexer->lock);
    pthread_cond_destroy(&indexer->changed);
    memory_free(indexer);
}

struct read_model *indexer_model(struct indexer *indexer)
{
    return indexer->model;
}

void indexer_committed(struct indexer *indexer, uint64_t height)
{
    pthread_mutex_lock(&indexer->lock);
    indexer->target = height;
    pthread_cond_signal(&indexer->changed);
    pthread_mutex_unlock(&indexer->lock);
}

int indexer_failed(struct indexer *indexer, int error)
{
    if (error != ERR_CORRUPT)
        return error;
    log_write(LOG_WARN, "explorer", "the read model is damaged; it is built anew");
    indexer_rebuild(indexer);
    return ERR_UNAVAILABLE;
}

void indexer_rebuild(struct indexer *indexer)
{
    pthread_mutex_lock(&indexer->lock);
    indexer->rebuild = true;
    indexer->rebuilding = true;
    pthread_cond_signal(&indexer->changed);
    pthread_mutex_unlock(&indexer->lock);
}

bool indexer_rebuilding(struct indexer *indexer)
{
    pthread_mutex_lock(&indexer->lock);
    bool rebuilding = indexer->rebuilding;
    pthread_mutex_unlock(&indexer->lock);
    return rebuilding;
}
