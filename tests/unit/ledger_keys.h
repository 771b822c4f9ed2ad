/* Transactions that add and retire keys of members.
 * Header only; include it once a program, after ledger.h. */
#ifndef DIRCHAIN_TESTS_UNIT_LEDGER_KEYS_H
#define DIRCHAIN_TESTS_UNIT_LEDGER_KEYS_H

#include "ledger.h"

/* The version of a record in state. */
static inline void version_of(char out[2 * HASH_BYTES + 1], const struct ledger *ledger,
                              const char *key)
{
    struct store_view view;
    AUTO(doc_free) struct doc *record = NULL;
    assert_int_equal(store_view_open(&view, ledger->kv), 0);
    assert_int_equal(store_read_state(&record, &view, key), 0);
    store_view_close(&view);
    snprintf(out, 2 * HASH_BYTES + 1, "%s", doc_get_text(record, "version"));
}

static inline struct tx *key_add_tx(struct ledger *ledger, size_t agency, const char *name,
                                    const char *role, uint8_t number)
{
    AUTO(ceremony_key_free) struct keyfile key = ceremony_key(KEYFILE_OFFICER, number);
    char hex[2 * PUBLIC_KEY_BYTES + 1];
    struct doc *body = doc_new_object();
    hex_encode(hex, view_of(key.public_bytes, key.public_len));
    doc_set_text(body, "name", name);
    doc_set_text(body, "role", role);
    doc_set_text(body, "public", hex);
    return ledger_tx(ledger, agency, KEY_CHIEF, "key.add", body);
}

static inline struct tx *key_retire_tx(struct ledger *ledger, size_t agency, const char *name)
{
    char version[2 * HASH_BYTES + 1], key[64];
    struct doc *body = doc_new_object();
    snprintf(key, sizeof key, "key/%s/%s", agencies[agency], name);
    version_of(version, ledger, key);
    doc_set_text(body, "name", name);
    doc_set_text(body, "acts_on", version);
    doc_set_text(body, "reason", "轮换");
    return ledger_tx(ledger, agency, KEY_CHIEF, "key.retire", body);
}

#endif
