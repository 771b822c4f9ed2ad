/* What a gateway remembers: shelves, commitments and their openings, transfers and deliveries back
 * from disk, receipts of what moved. */
#include "check.h"
#include "scratch.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "exchange/commitment.h"
#include "exchange/delivery.h"
#include "exchange/receipts.h"
#include "exchange/transfer.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define ID "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define MEMBER "11440000006940175Y"

static struct doc *object(const char *key, const char *value)
{
    struct doc *doc = doc_new_object();
    doc_set_text(doc, key, value);
    return doc;
}

/* ---- shelves ---- */

static void note_name(void *context, const char *name, const struct doc *doc)
{
    struct buf *names = context;
    buf_append_format(names, "%s=%s ", name, doc_get_text(doc, "value"));
}

static void shelves(void **state)
{
    (void)state;
    struct shelf shelf;
    AUTO(doc_free) struct doc *one = object("value", "1");
    AUTO(doc_free) struct doc *two = object("value", "2");
    AUTO(doc_free) struct doc *large = doc_new_object();
    AUTO(doc_free) struct doc *back = NULL;
    AUTO(buf_free) struct buf names = {0};
    char text[300];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    doc_set_text(large, "value", text);
    assert_int_equal(shelf_open(&shelf, scratch_directory, "notes", 200), 0);
    assert_int_equal(shelf_put(&shelf, "b", two), 0);
    assert_int_equal(shelf_put(&shelf, "a", two), 0);
    assert_int_equal(shelf_put(&shelf, "a", one), 0); /* replaces */
    assert_int_equal(shelf_put(&shelf, "c", large), ERR_TOO_LARGE);
    assert_int_equal(shelf_get(&back, &shelf, "c"), ERR_NOT_FOUND);
    assert_int_equal(shelf_get(&back, &shelf, "a"), 0);
    assert_true(doc_equal(back, one));
    /* What a crash may leave, and what does not belong there. */
    assert_int_equal(file_create(scratch_path("notes/a.json.abcdef"), view_of_text("x"), 0600), 0);
    assert_int_equal(file_create(scratch_path("notes/d.json"), view_of_text("{\"val"), 0600), 0);
    assert_int_equal(file_create(scratch_path("notes/README"), view_of_text("x"), 0600), 0);
    assert_int_equal(shelf_each(&shelf, 10, note_name, &names), 0);
    assert_string_equal(buf_text(&names), "a=1 b=2 ");
    assert_int_not_equal(access(scratch_path("notes/a.json.abcdef"), F_OK), 0);
    assert_int_equal(access(scratch_path("notes/README"), F_OK), 0);
    doc_free(&back);
    assert_int_equal(shelf_get(&back, &shelf, "d"), ERR_CORRUPT);
    assert_int_equal(shelf_remove(&shelf, "a"), 0);
    assert_int_equal(shelf_remove(&shelf, "a"), 0);
    assert_int_equal(shelf_get(&back, &shelf, "a"), ERR_NOT_FOUND);
    struct stat status;
    assert_int_equal(stat(scratch_path("notes/b.json"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

/* What is erased is gone from the file's blocks, not only from the directory. */
static void erasing_overwrites(void **state)
{
    (void)state;
    struct shelf shelf;
    AUTO(doc_free) struct doc *secret = object("value", "a very particular text");
    AUTO(buf_free) struct buf text = {0};
    assert_int_equal(shelf_open(&shelf, scratch_directory, "erased", 4096), 0);
    assert_int_equal(shelf_put(&shelf, "x", secret), 0);
    assert_int_equal(link(scratch_path("erased/x.json"), scratch_path("kept")), 0);
    assert_int_equal(shelf_remove(&shelf, "x"), 0);
    assert_int_equal(file_read(&text, scratch_path("kept"), 4096), 0);
    assert_true(text.len > 0);
    for (size_t i = 0; i < text.len; i++) {
        assert_int_equal(text.data[i], 0);
    }
}

/* ---- commitments ---- */

static void commitments(void **state)
{
    (void)state;
    struct hash salt, other, commitment, changed;
    AUTO(doc_free) struct doc *value = object("resource", "trees-2026");
    AUTO(doc_free) struct doc *forged = object("resource", "trees-2025");
    AUTO(doc_free) struct doc *back = NULL;
    AUTO(buf_free) struct buf text = {0};
    commitment_salt(&salt);
    commitment_salt(&other);
    assert_false(hash_equal(&salt, &other));
    commitment = commitment_of(&salt, value);
    changed = commitment_of(&other, value);
    assert_false(hash_equal(&commitment, &changed));
    changed = commitment_of(&salt, forged);
    assert_false(hash_equal(&commitment, &changed));
    opening_to_text(&text, &salt, value);
    assert_int_equal(opening_from_text(&back, buf_text(&text), &commitment), 0);
    assert_true(doc_equal(back, value));
    doc_free(&back);
    assert_int_equal(opening_from_text(&back, buf_text(&text), &changed), ERR_DIGEST);
    buf_clear(&text);
    opening_to_text(&text, &salt, forged);
    assert_int_equal(opening_from_text(&back, buf_text(&text), &commitment), ERR_DIGEST);
    buf_clear(&text);
    opening_to_text(&text, &other, value);
    assert_int_equal(opening_from_text(&back, buf_text(&text), &commitment), ERR_DIGEST);
    assert_null(back);
    assert_int_equal(opening_from_text(&back, NULL, &commitment), ERR_FIELD_MISSING);
    assert_int_equal(opening_from_text(&back, "not base64!", &commitment), ERR_BASE64URL);
    assert_int_equal(opening_from_text(&back, "eyJ9", &commitment), ERR_JSON_SYNTAX);
    assert_int_equal(opening_from_text(&back, "e30", &commitment), ERR_FIELD_FORMAT); /* {} */
    buf_clear(&text);
    while (text.len <= OPENING_BYTES_MAX) {
        buf_append_text(&text, "AAAA");
    }
    assert_int_equal(opening_from_text(&back, buf_text(&text), &commitment), ERR_TOO_LARGE);
}

/* ---- transfers ---- */

static struct transfer *make_transfer(void)
{
    struct transfer *transfer = transfer_new();
    assert_int_equal(hash_from_hex(&transfer->id, ID), 0);
    hash_to_hex(transfer->hex, &transfer->id);
    memcpy(transfer->provider, MEMBER, sizeof transfer->provider);
    transfer->body = object("grant", ID);
    doc_set_text(transfer->body, "system", "系统");
    doc_set_text(transfer->body, "operator", "gateway");
    doc_set_text(transfer->body, "purpose", "用途");
    transfer->jws = memory_copy_text("a.b.c");
    transfer->created_ms = 1000;
    transfer->updated_ms = 2000;
    transfer->expires_ms = 3000;
    transfer->state = TRANSFER_MOVING;
    transfer->bytes = 2500;
    transfer->chunk_bytes = 1024;
    transfer->chunk_count = 3;
    transfer->done = 2;
    memcpy(transfer->name, "alberi.csv", sizeof "alberi.csv");
    return transfer;
}

static void transfers_come_back(void **state)
{
    (void)state;
    static const enum transfer_state states[] = {
        TRANSFER_OPENING,  TRANSFER_WAITING, TRANSFER_MOVING, TRANSFER_CLOSING,
        TRANSFER_COMPLETE, TRANSFER_FAILED,  TRANSFER_EXPIRED};
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        struct transfer *transfer = make_transfer(), *back = NULL;
        transfer->state = states[i];
        transfer->outcome = TRANSFER_EXPIRED;
        transfer->error = i % 2 == 0 ? 0 : ERR_GRANT_SUSPENDED;
        transfer->closing_ms = 17;
        transfer->rows = 4;
        memcpy(transfer->reconciled, "agreed", sizeof "agreed");
        AUTO(doc_free) struct doc *doc = transfer_to_doc(transfer);
        assert_int_equal(transfer_from_doc(&back, ID, doc), 0);
        AUTO(doc_free) struct doc *again = transfer_to_doc(back);
        AUTO(doc_free) struct doc *seen = transfer_to_view(transfer);
        AUTO(doc_free) struct doc *seen_again = transfer_to_view(back);
        assert_true(doc_equal(doc, again));
        assert_true(doc_equal(seen, seen_again));
        assert_int_equal(back->state, states[i]);
        assert_int_equal(back->error, transfer->error);
        assert_int_equal(doc_get_bool(seen, "over", false), transfer_is_over(states[i]));
        assert_int_equal(doc_get_int(seen, "bytes_done", 0), 2048);
        transfer_free(transfer);
        transfer_free(back);
    }
}

static void damaged_transfers(void **state)
{
    (void)state;
    static const struct {
        const char *field, *value; /* NULL: removed */
    } damages[] = {
        {"format", NULL},        {"state", "dancing"},
        {"outcome", NULL},       {"provider", NULL},
        {"name", "../../etc/x"}, {"name", ".hidden"},
        {"jws", NULL},           {"body", NULL},
        {"bytes", "many"},       {"reconciled", "far too long for the place it has"},
    };
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        struct transfer *transfer = make_transfer(), *back = NULL;
        AUTO(doc_free) struct doc *doc = transfer_to_doc(transfer);
        doc_remove(doc, damages[i].field);
        if (damages[i].value != NULL) {
            doc_set_text(doc, damages[i].field, damages[i].value);
        }
        if (transfer_from_doc(&back, ID, doc) != ERR_CORRUPT) {
            fail_msg("damage %zu was not seen", i);
        }
        doc_free(&doc);
        doc = transfer_to_doc(transfer);
        doc_set_int(doc, "done", 4); /* of 3 */
        assert_int_equal(transfer_from_doc(&back, ID, doc), ERR_CORRUPT);
        transfer_free(transfer);
    }
}

/* ---- deliveries ---- */

static struct delivery *make_delivery(void)
{
    struct delivery *delivery = delivery_new();
    static struct hash leaves[200];
    assert_int_equal(hash_from_hex(&delivery->open.id, ID), 0);
    hash_to_hex(delivery->open.hex, &delivery->open.id);
    memcpy(delivery->open.consumer, MEMBER, sizeof delivery->open.consumer);
    delivery->state = DELIVERY_READY;
    delivery->expires_ms = 99;
    memcpy(delivery->resource, "trees", sizeof "trees");
    delivery->mark = (struct file_mark){.device = UINT64_MAX,
                                        .inode = UINT64_MAX - 1,
                                        .bytes = 200 * 1024,
                                        .modified_ns = INT64_MAX,
                                        .changed_ns = -1};
    delivery->manifest = (struct manifest){.name = "alberi.csv",
                                           .delimiter = ';',
                                           .bytes = 200 * 1024,
                                           .chunk_bytes = 1024,
                                           .chunk_count = 200,
                                           .rows = 77};
    delivery->manifest.leaf = memory_alloc(sizeof leaves);
    delivery->manifest.root = manifest_prefix_root(&delivery->manifest, 200);
    return delivery;
}

static struct delivery *reload(const struct delivery_shelves *shelves)
{
    AUTO(doc_free) struct doc *doc = NULL;
    struct delivery *back = NULL;
    assert_int_equal(shelf_get(&doc, &shelves->deliveries, ID), 0);
    assert_int_equal(delivery_load(&back, shelves, ID, doc), 0);
    return back;
}

/* After a crash the count of what has left is never too low. */
static void deliveries_come_back(void **state)
{
    (void)state;
    struct delivery_shelves on;
    struct delivery *delivery = make_delivery();
    assert_int_equal(delivery_shelves_open(&on, scratch_path("home")), 0);
    assert_int_equal(delivery_store(&on, delivery), 0);
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(delivery_advance(&on, delivery), 0);
        delivery->served++;
        struct delivery *back = i % 31 == 0 || i >= 190 ? reload(&on) : NULL;
        if (back != NULL) {
            assert_true(back->served >= delivery->served);
            assert_true(back->served <= delivery->served + DELIVERY_STRIDE);
            assert_true(back->served <= 200);
            assert_true(file_mark_equal(&back->mark, &delivery->mark));
            assert_true(manifest_equal(&back->manifest, &delivery->manifest));
            assert_int_equal(back->expires_ms, 99);
            assert_string_equal(back->resource, "trees");
            assert_null(back->open.body); /* has to be proved again */
            delivery_free(back);
        }
    }
    delivery->served = 70;
    delivery_rest(&on, delivery);
    struct delivery *back = reload(&on);
    assert_int_equal(back->served, 70);
    delivery_free(back);
    delivery->state = DELIVERY_FAILED;
    delivery->error = ERR_SCOPE;
    assert_int_equal(delivery_store(&on, delivery), 0);
    back = reload(&on);
    assert_int_equal(back->state, DELIVERY_FAILED);
    assert_int_equal(back->error, ERR_SCOPE);
    delivery_free(back);
    delivery_forget(&on, delivery);
    AUTO(doc_free) struct doc *gone = NULL;
    assert_int_equal(shelf_get(&gone, &on.deliveries, ID), ERR_NOT_FOUND);
    assert_int_equal(shelf_get(&gone, &on.progress, ID), ERR_NOT_FOUND);
    delivery_free(delivery);
}

/* ---- receipts ---- */

static void receipts(void **state)
{
    (void)state;
    static const char table[] = "a;b\n1;2\n3;4\n5;6\n"; /* 16 bytes: header, three rows */
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    AUTO(manifest_free) struct manifest manifest = {0};
    assert_int_equal(file_write_atomic(scratch_path("t"), view_of_text(table), 0600), 0);
    AUTO(fd_close) int fd = open(scratch_path("t"), O_RDONLY | O_CLOEXEC);
    assert_int_equal(manifest_of_file(&manifest, fd, sizeof table - 1, 6), 0); /* 6, 6, 4 */
    manifest.delimiter = ';';
    manifest.rows = 3;
    static const struct {
        size_t chunks;
        int64_t rows, bytes;
        const char *result;
    } cases[] = {
        {0, 0, 0, "failed"}, {1, 0, 6, "partial"}, {2, 2, 12, "partial"}, {3, 3, 16, "complete"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t rows = receipt_rows(&manifest, cases[i].chunks, fd, -5);
        AUTO(doc_free)
        struct doc *ours = receipt_body(ID, "provider", &manifest, cases[i].chunks, rows);
        AUTO(doc_free)
        struct doc *theirs = receipt_body(ID, "consumer", &manifest, cases[i].chunks, rows);
        assert_int_equal(rows, cases[i].rows);
        assert_true(doc_text_is(ours, "result", cases[i].result));
        assert_int_equal(doc_get_int(ours, "bytes", -1), cases[i].bytes);
        assert_string_equal(doc_get_text(ours, "digest"), doc_get_text(theirs, "digest"));
        assert_int_equal(doc_text_is(ours, "digest", zeros), cases[i].chunks == 0);
    }
    assert_int_equal(receipt_rows(&manifest, 1, -1, 42), 42); /* no file to count from */
    AUTO(doc_free) struct doc *never = receipt_body(ID, "provider", NULL, 0, 0);
    assert_true(doc_text_is(never, "result", "failed") && doc_text_is(never, "digest", zeros));
    AUTO(manifest_free) struct manifest nothing = {0};
    assert_int_equal(manifest_of_file(&nothing, fd, 0, 6), 0);
    AUTO(doc_free) struct doc *empty = receipt_body(ID, "provider", &nothing, 0, 0);
    assert_true(doc_text_is(empty, "result", "empty"));
    assert_false(doc_text_is(empty, "digest", zeros));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shelves),           cmocka_unit_test(erasing_overwrites),
        cmocka_unit_test(commitments),       cmocka_unit_test(transfers_come_back),
        cmocka_unit_test(damaged_transfers), cmocka_unit_test(deliveries_come_back),
        cmocka_unit_test(receipts),
    };
    return cmocka_run_group_tests_name("transfer_state", tests, scratch_make, scratch_remove);
}
