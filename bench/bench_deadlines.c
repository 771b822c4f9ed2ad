/* What a block costs when very many deadlines fall due at one instant, on the store on disk.
 *
 *   bench_deadlines [--count N] [--limit-ms N] [--judge wall|own|cpu] [--json FILE]
 *
 * N requests wait for an answer that is due at the same 24:00; nobody answers. Three waves follow,
 * each on a ledger that was opened anew, so that no record is in memory: the warnings, the deemed
 * approvals (PT 20), and the expiries of the N grants that came of them. A block's delay is what
 * preparing and committing it takes over an empty block: in time (wall), in time less what the
 * thread that executes waited for a processor, which is what other processes of the machine took
 * (own; the disk, and LevelDB's thread, are in it), and in CPU of that thread. What is judged
 * (--judge) must not be above the limit (100 ms). Exit 1 if a block is. */
#include "rules_fixture.h"

#include "certify.h"
#include "scratch.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/thread_clock.h"
#include "chain/app.h"

#include <fcntl.h>
#include <unistd.h>

#define TXS_A_BLOCK 2000
#define EMPTY_BLOCKS 20
#define STEP_MS 1000
#define FIRST_BLOCKS 8 /* told one by one: they find the least in memory */

enum measure { CPU, OWN, WALL, MEASURES };
static const char *const measure_names[MEASURES] = {"cpu", "own", "wall"};

struct options {
    size_t count;
    int64_t limit_ms;
    enum measure judged;
    const char *json;
};

struct samples {
    int64_t *us; /* in the order of the blocks, until they are sorted */
    size_t count, capacity;
    int64_t first[FIRST_BLOCKS];
};

struct wave {
    const char *name, *effect, *at;
    struct samples taken[MEASURES];
    int64_t opened_us[MEASURES]; /* what opening the ledger before it took */
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
    if (samples->count < FIRST_BLOCKS) {
        samples->first[samples->count] = us;
    }
    samples->us[samples->count++] = us;
}

static void wave_free(struct wave *wave)
{
    for (int i = 0; i < MEASURES; i++) {
        memory_free(wave->taken[i].us);
    }
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

static int forget_file(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)place;
    int fd = type == FTW_F ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)fdatasync(fd);
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        (void)close(fd);
    }
    return 0;
}

static void bench_open(struct bench *bench)
{
    struct faults faults = {0};
    assert_int_equal(kv_open_leveldb(&bench->kv, scratch_path("ledger")), 0);
    assert_int_equal(
        app_open(&bench->app, &faults, bench->kv, bench->genesis, &bench->genesis_hash), 0);
}

static void bench_close(struct bench *bench)
{
    app_close(&bench->app);
    kv_close(&bench->kv);
    /* What the system keeps of the files in memory is let go, as after its restart. */
    assert_int_equal(nftw(scratch_path("ledger"), forget_file, 16, FTW_PHYS), 0);
}

/* How long this thread was ready to run and had no processor, so far. */
static int64_t waited_us(void)
{
    char text[96] = "";
    long long ran_ns, waited_ns;
    int fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(read(fd, text, sizeof text - 1) > 0);
    (void)close(fd);
    assert_int_equal(sscanf(text, "%lld %lld", &ran_ns, &waited_ns), 2);
    return waited_ns / 1000;
}

static void clocks_read(int64_t us[MEASURES])
{
    us[WALL] = clock_monotonic_us();
    us[OWN] = us[WALL] - waited_us();
    us[CPU] = clock_thread_us();
}

/* A block at that time; how many acts of this effect it has. */
static size_t make_block(struct bench *bench, struct wave *wave, int64_t time_ms, struct tx **txs,
                         size_t count)
{
    int64_t from[MEASURES], signing[MEASURES], signed_[MEASURES], end[MEASURES];
    clocks_read(from);
    const struct app_proposal proposal = {.time_ms = time_ms,
                                          .proposer =
                                              app_next_validators(bench->app)->item[0].member,
                                          .candidates = txs,
                                          .candidate_count = count};
    AUTO(block_free) struct block *block = NULL;
    struct app_commit commit;
    assert_int_equal(app_prepare(&block, bench->app, &proposal), 0);
    assert_int_equal(block->tx_count, count);
    clocks_read(signing);
    struct certificate certificate = certify(bench->app, block);
    clocks_read(signed_);
    assert_int_equal(app_commit(&commit, bench->app, &block->hash, &certificate), 0);
    clocks_read(end);
    for (int i = 0; wave != NULL && i < MEASURES; i++) {
        samples_add(&wave->taken[i], end[i] - signed_[i] + signing[i] - from[i]);
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
    AUTO(doc_free)
    struct doc *collect =
        fixture_parse("{'code':'E1','acts_on':'%s','method':'table','system':'业务系统',"
                      "'content':'业务信息','tables':1,'rows':1200}",
                      version);
    char collected[2 * HASH_BYTES + 1]; /* PT 22; the entry stays as accepted */
    must(bench, collected, ALPHA "/compile", "catalog.collect", collect);
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
    int64_t time_ms = at(wave->at), from[MEASURES], end[MEASURES];
    bench_close(bench);
    clocks_read(from);
    bench_open(bench);
    clocks_read(end);
    for (int i = 0; i < MEASURES; i++) {
        wave->opened_us[i] = end[i] - from[i];
    }
    (void)make_block(bench, NULL, time_ms - 1, NULL, 0);
    while (wave->acts < count) {
        size_t acts = make_block(bench, wave, time_ms, NULL, 0);
        assert_true(acts > 0); /* each block goes on with it */
        wave->acts += acts;
        time_ms += STEP_MS;
    }
}

/* ---- results ---- */

static double ms_over(int64_t us, int64_t empty_us)
{
    return us > empty_us ? (double)(us - empty_us) / 1000.0 : 0;
}

/* ms over an empty block. */
static double over_empty(struct wave *wave, struct wave *empty, enum measure measure,
                         size_t percent)
{
    return ms_over(samples_at(&wave->taken[measure], percent),
                   samples_at(&empty->taken[measure], 50));
}

static void append_first(struct buf *json, struct wave *wave, struct wave *empty,
                         enum measure measure)
{
    const struct samples *taken = &wave->taken[measure];
    buf_append_format(json, "\"%s_ms_first\":[", measure_names[measure]);
    for (size_t i = 0; i < FIRST_BLOCKS && i < taken->count; i++) {
        buf_append_format(json, "%s%.3f", i > 0 ? "," : "",
                          ms_over(taken->first[i], samples_at(&empty->taken[measure], 50)));
    }
    buf_append_format(json, "],");
}

/* A line of the table and an item of the list; whether it kept the limit. */
static bool tell_wave(struct buf *json, struct wave *wave, struct wave *empty,
                      const struct options *options)
{
    bool over = over_empty(wave, empty, options->judged, 100) > (double)options->limit_ms;
    size_t blocks = wave->taken[WALL].count;
    printf("  %-18s %8zu %8zu", wave->name, wave->acts, blocks);
    buf_append_format(json, "{\"name\":\"%s\",\"acts\":%zu,\"blocks\":%zu,", wave->name, wave->acts,
                      blocks);
    for (int i = 0; i < MEASURES; i++) {
        double p50 = over_empty(wave, empty, (enum measure)i, 50);
        double max = over_empty(wave, empty, (enum measure)i, 100);
        printf(" %8.1f %8.1f", p50, max);
        buf_append_format(json, "\"%s_ms_p50\":%.3f,\"%s_ms_max\":%.3f,", measure_names[i], p50,
                          measure_names[i], max);
        buf_append_format(json, "\"opened_%s_ms\":%.0f,", measure_names[i],
                          (double)wave->opened_us[i] / 1000.0);
        append_first(json, wave, empty, (enum measure)i);
    }
    printf("%s\n", over ? "  OVER" : "");
    buf_append_format(json, "\"over\":%s}", over ? "true" : "false");
    return !over;
}

static bool tell(struct wave *waves, size_t wave_count, struct wave *empty,
                 const struct options *options)
{
    AUTO(buf_free) struct buf json = {0};
    const char *judged = measure_names[options->judged];
    bool good = true;
    buf_append_format(&json, "{\"count\":%zu,\"limit_ms\":%d,\"judged\":\"%s\",\"waves\":[",
                      options->count, (int)options->limit_ms, judged);
    printf("%zu deadlines at one instant; delay of a block over an empty one, ms\n",
           options->count);
    printf("  %-18s %8s %8s %8s %8s %8s %8s %8s %8s\n", "wave", "acts", "blocks", "cpu p50", "max",
           "own p50", "max", "wall p50", "max");
    for (size_t i = 0; i < wave_count; i++) {
        buf_append_format(&json, "%s", i > 0 ? "," : "");
        good = tell_wave(&json, &waves[i], empty, options) && good;
    }
    buf_append_format(&json, "],\"empty_wall_us\":%d,\"empty_cpu_us\":%d}\n",
                      (int)samples_at(&empty->taken[WALL], 50),
                      (int)samples_at(&empty->taken[CPU], 50));
    printf("  judged: %s, limit %d ms: %s\n", judged, (int)options->limit_ms,
           good ? "kept" : "NOT KEPT");
    if (options->json != NULL) {
        FILE *file = fopen(options->json, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(json.data, 1, json.len, file), json.len);
        assert_int_equal(fclose(file), 0);
    }
    return good;
}

static bool read_measure(enum measure *out, const char *name)
{
    for (int i = 0; i < MEASURES; i++) {
        if (strcmp(name, measure_names[i]) == 0) {
            *out = (enum measure)i;
            return true;
        }
    }
    return false;
}

static bool read_options(struct options *out, int count, char **arguments)
{
    for (int i = 1; i < count; i += 2) {
        const char *value = i + 1 < count ? arguments[i + 1] : "";
        if (strcmp(arguments[i], "--count") == 0) {
            out->count = strtoul(value, NULL, 10);
        } else if (strcmp(arguments[i], "--limit-ms") == 0) {
            out->limit_ms = (int64_t)strtoul(value, NULL, 10);
        } else if (strcmp(arguments[i], "--judge") == 0 && read_measure(&out->judged, value)) {
            continue;
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
    struct options options = {.count = 100000, .limit_ms = 100, .judged = WALL};
    struct bench bench = {0};
    char entry_version[2 * HASH_BYTES + 1];
    if (!read_options(&options, count, arguments)) {
        fprintf(stderr, "usage: bench_deadlines [--count N] [--limit-ms N] [--judge wall|own|cpu] "
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
