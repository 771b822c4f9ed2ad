/* Audit packs and receipts: what is written verifies; every changed byte, and every lie that is
 * encoded properly, is refused with the claim that fails. */
#include "ledger.h"

#include "chain/pack.h"
#include "chain/receipt.h"

#include <inttypes.h>

#define LINES_MAX 32

static struct doc *duty_body(const char *code)
{
    struct doc *body = doc_new_object();
    doc_set_text(body, "code", code);
    doc_set_text(body, "name", "社会组织登记");
    doc_set_text(body, "category", "行政许可");
    doc_set_text(body, "implementer", "民政厅");
    doc_set_text(body, "basis", "社会团体登记管理条例");
    return body;
}

static struct doc *leave_body(size_t agency)
{
    struct doc *body = doc_new_object(), *remove = doc_new_array();
    doc_push_text(remove, agencies[agency]);
    doc_set(body, "remove", remove);
    doc_set_text(body, "reason", "机构调整");
    return body;
}

/* Six blocks; the validators change with block 3, so from height 5 on another set decides. */
static struct ledger make_ledger(struct hash *first_tx, struct hash *last_tx)
{
    struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    struct tx *two[] = {ledger_tx(&ledger, 1, KEY_COMPILE, "duty.publish", duty_body("A1")),
                        ledger_tx(&ledger, 2, KEY_COMPILE, "duty.publish", duty_body("B1"))};
    *first_tx = two[0]->id;
    ledger_append(&ledger, two, 2);
    ledger_append(&ledger, NULL, 0);
    struct tx *change[] = {
        ledger_tx(&ledger, 0, KEY_ADMIN, "validator.change", leave_body(LEDGER_VALIDATORS))};
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

static void pack_free(struct pack *pack)
{
    free(pack->text);
}

static struct pack write_range(struct ledger *ledger, uint64_t from, uint64_t to)
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

static struct pack write_receipts(struct ledger *ledger, const struct hash *txids, size_t count)
{
    struct pack pack = {0};
    struct store_view view;
    FILE *file = open_memstream(&pack.text, &pack.len);
    assert_int_equal(store_view_open(&view, ledger->kv), 0);
    assert_int_equal(pack_write_receipts(file, &view, ledger->genesis, txids, count), 0);
    store_view_close(&view);
    fclose(file);
    return pack;
}

static int verify_text(struct pack_facts *facts, struct faults *faults, const struct ledger *ledger,
                       const char *text, size_t len)
{
    struct pack_trust trust = {.genesis = ledger->genesis, .genesis_hash = ledger->genesis_hash};
    FILE *file = fmemopen((void *)(uintptr_t)text, len, "r");
    *faults = (struct faults){0};
    int error = pack_verify(facts, faults, file, &trust, NULL);
    fclose(file);
    return error;
}

/* A pack taken apart into documents, to be put together with a lie in it. */
struct parts {
    size_t count;
    struct doc *line[LINES_MAX];
};

static struct parts take_apart(const struct pack *pack)
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

static void parts_free(struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        doc_free(&parts->line[i]);
}

static void parts_remove(struct parts *parts, size_t index)
{
    doc_free(&parts->line[index]);
    for (size_t i = index; i + 1 < parts->count; i++)
        parts->line[i] = parts->line[i + 1];
    parts->count--;
}

static void expect_refused(const struct ledger *ledger, const struct parts *parts, int error,
                           const char *claim)
{
    AUTO(buf_free) struct buf text = {0};
    struct pack_facts facts;
    struct faults faults;
    for (size_t i = 0; i < parts->count; i++) {
        doc_append_canonical(&text, parts->line[i]);
        buf_append_u8(&text, '\n');
    }
    assert_int_equal(verify_text(&facts, &faults, ledger, buf_text(&text), text.len), error);
    assert_true(faults.count > 0);
    if (strstr(faults.item[0].field, claim) == NULL)
        fail_msg("claim \"%s\" expected in \"%s\"", claim, faults.item[0].field);
}

/* ---- good packs ---- */

static void a_range_from_genesis_is_executed(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 6);
    struct pack_facts facts;
    struct faults faults;
    assert_int_equal(verify_text(&facts, &faults, &ledger, pack.text, pack.len), 0);
    assert_true(facts.range && facts.executed && !facts.retired_keys_assumed);
    assert_int_equal(facts.from, 1);
    assert_int_equal(facts.to, 6);
    assert_int_equal(facts.transactions, 4);
    assert_int_equal(facts.certificates, 6);
    assert_int_equal(facts.validator_changes, 1);
    assert_true(hash_equal(&facts.last, app_tip_hash(ledger.app)));
}

static void a_later_range_follows_links_and_log(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    for (uint64_t from = 2; from <= 6; from++) {
        AUTO(pack_free) struct pack pack = write_range(&ledger, from, 6);
        struct pack_facts facts;
        struct faults faults;
        assert_int_equal(verify_text(&facts, &faults, &ledger, pack.text, pack.len), 0);
        assert_true(facts.range && !facts.executed && facts.retired_keys_assumed);
        assert_int_equal(facts.certificates, 6 - from + 1);
    }
}

static void a_checkpoint_replaces_the_assumption(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 6, 6);
    struct pack_trust trust = {.genesis = ledger.genesis,
                               .genesis_hash = ledger.genesis_hash,
                               .checkpoint_height = 5,
                               .checkpoint_hash = app_tip(ledger.app)->previous};
    struct pack_facts facts;
    struct faults faults = {0};
    FILE *file = fmemopen(pack.text, pack.len, "r");
    assert_int_equal(pack_verify(&facts, &faults, file, &trust, NULL), 0);
    fclose(file);
    assert_false(facts.retired_keys_assumed);
}

static void receipts_across_a_change_of_validators(void **state)
{
    (void)state;
    struct hash txids[2];
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, txids, 2);
    struct pack_facts facts;
    struct faults faults;
    assert_int_equal(verify_text(&facts, &faults, &ledger, pack.text, pack.len), 0);
    assert_int_equal(facts.receipts, 2);
    assert_false(facts.range);
}

/* ---- changed bytes ---- */

static void refuse_every_flip(const struct ledger *ledger, const struct pack *pack)
{
    for (size_t i = 0; i < pack->len; i++) {
        struct pack_facts facts;
        struct faults faults;
        char before = pack->text[i];
        pack->text[i] = (char)(before ^ (1 << (i % 7)));
        int error = verify_text(&facts, &faults, ledger, pack->text, pack->len);
        if (error == 0 || faults.count == 0 || faults.item[0].field[0] == 0)
            fail_msg("flip at byte %zu of %zu: %.40s: error %s, %zu faults", i, pack->len,
                     pack->text + i - 20, error_code(error), faults.count);
        pack->text[i] = before;
    }
}

static void every_flipped_byte_of_a_range(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack whole = write_range(&ledger, 1, 3);
    AUTO(pack_free) struct pack later = write_range(&ledger, 4, 5);
    refuse_every_flip(&ledger, &whole);
    refuse_every_flip(&ledger, &later);
}

static void every_flipped_byte_of_receipts(void **state)
{
    (void)state;
    struct hash txids[2];
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, &txids[1], 1);
    refuse_every_flip(&ledger, &pack);
}

static void every_truncation(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 2);
    for (size_t len = 1; len < pack.len; len += 1 + len / 200) {
        struct pack_facts facts;
        struct faults faults;
        assert_int_not_equal(verify_text(&facts, &faults, &ledger, pack.text, len), 0);
    }
}

/* ---- lies in good form ---- */

#define BLOCK_LINE(height) (1 + (height)) /* head, genesis, then block 1 … */

static struct certificate certificate_of(const struct doc *line)
{
    struct certificate certificate;
    AUTO(buf_free) struct buf bytes = {0};
    assert_int_equal(doc_get_bytes(&bytes, line, "certificate", 65536), 0);
    struct reader reader = reader_of(view_of_buf(&bytes));
    assert_int_equal(certificate_decode(&certificate, &reader), 0);
    return certificate;
}

static void set_certificate(struct doc *line, const struct certificate *certificate)
{
    AUTO(buf_free) struct buf bytes = {0};
    certificate_encode(&bytes, certificate);
    doc_set_bytes(line, "certificate", view_of_buf(&bytes));
}

static void a_duplicate_signer(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    struct certificate certificate = certificate_of(parts.line[BLOCK_LINE(2)]);
    certificate.signer[certificate.count - 1] = certificate.signer[certificate.count - 2];
    set_certificate(parts.line[BLOCK_LINE(2)], &certificate);
    expect_refused(&ledger, &parts, ERR_CERT_SIGNER, "certificate");
}

static void a_signature_short_of_the_quorum(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    struct certificate certificate = certificate_of(parts.line[BLOCK_LINE(2)]);
    certificate.count--;
    set_certificate(parts.line[BLOCK_LINE(2)], &certificate);
    expect_refused(&ledger, &parts, ERR_CERT_QUORUM, "certificate");
}

static void a_certificate_of_another_height(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    doc_set(parts.line[BLOCK_LINE(2)], "certificate",
            doc_ref(doc_get(parts.line[BLOCK_LINE(1)], "certificate")));
    expect_refused(&ledger, &parts, ERR_CERT_BLOCK, "certificate");
}

/* The set that left with block 3 certifies a later block. */
static void a_foreign_validator_set(void **state)
{
    (void)state;
    struct hash txids[2];
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, &txids[1], 1);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    AUTO(doc_free) struct doc *receipt = doc_copy(doc_get(parts.line[2], "receipt"));
    assert_int_equal(doc_count(doc_get(receipt, "history")), 1);
    doc_set(receipt, "history", doc_new_array());
    doc_set(parts.line[2], "receipt", doc_ref(receipt));
    expect_refused(&ledger, &parts, ERR_VALIDATORS, "validators");

    AUTO(parts_free) struct parts again = take_apart(&pack);
    const struct doc *history = doc_get(doc_get(again.line[2], "receipt"), "history");
    AUTO(doc_free) struct doc *steps = doc_new_array();
    AUTO(doc_free) struct doc *step = doc_copy(doc_at(history, 0));
    struct validator_set set = *app_next_validators(ledger.app);
    struct secret_key secret = ledger_secret(0, KEY_CHIEF);
    AUTO(buf_free) struct buf bytes = {0};
    assert_int_equal(sign_vote_key(&set.item[0].key, &secret), 0);
    validators_encode(&bytes, &set);
    doc_set_bytes(step, "set", view_of_buf(&bytes));
    doc_push(steps, doc_ref(step));
    AUTO(doc_free) struct doc *forged = doc_copy(receipt);
    doc_set(forged, "history", doc_ref(steps));
    doc_set(parts.line[2], "receipt", doc_ref(forged));
    expect_refused(&ledger, &parts, ERR_VALIDATORS, "history[0]");
}

static void a_withheld_transaction(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    for (uint64_t from = 1; from <= 5; from += 4) {
        AUTO(pack_free) struct pack pack = write_range(&ledger, from, 6);
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        size_t at = from == 1 ? BLOCK_LINE(1) : 3; /* block 5 after head, genesis, start */
        doc_set(parts.line[at], "transactions", doc_new_array());
        expect_refused(&ledger, &parts, from == 1 ? ERR_BLOCK_EXECUTION : ERR_PROOF_LOG,
                       from == 1 ? "execution" : "withheld");
    }
}

static void a_withheld_block(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    parts_remove(&parts, BLOCK_LINE(2));
    expect_refused(&ledger, &parts, ERR_BLOCK_LINK, "");
}

static void a_truncated_history(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    parts_remove(&parts, BLOCK_LINE(6));
    expect_refused(&ledger, &parts, ERR_PACK, "truncated");
}

static void an_act_that_did_not_happen(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    for (uint64_t from = 1; from <= 2; from++) {
        AUTO(pack_free) struct pack pack = write_range(&ledger, from, 6);
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        struct doc *acts = doc_new_array(), *act = doc_new_object();
        doc_set_text(act, "effect", "deemed-approved");
        doc_push(acts, act);
        doc_set(parts.line[BLOCK_LINE(2)], "acts", acts);
        expect_refused(&ledger, &parts, from == 1 ? ERR_BLOCK_EXECUTION : ERR_PROOF_LOG,
                       from == 1 ? "acts" : "log");
    }
}

static void another_genesis(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    AUTO(doc_free) struct doc *genesis = doc_copy(doc_get(parts.line[1], "document"));
    doc_set_text(genesis, "network", "another");
    doc_set(parts.line[1], "document", doc_ref(genesis));
    expect_refused(&ledger, &parts, ERR_GENESIS, "genesis");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_from_genesis_is_executed),
        cmocka_unit_test(a_later_range_follows_links_and_log),
        cmocka_unit_test(a_checkpoint_replaces_the_assumption),
        cmocka_unit_test(receipts_across_a_change_of_validators),
        cmocka_unit_test(every_flipped_byte_of_a_range),
        cmocka_unit_test(every_flipped_byte_of_receipts),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(a_duplicate_signer),
        cmocka_unit_test(a_signature_short_of_the_quorum),
        cmocka_unit_test(a_certificate_of_another_height),
        cmocka_unit_test(a_foreign_validator_set),
        cmocka_unit_test(a_withheld_transaction),
        cmocka_unit_test(a_withheld_block),
        cmocka_unit_test(a_truncated_history),
        cmocka_unit_test(an_act_that_did_not_happen),
        cmocka_unit_test(another_genesis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
