/* What a transaction costs the ledger: blocks of one type on a ledger that holds many entries of
 * it already. A proposer on a memory store prepares; a second node, on memory or LevelDB, decodes,
 * verifies, processes, stores and commits what it gets, as a validator does.
 *
 *   bench_ledger [--type catalog|duty] [--existing N] [--blocks N] [--txs N]
 *                [--store memory|leveldb] [--json FILE]
 *
 * catalog: catalog.submit, 1.2 kB with eight items, three records written. duty: duty.publish, a
 * small document and one record.
 *
 * Times are microseconds of CPU of the owner thread per transaction; wall time, and the CPU of the
 * other threads (LevelDB compacts in one of its own), are given beside them. */
#include "ledger.h"
#include "scratch.h"

#include <time.h>

#define AUTHORS 4

enum stage { PARSE, VERIFY, PREPARE, PROCESS, BODY, COMMIT, STAGES };
static const char *const stage_names[STAGES] = {"parse",   "verify", "prepare",
                                                "process", "body",   "commit"};

struct options {
    size_t existing, blocks, txs;
    const char *type;
    const char *store;
    const char *json;
};

struct measure {
    double cpu_us[STAGES];
    double wall_us[STAGES];
    double background_cpu_us; /* of other threads than this one, over the whole run */
};

static double clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

struct watch {
    double cpu, wall;
};

static double background_us(void)
{
    return clock_us(CLOCK_PROCESS_CPUTIME_ID) - clock_us(CLOCK_THREAD_CPUTIME_ID);
}

static struct watch watch_start(void)
{
    return (struct watch){clock_us(CLOCK_THREAD_CPUTIME_ID), clock_us(CLOCK_MONOTONIC)};
}

static void watch_stop(struct measure *measure, enum stage stage, struct watch start)
{
    measure->cpu_us[stage] += clock_us(CLOCK_THREAD_CPUTIME_ID) - start.cpu;
    measure->wall_us[stage] += clock_us(CLOCK_MONOTONIC) - start.wall;
}

/* ---- transactions ---- */

static struct doc *duty_body(size_t number)
{
    struct doc *body = doc_new_object();
    doc_set_format(body, "code", "D-%zu", number);
    doc_set_text(body, "name", "公共数据资源管理");
    doc_set_text(body, "category", "其他");
    doc_set_text(body, "implementer", "测试单位");
    doc_set_text(body, "basis", "《上海市公共数据开放暂行办法》第九条");
    return body;
}

static struct doc *item_of(unsigned number)
{
    struct doc *item = doc_new_object();
    doc_set_format(item, "name", "信息项%u", number);
    doc_set_format(item, "field", "item_%u", number);
    doc_set_text(item, "type", "C");
    doc_set_int(item, "length", 64);
    return item;
}

/* An entry as agencies write them: eight items, about 1.2 kB. */
static struct doc *submit_body(size_t number)
{
    struct doc *body = doc_new_object(), *entry = doc_new_object();
    struct doc *items = doc_new_array(), *source = doc_new_object();
    for (unsigned i = 0; i < 8; i++)
        doc_push(items, item_of(i));
    doc_set_text(source, "system", "行政审批系统");
    doc_set_text(entry, "category", "法人信息/登记");
    doc_set_format(entry, "name", "企业登记信息第%zu批", number);
    doc_set_text(entry, "summary", "本行政区域内企业设立、变更、注销登记的基本信息，按日更新。");
    doc_set_text(entry, "format", "database");
    doc_set(entry, "items", items);
    doc_set_text(entry, "sharing", "unconditional");
    doc_set_text(entry, "opening", "closed");
    doc_set_text(entry, "update", "daily");
    doc_set_text(entry, "published_on", "2026-02-01");
    doc_set(entry, "source", source);
    doc_set_int(entry, "grade", 2);
    doc_set_text(entry, "coverage", "全区，2020年至今");
    doc_set_text(entry, "manager", "登记注册科");
    doc_set_text(entry, "duty", "D-0");
    doc_set_format(body, "code", "E-%zu", number);
    doc_set(body, "entry", entry);
    return body;
}

/* ---- the two nodes ---- */

struct bench {
    struct ledger proposer, validator;
    bool duties; /* instead of catalog entries */
    size_t submitted;
    struct measure measure;
};

/* A block from the proposer to the validator; the transactions are freed. */
static void pass_block(struct bench *bench, struct tx **txs, size_t count, bool verify)
{
    struct measure *measure = &bench->measure;
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *received = NULL;
    struct faults faults = {0};
    struct app_commit commit;
    struct watch watch = watch_start();
    AUTO(block_free) struct block *block = ledger_prepare(&bench->proposer, txs, count, NULL);
    watch_stop(measure, PREPARE, watch);
    assert_int_equal(block->tx_count, count);
    block_encode(&bytes, block);
    struct certificate certificate = ledger_certify(&bench->proposer, block);
    assert_int_equal(ledger_commit(&bench->proposer, block), 0);

    watch = watch_start();
    assert_int_equal(
        block_decode(&received, &faults, view_of_buf(&bytes), &bench->validator.genesis_hash), 0);
    watch_stop(measure, PARSE, watch);
    watch = watch_start();
    for (size_t i = 0; i < count; i++) {
        if (verify)
            assert_int_equal(tx_verify(received->txs[i], &txs[i]->verified_key), 0);
        received->txs[i]->verified = true;
        received->txs[i]->verified_key = txs[i]->verified_key;
    }
    watch_stop(measure, VERIFY, watch);
    watch = watch_start();
    assert_int_equal(app_process(bench->validator.app, &faults, received), 0);
    watch_stop(measure, PROCESS, watch);
    watch = watch_start();
    assert_int_equal(app_store_body(bench->validator.app, received), 0);
    watch_stop(measure, BODY, watch);
    watch = watch_start();
    assert_int_equal(app_commit(&commit, bench->validator.app, &received->hash, &certificate), 0);
    watch_stop(measure, COMMIT, watch);
    app_commit_free(&commit);
    for (size_t i = 0; i < count; i++)
        tx_free(&txs[i]);
}

static void submit_block(struct bench *bench, size_t count, bool verify)
{
    struct tx **txs = memory_alloc(count * sizeof *txs);
    for (size_t i = 0; i < count; i++) {
        size_t number = ++bench->submitted;
        txs[i] = ledger_tx(&bench->proposer, 1 + number % AUTHORS, KEY_COMPILE,
                           bench->duties ? "duty.publish" : "catalog.submit",
                           bench->duties ? duty_body(number) : submit_body(number));
    }
    pass_block(bench, txs, count, verify);
    memory_free(txs);
}

static void publish_duties(struct bench *bench)
{
    struct tx *txs[AUTHORS];
    for (size_t i = 0; i < AUTHORS; i++)
        txs[i] = ledger_tx(&bench->proposer, 1 + i, KEY_COMPILE, "duty.publish", duty_body(0));
    pass_block(bench, txs, AUTHORS, true);
}

/* ---- results ---- */

static void print_table(const struct bench *bench, const struct options *options)
{
    double txs = (double)(options->blocks * options->txs);
    const struct measure *measure = &bench->measure;
    printf("%s, %s: %zu blocks of %zu on %zu entries\n", options->type, options->store,
           options->blocks, options->txs, options->existing);
    printf("  %-10s %12s %12s\n", "stage", "cpu us/tx", "wall us/tx");
    for (int i = 0; i < STAGES; i++)
        printf("  %-10s %12.2f %12.2f\n", stage_names[i], measure->cpu_us[i] / txs,
               measure->wall_us[i] / txs);
    printf("  %-10s %12.2f\n", "process, body, commit",
           (measure->cpu_us[PROCESS] + measure->cpu_us[BODY] + measure->cpu_us[COMMIT]) / txs);
    printf("  %-10s %12.2f\n", "background", measure->background_cpu_us / txs);
}

static void write_json(const struct bench *bench, const struct options *options)
{
    double txs = (double)(options->blocks * options->txs);
    FILE *file = fopen(options->json, "w");
    assert_non_null(file);
    fprintf(file, "{\"type\":\"%s\",\"store\":\"%s\",\"existing\":%zu,\"blocks\":%zu,\"txs\":%zu",
            options->type, options->store, options->existing, options->blocks, options->txs);
    for (int i = 0; i < STAGES; i++)
        fprintf(file, ",\"%s_cpu_us\":%.3f,\"%s_wall_us\":%.3f", stage_names[i],
                bench->measure.cpu_us[i] / txs, stage_names[i], bench->measure.wall_us[i] / txs);
    fprintf(file, ",\"background_cpu_us\":%.3f}\n", bench->measure.background_cpu_us / txs);
    fclose(file);
}

static int usage(void)
{
    fprintf(stderr,
            "usage: bench_ledger [--type catalog|duty] [--existing N] [--blocks N] [--txs N] "
            "[--store memory|leveldb] [--json FILE]\n");
    return 2;
}

static bool read_options(struct options *out, int count, char **arguments)
{
    for (int i = 1; i < count; i += 2) {
        const char *value = i + 1 < count ? arguments[i + 1] : NULL;
        if (value == NULL)
            return false;
        if (strcmp(arguments[i], "--existing") == 0)
            out->existing = strtoul(value, NULL, 10);
        else if (strcmp(arguments[i], "--blocks") == 0)
            out->blocks = strtoul(value, NULL, 10);
        else if (strcmp(arguments[i], "--txs") == 0)
            out->txs = strtoul(value, NULL, 10);
        else if (strcmp(arguments[i], "--type") == 0)
            out->type = value;
        else if (strcmp(arguments[i], "--store") == 0)
            out->store = value;
        else if (strcmp(arguments[i], "--json") == 0)
            out->json = value;
        else
            return false;
    }
    bool memory = strcmp(out->store, "memory") == 0;
    bool catalog = strcmp(out->type, "catalog") == 0;
    return out->blocks > 0 && out->txs > 0 && out->txs <= 2000 &&
           (memory || strcmp(out->store, "leveldb") == 0) &&
           (catalog || strcmp(out->type, "duty") == 0);
}

int main(int count, char **arguments)
{
    struct options options = {
        .existing = 100000, .blocks = 20, .txs = 1000, .type = "catalog", .store = "memory"};
    struct kv *kv = NULL;
    if (!read_options(&options, count, arguments))
        return usage();
    assert_int_equal(scratch_make(NULL), 0);
    if (strcmp(options.store, "leveldb") == 0)
        assert_int_equal(kv_open_leveldb(&kv, scratch_path("ledger")), 0);
    else
        kv = kv_open_memory();
    struct bench bench = {.proposer = ledger_open(kv_open_memory(), NULL),
                          .validator = ledger_open(kv, NULL),
                          .duties = strcmp(options.type, "duty") == 0};
    publish_duties(&bench);
    while (bench.submitted < options.existing)
        submit_block(&bench, options.txs, false);
    options.existing = bench.submitted;
    bench.measure = (struct measure){0};
    double background = background_us();
    for (size_t i = 0; i < options.blocks; i++)
        submit_block(&bench, options.txs, true);
    bench.measure.background_cpu_us = background_us() - background;
    print_table(&bench, &options);
    if (options.json != NULL)
        write_json(&bench, &options);
    ledger_close(&bench.proposer);
    ledger_close(&bench.validator);
    return scratch_remove(NULL);
}
