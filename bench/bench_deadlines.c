/* What a block costs when very many deadlines fall due at one instant, on the store on disk.
 *
 *   bench_deadlines [--count N] [--limit-ms N] [--judge wall|cpu] [--json FILE]
 *
 * N requests wait for an answer that is due at the same 24:00; nobody answers. Three waves follow,
 * each on a ledger that was opened anew, so that no record is in memory: the warnings, the deemed
 * approvals (PT 20), and the expiries of the N grants that came of them. A block's delay is what
 * preparing and committing it takes over an empty block, in time and in CPU of the thread that
 * executes; what is judged (--judge) must not be above the limit (100 ms). Exit 1 if a block is. */
#include "rules_fixture.h"

#include "certify.h"
#include "scratch.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/thread_clock.h"
#include "chain/app.h"

#include <fcntl.h>
#include <dirent.h>
#include <unistd.h>

#define TXS_A_BLOCK 2000
#define EMPTY_BLOCKS 20
#define STEP_MS 1000

struct options {
    size_t count;
    int64_t limit_ms;
    bool judge_cpu;
    const char *json;
};

struct samples {
    int64_t *us;
    size_t count, capacity;
};

struct wave {
    const char *name, *effect, *at;
    struct samples wall, cpu;
    size_t acts;
};

struct bench {
    struct doc *genesis;
    struct hash genesis_hash;
    struct kv *kv;
    struct app *app;
    unsigned serial;
};

/* ---- samples ---- */

static void samples_add(struct samples *samples, int64_t us)
{
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity == 0 ? 256 : 2 * samples->capacity;
        samples->us = memory_resize(samples->us, samples->capacity * sizeof *samples->us);
    }
    samples->us[samples->count++] = us;
}

static void wave_free(struct wave *wave)
{
    memory_free(wave->wall.us);
    memory_free(wave->cpu.us);
}

static int compare_us(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Of the sorted ones: the one that so many percent do not exceed. */
static int64_t samples_at(struct samples *samples, size_t percent)
{
    qsort(samples->us, samples->count, sizeof *samples->us, compare_us);
    return samples->count == 0 ? 0 : samples->us[(samples->count - 1) * percent / 100];
}

/* ---- the ledger ---- */

/* What the system keeps of the files in memory is let go, as after a restart of the machine. */
static void forget_files(const char *directory)
{
    DIR *folder = opendir(directory);
    struct dirent *entry;
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            (void)fdatasync(fd);
            (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
            (void)close(fd);
        }
    }
    (void)closedir(folder);
}

static void bench_open(struct bench *bench)
{
    struct faults faults = {0};
    assert_int_equal(kv_open_leveldb(&bench->kv, scratch_path("ledger")), 0);
    assert_int_equal(
        app_open(&bench->app, &faults, bench->kv, bench->genesis, &bench->genesis_hash), 0);
}

static void bench_reopen(struct bench *bench)
{
    app_close(&bench->app);
    kv_close(&bench->kv);
    forget_files(scratch_path("ledger"));
    bench_open(bench);
}

/* A block at that time; how many acts of this effect it has. */
static size_t make_block(struct bench *bench, struct wave *wave, int64_t time_ms, struct tx **txs,
                         size_t count)
{
    int64_t wall_us = clock_monotonic_us(), cpu_us = clock_thread_us();
    const struct app_proposal proposal = {.time_ms = time_ms,
                                          .proposer =
                                              app_next_validators(bench->app)->item[0].member,
                                          .candidates = txs,
                                          .candidate_count = count};
    AUTO(block_free) struct block *block = NULL;
    struct app_commit commit;
    assert_int_equal(app_prepare(&block, bench->app, &proposal), 0);
    assert_int_equal(block->tx_count, count);
    int64_t signing_wall_us = clock_monotonic_us(), signing_cpu_us = clock_thread_us();
    struct certificate certificate = certify(bench->app, block);
    wall_us += clock_monotonic_us() - signing_wall_us;
    cpu_us += clock_thread_us() - signing_cpu_us;
    assert_int_equal(app_commit(&commit, bench->app, &block->hash, &certificate), 0);
    if (wave != NULL) {
        samples_add(&wave->wall, clock_monotonic_us() - wall_us);
        samples_add(&wave->cpu, clock_thread_us() - cpu_us);
    }
    size_t acts = 0;
    for (size_t i = 0; wave != NULL && i < doc_count(commit.acts); i++) {
        acts += doc_text_is(doc_at(commit.acts, i), "effect", wave->effect);
    }
    app_commit_free(&commit);
    return acts;
}

static struct tx *make_tx(struct bench *bench, const char *kid, const char *type,
                          const struct doc *body)
{
    AUTO(buf_free) struct buf raw = {0};
    char member[MEMBER_ID_CHARS + 1], nonce[32];
    struct public_key key;
    struct tx *tx = NULL;
    struct secret_key secret = fixture_secret_of(kid);
    (void)snprintf(member, sizeof member, "%s", kid);
    (void)snprintf(nonce, sizeof nonce, "bench-%010u", ++bench->serial);
    const struct tx_draft draft = {.genesis = &bench->genesis_hash,
                                   .member = member,
                                   .key_name = kid + MEMBER_ID_CHARS + 1,
                                   .type = type,
                                   .nonce = nonce,
                                   .expires_ms = app_tip_time_ms(bench->app) + 1800000,
                                   .body = body};
    assert_int_equal(tx_sign(&raw, &draft, &secret), 0);
    assert_int_equal(tx_parse(&tx, NULL, view_of_buf(&raw), &bench->genesis_hash), 0);
    assert_int_equal(sign_public_key(&key, &secret), 0);
    tx->verified = true; /* by its own signer, a moment ago */
    tx->verified_key = key;
    return tx;
}

/* One transaction in a block of its own; its id as hex. */
static void must(struct bench *bench, char txid[2 * HASH_BYTES + 1], const char *kid,
                 const char *type, const struct doc *body)
{
    struct tx *tx = make_tx(bench, kid, type, body);
    (void)make_block(bench, NULL, app_tip_time_ms(bench->app) + STEP_MS, &tx, 1);
    hash_to_hex(txid, &tx->id);
    tx_free(&tx);
}

/* ---- the story ---- */

static void publish_entry(struct bench *bench, char version[2 * HASH_BYTES + 1])
{
    AUTO(doc_free)
    struct doc *duty = fixture_parse("{'code':'D1','name':'社会组织登记','category':'行政许可',"
                                     "'implementer':'广东省民政厅','basis':'条例第六条'}");
    AUTO(doc_free)
    struct doc *entry =
        fixture_parse("{'code':'E1','entry':%s}", entry_text("E1", "authorised", NULL));
    must(bench, version, ALPHA "/compile", "duty.publish", duty);
    must(bench, version, ALPHA "/compile", "catalog.submit", entry);
    AUTO(doc_free)
    struct doc *review = fixture_parse(
        "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}", version);
    must(bench, version, CENTER "/review", "catalog.review", review);
}

static void submit_requests(struct bench *bench, const char *entry_version, size_t count)
{
    AUTO(doc_free)
    struct doc *body = fixture_parse(
        "{'provider':'" ALPHA "','entry':'E1','acts_on':'%s','need':'service',"
        "'purpose':'一网通办：社会组织登记核验','basis':'职责清单','goal':'减少材料提交',"
        "'items':['姓名'],'mode':'service','frequency':{'times':10,'per':'month'},"
        "'security_level':2,'safeguards':'专网访问，最小授权','system':'一网通办受理系统',"
        "'until':'2026-03-02',"
        "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}",
        entry_version);
    static struct tx *txs[TXS_A_BLOCK];
    for (size_t made = 0; made < count;) {
        size_t now = count - made < TXS_A_BLOCK ? count - made : TXS_A_BLOCK;
        for (size_t i = 0; i < now; i++) {
            txs[i] = make_tx(bench, BETA "/compile", "request.submit", body);
        }
        (void)make_block(bench, NULL, app_tip_time_ms(bench->app) + STEP_MS, txs, now);
        for (size_t i = 0; i < now; i++) {
            tx_free(&txs[i]);
        }
        made += now;
        fprintf(stderr, "\r%zu / %zu", made, count);
    }
    fprintf(stderr, "\r                     \r");
}

static void measure_empty(struct bench *bench, struct wave *empty)
{
    for (int i = 0; i < EMPTY_BLOCKS; i++) {
        (void)make_block(bench, empty, app_tip_time_ms(bench->app) + STEP_MS, NULL, 0);
    }
}

/* Blocks from the instant on until all of them are told, approved or expired. */
static void measure_wave(struct bench *bench, struct wave *wave, size_t count)
{
    bench_reopen(bench);
    int64_t time_ms = at(wave->at);
    (void)make_block(bench, NULL, time_ms - 1, NULL, 0);
    while (wave->acts < count) {
        size_t acts = make_block(bench, wave, time_ms, NULL, 0);
        assert_true(acts > 0); /* each block goes on with it */
        wave->acts += acts;
        time_ms += STEP_MS;
    }
}

/* ---- results ---- */

struct result {
    double wall_max, wall_p50, cpu_max, cpu_p50; /* ms over an empty block */
};

static double over_empty(struct samples *samples, struct samples *empty, size_t percent)
{
    double ms = (double)(samples_at(samples, percent) - samples_at(empty, 50)) / 1000.0;
    return ms > 0 ? ms : 0;
}

static struct result result_of(struct wave *wave, struct wave *empty)
{
    return (struct result){.wall_max = over_empty(&wave->wall, &empty->wall, 100),
                           .wall_p50 = over_empty(&wave->wall, &empty->wall, 50),
                           .cpu_max = over_empty(&wave->cpu, &empty->cpu, 100),
                           .cpu_p50 = over_empty(&wave->cpu, &empty->cpu, 50)};
}

static bool tell(struct wave *waves, size_t wave_count, struct wave *empty,
                 const struct options *options)
{
    AUTO(buf_free) struct buf json = {0};
    bool good = true;
    buf_append_format(&json, "{\"count\":%zu,\"limit_ms\":%d,\"judged\":\"%s\",\"waves\":[",
                      options->count, (int)options->limit_ms, options->judge_cpu ? "cpu" : "wall");
    printf("%zu deadlines at one instant; delay of a block over an empty one, ms\n",
           options->count);
    printf("  %-18s %8s %8s %10s %10s %10s %10s\n", "wave", "acts", "blocks", "cpu p50", "cpu max",
           "wall p50", "wall max");
    for (size_t i = 0; i < wave_count; i++) {
        struct result result = result_of(&waves[i], empty);
        double judged = options->judge_cpu ? result.cpu_max : result.wall_max;
        bool over = judged > (double)options->limit_ms;
        printf("  %-18s %8zu %8zu %10.1f %10.1f %10.1f %10.1f%s\n", waves[i].name, waves[i].acts,
               waves[i].wall.count, result.cpu_p50, result.cpu_max, result.wall_p50,
               result.wall_max, over ? "  OVER" : "");
        buf_append_format(&json,
                          "%s{\"name\":\"%s\",\"acts\":%zu,\"blocks\":%zu,\"cpu_ms_p50\":%.3f,"
                          "\"cpu_ms_max\":%.3f,\"wall_ms_p50\":%.3f,\"wall_ms_max\":%.3f,"
                          "\"over\":%s}",
                          i > 0 ? "," : "", waves[i].name, waves[i].acts, waves[i].wall.count,
                          result.cpu_p50, result.cpu_max, result.wall_p50, result.wall_max,
                          over ? "true" : "false");
        good = good && !over;
    }
    buf_append_format(&json, "],\"empty_wall_us\":%d,\"empty_cpu_us\":%d}\n",
                      (int)samples_at(&empty->wall, 50), (int)samples_at(&empty->cpu, 50));
    printf("  judged: %s, limit %d ms: %s\n", options->judge_cpu ? "cpu" : "wall",
           (int)options->limit_ms, good ? "kept" : "NOT KEPT");
    if (options->json != NULL) {
        FILE *file = fopen(options->json, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(json.data, 1, json.len, file), json.len);
        assert_int_equal(fclose(file), 0);
    }
    return good;
}

static bool read_options(struct options *out, int count, char **arguments)
{
    for (int i = 1; i < count; i += 2) {
        const char *value = i + 1 < count ? arguments[i + 1] : "";
        if (strcmp(arguments[i], "--count") == 0) {
            out->count = strtoul(value, NULL, 10);
        } else if (strcmp(arguments[i], "--limit-ms") == 0) {
            out->limit_ms = (int64_t)strtoul(value, NULL, 10);
        } else if (strcmp(arguments[i], "--judge") == 0 &&
                   (strcmp(value, "cpu") == 0 || strcmp(value, "wall") == 0)) {
            out->judge_cpu = strcmp(value, "cpu") == 0;
        } else if (strcmp(arguments[i], "--json") == 0) {
            out->json = value;
        } else {
            return false;
        }
    }
    return out->count > 0 && out->count <= 10000000;
}

int main(int count, char **arguments)
{
    struct options options = {.count = 100000, .limit_ms = 100};
    struct bench bench = {0};
    char entry_version[2 * HASH_BYTES + 1];
    if (!read_options(&options, count, arguments)) {
        fprintf(stderr, "usage: bench_deadlines [--count N] [--limit-ms N] [--judge wall|cpu] "
                        "[--json FILE]\n");
        return 2;
    }
    assert_int_equal(scratch_make(NULL), 0);
    fixture_warns = true;
    bench.genesis = fixture_genesis("putuo");
    struct doc *params = doc_copy(doc_get(bench.genesis, "params"));
    doc_set_int(params, "outage_ms", 30 * DAY_MS); /* the bench leaps, no end is put off by it */
    doc_set(bench.genesis, "params", params);
    doc_hash(&bench.genesis_hash, "dirchain/genesis/1", bench.genesis);
    bench_open(&bench);
    (void)make_block(&bench, NULL, at("2026-02-12T10:00:00+08:00"), NULL, 0);
    publish_entry(&bench, entry_version);
    submit_requests(&bench, entry_version, options.count);
    /* Received on Thursday 12 February: 13, Saturday 14 (调休), holiday 15–23, 24 25 26. */
    struct wave empty = {.name = "empty"};
    struct wave waves[] = {
        {.name = "warnings", .effect = "term-warning", .at = "2026-02-26T00:00:00+08:00"},
        {.name = "deemed approvals",
         .effect = "deemed-approved",
         .at = "2026-02-27T00:00:00+08:00"},
        {.name = "expiries", .effect = "expired", .at = "2026-03-03T00:00:00+08:00"},
    };
    measure_empty(&bench, &empty);
    for (size_t i = 0; i < COUNT_OF(waves); i++) {
        measure_wave(&bench, &waves[i], options.count);
    }
    bool good = tell(waves, COUNT_OF(waves), &empty, &options);
    wave_free(&empty);
    for (size_t i = 0; i < COUNT_OF(waves); i++) {
        wave_free(&waves[i]);
    }
    app_close(&bench.app);
    kv_close(&bench.kv);
    doc_free(&bench.genesis);
    (void)scratch_remove(NULL);
    return good ? 0 : 1;
}
