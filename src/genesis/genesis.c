/* The genesis document: its hash, reading it from a file, and the ceremony's last step, in which
 * the center collates the join requests and signs. Verification is in genesis_verify.c.
 *
 * Members, validators and calendars are put in order, so that the same agencies give the same
 * genesis whatever the order in which their requests came in. */
#include "genesis/genesis.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/initial.h"
#include "chain/params.h"
#include "genesis/genesis_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void genesis_hash(struct hash *out, const struct doc *genesis)
{
    initial_hash(out, genesis);
}

int genesis_load(struct doc **out, struct hash *hash, struct faults *faults, const char *path)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(doc_free) struct doc *genesis = NULL;
    *out = NULL;
    int error = file_read(&text, path, GENESIS_BYTES_MAX);
    if (error == 0) {
        error = doc_parse(&genesis, view_of_buf(&text), GENESIS_BYTES_MAX);
    }
    if (error != 0) {
        return faults_add(faults, error, NULL, "%s", "");
    }
    error = genesis_verify(faults, genesis);
    if (error == 0) {
        genesis_hash(hash, genesis);
        *out = doc_ref(genesis);
    }
    return error;
}

const struct doc *genesis_find_member(const struct doc *members, const char *id)
{
    for (size_t i = 0; doc_kind(members) == DOC_ARRAY && i < doc_count(members); i++) {
        if (doc_text_is(doc_at(members, i), "member", id)) {
            return doc_at(members, i);
        }
    }
    return NULL;
}

const struct doc *genesis_find_admin(const struct doc *genesis, const char *kid)
{
    const char *center = doc_get_text(genesis, "center");
    const char *slash = strchr(kid, '/');
    if (center == NULL || slash == NULL || strlen(center) != (size_t)(slash - kid) ||
        strncmp(center, kid, (size_t)(slash - kid)) != 0) {
        return NULL;
    }
    const struct doc *member = genesis_find_member(doc_get(genesis, "members"), center);
    const struct doc *keys = doc_get(member, "keys");
    for (size_t i = 0; doc_kind(keys) == DOC_ARRAY && i < doc_count(keys); i++) {
        const struct doc *key = doc_at(keys, i);
        if (doc_text_is(key, "name", slash + 1) && doc_text_is(key, "role", "admin")) {
            return key;
        }
    }
    return NULL;
}

/* ---- making ---- */

/* Order of the elements of a list: by this member of objects, or by the text itself. */
struct element {
    const struct doc *doc;
    const char *text;
    int64_t number;
};

static int element_compare(const void *a, const void *b)
{
    const struct element *left = a, *right = b;
    if (left->number != right->number) {
        return left->number < right->number ? -1 : 1;
    }
    return strcmp(left->text, right->text);
}

/* The list sorted by the field (text or integer) of its elements; by themselves without one. */
static struct doc *list_sorted(const struct doc *list, const char *field)
{
    struct doc *sorted = doc_new_array();
    size_t count = doc_kind(list) == DOC_ARRAY ? doc_count(list) : 0;
    struct element *elements = memory_alloc((count + 1) * sizeof *elements);
    for (size_t i = 0; i < count; i++) {
        const struct doc *doc = doc_at(list, i);
        const struct doc *value = field == NULL ? doc : doc_get(doc, field);
        const char *text = doc_text(value);
        elements[i] = (struct element){
            .doc = doc, .text = text == NULL ? "" : text, .number = doc_int(value, 0)};
    }
    qsort(elements, count, sizeof *elements, element_compare);
    for (size_t i = 0; i < count; i++) {
        doc_push(sorted, doc_ref(elements[i].doc));
    }
    memory_free(elements);
    return sorted;
}

static struct doc *collate(const struct genesis_plan *plan)
{
    struct doc *genesis = doc_new_object();
    struct doc *params = plan->params == NULL ? doc_new_object() : doc_copy(plan->params);
    chain_params_complete(params);
    doc_set_text(genesis, "format", GENESIS_FORMAT);
    doc_set_text(genesis, "network", plan->network);
    doc_set_bool(genesis, "test", plan->test);
    doc_set_int(genesis, "time_ms", plan->time_ms);
    doc_set_text(genesis, "center", plan->center);
    doc_set(genesis, "params", params);
    doc_set(genesis, "profile", plan->profile == NULL ? doc_new_object() : doc_ref(plan->profile));
    doc_set(genesis, "calendars", list_sorted(plan->calendars, "year"));
    doc_set(genesis, "members", list_sorted(plan->joins, "member"));
    doc_set(genesis, "validators", list_sorted(plan->validators, NULL));
    return genesis;
}

/* The name under which the center registered this key; the file's own label proves nothing. */
static const char *admin_name(const struct doc *genesis, const struct keyfile *admin)
{
    char public[2 * PUBLIC_KEY_BYTES + 1];
    hex_encode(public, view_of(admin->public_bytes, PUBLIC_KEY_BYTES));
    const struct doc *member =
        genesis_find_member(doc_get(genesis, "members"), doc_get_text(genesis, "center"));
    const struct doc *keys = doc_get(member, "keys");
    for (size_t i = 0; doc_kind(keys) == DOC_ARRAY && i < doc_count(keys); i++) {
        if (doc_text_is(doc_at(keys, i), "public", public)) {
            return doc_get_text(doc_at(keys, i), "name");
        }
    }
    return NULL;
}

/* No key can have this name: verification says that the signer is no admin of the center. */
#define NO_KEY "?"

static int sign(struct doc *genesis, const char *key_name, const struct keyfile *admin)
{
    AUTO(buf_free) struct buf text = {0};
    struct hash hash;
    struct secret_key secret;
    struct signature signature;
    genesis_hash(&hash, genesis);
    keyfile_secret_key(&secret, admin);
    int error = es256k_sign(&signature, &secret, &hash);
    memory_wipe(&secret, sizeof secret);
    if (error != 0) {
        return error;
    }
    base64url_append(&text, view_of(signature.bytes, sizeof signature.bytes));
    struct doc *part = doc_new_object();
    doc_set_format(part, "kid", "%s/%s", doc_get_text(genesis, "center"), key_name);
    doc_set_text(part, "value", buf_text(&text));
    doc_set(genesis, "signature", part);
    return 0;
}

static bool text_usable(const char *text)
{
    return text != NULL && doc_text_valid(view_of_text(text));
}

int genesis_make(struct doc **out, struct faults *faults, const struct genesis_plan *plan,
                 const struct keyfile *admin)
{
    *out = NULL;
    if (admin->kind != KEYFILE_OFFICER || admin->secret == NULL) {
        return faults_add(faults, ERR_KEY_INVALID, NULL, "signature");
    }
    if (!text_usable(plan->network)) {
        return faults_add(faults, ERR_FIELD_FORMAT, NULL, "network");
    }
    if (!text_usable(plan->center)) {
        return faults_add(faults, ERR_FIELD_FORMAT, NULL, "center");
    }
    AUTO(doc_free) struct doc *genesis = collate(plan);
    const char *key_name = admin_name(genesis, admin);
    int error = sign(genesis, key_name == NULL ? NO_KEY : key_name, admin);
    if (error != 0) {
        return faults_add(faults, error, NULL, "signature");
    }
    error = genesis_verify(faults, genesis);
    if (error == 0) {
        *out = doc_ref(genesis);
    }
    return error;
}
