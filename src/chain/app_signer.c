/* Who may sign. "Signature, role and suspension are judged by the state before the block; key
 * changes act from the next block": everything here reads committed state, never an overlay. So
 * whoever was asked for once is kept until the state moves, at most SIGNERS_MAX of them, since
 * anybody can name signers that do not exist. */
#include "chain/app_internal.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/key_record.h"

#include <stdio.h>
#include <string.h>

#define SIGNERS_MAX 1024

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
    int error = key_check(signer->key, height);
    if (error != 0) {
        return error;
    }
    if (hex == NULL ||
        hex_decode(signer->public.bytes, PUBLIC_KEY_BYTES, view_of_text(hex)) != 0 ||
        role_from_text(&role, doc_get_text(signer->key, "role")) != 0) {
        return ERR_TX_KEY;
    }
    signer->role = 1u << role;
    return 0;
}

/* Non-zero only for the environment's errors; what was read by then is in `signer`. */
static int signer_read(struct signer *signer, struct app *app, const char *member)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    (void)snprintf(key, sizeof key, "member/%s", member);
    int error = committed_get(app->committed, &signer->member, key);
    if (error == 0) {
        (void)snprintf(key, sizeof key, "key/%s", signer->text);
        error = committed_get(app->committed, &signer->key, key);
    }
    if (error != 0) {
        return error;
    }
    signer->error = judge_member(signer->member);
    if (signer->error == 0) {
        signer->error = judge_key(signer, app->height + 1);
    }
    /* Nobody becomes the center by saying so: the record "center" names it. */
    signer->parties = party_bits(doc_get(signer->member, "parties")) & ~(unsigned)PARTY_CENTER;
    signer->parties |= strcmp(member, app->center) == 0 ? (unsigned)PARTY_CENTER : 0;
    return 0;
}

static void signer_free(void *item)
{
    struct signer *signer = item;
    doc_free(&signer->member);
    doc_free(&signer->key);
    memory_free(signer);
}

void signers_forget(struct app *app)
{
    key_table_clear(&app->signers, signer_free);
}

int signer_of(const struct signer **out, struct app *app, const char *member, const char *key_name)
{
    char text[sizeof(*out)->text];
    size_t member_len = strlen(member), name_len = strlen(key_name);
    ENSURE(member_len + 1 + name_len < sizeof text);
    memcpy(text, member, member_len);
    text[member_len] = '/';
    memcpy(text + member_len + 1, key_name, name_len + 1);
    uint64_t hash = key_hash(text, member_len + 1 + name_len);
    struct signer *signer = key_table_find(&app->signers, text, hash);
    if (signer == NULL) {
        if (app->signers.count >= SIGNERS_MAX) {
            signers_forget(app);
        }
        signer = memory_alloc(sizeof *signer);
        memcpy(signer->text, text, member_len + 1 + name_len + 1);
        int error = signer_read(signer, app, member);
        if (error != 0) {
            signer_free(signer);
            return error;
        }
        signer->item = (struct key_item){.key = signer->text, .hash = hash};
        key_table_insert(&app->signers, signer);
    }
    *out = signer;
    return 0;
}

int signer_check(const struct signer *signer, const struct tx_type *type, bool test)
{
    if (signer->error != 0) {
        return signer->error;
    }
    if (type->parties != 0 && (signer->parties & type->parties) == 0) {
        return ERR_PARTY; /* before the role: no key of that member would do */
    }
    if ((signer->role & type->roles) == 0) {
        return ERR_TX_ROLE;
    }
    return type->test_only && !test ? ERR_TEST_ONLY : 0;
}

void signer_tell(struct faults *faults, const struct signer *signer, const struct tx_type *type,
                 int error)
{
    for (unsigned i = 0; error == ERR_TX_ROLE && i < ROLE_COUNT; i++) {
        if ((type->roles >> i & 1u) != 0) {
            faults_note_may(faults, error, role_text((enum role)i));
        }
    }
    if (error == ERR_TX_ROLE) {
        faults_note_now(faults, error, doc_get_text(signer->key, "role"));
    }
    for (unsigned i = 0; error == ERR_PARTY && party_text(i) != NULL; i++) {
        if ((type->parties >> i & 1u) != 0) {
            faults_note_may(faults, error, party_text(i));
        }
    }
}

bool signer_verified(const struct signer *signer, const struct tx *tx)
{
    return tx->verified &&
           memcmp(tx->verified_key.bytes, signer->public.bytes, PUBLIC_KEY_BYTES) == 0;
}

int app_signer_key(struct public_key *out, struct app *app, const char *member,
                   const char *key_name)
{
    const struct signer *signer;
    int error = signer_of(&signer, app, member, key_name);
    if (error == 0) {
        *out = signer->public;
        error = signer->error;
    }
    return error;
}
