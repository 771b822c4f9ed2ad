/* What the stores below the ledger cost on LevelDB: the state tree (update, write, commit, reading,
 * proofs) on a state of many entries, and the log's tiles.
 *
 *   bench_trees [--existing N] [--keys N] [--blocks N] [--value BYTES] [--json FILE]
 *
 * Microseconds of CPU of the calling thread per changed key, leaf or proof; beside them the CPU of
 * the whole process, since LevelDB compacts in a thread of its own. */
#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/log_store.h"
#include "chain/state_tree.h"
#include "check.h"
#include "scratch.h"

#include <string.h>
#include <time.h>

#define KEYS_MAX 8192
#define KEY_CHARS 48
#define CACHE_BYTES ((size_t)16 << 20)
#define READS 20000
#define PROOFS 2000
#define LOG_BLOCKS 200
#define LOG_LEAVES 1000

struct options {
    size_t existing, keys, blocks, value_bytes;
    const char *json;
};

/* What was measured, in the order of measuring. */
static struct result {
    const char *name;
    double value;
} results[32];
static size_t result_count;

static void result_add(const char *name, double value)
{
    ENSURE(result_count < COUNT_OF(results));
    results[result_count++] = (struct result){name, value};
}

static double clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double thread_us(void)
{
    return clock_us(CLOCK_THREAD_CPUTIME_ID);
}

/* ---- state ---- */

struct state_bench {
    struct options options;
    struct kv *kv;
    struct state_tree *tree;
    struct kv_batch *batch;
    uint64_t seed, version; /* to be written next */
    char key[KEYS_MAX][KEY_CHARS];
    struct state_change change[KEYS_MAX];
    uint8_t *value;
    bool *taken;
    double update_us, write_us, commit_us, process_us;
    size_t bytes;
};

static size_t key_write(char *out, size_t i)
{
    int len = snprintf(out, KEY_CHARS, "entry/12440100MB2C0%04zuX/%06zu", i % 50, i);
    ENSURE(len > 0 && len < KEY_CHARS);
    return (size_t)len;
}

static void change_make(struct state_bench *bench, size_t slot, size_t i)
{
    size_t len = bench->options.value_bytes;
    uint8_t *value = bench->value + slot * len;
    memset(value, 'v', len);
    memcpy(value, &bench->version, len < 8 ? len : 8);
    bench->change[slot] = (struct state_change){
        view_of(bench->key[slot], key_write(bench->key[slot], i)), view_of(value, len)};
}

static void block_apply(struct state_bench *bench, size_t count)
{
    struct state_update *update = NULL;
    uint64_t base = bench->version == 0 ? STATE_VERSION_NONE : bench->version - 1;
    double process = clock_us(CLOCK_PROCESS_CPUTIME_ID), start = thread_us();
    ENSURE(state_tree_update(&update, bench->tree, base, bench->version, bench->change, count) ==
           OK);
    double updated = thread_us();
    kv_batch_clear(bench->batch);
    state_update_write(update, bench->batch);
    bench->bytes += kv_batch_bytes(bench->batch);
    ENSURE(kv_write(bench->kv, bench->batch, true) == OK);
    double written = thread_us();
    state_update_committed(bench->tree, &update);
    double committed = thread_us();
    bench->update_us += updated - start;
    bench->write_us += written - updated;
    bench->commit_us += committed - written;
    bench->process_us += clock_us(CLOCK_PROCESS_CPUTIME_ID) - process;
    bench->version++;
}

static void build(struct state_bench *bench)
{
    for (size_t from = 0; from < bench->options.existing;) {
        size_t count = 0;
        for (; count < 2000 && from < bench->options.existing; count++, from++)
            change_make(bench, count, from);
        block_apply(bench, count);
    }
    bench->update_us = bench->write_us = bench->commit_us = bench->process_us = 0;
    bench->bytes = 0;
}

static void change_random_keys(struct state_bench *bench)
{
    const struct options *options = &bench->options;
    memset(bench->taken, 0, options->existing);
    for (size_t slot = 0; slot < options->keys;) {
        size_t i = check_random(&bench->seed) % options->existing;
        if (bench->taken[i])
            continue;
        bench->taken[i] = true;
        change_make(bench, slot++, i);
    }
    block_apply(bench, options->keys);
}

static void read_at_random(struct state_bench *bench)
{
    AUTO(buf_free) struct buf value = {0};
    char key[KEY_CHARS];
    double start = thread_us();
    for (size_t i = 0; i < READS; i++) {
        key_write(key, check_random(&bench->seed) % bench->options.existing);
        buf_clear(&value);
        ENSURE(state_value_read(bench->kv, NULL, key, &value) == OK);
    }
    result_add("state_read_us", (thread_us() - start) / READS);
    struct state_proof proof;
    bool present = false;
    start = thread_us();
    for (size_t i = 0; i < PROOFS; i++) {
        key_write(key, check_random(&bench->seed) % bench->options.existing);
        buf_clear(&value);
        ENSURE(state_tree_prove(&proof, &present, &value, bench->kv, bench->version - 1, key) ==
               OK);
    }
    result_add("state_prove_us", (thread_us() - start) / PROOFS);
}

static void bench_state(const struct options *options)
{
    static struct state_bench bench;
    bench.options = *options;
    bench.seed = 1;
    ENSURE(kv_open_leveldb(&bench.kv, scratch_path("state")) == OK);
    bench.tree = state_tree_open(bench.kv, CACHE_BYTES);
    bench.batch = kv_batch_new();
    bench.value = memory_alloc(KEYS_MAX * options->value_bytes);
    bench.taken = memory_alloc(options->existing);
    build(&bench);
    for (size_t i = 0; i < options->blocks; i++)
        change_random_keys(&bench);
    double keys = (double)(options->blocks * options->keys);
    result_add("state_update_us", bench.update_us / keys);
    result_add("state_write_us", bench.write_us / keys);
    result_add("state_commit_us", bench.commit_us / keys);
    result_add("state_all_threads_us", bench.process_us / keys);
    result_add("state_bytes", (double)bench.bytes / keys);
    read_at_random(&bench);
    struct hash root;
    uint64_t leaves = 0;
    double start = thread_us();
    ENSURE(state_tree_check(&root, &leaves, bench.kv, bench.version - 1) == OK);
    result_add("state_check_us", (thread_us() - start) / (double)leaves);
    state_tree_close(&bench.tree);
    kv_batch_free(&bench.batch);
    memory_free(bench.value);
    memory_free(bench.taken);
    kv_close(&bench.kv);
}

/* ---- log ---- */

static void log_grow(struct kv *kv, struct log_frontier *frontier)
{
    static struct hash leaves[LOG_LEAVES];
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    uint64_t seed = 2;
    double append_us = 0, write_us = 0;
    for (size_t block = 0; block < LOG_BLOCKS; block++) {
        for (size_t i = 0; i < LOG_LEAVES; i++) {
            uint64_t number = check_random(&seed);
            leaves[i] = hash_sha256(view_of(&number, sizeof number));
        }
        kv_batch_clear(batch);
        double start = thread_us();
        ENSURE(log_store_append(frontier, batch, kv, leaves, LOG_LEAVES) == OK);
        double appended = thread_us();
        ENSURE(kv_write(kv, batch, true) == OK);
        append_us += appended - start;
        write_us += thread_us() - appended;
    }
    result_add("log_append_us", append_us / (LOG_BLOCKS * LOG_LEAVES));
    result_add("log_write_us", write_us / (LOG_BLOCKS * LOG_LEAVES));
}

/* `fresh`: a reader of its own for each proof. */
static double log_prove(struct kv *kv, uint64_t from, uint64_t size, bool fresh)
{
    static struct log_reader reader;
    struct log_nodes nodes = log_reader_nodes(&reader);
    struct log_proof proof;
    uint64_t seed = 3;
    log_reader_init(&reader, kv, NULL);
    double start = thread_us();
    for (size_t i = 0; i < READS; i++) {
        if (fresh)
            log_reader_init(&reader, kv, NULL);
        uint64_t index =
            fresh ? from + check_random(&seed) % (size - from) : from + i % (size - from);
        ENSURE(log_prove_inclusion(&proof, &nodes, index, size) == OK);
    }
    return (thread_us() - start) / READS;
}

static void bench_log(void)
{
    struct kv *kv = NULL;
    struct log_frontier frontier = {0};
    ENSURE(kv_open_leveldb(&kv, scratch_path("log")) == OK);
    log_grow(kv, &frontier);
    uint64_t size = frontier.size;
    result_add("log_prove_any_us", log_prove(kv, 0, size, true));
    result_add("log_prove_last_block_us", log_prove(kv, size - LOG_LEAVES, size, false));
    kv_close(&kv);
}

/* ---- results ---- */

static void print_results(const struct options *options)
{
    printf(
        "leveldb: %zu blocks of %zu changed keys of %zu bytes on %zu entries; log of %d leaves\n",
        options->blocks, options->keys, options->value_bytes, options->existing,
        LOG_BLOCKS * LOG_LEAVES);
    for (size_t i = 0; i < result_count; i++)
        printf("  %-24s %10.2f\n", results[i].name, results[i].value);
    if (options->json == NULL)
        return;
    FILE *file = fopen(options->json, "w");
    ENSURE(file != NULL);
    fprintf(file, "{\"existing\":%zu,\"keys\":%zu,\"blocks\":%zu,\"value\":%zu", options->existing,
            options->keys, options->blocks, options->value_bytes);
    for (size_t i = 0; i < result_count; i++)
        fprintf(file, ",\"%s\":%.3f", results[i].name, results[i].value);
    fprintf(file, "}\n");
    fclose(file);
}

static bool read_options(struct options *out, int count, char **arguments)
{
    const struct {
        const char *name;
        size_t *number;
    } numbers[] = {{"--existing", &out->existing},
                   {"--keys", &out->keys},
                   {"--blocks", &out->blocks},
                   {"--value", &out->value_bytes}};
    for (int i = 1; i < count; i += 2) {
        bool known = false;
        if (i + 1 == count)
            return false;
        for (size_t j = 0; j < COUNT_OF(numbers); j++) {
            if (strcmp(arguments[i], numbers[j].name) == 0) {
                *numbers[j].number = strtoul(arguments[i + 1], NULL, 10);
                known = true;
            }
        }
        if (strcmp(arguments[i], "--json") == 0)
            out->json = arguments[i + 1];
        else if (!known)
            return false;
    }
    return out->keys > 0 && out->keys <= KEYS_MAX && out->keys <= out->existing / 2 &&
           out->blocks > 0 && out->value_bytes > 0 && out->value_bytes <= 65536;
}

int main(int count, char **arguments)
{
    struct options options = {.existing = 100000, .keys = 2000, .blocks = 50, .value_bytes = 600};
    if (!read_options(&options, count, arguments)) {
        fprintf(stderr, "usage: bench_trees [--existing N] [--keys N] [--blocks N] "
                        "[--value BYTES] [--json FILE]\n");
        return 2;
    }
    ENSURE(scratch_make(NULL) == 0);
    bench_state(&options);
    bench_log();
    print_results(&options);
    return scratch_remove(NULL);
}
