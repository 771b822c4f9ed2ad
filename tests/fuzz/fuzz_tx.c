/* tx_parse on anything. An input that begins with NUL is a JWS as it stands after that byte; any
 * other is a header and a payload with NUL between them, put into a JWS here, so that the fuzzer
 * works on JSON rather than on base64url. */
#include "fuzz.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/tx.h"
#include "note_type.h"

#include <string.h>

static void make_jws(struct buf *out, struct view header, struct view payload)
{
    const uint8_t signature[SIGNATURE_BYTES] = {1};
    base64url_append(out, header);
    buf_append_u8(out, '.');
    base64url_append(out, payload);
    buf_append_u8(out, '.');
    base64url_append(out, view_of(signature, sizeof signature));
}

/* What must hold of every transaction that was accepted. */
static void check_accepted(struct tx *tx, struct view raw)
{
    AUTO(buf_free) struct buf canonical = {0};
    AUTO(doc_free) struct doc *again = NULL;
    struct secret_key secret = {{1}};
    struct public_key key;
    const uint8_t *dot = memrchr(raw.data, '.', raw.len);
    struct hash id = hash_sha256(view_of(raw.data, (size_t)(dot - raw.data)));
    ENSURE(hash_equal(&id, &tx->id) && view_equal(view_of_buf(&tx->raw), raw));
    ENSURE(strlen(tx->member) == MEMBER_ID_CHARS && tx->key_name[0] != '\0');
    ENSURE(tx->type == &note_type && tx->expires_ms > 0 && doc_count(tx->payload) == 5);
    doc_append_canonical(&canonical, tx->payload);
    ENSURE(doc_parse(&again, view_of_buf(&canonical), TX_PAYLOAD_BYTES_MAX) == OK);
    ENSURE(doc_equal(again, tx->payload));
    ENSURE(sign_public_key(&key, &secret) == OK);
    int error = tx_verify(tx, &key);
    ENSURE((error == OK) == tx->verified);
}

static int parse(struct view raw)
{
    AUTO(tx_free) struct tx *tx = NULL;
    struct faults faults = {0};
    struct hash genesis = fuzz_genesis();
    int error = tx_parse(&tx, &faults, raw, &genesis);
    ENSURE((tx != NULL) == (error == OK) && (faults.count == 0) == (error == OK));
    ENSURE(faults_first(&faults) == error);
    if (error == OK)
        check_accepted(tx, raw);
    return error;
}

/* A space after the header keeps it off the fast road: both roads must lead to the same place. */
static void parse_both_ways(struct view header, struct view payload)
{
    AUTO(buf_free) struct buf spaced = {0};
    AUTO(buf_free) struct buf first = {0};
    AUTO(buf_free) struct buf second = {0};
    buf_append_view(&spaced, header);
    buf_append_u8(&spaced, ' ');
    make_jws(&first, header, payload);
    make_jws(&second, view_of_buf(&spaced), payload);
    int error = parse(view_of_buf(&first));
    if (spaced.len <= TX_HEADER_BYTES_MAX && header.len > 0)
        ENSURE(parse(view_of_buf(&second)) == error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] == 0) {
        (void)parse(view_of(data + 1, size - 1));
        return 0;
    }
    const uint8_t *end = memchr(data, 0, size);
    size_t header_len = end == NULL ? size : (size_t)(end - data);
    size_t payload_at = end == NULL ? size : header_len + 1;
    parse_both_ways(view_of(data, header_len), view_of(data + payload_at, size - payload_at));
    return 0;
}
