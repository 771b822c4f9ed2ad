/* A transfer from one gateway to the other: what arrives, what dies on the way and goes on, what is
 * altered. */
#include "exchange_net.h"

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

#define PAPERS "00000000000000000000000000000000000000000000000000000000000000bb"

/* OPEN 31: what a notice on one grant had masked leaves masked under the consumer's others. */
static void masks_of_another_grant(void **state)
{
    (void)state;
    char noticed[65], grant[65], choosing[65], notice[65], id[65], path[PATH_MAX + 256];
    AUTO(buf_free) struct buf text = {0};
    net_start("masks", &plain);
    net_grant(noticed, "TREES", NULL, "");
    net_grant(grant, "TREES", NULL, "");
    net_grant(choosing, "TREES", NULL,
              "'rows':[{'item':'树木信息03','is':'prefix','value':'Platanus'}],");
    world_must(world, notice, CENTER "/review", "notice.file",
               "{'kind':'risk','provider':'" ALPHA "','entry':'TREES','grant':'%s',"
               "'papers':'" PAPERS "','summary':'树种信息泄露风险'," RISK_REPORT "}",
               noticed);
    world_must(world, NULL, CENTER "/review", "notice.resolve",
               "{'notice':'%s','acts_on':'%s','outcome':'reprocess','finding':'核实属实',"
               "'reply':'" PAPERS "','terms':'树种脱敏','masked':['树木信息03']}",
               notice, world_version(world, "notice/%s", notice));
    net_open(id, grant);
    net_until(id, "state", "complete");
    net_path(path, id, "trees.csv");
    assert_int_equal(file_read(&text, path, 1 << 25), 0);
    assert_null(strstr(buf_text(&text), "Platanus"));
    assert_int_equal(net_field(id, "rows"), TREES_ROWS);
    /* Nor do the rows that a condition of its own on them would choose. */
    net_open(id, choosing);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "off-scope"));
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
    snprintf(path, sizeof path, "%s/shared/%s", alpha.directory, name);
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
        cmocka_unit_test(masks_of_another_grant), /* the last: the mask stays */
    };
    return cmocka_run_group_tests_name("exchange", tests, open_all, net_close_all);
}
