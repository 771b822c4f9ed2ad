/* Events. The node's thread leaves each committed block here and wakes the listeners; the server's
 * threads make the text when a listener is ready to read it.
 *
 *   listener: next height ──► among the last blocks? text from memory
 *                         └─► older: text from the store
 *                         └─► too far behind: an event "dropped" that says what is left out
 *
 * Events of a block: evidence, acts, transactions, validators-changed, block. Only "block" carries
 * an id, its height, so that whoever comes back with it has missed nothing and may see the events
 * of one block twice. Who asked for another kind only gets the id alone. */
#include "api/events.h"

#include "api/ledger_docs.h"
#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/store.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>

struct kept_block {
    uint64_t height; /* 0: none yet */
    struct block *block;
    struct doc *acts;
};

struct listener {
    struct events *events;
    struct listener *previous, *next;
    struct http_request *request;
    const char *only;
    uint64_t at; /* height whose events come next */
    struct buf text;
    size_t sent;
    int64_t sent_ms; /* when something was last sent */
};

struct events {
    const struct api_backend *backend;
    pthread_mutex_t lock;
    uint64_t newest;
    uint64_t oldest;                            /* of those kept; 0: none yet */
    size_t kept_txs;                            /* in all of them */
    struct kept_block kept[EVENTS_BLOCKS_KEPT]; /* by height modulo the count */
    struct listener *first;
    unsigned count;
};

/* ---- the text of a block ---- */

static void put_event(struct buf *out, const char *only, const char *name, uint64_t id,
                      struct doc *data)
{
    if (!only || strcmp(only, name) == 0) {
        buf_append_format(out, "event: %s\n", name);
        if (id > 0)
            buf_append_format(out, "id: %" PRIu64 "\n", id);
        buf_append_text(out, "data: ");
        doc_append_canonical(out, data); /* one line: newlines in texts are escaped */
        buf_append_text(out, "\n\n");
    }
    doc_free(&data);
}

static void place(struct doc *data, const struct header *header, uint64_t log_index)
{
    doc_set_int(data, "height", (int64_t)header->height);
    doc_set_int(data, "log_index", (int64_t)log_index);
    doc_set_int(data, "time_ms", header->time_ms);
}

/* Whoever listens for the center need not know what it means. */
static struct doc *evidence_advice(void)
{
    struct doc *advice = doc_new_object();
    doc_set_text(
        advice, "chinese",
        "该验证者对同一高度、同一轮次签署了两张互相矛盾的票，证据已上链。请立即联系其运维人员，"
        "查明投票密钥是否被复制或在两处运行；现行政策规定的后果和席位状态见 dirchain "
        "validator status，处置步骤见运维手册。");
    doc_set_text(
        advice, "english",
        "The validator signed two votes that contradict each other; the evidence is on the "
        "ledger. Call its operator at once: was the vote key copied, or does it run twice? "
        "What the profile has follow and what became of the seat: dirchain validator "
        "status; what to do: the operators' manual.");
    return advice;
}

/* Warnings are acts; who asks for them alone gets them by that name. */
static bool only_warnings(const char *only)
{
    return only && strcmp(only, "term-warning") == 0;
}

static void put_block(struct buf *out, const char *only, const struct block *block,
                      const struct doc *acts)
{
    const struct header *header = &block->header;
    size_t acts_count = doc_count(acts);
    uint64_t index =
        header->log_size - (block->evidence_count + acts_count + (uint64_t)block->tx_count);
    for (size_t i = 0; i < block->evidence_count; i++, index++) {
        struct doc *evidence = doc_new_object(), *data = ledger_evidence_doc(&block->evidence[i]);
        place(evidence, header, index);
        doc_set(evidence, "evidence", data);
        doc_set(evidence, "advice", evidence_advice());
        put_event(out, only, "evidence", 0, evidence);
    }
    for (size_t i = 0; i < acts_count; i++, index++) {
        struct doc *act = doc_new_object();
        place(act, header, index);
        doc_set(act, "act", doc_ref(doc_at(acts, i)));
        bool warning = doc_text_is(doc_at(acts, i), "effect", "term-warning");
        put_event(out, only, only_warnings(only) && warning ? only : "act", 0, act);
    }
    for (size_t i = 0; i < block->tx_count; i++, index++) {
        if (only && strcmp(only, "transaction") != 0)
            continue; /* thousands: not even made */
        struct doc *tx = ledger_tx_line(block->txs[i]);
        place(tx, header, index);
        put_event(out, only, "transaction", 0, tx);
    }
    if (!hash_equal(&header->validators, &header->next_validators)) {
        struct doc *change = doc_new_object();
        doc_set_int(change, "height", (int64_t)header->height + 1);
        doc_set_hash(change, "validators", &header->next_validators);
        put_event(out, only, "validators-changed", 0, change);
    }
    struct doc *data = ledger_header_doc(header);
    doc_set_int(data, "acts", (int64_t)acts_count);
    doc_set_int(data, "evidence", (int64_t)block->evidence_count);
    doc_set_int(data, "transactions", (int64_t)block->tx_count);
    put_event(out, only, "block", header->height, data);
    /* Without data no event is dispatched, but a client remembers the id to come back with. */
    if (only && strcmp(only, "block") != 0)
        buf_append_format(out, "id: %" PRIu64 "\n\n", header->height);
}

/* ERR_PRUNED: *first is the first block that is here. */
static int put_stored(struct buf *out, uint64_t *first, const char *only, struct kv *kv,
                      uint64_t height)
{
    AUTO(store_view_close) struct store_view view = {0};
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *block = NULL;
    AUTO(doc_free) struct doc *acts = NULL;
    int error = store_view_open(&view, kv);
    *first = view.first_block;
    if (!error)
        error = store_read_block_bytes(&bytes, &view, height);
    if (!error)
        error = block_decode(&block, NULL, view_of_buf(&bytes), &view.genesis);
    if (!error)
        error = store_read_acts(&acts, &view, height);
    if (!error)
        put_block(out, only, block, acts);
    return error;
}

uint64_t events_height(struct events *events)
{
    pthread_mutex_lock(&events->lock);
    uint64_t height = events->newest;
    pthread_mutex_unlock(&events->lock);
    return height;
}

bool events_kept(struct events *events, uint64_t height, struct block **block, struct doc **acts)
{
    pthread_mutex_lock(&events->lock);
    const struct kept_block *kept = &events->kept[height % EVENTS_BLOCKS_KEPT];
    bool found = height > 0 && kept->height == height;
    if (found) {
        *block = block_ref(kept->block);
        *acts = doc_ref(kept->acts);
    }
    pthread_mutex_unlock(&events->lock);
    return found;
}

/* ---- listeners ---- */

/* Says what it misses, and goes on with the height `to`. */
static void put_dropped(struct listener *listener, uint64_t to)
{
    struct doc *dropped = doc_new_object();
    doc_set_int(dropped, "from", (int64_t)listener->at);
    doc_set_int(dropped, "to", (int64_t)to - 1);
    put_event(&listener->text, NULL, "dropped", 0, dropped);
    listener->at = to;
}

/* What comes next for a listener goes into its text. False: nothing yet. */
static bool refill(struct listener *listener)
{
    struct events *events = listener->events;
    AUTO(block_free) struct block *block = NULL;
    AUTO(doc_free) struct doc *acts = NULL;
    uint64_t newest = events_height(events);
    if (listener->at > newest)
        return false;
    if (newest - listener->at >= EVENTS_BEHIND_MAX) {
        put_dropped(listener, newest - EVENTS_BEHIND_MAX / 2);
        return true;
    }
    if (events_kept(events, listener->at, &block, &acts)) {
        put_block(&listener->text, listener->only, block, acts);
    } else {
        uint64_t first = 0;
        int error =
            put_stored(&listener->text, &first, listener->only, events->backend->kv, listener->at);
        if (error == ERR_PRUNED)
            put_dropped(listener, first);
        if (error)
            return error == ERR_PRUNED; /* else tried again at the next tick */
    }
    listener->at++;
    return true;
}

static long pull(void *context, uint8_t *out, size_t max)
{
    struct listener *listener = context;
    int64_t now_ms = clock_monotonic_ms();
    if (listener->sent == listener->text.len) {
        buf_clear(&listener->text);
        listener->sent = 0;
        while (listener->text.len == 0 && refill(listener)) /* `only` may leave a block empty */
            ;
        if (listener->text.len == 0 && now_ms - listener->sent_ms >= HTTP_STREAM_TICK_MS - 1000)
            buf_append_text(&listener->text, ":\n\n"); /* a sign of life */
        if (listener->text.len == 0)
            return HTTP_STREAM_WAIT;
    }
    size_t take = listener->text.len - listener->sent;
    if (take > max)
        take = max;
    memcpy(out, listener->text.data + listener->sent, take);
    listener->sent += take;
    listener->sent_ms = now_ms;
    return (long)take;
}

static void release(void *context)
{
    struct listener *listener = context;
    struct events *events = listener->events;
    pthread_mutex_lock(&events->lock);
    if (listener->previous)
        listener->previous->next = listener->next;
    else
        events->first = listener->next;
    if (listener->next)
        listener->next->previous = listener->previous;
    events->count--;
    pthread_mutex_unlock(&events->lock);
    buf_free(&listener->text);
    memory_free(listener);
}

int events_listen(struct events *events, struct http_request *request, int64_t after,
                  const char *only)
{
    struct listener *listener = memory_alloc(sizeof *listener);
    listener->events = events;
    listener->request = request;
    listener->only = only;
    listener->sent_ms = clock_monotonic_ms();
    buf_append_text(&listener->text, "retry: 2000\n\n");
    pthread_mutex_lock(&events->lock);
    bool full = events->count >= EVENTS_LISTENERS_MAX;
    if (!full) {
        listener->at = 1 + (after < 0 ? events->newest : (uint64_t)after);
        listener->next = events->first;
        if (listener->next)
            listener->next->previous = listener;
        events->first = listener;
        events->count++;
    }
    pthread_mutex_unlock(&events->lock);
    if (full) {
        buf_free(&listener->text);
        memory_free(listener);
        return ERR_UNAVAILABLE;
    }
    http_answer_header(request, "X-Accel-Buffering", "no");
    http_answer_stream(request, "text/event-stream",
                       &(struct http_stream){listener, pull, release});
    return 0;
}

unsigned events_listeners(struct events *events)
{
    pthread_mutex_lock(&events->lock);
    unsigned count = events->count;
    pthread_mutex_unlock(&events->lock);
    return count;
}

/* ---- the node's side ---- */

struct events *events_open(const struct api_backend *backend)
{
    struct events *events = memory_alloc(sizeof *events);
    events->backend = backend;
    ENSURE(pthread_mutex_init(&events->lock, NULL) == 0);
    struct store_view view = {0};
    if (store_view_open(&view, backend->kv) == 0) {
        events->newest = view.height;
        store_view_close(&view);
    }
    return events;
}

static void kept_release(struct kept_block *kept)
{
    block_free(&kept->block);
    doc_free(&kept->acts);
}

void events_close(struct events **pointer)
{
    struct events *events = *pointer;
    if (!events)
        return;
    *pointer = NULL;
    for (size_t i = 0; i < EVENTS_BLOCKS_KEPT; i++) {
        kept_release(&events->kept[i]);
    }
    pthread_mutex_destroy(&events->lock);
    memory_free(events);
}

static void forget(struct events *events, uint64_t height, struct kept_block *out)
{
    struct kept_block *slot = &events->kept[height % EVENTS_BLOCKS_KEPT];
    *out = *slot;
    *slot = (struct kept_block){0};
    if (out->block)
        events->kept_txs -= out->block->tx_count;
}

/* Parsed transactions take a multiple of their bytes: under load a few blocks are all that is kept,
 * and who wants an older one has it read from the store. */
static bool take_surplus(struct events *events, struct kept_block *out)
{
    pthread_mutex_lock(&events->lock);
    bool surplus = events->kept_txs > EVENTS_TXS_KEPT && events->oldest < events->newest;
    if (surplus)
        forget(events, events->oldest++, out);
    pthread_mutex_unlock(&events->lock);
    return surplus;
}

void events_committed(struct events *events, const struct app_commit *commit)
{
    struct kept_block fresh = {.height = commit->header.height,
                               .block = block_ref(commit->block),
                               .acts = doc_ref(commit->acts)};
    pthread_mutex_lock(&events->lock);
    struct kept_block old;
    forget(events, fresh.height, &old);
    events->kept[fresh.height % EVENTS_BLOCKS_KEPT] = fresh;
    events->kept_txs += fresh.block->tx_count;
    events->newest = fresh.height;
    if (events->oldest == 0)
        events->oldest = fresh.height;
    else if (fresh.height - events->oldest >= EVENTS_BLOCKS_KEPT)
        events->oldest = fresh.height - EVENTS_BLOCKS_KEPT + 1;
    for (const struct listener *listener = events->first; listener; listener = listener->next)
        http_stream_wake(listener->request);
    pthread_mutex_unlock(&events->lock);
    kept_release(&old);
    while (take_surplus(events, &old))
        kept_release(&old);
}
