/* Queue, batches and the cache of keys.
 *
 * Threads: everything but work() runs on the loop. Workers see only their batch and the cache of
 * keys, which has a lock of its own held for one look-up.
 *
 * The cache may be out of date: it only guesses which key a name means. A signature that fails
 * under a cached key is tried again if the ledger names another key now; one that verifies under a
 * key that is no longer in force is refused by execution, which compares the key. */
#include "node/verifier.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 16384
#define BATCH_MAX 64
#define BATCH_FULL 32 /* enough to start at once */
#define LINGER_MS 2   /* how long fewer wait for company */
#define TURNS_MAX 3   /* worker visits of one item: unknown key, then perhaps a changed one */
#define KEY_SLOTS (2 * VERIFIER_KEYS_MAX)

enum place { PLACE_NONE, PLACE_NORMAL, PLACE_URGENT, PLACE_WORKER };

/* Verdict of a worker that needs the loop: never leaves this file. */
#define NEEDS_KEY (-1)

struct list {
    struct verify_item *first, *last;
    size_t count;
};

struct known_key {
    char member[MEMBER_ID_CHARS + 1];
    char name[KEY_NAME_CHARS_MAX + 1];
    struct public_key key;
};

struct batch {
    uv_work_t work;
    struct verifier *verifier;
    size_t count;
    struct verify_item *item[BATCH_MAX];
};

struct verifier {
    uv_loop_t *loop;
    uv_timer_t linger;
    struct hash genesis;
    verifier_key key;
    void *key_context;
    unsigned threads;
    unsigned running;
    bool closing;
    struct list normal, urgent;
    size_t bytes;
    size_t at_workers;
    struct verifier_stats stats;
    pthread_mutex_t keys_lock;
    size_t keys_count;
    struct known_key *keys; /* open addressing, KEY_SLOTS */
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

static void enqueue(struct verifier *verifier, struct verify_item *item, bool urgent)
{
    item->place = urgent ? PLACE_URGENT : PLACE_NORMAL;
    list_append(urgent ? &verifier->urgent : &verifier->normal, item);
}

static struct verify_item *dequeue(struct verifier *verifier)
{
    struct list *list = verifier->urgent.count > 0 ? &verifier->urgent : &verifier->normal;
    struct verify_item *item = list->first;
    if (item != NULL) {
        list_remove(list, item);
    }
    return item;
}

/* ---- keys ---- */

static struct known_key *key_slot(struct verifier *verifier, const char *member, const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (const char *c = member; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * UINT64_C(1099511628211);
    }
    for (const char *c = name; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * UINT64_C(1099511628211);
    }
    for (size_t i = (size_t)hash % KEY_SLOTS;; i = (i + 1) % KEY_SLOTS) {
        struct known_key *slot = &verifier->keys[i];
        if (slot->member[0] == '\0' ||
            (strcmp(slot->member, member) == 0 && strcmp(slot->name, name) == 0)) {
            return slot;
        }
    }
}

static bool keys_find(struct verifier *verifier, struct public_key *out, const struct tx *tx)
{
    pthread_mutex_lock(&verifier->keys_lock);
    const struct known_key *slot = key_slot(verifier, tx->member, tx->key_name);
    bool found = slot->member[0] != '\0';
    *out = slot->key;
    pthread_mutex_unlock(&verifier->keys_lock);
    return found;
}

/* Only keys that the ledger knows come here; a full cache starts again. */
static void keys_learn(struct verifier *verifier, const struct tx *tx, const struct public_key *key)
{
    pthread_mutex_lock(&verifier->keys_lock);
    if (verifier->keys_count >= VERIFIER_KEYS_MAX) {
        memset(verifier->keys, 0, KEY_SLOTS * sizeof *verifier->keys);
        verifier->keys_count = 0;
    }
    struct known_key *slot = key_slot(verifier, tx->member, tx->key_name);
    if (slot->member[0] == '\0') {
        memcpy(slot->member, tx->member, sizeof slot->member);
        memcpy(slot->name, tx->key_name, sizeof slot->name);
        verifier->keys_count++;
    }
    slot->key = *key;
    pthread_mutex_unlock(&verifier->keys_lock);
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
    if (!keys_find(verifier, &item->tried, item->tx)) {
        return NEEDS_KEY;
    }
    return tx_verify(item->tx, &item->tried);
}

static void work(uv_work_t *request)
{
    struct batch *batch = request->data;
    for (size_t i = 0; i < batch->count; i++) {
        batch->item[i]->error = verify_one(batch->verifier, batch->item[i]);
    }
}

/* ---- the loop's side ---- */

static void pump(struct verifier *verifier);

static void finish(struct verifier *verifier, struct verify_item *item, int error)
{
    index_remove(verifier, item);
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
    keys_learn(verifier, item->tx, &key);
    return true;
}

static void judge(struct verifier *verifier, struct verify_item *item)
{
    int error = item->error;
    if (verifier->closing) {
        finish(verifier, item, ERR_UNAVAILABLE);
    } else if ((error == NEEDS_KEY || error == ERR_SIGNATURE) && item->tx != NULL &&
               ask_ledger(verifier, item, &error)) {
        enqueue(verifier, item, true);
    } else {
        finish(verifier, item, error);
    }
}

static void after_work(uv_work_t *request, int status)
{
    struct batch *batch = request->data;
    struct verifier *verifier = batch->verifier;
    (void)status; /* running work is never cancelled */
    verifier->running--;
    verifier->at_workers -= batch->count;
    verifier->stats.batches++;
    pump(verifier); /* the workers go on while the loop judges */
    for (size_t i = 0; i < batch->count; i++) {
        judge(verifier, batch->item[i]);
    }
    memory_free(batch);
    pump(verifier);
}

static void start_batch(struct verifier *verifier)
{
    struct batch *batch = memory_alloc(sizeof *batch);
    batch->verifier = verifier;
    batch->work.data = batch;
    while (batch->count < BATCH_MAX) {
        struct verify_item *item = dequeue(verifier);
        if (item == NULL) {
            break;
        }
        item->place = PLACE_WORKER;
        item->turns++;
        batch->item[batch->count++] = item;
    }
    verifier->running++;
    verifier->at_workers += batch->count;
    ENSURE(uv_queue_work(verifier->loop, &batch->work, work, after_work) == 0);
}

static void on_linger(uv_timer_t *timer)
{
    struct verifier *verifier = timer->data;
    if (verifier->running <= verifier->threads && verifier->normal.count > 0) {
        start_batch(verifier);
    }
    pump(verifier);
}

static void pump(struct verifier *verifier)
{
    while (!verifier->closing && verifier->running <= verifier->threads &&
           (verifier->urgent.count > 0 || verifier->normal.count >= BATCH_FULL)) {
        start_batch(verifier);
    }
    if (!verifier->closing && verifier->normal.count > 0 &&
        !uv_is_active((uv_handle_t *)&verifier->linger)) {
        uv_timer_start(&verifier->linger, on_linger, LINGER_MS, 0);
    }
}

int verifier_add(struct verifier *verifier, struct verify_item **item, bool urgent)
{
    size_t bytes = item_bytes(*item);
    size_t queued = verifier->normal.count + verifier->urgent.count + verifier->at_workers;
    if (verifier->closing || (!urgent && (queued >= VERIFIER_QUEUE_MAX ||
                                          verifier->bytes + bytes > VERIFIER_QUEUE_BYTES_MAX))) {
        return ERR_UNAVAILABLE;
    }
    struct verify_item **bucket = bucket_of(verifier, &(*item)->id);
    (*item)->bucket_next = *bucket;
    *bucket = *item;
    verifier->bytes += bytes;
    enqueue(verifier, *item, urgent);
    *item = NULL;
    pump(verifier);
    return 0;
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
        if (hurry && item->place == PLACE_NORMAL) {
            list_remove(&verifier->normal, item);
            enqueue(verifier, item, true);
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
    stats.queued = verifier->normal.count + verifier->urgent.count + verifier->at_workers;
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
    if (uv_timer_init(loop, &verifier->linger) != 0) {
        memory_free(verifier);
        return ERR_UNAVAILABLE;
    }
    ENSURE(pthread_mutex_init(&verifier->keys_lock, NULL) == 0);
    verifier->linger.data = verifier;
    verifier->keys = memory_alloc(KEY_SLOTS * sizeof *verifier->keys);
    *out = verifier;
    return 0;
}

void verifier_close(struct verifier *verifier)
{
    if (verifier->closing) {
        return;
    }
    verifier->closing = true;
    uv_close((uv_handle_t *)&verifier->linger, NULL);
    for (;;) {
        struct verify_item *item = dequeue(verifier);
        if (item == NULL) {
            return;
        }
        finish(verifier, item, ERR_UNAVAILABLE);
    }
}

void verifier_free(struct verifier **verifier)
{
    if (*verifier == NULL) {
        return;
    }
    ENSURE((*verifier)->running == 0);
    pthread_mutex_destroy(&(*verifier)->keys_lock);
    memory_free((*verifier)->keys);
    memory_free(*verifier);
    *verifier = NULL;
}
