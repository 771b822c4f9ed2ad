/* Following the chain from untrusted nodes. */
#include "node/cli/follower.h"

#include "base/doc.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define THREADS_MAX 16
#define ITEMS_PER_THREAD 16 /* fewer are not worth a thread */

void follower_open(struct follower *follower, const struct doc *genesis,
                   const struct hash *genesis_hash, struct follow_book *book)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *follower = (struct follower){.genesis = genesis,
                                  .genesis_hash = *genesis_hash,
                                  .book = book,
                                  .threads = cores < 1             ? 1
                                             : cores > THREADS_MAX ? THREADS_MAX
                                                                   : (unsigned)cores,
                                  .batch = memory_alloc(sizeof *follower->batch)};
}

void follower_close(struct follower *follower)
{
    buf_free(&follower->evidence);
    memory_free(follower->batch);
    *follower = (struct follower){0};
}

/* ---- verifying a batch ---- */

/* Headers that are linked already, and under which set each is to be certified. */
struct batch_check {
    const struct light_item *items;
    size_t count;
    const struct light *lights; /* one for each set */
    const size_t *light_of;
    _Atomic size_t next;
    _Atomic size_t bad; /* the least index that failed; count if none */
};

static void *check_signatures(void *context)
{
    struct batch_check *check = context;
    for (size_t i; (i = atomic_fetch_add(&check->next, 1)) < check->count;) {
        size_t bad = atomic_load(&check->bad);
        if (i < bad &&
            light_verify(&check->lights[check->light_of[i]], NULL, &check->items[i], "") != 0) {
            while (i < bad && !atomic_compare_exchange_weak(&check->bad, &bad, i))
                continue;
        }
    }
    return NULL;
}

static void run_threads(struct batch_check *check, unsigned threads)
{
    pthread_t thread[THREADS_MAX];
    unsigned started = 0;
    unsigned wanted = (unsigned)(check->count / ITEMS_PER_THREAD);
    wanted = wanted < threads ? wanted : threads;
    while (started + 1 < wanted &&
           pthread_create(&thread[started], NULL, check_signatures, check) == 0)
        started++;
    (void)check_signatures(check);
    for (unsigned i = 0; i < started; i++)
        (void)pthread_join(thread[i], NULL);
}

static void name_height(char out[32], uint64_t height)
{
    (void)snprintf(out, 32, "height %" PRIu64, height);
}

/* Links all headers, then verifies them; *light stands at the last then, and otherwise stays. */
static int verify_items(struct light *light, struct follower *follower, struct faults *faults,
                        const struct light_item *items, size_t count)
{
    char claim[32];
    int error = 0;
    size_t sets = 1;
    for (size_t i = 0; i < count; i++)
        sets += items[i].changes;
    AUTO(memory_release) struct light *lights = memory_alloc(sets * sizeof *lights);
    AUTO(memory_release) size_t *light_of = memory_alloc((count + 1) * sizeof *light_of);
    struct light ahead = lights[0] = *light;
    sets = 1;
    for (size_t i = 0; error == 0 && i < count; i++) {
        name_height(claim, items[i].header.height);
        error = light_link(&ahead, faults, &items[i], claim);
        light_of[i] = sets - 1;
        if (error == 0)
            light_advance(&ahead, &items[i]);
        if (error == 0 && items[i].changes)
            lights[sets++] = ahead;
    }
    if (error != 0)
        return error;
    struct batch_check check = {
        .items = items, .count = count, .lights = lights, .light_of = light_of, .bad = count};
    run_threads(&check, follower->threads);
    if (check.bad < count) {
        name_height(claim, items[check.bad].header.height);
        return light_verify(&lights[light_of[check.bad]], faults, &items[check.bad], claim);
    }
    for (size_t i = 0; i < count; i++)
        follower->signatures += items[i].certificate.count;
    follower->headers += count;
    *light = ahead;
    return 0;
}

/* ---- forks ---- */

/* The set that decides a height, by the steps in the book. */
static int walk_to(struct light *out, const struct follower *follower, uint64_t height)
{
    const struct doc *history = follow_book_history(follower->book);
    int error = light_start(out, follower->genesis, &follower->genesis_hash);
    for (size_t i = 0; error == 0 && i < doc_count(history); i++) {
        struct header header;
        struct certificate certificate;
        error = certified_header_get(&header, &certificate, NULL, doc_at(history, i), "");
        if (error == 0 && header.height < height)
            error = validator_walk_step(&out->walk, NULL, doc_at(history, i), "");
    }
    return error == 0 ? 0 : ERR_FOLLOW_STATE;
}

/* The node's block of a height where ours is another one: certified too, or a lie. */
static int judge_difference(struct follower *follower, struct faults *faults,
                            const struct light_item *theirs)
{
    AUTO(memory_release) struct light_item *ours = memory_alloc(sizeof *ours);
    struct light light;
    char claim[32];
    uint64_t height = theirs->header.height;
    int error = follow_book_read(ours, follower->book, height);
    if (error == 0)
        error = walk_to(&light, follower, height);
    if (error != 0)
        return faults_add(faults, error, NULL, "height %" PRIu64, height);
    name_height(claim, height);
    if (light_verify(&light, faults, theirs, claim) != 0)
        return faults_add(faults, ERR_NODE_BRANCH, NULL, "%s", claim);
    buf_clear(&follower->evidence);
    fork_append(&follower->evidence, &follower->genesis_hash, follow_book_history(follower->book),
                ours, theirs);
    error = fork_verify(&follower->fork, faults, view_of_buf(&follower->evidence),
                        follower->genesis, &follower->genesis_hash);
    return error != 0 ? error : faults_add(faults, ERR_FORK, NULL, "%s", claim);
}

static int same_as_ours(bool *same, struct follower *follower, const struct light_item *theirs)
{
    AUTO(memory_release) struct light_item *ours = memory_alloc(sizeof *ours);
    int error = follow_book_read(ours, follower->book, theirs->header.height);
    *same = error == 0 && hash_equal(&ours->place.hash, &theirs->place.hash);
    return error;
}

/* The node's newest common height with us is below `differs`, where it has another block. Finds the
 * lowest such by halves. A node that answers now so, now so, ends at some height all the same. */
static int find_difference(struct follower *follower, struct faults *faults,
                           struct follow_source *source, uint64_t differs)
{
    AUTO(memory_release) struct light_item *theirs = memory_alloc(sizeof *theirs);
    uint64_t same = follow_book_first(follower->book) - 1;
    *theirs = follower->batch->item[0];
    while (differs - same > 1) {
        uint64_t middle = same + (differs - same) / 2;
        bool equal = false;
        int error = follow_source_headers(follower->batch, source, faults, &follower->genesis_hash,
                                          middle, 1);
        if (error == 0)
            error = same_as_ours(&equal, follower, &follower->batch->item[0]);
        if (error != 0)
            return error;
        if (equal) {
            same = middle;
        } else {
            differs = middle;
            *theirs = follower->batch->item[0];
        }
    }
    return judge_difference(follower, faults, theirs);
}

/* ---- advancing ---- */

/* The node has fewer blocks than we know: its newest must be ours. */
static int compare_lower(struct follower *follower, struct faults *faults,
                         struct follow_source *source)
{
    bool same = false;
    if (source->tip < follow_book_first(follower->book))
        return 0; /* nothing to compare */
    int error = follow_source_headers(follower->batch, source, faults, &follower->genesis_hash,
                                      source->tip, 1);
    if (error == 0)
        error = same_as_ours(&same, follower, &follower->batch->item[0]);
    return error != 0 || same
               ? error
               : find_difference(follower, faults, source, follower->batch->item[0].header.height);
}

/* Takes what follows our newest block. The first of the batch is that block, unless we have none.
 */
static int take_batch(struct follower *follower, struct faults *faults)
{
    struct light light = *follow_book_light(follower->book);
    size_t skip = light.tip.height > 0;
    const struct light_item *items = follower->batch->item + skip;
    size_t count = follower->batch->count - skip;
    int error = verify_items(&light, follower, faults, items, count);
    if (error == 0 && count > 0)
        error = follow_book_append(follower->book, items, count, &light);
    return error;
}

static int step(bool *level, struct follower *follower, struct faults *faults,
                struct follow_source *source)
{
    const struct light *light = follow_book_light(follower->book);
    struct follow_batch *batch = follower->batch;
    uint64_t height = light->tip.height;
    int error = follow_source_headers(batch, source, faults, &follower->genesis_hash,
                                      height > 0 ? height : 1, HTTP_HEADERS_ITEMS_MAX);
    if (error != 0)
        return error;
    *level = source->tip <= height;
    if (source->tip < height)
        return compare_lower(follower, faults, source);
    if (height > 0 && !hash_equal(&batch->item[0].place.hash, &light->tip.hash))
        return find_difference(follower, faults, source, height);
    error = take_batch(follower, faults);
    *level = follow_book_height(follower->book) >= source->tip;
    if (error == 0 && !*level && follow_book_height(follower->book) == height)
        error = faults_add(faults, ERR_NODE_ANSWER, NULL, "headers: none after %" PRIu64, height);
    return error;
}

/* What it claims beyond what it showed binds nobody: once remembered, a lie would make the honest
 * node of the same address look as if it showed less. */
static void note_shown(struct follower *follower, struct follow_source *source)
{
    uint64_t ours = follow_book_height(follower->book);
    uint64_t shown = source->tip < ours ? source->tip : ours;
    if (shown > source->highest)
        source->highest = shown;
    if (source->highest > follow_book_node(follower->book, source->url))
        follow_book_set_node(follower->book, source->url, source->highest);
}

int follower_advance(struct follower *follower, struct faults *faults, struct follow_source *source)
{
    bool level = false;
    int error = 0;
    while (error == 0 && !level && !*follower->stop) {
        error = step(&level, follower, faults, source);
        if (error == 0)
            note_shown(follower, source);
        int saved = follow_book_save(follower->book);
        if (saved != 0 && error == 0)
            error = faults_add(faults, saved, NULL, "%s", "state");
        if (follower->progress != NULL)
            follower->progress(follower->context, follow_book_height(follower->book), source->tip);
    }
    return error;
}

/* ---- the checkpoint ---- */

static int begin_at(struct follower *follower, struct faults *faults, struct follow_source *source,
                    uint64_t height, const struct hash *hash)
{
    AUTO(doc_free) struct doc *start = NULL;
    AUTO(memory_release) struct light_item *item = memory_alloc(sizeof *item);
    struct light light;
    int error = follow_source_start(&start, source, faults, height);
    if (error == 0)
        error =
            light_start_at(&light, item, faults, follower->genesis, &follower->genesis_hash, start);
    if (error != 0)
        return error;
    if (item->header.height != height || !hash_equal(&item->place.hash, hash))
        return faults_add(faults, ERR_NODE_CHECKPOINT, NULL, "height %" PRIu64, height);
    error = follow_book_begin_at(follower->book, &light, item, doc_get(start, "history"));
    return error != 0 ? error : follow_book_save(follower->book);
}

int follower_checkpoint(struct follower *follower, struct faults *faults,
                        struct follow_source *source, uint64_t height, const struct hash *hash)
{
    AUTO(memory_release) struct light_item *item = memory_alloc(sizeof *item);
    if (follow_book_height(follower->book) == 0)
        return begin_at(follower, faults, source, height, hash);
    int error = follow_book_read(item, follower->book, height);
    if (error == ERR_NOT_FOUND || (error == 0 && !hash_equal(&item->place.hash, hash)))
        error = ERR_CHECKPOINT;
    return error != 0 ? faults_add(faults, error, NULL,
                                   "高度 %" PRIu64 " 与已核验者不符 height %" PRIu64
                                   ", of what was verified",
                                   height, height)
                      : 0;
}
