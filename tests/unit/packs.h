/* A ledger of six blocks and packs of it, as text and taken apart, for the tests of audit packs.
 * Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_PACKS_H
#define DIRCHAIN_TESTS_UNIT_PACKS_H

#include "ledger.h"

#include "chain/pack.h"
#include "chain/receipt.h"
#include "chain/validator_history.h"

#include <inttypes.h>

#define LINES_MAX 32

static inline struct doc *duty_body(const char *code)
{
    struct doc *body = doc_new_object();
    doc_set_text(body, "code", code);
    doc_set_text(body, "name", "社会组织登记");
    doc_set_text(body, "category", "行政许可");
    doc_set_text(body, "implementer", "民政厅");
    doc_set_text(body, "basis", "社会团体登记管理条例");
    return body;
}

/* A block that adds or removes a validator, or changes its key ("rotate"), and four more. */
static inline void change_validators(struct ledger *ledger, const char *how, size_t agency)
{
    struct tx *change[] = {strcmp(how, "rotate") == 0 ? ledger_rotate_tx(ledger, agency)
                                                      : ledger_change_tx(ledger, how, agency)};
    ledger_append(ledger, change, 1);
    for (size_t i = 0; i < 4; i++)
        ledger_append(ledger, NULL, 0);
}

/* Six blocks; the validators change with block 3, so from height 5 on another set decides. */
static inline struct ledger make_ledger(struct hash *first_tx, struct hash *last_tx)
{
    struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    struct tx *two[] = {ledger_tx(&ledger, 1, KEY_COMPILE, "duty.publish", duty_body("A1")),
                        ledger_tx(&ledger, 2, KEY_COMPILE, "duty.publish", duty_body("B1"))};
    *first_tx = two[0]->id;
    ledger_append(&ledger, two, 2);
    ledger_append(&ledger, NULL, 0);
    struct tx *change[] = {ledger_change_tx(&ledger, "remove", LEDGER_VALIDATORS)};
    ledger_append(&ledger, change, 1);
    ledger_append(&ledger, NULL, 0);
    struct tx *one[] = {ledger_tx(&ledger, 1, KEY_COMPILE, "duty.publish", duty_body("A2"))};
    *last_tx = one[0]->id;
    ledger_append(&ledger, one, 1);
    ledger_append(&ledger, NULL, 0);
    assert_int_equal(app_next_validators(ledger.app)->count, LEDGER_VALIDATORS - 1);
    return ledger;
}

struct pack {
    char *text;
    size_t len;
};

static inline void pack_free(struct pack *pack)
{
    free(pack->text);
}

static inline struct pack write_range(struct ledger *ledger, uint64_t from, uint64_t to)
{
    struct pack pack = {0};
    struct store_view view;
    FILE *file = open_memstream(&pack.text, &pack.len);
    assert_int_equal(store_view_open(&view, ledger->kv), 0);
    assert_int_equal(pack_write_range(file, &view, ledger->genesis, from, to), 0);
    store_view_close(&view);
    fclose(file);
    return pack;
}

static inline struct pack write_receipts(struct ledger *ledger, const struct hash *txids,
                                         size_t count)
{
    struct pack pack = {0};
    struct store_view view;
    AUTO(doc_free) struct doc *receipts = doc_new_array();
    FILE *file = open_memstream(&pack.text, &pack.len);
    assert_int_equal(store_view_open(&view, ledger->kv), 0);
    for (size_t i = 0; i < count; i++) {
        struct doc *receipt = NULL;
        assert_int_equal(receipt_make(&receipt, &view, &txids[i]), 0);
        doc_push(receipts, receipt);
    }
    assert_int_equal(pack_write_receipts(file, &ledger->genesis_hash, ledger->genesis, receipts),
                     0);
    store_view_close(&view);
    fclose(file);
    return pack;
}

/* `checkpoint` may be NULL. */
static inline int verify_from(struct pack_facts *facts, struct faults *faults,
                              const struct ledger *ledger, const char *text, size_t len,
                              uint64_t height, const struct hash *checkpoint)
{
    struct pack_trust trust = {.genesis = ledger->genesis, .genesis_hash = ledger->genesis_hash};
    if (checkpoint != NULL) {
        trust.checkpoint_height = height;
        trust.checkpoint_hash = *checkpoint;
    }
    FILE *file = fmemopen((void *)(uintptr_t)text, len, "r");
    *faults = (struct faults){0};
    int error = pack_verify(facts, faults, file, &trust, NULL);
    fclose(file);
    return error;
}

static inline int verify_text(struct pack_facts *facts, struct faults *faults,
                              const struct ledger *ledger, const char *text, size_t len)
{
    return verify_from(facts, faults, ledger, text, len, 0, NULL);
}

static inline struct hash block_hash(const struct ledger *ledger, uint64_t height)
{
    struct store_view view;
    struct header header;
    struct hash hash;
    assert_int_equal(store_view_open(&view, ledger->kv), 0);
    assert_int_equal(store_read_header(&header, &view, height), 0);
    store_view_close(&view);
    header_hash(&hash, &header);
    return hash;
}

/* A pack taken apart into documents, to be put together with a lie in it. */
struct parts {
    size_t count;
    struct doc *line[LINES_MAX];
};

static inline struct parts take_apart(const struct pack *pack)
{
    struct parts parts = {0};
    const char *at = pack->text;
    while (at < pack->text + pack->len) {
        const char *end = strchr(at, '\n');
        struct doc *line = NULL;
        assert_int_equal(doc_parse(&line, view_of(at, (size_t)(end - at)), PACK_LINE_BYTES_MAX), 0);
        parts.line[parts.count++] = doc_copy(line);
        doc_free(&line);
        at = end + 1;
    }
    return parts;
}

static inline void parts_free(struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        doc_free(&parts->line[i]);
}

static inline void parts_insert(struct parts *parts, size_t index, struct doc *line)
{
    assert_true(parts->count < LINES_MAX);
    for (size_t i = parts->count++; i > index; i--)
        parts->line[i] = parts->line[i - 1];
    parts->line[index] = line;
}

static inline void parts_append_text(struct buf *out, const struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        doc_append_canonical(out, parts->line[i]);
        buf_append_u8(out, '\n');
    }
}

static inline void parts_remove(struct parts *parts, size_t index)
{
    doc_free(&parts->line[index]);
    for (size_t i = index; i + 1 < parts->count; i++)
        parts->line[i] = parts->line[i + 1];
    parts->count--;
}

static inline struct header header_of(const struct doc *line)
{
    struct header header;
    AUTO(buf_free) struct buf bytes = {0};
    assert_int_equal(doc_get_bytes(&bytes, line, "header", HEADER_BYTES), 0);
    struct reader reader = reader_of(view_of_buf(&bytes));
    assert_int_equal(header_decode(&header, &reader), 0);
    return header;
}

/* Another header into the line, with a certificate by the validators of the tip. */
static inline void certify_header(struct doc *line, const struct ledger *ledger,
                                  const struct header *header)
{
    struct block block = {.header = *header};
    header_hash(&block.hash, header);
    struct certificate certificate = ledger_certify(ledger, &block);
    certified_header_put(line, header, &certificate);
}

static inline void expect_refused(const struct ledger *ledger, const struct parts *parts, int error,
                                  const char *claim)
{
    AUTO(buf_free) struct buf text = {0};
    struct pack_facts facts;
    struct faults faults;
    parts_append_text(&text, parts);
    assert_int_equal(verify_text(&facts, &faults, ledger, buf_text(&text), text.len), error);
    assert_true(faults.count > 0);
    if (strstr(faults.item[0].field, claim) == NULL)
        fail_msg("claim \"%s\" expected in \"%s\"", claim, faults.item[0].field);
}

#endif
