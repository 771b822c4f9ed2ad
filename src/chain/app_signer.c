/* Who may sign. "Signature, role and suspension are judged by the state before the block; key
 * changes act from the next block": everything here reads committed state, never an overlay. */
#include "chain/app_internal.h"

#include "base/errors.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static bool key_in_force(const struct doc *key, uint64_t height)
{
    int64_t from = doc_get_int(key, "from", INT64_MAX);
    int64_t to = doc_get_int(key, "to", INT64_MAX); /* null while in force */
    return (int64_t)height >= from && (int64_t)height <= to;
}

static int judge_member(const struct doc *member)
{
    if (member == NULL || doc_text_is(member, "status", "removed")) {
        return ERR_TX_MEMBER;
    }
    return doc_text_is(member, "status", "active") ? 0 : ERR_TX_SUSPENDED;
}

static int judge_key(struct signer *signer, uint64_t height)
{
    const char *hex = doc_get_text(signer->key, "public");
    enum role role;
    if (hex == NULL || !key_in_force(signer->key, height)) {
        return ERR_TX_KEY;
    }
    if (hex_decode(signer->public.bytes, PUBLIC_KEY_BYTES, view_of_text(hex)) != 0 ||
        role_from_text(&role, doc_get_text(signer->key, "role")) != 0) {
        return ERR_TX_KEY;
    }
    signer->role = 1u << role;
    return 0;
}

int signer_load(struct signer *out, struct app *app, const char *member, const char *key_name,
                uint64_t height)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    *out = (struct signer){0};
    (void)snprintf(out->text, sizeof out->text, "%s/%s", member, key_name);
    (void)snprintf(key, sizeof key, "member/%s", member);
    int error = committed_get(app->committed, &out->member, key);
    if (error == 0) {
        (void)snprintf(key, sizeof key, "key/%s", out->text);
        error = committed_get(app->committed, &out->key, key);
    }
    if (error != 0) {
        signer_release(out);
        return error;
    }
    out->error = judge_member(out->member);
    if (out->error == 0) {
        out->error = judge_key(out, height);
    }
    /* Nobody becomes the center by saying so: the record "center" names it. */
    out->parties = party_bits(doc_get(out->member, "parties")) & ~(unsigned)PARTY_CENTER;
    out->parties |= strcmp(member, app->center) == 0 ? (unsigned)PARTY_CENTER : 0;
    return 0;
}

void signer_release(void *signer)
{
    struct signer *old = signer;
    doc_free(&old->member);
    doc_free(&old->key);
}

int signer_check(const struct signer *signer, const struct tx_type *type, bool test)
{
    if (signer->error != 0) {
        return signer->error;
    }
    if ((signer->role & type->roles) == 0) {
        return ERR_TX_ROLE;
    }
    if (type->parties != 0 && (signer->parties & type->parties) == 0) {
        return ERR_PARTY;
    }
    return type->test_only && !test ? ERR_TEST_ONLY : 0;
}

bool signer_verified(const struct signer *signer, const struct tx *tx)
{
    return tx->verified &&
           memcmp(tx->verified_key.bytes, signer->public.bytes, PUBLIC_KEY_BYTES) == 0;
}

int app_signer_key(struct public_key *out, struct app *app, const char *member,
                   const char *key_name)
{
    struct signer signer;
    int error = signer_load(&signer, app, member, key_name, app->height + 1);
    if (error == 0) {
        *out = signer.public;
        error = signer.error;
        signer_release(&signer);
    }
    return error;
}
