/* Ranges that are encoded properly and lie: each lie is refused with the claim that fails. */
#include "packs.h"

#define BLOCK_LINE(height) (1 + (height)) /* head, genesis, then block 1 … */

/* What the ranges are of; nobody changes it. */
static struct ledger truth;
static struct hash truth_tx;

static int start(void **state)
{
    (void)state;
    struct hash last;
    truth = make_ledger(&truth_tx, &last);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    ledger_close(&truth);
    return 0;
}

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
    AUTO(pack_free) struct pack pack = write_range(&truth, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    struct certificate certificate = certificate_of(parts.line[BLOCK_LINE(2)]);
    certificate.signer[certificate.count - 1] = certificate.signer[certificate.count - 2];
    set_certificate(parts.line[BLOCK_LINE(2)], &certificate);
    expect_refused(&truth, &parts, ERR_CERT_SIGNER, "certificate");
}

static void a_signature_short_of_the_quorum(void **state)
{
    (void)state;
    AUTO(pack_free) struct pack pack = write_range(&truth, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    struct certificate certificate = certificate_of(parts.line[BLOCK_LINE(2)]);
    certificate.count--;
    set_certificate(parts.line[BLOCK_LINE(2)], &certificate);
    expect_refused(&truth, &parts, ERR_CERT_QUORUM, "certificate");
}

static void a_certificate_of_another_height(void **state)
{
    (void)state;
    AUTO(pack_free) struct pack pack = write_range(&truth, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    doc_set(parts.line[BLOCK_LINE(2)], "certificate",
            doc_ref(doc_get(parts.line[BLOCK_LINE(1)], "certificate")));
    expect_refused(&truth, &parts, ERR_CERT_BLOCK, "certificate");
}

static void a_withheld_transaction(void **state)
{
    (void)state;
    for (uint64_t from = 1; from <= 5; from += 4) {
        AUTO(pack_free) struct pack pack = write_range(&truth, from, 6);
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        size_t at = from == 1 ? BLOCK_LINE(1) : 3; /* block 5 after head, genesis, start */
        doc_set(parts.line[at], "transactions", doc_new_array());
        expect_refused(&truth, &parts, from == 1 ? ERR_BLOCK_EXECUTION : ERR_PROOF_LOG,
                       from == 1 ? "execution" : "withheld");
    }
}

static void a_withheld_block(void **state)
{
    (void)state;
    AUTO(pack_free) struct pack pack = write_range(&truth, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    parts_remove(&parts, BLOCK_LINE(2));
    expect_refused(&truth, &parts, ERR_BLOCK_LINK, "");
}

static void a_truncated_history(void **state)
{
    (void)state;
    AUTO(pack_free) struct pack pack = write_range(&truth, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    parts_remove(&parts, BLOCK_LINE(6));
    expect_refused(&truth, &parts, ERR_PACK, "truncated");
}

static void an_act_that_did_not_happen(void **state)
{
    (void)state;
    for (uint64_t from = 1; from <= 2; from++) {
        AUTO(pack_free) struct pack pack = write_range(&truth, from, 6);
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        struct doc *acts = doc_new_array(), *act = doc_new_object();
        doc_set_text(act, "effect", "deemed-approved");
        doc_push(acts, act);
        doc_set(parts.line[BLOCK_LINE(2)], "acts", acts);
        expect_refused(&truth, &parts, from == 1 ? ERR_BLOCK_EXECUTION : ERR_PROOF_LOG,
                       from == 1 ? "acts" : "log");
    }
}

static void another_genesis(void **state)
{
    (void)state;
    AUTO(pack_free) struct pack pack = write_range(&truth, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    AUTO(doc_free) struct doc *genesis = doc_copy(doc_get(parts.line[1], "document"));
    doc_set_text(genesis, "network", "another");
    doc_set(parts.line[1], "document", doc_ref(genesis));
    expect_refused(&truth, &parts, ERR_GENESIS, "genesis");
}

/* ---- ranges that begin later: the same lies, told by links, certificates and the log ---- */

#define FOLLOWED_LINE(height)                                                                      \
    ((height) + 1) /* of a range from 2: head, genesis, start, block 2 … */

static void certificates_of_a_later_range(void **state)
{
    (void)state;
    AUTO(pack_free) struct pack pack = write_range(&truth, 2, 6);
    static const int errors[] = {ERR_CERT_SIGNER, ERR_CERT_QUORUM, ERR_CERT_BLOCK, ERR_SIGNATURE};
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        for (size_t at = 2; at <= FOLLOWED_LINE(3); at++) { /* the start's own too */
            AUTO(parts_free) struct parts parts = take_apart(&pack);
            struct certificate certificate = certificate_of(parts.line[at]);
            if (i == 0)
                certificate.signer[1] = certificate.signer[0];
            else if (i == 1)
                certificate.count--;
            else if (i == 2)
                certificate.height++;
            else
                certificate.signer[0].signature = certificate.signer[1].signature;
            set_certificate(parts.line[at], &certificate);
            expect_refused(&truth, &parts, errors[i], "certificate");
        }
    }
}

/* The set that decides from height 5 on is smaller; its quorum must not certify height 4. */
static void a_quorum_of_the_next_set(void **state)
{
    (void)state;
    for (uint64_t from = 1; from <= 2; from++) {
        AUTO(pack_free) struct pack pack = write_range(&truth, from, 6);
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        struct doc *line = parts.line[from == 1 ? BLOCK_LINE(5) : FOLLOWED_LINE(5)];
        struct certificate certificate = certificate_of(line);
        memcpy(certificate.signer[certificate.count - 1].member, agencies[LEDGER_VALIDATORS],
               MEMBER_ID_CHARS + 1);
        if (strcmp(certificate.signer[certificate.count - 2].member, agencies[LEDGER_VALIDATORS]) >
            0) { /* signers stand in order */
            struct certificate_signer moved = certificate.signer[certificate.count - 1];
            certificate.signer[certificate.count - 1] = certificate.signer[certificate.count - 2];
            certificate.signer[certificate.count - 2] = moved;
        }
        set_certificate(line, &certificate);
        expect_refused(&truth, &parts, ERR_CERT_SIGNER, "certificate");
    }
}

static void blocks_of_a_later_range(void **state)
{
    (void)state;
    AUTO(pack_free) struct pack pack = write_range(&truth, 2, 6);
    AUTO(parts_free) struct parts withheld = take_apart(&pack);
    parts_remove(&withheld, FOLLOWED_LINE(3));
    expect_refused(&truth, &withheld, ERR_BLOCK_LINK, "does not follow");
    AUTO(parts_free) struct parts repeated = take_apart(&pack);
    parts_insert(&repeated, FOLLOWED_LINE(3), doc_copy(repeated.line[FOLLOWED_LINE(2)]));
    expect_refused(&truth, &repeated, ERR_BLOCK_LINK, "does not follow");
    AUTO(parts_free) struct parts truncated = take_apart(&pack);
    parts_remove(&truncated, FOLLOWED_LINE(6));
    expect_refused(&truth, &truncated, ERR_PACK, "truncated");
}

/* A quorum certified the last block, and it follows another one than the pack shows. */
static void a_certified_block_that_does_not_follow(void **state)
{
    (void)state;
    AUTO(pack_free) struct pack pack = write_range(&truth, 2, 6);
    enum { PREVIOUS, TIME, HEIGHT, CASES };
    for (int i = 0; i < CASES; i++) {
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        struct header before = header_of(parts.line[FOLLOWED_LINE(5)]);
        struct header header = header_of(parts.line[FOLLOWED_LINE(6)]);
        struct hash hash;
        if (i == PREVIOUS)
            header.previous = truth_tx;
        else if (i == TIME)
            header.time_ms = before.time_ms;
        else
            header.height++;
        certify_header(parts.line[FOLLOWED_LINE(6)], &truth, &header);
        header_hash(&hash, &header);
        doc_set_hash(parts.line[parts.count - 1], "last", &hash);
        expect_refused(&truth, &parts, ERR_BLOCK_LINK, "does not follow");
    }
}

/* The start of another range: true, but not the block before this one. */
static void the_start_of_another_range(void **state)
{
    (void)state;
    AUTO(pack_free) struct pack pack = write_range(&truth, 6, 6);
    for (uint64_t from = 2; from < 6; from++) {
        AUTO(pack_free) struct pack other = write_range(&truth, from, 6);
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        AUTO(parts_free) struct parts donor = take_apart(&other);
        struct doc *own = doc_copy(parts.line[2]);
        doc_free(&parts.line[2]);
        parts.line[2] = doc_copy(donor.line[2]);
        expect_refused(&truth, &parts, ERR_BLOCK_LINK, "not the block before the range");
        doc_free(&parts.line[2]);
        parts.line[2] = doc_copy(own);
        if (!doc_equal(doc_get(own, "frontier"), doc_get(donor.line[2], "frontier"))) {
            doc_set(parts.line[2], "frontier", doc_ref(doc_get(donor.line[2], "frontier")));
            expect_refused(&truth, &parts, ERR_PROOF_LOG, "frontier");
            doc_set(parts.line[2], "frontier", doc_ref(doc_get(own, "frontier")));
        }
        if (!doc_equal(doc_get(own, "set"), doc_get(donor.line[2], "set"))) {
            doc_set(parts.line[2], "set", doc_ref(doc_get(donor.line[2], "set")));
            expect_refused(&truth, &parts, ERR_VALIDATORS, "set is not the one");
        }
        doc_free(&own);
    }
}

/* ---- ranges of both kinds ---- */

static void heads_and_ends_of_other_packs(void **state)
{
    (void)state;
    static const struct {
        int64_t from, to, count;
        const char *claim;
    } cases[] = {{0, 5, 5, "range of heights"},    {-1, 5, 5, "range of heights"},
                 {5, 4, 0, "range of heights"},    {2, 5, 4, ""},
                 {1, 4, 4, "end of the pack"},     {1, 6, 6, "truncated"},
                 {1, DOC_INT_MAX, 5, "truncated"}, {DOC_INT_MAX, DOC_INT_MAX, 1, ""},
                 {1, 5, 4, "end of the pack"},     {1, 5, 6, "end of the pack"},
                 {1, 5, -1, "end of the pack"}};
    AUTO(pack_free) struct pack pack = write_range(&truth, 1, 5);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        doc_set_int(parts.line[0], "from", cases[i].from);
        doc_set_int(parts.line[0], "to", cases[i].to);
        doc_set_int(parts.line[parts.count - 1], "count", cases[i].count);
        expect_refused(&truth, &parts, ERR_PACK, cases[i].claim);
    }
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    doc_set_hash(parts.line[parts.count - 1], "last", &truth_tx);
    expect_refused(&truth, &parts, ERR_PACK, "end of the pack");
    AUTO(parts_free) struct parts mode = take_apart(&pack);
    doc_set_text(mode.line[0], "mode", "receipts");
    expect_refused(&truth, &mode, ERR_PACK, "receipts are missing");
    doc_set_text(mode.line[0], "mode", "blocks");
    expect_refused(&truth, &mode, ERR_PACK, "format");
    doc_set_text(mode.line[0], "mode", "range");
    doc_set_text(mode.line[0], "format", "dirchain-pack/2");
    expect_refused(&truth, &mode, ERR_PACK, "format");
}

/* The signed text stays, and with it its hash; the signature is another one's. */
static struct doc *with_signature_of(const struct doc *jws, const struct doc *other)
{
    AUTO(buf_free) struct buf text = {0};
    const char *raw = doc_text(jws), *from = strrchr(doc_text(other), '.');
    buf_append(&text, raw, (size_t)(strrchr(raw, '.') - raw));
    buf_append_text(&text, from);
    return doc_new_text(buf_text(&text));
}

static void a_signature_of_somebody_else(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    ledger_append(&ledger, NULL, 0);
    struct tx *two[] = {ledger_tx(&ledger, 1, KEY_COMPILE, "duty.publish", duty_body("A1")),
                        ledger_tx(&ledger, 2, KEY_COMPILE, "duty.publish", duty_body("B1"))};
    first = two[0]->id;
    last = two[1]->id;
    ledger_append(&ledger, two, 2);
    for (uint64_t from = 1; from <= 2; from++) {
        AUTO(pack_free) struct pack pack = write_range(&ledger, from, 2);
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        const struct doc *txs = doc_get(parts.line[3], "transactions");
        AUTO(doc_free) struct doc *forged = doc_new_array();
        doc_push(forged, doc_copy(doc_at(txs, 0)));
        doc_push(forged, with_signature_of(doc_at(txs, 1), doc_at(txs, 0)));
        doc_set(parts.line[3], "transactions", doc_ref(forged));
        expect_refused(&ledger, &parts, ERR_SIGNATURE, "signature of transaction 2");
    }
    const struct hash txids[] = {first, last};
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, txids, 2);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    const struct doc *donor = doc_get(parts.line[2], "receipt");
    AUTO(doc_free) struct doc *receipt = doc_copy(doc_get(parts.line[3], "receipt"));
    doc_set(receipt, "transaction",
            with_signature_of(doc_get(receipt, "transaction"), doc_get(donor, "transaction")));
    doc_set(parts.line[3], "receipt", doc_ref(receipt));
    expect_refused(&ledger, &parts, ERR_SIGNATURE, "transaction.signature");
    /* The other signer's key record, proved as it is, is no key of this signer. */
    doc_set(receipt, "key", doc_ref(doc_get(donor, "key")));
    doc_set(parts.line[3], "receipt", doc_copy(receipt));
    expect_refused(&ledger, &parts, ERR_PROOF_STATE, "key.record");
}

static void transactions_in_another_order(void **state)
{
    (void)state;
    AUTO(pack_free) struct pack pack = write_range(&truth, 1, 6);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    const struct doc *txs = doc_get(parts.line[BLOCK_LINE(1)], "transactions");
    struct doc *swapped = doc_new_array();
    doc_push(swapped, doc_copy(doc_at(txs, 1)));
    doc_push(swapped, doc_copy(doc_at(txs, 0)));
    doc_set(parts.line[BLOCK_LINE(1)], "transactions", swapped);
    expect_refused(&truth, &parts, ERR_BLOCK_EXECUTION, "execution");
}

/* True evidence of a double vote, which no block of the ledger holds. */
static void evidence_that_was_not_recorded(void **state)
{
    (void)state;
    struct evidence evidence = ledger_equivocation(&truth, 1, VOTE_PRECOMMIT, 1, 0);
    AUTO(buf_free) struct buf bytes = {0};
    evidence_encode(&bytes, &evidence);
    for (uint64_t from = 1; from <= 2; from++) {
        AUTO(pack_free) struct pack pack = write_range(&truth, from, 6);
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        struct doc *list = doc_new_array(), *item = doc_new_object();
        doc_set_bytes(item, "votes", view_of_buf(&bytes));
        doc_push(list, item);
        doc_set(parts.line[from == 1 ? BLOCK_LINE(2) : FOLLOWED_LINE(2)], "evidence", list);
        expect_refused(&truth, &parts, from == 1 ? ERR_BLOCK_EXECUTION : ERR_PROOF_LOG,
                       from == 1 ? "execution" : "log");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duplicate_signer),
        cmocka_unit_test(a_signature_short_of_the_quorum),
        cmocka_unit_test(a_certificate_of_another_height),
        cmocka_unit_test(a_withheld_transaction),
        cmocka_unit_test(a_withheld_block),
        cmocka_unit_test(a_truncated_history),
        cmocka_unit_test(an_act_that_did_not_happen),
        cmocka_unit_test(another_genesis),
        cmocka_unit_test(certificates_of_a_later_range),
        cmocka_unit_test(a_quorum_of_the_next_set),
        cmocka_unit_test(blocks_of_a_later_range),
        cmocka_unit_test(a_certified_block_that_does_not_follow),
        cmocka_unit_test(the_start_of_another_range),
        cmocka_unit_test(heads_and_ends_of_other_packs),
        cmocka_unit_test(a_signature_of_somebody_else),
        cmocka_unit_test(transactions_in_another_order),
        cmocka_unit_test(evidence_that_was_not_recorded),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
