/* A light client: every header must follow, be decided by the set that the one before names, and be
 * certified in full. Each case changes one thing and certifies it with true keys where it can. */
#include "light_items.h"

static const size_t first_three[] = {1, 2, 3}, all_four[] = {1, 2, 3, 4};

static int take(struct light *light, struct faults *faults, const struct light_item *item)
{
    *faults = (struct faults){0};
    int error = light_link(light, faults, item, "item");
    if (error == 0)
        error = light_verify(light, faults, item, "item");
    if (error == 0)
        light_advance(light, item);
    return error;
}

static struct light follow_to(const struct ledger *ledger, uint64_t height)
{
    struct light light;
    struct faults faults;
    assert_int_equal(light_start(&light, ledger->genesis, &ledger->genesis_hash), 0);
    for (uint64_t h = 1; h <= height; h++) {
        struct light_item item = item_at(ledger, h);
        assert_int_equal(take(&light, &faults, &item), 0);
    }
    return light;
}

static void from_genesis_through_a_change(void **state)
{
    (void)state;
    struct hash first, last, expected;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    struct light light = follow_to(&ledger, 6);
    expected = block_hash(&ledger, 6);
    assert_int_equal(light.tip.height, 6);
    assert_true(hash_equal(&light.tip.hash, &expected));
    assert_int_equal(light.walk.set.count, LEDGER_VALIDATORS - 1);
    assert_int_equal(light.tip.time_ms, app_tip_time_ms(ledger.app));
}

static void from_the_start_line_of_a_checkpoint(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    struct store_view view;
    AUTO(doc_free) struct doc *line = NULL;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(pack_start_line(&line, &view, 5), 0);
    store_view_close(&view);
    struct light light;
    struct light_item item, next = item_at(&ledger, 6);
    struct faults faults = {0};
    assert_int_equal(
        light_start_at(&light, &item, &faults, ledger.genesis, &ledger.genesis_hash, line), 0);
    assert_int_equal(light.tip.height, 5);
    assert_int_equal(take(&light, &faults, &next), 0);
    /* The set, the history or the certificate of another height. */
    AUTO(doc_free) struct doc *lie = doc_copy(line);
    AUTO(doc_free) struct doc *early = item_doc(&ledger, 2);
    struct light earlier = follow_to(&ledger, 1);
    validator_set_put(lie, &earlier.walk.set);
    assert_int_equal(
        light_start_at(&light, &item, &faults, ledger.genesis, &ledger.genesis_hash, lie),
        ERR_VALIDATORS);
    doc_set(lie, "set", doc_ref(doc_get(line, "set")));
    doc_set(lie, "history", doc_new_array());
    assert_int_equal(
        light_start_at(&light, &item, &faults, ledger.genesis, &ledger.genesis_hash, lie),
        ERR_VALIDATORS);
    doc_set(lie, "history", doc_ref(doc_get(line, "history")));
    doc_set(lie, "certificate", doc_ref(doc_get(early, "certificate")));
    assert_int_equal(
        light_start_at(&light, &item, &faults, ledger.genesis, &ledger.genesis_hash, lie),
        ERR_CERT_BLOCK);
}

enum lie { PREVIOUS, HEIGHT, TIME, GENESIS, SET, TOO_FEW, FOREIGN, OTHER_SIGNATURE, BEYOND_QUORUM };

static void tell(struct light_item *item, const struct ledger *ledger, enum lie lie)
{
    static const size_t with_stranger[] = {0, 1, 2};
    struct header *header = &item->header;
    size_t count = 3;
    header->previous.bytes[0] ^= lie == PREVIOUS;
    header->height += lie == HEIGHT;
    header->time_ms -= lie == TIME ? 1000 : 0;
    header->genesis.bytes[0] ^= lie == GENESIS;
    header->validators.bytes[0] ^= lie == SET;
    header->next_validators = header->validators;
    count = lie == TOO_FEW ? 2 : lie == BEYOND_QUORUM ? 4 : 3;
    recertify(item, ledger, 0, lie == FOREIGN ? with_stranger : all_four, count);
    if (lie == OTHER_SIGNATURE || lie == BEYOND_QUORUM)
        item->certificate.signer[count - 1].signature.bytes[63] ^= 1;
}

static void lies_that_their_signers_stand_by(void **state)
{
    (void)state;
    static const struct {
        enum lie lie;
        int error;
        const char *claim;
    } cases[] = {{PREVIOUS, ERR_BLOCK_LINK, "item.header"},
                 {HEIGHT, ERR_BLOCK_LINK, "item.header"},
                 {TIME, ERR_BLOCK_LINK, "item.header"},
                 {GENESIS, ERR_TX_CHAIN, "item.header.genesis"},
                 {SET, ERR_VALIDATORS, "item.header.validators"},
                 {TOO_FEW, ERR_CERT_QUORUM, "item.certificate"},
                 {FOREIGN, ERR_CERT_SIGNER, "item.certificate"},
                 {OTHER_SIGNATURE, ERR_SIGNATURE, "item.certificate"},
                 {BEYOND_QUORUM, ERR_SIGNATURE, "item.certificate"}};
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    struct light light = follow_to(&ledger, 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct light before = light;
        struct light_item item = item_at(&ledger, 2);
        struct faults faults;
        tell(&item, &ledger, cases[i].lie);
        assert_int_equal(take(&light, &faults, &item), cases[i].error);
        assert_string_equal(faults.item[0].field, cases[i].claim);
        assert_memory_equal(&before, &light, sizeof light);
    }
    struct light_item good = item_at(&ledger, 2);
    struct faults faults;
    recertify(&good, &ledger, 7, first_three, 3); /* any round, any quorum */
    assert_int_equal(take(&light, &faults, &good), 0);
}

/* The validator that left signs for a block of a height at which it is none any more. */
static void a_validator_that_left(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    struct light light = follow_to(&ledger, 4);
    static const size_t with_the_last[] = {1, 2, 4};
    for (uint64_t height = 5; height <= 6; height++) {
        struct light_item item = item_at(&ledger, height), own = item;
        struct faults faults;
        recertify(&item, &ledger, 0, with_the_last, 3);
        assert_int_equal(take(&light, &faults, &item), ERR_CERT_SIGNER);
        assert_int_equal(take(&light, &faults, &own), 0);
    }
}

static void items_in_documents(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    AUTO(doc_free) struct doc *plain = item_doc(&ledger, 2), *changing = NULL;
    uint64_t height = 3;
    for (; doc_count(changing) != 3; height++) {
        doc_free(&changing);
        changing = item_doc(&ledger, height);
    }
    struct light_item item = item_at(&ledger, height - 1), got;
    AUTO(doc_free) struct doc *again = light_item_doc(&item);
    assert_true(doc_equal(again, changing));
    AUTO(doc_free) struct doc *odd = doc_copy(plain), *other_set = doc_copy(changing);
    validator_set_put(odd, &item.next_set); /* a set where none changes */
    assert_int_equal(light_item_get(&got, NULL, odd, "item"), ERR_FIELD_UNKNOWN);
    struct validator_set set = item.next_set;
    set.count--;
    validator_set_put(other_set, &set);
    assert_int_equal(light_item_get(&got, NULL, other_set, "item"), ERR_VALIDATORS);
    doc_remove(other_set, "set");
    assert_int_equal(light_item_get(&got, NULL, other_set, "item"), ERR_FIELD_UNKNOWN);
    doc_set_text(odd, "header", "00");
    assert_int_equal(light_item_get(&got, NULL, odd, "item"), ERR_BLOCK_FORM);
    assert_int_equal(light_item_get(&got, NULL, NULL, "item"), ERR_FIELD_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_genesis_through_a_change),
        cmocka_unit_test(from_the_start_line_of_a_checkpoint),
        cmocka_unit_test(lies_that_their_signers_stand_by),
        cmocka_unit_test(a_validator_that_left),
        cmocka_unit_test(items_in_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
