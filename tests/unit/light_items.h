/* Certified headers of the ledger of packs.h, as a node serves them, and other ones certified by
 * the same keys. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_LIGHT_ITEMS_H
#define DIRCHAIN_TESTS_UNIT_LIGHT_ITEMS_H

#include "packs.h"

#include "chain/light.h"

static inline struct doc *item_doc(const struct ledger *ledger, uint64_t height)
{
    struct store_view view;
    struct doc *object = doc_new_object();
    assert_int_equal(store_view_open(&view, ledger->kv), 0);
    assert_int_equal(certified_header_read(object, &view, height), 0);
    store_view_close(&view);
    return object;
}

static inline struct light_item item_at(const struct ledger *ledger, uint64_t height)
{
    struct light_item item;
    AUTO(doc_free) struct doc *object = item_doc(ledger, height);
    assert_int_equal(light_item_get(&item, NULL, object, "item"), 0);
    return item;
}

/* What the validators of ledger.h sign for a header: a precommit of each named agency. */
static inline struct certificate certify_by(const struct ledger *ledger,
                                            const struct header *header, uint32_t round,
                                            const size_t *by, size_t count)
{
    struct certificate certificate = {.height = header->height, .round = round, .count = count};
    struct vote vote = {.type = VOTE_PRECOMMIT, .height = header->height, .round = round};
    struct validator_set order = {.count = count};
    struct hash digest;
    header_hash(&certificate.block, header);
    vote.block = certificate.block;
    vote_digest(&digest, &ledger->genesis_hash, &vote);
    for (size_t i = 0; i < count; i++)
        memcpy(order.item[i].member, agencies[by[i]], MEMBER_ID_CHARS + 1);
    validators_sort(&order);
    for (size_t i = 0; i < count; i++) {
        size_t agency = 0;
        while (strcmp(agencies[agency], order.item[i].member) != 0)
            agency++;
        struct secret_key secret = ledger_secret(agency, KEY_VOTE);
        memcpy(certificate.signer[i].member, agencies[agency], MEMBER_ID_CHARS + 1);
        assert_int_equal(schnorr_sign(&certificate.signer[i].signature, &secret, &digest), 0);
    }
    return certificate;
}

/* An item whose header was changed after the fact, certified anew by the named agencies. */
static inline void recertify(struct light_item *item, const struct ledger *ledger, uint32_t round,
                             const size_t *by, size_t count)
{
    item->certificate = certify_by(ledger, &item->header, round, by, count);
    item->place = header_place_of(&item->header);
    item->changes = !hash_equal(&item->header.validators, &item->header.next_validators);
}

#endif
