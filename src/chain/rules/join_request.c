/* Judging a join request: an agency vouches for its keys by signing with two of them.
 *
 * Everything is judged as far as it can be read, so that one pass names every fault: the form by
 * its table, then names and keys distinct, a chief among them, then both signatures. A code with
 * a wrong check digit is a fault like any other: nothing here repairs a request. */
#include "chain/rules/join_request.h"

#include "base/errors.h"
#include "base/memory.h"
#include "base/sign.h"
#include "chain/rule.h"
#include "chain/rules/officers.h"
#include "chain/tx_header.h"

#include <string.h>

#define LIST_MAX 16 /* the longest list that the table allows */

struct check {
    struct faults *faults;
    const char *path;
    const char *dot; /* between path and field */
    int first;
};

static void check_fail(struct check *check, int error, const char *clause, const char *list,
                       size_t index, const char *field)
{
    if (check->first == 0) {
        check->first = error;
    }
    faults_note_may(check->faults, error, error == ERR_FIELD_FORMAT ? "key-name" : NULL);
    if (list == NULL) {
        faults_add(check->faults, error, clause, "%s%s%s", check->path, check->dot, field);
    } else {
        faults_add(check->faults, error, clause, "%s%s%s[%zu]%s%s", check->path, check->dot, list,
                   index, field == NULL ? "" : ".", field == NULL ? "" : field);
    }
}

void join_request_digest(struct hash *out, const struct doc *join)
{
    AUTO(doc_free) struct doc *plain = doc_new_object();
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(join, &cursor, &name, &value)) {
        if (strcmp(name, "signature") != 0 && strcmp(name, "vote_signature") != 0) {
            doc_set(plain, name, doc_ref(value));
        }
    }
    doc_hash(out, JOIN_REQUEST_TAG, plain);
}

/* NULL for what is no list, or too long a one: the table has said so. */
static const struct doc *list_of(const struct doc *join, const char *name)
{
    const struct doc *list = doc_get(join, name);
    return doc_kind(list) == DOC_ARRAY && doc_count(list) <= LIST_MAX ? list : NULL;
}

int join_request_chief(const struct doc *join)
{
    const struct doc *keys = list_of(join, "keys");
    for (size_t i = 0; keys != NULL && i < doc_count(keys); i++) {
        if (doc_text_is(doc_at(keys, i), "role", "chief")) {
            return (int)i;
        }
    }
    return -1;
}

static bool same_text(const struct doc *a, const struct doc *b, const char *field)
{
    const char *text = doc_get_text(a, field);
    return text != NULL && doc_text_is(b, field, text);
}

/* One secret has two public forms; the x coordinate is in both. "02" or "03" comes before it. */
static bool is_vote_key(const struct doc *join, const struct doc *key)
{
    const char *vote = doc_get_text(join, "vote_key");
    const char *public = doc_get_text(key, "public");
    return vote != NULL && public != NULL && strlen(public) == 2 * PUBLIC_KEY_BYTES &&
           strcmp(public + 2, vote) == 0;
}

/* A2: an officer holds keys for one of compiling, reviewing and approving; a system is none. */
static int check_officer(const struct doc *key, const struct doc *keys, size_t index)
{
    const char *code = doc_get_text(key, "officer"), *role = doc_get_text(key, "role");
    if (code != NULL && officer_of(key) == NULL) {
        return ERR_FIELD_CHOICE;
    }
    if (code != NULL && !tx_key_name_valid(view_of_text(code))) {
        return ERR_FIELD_FORMAT;
    }
    for (size_t i = 0; i < index; i++) {
        const struct doc *other = doc_at(keys, i);
        const char *held_by = officer_of(other);
        if (officer_of(key) != NULL && held_by != NULL && strcmp(officer_of(key), held_by) == 0 &&
            !officer_may_hold(role, doc_get_text(other, "role"))) {
            return ERR_SAME_OFFICER;
        }
    }
    return 0;
}

static void check_keys(struct check *check, const struct doc *join)
{
    const struct doc *keys = list_of(join, "keys");
    for (size_t i = 0; keys != NULL && i < doc_count(keys); i++) {
        const struct doc *key = doc_at(keys, i);
        const char *name = doc_get_text(key, "name");
        if (name != NULL && !tx_key_name_valid(view_of_text(name))) {
            check_fail(check, ERR_FIELD_FORMAT, "A2", "keys", i, "name");
        }
        for (size_t j = 0; j < i; j++) {
            if (same_text(key, doc_at(keys, j), "name")) {
                check_fail(check, ERR_KEY_DUPLICATE, "A2", "keys", i, "name");
            }
            if (same_text(key, doc_at(keys, j), "public")) {
                check_fail(check, ERR_KEY_DUPLICATE, "CN 24", "keys", i, "public");
            }
        }
        if (check_officer(key, keys, i) != 0) {
            check_fail(check, check_officer(key, keys, i), "PT 6, CN 10", "keys", i, "officer");
        }
        if (is_vote_key(join, key)) {
            check_fail(check, ERR_KEY_DUPLICATE, "CN 24", "keys", i, "public");
        }
    }
    if (keys != NULL && join_request_chief(join) < 0) {
        check_fail(check, ERR_CHIEF_MISSING, "PT 6", NULL, 0, "keys");
    }
}

/* Membership is the center's business: it has a key for that, and nobody else does. */
static void check_admin(struct check *check, const struct doc *join)
{
    bool center = doc_has_text(doc_get(join, "parties"), "center");
    bool admin = false;
    const struct doc *keys = list_of(join, "keys");
    for (size_t i = 0; keys != NULL && i < doc_count(keys); i++) {
        if (doc_text_is(doc_at(keys, i), "role", "admin")) {
            admin = true;
            if (!center) {
                check_fail(check, ERR_ADMIN_KEY, "PT 11", "keys", i, "role");
            }
        }
    }
    if (center && keys != NULL && !admin) {
        check_fail(check, ERR_ADMIN_KEY, "PT 11", NULL, 0, "keys");
    }
}

static void check_parties(struct check *check, const struct doc *join)
{
    const struct doc *parties = list_of(join, "parties");
    for (size_t i = 0; parties != NULL && i < doc_count(parties); i++) {
        const char *party = doc_text(doc_at(parties, i));
        for (size_t j = 0; party != NULL && j < i; j++) {
            const char *other = doc_text(doc_at(parties, j));
            if (other != NULL && strcmp(party, other) == 0) {
                check_fail(check, ERR_DUPLICATE, "PT 4-6", "parties", i, NULL);
            }
        }
    }
}

/* False when there is none that could be judged: the table has said what is wrong with it, or it
 * is said here. */
static bool read_signature(struct check *check, struct signature *out, const struct doc *join,
                           const char *field)
{
    AUTO(buf_free) struct buf bytes = {0};
    const char *text = doc_get_text(join, field);
    if (text == NULL || strlen(text) != 86) {
        return false;
    }
    int error = base64url_decode(&bytes, view_of_text(text));
    if (error != 0) {
        check_fail(check, error, "A3", NULL, 0, field);
        return false;
    }
    memcpy(out->bytes, bytes.data, sizeof out->bytes);
    return true;
}

static bool read_hex(uint8_t *out, size_t len, const struct doc *object, const char *field)
{
    const char *text = doc_get_text(object, field);
    return text != NULL && hex_decode(out, len, view_of_text(text)) == 0;
}

static void check_signatures(struct check *check, const struct doc *join)
{
    struct hash digest;
    struct signature signature;
    struct public_key chief_key;
    struct vote_key vote_key;
    join_request_digest(&digest, join);
    int chief = join_request_chief(join);
    const struct doc *key = chief < 0 ? NULL : doc_at(doc_get(join, "keys"), (size_t)chief);
    if (read_signature(check, &signature, join, "signature") &&
        read_hex(chief_key.bytes, sizeof chief_key.bytes, key, "public") &&
        !es256k_verify(&chief_key, &digest, &signature)) {
        check_fail(check, ERR_SIGNATURE, "A3", NULL, 0, "signature");
    }
    if (read_signature(check, &signature, join, "vote_signature") &&
        read_hex(vote_key.bytes, sizeof vote_key.bytes, join, "vote_key") &&
        !schnorr_verify(&vote_key, &digest, &signature)) {
        check_fail(check, ERR_SIGNATURE, "A3", NULL, 0, "vote_signature");
    }
}

/* What it says together. */
static void check_content(struct check *check, const struct doc *join)
{
    check_keys(check, join);
    check_admin(check, join);
    check_parties(check, join);
}

int rules_check_join(struct faults *faults, const struct doc *join, const char *path)
{
    struct check check = {.faults = faults, .path = path == NULL ? "" : path};
    check.dot = check.path[0] == 0 ? "" : ".";
    check.first = schema_check_fields(rules_join_fields, join, path, faults);
    faults_name_clause(faults, "A3"); /* fields of a form that is the project's own */
    if (doc_kind(join) != DOC_OBJECT) {
        return check.first;
    }
    check_content(&check, join);
    check_signatures(&check, join);
    return check.first;
}

int join_check_readable(struct faults *faults, const struct doc *join, const char *path, bool whole)
{
    struct check check = {.faults = faults, .path = path, .dot = "."};
    check_content(&check, join);
    if (whole) {
        check_signatures(&check, join);
    }
    return check.first;
}
