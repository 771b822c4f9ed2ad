/* The protected header: {"alg":"ES256K","kid":"<member>/<key>","typ":"dirchain-tx+json"}.
 *
 * Every transaction on every node comes through here, and nearly all headers are the compact form
 * above in one of its six orders. scan_compact reads those without building a document. It only
 * ever says "yes, and this is the kid": whatever it does not recognise goes the long way through
 * the JSON parser, which alone decides what is wrong. So there is one truth and one fast road. */
#include "chain/tx_header.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/memory.h"
#include "base/uscc.h"

#include <string.h>

static bool key_name_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool tx_key_name_valid(struct view name)
{
    if (name.len < 1 || name.len > KEY_NAME_CHARS_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (!key_name_char(name.data[i]))
            return false;
    }
    return true;
}

static bool nonce_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

int tx_nonce_check(const char *nonce)
{
    size_t len = strlen(nonce);
    if (len < NONCE_CHARS_MIN || len > NONCE_CHARS_MAX)
        return ERR_FIELD_LENGTH;
    for (size_t i = 0; i < len; i++) {
        if (!nonce_char(nonce[i]))
            return ERR_FIELD_FORMAT;
    }
    return OK;
}

/* Splits "<member>/<key>". ERR_TX_KID, ERR_USCC_*. */
static int parse_kid(struct tx_header *out, struct view kid)
{
    if (kid.len < MEMBER_ID_CHARS + 2 || kid.data[MEMBER_ID_CHARS] != '/')
        return ERR_TX_KID;
    struct view name = view_of(kid.data + MEMBER_ID_CHARS + 1, kid.len - MEMBER_ID_CHARS - 1);
    if (!tx_key_name_valid(name))
        return ERR_TX_KID;
    memcpy(out->member, kid.data, MEMBER_ID_CHARS);
    out->member[MEMBER_ID_CHARS] = '\0';
    memcpy(out->key_name, name.data, name.len);
    out->key_name[name.len] = '\0';
    return uscc_check(out->member);
}

static bool take(struct view *rest, const char *literal, size_t len)
{
    if (rest->len < len || memcmp(rest->data, literal, len) != 0)
        return false;
    rest->data += len;
    rest->len -= len;
    return true;
}
#define TAKE(rest, literal) take(rest, literal, sizeof literal - 1)

enum { SEEN_ALG = 1, SEEN_KID = 2, SEEN_TYP = 4, SEEN_ALL = 7 };

/* The compact form in any order; the kid as it stands between its quotes. */
static bool scan_compact(struct view *kid, struct view rest)
{
    unsigned seen = 0;
    if (!TAKE(&rest, "{"))
        return false;
    for (int member = 0; member < 3; member++) {
        if (member > 0 && !TAKE(&rest, ","))
            return false;
        if (TAKE(&rest, "\"alg\":\"" TX_ALG "\"")) {
            seen |= SEEN_ALG;
        } else if (TAKE(&rest, "\"typ\":\"" TX_TYP "\"")) {
            seen |= SEEN_TYP;
        } else if (TAKE(&rest, "\"kid\":\"")) {
            const uint8_t *end = memchr(rest.data, '"', rest.len);
            if (end == NULL)
                return false;
            *kid = view_of(rest.data, (size_t)(end - rest.data));
            rest = view_of(end + 1, rest.len - kid->len - 1);
            seen |= SEEN_KID;
        }
    }
    return TAKE(&rest, "}") && rest.len == 0 && seen == SEEN_ALL;
}

/* One member that must be there with one value. Returns the first error. */
static int check_constant(struct faults *faults, const struct doc *header, const char *name,
                          const char *value, int error)
{
    if (doc_get(header, name) == NULL)
        return faults_add(faults, ERR_TX_HEADER, NULL, "header.%s", name);
    if (!doc_text_is(header, name, value))
        return faults_add(faults, error, NULL, "header.%s", name);
    return OK;
}

static int check_kid(struct tx_header *out, struct faults *faults, const struct doc *header)
{
    const struct doc *kid = doc_get(header, "kid");
    if (kid == NULL)
        return faults_add(faults, ERR_TX_HEADER, NULL, "header.kid");
    const char *text = doc_text(kid);
    int error = text == NULL ? ERR_TX_KID : parse_kid(out, view_of_text(text));
    return error == OK ? OK : faults_add(faults, error, NULL, "header.kid");
}

/* jwk, x5u, crit, b64 and all the rest: nothing that could change what is verified, or how. */
static int check_no_others(struct faults *faults, const struct doc *header)
{
    int first = OK;
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(header, &cursor, &name, &value)) {
        if (strcmp(name, "alg") == 0 || strcmp(name, "kid") == 0 || strcmp(name, "typ") == 0)
            continue;
        int error = faults_add(faults, ERR_TX_HEADER, NULL, "header.%s", name);
        first = first != OK ? first : error;
    }
    return first;
}

static int parse_document(struct tx_header *out, struct faults *faults, struct view json)
{
    AUTO(doc_free) struct doc *header = NULL;
    int error = doc_parse(&header, json, TX_HEADER_BYTES_MAX);
    if (error == OK && doc_kind(header) != DOC_OBJECT)
        error = ERR_TX_HEADER;
    if (error != OK)
        return faults_add(faults, error, NULL, "header");
    const int results[] = {
        check_constant(faults, header, "alg", TX_ALG, ERR_TX_ALG),
        check_constant(faults, header, "typ", TX_TYP, ERR_TX_TYP),
        check_kid(out, faults, header),
        check_no_others(faults, header),
    };
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        if (results[i] != OK)
            return results[i];
    }
    return OK;
}

int tx_header_parse(struct tx_header *out, struct faults *faults, struct view json)
{
    struct view kid;
    if (scan_compact(&kid, json) && parse_kid(out, kid) == OK)
        return OK;
    return parse_document(out, faults, json);
}
