/* Records as large as a test wants them. Include after rules_fixture.h. */
#ifndef DIRCHAIN_TESTS_UNIT_RECORD_SIZE_H
#define DIRCHAIN_TESTS_UNIT_RECORD_SIZE_H

#include <stdio.h>

static inline size_t size_of(struct ledger *ledger, const char *family, const char *id)
{
    AUTO(buf_free) struct buf text = {0};
    doc_append_canonical(&text, ledger_get(ledger, "%s/%s", family, id));
    return text.len;
}

/* The purpose of this request gets so long that the record has these bytes. */
static inline void pad(struct ledger *ledger, const char *id, size_t bytes)
{
    AUTO(buf_free) struct buf purpose = {0};
    char key[100];
    (void)snprintf(key, sizeof key, "request/%s", id);
    struct doc *record = doc_copy(ledger_get(ledger, "%s", key));
    doc_set_text(record, "purpose", "");
    state_put(ledger->state, key, doc_copy(record));
    size_t bare = size_of(ledger, "request", id);
    while (bare + purpose.len < bytes) {
        buf_append_u8(&purpose, 'x');
    }
    doc_set_text(record, "purpose", buf_text(&purpose));
    state_put(ledger->state, key, record);
    assert_int_equal(size_of(ledger, "request", id), bytes);
}

#endif
