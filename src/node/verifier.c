/* Queue and workers.
 *
 * The loop fills the queue; workers take from it themselves, a few items at a time, so that they go
 * on while the loop executes a block, and urgent items wait for a few others at most. A worker
 * gives its thread back after SHIFT_MAX items: the pool has other work too. What is done collects
 * on a list that one wake hands to the loop.
 *
 * Threads: the lists and `closing` are under `lock`, the keys under their own; everything else
 * belongs to the loop. An item belongs to the list it is on, or to the worker that took it.
 *
 * The keys it knows may be out of date: a signature that fails under one is tried again if the
 * ledger names another now; one that verifies under a key that is no longer in force is refused by
 * execution, which compares the key. */
#include "node/verifier.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "node/verifier_keys.h"
#include "node/wake.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define BUCKETS 16384
#define TAKE_MAX 16   /* items a worker takes at once */
#define SHIFT_MAX 512 /* and before it gives its thread back */
#define BATCH_FULL 32 /* enough to start at once */
#define LINGER_MS 2   /* how long fewer wait for company */
#define WORKER_NICE 5 /* the loop, which decides blocks, goes first */
#define TURNS_MAX 3   /* worker visits of one item: unknown key, then perhaps a changed one */

enum place { PLACE_NONE, PLACE_QUEUE, PLACE_WORKER };

/* Verdict of a worker that needs the loop: never leaves this file. */
#define NEEDS_KEY (-1)

struct list {
    struct verify_item *first, *last;
    size_t count;
};

/* A worker's time at the queue. */
struct shift {
    uv_work_t work;
    struct verifier *verifier;
};

struct verifier {
    uv_loop_t *loop;
    uv_timer_t linger;
    struct wake finished;
    struct hash genesis;
    verifier_key key;
    void *key_context;
    unsigned threads;
    unsigned shifts; /* at the pool, running or about to */
    pthread_mutex_t lock;
    struct list queue[VERIFY_KINDS], done;
    bool own_next; /* of what is not urgent */
    bool closing;
    size_t items; /* added and not given back */
    size_t bytes;
    struct verifier_stats stats;
    struct verifier_keys *keys;
    struct verify_item *bucket[BUCKETS];
};

unsigned verifier_pool_size(unsigned configured)
{
    unsigned cores = uv_available_parallelism();
    unsigned threads = configured > 0 ? configured : cores > 1 ? cores - 1 : 1;
    char text[16];
    snprintf(text, sizeof text, "%u", threads);
    setenv("UV_THREADPOOL_SIZE", text, 1);
    return threads;
}

struct verify_item *verify_item_new(void)
{
    return memory_alloc(sizeof(struct verify_item));
}

void verify_item_free(struct verify_item **item)
{
    if (*item != NULL) {
        buf_free(&(*item)->raw);
        tx_free(&(*item)->tx);
        memory_free(*item);
        *item = NULL;
    }
}

/* ---- lists and the index by txid ---- */

static void list_append(struct list *list, struct verify_item *item)
{
    item->next = NULL;
    item->previous = list->last;
    *(list->last != NULL ? &list->last->next : &list->first) = item;
    list->last = item;
    list->count++;
}

static void list_remove(struct list *list, struct verify_item *item)
{
    *(item->previous != NULL ? &item->previous->next : &list->first) = item->next;
    *(item->next != NULL ? &item->next->previous : &list->last) = item->previous;
    list->count--;
}

static size_t item_bytes(const struct verify_item *item)
{
    return item->tx != NULL ? item->tx->raw.len : item->raw.len;
}

static struct verify_item **bucket_of(struct verifier *verifier, const struct hash *txid)
{
    return &verifier->bucket[((size_t)txid->bytes[0] << 8 | txid->bytes[1]) % BUCKETS];
}

static void index_remove(struct verifier *verifier, struct verify_item *item)
{
    struct verify_item **at = bucket_of(verifier, &item->id);
    while (*at != item) {
        at = &(*at)->bucket_next;
    }
    *at = item->bucket_next;
}

/* Under the lock. */
static void enqueue(struct verifier *verifier, struct verify_item *item, enum verify_kind kind)
{
    item->place = PLACE_QUEUE;
    item->kind = (uint8_t)kind;
    list_append(&verifier->queue[kind], item);
}

/* Under the lock. What was submitted here nobody else can propose yet, and what peers sent comes
 * with their proposals anyway: behind a long queue of gossip the former would wait for ever, so the
 * two take turns. */
static struct list *next_list(struct verifier *verifier)
{
    struct list *queue = verifier->queue;
    if (queue[VERIFY_URGENT].count > 0) {
        return &queue[VERIFY_URGENT];
    }
    bool own =
        queue[VERIFY_OWN].count > 0 && (verifier->own_next || queue[VERIFY_GOSSIP].count == 0);
    verifier->own_next = !own;
    return &queue[own ? VERIFY_OWN : VERIFY_GOSSIP];
}

/* Under the lock. */
static struct verify_item *dequeue(struct verifier *verifier)
{
    struct list *list = next_list(verifier);
    struct verify_item *item = list->first;
    if (item != NULL) {
        list_remove(list, item);
        item->place = PLACE_WORKER;
        item->turns++;
    }
    return item;
}

/* ---- workers ---- */

static int verify_one(struct verifier *verifier, struct verify_item *item)
{
    if (item->tx == NULL) {
        int error = tx_parse(&item->tx, NULL, view_of_buf(&item->raw), &verifier->genesis);
        if (error != 0) {
            return error;
        }
    }
    if (!verifier_keys_find(verifier->keys, &item->tried, item->tx)) {
        return NEEDS_KEY;
    }
    return tx_verify(item->tx, &item->tried);
}

static size_t take(struct verifier *verifier, struct verify_item **out)
{
    size_t count = 0;
    pthread_mutex_lock(&verifier->lock);
    while (count < TAKE_MAX && !verifier->closing) {
        out[count] = dequeue(verifier);
        if (out[count] == NULL) {
            break;
        }
        count++;
    }
    pthread_mutex_unlock(&verifier->lock);
    return count;
}

static void give_done(struct verifier *verifier, struct verify_item **items, size_t count)
{
    pthread_mutex_lock(&verifier->lock);
    bool first = verifier->done.count == 0; /* otherwise the loop is on its way */
    for (size_t i = 0; i < count; i++) {
        list_append(&verifier->done, items[i]);
    }
    pthread_mutex_unlock(&verifier->lock);
    if (first) {
        wake_send(&verifier->finished);
    }
}

static void work(uv_work_t *request)
{
    static _Thread_local bool named;
    struct shift *shift = request->data;
    if (!named) {
        named = true;
        (void)setpriority(PRIO_PROCESS, (id_t)gettid(), WORKER_NICE);
        (void)pthread_setname_np(pthread_self(), "verifier"); /* for whoever looks with top -H */
    }
    struct verifier *verifier = shift->verifier;
    struct verify_item *items[TAKE_MAX];
    for (size_t done = 0; done < SHIFT_MAX;) {
        size_t count = take(verifier, items);
        if (count == 0) {
            return;
        }
        for (size_t i = 0; i < count; i++) {
            items[i]->error = verify_one(verifier, items[i]);
        }
        give_done(verifier, items, count);
        done += count;
    }
}

/* ---- the loop's side ---- */

static void pump(struct verifier *verifier);

static void finish(struct verifier *verifier, struct verify_item *item, int error)
{
    index_remove(verifier, item);
    verifier->items--;
    verifier->bytes -= item_bytes(item);
    item->place = PLACE_NONE;
    item->error = error;
    *(error == 0 ? &verifier->stats.verified : &verifier->stats.refused) += 1;
    item->done(item);
}

/* Whether the item goes to the workers again, with what the ledger says now. */
static bool ask_ledger(struct verifier *verifier, struct verify_item *item, int *error)
{
    struct public_key key;
    *error = verifier->key(verifier->key_context, &key, item->tx->member, item->tx->key_name);
    if (*error != 0) {
        return false;
    }
    bool tried =
        item->error == ERR_SIGNATURE && memcmp(key.bytes, item->tried.bytes, sizeof key.bytes) == 0;
    if (tried || item->turns >= TURNS_MAX) {
        *error = ERR_SIGNATURE;
        return false;
    }
    verifier_keys_learn(verifier->keys, item->tx, &key);
    return true;
}

static void judge(struct verifier *verifier, struct verify_item *item)
{
    int error = item->error;
    if (verifier->closing) {
        finish(verifier, item, ERR_UNAVAILABLE);
    } else if ((error == NEEDS_KEY || error == ERR_SIGNATURE) && item->tx != NULL &&
               ask_ledger(verifier, item, &error)) {
        pthread_mutex_lock(&verifier->lock);
        enqueue(verifier, item, VERIFY_URGENT); /* it has had its turn in the queue */
        pthread_mutex_unlock(&verifier->lock);
    } else {
        finish(verifier, item, error);
    }
}

static void judge_done(struct verifier *verifier)
{
    pthread_mutex_lock(&verifier->lock);
    struct verify_item *item = verifier->done.first;
    verifier->done = (struct list){0};
    pthread_mutex_unlock(&verifier->lock);
    verifier->stats.batches += item != NULL;
    while (item != NULL) {
        struct verify_item *next = item->next;
        judge(verifier, item);
        item = next;
    }
}

static void on_finished(void *context)
{
    struct verifier *verifier = context;
    judge_done(verifier);
    pump(verifier);
}

static void close_when_idle(struct verifier *verifier)
{
    if (verifier->closing && verifier->shifts == 0) {
        judge_done(verifier);
        wake_close(&verifier->finished);
    }
}

static void after_work(uv_work_t *request, int status)
{
    struct shift *shift = request->data;
    struct verifier *verifier = shift->verifier;
    (void)status; /* never cancelled */
    verifier->shifts--;
    memory_free(shift);
    pump(verifier);
    close_when_idle(verifier);
}

static void start_shift(struct verifier *verifier)
{
    struct shift *shift = memory_alloc(sizeof *shift);
    shift->verifier = verifier;
    shift->work.data = shift;
    verifier->shifts++;
    ENSURE(uv_queue_work(verifier->loop, &shift->work, work, after_work) == 0);
}

/* What waits: in all, and urgently. */
static size_t waiting(struct verifier *verifier, size_t *urgent)
{
    pthread_mutex_lock(&verifier->lock);
    size_t all = 0;
    for (int kind = 0; kind < VERIFY_KINDS; kind++) {
        all += verifier->queue[kind].count;
    }
    *urgent = verifier->queue[VERIFY_URGENT].count;
    pthread_mutex_unlock(&verifier->lock);
    return all;
}

static void on_linger(uv_timer_t *timer)
{
    struct verifier *verifier = timer->data;
    size_t urgent;
    if (waiting(verifier, &urgent) > 0 && verifier->shifts == 0) {
        start_shift(verifier);
    }
}

/* One worker for each BATCH_FULL items, and one more shift in line, so that none is ever idle while
 * something waits. */
static void pump(struct verifier *verifier)
{
    size_t urgent;
    size_t all = waiting(verifier, &urgent);
    if (verifier->closing || all == 0) {
        return;
    }
    size_t wanted = all / BATCH_FULL + (urgent > 0);
    while (verifier->shifts <= verifier->threads && verifier->shifts < wanted) {
        start_shift(verifier);
    }
    if (verifier->shifts == 0 && !uv_is_active((uv_handle_t *)&verifier->linger)) {
        uv_timer_start(&verifier->linger, on_linger, LINGER_MS, 0);
    }
}

int verifier_add(struct verifier *verifier, struct verify_item **item, enum verify_kind kind)
{
    bool urgent = kind == VERIFY_URGENT;
    size_t bytes = item_bytes(*item);
    if (verifier->closing || (!urgent && (verifier->items >= VERIFIER_QUEUE_MAX ||
                                          verifier->bytes + bytes > VERIFIER_QUEUE_BYTES_MAX))) {
        return ERR_UNAVAILABLE;
    }
    struct verify_item **bucket = bucket_of(verifier, &(*item)->id);
    (*item)->bucket_next = *bucket;
    *bucket = *item;
    verifier->items++;
    verifier->bytes += bytes;
    pthread_mutex_lock(&verifier->lock);
    enqueue(verifier, *item, kind);
    pthread_mutex_unlock(&verifier->lock);
    *item = NULL;
    pump(verifier);
    return 0;
}

/* Under the lock: a worker may be taking it. */
static void hurry_item(struct verifier *verifier, struct verify_item *item)
{
    pthread_mutex_lock(&verifier->lock);
    if (item->place == PLACE_QUEUE && item->kind != VERIFY_URGENT) {
        list_remove(&verifier->queue[item->kind], item);
        enqueue(verifier, item, VERIFY_URGENT);
    }
    pthread_mutex_unlock(&verifier->lock);
}

bool verifier_pending(struct verifier *verifier, const struct hash *txid, bool hurry)
{
    bool found = false;
    struct verify_item *item = *bucket_of(verifier, txid);
    for (; item != NULL; item = item->bucket_next) {
        if (!hash_equal(&item->id, txid)) {
            continue;
        }
        found = true;
        if (hurry) {
            hurry_item(verifier, item);
        }
    }
    return found;
}

bool verifier_has(struct verifier *verifier, const struct hash *txid, struct view raw)
{
    const struct verify_item *item = *bucket_of(verifier, txid);
    for (; item != NULL; item = item->bucket_next) {
        /* A worker may be filling item->tx right now: only `raw` is ours to read then. */
        const struct buf *bytes = item->raw.len > 0 ? &item->raw : &item->tx->raw;
        if (hash_equal(&item->id, txid) && view_equal(view_of_buf(bytes), raw)) {
            return true;
        }
    }
    return false;
}

struct verifier_stats verifier_stats(const struct verifier *verifier)
{
    struct verifier_stats stats = verifier->stats;
    stats.queued = verifier->items;
    stats.queued_bytes = verifier->bytes;
    return stats;
}

int verifier_open(struct verifier **out, uv_loop_t *loop, unsigned threads,
                  const struct hash *genesis, verifier_key key, void *key_context)
{
    struct verifier *verifier = memory_alloc(sizeof *verifier);
    *out = NULL;
    verifier->loop = loop;
    verifier->threads = threads;
    verifier->genesis = *genesis;
    verifier->key = key;
    verifier->key_context = key_context;
    if (wake_open(&verifier->finished, loop, on_finished, verifier) != 0) {
        memory_free(verifier);
        return ERR_UNAVAILABLE;
    }
    ENSURE(uv_timer_init(loop, &verifier->linger) == 0);
    ENSURE(pthread_mutex_init(&verifier->lock, NULL) == 0);
    verifier->linger.data = verifier;
    verifier->keys = verifier_keys_open();
    *out = verifier;
    return 0;
}

void verifier_close(struct verifier *verifier)
{
    if (verifier->closing) {
        return;
    }
    struct list queue[VERIFY_KINDS];
    pthread_mutex_lock(&verifier->lock);
    verifier->closing = true;
    memcpy(queue, verifier->queue, sizeof queue);
    memset(verifier->queue, 0, sizeof verifier->queue);
    pthread_mutex_unlock(&verifier->lock);
    uv_close((uv_handle_t *)&verifier->linger, NULL);
    for (int kind = 0; kind < VERIFY_KINDS; kind++) {
        for (struct verify_item *item = queue[kind].first, *next; item != NULL; item = next) {
            next = item->next;
            finish(verifier, item, ERR_UNAVAILABLE);
        }
    }
    close_when_idle(verifier);
}

void verifier_free(struct verifier **verifier)
{
    if (*verifier == NULL) {
        return;
    }
    ENSURE((*verifier)->shifts == 0 && (*verifier)->items == 0);
    pthread_mutex_destroy(&(*verifier)->lock);
    verifier_keys_free(&(*verifier)->keys);
    memory_free(*verifier);
    *verifier = NULL;
}
