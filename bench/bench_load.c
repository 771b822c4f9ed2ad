/* bench_load DIRECTORY BASE_PORT PRELOAD SECONDS: loads the network of bench_net over HTTP with
 * distinct signed transactions (half catalog.submit, half access.open, from 40 keys), and prints
 * one JSON object: rate of committed transactions whose receipts verify, latencies, failures.
 *
 *   bound   measured first, on an empty ledger: verifications per second and core, keys cached
 *   setup   one accepted entry for each provider, one grant for each consumer
 *   preload catalog entries until the state holds PRELOAD of them
 *   load    warm-up, then SECONDS of the same traffic, measured at block boundaries
 *   verify  every receipt of the measured blocks, fetched over HTTP, against genesis alone
 *
 * Transactions are signed before a phase begins, so that signing takes no time from the nodes. */
#include "bench_net.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "bench_http.h"
#include "bench_verify.h"
#include "chain/receipt.h"
#include "genesis/genesis.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define WARM_UP_MS 5000
#define SIGNATURES 4000     /* for the bound */
#define IN_FLIGHT_MAX 12000 /* submitted and not yet in a block, over all nodes */

struct bench {
    struct doc *genesis;
    struct hash genesis_hash;
    int base_port;
    char grant[BENCH_AGENCIES][2 * HASH_BYTES + 1]; /* by consumer */
    uint64_t serial;
};

struct signed_tx {
    struct buf raw;
    struct hash id;
    int64_t sent_ms;
};

static void stop(const char *what, const char *detail)
{
    fprintf(stderr, "bench_load: %s: %s\n", what, detail ? detail : "");
    exit(3);
}

static struct secret_key *officer(size_t member, const char *role, size_t n, char name[32])
{
    static struct secret_key secrets[BENCH_AGENCIES][2][BENCH_KEYS_EACH];
    static bool known[BENCH_AGENCIES][2][BENCH_KEYS_EACH];
    size_t kind = role[0] == 'g';
    snprintf(name, 32, "%s%zu", role, n);
    if (!known[member][kind][n]) {
        secrets[member][kind][n] = bench_secret(member, name);
        known[member][kind][n] = true;
    }
    return &secrets[member][kind][n];
}

static void sign_body(struct buf *out, struct bench *bench, size_t member, const char *key_name,
                      const struct secret_key *secret, const char *type, const struct doc *body)
{
    char nonce[32];
    snprintf(nonce, sizeof nonce, "bench%010" PRIu64, bench->serial++);
    struct tx_draft draft = {.genesis = &bench->genesis_hash,
                             .member = bench_member[member],
                             .key_name = key_name,
                             .type = type,
                             .nonce = nonce,
                             .expires_ms = clock_wall_ms() + 50 * 60 * 1000,
                             .body = body};
    if (tx_sign(out, &draft, secret) != 0)
        stop("signing", type);
}

/* ---- bodies ---- */

static struct doc *entry_doc(const char *name)
{
    struct doc *entry = doc_new_object(), *items = doc_new_array(), *item = doc_new_object();
    struct doc *source = doc_new_object();
    doc_set_text(item, "name", "名称");
    doc_set_text(item, "type", "C");
    doc_set_int(item, "length", 100);
    doc_push(items, item);
    doc_set_text(source, "system", "业务系统");
    doc_set_text(entry, "category", "部门");
    doc_set_text(entry, "name", name);
    doc_set_text(entry, "summary", "压力测试目录");
    doc_set_text(entry, "format", "database");
    doc_set(entry, "items", items);
    doc_set_text(entry, "sharing", "unconditional");
    doc_set_text(entry, "opening", "unconditional");
    doc_set_text(entry, "update", "daily");
    doc_set_text(entry, "published_on", "2026-11-01");
    doc_set(entry, "source", source);
    doc_set_int(entry, "grade", 1);
    doc_set_text(entry, "coverage", "全省");
    doc_set_text(entry, "manager", "办公室");
    doc_set_text(entry, "duty", "D1");
    return entry;
}

static struct doc *submit_body(const char *code)
{
    struct doc *body = doc_new_object();
    char name[64];
    snprintf(name, sizeof name, "测试目录%s", code);
    doc_set_text(body, "code", code);
    doc_set(body, "entry", entry_doc(name));
    return body;
}

static struct doc *request_body(size_t provider, const char *version)
{
    struct doc *body = doc_new_object(), *items = doc_new_array();
    struct doc *frequency = doc_new_object(), *commitments = doc_new_object();
    doc_push_text(items, "名称");
    doc_set_int(frequency, "times", 1);
    doc_set_text(frequency, "per", "day");
    doc_set_bool(commitments, "genuine", true);
    doc_set_bool(commitments, "reasonable", true);
    doc_set_bool(commitments, "compliant", true);
    doc_set_text(body, "provider", bench_member[provider]);
    doc_set_text(body, "entry", "base");
    doc_set_text(body, "acts_on", version);
    doc_set_text(body, "need", "data");
    doc_set_text(body, "purpose", "行政审批核验");
    doc_set_text(body, "basis", "依法履职需要");
    doc_set_text(body, "goal", "减少申请材料");
    doc_set(body, "items", items);
    doc_set_text(body, "mode", "service");
    doc_set(body, "frequency", frequency);
    doc_set_int(body, "security_level", 2);
    doc_set_text(body, "safeguards", "专网访问，按需授权");
    doc_set_text(body, "system", "一体化审批系统");
    doc_set_text(body, "until", "2027-06-30");
    doc_set(body, "commitments", commitments);
    return body;
}

static struct doc *access_body(struct bench *bench, size_t consumer, const char *key_name,
                               uint64_t serial)
{
    struct doc *body = doc_new_object();
    struct hash commitment = hash_sha256(view_of(&serial, sizeof serial));
    doc_set_text(body, "grant", bench->grant[consumer]);
    doc_set_text(body, "acts_on", bench->grant[consumer]);
    doc_set_text(body, "system", "一体化审批系统");
    doc_set_text(body, "operator", key_name);
    doc_set_text(body, "purpose", "行政审批核验");
    doc_set_text(body, "method", "service");
    doc_set_hash(body, "parameters", &commitment);
    return body;
}

/* ---- setup ---- */

/* Submits, waits for the block, and gives the txid. */
static void commit_one(char txid[2 * HASH_BYTES + 1], struct bench *bench, size_t member,
                       const char *key_name, const char *type, struct doc *body)
{
    AUTO(buf_free) struct buf raw = {0}, answer = {0};
    struct secret_key secret = bench_secret(member, key_name);
    sign_body(&raw, bench, member, key_name, &secret, type, body);
    int status = bench_http_call(&answer, bench->base_port + 100, "POST",
                                 "/v1/transactions?wait=committed", view_of_buf(&raw));
    if (status != 200)
        stop(type, buf_text(&answer));
    AUTO(tx_free) struct tx *tx = NULL;
    if (tx_parse(&tx, NULL, view_of_buf(&raw), &bench->genesis_hash) != 0)
        stop(type, "does not parse");
    hash_to_hex(txid, &tx->id);
    doc_free(&body);
}

static void setup(struct bench *bench)
{
    char txid[2 * HASH_BYTES + 1], version[BENCH_AGENCIES][2 * HASH_BYTES + 1];
    for (size_t i = 0; i < BENCH_AGENCIES; i++) {
        struct doc *duty = doc_new_object();
        doc_set_text(duty, "code", "D1");
        doc_set_text(duty, "name", "测试职责");
        doc_set_text(duty, "category", "行政许可");
        doc_set_text(duty, "implementer", "测试单位");
        doc_set_text(duty, "basis", "测试依据");
        commit_one(txid, bench, i, "compile0", "duty.publish", duty);
        commit_one(txid, bench, i, "compile0", "catalog.submit", submit_body("base"));
        struct doc *review = doc_new_object();
        doc_set_text(review, "provider", bench_member[i]);
        doc_set_text(review, "code", "base");
        doc_set_text(review, "acts_on", txid);
        doc_set_text(review, "decision", "accept");
        commit_one(version[i], bench, BENCH_MEMBERS - 1, "review", "catalog.review", review);
        struct doc *collect = doc_new_object();
        doc_set_text(collect, "code", "base");
        doc_set_text(collect, "acts_on", version[i]);
        doc_set_text(collect, "method", "table");
        doc_set_text(collect, "system", "业务系统");
        doc_set_text(collect, "content", "业务信息");
        doc_set_int(collect, "tables", 1);
        doc_set_int(collect, "rows", 1200);
        commit_one(txid, bench, i, "compile0", "catalog.collect", collect);
    }
    for (size_t i = 0; i < BENCH_AGENCIES; i++) {
        size_t provider = (i + 1) % BENCH_AGENCIES;
        commit_one(bench->grant[i], bench, i, "compile0", "request.submit",
                   request_body(provider, version[provider]));
    }
}

/* ---- traffic ---- */

static struct signed_tx *make_traffic(struct bench *bench, size_t count, bool mixed)
{
    struct signed_tx *txs = memory_alloc(count * sizeof *txs);
    for (size_t i = 0; i < count; i++) {
        char name[32], code[32];
        size_t member = i % BENCH_AGENCIES, n = i / BENCH_AGENCIES % BENCH_KEYS_EACH;
        bool access = mixed && i / (BENCH_AGENCIES * BENCH_KEYS_EACH) % 2 == 1;
        snprintf(code, sizeof code, "E%08" PRIu64, bench->serial);
        struct secret_key *secret = officer(member, access ? "gateway" : "compile", n, name);
        AUTO(doc_free)
        struct doc *body =
            access ? access_body(bench, member, name, bench->serial) : submit_body(code);
        sign_body(&txs[i].raw, bench, member, name, secret,
                  access ? "access.open" : "catalog.submit", body);
        const uint8_t *end = memrchr(txs[i].raw.data, '.', txs[i].raw.len);
        txs[i].id = hash_sha256(view_of(txs[i].raw.data, (size_t)(end - txs[i].raw.data)));
    }
    return txs;
}

static size_t mean_bytes(const struct signed_tx *txs, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += txs[i].raw.len;
    return sum / count;
}

static void free_traffic(struct signed_tx *txs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_free(&txs[i].raw);
    memory_free(txs);
}

static int compare_id(const void *a, const void *b)
{
    return hash_compare(&((const struct signed_tx *)a)->id, &((const struct signed_tx *)b)->id);
}

struct tip {
    uint64_t height;
    uint64_t log_size;
};

static struct tip read_tip(struct bench *bench, int node)
{
    AUTO(buf_free) struct buf answer = {0};
    AUTO(doc_free) struct doc *status = NULL;
    int code = bench_http_call(&answer, bench->base_port + 100 + node, "GET", "/v1/status",
                               (struct view){0});
    if (code != 200 || doc_parse(&status, view_of_buf(&answer), 1 << 20) != 0)
        stop("status", buf_text(&answer));
    return (struct tip){.height = (uint64_t)doc_get_int(doc_get(status, "tip"), "height", 0),
                        .log_size = (uint64_t)doc_get_int(doc_get(status, "tip"), "log_size", 0)};
}

#define SEEN_MAX 100000
static int64_t seen_ms[SEEN_MAX]; /* when the bench first saw a height */

static struct tip watch_tip(struct bench *bench)
{
    static uint64_t highest;
    struct tip tip = read_tip(bench, 0);
    int64_t now_ms = clock_monotonic_ms();
    for (uint64_t h = highest + 1; h <= tip.height && h < SEEN_MAX; h++)
        seen_ms[h] = now_ms;
    highest = tip.height > highest ? tip.height : highest;
    return tip;
}

struct pump_result {
    size_t sent;
    uint64_t refused;
    struct tip first, last; /* at the ends of the measured window */
    int64_t first_ms, last_ms;
};

static int64_t tip_seen_ms(const struct tip *tip)
{
    return seen_ms[tip->height < SEEN_MAX ? tip->height : SEEN_MAX - 1];
}

/* Sends with at most IN_FLIGHT_MAX waiting for a block; measures from the block of `warm_up_ms` to
 * the first one that is `duration_ms` later. duration_ms 0: until everything is in blocks. */
static struct pump_result pump(struct bench *bench, struct signed_tx *txs, size_t count,
                               int64_t warm_up_ms, int64_t duration_ms)
{
    struct bench_http *http = bench_http_open(bench->base_port + 100, BENCH_AGENCIES);
    struct pump_result result = {0};
    struct tip start = watch_tip(bench), tip = start;
    int64_t begin_ms = clock_monotonic_ms(), polled_ms = begin_ms;
    for (;;) {
        int64_t now_ms = clock_monotonic_ms();
        if (now_ms - polled_ms >= 25) {
            tip = watch_tip(bench);
            polled_ms = now_ms;
        }
        if (result.first_ms == 0 && now_ms - begin_ms >= warm_up_ms) {
            result.first = tip;
            result.first_ms = tip_seen_ms(&tip);
        }
        uint64_t done = tip.log_size - start.log_size;
        bool over = duration_ms > 0
                        ? result.first_ms > 0 && tip_seen_ms(&tip) - result.first_ms >= duration_ms
                        : done + bench_http_refused(http) >= count;
        if (over)
            break;
        if (now_ms - begin_ms > 600000)
            stop("load", "no end after ten minutes");
        while (result.sent < count && result.sent < done + IN_FLIGHT_MAX &&
               bench_http_post(http, view_of_buf(&txs[result.sent].raw)))
            txs[result.sent++].sent_ms = now_ms;
        bench_http_turn(http, 2);
    }
    result.last = tip;
    result.last_ms = tip_seen_ms(&tip);
    result.refused = bench_http_refused(http);
    bench_http_close(&http);
    return result;
}

/* ---- verification ---- */

struct verified {
    uint64_t count;
    uint64_t bad;
    int64_t *latency_ms;
    size_t latency_count;
};

/* Transactions of a block, by id. */
static struct doc *read_block_txids(struct bench *bench, uint64_t height)
{
    AUTO(buf_free) struct buf answer = {0};
    char path[64];
    struct doc *block = NULL;
    snprintf(path, sizeof path, "/v1/blocks/%" PRIu64, height);
    int code = bench_http_call(&answer, bench->base_port + 101, "GET", path, (struct view){0});
    if (code != 200 || doc_parse(&block, view_of_buf(&answer), 16 << 20) != 0)
        stop(path, buf_text(&answer));
    return block;
}

static bool receipt_holds(struct bench *bench, const char *txid)
{
    AUTO(buf_free) struct buf answer = {0};
    AUTO(doc_free) struct doc *receipt = NULL;
    char path[128];
    struct receipt_facts facts;
    struct faults faults = {0};
    snprintf(path, sizeof path, "/v1/transactions/%s/receipt", txid);
    int code = bench_http_call(&answer, bench->base_port + 101, "GET", path, (struct view){0});
    if (code != 200 || doc_parse(&receipt, view_of_buf(&answer), RECEIPT_BYTES_MAX) != 0)
        return false;
    int error = receipt_verify(&facts, &faults, receipt, bench->genesis, &bench->genesis_hash);
    if (error == 0)
        receipt_facts_free(&facts);
    return error == 0;
}

static struct verified verify(struct bench *bench, struct signed_tx *txs, size_t sent,
                              const struct pump_result *window)
{
    struct verified result = {.latency_ms = memory_alloc((sent + 1) * sizeof(int64_t))};
    qsort(txs, sent, sizeof *txs, compare_id);
    for (uint64_t h = window->first.height + 1; h <= window->last.height; h++) {
        AUTO(doc_free) struct doc *block = read_block_txids(bench, h);
        const struct doc *ids = doc_get(block, "transactions");
        for (size_t i = 0; i < doc_count(ids); i++) {
            const struct doc *item = doc_at(ids, i);
            const char *txid = doc_text(item) ? doc_text(item) : doc_get_text(item, "txid");
            struct signed_tx wanted;
            if (hash_from_hex(&wanted.id, txid) != 0)
                stop("block", "no txid");
            struct signed_tx *mine = bsearch(&wanted, txs, sent, sizeof *txs, compare_id);
            if (mine && h < SEEN_MAX && result.latency_count < sent)
                result.latency_ms[result.latency_count++] = seen_ms[h] - mine->sent_ms;
            if (receipt_holds(bench, txid))
                result.count++;
            else
                result.bad++;
        }
    }
    return result;
}

static int compare_ms(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Signatures of the bench's own form and keys. */
static void make_signatures(struct bench *bench, struct bench_signature *items, size_t count)
{
    struct signed_tx *txs = make_traffic(bench, count, false);
    for (size_t i = 0; i < count; i++) {
        AUTO(tx_free) struct tx *tx = NULL;
        if (tx_parse(&tx, NULL, view_of_buf(&txs[i].raw), &bench->genesis_hash) != 0)
            stop("bound", "own transaction does not parse");
        char name[32];
        struct secret_key *secret =
            officer(i % BENCH_AGENCIES, "compile", i / BENCH_AGENCIES % BENCH_KEYS_EACH, name);
        (void)sign_public_key(&items[i].key, secret);
        items[i].digest = tx->id;
        items[i].signature = tx->signature;
    }
    free_traffic(txs, count);
}

static double verifications_per_core(const struct bench_signature *items, size_t cores)
{
    double per_core = bench_verify_rate(items, SIGNATURES, cores);
    if (per_core == 0)
        stop("bound", "own signature does not verify");
    return per_core;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: bench_load DIRECTORY BASE_PORT PRELOAD SECONDS\n");
        return 2;
    }
    struct bench bench = {.base_port = (int)strtol(argv[2], NULL, 10), .serial = 1};
    size_t preload = strtoul(argv[3], NULL, 10);
    int64_t duration_ms = strtol(argv[4], NULL, 10) * 1000;
    char path[512];
    struct faults faults = {0};
    snprintf(path, sizeof path, "%s/genesis.json", argv[1]);
    if (genesis_load(&bench.genesis, &bench.genesis_hash, &faults, path) != 0)
        stop("genesis", path);

    long online = sysconf(_SC_NPROCESSORS_ONLN);
    size_t cores = online < 1 ? 1 : (size_t)online;
    static struct bench_signature signatures[SIGNATURES];
    make_signatures(&bench, signatures, SIGNATURES);
    double before = verifications_per_core(signatures, cores);
    setup(&bench);
    fprintf(stderr, "preload %zu entries …\n", preload);
    struct signed_tx *txs = make_traffic(&bench, preload, false);
    struct pump_result loaded = pump(&bench, txs, preload, 0, 0);
    free_traffic(txs, preload);
    if (loaded.refused > 0)
        stop("preload", "transactions were refused");

    size_t count = (size_t)((double)cores * before / BENCH_AGENCIES *
                            (double)(2 * duration_ms + WARM_UP_MS) / 1000.0) +
                   IN_FLIGHT_MAX;
    fprintf(stderr, "signing %zu transactions …\n", count);
    txs = make_traffic(&bench, count, true);
    fprintf(stderr, "load for %" PRId64 " s …\n", (duration_ms + WARM_UP_MS) / 1000);
    struct pump_result window = pump(&bench, txs, count, WARM_UP_MS, duration_ms);
    fprintf(stderr, "verifying the receipts of blocks %" PRIu64 "…%" PRIu64 " …\n",
            window.first.height + 1, window.last.height);
    struct verified verified = verify(&bench, txs, window.sent, &window);
    qsort(verified.latency_ms, verified.latency_count, sizeof(int64_t), compare_ms);
    double after = verifications_per_core(signatures, cores);
    double per_core = before > after ? before : after;
    double bound = (double)cores * per_core / BENCH_AGENCIES;
    double seconds = (double)(window.last_ms - window.first_ms) / 1000.0;
    double rate = (double)verified.count / seconds;
    size_t n = verified.latency_count;
    printf("{\"cores\":%zu,\"verifications_per_core\":%.0f,\"verifications_before\":%.0f,"
           "\"verifications_after\":%.0f,\"validators\":%d,\"bound\":%.0f,"
           "\"rate\":%.0f,\"ratio\":%.3f,\"p50_ms\":%" PRId64 ",\"p99_ms\":%" PRId64
           ",\"seconds\":%.1f,\"transactions\":%" PRIu64 ",\"receipts_bad\":%" PRIu64
           ",\"refused\":%" PRIu64 ",\"blocks\":%" PRIu64 ",\"entries_before\":%zu"
           ",\"transaction_bytes\":%zu}\n",
           cores, per_core, before, after, BENCH_AGENCIES, bound, rate, rate / bound,
           n ? verified.latency_ms[n / 2] : -1, n ? verified.latency_ms[n * 99 / 100] : -1, seconds,
           verified.count, verified.bad, window.refused, window.last.height - window.first.height,
           preload, mean_bytes(txs, count));
    return verified.bad == 0 && verified.count > 0 && window.refused == 0 ? 0 : 1;
}
