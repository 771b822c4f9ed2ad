/* Transfers end to end: two real gateways over TLS on loopback, a real ledger beneath them. What
 * has to arrive arrives, whatever dies meanwhile; what must not leave does not. */
#include "exchange_net.h"
#include "http_client.h"

#define CHUNK 65536
#define SLOW (1024 * 1024) /* bytes a second: the file takes three */
#define TREES_BYTES 3110990
#define TREES_ROWS 16484

static const struct agency_plan plain = {0};
static const struct agency_plan slow = {.chunk_bytes = CHUNK, .rate_bytes_per_s = SLOW};

/* ---- what arrives ---- */

/* The digest on the ledger opens to the same on both sides: root and salt. */
static void expect_openings(const char *id, const char *digest)
{
    AUTO(doc_free) struct doc *ours = NULL;
    AUTO(doc_free) struct doc *theirs = NULL;
    assert_int_equal(gateway_opening_get(&ours, beta.gateway, id), 0);
    assert_int_equal(gateway_opening_get(&theirs, alpha.gateway, id), 0);
    const struct doc *received = doc_get(ours, "received"), *sent = doc_get(theirs, "sent");
    static const char *const same[] = {"root", "salt", "name"};
    for (size_t i = 0; i < COUNT_OF(same); i++)
        assert_string_equal(doc_get_text(received, same[i]), doc_get_text(sent, same[i]));
    assert_true(doc_text_is(sent, "resource", "trees"));
    struct hash root, salt;
    char hex[65];
    assert_int_equal(hash_from_hex(&root, doc_get_text(sent, "root")), 0);
    assert_int_equal(hash_from_hex(&salt, doc_get_text(sent, "salt")), 0);
    struct hash opened = manifest_digest(&salt, &root);
    hash_to_hex(hex, &opened);
    assert_string_equal(hex, digest);
    assert_non_null(doc_get(doc_get(ours, "parameters"), "value"));
    assert_null(doc_get(theirs, "parameters"));
}

/* Digest of the newest receipt of a side on the ledger. */
static void newest_digest(char out[65], const char *side)
{
    AUTO(store_view_close) struct store_view view = {0};
    out[0] = 0;
    assert_int_equal(store_view_open(&view, world->kv), 0);
    for (uint64_t height = view.height; height > 0 && out[0] == 0; height--) {
        AUTO(buf_free) struct buf bytes = {0};
        AUTO(block_free) struct block *block = NULL;
        assert_int_equal(store_read_block_bytes(&bytes, &view, height), 0);
        assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &world->genesis_hash), 0);
        for (size_t i = 0; i < block->tx_count; i++)
            if (strcmp(block->txs[i]->type->name, "access.receipt") == 0 &&
                doc_text_is(block->txs[i]->body, "side", side))
                (void)snprintf(out, 65, "%s", doc_get_text(block->txs[i]->body, "digest"));
    }
}

static void whole_file(void **state)
{
    (void)state;
    char grant[65], id[65], digest[65];
    net_start("whole", &plain);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    assert_true(net_is(id, "reconciled", "agreed"));
    assert_int_equal(net_field(id, "rows"), TREES_ROWS);
    assert_int_equal(net_field(id, "bytes_done"), TREES_BYTES);
    /* Closed on the ledger: both receipts agreed, the day's volume counted. */
    AUTO(doc_free) struct doc *open = net_record("open/%s", id);
    AUTO(doc_free) struct doc *usage = net_record("usage/%s/20260209", grant);
    assert_null(open);
    assert_int_equal(doc_get_int(usage, "closed", 0), 1);
    assert_int_equal(doc_get_int(usage, "rows", 0), TREES_ROWS);
    assert_int_equal(doc_get_int(usage, "bytes", 0), TREES_BYTES);
    assert_null(net_reconcile(id));
    /* One open, one transfer. */
    assert_string_equal(net_ask(NULL, beta.seed, id, "manifest", NULL), "access-closed");
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), "access-closed");
    /* What the commitments stand for can be shown, and erased; the transfer stays listed. */
    newest_digest(digest, "provider");
    char path[PATH_MAX + 256];
    snprintf(path, sizeof path, "%s/gateway/openings/%s.json", beta.directory, id);
    assert_int_equal(access(path, F_OK), 0);
    expect_openings(id, digest);
    assert_int_equal(gateway_opening_erase(beta.gateway, id), 0);
    assert_int_not_equal(access(path, F_OK), 0);
    AUTO(doc_free) struct doc *erased = NULL;
    assert_int_equal(gateway_opening_get(&erased, beta.gateway, id), ERR_NOT_FOUND);
    assert_int_equal(gateway_opening_erase(beta.gateway, id), ERR_NOT_FOUND);
    assert_int_equal(gateway_opening_erase(beta.gateway, "../../x"), ERR_NOT_FOUND);
    assert_true(net_is(id, "state", "complete"));
    struct exchange_stats sent, received;
    exchange_gateway_stats(&sent, alpha.gateway);
    exchange_gateway_stats(&received, beta.gateway);
    assert_int_equal(sent.bytes_sent, TREES_BYTES);
    assert_int_equal(received.bytes_received, TREES_BYTES);
    assert_int_equal(received.transfers, 0);
    net_stop();
}

/* The columns of a line by number, without a look at quotes: only the last ones have any. */
static void append_columns(struct buf *out, const char *line, size_t len, const int *columns)
{
    int column = 1;
    bool any = false;
    for (size_t i = 0, begin = 0; i <= len; i++) {
        if (i < len && line[i] != ';')
            continue;
        for (const int *wanted = columns; *wanted != 0; wanted++)
            if (*wanted == column) {
                buf_append_text(out, any ? ";" : "");
                buf_append(out, line + begin, i - begin);
                any = true;
            }
        begin = i + 1;
        column++;
    }
    buf_append_text(out, "\r\n");
}

/* Only granted items and rows leave (E6, D10). */
static void granted_columns_and_rows(void **state)
{
    (void)state;
    static const int columns[] = {1, 3, 9, 0};
    char grant[65], id[65];
    AUTO(buf_free) struct buf text = {0};
    AUTO(buf_free) struct buf expected = {0};
    net_start("columns", &(struct agency_plan){.chunk_bytes = CHUNK});
    net_grant(grant, "TREES", columns,
              "'rows':[{'item':'树木信息09','is':'ge','value':'10'},"
              "{'item':'树木信息03','is':'prefix','value':'Platanus'}],");
    net_open(id, grant);
    net_until(id, "state", "complete");
    assert_int_equal(file_read(&text, TREES, 1 << 24), 0);
    int64_t rows = -1;
    for (char *line = (char *)text.data, *end; *line != 0 && rows < 100000; line = end + 1) {
        end = memchr(line, '\n', text.len - (size_t)(line - (char *)text.data));
        if (end == NULL)
            break;
        AUTO(buf_free) struct buf kept = {0};
        append_columns(&kept, line, (size_t)(end - line), columns);
        char *name = strchr((char *)(uintptr_t)buf_text(&kept), ';') + 1;
        int height = atoi(strchr(name, ';') + 1);
        if (rows < 0 || (strncmp(name, "Platanus", 8) == 0 && height >= 10)) {
            buf_append_view(&expected, view_of_buf(&kept));
            rows++;
        }
        if (end + 1 == (char *)text.data + text.len)
            break;
    }
    assert_true(rows > 0 && rows < TREES_ROWS);
    net_arrived(id, view_of_buf(&expected));
    assert_int_equal(net_field(id, "rows"), rows);
    assert_true(net_is(id, "reconciled", "agreed"));
    net_stop();
}

static void several_files_are_named(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("several", &plain);
    net_grant(grant, "SEVERAL", NULL, "");
    assert_int_equal(net_try(id, grant, PURPOSE, NULL), 0);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "resource-unknown"));
    assert_int_equal(net_try(id, grant, PURPOSE, "other"), 0); /* bound, but there is no file */
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "resource-unknown"));
    assert_int_equal(net_try(id, grant, PURPOSE, "trees"), 0);
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    net_stop();
}

/* ---- what dies on the way ---- */

static void the_connection_dies(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("connection", &slow);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    for (int i = 1; i <= 2; i++) {
        net_until_moved(id, i * 700000);
        http_server_stop(&alpha.server);
        NET_WAIT(net_is(id, "error", "network"));
        int64_t moved = net_field(id, "bytes_done");
        assert_true(moved >= i * 700000 && moved < TREES_BYTES);
        agency_listen(&alpha);
        net_until_moved(id, moved + 1); /* goes on from there */
    }
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    assert_true(net_is(id, "reconciled", "agreed"));
    net_stop();
}

/* What is on disk after a crash is verified, not believed. */
static void the_consumer_dies(void **state)
{
    (void)state;
    char grant[65], id[65], path[PATH_MAX + 256];
    net_start("consumer", &slow);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_until_moved(id, 10 * CHUNK);
    agency_stop(&beta);
    net_path(path, id, "trees.csv.part");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "X", 1, 7 * CHUNK + 5), 1); /* chunk 7 is damaged */
    assert_int_equal(lseek(fd, 0, SEEK_END) > 0 ? write(fd, "garbage", 7) : -1, 7);
    close(fd);
    agency_start(&beta, &plain);
    net_until(id, "state", "moving");
    int64_t least = TREES_BYTES;
    while (net_is(id, "state", "moving")) {
        int64_t moved = net_field(id, "bytes_done");
        least = moved > 0 && moved < least ? moved : least;
        usleep(1000);
    }
    assert_true(least >= 7 * CHUNK && least < 10 * CHUNK); /* the seven good ones were kept */
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    assert_true(net_is(id, "reconciled", "agreed"));
    net_stop();
}

static void the_provider_dies(void **state)
{
    (void)state;
    char grant[65], id[65];
    static const int columns[] = {1, 2, 3, 4, 5, 8, 9, 10, 18, 19, 0}; /* a cut copy in the spool */
    net_start("provider", &slow);
    net_grant(grant, "TREES", columns, "");
    net_open(id, grant);
    net_until_moved(id, 10 * CHUNK);
    agency_stop(&alpha);
    NET_WAIT(net_is(id, "error", "network"));
    agency_start(&alpha, &slow);
    net_until(id, "state", "complete");
    assert_true(net_is(id, "reconciled", "agreed"));
    assert_int_equal(net_field(id, "rows"), TREES_ROWS);
    /* The copy does not stay. */
    char path[PATH_MAX + 256];
    snprintf(path, sizeof path, "%s/gateway/spool/%s", alpha.directory, id);
    NET_WAIT(access(path, F_OK) != 0);
    net_stop();
}

/* ---- what is altered ---- */

static void change_file(const char *name)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/root/%s", alpha.directory, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "XXXX", 4, 3000000), 4);
    close(fd);
}

/* A file that changes on the way is noticed, by the provider itself. */
static void the_file_changes(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("changes", &slow);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_until_moved(id, 5 * CHUNK);
    change_file("trees.csv");
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "digest-mismatch"));
    assert_true(net_field(id, "bytes_done") < TREES_BYTES);
    /* Also while the provider was down. */
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_until_moved(id, 5 * CHUNK);
    agency_stop(&alpha);
    change_file("trees.csv");
    agency_start(&alpha, &slow);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "digest-mismatch"));
    net_stop();
}

/* Receipts that differ stay on the ledger's list (E5). */
static void receipts_differ(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("differ", &slow);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_until_moved(id, 5 * CHUNK);
    AUTO(doc_free) struct doc *moving = net_reconcile(id);
    assert_true(doc_text_is(moving, "status", "lacks-both"));
    assert_false(doc_get_bool(moving, "overdue", true));
    world_must(world, NULL, BETA "/gateway", "access.receipt",
               "{'open':'%s','side':'consumer','digest':'%064x','rows':1,'bytes':7,"
               "'result':'complete'}",
               id, 7);
    net_until(id, "state", "failed"); /* the ledger says that it has taken all it wants */
    assert_true(net_is(id, "error", "access-closed"));
    assert_true(net_is(id, "reconciled", "differs"));
    AUTO(doc_free) struct doc *item = net_reconcile(id);
    assert_true(doc_text_is(item, "status", "differs"));
    assert_true(doc_get_int(doc_get(item, "provider_receipt"), "bytes", 0) >= 5 * CHUNK);
    assert_int_equal(doc_get_int(doc_get(item, "consumer_receipt"), "bytes", 0), 7);
    assert_false(doc_get_bool(item, "overdue", true)); /* its hour is not over */
    net_block(3601000);
    AUTO(doc_free) struct doc *later = net_reconcile(id);
    assert_true(doc_text_is(later, "status", "differs"));
    assert_true(doc_get_bool(later, "overdue", false));
    net_stop();
}

/* ---- what must not leave ---- */

static void pause_world(bool paused)
{
    pthread_mutex_lock(&world->lock);
    world->paused = paused;
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
}

/* E2: no committed access record, no data. */
static void nothing_before_the_certificate(void **state)
{
    (void)state;
    char grant[65], id[65];
    AUTO(buf_free) struct buf header = {0};
    net_start("certificate", &plain);
    net_grant(grant, "TREES", NULL, "");
    pause_world(true); /* no quorum */
    net_open(id, grant);
    net_opening(&header, id);
    for (int i = 0; i < 10; i++) {
        assert_string_equal(net_ask(NULL, beta.seed, id, "manifest", buf_text(&header)),
                            "access-not-certified");
        assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), "access-not-certified");
        assert_true(net_is(id, "state", "opening"));
        assert_int_equal(net_field(id, "bytes_done"), 0);
        usleep(50000);
    }
    pause_world(false);
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    net_stop();
}

/* The one transaction that waits for a block. */
static bool take_pending(struct world_pending *out)
{
    pthread_mutex_lock(&world->lock);
    if (world->pending_count == 1 && out->tx == NULL) {
        *out = world->pending[0];
        world->pending_count = 0;
    }
    pthread_mutex_unlock(&world->lock);
    return out->tx != NULL;
}

/* An open that stands in a block whose certificate does not verify: too few signers, or signers
 * that are no validators. */
static void forged_certificates(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("forged", &plain);
    net_grant(grant, "TREES", NULL, "");
    for (int forgery = 0; forgery < 2; forgery++) {
        pause_world(true);
        net_open(id, grant);
        struct world_pending pending = {0};
        NET_WAIT(take_pending(&pending));
        assert_true(world_admit(world, &pending));
        struct app_proposal proposal = {.time_ms = app_tip_time_ms(world->app) + 1,
                                        .proposer = app_next_validators(world->app)->item[0].member,
                                        .candidates = &pending.tx,
                                        .candidate_count = 1};
        AUTO(block_free) struct block *block = NULL;
        struct app_commit commit;
        assert_int_equal(app_prepare(&block, world->app, &proposal), 0);
        assert_int_equal(block->tx_count, 1);
        struct certificate certificate = world_certify(world, block);
        if (forgery == 0) {
            certificate.count--;
        } else {
            certificate.signer[0].signature.bytes[7] ^= 1;
        }
        assert_int_equal(app_commit(&commit, world->app, &block->hash, &certificate), 0);
        app_commit_free(&commit);
        pending.done(pending.argument, 0, NULL, block->header.height);
        tx_free(&pending.tx);
        NET_WAIT(net_is(id, "error", "access-not-certified"));
        usleep(200000);
        assert_true(net_is(id, "state", "waiting"));
        assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), "access-not-certified");
        assert_int_equal(net_field(id, "bytes_done"), 0);
        pause_world(false);
    }
    net_stop();
}

static void the_ledger_stands_still(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("stale", &slow);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_until_moved(id, 5 * CHUNK);
    atomic_fetch_add(&world->now_ms, 31000); /* release_max_age_ms is 30 s */
    NET_WAIT(net_is(id, "error", "ledger-stale"));
    int64_t moved = net_field(id, "bytes_done");
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), "ledger-stale");
    usleep(300000);
    assert_int_equal(net_field(id, "bytes_done"), moved);
    net_block(0);
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    net_stop();
}

static void a_grant_is_suspended(void **state)
{
    (void)state;
    char grant[65], id[65], path[PATH_MAX + 256];
    net_start("suspended", &slow);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_until_moved(id, 5 * CHUNK);
    world_must(world, NULL, CENTER "/review", "grant.suspend",
               "{'grant':'%s','acts_on':'%s','reason':'安全风险核查'}", grant,
               world_version(world, "grant/%s", grant));
    int64_t moved = net_field(id, "bytes_done");
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "grant-suspended"));
    assert_true(net_field(id, "bytes_done") <= moved + 2 * CHUNK); /* at most one on its way */
    net_path(path, id, "");                                        /* the part is not kept either */
    assert_int_not_equal(access(path, F_OK), 0);
    /* What had left is receipted by both, and the refusal is on record, once. */
    assert_true(net_is(id, "reconciled", "agreed"));
    NET_WAIT(net_refused(grant) == 1);
    AUTO(doc_free) struct doc *usage = net_record("usage/%s/20260209", grant);
    assert_int_equal(doc_get_int(usage, "bytes", 0), net_field(id, "bytes_done"));
    assert_true(doc_get_int(usage, "rows", 0) > 1000);
    assert_int_equal(doc_get_int(usage, "rows", 0), net_field(id, "rows"));
    net_stop();
}

static void an_open_expires(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("expires", &plain);
    net_grant(grant, "TREES", NULL, "");
    http_server_stop(&alpha.server);
    net_open(id, grant);
    NET_WAIT(net_is(id, "error", "network"));
    net_block(3601000); /* access.open_ms of the profile is an hour */
    NET_WAIT(net_is(id, "state", "closing"));
    AUTO(doc_free) struct doc *item = net_reconcile(id);
    assert_true(doc_get_bool(item, "overdue", false));
    agency_listen(&alpha);
    const char *code = net_ask(NULL, beta.seed, id, "chunks/0", NULL);
    if (strcmp(code, "access-closed") != 0) /* our receipt may be in already */
        assert_string_equal(code, "access-expired");
    net_until(id, "state", "expired");
    assert_true(net_is(id, "error", "access-expired"));
    assert_true(net_is(id, "reconciled", "agreed")); /* both say that nothing moved */
    net_stop();
}

static void who_may_not(void **state)
{
    (void)state;
    static const uint8_t stranger[TLS_KEY_BYTES] = {9, 9, 9};
    char grant[65], id[65];
    AUTO(buf_free) struct buf header = {0};
    net_start("callers", &slow);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_opening(&header, id);
    net_until_moved(id, CHUNK);
    const char *opening = buf_text(&header);
    assert_string_equal(net_ask(NULL, stranger, id, "chunks/0", NULL), "peer-unknown");
    assert_string_equal(net_ask(NULL, stranger, id, "manifest", opening), "peer-unknown");
    assert_string_equal(net_ask(NULL, gamma_agency.seed, id, "manifest", opening), "not-granted");
    assert_string_equal(net_ask(NULL, gamma_agency.seed, id, "chunks/0", NULL), "not-granted");
    assert_string_equal(net_ask(NULL, gamma_agency.seed, id, "complete", NULL), "not-granted");
    assert_string_equal(net_ask(NULL, alpha.seed, id, "chunks/0", NULL), "not-granted");
    NET_WAIT(net_on_record(GAMMA, "not-granted"));
    net_until(id, "state", "complete");
    net_stop();
}

/* The consumer's own questions, by hand, where they are out of turn. */
static void questions_out_of_turn(void **state)
{
    (void)state;
    static const char nobody[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    char grant[65], id[65];
    AUTO(buf_free) struct buf header = {0};
    AUTO(buf_free) struct buf forged = {0};
    AUTO(buf_free) struct buf body = {0};
    net_start("turns", &(struct agency_plan){.chunk_bytes = CHUNK});
    net_grant(grant, "TREES", NULL, "");
    atomic_store(&net_diverted, "127.0.0.1:9"); /* the job itself finds nobody */
    net_open(id, grant);
    net_until(id, "state", "waiting");
    net_opening(&header, id);
    AUTO(doc_free) struct doc *other = doc_new_object();
    struct hash salt = {{1}};
    buf_append_text(&forged, OPENING_HEADER ": ");
    opening_to_text(&forged, &salt, other);
    assert_string_equal(net_ask(NULL, beta.seed, nobody, "manifest", NULL), "access-not-certified");
    assert_string_equal(net_ask(NULL, beta.seed, "zz", "manifest", NULL), "bad-hex");
    assert_string_equal(net_ask(NULL, beta.seed, grant, "manifest", NULL), "not-granted");
    assert_string_equal(net_ask(NULL, beta.seed, id, "nothing", NULL), "not-found");
    assert_string_equal(net_ask(NULL, beta.seed, id, "manifest", NULL), "field-missing");
    assert_string_equal(net_ask(NULL, beta.seed, id, "manifest", buf_text(&forged)),
                        "digest-mismatch");
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), "status");
    NET_WAIT(net_ask(NULL, beta.seed, id, "manifest", buf_text(&header))[0] == 0);
    assert_string_equal(net_ask(NULL, beta.seed, id, "manifest", NULL), ""); /* known by now */
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/1", NULL), "field-range");
    assert_string_equal(net_ask(&body, beta.seed, id, "chunks/0", NULL), "");
    assert_int_equal(body.len, CHUNK);
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), ""); /* once more */
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/2", NULL), "field-range");
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/1", NULL), "");
    static const char *const bad[] = {"chunks/x", "chunks/00", "chunks/-1", "chunks/1e1"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_string_equal(net_ask(NULL, beta.seed, id, bad[i], NULL), "field-format");
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/99999", NULL), "field-range");
    atomic_store(&net_diverted, NULL);
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    assert_true(net_is(id, "reconciled", "agreed"));
    net_stop();
}

/* One consumer asks for more than its share and takes nothing: others are served, and a transfer
 * that waits knows why. */
static void one_consumer_is_not_all(void **state)
{
    (void)state;
    char grant[3][65], others[65], id[65], waiting[65], last[65];
    AUTO(buf_free) struct buf header = {0};
    net_start("share", &plain);
    for (int i = 0; i < 3; i++)
        net_grant(grant[i], "TREES", NULL, "");
    net_grant_to(others, GAMMA, "TREES", NULL, "");
    for (int i = 0; i <= DELIVERIES_GRANT_MAX; i++) {
        net_open_by_hand(id, &header, BETA, grant[0]);
        const char *said = net_ask(NULL, beta.seed, id, "manifest", buf_text(&header));
        assert_string_equal(said, i < DELIVERIES_GRANT_MAX ? "wait" : "delivery-share");
    }
    for (int i = 0; i <= DELIVERIES_MEMBER_MAX - DELIVERIES_GRANT_MAX; i++) {
        net_open_by_hand(id, &header, BETA, grant[1 + i / DELIVERIES_GRANT_MAX]);
        const char *said = net_ask(NULL, beta.seed, id, "manifest", buf_text(&header));
        bool within = i < DELIVERIES_MEMBER_MAX - DELIVERIES_GRANT_MAX;
        assert_string_equal(said, within ? "wait" : "delivery-share");
        if (within)
            memcpy(last, id, sizeof last);
        if (i == 0) /* its turn comes, however many of one member wait */
            net_open_by_hand(waiting, &header, GAMMA, others);
    }
    net_open(id, grant[2]); /* the consumer's own gateway hears why it waits */
    NET_WAIT(net_is(id, "error", "delivery-share"));
    assert_true(net_is(id, "state", "waiting"));
    NET_WAIT(net_ask(NULL, gamma_agency.seed, waiting, "manifest", buf_text(&header))[0] == 0);
    assert_string_equal(net_ask(NULL, gamma_agency.seed, waiting, "chunks/0", NULL), "");
    struct exchange_stats stats;
    exchange_gateway_stats(&stats, alpha.gateway);
    assert_int_equal(stats.deliveries, DELIVERIES_MEMBER_MAX + 1);
    /* Also after a restart, when the opens have not been looked at again. */
    NET_WAIT(net_ask(NULL, beta.seed, last, "manifest", NULL)[0] == 0); /* all are prepared */
    agency_stop(&alpha);
    agency_start(&alpha, &plain);
    net_open_by_hand(waiting, &header, BETA, grant[2]);
    assert_string_equal(net_ask(NULL, beta.seed, waiting, "manifest", buf_text(&header)),
                        "delivery-share");
    net_block(3640000); /* all of them end, and their places are free */
    net_until(id, "state", "expired");
    net_stop();
}

/* A gateway with another key than the provider's on the ledger gets no question. */
static void another_server(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("server", &plain);
    agency_prepare(&gamma_agency, "server");
    agency_copy(&gamma_agency, TREES, "trees.csv");
    agency_start(&gamma_agency, &plain);
    atomic_store(&net_diverted, gamma_agency.endpoint);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    NET_WAIT(net_is(id, "error", "network"));
    assert_true(net_is(id, "state", "waiting"));
    atomic_store(&net_diverted, NULL);
    net_until(id, "state", "complete");
    agency_stop(&gamma_agency);
    net_stop();
}

/* ---- over the API of the consumer's node ---- */

#define TOKEN "token-of-the-gateway-0123456789"

static struct doc *http(int *status, uint16_t port, const char *method, const char *path,
                        const char *token, const char *body)
{
    AUTO(buf_free) struct buf request = {0};
    AUTO(buf_free) struct buf raw = {0};
    const char *answer = "";
    struct doc *document = NULL;
    buf_append_format(&request, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path);
    if (token != NULL)
        buf_append_format(&request, "Authorization: Bearer %s\r\n", token);
    if (body != NULL)
        buf_append_format(&request, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                          strlen(body));
    else if (strcmp(method, "POST") == 0)
        buf_append_text(&request, "Content-Length: 0\r\n");
    buf_append_format(&request, "\r\n%s", body == NULL ? "" : body);
    *status = http_ask(&raw, &answer, port, buf_text(&request));
    (void)doc_parse(&document, view_of_text(answer), 1 << 20);
    return document;
}

static void over_http(void **state)
{
    (void)state;
    char grant[65], id[65], path[256], body[1024];
    int status = 0;
    struct faults faults = {0};
    struct api *api = NULL;
    net_start("http", &plain);
    net_grant(grant, "TREES", NULL, "");
    const struct api_signer signer = {.name = "data platform",
                                      .token_hash = hash_sha256(view_of_text(TOKEN)),
                                      .key_name = "gateway",
                                      .secret = &beta.secret};
    struct api_config config = {
        .listen_host = "127.0.0.1", .signers = &signer, .signer_count = 1, .test = true};
    (void)snprintf(config.data_directory, sizeof config.data_directory, "%.500s",
                   scratch_directory);
    const struct api_backend backend = {.context = world,
                                        .kv = world->kv,
                                        .genesis = world->genesis,
                                        .genesis_hash = world->genesis_hash,
                                        .member = BETA,
                                        .submit = world_submit,
                                        .status = world_status,
                                        .now_ms = world_now_ms,
                                        .advance_clock = world_advance};
    assert_int_equal(api_start(&api, &faults, &config, &backend, beta.gateway), 0);
    uint16_t port = api_port(api);
    (void)snprintf(body, sizeof body,
                   "{\"grant\":\"%s\",\"system\":\"" SYSTEM "\",\"operator\":\"gateway\","
                   "\"purpose\":\"" PURPOSE "\"}",
                   grant);
    AUTO(doc_free) struct doc *none = http(&status, port, "POST", "/v1/transfers", NULL, body);
    assert_non_null(none);
    assert_int_equal(status, 401);
    AUTO(doc_free) struct doc *wrong = http(&status, port, "POST", "/v1/transfers", "x", body);
    assert_non_null(wrong);
    assert_int_equal(status, 401);
    AUTO(doc_free) struct doc *bad = http(&status, port, "POST", "/v1/transfers", TOKEN, "{}");
    assert_int_equal(status, 422);
    assert_int_equal(doc_count(doc_get(bad, "faults")), 4);
    AUTO(doc_free) struct doc *made = http(&status, port, "POST", "/v1/transfers", TOKEN, body);
    assert_int_equal(status, 202);
    (void)snprintf(id, sizeof id, "%s", doc_get_text(made, "id"));
    net_until(id, "state", "complete");
    (void)snprintf(path, sizeof path, "/v1/transfers/%s", id);
    AUTO(doc_free) struct doc *seen = http(&status, port, "GET", path, TOKEN, NULL);
    assert_int_equal(status, 200);
    assert_true(doc_text_is(seen, "reconciled", "agreed"));
    AUTO(doc_free) struct doc *unseen = http(&status, port, "GET", path, NULL, NULL);
    assert_non_null(unseen);
    assert_int_equal(status, 401);
    AUTO(doc_free) struct doc *list = http(&status, port, "GET", "/v1/transfers", TOKEN, NULL);
    assert_int_equal(status, 200);
    assert_true(doc_text_is(doc_at(doc_get(list, "items"), 0), "id", id));
    AUTO(doc_free)
    struct doc *absent = http(&status, port, "GET", "/v1/transfers/nothing", TOKEN, NULL);
    assert_non_null(absent);
    assert_int_equal(status, 404);
    (void)snprintf(path, sizeof path, "/v1/transfers/%s/erase", id);
    AUTO(doc_free) struct doc *erased = http(&status, port, "POST", path, TOKEN, NULL);
    assert_non_null(erased);
    assert_int_equal(status, 200);
    AUTO(doc_free)
    struct doc *open = http(&status, port, "GET", "/v1/reconciliation?limit=1", NULL, NULL);
    assert_int_equal(status, 200);
    assert_int_equal(doc_count(doc_get(open, "items")), 1); /* what the other tests left */
    assert_non_null(doc_get_text(open, "next"));
    api_stop(&api);
    net_stop();
}

/* What the ledger refuses never begins; PT 25: 超出应用场景的，拒绝并记录. */
static void what_the_ledger_refuses(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("refused", &plain);
    net_grant(grant, "TREES", NULL, "");
    assert_int_equal(net_try(id, grant, "商业分析", NULL), 0);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "off-purpose"));
    NET_WAIT(net_refused(grant) == 1);
    assert_true(net_on_record(BETA, "off-purpose"));
    /* A person's name is refused, and the refusal of something else does not carry it either. */
    net_operator = "zhang.san";
    assert_int_equal(net_try(id, grant, PURPOSE, NULL), 0);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "operator-unknown"));
    assert_int_equal(net_try(id, grant, "广告投放", NULL), 0);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "off-purpose"));
    NET_WAIT(net_refused(grant) == 2);
    net_operator = "gateway";
    assert_int_equal(net_try(id, id, PURPOSE, NULL), ERR_SUBJECT);
    assert_int_equal(net_try(id, grant, "", NULL), ERR_FIELD_LENGTH);
    world_must(world, NULL, BETA "/compile", "grant.end",
               "{'grant':'%s','acts_on':'%s','reason':'业务调整'}", grant,
               world_version(world, "grant/%s", grant));
    assert_int_equal(net_try(id, grant, PURPOSE, NULL), 0);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "not-granted"));
    net_stop();
}

/* What a grant does not cover, a path that leaves the root, a quota that is too small. */
static void what_the_provider_refuses(void **state)
{
    (void)state;
    static const int one[] = {1, 0};
    char grant[65], id[65], path[PATH_MAX + 64];
    agency_prepare(&alpha, "scope");
    agency_prepare(&beta, "scope");
    agency_copy(&alpha, TREES, "trees.csv");
    agency_start(&beta, &plain);

    agency_start(&alpha, &(struct agency_plan){.no_table = true}); /* cannot be cut */
    net_grant(grant, "TREES", one, "");
    net_open(id, grant);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "off-scope"));
    NET_WAIT(net_refused(grant) == 1);
    net_grant(grant, "TREES", NULL, ""); /* all of it may leave as it is */
    net_open(id, grant);
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    assert_int_equal(net_field(id, "rows"), 0); /* no table: rows are not counted */
    agency_stop(&alpha);

    snprintf(path, sizeof path, "%s/outside.csv", alpha.directory);
    AUTO(buf_free) struct buf text = {0};
    assert_int_equal(file_read(&text, TREES, 1 << 24), 0);
    assert_int_equal(file_write_atomic(path, view_of_buf(&text), 0600), 0);
    snprintf(path, sizeof path, "%s/root/link.csv", alpha.directory);
    assert_int_equal(symlink("trees.csv", path), 0);
    static const char *const escapes[] = {"../outside.csv", "link.csv", "/etc/passwd"};
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        agency_start(&alpha, &(struct agency_plan){.path = escapes[i]});
        net_open(id, grant);
        net_until(id, "state", "failed");
        assert_true(net_is(id, "error", "path-escapes"));
        assert_int_equal(net_field(id, "bytes"), 0);
        assert_true(net_is(id, "reconciled", "agreed"));
        agency_stop(&alpha);
    }

    agency_start(&alpha, &plain);
    net_grant(grant, "TREES", NULL, "'quota':{'rows_per_day':16483},");
    net_open(id, grant);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "quota"));
    assert_true(net_is(id, "error_detail",
                       "The quota has no room for this. (quota.rows_per_day: 16484 > 16483)"));
    NET_WAIT(net_refused(grant) == 1);
    net_stop();
}

/* Side by side, before the first receipt, through a restart of the provider: the day's quota leaves
 * once. Nothing of it is the gateway's to remember: the ledger has reserved it. */
static void a_quota_is_shared_by_opens_side_by_side(void **state)
{
    (void)state;
    char grant[65], id[4][65];
    net_start("parallel", &slow);
    AUTO(buf_free) struct buf file = {0};
    assert_int_equal(file_read(&file, TREES, 1 << 24), 0);
    int64_t file_bytes = (int64_t)file.len;
    char quota[80];
    (void)snprintf(quota, sizeof quota, "'quota':{'bytes_per_day':%lld},",
                   (long long)(2 * file_bytes + file_bytes / 2));
    net_grant(grant, "TREES", NULL, quota);
    net_bytes_max = file_bytes;
    net_open(id[0], grant);
    net_open(id[1], grant);
    net_open(id[2], grant); /* half of it is left */
    net_until(id[2], "state", "failed");
    assert_true(net_is(id[2], "error", "quota"));
    net_bytes_max = file_bytes / 2; /* reserved, but less than the file */
    net_open(id[3], grant);
    net_until_moved(id[0], 2 * CHUNK);
    agency_stop(&alpha);
    agency_start(&alpha, &plain);
    net_bytes_max = 0;
    net_until(id[3], "state", "failed");
    assert_true(net_is(id[3], "error", "quota"));
    assert_int_equal(net_field(id[3], "bytes_done"), 0);
    net_until(id[0], "state", "complete");
    net_until(id[1], "state", "complete");
    AUTO(doc_free) struct doc *usage = net_record("usage/%s/20260209", grant);
    assert_int_equal(doc_get_int(usage, "bytes", 0), 2 * file_bytes);
    assert_int_equal(doc_get_int(usage, "bytes_reserved", -1), 0);
    net_stop();
}

static int open_all(void **state)
{
    if (net_open_all(state) != 0)
        return -1;
    net_publish("SEVERAL",
                "{'method':'file','resource':'trees'},{'method':'file','resource':'other'}");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_file),
        cmocka_unit_test(granted_columns_and_rows),
        cmocka_unit_test(several_files_are_named),
        cmocka_unit_test(the_connection_dies),
        cmocka_unit_test(the_consumer_dies),
        cmocka_unit_test(the_provider_dies),
        cmocka_unit_test(the_file_changes),
        cmocka_unit_test(receipts_differ),
        cmocka_unit_test(nothing_before_the_certificate),
        cmocka_unit_test(the_ledger_stands_still),
        cmocka_unit_test(a_grant_is_suspended),
        cmocka_unit_test(who_may_not),
        cmocka_unit_test(questions_out_of_turn),
        cmocka_unit_test(one_consumer_is_not_all),
        cmocka_unit_test(another_server),
        cmocka_unit_test(over_http),
        cmocka_unit_test(what_the_ledger_refuses),
        cmocka_unit_test(what_the_provider_refuses),
        cmocka_unit_test(a_quota_is_shared_by_opens_side_by_side),
        cmocka_unit_test(an_open_expires),
        cmocka_unit_test(forged_certificates),
    };
    return cmocka_run_group_tests_name("exchange", tests, open_all, net_close_all);
}
