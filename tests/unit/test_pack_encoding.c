/* Audit packs have one form: whatever is added, left out, emptied, repeated or put into another
 * order, in any line at any depth, is refused. */
#include "packs.h"

/* Does something to the n-th object or array of a tree; whether there was one. */
enum twist { ADD, REPEAT, DROP, SWAP, TWISTS };

static void twist_array(struct doc **slot, enum twist twist)
{
    size_t count = doc_count(*slot);
    struct doc *twisted = doc_new_array();
    for (size_t i = 0; i < count; i++) {
        size_t from = twist == SWAP && i + 2 >= count && count > 1 ? 2 * count - 3 - i : i;
        if (twist != DROP || i + 1 < count)
            doc_push(twisted, doc_ref(doc_at(*slot, from)));
    }
    if (twist == ADD)
        doc_push(twisted, doc_new_null());
    if (twist == REPEAT && count > 0)
        doc_push(twisted, doc_ref(doc_at(*slot, count - 1)));
    doc_free(slot);
    *slot = twisted;
}

static void twist_object(struct doc *object, enum twist twist, size_t which)
{
    size_t cursor = 0;
    const char *key = NULL;
    const struct doc *value;
    if (twist == ADD) {
        doc_set_int(object, "zz", 1);
        return;
    }
    for (size_t i = 0; i <= which; i++)
        assert_true(doc_next(object, &cursor, &key, &value));
    if (twist == DROP)
        doc_remove(object, key);
    else
        doc_set(object, key, doc_new_null());
}

static struct doc *twisted(const struct doc *doc, size_t *left, enum twist twist, bool *done)
{
    if (doc_kind(doc) == DOC_ARRAY) {
        struct doc *copy = doc_new_array();
        for (size_t i = 0; i < doc_count(doc); i++)
            doc_push(copy, twisted(doc_at(doc, i), left, twist, done));
        if (!*done && (*left)-- == 0) {
            twist_array(&copy, twist);
            *done = true;
        }
        return copy;
    }
    if (doc_kind(doc) != DOC_OBJECT)
        return doc_ref(doc);
    struct doc *copy = doc_new_object();
    size_t cursor = 0;
    const char *key;
    const struct doc *value;
    while (doc_next(doc, &cursor, &key, &value))
        doc_set(copy, key, twisted(value, left, twist, done));
    for (size_t i = 0; i < (twist == ADD ? 1 : doc_count(doc)); i++) {
        if (*done || (*left)-- > 0)
            continue;
        twist_object(copy, twist, i);
        *done = true;
    }
    return copy;
}

/* Every object gets a member more, loses each of its own and has it emptied; every array gets an
 * element more, one twice, one less, two swapped: no such pack verifies. */
static void refuse_every_twist(const struct ledger *ledger, const struct pack *pack)
{
    for (size_t line = 0; line < LINES_MAX; line++) {
        for (enum twist twist = ADD; twist < TWISTS; twist++) {
            bool done = true;
            for (size_t nth = 0; done; nth++) {
                AUTO(parts_free) struct parts parts = take_apart(pack);
                AUTO(buf_free) struct buf text = {0};
                struct pack_facts facts;
                struct faults faults;
                size_t left = nth;
                if (line >= parts.count)
                    return;
                done = false;
                struct doc *changed = twisted(parts.line[line], &left, twist, &done);
                bool same = doc_equal(changed, parts.line[line]);
                doc_free(&parts.line[line]);
                parts.line[line] = changed;
                if (!done || same) /* nothing left to twist, or an array too short to */
                    continue;
                parts_append_text(&text, &parts);
                if (verify_text(&facts, &faults, ledger, buf_text(&text), text.len) == 0 ||
                    faults.count == 0)
                    fail_msg("line %zu, twist %d, part %zu is accepted", line + 1, (int)twist, nth);
            }
        }
    }
}

static void every_twist_of_a_range(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack whole = write_range(&ledger, 1, 3);
    AUTO(pack_free) struct pack over_change = write_range(&ledger, 3, 5);
    AUTO(pack_free) struct pack after_change = write_range(&ledger, 6, 6);
    refuse_every_twist(&ledger, &whole);
    refuse_every_twist(&ledger, &over_change);
    refuse_every_twist(&ledger, &after_change);
}

static void every_twist_of_receipts(void **state)
{
    (void)state;
    struct hash txids[2];
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, txids, 2);
    refuse_every_twist(&ledger, &pack);
}

/* Bytes around and between the lines. */
static void every_other_line_end(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 1, 1);
    static const char *const added[] = {"\n", " ", "\r", "\xEF\xBB\xBF", "{}\n", "\t"};
    for (size_t at = 0; at <= pack.len; at++) {
        bool between =
            at == 0 || at == pack.len || pack.text[at] == '\n' || pack.text[at - 1] == '\n';
        for (size_t i = 0; between && i < COUNT_OF(added); i++) {
            AUTO(buf_free) struct buf text = {0};
            struct pack_facts facts;
            struct faults faults;
            buf_append(&text, pack.text, at);
            buf_append_text(&text, added[i]);
            buf_append(&text, pack.text + at, pack.len - at);
            assert_int_not_equal(verify_text(&facts, &faults, &ledger, buf_text(&text), text.len),
                                 0);
            assert_int_equal(faults.count, 1);
        }
    }
}

/* Keys stand in the order of first use, whatever follows. */
static void keys_in_another_order(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    ledger_append(&ledger, NULL, 0);
    struct tx *txs[] = {ledger_tx(&ledger, 1, KEY_COMPILE, "duty.publish", duty_body("A1")),
                        ledger_tx(&ledger, 2, KEY_COMPILE, "duty.publish", duty_body("B1")),
                        ledger_tx(&ledger, 1, KEY_COMPILE, "duty.publish", duty_body("A2"))};
    ledger_append(&ledger, txs, 3);
    AUTO(pack_free) struct pack pack = write_range(&ledger, 2, 2);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    AUTO(doc_free) struct doc *right = doc_copy(doc_get(parts.line[3], "keys"));
    assert_int_equal(doc_count(right), 2);
    static const size_t orders[][4] = {{2, 1, 0}, {3, 0, 1, 0}, {3, 0, 0, 1}, {3, 0, 1, 1}};
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        struct doc *keys = doc_new_array();
        for (size_t k = 0; k < orders[i][0]; k++)
            doc_push(keys, doc_ref(doc_at(right, orders[i][k + 1])));
        doc_set(parts.line[3], "keys", keys);
        expect_refused(&ledger, &parts, ERR_PACK, "keys");
    }
}

/* A step of the validator history that leads to no other set says nothing, and counts as nothing.
 */
static void a_step_that_changes_nothing(void **state)
{
    (void)state;
    struct hash txids[2];
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    struct store_view view;
    struct header header;
    struct certificate certificate;
    struct validator_set set;
    AUTO(buf_free) struct buf bytes = {0};
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_read_header(&header, &view, 1), 0);
    assert_int_equal(store_read_certificate(&certificate, &view, 1), 0);
    assert_int_equal(store_read_validators(&set, &view, 2), 0);
    store_view_close(&view);
    AUTO(doc_free) struct doc *step = doc_new_object();
    certified_header_put(step, &header, &certificate);
    validators_encode(&bytes, &set);
    doc_set_bytes(step, "set", view_of_buf(&bytes));

    AUTO(pack_free) struct pack receipts = write_receipts(&ledger, &txids[1], 1);
    AUTO(pack_free) struct pack range = write_range(&ledger, 6, 6);
    for (size_t i = 0; i < 2; i++) {
        AUTO(parts_free) struct parts parts = take_apart(i == 0 ? &receipts : &range);
        AUTO(doc_free)
        struct doc *holder = doc_copy(i == 0 ? doc_get(parts.line[2], "receipt") : parts.line[2]);
        struct doc *history = doc_new_array();
        doc_push(history, doc_ref(step));
        doc_push(history, doc_copy(doc_at(doc_get(holder, "history"), 0)));
        doc_set(holder, "history", history);
        if (i == 0) {
            doc_set(parts.line[2], "receipt", doc_ref(holder));
        } else {
            doc_free(&parts.line[2]);
            parts.line[2] = doc_ref(holder);
        }
        expect_refused(&ledger, &parts, ERR_VALIDATORS, "not a step to another set");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_twist_of_a_range),      cmocka_unit_test(every_twist_of_receipts),
        cmocka_unit_test(every_other_line_end),        cmocka_unit_test(keys_in_another_order),
        cmocka_unit_test(a_step_that_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
